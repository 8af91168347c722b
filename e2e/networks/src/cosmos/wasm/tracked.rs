//! The beacon chain that the contract follows: young, with the lengths and committees of the real one, and keys that we know.

use std::time::{SystemTime, UNIX_EPOCH};

use alloy_primitives::{B256, keccak256};
use anyhow::{Context, Result, anyhow};
use ethereum::codec::{encode_bootstrap, encode_evidence, encode_update};
use ethereum::testing::{Draft, World, filler};
use ethereum::{Bls, Blst, Epoch, Evidence, Fork, ForkSchedule, G2, Layout, Network, Times, Update};
use guardian_core::digest::{Statement, Ticket};
use guardian_core::{Scope, ScopeKind};
use scenarios::guardians::{Guardians, LARGE_QUORUM, SMALL_QUORUM};
use wasm_client::{Approval, Genesis, GuardWord, Message, NextSet};
use wire::path::{self, Path};
use wire::sign::Domain;
use wire::{ClientId, Seconds, Sequence};

use super::forms::{ClientState, ConsensusState};

const SECONDS_PER_SLOT: u64 = 12;
const EPOCH: u64 = 32;
const EPOCHS_PER_PERIOD: u64 = 256;
/// Seats of a committee.
const SEATS: u32 = 512;
/// Slot of the first bootstrap: in period 3.
const START: u64 = 3 * EPOCHS_PER_PERIOD * EPOCH + 2 * EPOCH;
/// Slots from there to the chain's head, when this begins.
const AGE_SLOTS: u64 = 5 * EPOCH;
/// The most seats of 512 that may be absent.
const ABSENT_MAX: usize = 170;
/// A length at which the attested header is not complete.
const WITHIN_THE_HEADER: usize = 64;
/// How long a halt lasts, and its signatures count.
const HALT_SECONDS: u64 = 3600;

/// A beacon chain, and the guardians of the clients that follow it.
pub(super) struct Tracked {
    world: World,
    path: Path,
    value: B256,
    guardians: Guardians,
    now: u64,
}

/// A commitment, and its proof.
pub(super) struct Proof {
    pub(super) slot: u64,
    pub(super) path: Vec<u8>,
    pub(super) value: B256,
    pub(super) nodes: Vec<u8>,
}

