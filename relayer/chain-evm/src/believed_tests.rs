use super::*;
use alloy_primitives::Bytes;
use prost::Message as _;
use tendermint_client::TrustLevel;
use tendermint_client::codec::decode_update;
use tendermint_client::testing::{Kind, Validators, World};

fn id(text: &str) -> ClientId {
    ClientId::new(text).expect("an id")
}

fn update_of(client: &str, message: &[u8]) -> Bytes {
    let call = Router::updateClientCall {
        clientId: client.into(),
        updateMsg: message.to_vec().into(),
    };
    call.abi_encode().into()
}

#[test]
fn the_height_of_a_header_is_read_from_its_message_and_from_no_other() {
    let world = World::new("hub-4", 4, Validators::new(Kind::Secp256k1, 1, &[3, 2, 1]));
    for height in [11, 127, 128, 70_000, 5_000_000_000] {
        let shown = world.show(&world.block_at(height), 10);
        let update = decode_update(&shown.encode_to_vec()).expect("a header");
        let message = evm::encode_update(&update, TrustLevel::ONE_THIRD).expect("a message");
        assert_eq!(evm::height_of(&message), u64::try_from(height).ok());
        // What is cut off is none, and no reason to fail.
        for length in 0..80 {
            assert_eq!(evm::height_of(&message[..length.min(40)]), None, "{length} bytes");
        }
        let set = evm::encode_set(&update.validators).expect("a set");
        assert_eq!(evm::height_of(&set), None);
    }
}

#[test]
fn what_a_client_was_told_is_found_in_each_form_of_transaction() {
    let ours = id("client-3");
    let single = update_of("client-3", b"one");
    assert_eq!(messages_in(&single, &ours), Some(vec![b"one".to_vec()]));
    assert_eq!(messages_in(&single, &id("client-4")), Some(vec![]));
    let calls = vec![
        update_of("client-3", b"one"),
        update_of("client-4", b"other"),
        update_of("client-3", b"two"),
    ];
    let several = Router::multicallCall { calls }.abi_encode();
    assert_eq!(
        messages_in(&several, &ours),
        Some(vec![b"one".to_vec(), b"two".to_vec()])
    );
    // A contract of somebody's own calls the router.
    let foreign = [Address::repeat_byte(7).as_slice(), b"something"].concat();
    assert_eq!(messages_in(&foreign, &ours), None);
}

#[test]
fn a_leaf_was_told_what_the_policy_passed_on_to_it() {
    assert_eq!(told(b"header", None), Some(&b"header"[..]));
    assert_eq!(told(b"\x01header", Some(1)), Some(&b"header"[..]));
    assert_eq!(told(b"\x01header", Some(0)), None);
    assert_eq!(told(b"", Some(0)), None);
}
