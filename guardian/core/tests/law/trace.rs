//! A trace: a set of guardians, steps that each chooses its signers, and what must hold at the end.

use alloy_primitives::{Address, B256, keccak256};
use alloy_sol_types::SolValue;
use k256::ecdsa::SigningKey;
use serde_json::{Value, json};

use crate::world::{
    ALL, APPLICATION, ASSET, BREACH, CANCEL, CHAIN_ID, CLIENT, CLIENT_CONTRACT, CONFIRM, CONTRACT, Charged,
    DAY, DIRECTION, EXECUTE, GUARDIANS, HALT, LARGE, Op, Probe, ROTATE, SCHEDULE, SMALL, START, TOKEN,
    digest, keys, packet, paths, sign,
};

/// A scope as steps name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct At {
    pub(crate) kind: u8,
    pub(crate) path: B256,
    pub(crate) item: B256,
}

/// The key of a client id.
pub(crate) fn path(client: usize) -> B256 {
    paths()
        .get(client)
        .map_or_else(|| keccak256("client-99"), |(key, _)| *key)
}

/// The contract behind a client id, as a word.
pub(crate) fn light(client: usize) -> B256 {
    paths()[client].1.into_word()
}

/// A token, as a word.
pub(crate) fn token(number: u8) -> B256 {
    Address::repeat_byte(number).into_word()
}

pub(crate) fn client(number: usize) -> At {
    At {
        kind: CLIENT,
        path: path(number),
        item: B256::ZERO,
    }
}

pub(crate) fn contract(item: B256) -> At {
    At {
        kind: CLIENT_CONTRACT,
        path: B256::ZERO,
        item,
    }
}

pub(crate) fn asset(number: usize, item: B256) -> At {
    At {
        kind: ASSET,
        path: path(number),
        item,
    }
}

pub(crate) fn direction(number: usize, way: u8) -> At {
    At {
        kind: DIRECTION,
        path: path(number),
        item: B256::with_last_byte(way),
    }
}

pub(crate) fn application() -> At {
    At {
        kind: APPLICATION,
        path: B256::ZERO,
        item: keccak256("transfer"),
    }
}

pub(crate) fn everything() -> At {
    At {
        kind: ALL,
        path: B256::ZERO,
        item: B256::ZERO,
    }
}

pub(crate) fn everywhere(item: B256) -> At {
    At {
        kind: TOKEN,
        path: B256::ZERO,
        item,
    }
}

/// The first so many guardians of a set.
pub(crate) const FEW: &[usize] = &[0, 1];
pub(crate) const MANY: &[usize] = &[0, 1, 2, 3];

#[derive(Clone)]
pub(crate) struct Trace {
    about: String,
    keys: Vec<(Address, SigningKey)>,
    guardians: Vec<Address>,
    small: u8,
    large: u8,
    set: u64,
    /// Which keys sign: those of the first set, or of the second.
    offset: usize,
    pub(crate) now: u64,
    nonce: u64,
    pub(crate) ops: Vec<Op>,
    probes: Vec<Probe>,
    charged: Vec<Charged>,
}

impl Trace {
    pub(crate) fn new(about: &str) -> Self {
        let keys = keys();
        let guardians = keys[..GUARDIANS].iter().map(|(address, _)| *address).collect();
        Self::with_set(about, guardians, SMALL, LARGE)
    }

    pub(crate) fn with_set(about: &str, guardians: Vec<Address>, small: u8, large: u8) -> Self {
        Self {
            about: about.to_string(),
            keys: keys(),
            guardians,
            small,
            large,
            set: 1,
            offset: 0,
            now: START,
            nonce: 0,
            ops: Vec::new(),
            probes: Vec::new(),
            charged: Vec::new(),
        }
    }

    /// Time passes.
    pub(crate) fn wait(mut self, seconds: u64) -> Self {
        self.now += seconds;
        self
    }

    pub(crate) fn halt(self, at: At, seconds: u64, signers: &[usize]) -> Self {
        self.signed(HALT, at, seconds, signers)
    }

    pub(crate) fn confirm(self, at: At, seconds: u64, signers: &[usize]) -> Self {
        self.signed(CONFIRM, at, seconds, signers)
    }

    pub(crate) fn schedule(self, at: At, serial: u64, signers: &[usize]) -> Self {
        self.signed(SCHEDULE, at, serial, signers)
    }

    pub(crate) fn execute(mut self, at: At) -> Self {
        let op = self.step(EXECUTE, at, 0);
        self.ops.push(op);
        self
    }

    pub(crate) fn breach(mut self, at: At) -> Self {
        let op = self.step(BREACH, at, 0);
        self.ops.push(op);
        self
    }

    pub(crate) fn cancel(mut self, sequence: u64, signers: &[usize]) -> Self {
        let nowhere = At {
            kind: 0,
            path: B256::ZERO,
            item: B256::ZERO,
        };
        let mut op = self.step(CANCEL, nowhere, 0);
        op.packet = packet(sequence).into();
        self.ops.push(op);
        self.resign(signers)
    }

