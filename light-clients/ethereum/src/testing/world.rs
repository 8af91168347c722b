//! A whole counterparty chain of which any update can be drawn.
//!
//! A block is a function of its slot, the world's salt and the world's storage: two worlds that differ in salt are two
//! forks signed by the same committees, which is what evidence is made of.

use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::RefCell;

use alloy_primitives::{Address, B256, FixedBytes, U256};
use alloy_trie::EMPTY_ROOT_HASH;
use wire::Seconds;

use super::trees::StateFields;
use super::tries::{self, Account, Proven};
use super::{BodyTree, Keys, StateTree, filler};
use crate::blst::Blst;
use crate::checks::signing_root;
use crate::config::{Config, TRUST_PERIOD_DEFAULT, WEAK_SUBJECTIVITY_DEFAULT};
use crate::header::Header;
use crate::network::Network;
use crate::spec::{
    ExecutionPayloadHeader, LightClientBootstrap, LightClientHeader, LightClientUpdate, SyncCommittee,
    compact_bootstrap, compact_update,
};
use crate::units::{Epoch, Period, Slot};
use crate::update::{Bootstrap, Update};

/// Accounts beside the router's.
const OTHER_ACCOUNTS: u64 = 40;

/// What the router's account is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Router {
    /// It exists, with the world's storage.
    Deployed,
    /// It does not exist.
    Absent,
    /// It exists, and has stored nothing.
    Empty,
}

/// Committees by period and salt, made when they are first asked for.
type Committees = BTreeMap<(u64, u64), Rc<Keys>>;

/// A counterparty chain.
#[derive(Clone, Debug)]
pub struct World {
    /// The beacon chain.
    pub network: Network,
    /// The router's address.
    pub address: Address,
    /// What is at that address.
    pub router: Router,
    /// The router's storage.
    pub storage: BTreeMap<B256, B256>,
    /// The router's account in a state trie that was made elsewhere; then `router` and `storage` count for nothing.
    pub state: Option<Proven>,
    /// Tells one fork of this chain from another.
    pub salt: u64,
    /// Tells the committees of one fork from another's; 0 for the honest ones.
    pub committee_salt: u64,
    committees: Rc<RefCell<Committees>>,
}

/// Which update is wanted. Everything is honest as long as nothing is changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Slot of the attested header.
    pub attested: u64,
    /// Slot of the finalized header.
    pub finalized: u64,
    /// Slot of the signature.
    pub signature: u64,
    /// Seats that do not sign.
    pub absent: Vec<usize>,
    /// Whether the next committee is carried.
    pub next: bool,
}

impl Draft {
    /// Signed one slot after `attested`, by all, without the next committee.
    #[must_use]
    pub fn new(finalized: u64, attested: u64) -> Self {
        Self {
            attested,
            finalized,
            signature: attested + 1,
            absent: Vec::new(),
            next: false,
        }
    }

    /// The same with the next committee.
    #[must_use]
    pub fn rotating(self) -> Self {
        Self { next: true, ..self }
    }

    /// The same without the signatures of these seats.
    #[must_use]
    pub fn without(self, absent: impl IntoIterator<Item = usize>) -> Self {
        Self {
            absent: absent.into_iter().collect(),
            ..self
        }
    }
}

/// A block, as far as anybody looks.
struct Block {
    header: LightClientHeader,
    state: StateTree,
}

impl World {
    /// A chain on `network` with a deployed router and some storage.
    #[must_use]
    pub fn new(network: Network) -> Self {
        let storage = (0..24).map(|n| (filler("storage slot", &[n]), filler("storage value", &[n])));
        Self {
            network,
            address: Address::from_word(filler("router", &[])),
            router: Router::Deployed,
            storage: storage.collect(),
            state: None,
            salt: 0,
            committee_salt: 0,
            committees: Rc::default(),
        }
    }

    /// The same chain with one change.
    #[must_use]
    pub fn changed(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut changed = self.clone();
        change(&mut changed);
        changed
    }

