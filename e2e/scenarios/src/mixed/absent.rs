//! Attacks by somebody who wants a refund for what has arrived: absences of a receipt that is there, made out of proofs that are genuine.
//!
//! A proof of absence shows the entries on both sides of where the key would be. Whoever may ask a node about any key has genuine
//! proofs of entries further away, and of the receipt itself; which of them are neighbours, only the client can tell. A packet that
//! was never sent is proven absent with the same header first: it has to come further than any forgery does.

use super::forged::GAS;
use crate::attacks::mixed_rule;
use crate::post::{Post, Target, or_wait, until};
use crate::report::AttackResult;
use alloy::primitives::{B256, Bytes};
use anyhow::{Context, Result, bail, ensure};
use chain::{
    AnyPacket, ClientUpdate, Message, MessageKind, Proof, Submission, SubmissionId, Unreceived, UpdatePlan,
};
use cosmos_store::MerkleProof;
use ics23::commitment_proof::Proof as Kind;
use ics23::{CommitmentProof, ExistenceProof, NonExistenceProof};
use merkle::{Proven, Reject, ics23 as law};
use prost::Message as _;
use tokio::time::Instant;
use wire::{Packet, Sequence};

/// What the attack is called.
pub(super) const NAME: &str = "cosmos-forged-absence";
/// What is said of a packet that is truly absent and may still arrive.
const TOO_EARLY: &str = "TimeoutNotReached";
/// The store of a Cosmos chain that has the packets.
const STORE: &[u8] = b"ibc";

/// Genuine proofs of one state.
pub(super) struct Genuine {
    plan: UpdatePlan,
    app_hash: B256,
    key: Vec<u8>,
    receipt: ExistenceProof,
    /// Of a key before the receipt, and of one behind it.
    before: NonExistenceProof,
    behind: NonExistenceProof,
    store: CommitmentProof,
}

/// An absence that is none.
struct Forgery {
    what: &'static str,
    left: Option<ExistenceProof>,
    right: Option<ExistenceProof>,
    /// What the law says to it.
    law: &'static str,
}

/// Tries to have a packet paid back to its sender that was sent on the chain of `host` and has arrived on that of `tracked`.
///
/// # Errors
/// A forgery would go through, the law refuses it by another rule than it is made to break, a true absence comes no further, or a node
/// does not answer.
pub(super) async fn attack(host: &Post, tracked: &Post, target: Target) -> Result<AttackResult> {
    let deadline = Instant::now() + target.within;
    let packet = host
        .sent(target)
        .await?
        .context("the packet was delivered, and is not sent")?;
    let AnyPacket::Client(packet) = packet else {
        bail!("a packet of a channel");
    };
    let genuine = Genuine::wait(host, tracked, packet.sequence, deadline).await?;
    genuine.check_true_absence(host, &packet).await?;
    let rule = mixed_rule(NAME)?;
    for forgery in genuine.forgeries() {
        let said = genuine.try_forgery(host, &packet, &forgery).await;
        let said = said.with_context(|| format!("{NAME}, {}", forgery.what))?;
        if !said.contains(rule) {
            return Ok(result(false, format!("{}: {said}", forgery.what)));
        }
    }
    Ok(result(true, rule.to_owned()))
}

fn result(refused: bool, rule: String) -> AttackResult {
    AttackResult {
        name: NAME.to_owned(),
        refused,
        rule,
    }
}

impl Genuine {
    /// The same, once there is such a state and `host` takes it.
    pub(super) async fn wait(
        host: &Post,
        tracked: &Post,
        sequence: Sequence,
        deadline: Instant,
    ) -> Result<Self> {
        let begun = Instant::now();
        let genuine = until(deadline, async || {
            let genuine = Self::build(host, tracked, sequence).await?;
            Ok(or_wait(genuine, || {
                let past = Instant::now().saturating_duration_since(begun).as_secs();
                format!("{past} s after packet {sequence} was delivered no state that shows it can be proven")
            }))
        })
        .await?;
        host.keep_pace(tracked, deadline).await?;
        Ok(genuine)
    }

    /// What shows the client that a packet that has arrived has not: entries that are no neighbours.
    pub(super) fn no_neighbours(&self, host: &Post, packet: &Packet) -> Submission {
        self.timeout(host, packet.clone(), self.absence(&self.far_apart()))
    }

    fn far_apart(&self) -> Forgery {
        Forgery {
            what: "entries that are no neighbours",
            left: self.before.left.clone(),
            right: self.behind.right.clone(),
            law: "not_neighbours",
        }
    }

