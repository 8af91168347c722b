//! A light client whose cryptography is one hash: the simulator tests the machine, not the law crates. The simulated
//! chains use the very same functions as their contracts, and a lying endpoint does not know the secret.

use alloy_primitives::{Address, B256, keccak256};
use chain::{Blame, ClientUpdate, TrustedState};
use client::{Advance, Status};
use ethereum::{
    Absentees, Committee, Config, Epoch, Execution, Fork, ForkSchedule, G1, G2, Header, Layout, Network,
    Slot, State, Times, Trusted, Update,
};
use relayer_core::{Delays, Footing, Judge, PoolPart, Pooled, ProofAt, Refusal, Stand};
use wire::{Height, Seconds};

pub(crate) const SECONDS_PER_SLOT: u64 = 2;
pub(crate) const SLOTS_PER_EPOCH: u64 = 4;
pub(crate) const EPOCHS_PER_PERIOD: u64 = 8;
pub(crate) const GENESIS: u64 = 1_000_000;

/// What a simulated client trusts: all of them are beacon clients.
pub(crate) fn beacon(trusted: &TrustedState) -> &Trusted {
    match trusted {
        TrustedState::Ethereum(trusted) => trusted,
        TrustedState::Attestors(_) | TrustedState::Tendermint(_) | TrustedState::Policy(_) => {
            panic!("not simulated")
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct SimJudge;

/// What a client of the chain behind `router` starts from.
pub(crate) fn start(router: Address, slot: u64, root: B256, trust_period: u64, now: Seconds) -> Trusted {
    let times = Times {
        genesis: Seconds(GENESIS),
        seconds_per_slot: SECONDS_PER_SLOT,
        slots_per_epoch: SLOTS_PER_EPOCH,
        epochs_per_period: EPOCHS_PER_PERIOD,
    };
    let fork = Fork {
        epoch: Epoch(0),
        version: [6, 0, 0, 0],
        layout: Layout::Electra,
    };
    let forks = ForkSchedule::new([fork]).unwrap();
    let config = Config {
        network: Network::custom(times, B256::repeat_byte(7), 512, forks).unwrap(),
        router,
        commitments_slot: wire::COMMITMENTS_SLOT,
        trust_period: Seconds(trust_period),
        weak_subjectivity: Seconds(trust_period),
        capacity: 64,
    };
    let state = State {
        slot: Slot(slot),
        storage_root: root,
        learned_at: now,
    };
    Trusted::from_parts(config, Slot(slot), [state], [], false).unwrap()
}

fn seal(router: Address, slot: u64, root: B256) -> B256 {
    keccak256(
        [
            b"sealed".as_slice(),
            router.as_slice(),
            &slot.to_be_bytes(),
            root.as_slice(),
        ]
        .concat(),
    )
}

/// A genuine update of the chain behind `router` to `slot`, signed at slot `signed`.
pub(crate) fn update(router: Address, slot: u64, root: B256, signed: u64) -> Update {
    let header = Header {
        slot: Slot(slot),
        ..Header::default()
    };
    Update {
        signature_slot: Slot(signed),
        attested: Header {
            body_root: seal(router, slot, root),
            ..header
        },
        finalized: header,
        execution: Execution {
            state_root: root,
            branch: [B256::ZERO; 9],
        },
        signers: Vec::new(),
        signature: G2([0; 192]),
        committee: Committee {
            aggregate: G1([0; 96]),
            pubkeys_root: B256::ZERO,
        },
        finality_branch: Vec::new(),
        next: None,
        absentees: Absentees::default(),
        account_proof: Vec::new(),
    }
}

/// The genuine proof that `path` holds `value` under `root`.
pub(crate) fn proof(root: B256, path: &wire::Path, value: Option<B256>) -> Vec<u8> {
    let value = value.map(|value| value.to_vec()).unwrap_or_default();
    keccak256([b"proof".as_slice(), root.as_slice(), &path.to_bytes(), &value].concat()).to_vec()
}

/// The genuine pool that shows these values under `root`.
pub(crate) fn pool(root: B256, shown: &[(wire::Path, Option<B256>)]) -> Vec<u8> {
    let proofs = shown.iter().flat_map(|(path, value)| proof(root, path, *value));
    keccak256([b"pool".to_vec(), proofs.collect()].concat()).to_vec()
}

/// The order in which a pool takes paths.
pub(crate) fn order(paths: &[&wire::Path]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..paths.len()).collect();
    order.sort_by_key(|at| paths[*at].evm_key());
    order
}

fn refuse<T>(blame: Blame, text: &str) -> Result<T, Refusal> {
    Err(Refusal::new(blame, text))
}

fn usable(trusted: &Trusted, now: Seconds) -> Result<(), Refusal> {
    match ethereum::status(trusted, now) {
        Status::Active => Ok(()),
        Status::Expired => refuse(Blame::Operator, "expired"),
        Status::Frozen => refuse(Blame::Operator, "frozen"),
    }
}

impl SimJudge {
    fn show(
        &self,
        trusted: &TrustedState,
        at: ProofAt<'_>,
        value: Option<B256>,
        now: Seconds,
    ) -> Result<Seconds, Refusal> {
        let trusted = beacon(trusted);
        usable(trusted, now)?;
        let slot = Slot(at.height.revision_height);
        let Some(state) = trusted.state_at(slot) else {
            return refuse(Blame::Peer, "unknown height");
        };
        if at.bytes != proof(state.storage_root, at.path, value) {
            return refuse(Blame::Peer, "false proof");
        }
        Ok(trusted.config.network.time_of(slot).unwrap())
    }
}

impl Judge for SimJudge {
    fn advance(
        &self,
        trusted: &TrustedState,
        update: &ClientUpdate,
        now: Seconds,
    ) -> Result<Advance<TrustedState>, Refusal> {
        let old = beacon(trusted);
        let ClientUpdate::Ethereum(update) = update else {
            return refuse(Blame::Us, "the simulated clients are beacon clients");
        };
        usable(old, now)?;
        let (slot, root) = (update.finalized.slot, update.execution.state_root);
        if update.attested.body_root != seal(old.config.router, slot.0, root) {
            return refuse(Blame::Peer, "bad signature");
        }
        let signed = old.config.network.time_of(update.signature_slot).unwrap();
        if signed > now {
            return Err(Refusal {
                ripe: Some(signed),
                ..Refusal::new(Blame::Chain, "from the future")
            });
        }
        let period = |slot| old.config.network.period_of(slot).0;
        if period(slot) > period(old.newest) + 1 {
            return refuse(Blame::Peer, "unknown committee");
        }
        if let Some(known) = old.state_at(slot) {
            return Ok(if known.storage_root == root {
                Advance::NoOp
            } else {
                Advance::Misbehaviour(trusted.clone())
            });
        }
        let state = State {
            slot,
            storage_root: root,
            learned_at: now,
        };
        let states: Vec<State> = old.states().copied().chain([state]).collect();
        let newest = Slot(old.newest.0.max(slot.0));
        let Ok(new) = Trusted::from_parts(old.config.clone(), newest, states, [], false) else {
            return refuse(Blame::Us, "the ring reaches not that far behind");
        };
        Ok(Advance::Updated(TrustedState::Ethereum(Box::new(new))))
    }

    fn member(
        &self,
        trusted: &TrustedState,
        at: ProofAt<'_>,
        value: &[u8],
        now: Seconds,
    ) -> Result<Seconds, Refusal> {
        self.show(trusted, at, Some(B256::left_padding_from(value)), now)
    }

    fn absent(&self, trusted: &TrustedState, at: ProofAt<'_>, now: Seconds) -> Result<Seconds, Refusal> {
        self.show(trusted, at, None, now)
    }

    fn pool(
        &self,
        trusted: &TrustedState,
        height: Height,
        parts: &[PoolPart<'_>],
        now: Seconds,
    ) -> Result<Pooled, Refusal> {
        let paths: Vec<&wire::Path> = parts.iter().map(|part| part.path).collect();
        let order = order(&paths);
        let mut shown = Vec::new();
        for part in order.iter().map(|at| &parts[*at]) {
            let (path, bytes) = (part.path, part.proof);
            self.show(trusted, ProofAt { height, path, bytes }, part.value, now)?;
            shown.push((path.clone(), part.value));
        }
        let trusted = beacon(trusted);
        let root = trusted
            .state_at(Slot(height.revision_height))
            .unwrap()
            .storage_root;
        let bytes = pool(root, &shown).into();
        Ok(Pooled { order, bytes })
    }

    fn footing(&self, trusted: &TrustedState, _now: Seconds, _delays: Delays) -> Option<Footing> {
        let trusted = beacon(trusted);
        let height = Height::of(trusted.newest.0);
        Some(Footing {
            height,
            timestamp: trusted.config.network.time_of(trusted.newest)?,
            basis: height.into(),
        })
    }

    fn stand(&self, trusted: &TrustedState, now: Seconds) -> Option<Stand> {
        let trusted = beacon(trusted);
        Some(Stand {
            status: ethereum::status(trusted, now),
            newest: Height::of(trusted.newest.0),
            timestamp: trusted.config.network.time_of(trusted.newest)?,
            trust_period: trusted.config.trust_period,
        })
    }
}
