//! Governance replaces a client while packets are on their way: propose, wait, execute, with an operator's commands and
//! the timelock's own functions.
//!
//! The client is simply old here; an expired or frozen one is replaced in the same way (contracts/test/unit/upgrade).

use crate::{
    draft::{PAIR_CONFIG, ask},
    job::Job,
    site::Role,
    tracker::Side,
    wallet::Wallet,
};
use alloy::{
    primitives::{Address, B256, Bytes, U256, keccak256},
    providers::Provider,
    rpc::types::TransactionRequest,
    sol_types::SolCall,
};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::{CounterpartyInfo, Router, Timelock};
use std::time::Duration;

/// How long a decision waits at least on a test network, in seconds of its chain.
pub(crate) const DELAY_SECS: u64 = 30;
/// How often the chain's clock is looked at.
const CLOCK_INTERVAL: Duration = Duration::from_millis(100);
/// Looks until the clock must have come far enough.
const CLOCK_LOOKS: u32 = 3_000;

/// A decision of governance: one call of the router.
struct Proposal {
    timelock: Address,
    router: Address,
    call: Bytes,
    salt: B256,
}

impl Job<'_> {
    /// South gets a new contract behind its client of North. What was sent before is settled after it, and the relayer
    /// goes on without a word from anybody.
    ///
    /// # Errors
    /// A step fails, something happens before its time, or a packet gets stuck.
    pub async fn migrate(&mut self) -> Result<()> {
        (self.say)("governance replaces South's client of North, while packets are on their way");
        let end = Side::South.of(&self.bridge.ends).clone();
        let other = Side::North.of(&self.bridge.ends).client.clone();
        let governor = Wallet::of(&end.site, Role::Deployer)?;
        let next = self.create_successor().await?;
        let migration = Router::migrateClientCall {
            clientId: end.client.clone(),
            counterpartyInfo: CounterpartyInfo {
                clientId: other,
                // One empty element: an EVM chain has no store prefix.
                merklePrefix: vec![Bytes::new()],
            },
            client: next,
        };
        let proposal = Proposal {
            timelock: end.timelock,
            router: end.router,
            call: migration.abi_encode().into(),
            salt: keccak256("a younger client"),
        };
        self.send_native(Side::North).await?;
        self.send_native(Side::South).await?;
        let ready = proposal.propose(&governor).await?;
        ensure!(
            proposal.try_execute(&governor).await.is_err(),
            "the timelock executed before its delay was over"
        );
        wait_until(&governor, ready).await?;
        self.send_native(Side::North).await?;
        self.send_native(Side::South).await?;
        governor.send(proposal.execution()).await?;

        let behind = Router::getClientCall {
            clientId: end.client.clone(),
        };
        let request = TransactionRequest::default()
            .to(end.router)
            .input(behind.abi_encode().into());
        let found = Router::getClientCall::abi_decode_returns(&governor.provider.call(request).await?)?;
        ensure!(found == next, "behind {} is {found}, not {next}", end.client);
        self.send_native(Side::North).await?;
        self.send_native(Side::South).await?;
        self.settle().await
    }

    /// A contract like the one behind South's client, started anew.
    async fn create_successor(&self) -> Result<Address> {
        let config = self.bridge.config().with_file_name(PAIR_CONFIG);
        let [north, south] = &self.bridge.ends;
        let arguments = [
            "client",
            "create",
            "--host",
            &south.site.name,
            "--tracked",
            &north.site.name,
        ];
        let created = ask(self.bridge.program(), &config, &arguments).await?;
        let contract = created["contract"]
            .as_str()
            .with_context(|| format!("no contract in {created}"))?;
        Ok(contract.parse()?)
    }
}

impl Proposal {
    /// Proposes it; the moment from which it may be executed comes back.
    async fn propose(&self, governor: &Wallet) -> Result<u64> {
        let schedule = Timelock::scheduleCall {
            target: self.router,
            value: U256::ZERO,
            data: self.call.clone(),
            predecessor: B256::ZERO,
            salt: self.salt,
            delay: U256::from(DELAY_SECS),
        };
        governor.call(self.timelock, schedule.abi_encode()).await?;
        Ok(governor.now().await? + DELAY_SECS)
    }

    fn execution(&self) -> TransactionRequest {
        let execute = Timelock::executeCall {
            target: self.router,
            value: U256::ZERO,
            payload: self.call.clone(),
            predecessor: B256::ZERO,
            salt: self.salt,
        };
        TransactionRequest::default()
            .to(self.timelock)
            .input(execute.abi_encode().into())
    }

    /// What a node says to its execution now, without a transaction, at the block that proposed it or a later one.
    async fn try_execute(&self, governor: &Wallet) -> Result<()> {
        let request = self.execution().from(governor.address);
        governor.provider.call(request).await?;
        Ok(())
    }
}

/// Waits until the chain's clock has come to `moment`.
async fn wait_until(governor: &Wallet, moment: u64) -> Result<()> {
    for _ in 0..CLOCK_LOOKS {
        if governor.now().await? > moment {
            return Ok(());
        }
        tokio::time::sleep(CLOCK_INTERVAL).await;
    }
    anyhow::bail!("the chain's clock did not come to {moment}")
}
