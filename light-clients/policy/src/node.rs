//! A policy as data: a tree over leaves, and the bytes of it.
//!
//! Decides which trees are policies. The bytes are the nodes in prefix order, docs/formats/policy.md.

use alloc::vec::Vec;

use alloy_primitives::Address;
use wire::Seconds;

use crate::reject::{PolicyFault, Reject};

/// Most leaves of a policy.
pub const LEAVES_MAX: usize = 8;
/// Most nodes above each other, the leaf counted.
pub const DEPTH_MAX: usize = 4;
/// The longest that a state may have to wait: a proof is to arrive before the packet's timeout, 24 hours.
pub const DELAY_MAX: Seconds = Seconds(12 * 60 * 60);

/// First byte of a policy.
const VERSION: u8 = 1;
/// First byte of a node.
const ALL_OF: u8 = 1;
const ANY_OF: u8 = 2;
const AT_LEAST: u8 = 3;
const LEAF: u8 = 4;
const AFTER: u8 = 5;

/// What has to hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Every one of these.
    AllOf(Vec<Node>),
    /// One of these.
    AnyOf(Vec<Node>),
    /// So many of these.
    AtLeast(u8, Vec<Node>),
    /// This client proves it.
    Leaf(Address),
    /// This client proves it from a state that it has known for so long.
    After(Seconds, Address),
}

/// A client that a policy asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaf {
    /// Its contract.
    pub client: Address,
    /// How long it must have known the state; 0 unless the policy says so.
    pub delay: Seconds,
}

/// A tree that is a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    root: Node,
    leaves: Vec<Leaf>,
}

impl Policy {
    /// A policy of at most eight different clients.
    ///
    /// # Errors
    /// [`Reject::BadPolicy`].
    pub fn new(root: Node) -> Result<Self, Reject> {
        let mut leaves = Vec::new();
        check(&root, 1, &mut leaves).map_err(Reject::BadPolicy)?;
        Ok(Self { root, leaves })
    }

    /// Reads a policy.
    ///
    /// # Errors
    /// [`Reject::Malformed`], [`Reject::BadPolicy`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Reject> {
        let malformed = Reject::Malformed { part: "the version" };
        let Some((&VERSION, mut rest)) = bytes.split_first() else {
            return Err(malformed);
        };
        let mut leaves = Vec::new();
        let root = read(&mut rest, 1, &mut leaves)?;
        if !rest.is_empty() {
            return Err(Reject::Malformed { part: "the end" });
        }
        Ok(Self { root, leaves })
    }

    /// The bytes of the policy.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::from([VERSION]);
        write(&self.root, &mut out);
        out
    }

    /// What has to hold.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The leaves from left to right: proofs come in this order.
    #[must_use]
    pub fn leaves(&self) -> &[Leaf] {
        &self.leaves
    }

    /// Whether it holds when these leaves do, in their order; one that is missing does not.
    #[must_use]
    pub fn holds(&self, verdicts: &[bool]) -> bool {
        holds(&self.root, &mut verdicts.iter().copied())
    }
}

/// Checks a node and all below it; adds its leaves.
fn check(node: &Node, depth: usize, leaves: &mut Vec<Leaf>) -> Result<(), PolicyFault> {
    match node {
        Node::AllOf(children) | Node::AnyOf(children) => {
            check_inner(1, children.len(), depth)?;
            check_children(children, depth, leaves)
        }
        Node::AtLeast(needed, children) => {
            check_inner(usize::from(*needed), children.len(), depth)?;
            check_children(children, depth, leaves)
        }
        Node::Leaf(client) => check_leaf(*client, None, leaves),
        Node::After(delay, client) => check_leaf(*client, Some(*delay), leaves),
    }
}

fn check_children(children: &[Node], depth: usize, leaves: &mut Vec<Leaf>) -> Result<(), PolicyFault> {
    children
        .iter()
        .try_for_each(|child| check(child, depth.saturating_add(1), leaves))
}

/// A node with children: not so deep that it could have none, and they can be enough.
fn check_inner(needed: usize, count: usize, depth: usize) -> Result<(), PolicyFault> {
    if depth >= DEPTH_MAX {
        return Err(PolicyFault::TooDeep);
    }
    if needed == 0 || needed > count {
        return Err(PolicyFault::Needed { needed, count });
    }
    Ok(())
}

