//! Trie vectors whose proof is right and whose value is no slot or no account.

use super::{mpt::Question, mpt_reject::Rejects};
use crate::support::{Tape, prove_by_alloy, rlp_writer as rlp};
use alloy_primitives::Address;

impl Rejects<'_> {
    /// Adds the files of this page.
    pub(crate) fn add_state(&mut self) {
        self.add_slots();
        self.add_accounts();
        self.add_absent_account();
    }

    fn add_slots(&mut self) {
        let slot = Question::storage(Tape::new("mpt rejects, slot").word());
        let word = [0xa5; 32];
        self.put_value("zero_slot/empty", "a slot of zero", &slot, &[0x80]);
        self.put_value("integer/slot_zero_byte", "zero as a byte", &slot, &[0]);
        let padded = rlp::string(&[&[0], &word[1..]].concat());
        self.put_value(
            "integer/slot_leading_zero",
            "a word with its leading zero",
            &slot,
            &padded,
        );
        self.put_value(
            "integer/slot_33",
            "a word of 33 bytes",
            &slot,
            &rlp::string(&[1; 33]),
        );
        self.put_value(
            "rlp_kind/slot",
            "a list in a slot",
            &slot,
            &rlp::list(&[rlp::string(&word)]),
        );
        self.put_value(
            "rlp_not_canonical/slot_byte",
            "a small word with a header",
            &slot,
            &[0x81, 5],
        );
        let long = [vec![0xb8, 32], word.to_vec()].concat();
        self.put_value(
            "rlp_not_canonical/slot_long_form",
            "a word in long form",
            &slot,
            &long,
        );
        self.put_value(
            "rlp_truncated/slot",
            "a word that ends early",
            &slot,
            &[0xa0, 1, 2, 3],
        );
        let twice = [rlp::string(&word), vec![1]].concat();
        self.put_value("trailing_bytes/slot", "a byte after the word", &slot, &twice);
    }

    fn add_accounts(&mut self) {
        let good = good_account();
        let list = rlp::list(&good);
        let fifth = rlp::list(&[&good[..], &[vec![1]]].concat());
        let text = rlp::string(&[9; 70]);
        self.put_account("account_shape/fields_0", "an empty list", rlp::list(&[]));
        self.put_account("account_shape/fields_3", "no code hash", rlp::list(&good[..3]));
        self.put_account("trailing_bytes/account_field", "a fifth field", fifth);
        self.put_account(
            "trailing_bytes/account",
            "an item behind it",
            [list, vec![0x80]].concat(),
        );
        self.put_account("rlp_kind/account", "a string instead of an account", text);
        let fields = [
            (
                "account_shape/root_31",
                "a storage root of 31 bytes",
                2,
                rlp::string(&[9; 31]),
            ),
            (
                "account_shape/code_33",
                "a code hash of 33 bytes",
                3,
                rlp::string(&[9; 33]),
            ),
            (
                "rlp_kind/account_field",
                "a list as the nonce",
                0,
                rlp::list(&[vec![1]]),
            ),
            ("integer/nonce_zero_byte", "a nonce of zero as a byte", 0, vec![0]),
            (
                "integer/nonce_9",
                "a nonce of nine bytes",
                0,
                rlp::string(&[9; 9]),
            ),
            (
                "integer/balance_33",
                "a balance of 33 bytes",
                1,
                rlp::string(&[9; 33]),
            ),
            (
                "integer/balance_leading_zero",
                "a balance with a leading zero",
                1,
                rlp::string(&[0, 9]),
            ),
        ];
        for (path, about, index, field) in fields {
            let mut broken = good.to_vec();
            broken[index] = field;
            self.put_account(path, about, rlp::list(&broken));
        }
    }

    /// A state of one account, whose leaf holds `value`.
    fn put_account(&mut self, path: &str, about: &str, value: Vec<u8>) {
        let account = Question::account(Address::repeat_byte(0xcd));
        self.put_value(path, about, &account, &value);
    }

    fn add_absent_account(&mut self) {
        let account = Question::account(Address::repeat_byte(0xab));
        let (trie, root, _) = self.large();
        assert!(!trie.contains_key(&account.key));
        let proof = prove_by_alloy(&trie, account.key).1.concat();
        self.put(
            "account_absent/among_300",
            "the proof is right: there is no such account",
            &account,
            root,
            &proof,
        );
    }
}

/// Nonce, balance, storage root and code hash, each encoded.
fn good_account() -> [Vec<u8>; 4] {
    let mut tape = Tape::new("mpt rejects, account");
    let mut hash = || rlp::string(tape.word().as_slice());
    [vec![5], rlp::string(&[7; 8]), hash(), hash()]
}
