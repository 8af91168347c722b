//! Deployment: data in, addresses out. A timelock, the transfer application and the router, in one go.
//!
//! The router names its ports at its creation and the application its router, so that no moment is privileged: the
//! router's address is known beforehand from the account's nonce.
//!
//! What this module must never do: leave anything owned by the deploying key.

use crate::abi::{InitialPort, Router};
use crate::artifact::Artifact;
use crate::evm::Evm;
use crate::rpc::{At, to_u64};
use alloy_primitives::{Address, U256};
use alloy_sol_types::SolValue;
use chain::{BlockNumber, Fault};
use core::time::Duration;

/// The port of token transfers.
const TRANSFER_PORT: &str = "transfer";

/// What the operator decides about a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Who may propose to the timelock; a multi-signature contract outside tests.
    pub proposers: Vec<Address>,
    /// Who may carry out what has waited; the zero address means anybody.
    pub executors: Vec<Address>,
    /// How long a proposal waits, in seconds.
    pub delay_secs: u64,
}

/// What was deployed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deployed {
    /// Governance.
    pub timelock: Address,
    /// The router.
    pub router: Address,
    /// The transfer application, under the port `transfer`.
    pub transfer: Address,
    /// The block of the router's creation.
    pub block: BlockNumber,
}

impl Evm {
    /// Deploys timelock, application and router; waits for each at most `patience`.
    pub async fn deploy(&self, deployment: &Deployment, patience: Duration) -> Result<Deployed, Fault> {
        let nonce = self.next_nonce().await?;
        let deployer = self.account()?;
        let router = deployer.create(nonce.saturating_add(2));

        // No admin: from the first moment on the timelock changes itself only through its own delay.
        let arguments = (
            U256::from(deployment.delay_secs),
            deployment.proposers.clone(),
            deployment.executors.clone(),
            Address::ZERO,
        );
        let (timelock, _) = self
            .create(
                "TimelockController",
                &self.artifacts.timelock,
                &arguments.abi_encode_params(),
                patience,
            )
            .await?;
        let (transfer, _) = self
            .create(
                "Transfer",
                &self.artifacts.transfer,
                &(router,).abi_encode_params(),
                patience,
            )
            .await?;
        let ports = vec![InitialPort {
            portId: TRANSFER_PORT.into(),
            app: transfer,
        }];
        let (created, block) = self
            .create(
                "Router",
                &self.artifacts.router,
                &(timelock, ports).abi_encode_params(),
                patience,
            )
            .await?;
        if created != router {
            return Err(Fault::NonceTaken {
                text: format!("the router is at {created}, it was planned at {router}"),
            });
        }
        let governance = self.read(router, &Router::governanceCall {}, At::Latest).await?;
        if governance != timelock {
            let text = format!("the router's governance is {governance}, not the timelock {timelock}");
            return Err(Fault::NoClient {
                id: router.to_string(),
                text,
            });
        }
        Ok(Deployed {
            timelock,
            router,
            transfer,
            block,
        })
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