impl Tracked {
    pub(super) fn new() -> Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let age = (START + AGE_SLOTS) * SECONDS_PER_SLOT;
        let genesis = now.checked_sub(age).context("the clock is not set")?;
        let times = Times {
            genesis: Seconds(genesis),
            seconds_per_slot: SECONDS_PER_SLOT,
            slots_per_epoch: EPOCH,
            epochs_per_period: EPOCHS_PER_PERIOD,
        };
        let forks = ForkSchedule::new([Fork {
            epoch: Epoch(0),
            version: [6, 0, 0, 0x57],
            layout: Layout::Electra,
        }])?;
        let mut world = World::new(Network::custom(times, filler("validators", &[]), SEATS, forks)?);
        let (client, sequence) = (ClientId::new("client-0")?, Sequence::new(1)?);
        let path = path::commitment(&client, sequence);
        let value = filler("commitment", &[1]);
        world.storage.insert(path.evm_slot(wire::COMMITMENTS_SLOT), value);
        Ok(Self {
            world,
            path,
            value,
            guardians: Guardians::new()?,
            now,
        })
    }

    /// What a client is created with that starts so many epochs after the first.
    pub(super) fn genesis(&self, checksum: &[u8], epochs: u64) -> Result<(ClientState, ConsensusState)> {
        let genesis = Genesis {
            config: self.world.config(),
            guardians: NextSet {
                small: SMALL_QUORUM.try_into()?,
                large: LARGE_QUORUM.try_into()?,
                guardians: self.guardians.members(),
            },
        };
        let state = ClientState {
            data: genesis.to_bytes(),
            checksum: checksum.to_vec(),
            latest_height: None,
        };
        let bootstrap = self.world.bootstrap(START + epochs * EPOCH);
        let data = encode_bootstrap(&bootstrap);
        Ok((state, ConsensusState { data }))
    }

    /// Updates that are accepted one after the other, and what is special about each.
    pub(super) fn updates(&self) -> Result<Vec<(&'static str, Vec<u8>)>> {
        let absent = (0..ABSENT_MAX).map(|seat| seat * 3 + 1);
        let drafts = [
            ("signed by all 512", draft(1)),
            ("signed by all 512, with the next committee", draft(2).rotating()),
            ("signed by 342 of 512", draft(3).without(absent)),
        ];
        let written = drafts.map(|(what, draft)| (what, encode_update(&self.world.update(&draft))));
        Ok(written.into())
    }

    /// The update after the start of the substitute.
    pub(super) fn last_update(&self) -> Result<Vec<u8>> {
        Ok(encode_update(&self.world.update(&draft(2))))
    }

    /// Updates that are refused, and the rule that each breaks.
    pub(super) fn forged(&self) -> Result<Vec<(&'static str, Vec<u8>)>> {
        let good = self.world.update(&draft(1));
        let other = self.world.update(&draft(2));
        let changed = |change: &dyn Fn(&mut Update)| {
            let mut update = good.clone();
            change(&mut update);
            encode_update(&update)
        };
        let outside = outside_the_group()?;
        // Fewer sync bits would do only mostly: a byte of the signature takes their place, and may call for just as many keys.
        let mut truncated = encode_update(&good);
        truncated.truncate(WITHIN_THE_HEADER);
        let few = self.world.update(&draft(1).without(0..=ABSENT_MAX));
        let late = Draft {
            signature: START + 10 * AGE_SLOTS,
            ..draft(1)
        };
        Ok(vec![
            (
                "BadSignature",
                changed(&|update| update.signature = other.signature),
            ),
            ("BadPoint", changed(&|update| update.signature = outside)),
            ("BadPoint", changed(&|update| update.signature.0[191] ^= 1)),
            ("NotEnoughSigners", encode_update(&few)),
            ("FromTheFuture", encode_update(&self.world.update(&late))),
            (
                "FinalityBranch",
                changed(&|update| update.finality_branch.reverse()),
            ),
            (
                "AccountProof",
                changed(&|update| {
                    update.account_proof.pop();
                }),
            ),
            ("Malformed", truncated),
        ])
    }

    /// Two finalized headers of one slot.
    pub(super) fn evidence(&self) -> Result<Vec<u8>> {
        let fork = self.world.changed(|world| world.salt = 1);
        let bare = |world: &World| Update {
            account_proof: Vec::new(),
            ..world.update(&draft(1))
        };
        let evidence = Evidence {
            first: bare(&self.world),
            second: bare(&fork),
        };
        encode_evidence(&evidence).context("evidence is longer than 4 GiB")
    }

    /// A commitment under the first update's state.
    pub(super) fn proof(&self) -> Proof {
        let slot = self.path.evm_slot(wire::COMMITMENTS_SLOT);
        Proof {
            slot: START + EPOCH,
            path: self.path.to_bytes(),
            value: self.value,
            nodes: self.world.storage_proof(slot).bytes(),
        }
    }

    /// So many guardians halt a client for an hour.
    pub(super) fn halt(&self, chain: &str, client: &str, signers: usize) -> Result<Message> {
        let statement = Statement::Halt(scope(client), HALT_SECONDS);
        let approval = self.approve(chain, client, signers, statement, 1)?;
        Ok(Message::Guard(GuardWord::Halt(HALT_SECONDS, approval)))
    }

    /// So many guardians schedule that its first halt is taken off.
    pub(super) fn resume(&self, chain: &str, client: &str, signers: usize) -> Result<Message> {
        let approval = self.approve(chain, client, signers, Statement::Resume(scope(client), 1), 2)?;
        Ok(Message::Guard(GuardWord::ScheduleResume(1, approval)))
    }

    fn approve(
        &self,
        chain: &str,
        client: &str,
        signers: usize,
        statement: Statement,
        nonce: u64,
    ) -> Result<Approval> {
        let expiry = self.now + HALT_SECONDS;
        let domain = Domain {
            chain: keccak256(chain),
            contract: keccak256(client),
            set: 1,
        };
        let signed = self
            .guardians
            .sign(signers, statement, &domain, Ticket { nonce, expiry })?;
        let signatures = signed.iter().map(|bytes| bytes.as_ref().try_into());
        Ok(Approval {
            nonce,
            expiry,
            signatures: signatures
                .collect::<Result<_, _>>()
                .map_err(|error| anyhow!("a signature has another length: {error}"))?,
        })
    }
}

/// Signed by all; finalizes the checkpoint so many epochs after the start.
fn draft(epochs: u64) -> Draft {
    Draft::new(START + epochs * EPOCH, START + (epochs + 1) * EPOCH)
}

fn scope(client: &str) -> Scope {
    Scope {
        kind: ScopeKind::Client,
        path: keccak256(client),
        item: B256::ZERO,
    }
}

/// A point on the curve of signatures that is not in their group, as nearly all of them are not.
fn outside_the_group() -> Result<G2> {
    (0..=u8::MAX)
        .find_map(|tried| {
            let mut compressed = [0; 96];
            compressed[0] = 0x80;
            compressed[95] = tried;
            Blst.decompress_signature(&compressed)
        })
        .context("no small x has a point")
}
