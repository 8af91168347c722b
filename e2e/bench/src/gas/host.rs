//! The chain on which gas is counted, with the contracts on it.
//!
//! It sends what it is told and hands receipts back. A transaction that reverts is an error, never a figure.

use std::path::Path;

use alloy::network::TransactionBuilder;
use alloy::primitives::{Address, B256, Bytes, U256};
use alloy::providers::{DynProvider, Provider};
use alloy::rpc::types::{TransactionReceipt, TransactionRequest};
use alloy::sol_types::{SolCall, SolEvent, SolValue};
use anyhow::{Context, Result, bail, ensure};
use chain_evm::abi::{BeaconConfig, CounterpartyInfo, Fork, Initial, InitialPort, Limit, LimitDesk, Router};
use chain_evm::{TRANSACTION_GAS_MAX, capacity_for};
use ethereum::testing::World;
use ethereum::{Config, codec};
use scenarios::{Role, Site, Wallet};
use serde_json::Value;

use super::anvil::Anvil;
use super::code::Code;

const AUTHORITY: &str = "AccessManager";
const PROXY: &str = "ERC1967Proxy";
const VOUCHER: &str = "Voucher";
const ESCROWS: &str = "Escrows";
const TRANSFER: &str = "Transfer";
const TRANSFER_DESK: &str = "TransferDesk";
const LIMIT_DESK: &str = "LimitDesk";
const ROUTER: &str = "Router";
const BEACON_CLIENT: &str = "BeaconClient";
const TEST_TOKEN: &str = "TestToken";

/// What the paying account owns, in wei.
const FUNDS_WEI: u128 = 10u128.pow(24);
/// Capacity and rate a day of the token that is received, in its smallest unit.
const LIMIT: u128 = 10u128.pow(24);
/// Who could halt. Nobody does in a measurement.
const GUARDIANS: Address = Address::repeat_byte(0x9a);
/// How many contracts are created before the two that others name.
const BEFORE_TRANSFER: u64 = 6;
const BEFORE_ROUTER: u64 = 8;
/// What anvil calls the rules.
const RULES: &str = "Osaka";

/// The chain with governance, router and transfer application.
pub(super) struct Host {
    code: Code,
    wallet: Wallet,
    /// The router.
    pub(super) router: Address,
    /// The transfer application.
    pub(super) transfer: Address,
    /// A token of this chain.
    pub(super) token: Address,
    authority: Address,
    /// The time of the newest block.
    now: u64,
    _anvil: Anvil,
}

impl Host {
    /// Starts the chain `program` at `time` and deploys everything but clients, as `code`, from the account of `key`.
    ///
    /// # Errors
    /// Any step fails.
    pub(super) async fn start(program: &Path, code: Code, time: u64, key: B256) -> Result<Self> {
        let anvil = Anvil::start(program, time)?;
        let site = Site {
            name: "host".to_owned(),
            chain_id: 0,
            rpc_url: anvil.url.clone(),
            beacon_url: String::new(),
            keys: vec![key],
        };
        let wallet = Wallet::of(&site, Role::Deployer)?;
        let provider = &wallet.provider;
        let info: Value = provider.raw_request("anvil_nodeInfo".into(), ()).await?;
        ensure!(
            info["hardFork"] == RULES,
            "anvil runs {}, not {RULES}",
            info["hardFork"]
        );
        let funds = (wallet.address, U256::from(FUNDS_WEI));
        let _: Value = provider.raw_request("anvil_setBalance".into(), funds).await?;
        let mut host = Self {
            code,
            wallet,
            router: Address::ZERO,
            transfer: Address::ZERO,
            token: Address::ZERO,
            authority: Address::ZERO,
            now: time,
            _anvil: anvil,
        };
        host.deploy().await?;
        Ok(host)
    }

    async fn deploy(&mut self) -> Result<()> {
        let owner = self.wallet.address;
        // Contracts name each other, so that two addresses have to be known before.
        self.transfer = owner.create(BEFORE_TRANSFER);
        self.router = owner.create(BEFORE_ROUTER);
        // The paying account governs, so that limits need not wait for a timelock; what is measured does not differ.
        self.authority = self.create(AUTHORITY, &(owner,).abi_encode_params()).await?;
        let voucher = self
            .create(VOUCHER, &(self.transfer,).abi_encode_params())
            .await?;
        let escrows = self
            .create(ESCROWS, &(self.transfer,).abi_encode_params())
            .await?;
        let parts = (self.authority, self.router, voucher, escrows, GUARDIANS);
        let limit_desk = self.create(LIMIT_DESK, &parts.abi_encode_params()).await?;
        let desk = self
            .create(TRANSFER_DESK, &(parts, limit_desk).abi_encode_params())
            .await?;
        let code = self.create(TRANSFER, &(parts, desk).abi_encode_params()).await?;
        let start = Initial::initialize_1Call {}.abi_encode();
        self.create_proxy(code, start, self.transfer).await?;
        let port = InitialPort {
            portId: wire::ics20::PORT.to_owned(),
            app: self.transfer,
        };
        let arguments = (self.authority, GUARDIANS, port.clone()).abi_encode_params();
        let code = self.create(ROUTER, &arguments).await?;
        let start = Initial::initialize_0Call { ports: vec![port] }.abi_encode();
        self.create_proxy(code, start, self.router).await?;
        let names = ("Token".to_owned(), "TKN".to_owned());
        self.token = self.create(TEST_TOKEN, &names.abi_encode_params()).await?;
        Ok(())
    }

