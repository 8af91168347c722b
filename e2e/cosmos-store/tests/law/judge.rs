//! The verdicts that are compared: the law's, and that of the crate `ics23`.

use alloy_primitives::B256;
use ics23::commitment_proof::Proof;
use ics23::{
    CommitmentProof, HostFunctionsManager, ProofSpec, iavl_spec, tendermint_spec, verify_membership,
    verify_non_membership,
};
use merkle::Proven;
use merkle::ics23::{Tree, prove_in};
use prost::Message;

use crate::support::Question;

/// What a proof is taken to prove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Taken {
    Present(Vec<u8>),
    Absent,
}

/// Rules by which the law refuses what the judge accepts. Each has a test in `stricter`, and a line in
/// docs/formats/ics23.md.
pub(crate) const STRICTER: [&str; 13] = [
    "default_written",
    "field",
    "inner_height",
    "inner_numbers",
    "leaf_prefix",
    "long_key",
    "long_proof",
    "malformed_inner",
    "no_key",
    "other_key",
    "proof_kind",
    "too_deep",
    "varint",
];

/// The law's verdict: what is proven, or the rule that is broken.
pub(crate) fn by_law(question: &Question, bytes: &[u8]) -> Result<Taken, &'static str> {
    let Ok(root) = B256::try_from(question.root.as_slice()) else {
        return Err("other_root");
    };
    match prove_in(question.tree, root, &question.key, bytes) {
        Ok(Proven::Present(value)) => Ok(Taken::Present(value.to_vec())),
        Ok(Proven::Absent) => Ok(Taken::Absent),
        Err(reject) => Err(reject.rule()),
    }
}

/// The judge's verdict; none if it refuses.
pub(crate) fn by_judge(question: &Question, bytes: &[u8]) -> Option<Taken> {
    let proof = CommitmentProof::decode(bytes).ok()?;
    let (spec, root, key) = (spec(question.tree), &question.root, question.key.as_slice());
    let taken = match &proof.proof {
        Some(Proof::Exist(exists)) => Taken::Present(exists.value.clone()),
        Some(Proof::Nonexist(_)) => Taken::Absent,
        _ => return None,
    };
    let is_accepted = match &taken {
        Taken::Present(value) => verify_membership::<HostFunctionsManager>(&proof, &spec, root, key, value),
        Taken::Absent => verify_non_membership::<HostFunctionsManager>(&proof, &spec, root, key),
    };
    is_accepted.then_some(taken)
}

/// Both verdicts agree, or the law refuses by a rule that is known to be stricter. What the law accepts, the judge
/// accepts in any case.
pub(crate) fn compare(question: &Question, bytes: &[u8]) -> Result<Taken, &'static str> {
    let (law, judge) = (by_law(question, bytes), by_judge(question, bytes));
    match (&law, &judge) {
        (Ok(law), judge) => assert_eq!(Some(law), judge.as_ref(), "the law accepts: {question:?}"),
        (Err(_), None) => {}
        (Err(rule), Some(judge)) => {
            assert!(
                STRICTER.contains(rule),
                "refused by {rule}, taken for {judge:?}: {question:?}"
            );
        }
    }
    law
}

fn spec(tree: Tree) -> ProofSpec {
    match tree {
        Tree::Iavl => iavl_spec(),
        Tree::Simple => tendermint_spec(),
    }
}
