//! An attacker's client: its code and all that it tells of itself are those of a genuine one, and beside that its storage holds
//! what he wrote.

use crate::bench::run;
use crate::side::Side;
use alloy::network::TransactionBuilder;
use alloy::providers::Provider;
use alloy::rpc::types::TransactionRequest;
use alloy_primitives::{Address, B256, Bytes};
use serde_json::Value;
use std::path::Path;

/// Generated bindings, so that their lints stay in here.
#[allow(missing_docs, clippy::too_many_arguments)]
mod contracts {
    alloy::sol!(
        #[sol(rpc)]
        Router,
        "../../contracts/artifacts/Router.json"
    );
}
use contracts::{IRouter::CounterpartyInfo, Router};

/// Creation code that writes a word into the storage and leaves `runtime` behind.
fn forged(runtime: &[u8]) -> Bytes {
    let size = u16::try_from(runtime.len())
        .expect("code of a contract")
        .to_be_bytes();
    let mut code = vec![0x60, 0x01, 0x61, 0x13, 0x37, 0x55]; // storage[0x1337] = 1
    code.extend([0x5f, 0x5f, 0xa0]); // an event without a topic, as if something had been learned
    let at = u8::try_from(code.len() + 13).expect("a short prologue");
    code.extend([0x61, size[0], size[1], 0x60, at, 0x5f, 0x39]); // memory = runtime
    code.extend([0x61, size[0], size[1], 0x5f, 0xf3, 0x00]); // return it
    code.extend(runtime);
    code.into()
}

/// Puts a twin of the client of `side` behind an id of its own, and expects that nobody is paired with it.
pub(crate) async fn is_found_out(side: &Side, router: &Value, config: &Path, far: &str) {
    let router: Address = router.as_str().expect("an address").parse().expect("an address");
    let router = Router::new(router, &side.provider);
    let genuine = router
        .getClient(side.client.clone())
        .call()
        .await
        .expect("a client");
    let runtime = side.provider.get_code_at(genuine).await.expect("its code");
    let deploy = TransactionRequest::default().with_deploy_code(forged(&runtime));
    let sent = side.provider.send_transaction(deploy).await.expect("sent");
    let receipt = sent.get_receipt().await.expect("in a block");
    let twin = receipt.contract_address.expect("a contract");
    assert_eq!(side.provider.get_code_at(twin).await.expect("its code"), runtime);
    let forged = side
        .provider
        .get_storage_at(twin, B256::from(alloy_primitives::U256::from(0x1337)).into());
    assert!(!forged.await.expect("its storage").is_zero());

    let nobody = CounterpartyInfo {
        clientId: String::new(),
        merklePrefix: Vec::new(),
    };
    let added = router.addClient(nobody, twin).send().await.expect("sent");
    added.get_receipt().await.expect("in a block");
    let output = run(config, &["path", "create", "--a", "north/client-1", "--b", far]);
    let told =
        String::from_utf8_lossy(&output.stderr).into_owned() + &String::from_utf8_lossy(&output.stdout);
    assert!(!output.status.success(), "{told}");
    assert!(
        told.contains("creation") && told.contains("by other code"),
        "{told}"
    );
}
