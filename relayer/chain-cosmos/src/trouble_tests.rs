//! Texts of real nodes (Cosmos SDK 0.50 and 0.53), and what they may not be taken for.

use super::{Kind, Mismatch, Trouble};
use crate::refusal::Said;

fn said(code: u32, codespace: &str, log: &str) -> Said {
    Said {
        code,
        codespace: codespace.into(),
        log: log.into(),
    }
}

fn kind(code: u32, log: &str) -> Kind {
    Kind::of(&said(code, "sdk", log))
}

#[test]
fn sequences_are_read_in_both_wordings() {
    let both = Kind::Sequence(Some(Mismatch { expected: 5, got: 3 }));
    let checked = "account sequence mismatch, expected 5, got 3: incorrect account sequence";
    assert_eq!(kind(32, checked), both);
    let simulated = "rpc error: code = Unknown desc = account sequence mismatch, expected 5, got 3: incorrect account sequence [cosmos/cosmos-sdk@v0.53.4/x/auth/ante/sigverify.go:364] with gas used: '33405': unknown request";
    assert_eq!(kind(6, simulated), both);
    assert_eq!(kind(32, "incorrect account sequence"), Kind::Sequence(None));
    for text in [
        "account sequence mismatch, expected -5, got 3: incorrect account sequence",
        "account sequence mismatch, expected 99999999999999999999, got 3: incorrect account sequence",
        "account sequence mismatch, expected , got : incorrect account sequence",
    ] {
        assert_eq!(kind(32, text), Kind::Sequence(None), "{text}");
        assert_eq!(kind(6, text), Kind::Other, "{text}");
    }
}

#[test]
fn a_message_that_speaks_of_sequences_is_still_a_message() {
    let log = "failed to execute message; message index: 2: account sequence mismatch, expected 5, got 3: insufficient funds: invalid request";
    assert_eq!(kind(18, log), Kind::Message(2));
    assert_eq!(kind(6, log), Kind::Message(2));
    let gas = "failed to execute message; message index: 2: out of gas in location: WriteFlat; gasWanted: 1, gasUsed: 2: out of gas";
    assert_eq!(kind(11, gas), Kind::OutOfGas);
    assert!(matches!(
        Kind::Message(2).into_trouble(said(18, "sdk", log), "a"),
        Trouble::WouldFail { message: Some(2), .. }
    ));
}

#[test]
fn other_reasons_are_told_apart() {
    let fee = "insufficient fees; got: 10stake required: 2000stake,1token: insufficient fee";
    assert_eq!(
        kind(13, fee),
        Kind::Fee("10stake".into(), "2000stake,1token".into())
    );
    assert_eq!(
        kind(13, "no fee").into_trouble(said(13, "sdk", "no fee"), "a"),
        Trouble::FeeTooLow {
            offered: "?".into(),
            wanted: "no fee".into()
        }
    );
    assert_eq!(
        kind(30, "block height: 12, timeout height: 9: tx timeout height"),
        Kind::Late(12, 9)
    );
    assert_eq!(
        kind(
            4,
            "signature verification failed; please verify account number (7), sequence (0) and chain-id (east-1): (unable to verify single signer signature): unauthorized"
        ),
        Kind::Signature
    );
    let poor = "spendable balance 1stake is smaller than 2stake: insufficient funds";
    assert_eq!(kind(5, poor), Kind::Funds);
    assert_eq!(
        kind(
            11,
            "out of gas in location: ReadFlat; gasWanted: 1, gasUsed: 1000: out of gas"
        ),
        Kind::OutOfGas
    );
    assert_eq!(kind(20, "mempool is full"), Kind::Full);
    assert_eq!(kind(19, "tx already in mempool"), Kind::Known);
    assert_eq!(
        kind(9, "account cosmos1 not found: unknown address"),
        Kind::NoAccount
    );
    // The same number of another module means something else.
    assert_eq!(Kind::of(&said(20, "wasm", "no such code")), Kind::Other);
    assert_eq!(Kind::of(&said(32, "ibc", "no")), Kind::Other);
}
