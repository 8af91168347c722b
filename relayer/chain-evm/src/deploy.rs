//! Deployment: data in, addresses out. Governance, the two applications and the router, in one go.
//!
//! Contracts name each other in their code, by addresses that follow from the account's nonce, and proxies are
//! initialized by their own constructors. One moment is privileged: the deployer administers the authority until the
//! transaction that hands it to the timelock.
//!
//! What this module must never do: leave anything owned by the deploying key, or say so without having looked.

use crate::abi::{Authority, Initial, InitialPort};
use crate::artifact::Artifact;
use crate::evm::Evm;
use crate::plan::{DefaultLimit, Deployment};
use crate::powers::{Proof, Unproven};
use crate::roles::{ADMIN, roles};
use crate::rpc::{At, to_u64};
use alloy_primitives::{Address, Bytes, U256};
use alloy_sol_types::{SolCall, SolValue};
use chain::{BlockNumber, Fault};
use core::time::Duration;

/// The port of token transfers.
const TRANSFER_PORT: &str = "transfer";
/// The port of calls.
const CALL_PORT: &str = "gmpport";
/// How many contracts are created before those that others name.
const BEFORE_TRANSFER: u64 = 8;
const BEFORE_CALL: u64 = 11;
const BEFORE_ROUTER: u64 = 13;

/// What was deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// Waits, then acts; it alone administers the authority.
    pub timelock: Address,
    /// Says who may call what.
    pub authority: Address,
    /// Counts the guardians' signatures.
    pub guardians: Address,
    /// The router: a proxy.
    pub router: Address,
    /// The transfer application, under the port `transfer`: a proxy.
    pub transfer: Address,
    /// The call application, under the port `gmpport`: a proxy.
    pub call: Address,
    /// The code behind the router.
    pub router_code: Address,
    /// The code behind the transfer application.
    pub transfer_code: Address,
    /// The code behind the call application.
    pub call_code: Address,
    /// The block of the router's creation.
    pub block: BlockNumber,
}