    async fn create_proxy(&mut self, code: Address, start: Vec<u8>, planned: Address) -> Result<()> {
        let arguments = (code, Bytes::from(start)).abi_encode_params();
        let proxy = self.create(PROXY, &arguments).await?;
        ensure!(proxy == planned, "a proxy is at {proxy}, not at {planned}");
        Ok(())
    }

    /// Creates a client of `world`, started at `slot`, and names `counterparty` as its other end.
    ///
    /// # Errors
    /// The contracts refuse it.
    pub(super) async fn follow(&mut self, world: &World, slot: u64, counterparty: &str) -> Result<Followed> {
        let bootstrap = Bytes::from(codec::encode_bootstrap(&world.bootstrap(slot)));
        let config = sol_config(&world.config(), capacity_for(&world.network), self.authority);
        let contract = self
            .create(BEACON_CLIENT, &(config, bootstrap).abi_encode_params())
            .await?;
        self.add_client(contract, counterparty).await
    }

    /// Registers the client `contract` and names `counterparty` as its other end.
    ///
    /// # Errors
    /// The router refuses it.
    pub(super) async fn add_client(&mut self, contract: Address, counterparty: &str) -> Result<Followed> {
        let counterparty = CounterpartyInfo {
            clientId: counterparty.to_owned(),
            // One empty element: an EVM chain has no store prefix.
            merklePrefix: vec![Bytes::new()],
        };
        self.register(contract, counterparty).await
    }

    /// Registers the client `contract` with its other end.
    ///
    /// # Errors
    /// The router refuses it.
    pub(super) async fn register(
        &mut self,
        contract: Address,
        counterparty: CounterpartyInfo,
    ) -> Result<Followed> {
        let call = Router::addClientCall {
            counterpartyInfo: counterparty,
            client: contract,
        };
        let receipt = self.call(self.router, call.abi_encode()).await?;
        let added = event::<Router::ICS02ClientAdded>(&receipt)?;
        Ok(Followed {
            id: added.clientId,
            contract,
        })
    }

    /// Limits what is sent (`direction` 0) or received (1) of a token over a client, far above what the fixture moves.
    ///
    /// # Errors
    /// It reverts.
    pub(super) async fn limit(&mut self, client: &str, token: Address, direction: u8) -> Result<()> {
        let call = LimitDesk::setLimitCall {
            clientId: client.to_owned(),
            token,
            direction,
            limit: Limit {
                // Limited.
                kind: 1,
                capacity: LIMIT,
                perDay: LIMIT,
                creditCap: 0,
            },
        };
        self.call(self.transfer, call.abi_encode()).await?;
        Ok(())
    }

    /// Governance's AccessManager.
    pub(super) fn authority(&self) -> Address {
        self.authority
    }

    /// The id by which signatures name this chain.
    ///
    /// # Errors
    /// The node does not answer.
    pub(super) async fn chain_id(&self) -> Result<u64> {
        Ok(self.provider().get_chain_id().await?)
    }

    /// The time of the newest block.
    pub(super) fn now(&self) -> u64 {
        self.now
    }

    /// Lets at least `time` come before the next transaction.
    pub(super) fn wait_until(&mut self, time: u64) {
        self.now = self.now.max(time);
    }

    /// Sends `data` to the router.
    ///
    /// # Errors
    /// It reverts.
    pub(super) async fn route(&mut self, data: Vec<u8>) -> Result<TransactionReceipt> {
        self.call(self.router, data).await
    }

    /// Sends `data` to `to`, as somebody whose key is not known: this chain lets one.
    ///
    /// # Errors
    /// It reverts.
    pub(super) async fn send_as(&mut self, from: Address, to: Address, data: Vec<u8>) -> Result<()> {
        let provider = self.provider();
        let _: Value = provider
            .raw_request("anvil_impersonateAccount".into(), (from,))
            .await?;
        let funds = (from, U256::from(FUNDS_WEI));
        let _: Value = provider.raw_request("anvil_setBalance".into(), funds).await?;
        self.next_block().await?;
        let request = TransactionRequest::default()
            .with_from(from)
            .with_to(to)
            .with_input(data)
            .with_gas_limit(TRANSACTION_GAS_MAX.0);
        let hash: B256 = self
            .provider()
            .raw_request("eth_sendTransaction".into(), (request,))
            .await?;
        let receipt = loop {
            if let Some(receipt) = self.provider().get_transaction_receipt(hash).await? {
                break receipt;
            }
            tokio::task::yield_now().await;
        };
        ensure!(receipt.status(), "the transaction {hash} of {from} reverted");
        Ok(())
    }

