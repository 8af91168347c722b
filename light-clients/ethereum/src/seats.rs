//! The bits of a sync aggregate: which seats signed.
//!
//! Seat `8 * i + j` is bit `j` (value `1 << j`) of byte `i`, as in SSZ.

use alloc::vec::Vec;

use crate::network::Network;

/// Bytes of the bits of this network's committees.
pub(crate) fn bytes(network: &Network) -> usize {
    usize::try_from(network.committee_size() / 8).unwrap_or(usize::MAX)
}

/// Depth of the tree over the keys of this network's committees.
pub(crate) fn depth(network: &Network) -> u32 {
    network.committee_size().trailing_zeros()
}

/// How many seats signed.
#[must_use]
pub fn tally(signers: &[u8]) -> u32 {
    signers
        .iter()
        .map(|byte| byte.count_ones())
        .fold(0, u32::saturating_add)
}

/// The seats that did not sign, ascending.
#[must_use]
pub fn absent(signers: &[u8]) -> Vec<u64> {
    let bits = signers
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| byte & (1 << bit) != 0));
    (0_u64..)
        .zip(bits)
        .filter(|(_, signed)| !signed)
        .map(|(seat, _)| seat)
        .collect()
}
