//! A pool as a list of its nodes, for edits: it is read and written here without any check, and the app hash that a list
//! leads to is worked out, so that an edited pool breaks no rule but the one that it is made for.

use cosmos_store::Hash;
use sha2::{Digest, Sha256};

/// A node as it stands in a pool. Numbers are as they are hashed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Op {
    Entry(Vec<u8>, Hash),
    Otherwise(Vec<u8>, Vec<u8>),
    Neighbour(Vec<u8>, Vec<u8>, Hash),
    Nothing,
    Joined(Vec<u8>),
    Left(Vec<u8>, Hash),
    Right(Vec<u8>, Hash),
}

/// A pool.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ops {
    pub(crate) steps: u8,
    pub(crate) sides: u16,
    pub(crate) siblings: Vec<Hash>,
    pub(crate) nodes: Vec<Op>,
}

pub(crate) fn sha256(parts: &[&[u8]]) -> Hash {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize().into()
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(count);
    *bytes = rest;
    taken
}

fn hash(bytes: &mut &[u8]) -> Hash {
    take(bytes, 32).try_into().unwrap()
}

fn short(bytes: &mut &[u8]) -> usize {
    usize::from(u16::from_be_bytes(take(bytes, 2).try_into().unwrap()))
}

fn text(bytes: &mut &[u8]) -> Vec<u8> {
    let count = short(bytes);
    take(bytes, count).to_vec()
}

impl Ops {
    /// Reads a good pool.
    pub(crate) fn read(mut pool: &[u8]) -> Self {
        let bytes = &mut pool;
        let steps = take(bytes, 1)[0];
        let sides = short(bytes) as u16;
        let siblings = (0..steps).map(|_| hash(bytes)).collect();
        let mut nodes = Vec::new();
        while !bytes.is_empty() {
            let head = take(bytes, 1)[0];
            let numbers = take(bytes, usize::from(head & 15)).to_vec();
            nodes.push(match head >> 4 {
                0 => Op::Entry(numbers, hash(bytes)),
                1 => Op::Otherwise(numbers, text(bytes)),
                2 => Op::Neighbour(numbers, text(bytes), hash(bytes)),
                3 => Op::Nothing,
                4 => Op::Joined(numbers),
                5 => Op::Left(numbers, hash(bytes)),
                _ => Op::Right(numbers, hash(bytes)),
            });
        }
        Self {
            steps,
            sides,
            siblings,
            nodes,
        }
    }

    pub(crate) fn write(&self) -> Vec<u8> {
        let mut pool = vec![self.steps];
        pool.extend(self.sides.to_be_bytes());
        pool.extend(self.siblings.concat());
        for node in &self.nodes {
            put(&mut pool, node);
        }
        pool
    }

    /// The app hash of a chain of which this would be true: what does not fit together is put together somehow.
    pub(crate) fn app_hash(&self, keys: &[Vec<u8>]) -> Hash {
        let mut keys = keys.to_vec();
        keys.dedup();
        let mut keys = keys.into_iter();
        let mut next = || keys.next().unwrap_or_default();
        let mut waiting: Vec<Hash> = Vec::new();
        for node in &self.nodes {
            let made = match node {
                Op::Nothing => {
                    next();
                    continue;
                }
                Op::Entry(version, value) => leaf(version, &next(), &sha256(&[value])),
                Op::Otherwise(version, value) => leaf(version, &next(), &sha256(&[value])),
                Op::Neighbour(version, key, value) => leaf(version, key, value),
                Op::Joined(numbers) => {
                    let right = waiting.pop().unwrap_or_default();
                    inner(numbers, &waiting.pop().unwrap_or_default(), &right)
                }
                Op::Left(numbers, sibling) => inner(numbers, &waiting.pop().unwrap_or_default(), sibling),
                Op::Right(numbers, sibling) => inner(numbers, sibling, &waiting.pop().unwrap_or_default()),
            };
            waiting.push(made);
        }
        let root = waiting.pop().unwrap_or_default();
        let mut node = sha256(&[&[0, 3], b"ibc", &[32], &sha256(&[&root])]);
        for (step, sibling) in self.siblings.iter().enumerate() {
            node = if self.sides.checked_shr(step as u32).unwrap_or_default() & 1 == 1 {
                sha256(&[&[1], sibling, &node])
            } else {
                sha256(&[&[1], &node, sibling])
            };
        }
        node
    }

    /// The place of the first node that `is` the one.
    pub(crate) fn place(&self, is: impl Fn(&Op) -> bool) -> usize {
        self.nodes.iter().position(is).expect("there is such a node")
    }
}

fn put(pool: &mut Vec<u8>, node: &Op) {
    let (kind, numbers): (u8, &[u8]) = match node {
        Op::Entry(version, _) => (0, version),
        Op::Otherwise(version, _) => (1, version),
        Op::Neighbour(version, ..) => (2, version),
        Op::Nothing => (3, &[]),
        Op::Joined(numbers) => (4, numbers),
        Op::Left(numbers, _) => (5, numbers),
        Op::Right(numbers, _) => (6, numbers),
    };
    pool.push(kind << 4 | numbers.len() as u8);
    pool.extend(numbers);
    match node {
        Op::Entry(_, hash) | Op::Left(_, hash) | Op::Right(_, hash) => pool.extend(hash),
        Op::Otherwise(_, value) => put_text(pool, value),
        Op::Neighbour(_, key, hash) => {
            put_text(pool, key);
            pool.extend(hash);
        }
        Op::Nothing | Op::Joined(_) => {}
    }
}

fn put_text(pool: &mut Vec<u8>, text: &[u8]) {
    pool.extend((text.len() as u16).to_be_bytes());
    pool.extend(text);
}

fn leaf(version: &[u8], key: &[u8], value: &Hash) -> Hash {
    let mut length = Vec::new();
    prost::encoding::encode_varint(key.len() as u64, &mut length);
    sha256(&[&[0, 2], version, &length, key, &[32], value])
}

fn inner(numbers: &[u8], left: &Hash, right: &Hash) -> Hash {
    sha256(&[numbers, &[32], left, &[32], right])
}