    /// Sends `data` to `to`.
    ///
    /// # Errors
    /// It reverts.
    pub(super) async fn tell<C: SolCall>(&mut self, to: Address, call: &C) -> Result<TransactionReceipt> {
        self.call(to, call.abi_encode()).await
    }

    /// Asks `to` without a transaction.
    ///
    /// # Errors
    /// It reverts, or answers something else.
    pub(super) async fn ask<C: SolCall>(&self, to: Address, call: &C) -> Result<C::Return> {
        let request = TransactionRequest::default()
            .with_to(to)
            .with_input(call.abi_encode());
        let answer = self.provider().call(request).await?;
        Ok(C::abi_decode_returns(&answer)?)
    }

    fn provider(&self) -> &DynProvider {
        &self.wallet.provider
    }

    /// Creates the contract called `artifact`.
    ///
    /// # Errors
    /// Its constructor reverts.
    pub(super) async fn create(&mut self, artifact: &str, arguments: &[u8]) -> Result<Address> {
        let code = self.code.of(artifact)?;
        let creation = [code.as_ref(), arguments].concat();
        let receipt = self
            .send(TransactionRequest::default().with_deploy_code(creation))
            .await?;
        receipt
            .contract_address
            .context("a creation's receipt names no contract")
    }

    /// Sends `data` to `to`.
    ///
    /// # Errors
    /// It reverts.
    pub(super) async fn call(&mut self, to: Address, data: Vec<u8>) -> Result<TransactionReceipt> {
        self.send(TransactionRequest::default().with_to(to).with_input(data))
            .await
    }

    async fn next_block(&mut self) -> Result<()> {
        self.now += 1;
        let time = (self.now,);
        let _: Value = self
            .provider()
            .raw_request("evm_setNextBlockTimestamp".into(), time)
            .await?;
        Ok(())
    }

    /// Sends in a block of its own, whose time does not depend on any clock.
    async fn send(&mut self, request: TransactionRequest) -> Result<TransactionReceipt> {
        self.next_block().await?;
        let request = request.with_gas_limit(TRANSACTION_GAS_MAX.0);
        let receipt = self.wallet.try_send(request.clone()).await?;
        if !receipt.status() {
            let reason = self.provider().call(request.with_from(self.wallet.address)).await;
            let used = receipt.gas_used;
            bail!("a transaction reverted after {used} gas; a call of the same answers {reason:?}");
        }
        Ok(receipt)
    }
}

/// A client on this chain.
pub(super) struct Followed {
    /// Its id.
    pub(super) id: String,
    /// Its contract.
    pub(super) contract: Address,
}

/// The one event of its kind that the router emitted in `receipt`.
///
/// # Errors
/// There is none, or more than one.
pub(super) fn event<E: SolEvent>(receipt: &TransactionReceipt) -> Result<E> {
    let mut found = events::<E>(receipt);
    let only = found.pop();
    ensure!(found.is_empty(), "{} was emitted more than once", E::SIGNATURE);
    only.with_context(|| format!("{} was not emitted", E::SIGNATURE))
}

/// All events of a kind in `receipt`.
pub(super) fn events<E: SolEvent>(receipt: &TransactionReceipt) -> Vec<E> {
    let logs = receipt.inner.logs().iter();
    logs.filter_map(|log| E::decode_log(&log.inner).ok())
        .map(|log| log.data)
        .collect()
}

fn sol_config(config: &Config, capacity: u32, governance: Address) -> BeaconConfig {
    let times = config.network.times();
    let forks = config.network.forks().forks().iter().map(|fork| Fork {
        epoch: fork.epoch.0,
        version: fork.version.into(),
        treeLayout: fork.layout.number(),
    });
    BeaconConfig {
        genesisTime: times.genesis.0,
        genesisValidatorsRoot: config.network.genesis_validators_root(),
        secondsPerSlot: times.seconds_per_slot,
        slotsPerEpoch: times.slots_per_epoch,
        epochsPerPeriod: times.epochs_per_period,
        router: config.router,
        commitmentsSlot: config.commitments_slot,
        trustPeriod: config.trust_period.0,
        weakSubjectivity: config.weak_subjectivity.0,
        capacity,
        governance,
        forks: forks.collect(),
    }
}
