//! What a packet from a Cosmos chain costs among fifty: one transaction with one header, that four validators with
//! secp256k1 keys signed, and fifty messages under one pool of a store. Spec: docs/gas.md.

use alloy::primitives::{Address, Bytes, U256};
use alloy::sol_types::SolCall;
use anyhow::{Result, ensure};
use chain_evm::abi::{CounterpartyInfo, Router};
use merkle::ics23::pool;
use prost::Message as _;
use tendermint_client::codec::decode_update;
use tendermint_client::testing::{Ballot, Block, Kind, Validators, World};
use tendermint_client::{STORE_DEFAULT, TrustLevel, evm};
use wire::batch::{Action, Batch, Message};
use wire::{ClientId, Height, Seconds};

use super::batches::{GAS_OF_A_MESSAGE, per_packet};
use super::contracts::{Transfer, Voucher};
use super::cosmos_store::{CosmosStore, DENOM, PACKETS, SOURCE_CLIENT, Sent, recipient};
use super::draw::Draw;
use super::host::{Followed, Host, events};
use super::limits::Figures;
use super::measure::{check_received, check_updates};
use super::tendermint::{CAPACITY, START, STEP, arguments, send};

const ARTIFACT: &str = "TendermintClient";
const VALIDATORS: usize = 4;
const POWER: i64 = 1_000_000;
/// A packet lives at most a day.
const TIMEOUT_SECS: u64 = 24 * 60 * 60;

/// A Cosmos chain and the client that follows it.
struct Cosmos {
    world: World,
    client: Followed,
    store: CosmosStore,
    /// The height that the client learned last.
    height: i64,
}

/// The gas of both batches, after the client, the voucher and the recipients came to their steady state.
///
/// # Errors
/// A contract refuses something, or a message is skipped.
pub(super) async fn receives(host: &mut Host, draw: &Draw) -> Result<Figures> {
    let mut cosmos = start(host, draw).await?;
    for _ in 0..2 * CAPACITY {
        let message = cosmos.next_header(host)?;
        send(host, cosmos.client.contract, message).await?;
    }
    let denom = format!("{}/{}/{DENOM}", wire::ics20::PORT, cosmos.client.id);
    let voucher = host
        .ask(host.transfer, &Transfer::ibcERC20ContractCall { denom })
        .await?;
    host.limit(&cosmos.client.id, voucher, 1).await?;
    let early = cosmos.store.early.clone();
    cosmos.receive(host, &early).await?;
    check_owners(host, draw, voucher).await?;
    let (contiguous, scattered) = (cosmos.store.contiguous.clone(), cosmos.store.scattered.clone());
    let mut figures = Figures::new();
    for (key, sent) in [
        ("recv_cosmos_batch50_per_packet", contiguous),
        ("recv_cosmos_scattered50_per_packet", scattered),
    ] {
        let gas = cosmos.receive(host, &sent).await?;
        figures.insert(key.to_owned(), per_packet(gas));
    }
    Ok(figures)
}

/// Creates the client, names its other end and installs the set.
async fn start(host: &mut Host, draw: &Draw) -> Result<Cosmos> {
    let seed = draw.below("cosmos validators", 0, u64::MAX);
    let validators = Validators::new(Kind::Secp256k1, seed, &[POWER; VALIDATORS]);
    let mut world = World::new("weigh-4", 4, validators);
    world.began = i64::try_from(host.now())? - world.rhythm * START;
    let contract = host.create(ARTIFACT, &arguments(&world)?).await?;
    let counterparty = CounterpartyInfo {
        clientId: SOURCE_CLIENT.to_owned(),
        merklePrefix: vec![Bytes::from_static(STORE_DEFAULT), Bytes::new()],
    };
    let client = host.register(contract, counterparty).await?;
    let block = decode_update(&world.show(&world.block_at(START + STEP), START).encode_to_vec())?;
    send(host, contract, evm::encode_set(&block.validators)?).await?;
    let store = CosmosStore::new(*draw, &client.id, Seconds(host.now() + TIMEOUT_SECS))?;
    Ok(Cosmos {
        world,
        client,
        store,
        height: START,
    })
}

/// Every recipient owns some of the voucher.
async fn check_owners(host: &Host, draw: &Draw, voucher: Address) -> Result<()> {
    for pair in 0..PACKETS as u64 {
        let account = recipient(*draw, pair);
        let balance = host.ask(voucher, &Voucher::balanceOfCall { account }).await?;
        ensure!(balance > U256::ZERO, "{account} owns nothing yet");
    }
    Ok(())
}

impl Cosmos {
    /// The next header that the client learns, as it takes it; the host's clock goes on until it may.
    fn next_header(&mut self, host: &mut Host) -> Result<Vec<u8>> {
        let trusted = self.height;
        self.height += STEP;
        host.wait_until(u64::try_from(self.world.time_at(self.height).seconds)? + 1);
        let mut header = self.world.header_at(self.height);
        header.app_hash.clone_from(&self.store.app_hash);
        let set = self.world.set_at(self.height).clone();
        let block = Block::sign(header, set, 0, |_| Ballot::Block);
        let update = decode_update(&self.world.show(&block, trusted).encode_to_vec())?;
        Ok(evm::encode_update(&update, TrustLevel::ONE_THIRD)?)
    }

    /// Delivers packets in one batch with the next header, and says what that cost.
    async fn receive(&mut self, host: &mut Host, sent: &[Sent]) -> Result<u64> {
        let header = self.next_header(host)?;
        let counterparty = ClientId::new(SOURCE_CLIENT)?;
        let mut keyed: Vec<(Vec<u8>, Message, &Sent)> = Vec::new();
        for one in sent {
            let message = Message {
                action: Action::Receive,
                gas: GAS_OF_A_MESSAGE,
                sequence: one.packet.sequence,
                timeout: one.packet.timeout,
                payload: one.packet.payload.clone(),
            };
            keyed.push((message.path(&counterparty).to_bytes(), message, one));
        }
        keyed.sort_by(|one, other| one.0.cmp(&other.0));
        let keys: Vec<&[u8]> = keyed.iter().map(|(key, ..)| key.as_slice()).collect();
        let pool = pool::build(&keys, keyed.iter().map(|(.., one)| one.proof.as_slice()))?;
        let batch = Batch {
            client: ClientId::new(&self.client.id)?,
            updates: vec![header],
            height: Height {
                revision_number: self.world.revision,
                revision_height: u64::try_from(self.height)?,
            },
            pool,
            messages: keyed.into_iter().map(|(_, message, _)| message).collect(),
        };
        let call = Router::batchCall {
            packed: batch.encode()?.into(),
        };
        let receipt = host.route(call.abi_encode()).await?;
        check_updates(&receipt, 1)?;
        let skipped = events::<Router::MessageSkipped>(&receipt);
        let first = skipped.first().map(|event| &event.reason);
        ensure!(
            skipped.is_empty(),
            "messages were skipped, the first for {first:?}"
        );
        check_received(&receipt, sent.len())?;
        Ok(receipt.gas_used)
    }
}