fn check_leaf(client: Address, delay: Option<Seconds>, leaves: &mut Vec<Leaf>) -> Result<(), PolicyFault> {
    if client.is_zero() || leaves.iter().any(|leaf| leaf.client == client) {
        return Err(PolicyFault::Client { client });
    }
    if let Some(delay) = delay.filter(|delay| delay.0 == 0 || *delay > DELAY_MAX) {
        return Err(PolicyFault::Delay { delay });
    }
    if leaves.len() >= LEAVES_MAX {
        return Err(PolicyFault::TooManyLeaves);
    }
    let delay = delay.unwrap_or_default();
    leaves.push(Leaf { client, delay });
    Ok(())
}

fn holds(node: &Node, verdicts: &mut dyn Iterator<Item = bool>) -> bool {
    let (needed, children) = match node {
        Node::Leaf(_) | Node::After(..) => return verdicts.next().unwrap_or(false),
        Node::AllOf(children) => (children.len(), children),
        Node::AnyOf(children) => (1, children),
        Node::AtLeast(needed, children) => (usize::from(*needed), children),
    };
    // Every child takes its verdicts, also when the others are enough already.
    let held: Vec<bool> = children.iter().map(|child| holds(child, verdicts)).collect();
    held.into_iter().filter(|held| *held).count() >= needed
}

/// Reads the node at the beginning of `rest` and all below it, and checks each as soon as it is read.
fn read(rest: &mut &[u8], depth: usize, leaves: &mut Vec<Leaf>) -> Result<Node, Reject> {
    let [kind] = take(rest)?;
    match kind {
        ALL_OF => Ok(Node::AllOf(read_children(rest, None, depth, leaves)?)),
        ANY_OF => Ok(Node::AnyOf(read_children(rest, None, depth, leaves)?)),
        AT_LEAST => {
            let [needed] = take(rest)?;
            Ok(Node::AtLeast(
                needed,
                read_children(rest, Some(needed), depth, leaves)?,
            ))
        }
        LEAF => {
            let client = Address::new(take(rest)?);
            check_leaf(client, None, leaves).map_err(Reject::BadPolicy)?;
            Ok(Node::Leaf(client))
        }
        AFTER => {
            let delay = Seconds(u64::from(u32::from_be_bytes(take(rest)?)));
            let client = Address::new(take(rest)?);
            check_leaf(client, Some(delay), leaves).map_err(Reject::BadPolicy)?;
            Ok(Node::After(delay, client))
        }
        _ => Err(Reject::Malformed { part: "a node" }),
    }
}

fn read_children(
    rest: &mut &[u8],
    needed: Option<u8>,
    depth: usize,
    leaves: &mut Vec<Leaf>,
) -> Result<Vec<Node>, Reject> {
    let [count] = take(rest)?;
    let needed = usize::from(needed.unwrap_or(1));
    check_inner(needed, usize::from(count), depth).map_err(Reject::BadPolicy)?;
    (0..count)
        .map(|_| read(rest, depth.saturating_add(1), leaves))
        .collect()
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], Reject> {
    let (taken, left) = rest
        .split_first_chunk()
        .ok_or(Reject::Malformed { part: "a node" })?;
    *rest = left;
    Ok(*taken)
}

fn write(node: &Node, out: &mut Vec<u8>) {
    match node {
        Node::AllOf(children) => write_children(&[ALL_OF], children, out),
        Node::AnyOf(children) => write_children(&[ANY_OF], children, out),
        Node::AtLeast(needed, children) => write_children(&[AT_LEAST, *needed], children, out),
        Node::Leaf(client) => {
            out.push(LEAF);
            out.extend(client);
        }
        Node::After(delay, client) => {
            out.push(AFTER);
            out.extend(u32::try_from(delay.0).unwrap_or(u32::MAX).to_be_bytes());
            out.extend(client);
        }
    }
}

fn write_children(head: &[u8], children: &[Node], out: &mut Vec<u8>) {
    out.extend(head);
    // Bound: a checked policy has at most eight leaves and no empty node.
    out.push(u8::try_from(children.len()).unwrap_or(u8::MAX));
    for child in children {
        write(child, out);
    }
}
