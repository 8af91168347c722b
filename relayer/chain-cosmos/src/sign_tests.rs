//! Signatures, judged by the transactions of another library and by an independent verifier.

use super::{BadKey, Draft, Key};
use cosmrs::Any;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use cosmrs::proto::cosmos::tx::v1beta1::TxRaw;
use cosmrs::proto::traits::Message;
use cosmrs::tx::{Body, Fee, SignDoc, SignerInfo};

fn message() -> Any {
    Any {
        type_url: "/cosmos.bank.v1beta1.MsgSend".into(),
        value: vec![1, 2, 3],
    }
}

fn draft(messages: &[Any]) -> Draft<'_> {
    Draft {
        chain_id: "east-1",
        account_number: 7,
        sequence: 300,
        messages,
        timeout_height: 70_000,
        gas_limit: 200_000,
        fee: Some(Coin {
            denom: "stake".into(),
            amount: "5000".into(),
        }),
    }
}

#[test]
fn a_transaction_is_the_one_that_another_library_makes() {
    let (key, messages) = (Key::new(&[5; 32], "cosmos").unwrap(), [message()]);
    let ours = draft(&messages).sign(&key).unwrap();
    let body = Body::new(messages.to_vec(), "", 70_000_u32);
    let coin = cosmrs::Coin {
        denom: "stake".parse().unwrap(),
        amount: 5_000,
    };
    let info = SignerInfo::single_direct(Some(key.signing.public_key()), 300)
        .auth_info(Fee::from_amount_and_gas(coin, 200_000_u64));
    let doc = SignDoc::new(&body, &info, &"east-1".parse().unwrap(), 7).unwrap();
    let theirs = doc.sign(&key.signing).unwrap().to_bytes().unwrap();
    assert_eq!(ours.bytes, theirs);
}

#[test]
fn the_same_input_gives_the_same_bytes_and_any_other_a_new_hash() {
    let (key, messages) = (Key::new(&[5; 32], "cosmos").unwrap(), [message()]);
    let first = draft(&messages).sign(&key).unwrap();
    assert_eq!(draft(&messages).sign(&key).unwrap(), first);
    let changed = [
        Draft {
            chain_id: "east-2",
            ..draft(&messages)
        },
        Draft {
            account_number: 8,
            ..draft(&messages)
        },
        Draft {
            sequence: 301,
            ..draft(&messages)
        },
        Draft {
            timeout_height: 70_001,
            ..draft(&messages)
        },
        Draft {
            gas_limit: 200_001,
            ..draft(&messages)
        },
        Draft {
            fee: None,
            ..draft(&messages)
        },
        draft(&[]),
    ];
    for other in changed {
        assert_ne!(other.sign(&key).unwrap().hash, first.hash);
    }
}

#[test]
fn what_is_simulated_is_as_long_and_carries_no_signature() {
    let (key, messages) = (Key::new(&[5; 32], "cosmos").unwrap(), [message()]);
    let (signed, unsigned) = (
        draft(&messages).sign(&key).unwrap().bytes,
        draft(&messages).unsigned(&key),
    );
    assert_eq!(signed.len(), unsigned.len());
    assert_eq!(TxRaw::decode(&*unsigned).unwrap().signatures, [vec![0; 64]]);
}

#[test]
fn keys_and_prefixes_are_checked_and_never_printed() {
    let key = Key::new(&[5; 32], "osmo").unwrap();
    assert!(key.address().starts_with("osmo1"));
    assert_eq!(format!("{key:?}"), format!("Key({})", key.address()));
    for secret in [vec![], vec![0; 32], vec![0xff; 32], vec![5; 31], vec![5; 33]] {
        assert!(
            matches!(Key::new(&secret, "cosmos"), Err(BadKey::Secret)),
            "{secret:?}"
        );
    }
    assert!(matches!(Key::new(&[5; 32], "Cosmos"), Err(BadKey::Prefix { .. })));
}
