//! Checks of the form of a path against a "spec" of a tree.
//!
//! The law has two trees and no others; what is checked against theirs is judged, by the root that the path leads to.
//! All the rest is about operations of other trees.

use alloy_primitives::B256;
use anyhow::{Context, Result};
use ics23::commitment_proof::Proof;
use ics23::{
    CommitmentProof, ExistenceProof, HostFunctionsManager, InnerOp, NonExistenceProof, ProofSpec,
    calculate_existence_root, iavl_spec, tendermint_spec,
};
use merkle::Proven;
use merkle::ics23::{Tree, prove_in};
use prost::Message;
use serde_json::Value;

use super::Case;
use crate::verdict::Verdict;

/// Rules by which the law refuses a form that published checks allow, with what docs/formats/ics23.md says of it.
const STRICTER: [(&str, &str); 1] = [(
    "malformed_inner",
    "the law is stricter: an inner node without a sibling is no node (T-01)",
)];

/// Replays all cases of a file.
pub(super) fn replay(name: &str, file: &Value) -> Vec<Case> {
    let cases: Vec<(String, &Value)> = match file {
        Value::Object(cases) => cases
            .iter()
            .map(|(name, case)| (format!(" `{name}`"), case))
            .collect(),
        Value::Array(cases) => (0..)
            .zip(cases)
            .map(|(number, case): (usize, _)| (format!(" {number}"), case))
            .collect(),
        _ => {
            return vec![(
                "form",
                String::new(),
                Verdict::Differed("the file holds no cases".into()),
            )];
        }
    };
    let judge = |case: &Value| match name {
        "TestCheckAgainstSpecData.json" => check_against_spec(case),
        "TestEmptyBranchData.json" => check_empty_branch(case),
        _ => Verdict::Skipped("about operations that neither of the law's two trees has by itself".into()),
    };
    cases
        .into_iter()
        .map(|(name, case)| ("form", name, judge(case)))
        .collect()
}

fn check_against_spec(case: &Value) -> Verdict {
    let read = || -> Result<(ExistenceProof, ProofSpec, bool)> {
        let field = |name| case.get(name).cloned().with_context(|| format!("no {name}"));
        let is_allowed = field("Err")?.as_str().context("Err is text")?.is_empty();
        Ok((
            serde_json::from_value(field("Proof")?)?,
            serde_json::from_value(field("Spec")?)?,
            is_allowed,
        ))
    };
    let (proof, spec, is_allowed) = match read() {
        Ok(read) => read,
        Err(error) => return Verdict::Differed(format!("{error:#}")),
    };
    let Some(tree) = tree_of(&spec, proof.path.len()) else {
        return Verdict::Skipped("against a spec that neither of the law's two trees has".into());
    };
    match (judge(tree, &proof), is_allowed) {
        (Ok(()), true) | (Err(Some(_)), false) => Verdict::Agreed,
        (Ok(()), false) => Verdict::Differed("allowed, refused by the case".into()),
        (Err(None), _) => Verdict::Differed("the path leads to another value".into()),
        (Err(Some(rule)), true) => match STRICTER.iter().find(|(known, _)| *known == rule) {
            Some((_, why)) => Verdict::Skipped((*why).into()),
            None => Verdict::Differed(format!("refused by {rule}, allowed by the case")),
        },
    }
}

/// A step whose sibling a sparse tree may take for empty. In the law's trees nothing is: whoever has a sibling before
/// him is not the first, and whoever has one after him is not the last.
fn check_empty_branch(case: &Value) -> Verdict {
    let read = || -> Result<(InnerOp, ProofSpec, [bool; 2])> {
        let field = |name| case.get(name).cloned().with_context(|| format!("no {name}"));
        let is = |name| {
            field(name)?
                .as_bool()
                .with_context(|| format!("{name} is true or false"))
        };
        let is_empty = [is("IsLeft")?, is("IsRight")?];
        Ok((
            serde_json::from_value(field("Op")?)?,
            serde_json::from_value(field("Spec")?)?,
            is_empty,
        ))
    };
    let (step, spec, is_empty) = match read() {
        Ok(read) => read,
        Err(error) => return Verdict::Differed(format!("{error:#}")),
    };
    let Some(tree) = tree_of(&spec, 1) else {
        return Verdict::Skipped("against a spec that neither of the law's two trees has".into());
    };
    let (is_first, is_last) = (
        is_outermost(tree, &spec, &step, false),
        is_outermost(tree, &spec, &step, true),
    );
    let has_before = step.suffix.is_empty();
    let expected = (!has_before || is_empty[0], has_before || is_empty[1]);
    if (is_first, is_last) == expected {
        Verdict::Agreed
    } else {
        Verdict::Differed(format!(
            "first: {is_first}, last: {is_last}, expected {expected:?}"
        ))
    }
}

/// Whether the entry under this one step passes for the first entry of its tree, or for the last.
fn is_outermost(tree: Tree, spec: &ProofSpec, step: &InnerOp, is_last: bool) -> bool {
    let exists = ExistenceProof {
        key: b"b".to_vec(),
        value: b"value".to_vec(),
        leaf: spec.leaf_spec.clone(),
        path: vec![step.clone()],
    };
    let root = calculate_existence_root::<HostFunctionsManager>(&exists).unwrap_or_default();
    let key = if is_last { b"c" } else { b"a" };
    let (left, right) = if is_last {
        (Some(exists), None)
    } else {
        (None, Some(exists))
    };
    let absence = NonExistenceProof {
        key: key.to_vec(),
        left,
        right,
    };
    let bytes = CommitmentProof {
        proof: Some(Proof::Nonexist(absence)),
    }
    .encode_to_vec();
    B256::try_from(root.as_slice()).is_ok_and(|root| prove_in(tree, root, key, &bytes) == Ok(Proven::Absent))
}

/// The tree that has this spec. Bounds of depth are the law's if they decide as the law's do for so many steps.
fn tree_of(spec: &ProofSpec, steps: usize) -> Option<Tree> {
    let has_same_bounds = |own: &ProofSpec| {
        let is_deep_enough = usize::try_from(spec.min_depth).is_ok_and(|min| steps >= min);
        spec.max_depth == own.max_depth && (is_deep_enough || spec.min_depth == own.min_depth)
    };
    [(Tree::Iavl, iavl_spec()), (Tree::Simple, tendermint_spec())]
        .into_iter()
        .find(|(_, own)| {
            (&own.leaf_spec, &own.inner_spec) == (&spec.leaf_spec, &spec.inner_spec) && has_same_bounds(own)
        })
        .map(|(tree, _)| tree)
}

/// The law's verdict about the path under the root that it leads to: allowed, refused by a rule, or for another value.
fn judge(tree: Tree, proof: &ExistenceProof) -> Result<(), Option<&'static str>> {
    // A path that cannot be followed leads nowhere; any root does.
    let root = calculate_existence_root::<HostFunctionsManager>(proof).ok();
    let root = root.and_then(|root| B256::try_from(root.as_slice()).ok());
    let bytes = CommitmentProof {
        proof: Some(Proof::Exist(proof.clone())),
    }
    .encode_to_vec();
    match prove_in(tree, root.unwrap_or(B256::repeat_byte(1)), &proof.key, &bytes) {
        Ok(Proven::Present(value)) if value == proof.value => Ok(()),
        Ok(_) => Err(None),
        Err(reject) => Err(Some(reject.rule())),
    }
}
