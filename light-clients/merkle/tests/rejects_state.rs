//! One test for each way a slot or an account is refused although the trie's proof is right.

mod support;

use alloy_primitives::{Address, B256, keccak256};
use merkle::{
    Reject,
    mpt::{EMPTY_ROOT, Slot, account, storage},
};
use support::{Tape, rlp_writer as rlp};

fn key() -> B256 {
    Tape::new("rejects").word()
}

/// The verdict about a slot, or an account, whose leaf holds `value`.
fn slot_verdict(value: &[u8]) -> Result<Slot, Reject> {
    let leaf = rlp::leaf(&rlp::nibbles(keccak256(key()).as_slice()), value);
    storage(keccak256(&leaf), key(), &leaf)
}

fn account_verdict(fields: &[Vec<u8>]) -> Result<B256, Reject> {
    let address = Address::repeat_byte(7);
    let leaf = rlp::leaf(&rlp::nibbles(keccak256(address).as_slice()), &rlp::list(fields));
    account(keccak256(&leaf), address, &leaf).map(|account| account.storage_root)
}

fn good_fields() -> Vec<Vec<u8>> {
    vec![
        vec![5],
        rlp::string(&[7; 8]),
        rlp::string(&[1; 32]),
        rlp::string(&[2; 32]),
    ]
}

#[test]
fn the_good_fixtures_are_accepted() {
    assert_eq!(slot_verdict(&[5]), Ok(Slot::Present(B256::with_last_byte(5))));
    assert_eq!(account_verdict(&good_fields()), Ok(B256::repeat_byte(1)));
}

#[test]
fn rejects_empty_trie_as_absence() {
    assert_eq!(
        storage(EMPTY_ROOT, key(), &[]),
        Err(Reject::EmptyTrie { root: EMPTY_ROOT })
    );
}

#[test]
fn rejects_rlp_kind() {
    assert_eq!(
        slot_verdict(&rlp::list(&[vec![1]])),
        Err(Reject::RlpKind {
            what: "a storage slot"
        })
    );
}

#[test]
fn rejects_trailing_bytes() {
    assert_eq!(
        slot_verdict(&[5, 5]),
        Err(Reject::TrailingBytes {
            what: "a storage slot",
            left: 1
        })
    );
    let fields = [good_fields(), vec![vec![1]]].concat();
    assert_eq!(
        account_verdict(&fields),
        Err(Reject::TrailingBytes {
            what: "an account",
            left: 1
        })
    );
}

#[test]
fn rejects_account_absent() {
    let leaf = rlp::leaf(&rlp::nibbles(key().as_slice()), &rlp::list(&good_fields()));
    assert_eq!(
        account(keccak256(&leaf), Address::repeat_byte(7), &leaf),
        Err(Reject::AccountAbsent)
    );
}

#[test]
fn rejects_account_shape() {
    let fields = good_fields();
    for (count, field) in ["nonce", "balance", "storage root", "code hash"]
        .into_iter()
        .enumerate()
    {
        assert_eq!(
            account_verdict(&fields[..count]),
            Err(Reject::AccountShape { field })
        );
    }
    let mut short = good_fields();
    short[2] = rlp::string(&[1; 31]);
    assert_eq!(
        account_verdict(&short),
        Err(Reject::AccountShape {
            field: "storage root"
        })
    );
}

#[test]
fn rejects_integer() {
    let slot = |length, first| {
        Err(Reject::Integer {
            what: "a storage slot",
            length,
            first,
            max: 32,
        })
    };
    assert_eq!(slot_verdict(&[0]), slot(1, 0));
    assert_eq!(slot_verdict(&rlp::string(&[0, 1])), slot(2, 0));
    assert_eq!(slot_verdict(&rlp::string(&[1; 33])), slot(33, 1));
    let mut fields = good_fields();
    fields[0] = rlp::string(&[1; 9]);
    assert_eq!(
        account_verdict(&fields),
        Err(Reject::Integer {
            what: "nonce",
            length: 9,
            first: 1,
            max: 8
        })
    );
}

#[test]
fn rejects_zero_slot() {
    assert_eq!(slot_verdict(&[0x80]), Err(Reject::ZeroSlot));
}
