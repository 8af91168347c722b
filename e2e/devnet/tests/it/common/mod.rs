//! What the tests of this crate share: chains without a clock, a provider, one small contract.

pub(crate) mod follower;

use alloy::{
    network::{EthereumWallet, TransactionBuilder},
    primitives::{Address, B256, Bytes, U256},
    providers::{Provider, ProviderBuilder},
    rpc::types::{TransactionReceipt, TransactionRequest},
};
use devnet::{Chain, ChainConfig};
use merkle::mpt::{self, Slot};

/// The best update of every period.
pub(crate) const UPDATES: &str = "/eth/v1/beacon/light_client/updates?start_period=0&count=128";
/// The newest finality update.
pub(crate) const FINALITY: &str = "/eth/v1/beacon/light_client/finality_update";

/// A chain whose slots pass only by [`Chain::advance`].
pub(crate) async fn chain(chain_id: u64) -> Chain {
    chain_with(chain_id, |_| {}).await
}

/// The same with changes to its configuration.
pub(crate) async fn chain_with(chain_id: u64, change: impl FnOnce(&mut ChainConfig)) -> Chain {
    let mut config = ChainConfig::new(chain_id);
    change(&mut config);
    Chain::start(config).await.unwrap()
}

/// alloy's usual provider with all fillers, signing with the funded key number `account`.
pub(crate) fn provider(chain: &Chain, account: usize) -> impl Provider + Clone + use<> {
    let wallet = EthereumWallet::from(chain.accounts()[account].clone());
    ProviderBuilder::new()
        .wallet(wallet)
        .connect_http(chain.rpc_url().parse().unwrap())
}

/// Sends, lets a slot pass, and returns the receipt.
pub(crate) async fn send(
    chain: &Chain,
    provider: &impl Provider,
    tx: TransactionRequest,
) -> TransactionReceipt {
    let pending = provider.send_transaction(tx).await.unwrap();
    let hash = *pending.tx_hash();
    chain.advance(1);
    provider
        .get_transaction_receipt(hash)
        .await
        .unwrap()
        .expect("included in the next block")
}

/// A contract that stores its second word under its first, logs the second with the first as topic
/// and returns it; without calldata it reverts with the word 0x2a.
const STORE: [u8; 34] = [
    0x36, 0x60, 0x0c, 0x57, 0x60, 0x2a, 0x5f, 0x52, 0x60, 0x20, 0x5f,
    0xfd, // revert(0x2a) if no calldata
    0x5b, 0x60, 0x20, 0x35, 0x80, 0x5f, 0x35, 0x55, // sstore(word 0, word 1)
    0x5f, 0x52, 0x5f, 0x35, 0x60, 0x20, 0x5f, 0xa1, // log1(word 1, topic word 0)
    0x60, 0x20, 0x5f, 0xf3, 0x00, 0x00, // return word 1
];

/// Puts the code after these nine bytes on chain.
const CREATE: [u8; 9] = [0x60, STORE.len() as u8, 0x80, 0x60, 0x09, 0x5f, 0x39, 0x5f, 0xf3];

/// Deploys [`STORE`].
pub(crate) async fn deploy(chain: &Chain, provider: &impl Provider) -> Address {
    let code = Bytes::from([CREATE.as_slice(), &STORE].concat());
    let receipt = send(
        chain,
        provider,
        TransactionRequest::default().with_deploy_code(code),
    )
    .await;
    assert!(receipt.status());
    receipt.contract_address.expect("a creation has an address")
}

/// A call that stores `value` under `slot`.
pub(crate) fn call_of(contract: Address, slot: u64, value: u64) -> TransactionRequest {
    let data = [word(slot), word(value)].concat();
    TransactionRequest::default().with_to(contract).with_input(data)
}

/// A number as a word.
pub(crate) fn word(number: u64) -> B256 {
    B256::from(U256::from(number))
}

/// The storage root of the account at `address`, by this project's proof checker.
pub(crate) fn merkle_account(
    state_root: B256,
    address: Address,
    proof: &[u8],
) -> Result<B256, merkle::Reject> {
    mpt::account(state_root, address, proof).map(|account| account.storage_root)
}

/// The value of `slot`, by this project's proof checker.
pub(crate) fn merkle_slot(storage_root: B256, slot: B256, proof: &[u8]) -> Option<B256> {
    match mpt::storage(storage_root, slot, proof).unwrap() {
        Slot::Present(value) => Some(value),
        Slot::Absent => None,
    }
}

/// A GET of the beacon REST interface that succeeds.
pub(crate) async fn get(chain: &Chain, path: &str) -> serde_json::Value {
    let answer = reqwest::get(format!("{}{path}", chain.beacon_url()))
        .await
        .unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
    answer.json().await.unwrap()
}

/// The status of a GET of the beacon REST interface.
pub(crate) async fn status(chain: &Chain, path: &str) -> u16 {
    reqwest::get(format!("{}{path}", chain.beacon_url()))
        .await
        .unwrap()
        .status()
        .as_u16()
}
