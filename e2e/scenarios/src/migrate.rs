//! Governance replaces a client while packets are on their way: propose, wait, execute, with an operator's commands and
//! the timelock's own functions.
//!
//! The client is simply old here; an expired or frozen one is replaced in the same way (contracts/test/unit/upgrade).

use crate::{
    draft::{PAIR_CONFIG, ask},
    govern::Proposal,
    job::Job,
    site::Role,
    tracker::Side,
};
use alloy::{
    primitives::{Address, Bytes},
    providers::Provider,
    rpc::types::TransactionRequest,
    sol_types::SolCall,
};
use anyhow::{Context, Result, ensure};
use chain_evm::abi::{CounterpartyInfo, Router};

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
        self.send_native(Side::North).await?;
        self.send_native(Side::South).await?;
        let call = migration.abi_encode();
        let proposal = Proposal::propose(&end, end.router, call, "a younger client").await?;
        self.send_native(Side::North).await?;
        self.send_native(Side::South).await?;
        proposal.execute().await?;

        let provider = end.wallet(Role::User)?.provider;
        let behind = Router::getClientCall {
            clientId: end.client.clone(),
        };
        let request = TransactionRequest::default()
            .to(end.router)
            .input(behind.abi_encode().into());
        let found = Router::getClientCall::abi_decode_returns(&provider.call(request).await?)?;
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
