//! Merkle Patricia tries: is this key there, and with which value?
//!
//! A proof is the RLP encodings of the nodes from the root to where the key ends, one after the other, without
//! separator. Nodes shorter than 32 bytes stand inside their parent and do not appear again. The first node must
//! hash to the root, each further one to the reference its parent holds; the proof ends where the key is decided,
//! and so must the bytes. Where keys are hashes, the upper nodes may be packed: see [`pack`].
//!
//! [`prove`] is for the tries of the state, whose keys are hashes, and has a twin in Solidity (`Mpt.lookup`) that
//! accepts and refuses the same bytes. [`prove_variable`] is for tries whose keys differ in length.
//!
//! Spec: Ethereum yellow paper, appendix D.

mod node;
mod packed;
pub mod pool;
mod state;
mod value;
mod walk;

pub use crate::Proven;
pub use packed::{pack, pack_present};
pub use state::{Account, Slot, account, storage};

use crate::Reject;
use alloy_primitives::{B256, b256};
use walk::{Keys, Walk};

/// Root of the trie without entries: Keccak-256 of the RLP of the empty string.
pub const EMPTY_ROOT: B256 = b256!("56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421");

/// Longest key, in bytes. It bounds the depth of a proof: each step down consumes at least half a byte.
pub const KEY_MAX: usize = 32;

/// Follows `key` from `root` through `proof` in a trie whose keys all have 32 bytes.
///
/// - `key`: as the trie uses it, that is already hashed.
/// - `proof`: concatenated RLP nodes, root first, or packed ([`pack`], [`pack_present`]); consumed exactly.
///
/// Errors: [`Reject::EmptyTrie`], [`Reject::MissingNode`], [`Reject::NodeHash`], [`Reject::ShortNode`],
/// [`Reject::RlpTruncated`], [`Reject::RlpNotCanonical`], [`Reject::RlpKind`], [`Reject::NodeShape`],
/// [`Reject::HexPrefix`], [`Reject::ChildReference`], [`Reject::BranchValue`], [`Reject::PathLength`],
/// [`Reject::ExtensionChild`], [`Reject::EmptyValue`], [`Reject::TrailingBytes`].
pub fn prove(root: B256, key: B256, proof: &[u8]) -> Result<Proven<'_>, Reject> {
    check_root(root)?;
    packed::prove(root, &key, proof)
}

/// Follows `key` from `root` through `proof` in a trie whose keys differ in length, so that keys may end in
/// branches and paths anywhere.
///
/// Errors: [`Reject::KeyTooLong`] above [`KEY_MAX`], and those of [`prove`] except [`Reject::BranchValue`] and
/// [`Reject::PathLength`].
pub fn prove_variable<'a>(root: B256, key: &[u8], proof: &'a [u8]) -> Result<Proven<'a>, Reject> {
    check_root(root)?;
    if key.len() > KEY_MAX {
        return Err(Reject::KeyTooLong {
            length: key.len(),
            max: KEY_MAX,
        });
    }
    Walk::new(key, Keys::Variable, proof).run(root)
}

fn check_root(root: B256) -> Result<(), Reject> {
    if root == EMPTY_ROOT || root.is_zero() {
        Err(Reject::EmptyTrie { root })
    } else {
        Ok(())
    }
}