    /// A client's configuration for this chain, with the defaults and a ring of 64 states.
    #[must_use]
    pub fn config(&self) -> Config {
        Config {
            network: self.network.clone(),
            router: self.address,
            commitments_slot: wire::COMMITMENTS_SLOT,
            trust_period: TRUST_PERIOD_DEFAULT,
            weak_subjectivity: WEAK_SUBJECTIVITY_DEFAULT,
            capacity: 64,
        }
    }

    /// The time at which `slot` starts.
    ///
    /// # Panics
    /// If that lies beyond all time.
    #[must_use]
    pub fn time(&self, slot: u64) -> Seconds {
        self.network.time_of(Slot(slot)).expect("a slot of a test")
    }

    /// The committee of `period`.
    #[must_use]
    pub fn keys(&self, period: Period) -> Rc<Keys> {
        let id = (period.0, self.committee_salt);
        let mut cache = self.committees.borrow_mut();
        let keys = cache.entry(id).or_insert_with(|| {
            let seed = filler("committee", &[period.0, self.committee_salt]);
            let seed = u64::from_be_bytes(seed[..8].try_into().expect("eight bytes"));
            Rc::new(Keys::new(seed, self.network.committee_size()))
        });
        Rc::clone(keys)
    }

    /// Uses `keys` as the committee of `period`.
    pub fn set_keys(&self, period: Period, keys: Keys) {
        self.committees
            .borrow_mut()
            .insert((period.0, self.committee_salt), Rc::new(keys));
    }

    /// The router's storage root, and the proof of `slot` in it.
    #[must_use]
    pub fn storage_proof(&self, slot: B256) -> Proven {
        tries::storage(&self.storage, slot)
    }

    /// The execution state root, and the proof of the account at `address`.
    #[must_use]
    pub fn account_proof_of(&self, address: Address) -> Proven {
        if let Some(state) = &self.state {
            return state.clone();
        }
        let other = |n| {
            (
                Address::from_word(filler("account", &[n])),
                account(n, EMPTY_ROOT_HASH),
            )
        };
        let mut accounts: BTreeMap<Address, Account> = (0..OTHER_ACCOUNTS).map(other).collect();
        match self.router {
            Router::Deployed => {
                accounts.insert(self.address, account(1, self.storage_proof(B256::ZERO).root));
            }
            Router::Empty => {
                accounts.insert(self.address, account(1, EMPTY_ROOT_HASH));
            }
            Router::Absent => {}
        }
        tries::state(&accounts, address)
    }

    /// The finalized header at `slot`.
    #[must_use]
    pub fn header(&self, slot: u64) -> LightClientHeader {
        self.block(slot, None).header
    }

    /// The bootstrap at `slot`.
    #[must_use]
    pub fn spec_bootstrap(&self, slot: u64) -> LightClientBootstrap {
        let block = self.block(slot, None);
        LightClientBootstrap {
            header: block.header,
            current_sync_committee: self.committee_at(slot),
            current_sync_committee_branch: block.state.current_committee_branch(),
        }
    }

    /// The bootstrap at `slot` in compact form.
    ///
    /// # Panics
    /// If the world was built wrongly.
    #[must_use]
    pub fn bootstrap(&self, slot: u64) -> Bootstrap {
        let proof = self.account_proof_of(self.address);
        compact_bootstrap(&Blst, &self.spec_bootstrap(slot), &proof.nodes).expect("an honest bootstrap")
    }

    /// The update that `draft` describes.
    ///
    /// # Panics
    /// If nobody signs it.
    #[must_use]
    pub fn spec_update(&self, draft: &Draft) -> LightClientUpdate {
        let attested = self.block(draft.attested, Some(draft.finalized));
        let keys = self.keys(self.network.period_of(Slot(draft.signature)));
        let root = signing_root(&self.network, &attested.header.beacon, Slot(draft.signature));
        let bits = keys.bits_without(&draft.absent);
        let next = self.keys(self.period_after(draft.attested)).committee().clone();
        let branch = attested.state.next_committee_branch();
        let (next_sync_committee, next_sync_committee_branch) = if draft.next {
            (next, branch)
        } else {
            absent_committee(&next, &branch)
        };
        LightClientUpdate {
            finality_branch: attested.state.finality_branch(),
            attested_header: attested.header,
            next_sync_committee,
            next_sync_committee_branch,
            finalized_header: self.header(draft.finalized),
            sync_aggregate: keys.sync_aggregate(&bits, root.expect("a fork that is known")),
            signature_slot: Slot(draft.signature),
        }
    }