    /// Governance replaces the set by the second one.
    pub(crate) fn rotate(mut self) -> Self {
        let next = self.keys[GUARDIANS..]
            .iter()
            .map(|(address, _)| *address)
            .collect();
        self = self.rotate_to(next, SMALL, LARGE);
        self.offset = GUARDIANS;
        self
    }

    pub(crate) fn rotate_to(mut self, next: Vec<Address>, small: u8, large: u8) -> Self {
        let nowhere = At {
            kind: 0,
            path: B256::ZERO,
            item: B256::ZERO,
        };
        let mut op = self.step(ROTATE, nowhere, 0);
        (op.guardians, op.small, op.large) = (next, small, large);
        self.ops.push(op);
        self.set += 1;
        self
    }

    /// Changes the last step without signing it again.
    pub(crate) fn tamper(mut self, change: impl FnOnce(&mut Op)) -> Self {
        change(self.ops.last_mut().unwrap());
        self
    }

    /// Changes the last step and signs it again.
    pub(crate) fn change(self, signers: &[usize], change: impl FnOnce(&mut Op)) -> Self {
        self.tamper(change).resign(signers)
    }

    /// Signs the last step again.
    pub(crate) fn resign(self, signers: &[usize]) -> Self {
        let set = self.set;
        self.resign_for(signers, CHAIN_ID, CONTRACT, set)
    }

    /// Signs the last step for another place.
    pub(crate) fn resign_for(
        mut self,
        signers: &[usize],
        chain_id: u64,
        contract: Address,
        set: u64,
    ) -> Self {
        let op = self.ops.last_mut().unwrap();
        let digest = digest(op, chain_id, contract, set);
        let signatures = signers
            .iter()
            .map(|at| sign(&self.keys[self.offset + at].1, digest).into());
        op.signatures = signatures.collect();
        self
    }

    /// The last step once more.
    pub(crate) fn repeat(mut self) -> Self {
        let mut op = self.ops.last().unwrap().clone();
        op.now = self.now;
        self.ops.push(op);
        self
    }

    /// At the end the scope is halted until then.
    pub(crate) fn until(mut self, at: At, until: u64) -> Self {
        self.probes.push(Probe {
            scope: at.kind,
            path: at.path,
            item: at.item,
            until,
        });
        self
    }

    /// At the end so much of the account's time is used up.
    pub(crate) fn charged(mut self, account: B256, charged: u64) -> Self {
        self.charged.push(Charged { account, charged });
        self
    }

    pub(crate) fn file(&self) -> Value {
        let hex = |bytes: Vec<u8>| json!(format!("0x{}", hex::encode(bytes)));
        let (paths, lights): (Vec<_>, Vec<_>) = paths().into_iter().unzip();
        json!({
            "about": self.about,
            "kind": "trace",
            "chainId": CHAIN_ID,
            "contract": hex(CONTRACT.to_vec()),
            "guardians": hex(self.guardians.abi_encode()),
            "small": self.small,
            "large": self.large,
            "paths": hex(paths.abi_encode()),
            "lights": hex(lights.abi_encode()),
            "story": self.ops.iter().map(story).collect::<Vec<_>>(),
            "ops": hex(self.ops.abi_encode()),
            "probes": hex(self.probes.abi_encode()),
            "charged": hex(self.charged.abi_encode()),
            "end": self.now,
        })
    }

    fn signed(mut self, what: u8, at: At, number: u64, signers: &[usize]) -> Self {
        let op = self.step(what, at, number);
        self.ops.push(op);
        self.resign(signers)
    }

    fn step(&mut self, what: u8, at: At, number: u64) -> Op {
        self.nonce += 1;
        Op {
            what,
            now: self.now,
            scope: at.kind,
            path: at.path,
            item: at.item,
            number,
            nonce: self.nonce,
            expiry: self.now + DAY,
            ..nothing()
        }
    }
}

fn nothing() -> Op {
    Op {
        what: 0,
        now: 0,
        scope: 0,
        path: B256::ZERO,
        item: B256::ZERO,
        number: 0,
        nonce: 0,
        expiry: 0,
        signatures: Vec::new(),
        packet: Vec::new().into(),
        guardians: Vec::new(),
        small: 0,
        large: 0,
    }
}

/// A step for readers.
fn story(op: &Op) -> String {
    let names = [
        "",
        "halt",
        "confirm",
        "schedule resume of",
        "execute resume of",
        "cancel",
        "rotate",
        "breach of",
    ];
    let kinds = [
        "",
        "client",
        "client contract",
        "asset",
        "direction",
        "application",
        "all",
        "token",
    ];
    let (name, kind) = (
        names[usize::from(op.what)],
        kinds.get(usize::from(op.scope)).unwrap_or(&"?"),
    );
    let (after, signers) = (op.now - START, op.signatures.len());
    format!(
        "after {after} s: {name} {kind} {}, {signers} signatures",
        op.number
    )
}