    /// Proofs of a state that is new to the client and has the receipt.
    async fn build(host: &Post, tracked: &Post, sequence: Sequence) -> Result<Option<Self>> {
        let finalized = tracked.head().await?.finalized.height;
        let Some(plan) = host.plan(&tracked.port, finalized).await? else {
            return Ok(None);
        };
        let (end, last) = (tracked.end(), Sequence::new(u64::MAX)?);
        let key = end.receipt(sequence);
        let keys = vec![key.clone(), end.commitment(last), end.receipt(last)];
        let proofs = tracked.prove(keys, plan.reached.height).await?;
        let [receipt, before, behind] = proofs.as_slice() else {
            bail!("{} proofs of three keys", proofs.len());
        };
        if receipt.value.is_none() {
            return Ok(None);
        }
        let [receipt, store] = read(receipt)?;
        Ok(Some(Self {
            app_hash: app_hash(&plan)?,
            plan,
            key: key.to_bytes(),
            receipt: present(receipt)?,
            before: absent(before)?,
            behind: absent(behind)?,
            store,
        }))
    }

    fn forgeries(&self) -> [Forgery; 4] {
        let (further, next) = (&self.before.left, &self.behind.right);
        let own = Some(self.receipt.clone());
        let forgery = |what, left: &Option<ExistenceProof>, right: &Option<ExistenceProof>, law| Forgery {
            what,
            left: left.clone(),
            right: right.clone(),
            law,
        };
        [
            self.far_apart(),
            forgery("an entry with nothing behind it", further, &None, "not_last"),
            forgery("an entry with nothing before it", &None, next, "not_first"),
            forgery("an entry before itself", &own, next, "left_not_before"),
        ]
    }

    /// A packet that was never sent: that it is not there is believed, and that its time has passed is not.
    async fn check_true_absence(&self, host: &Post, packet: &Packet) -> Result<()> {
        let mut never = packet.clone();
        never.sequence = Sequence::new(u64::MAX)?;
        let said = self
            .refusal(host, never, Kind::Nonexist(self.behind.clone()))
            .await?;
        ensure!(
            said.contains(TOO_EARLY),
            "to a true absence the chain says {said}, not {TOO_EARLY}"
        );
        Ok(())
    }

    async fn try_forgery(&self, host: &Post, packet: &Packet, forgery: &Forgery) -> Result<String> {
        let shown = self.absence(forgery);
        let bytes = self.chained(shown.clone());
        let rule = match law::prove(self.app_hash, STORE, &self.key, &bytes) {
            Err(Reject::Ics23(fault)) => fault.rule(),
            Ok(Proven::Absent) => bail!("the law believes it"),
            other => bail!("the law says {other:?}"),
        };
        ensure!(rule == forgery.law, "the law says {rule}, not {}", forgery.law);
        self.refusal(host, packet.clone(), shown).await
    }

    /// Nothing is under the key of the receipt, by what `forgery` shows.
    fn absence(&self, forgery: &Forgery) -> Kind {
        Kind::Nonexist(NonExistenceProof {
            key: self.key.clone(),
            left: forgery.left.clone(),
            right: forgery.right.clone(),
        })
    }

    /// What the chain says to a timeout of `packet`.
    async fn refusal(&self, host: &Post, packet: Packet, shown: Kind) -> Result<String> {
        host.refusal(self.timeout(host, packet, shown)).await
    }

    fn timeout(&self, host: &Post, packet: Packet, shown: Kind) -> Submission {
        let timeout = Message {
            kind: MessageKind::Timeout(Unreceived::default()),
            packet: AnyPacket::Client(packet),
            proof: Bytes::from(self.chained(shown)),
            height: self.plan.reached.height,
            gas: GAS,
        };
        Submission {
            id: SubmissionId(1),
            updates: host.updates(&self.plan),
            messages: vec![timeout],
            pool: None,
        }
    }

    fn chained(&self, shown: Kind) -> Vec<u8> {
        let of_key = CommitmentProof { proof: Some(shown) };
        let proofs = vec![of_key, self.store.clone()];
        MerkleProof { proofs }.encode_to_vec()
    }
}

/// The root of the state that a client knows at the end of `plan`.
fn app_hash(plan: &UpdatePlan) -> Result<B256> {
    match plan.updates.last() {
        Some(ClientUpdate::Tendermint(update)) => Ok(B256::try_from(update.header.app_hash.as_slice())?),
        other => bail!("no header of a Cosmos chain: {other:?}"),
    }
}

fn read(proof: &Proof) -> Result<[CommitmentProof; 2]> {
    let proofs = MerkleProof::decode(proof.nodes.clone())?.proofs;
    let count = proofs.len();
    let two = <[CommitmentProof; 2]>::try_from(proofs).ok();
    two.with_context(|| format!("a proof of {count} steps"))
}

fn present(proof: CommitmentProof) -> Result<ExistenceProof> {
    match proof.proof {
        Some(Kind::Exist(shown)) => Ok(shown),
        other => bail!("no proof that something is there: {other:?}"),
    }
}

fn absent(proof: &Proof) -> Result<NonExistenceProof> {
    let [proof, _] = read(proof)?;
    match proof.proof {
        Some(Kind::Nonexist(shown)) => {
            ensure!(
                shown.left.is_some() && shown.right.is_some(),
                "an absence at the end of the store"
            );
            Ok(shown)
        }
        other => bail!("no proof that something is not there: {other:?}"),
    }
}