/// Why there is no deployment, or none to be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeployFault {
    /// The chain, or the way to it.
    #[error(transparent)]
    Chain(#[from] Fault),
    /// The plan has nobody who could govern, or no time to react.
    #[error(
        "accept the plan: it has {proposers} proposers, {executors} executors and a delay of {delay_secs} s; none may be 0"
    )]
    Unsafe {
        /// How many may propose.
        proposers: usize,
        /// How many may execute.
        executors: usize,
        /// The delay.
        delay_secs: u64,
    },
    /// The plan gives power to nobody in particular.
    #[error("accept the plan: {list} names the zero address")]
    Zero {
        /// In which list.
        list: &'static str,
    },
    /// The plan gives power to a plain key.
    #[error(
        "accept the plan: {list} names the plain key {account}; name a contract of several owners, or say keys_allowed on a test network"
    )]
    Key {
        /// In which list.
        list: &'static str,
        /// The account without code.
        account: Address,
    },
    /// The set of guardians is not safe to use.
    #[error("accept the plan: failed to {0}")]
    Guardians(#[from] guardian_core::Reject),
    /// Another transaction of the deploying account came in between.
    #[error("deploy {contract} at {planned}: it is at {found}; use the account for nothing else meanwhile")]
    Misplaced {
        /// The contract.
        contract: &'static str,
        /// Where others expect it.
        planned: Address,
        /// Where it is.
        found: Address,
    },
    /// Somebody holds a power that is not in the plan, or something is not as planned.
    #[error("prove the deployment: {0}")]
    Unproven(#[from] Unproven),
}

/// What is created before the proxies, and where everything will be.
struct Site {
    deployed: Deployed,
    patience: Duration,
}

impl Evm {
    /// Deploys everything and proves at the end who has which power; waits for each transaction at most `patience`.
    ///
    /// # Errors
    /// The plan is not acceptable, the chain refuses something, or the proof fails.
    pub async fn deploy(&self, deployment: &Deployment, patience: Duration) -> Result<Deployed, DeployFault> {
        self.check_plan(deployment).await?;
        let (nonce, deployer) = (self.next_nonce().await?, self.account()?);
        let mut site = Site {
            deployed: Deployed {
                timelock: Address::ZERO,
                authority: Address::ZERO,
                guardians: Address::ZERO,
                router: deployer.create(nonce.saturating_add(BEFORE_ROUTER)),
                transfer: deployer.create(nonce.saturating_add(BEFORE_TRANSFER)),
                call: deployer.create(nonce.saturating_add(BEFORE_CALL)),
                router_code: Address::ZERO,
                transfer_code: Address::ZERO,
                call_code: Address::ZERO,
                block: BlockNumber(0),
            },
            patience,
        };
        let since = self.create_governance(&mut site, deployment, deployer).await?;
        self.create_transfer(&mut site).await?;
        self.create_call(&mut site).await?;
        self.create_router(&mut site).await?;
        self.hand_over(&site, deployment, deployer).await?;
        let proof = Proof {
            deployment,
            deployed: &site.deployed,
            deployer,
        };
        proof.check(self, since).await?;
        Ok(site.deployed)
    }

    /// Returns the block of the first creation.
    async fn create_governance(
        &self,
        site: &mut Site,
        plan: &Deployment,
        deployer: Address,
    ) -> Result<BlockNumber, DeployFault> {
        // No admin: from the first moment on the timelock changes itself only through its own delay.
        let arguments = (
            U256::from(plan.delay_secs),
            plan.proposers.clone(),
            plan.executors.clone(),
            Address::ZERO,
        );
        let artifacts = &self.artifacts;
        let arguments = arguments.abi_encode_params();
        let (timelock, since) = self
            .create(
                "TimelockController",
                &artifacts.timelock,
                &arguments,
                site.patience,
            )
            .await?;
        let arguments = (deployer,).abi_encode_params();
        let (authority, _) = self
            .create("AccessManager", &artifacts.authority, &arguments, site.patience)
            .await?;
        site.deployed.timelock = timelock;
        site.deployed.authority = authority;
        site.deployed.guardians = self.create_guardians(site, plan).await?;
        Ok(since)
    }

    async fn create_guardians(&self, site: &Site, plan: &Deployment) -> Result<Address, DeployFault> {
        let (made, set) = (site.deployed, plan.guardians.clone());
        let (small, large) = (U256::from(plan.small_quorum), U256::from(plan.large_quorum));
        let arguments = (made.authority, made.router, made.transfer, set, small, large).abi_encode_params();
        let code = &self.artifacts.guardians;
        let (guardians, _) = self.create("Guardians", code, &arguments, site.patience).await?;
        Ok(guardians)
    }

    async fn create_transfer(&self, site: &mut Site) -> Result<(), DeployFault> {
        let (artifacts, made) = (&self.artifacts, site.deployed);
        let owner = (made.transfer,).abi_encode_params();
        let (voucher, _) = self
            .create("Voucher", &artifacts.voucher, &owner, site.patience)
            .await?;
        let (escrows, _) = self
            .create("Escrows", &artifacts.escrows, &owner, site.patience)
            .await?;
        // The parts that both halves of the application are built with.
        let parts = (made.authority, made.router, voucher, escrows, made.guardians);
        let (limit_desk, _) = self
            .create(
                "LimitDesk",
                &artifacts.limit_desk,
                &parts.abi_encode_params(),
                site.patience,
            )
            .await?;
        let arguments = (parts, limit_desk).abi_encode_params();
        let (desk, _) = self
            .create(
                "TransferDesk",
                &artifacts.transfer_desk,
                &arguments,
                site.patience,
            )
            .await?;
        let arguments = (parts, desk).abi_encode_params();
        let (code, _) = self
            .create("Transfer", &artifacts.transfer, &arguments, site.patience)
            .await?;
        site.deployed.transfer_code = code;
        let start = Initial::initialize_1Call {}.abi_encode();
        self.create_proxy("Transfer", (code, made.transfer), start, site.patience)
            .await?;
        Ok(())
    }

    async fn create_call(&self, site: &mut Site) -> Result<(), DeployFault> {
        let (artifacts, made) = (&self.artifacts, site.deployed);
        let (account, _) = self
            .create(
                "Account",
                &artifacts.account,
                &(made.call,).abi_encode_params(),
                site.patience,
            )
            .await?;
        let arguments = (made.authority, made.router, made.transfer, account).abi_encode_params();
        let (code, _) = self
            .create("Call", &artifacts.call, &arguments, site.patience)
            .await?;
        site.deployed.call_code = code;
        // What the application does not know by itself to be part of the bridge.
        let start = Initial::initialize_2Call {
            targets: vec![made.timelock, made.guardians],
        };
        self.create_proxy("Call", (code, made.call), start.abi_encode(), site.patience)
            .await?;
        Ok(())
    }

    async fn create_router(&self, site: &mut Site) -> Result<(), DeployFault> {
        let made = site.deployed;
        let port = InitialPort {
            portId: TRANSFER_PORT.into(),
            app: made.transfer,
        };
        let arguments = (made.authority, made.guardians, port.clone()).abi_encode_params();
        let (code, _) = self
            .create("Router", &self.artifacts.router, &arguments, site.patience)
            .await?;
        site.deployed.router_code = code;
        let calls = InitialPort {
            portId: CALL_PORT.into(),
            app: made.call,
        };
        let ports = vec![port, calls];
        let start = Initial::initialize_0Call { ports }.abi_encode();
        site.deployed.block = self
            .create_proxy("Router", (code, made.router), start, site.patience)
            .await?;
        Ok(())
    }

    /// A proxy for a code at a place, initialized.
    async fn create_proxy(
        &self,
        contract: &'static str,
        (code, planned): (Address, Address),
        start: Vec<u8>,
        patience: Duration,
    ) -> Result<BlockNumber, DeployFault> {
        let arguments = (code, Bytes::from(start)).abi_encode_params();
        let (found, block) = self
            .create("ERC1967Proxy", &self.artifacts.proxy, &arguments, patience)
            .await?;
        if found != planned {
            return Err(DeployFault::Misplaced {
                contract,
                planned,
                found,
            });
        }
        Ok(block)
    }

    /// Gives out the roles, sets the first limits and gives up the deployer's role, in one transaction: there is no moment in which it is done by
    /// half.
    async fn hand_over(&self, site: &Site, plan: &Deployment, deployer: Address) -> Result<(), DeployFault> {
        let mut calls: Vec<Bytes> = Vec::new();
        for role in roles(plan, &site.deployed) {
            // The administrator's role has its name already, and every function that no other role has.
            if role.id != ADMIN {
                calls.push(role.label_call().into());
                calls.push(role.functions_call().into());
            }
            calls.extend(role.grant_calls().map(Bytes::from));
        }
        for data in plan.limits.iter().flat_map(DefaultLimit::calls) {
            let call = Authority::executeCall {
                target: site.deployed.transfer,
                data: data.into(),
            };
            calls.push(call.abi_encode().into());
        }
        let renounce = Authority::renounceRoleCall {
            roleId: ADMIN,
            callerConfirmation: deployer,
        };
        calls.push(renounce.abi_encode().into());
        let all = Authority::multicallCall { calls };
        self.transact(
            Some(site.deployed.authority),
            all.abi_encode().into(),
            site.patience,
        )
        .await?;
        Ok(())
    }

    /// Creates a contract and says where it is and since which block.
    pub(crate) async fn create(
        &self,
        contract: &'static str,
        artifact: &str,
        arguments: &[u8],
        patience: Duration,
    ) -> Result<(Address, BlockNumber), Fault> {
        let broken = |text: String| Fault::NoClient {
            id: contract.into(),
            text,
        };
        let artifact = Artifact::parse(artifact).map_err(|error| broken(format!("its artifact: {error}")))?;
        let receipt = self
            .transact(None, artifact.creation(arguments), patience)
            .await?;
        let address = receipt.contract_address.ok_or_else(|| {
            broken(format!(
                "transaction {} created nothing",
                receipt.transaction_hash
            ))
        })?;
        let code = self
            .on_rpc(|rpc| async move { rpc.code(address, At::Latest).await })
            .await?;
        artifact
            .check_code(contract, address, &code)
            .map_err(|fault| broken(fault.to_string()))?;
        Ok((address, BlockNumber(to_u64(receipt.block_number))))
    }
}