    /// The update that `draft` describes, in compact form.
    ///
    /// # Panics
    /// If the draft cannot be honest.
    #[must_use]
    pub fn update(&self, draft: &Draft) -> Update {
        let keys = self.keys(self.network.period_of(Slot(draft.signature)));
        let proof = self.account_proof_of(self.address);
        let update = self.spec_update(draft);
        compact_update(&Blst, &self.network, &update, keys.committee(), &proof.nodes)
            .expect("an honest update")
    }

    fn block(&self, slot: u64, finalized: Option<u64>) -> Block {
        let layout = self
            .network
            .forks()
            .at(self.network.epoch_of(Slot(slot)))
            .expect("a known fork")
            .layout;
        let seed = filler("block", &[slot, self.salt]);
        let execution = self.execution(slot, seed);
        let body = BodyTree::new(layout, seed, execution.root());
        let fields = StateFields {
            finalized_epoch: finalized.map_or(Epoch(0), |slot| self.network.checkpoint_of(Slot(slot))),
            finalized_root: finalized.map_or(B256::ZERO, |slot| self.header(slot).beacon.root()),
            current_committee: self.committee_at(slot).root(),
            next_committee: self.keys(self.period_after(slot)).committee().root(),
        };
        let state = StateTree::new(layout, seed, &fields);
        let beacon = Header {
            slot: Slot(slot),
            proposer_index: slot % 97,
            parent_root: filler("parent", &[slot, self.salt]),
            state_root: state.root(),
            body_root: body.root(),
        };
        let header = LightClientHeader {
            beacon,
            execution,
            execution_branch: body.execution_branch(),
        };
        Block { header, state }
    }

    fn execution(&self, slot: u64, seed: B256) -> ExecutionPayloadHeader {
        ExecutionPayloadHeader {
            parent_hash: filler("execution parent", &[slot, self.salt]),
            fee_recipient: Address::from_word(seed),
            state_root: self.account_proof_of(self.address).root,
            receipts_root: filler("receipts", &[slot, self.salt]),
            logs_bloom: FixedBytes::with_last_byte(1),
            prev_randao: filler("randao", &[slot, self.salt]),
            block_number: slot,
            gas_limit: 36_000_000,
            gas_used: slot,
            timestamp: self.time(slot).0,
            extra_data: seed[..7].to_vec().into(),
            base_fee_per_gas: U256::from(7),
            block_hash: filler("execution block", &[slot, self.salt]),
            transactions_root: filler("transactions", &[slot, self.salt]),
            withdrawals_root: filler("withdrawals", &[slot, self.salt]),
            blob_gas_used: 131_072,
            excess_blob_gas: 0,
        }
    }

    fn committee_at(&self, slot: u64) -> SyncCommittee {
        self.keys(self.network.period_of(Slot(slot))).committee().clone()
    }

    fn period_after(&self, slot: u64) -> Period {
        self.network
            .period_of(Slot(slot))
            .next()
            .expect("a period of a test")
    }
}

/// How the specification says "no next committee".
fn absent_committee(like: &SyncCommittee, branch: &[B256]) -> (SyncCommittee, Vec<B256>) {
    let zero = FixedBytes::ZERO;
    let pubkeys = alloc::vec![zero; like.pubkeys.len()];
    (
        SyncCommittee {
            pubkeys,
            aggregate_pubkey: zero,
        },
        alloc::vec![B256::ZERO; branch.len()],
    )
}

fn account(nonce: u64, storage_root: B256) -> Account {
    Account {
        nonce,
        balance: U256::from(nonce).wrapping_mul(U256::from(1_000_000_007)),
        storage_root,
        code_hash: filler("code", &[nonce]),
    }
}
