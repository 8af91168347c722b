//! An attacker's client: its code and all that it tells of itself are those of a genuine one, and beside that its storage holds
//! what he wrote.

use crate::bench::run;
use crate::side::Side;
use alloy::consensus::Transaction as _;
use alloy::network::TransactionBuilder;
use alloy::providers::Provider;
use alloy::rpc::types::{Filter, TransactionRequest};
use alloy_primitives::{Address, Bytes, U256};
use serde_json::Value;
use std::path::Path;

/// Generated bindings, so that their lints stay in here.
#[allow(missing_docs)]
mod contracts {
    alloy::sol! {
        struct CounterpartyInfo { string clientId; bytes[] merklePrefix; }

        #[sol(rpc)]
        interface Router {
            function getClient(string clientId) view returns (address);
            function addClient(CounterpartyInfo counterpartyInfo, address client) returns (string clientId);
        }
    }
}
use contracts::{CounterpartyInfo, Router};

/// Creation code that writes a word into the storage and then does what the creation code at `maker` does: with the storage, the events
/// and the code of a genuine contract.
fn forged(maker: Address) -> Bytes {
    let mut code = vec![0x60, 0x01, 0x61, 0x13, 0x37, 0x55]; // storage[0x1337] = 1
    code.extend([0x5f, 0x5f, 0x5f, 0x5f, 0x73]);
    code.extend(maker.as_slice());
    code.extend([0x5a, 0xf4, 0x50]); // delegatecall
    code.extend([0x3d, 0x5f, 0x5f, 0x3e, 0x3d, 0x5f, 0xf3]); // return what it returned
    code.into()
}

/// Creation code that leaves `code` behind.
fn leaving(code: &[u8]) -> Bytes {
    let size = u16::try_from(code.len())
        .expect("code of a contract")
        .to_be_bytes();
    let prologue = [
        0x61, size[0], size[1], 0x60, 0x0d, 0x5f, 0x39, 0x61, size[0], size[1], 0x5f, 0xf3, 0x00,
    ];
    [&prologue, code].concat().into()
}

impl Side {
    async fn deploy(&self, code: Bytes) -> Address {
        let deploy = TransactionRequest::default().with_deploy_code(code);
        let sent = self.provider.send_transaction(deploy).await.expect("sent");
        let receipt = sent.get_receipt().await.expect("in a block");
        receipt.contract_address.expect("a contract")
    }

    /// The input of the transaction in which `contract` told its first event.
    async fn made_by(&self, contract: Address) -> Bytes {
        let filter = Filter::new().address(contract).from_block(0);
        let logs = self.provider.get_logs(&filter).await.expect("events");
        let tx = logs
            .first()
            .and_then(|log| log.transaction_hash)
            .expect("an event");
        let transaction = self.provider.get_transaction_by_hash(tx).await.expect("asked");
        transaction.expect("a transaction").input().clone()
    }
}

/// Puts a twin of the policy client of `side` behind an id of its own, `twin`, and expects that nobody pairs it with `far`.
pub(crate) async fn is_found_out(side: &Side, router: &Value, config: &Path, [twin, far]: [&str; 2]) {
    let router: Address = router.as_str().expect("an address").parse().expect("an address");
    let router = Router::new(router, &side.provider);
    let genuine = router
        .getClient(side.client.clone())
        .call()
        .await
        .expect("a client");
    let maker = side.deploy(leaving(&side.made_by(genuine).await)).await;
    let made = side.deploy(forged(maker)).await;
    let code = |of: Address| async move { side.provider.get_code_at(of).await.expect("its code") };
    assert_eq!(code(made).await, code(genuine).await);
    let written = side.provider.get_storage_at(made, U256::from(0x1337)).await;
    assert!(!written.expect("its storage").is_zero());

    let nobody = CounterpartyInfo {
        clientId: String::new(),
        merklePrefix: Vec::new(),
    };
    let added = router.addClient(nobody, made).send().await.expect("sent");
    added.get_receipt().await.expect("in a block");
    let output = run(config, &["path", "create", "--a", twin, "--b", far]);
    let told =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{told}");
    assert!(
        told.contains("creation") && told.contains("by other code"),
        "{told}"
    );
}
