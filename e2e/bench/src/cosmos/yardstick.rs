//! How fast the chains themselves are: the same messages, proven and signed beforehand, and only broadcast.
//!
//! Nothing can prove a packet that is not sent yet, nor an acknowledgement that is not written. So there are three legs, and
//! the clock runs only while transactions travel into blocks: not while proofs are read and signed in between.

use super::ground::{Ground, served};
use super::lane::{Lane, Protocol, Step};
use super::load::Load;
use super::parcel::{Answer, Parcel};
use super::purse::{Purse, SignedUpTo, hand_over};
use super::store::client_under;
use super::watch::Blocks;
use anyhow::{Context, Result, bail, ensure};
use chain_cosmos::{Event, Results};
use cosmos_chain::hand::{self, Proof, Seen};
use cosmrs::Any;
use endpoints::all_of;
use scenarios::Role;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Messages in a transaction beside the update: as many as the peers have.
const PER_TX: usize = 100;
/// Proofs that are asked for at the same time.
const AT_ONCE: usize = 16;
/// How long a leg may take; not a verdict, only an end.
const LEG_WITHIN: Duration = Duration::from_secs(120);
/// How often a block is asked for.
const WAIT_EVERY: Duration = Duration::from_millis(20);
/// From this many blocks after a state on, a node shows its header with the final commit.
const SHOWN_AFTER: u64 = 2;

/// Time from the first broadcast of a leg to the block with the last of its messages.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Legs {
    /// Transfers.
    pub(super) sends: Duration,
    /// Receives with their proofs, and the update before them.
    pub(super) receives: Duration,
    /// Acknowledgements with their proofs, and the update before them.
    pub(super) acknowledgements: Duration,
}

impl Legs {
    /// What a relayer brings to the chains.
    pub(super) fn relayed(&self) -> Duration {
        self.receives + self.acknowledgements
    }
}

/// What a leg left.
struct Leg {
    took: Duration,
    events: Vec<Event>,
    /// The block with the last of its messages.
    height: u64,
}

/// Carries `packets` over `lane` by hand. No relayer may run on it.
///
/// # Errors
/// A message fails, or a leg does not come to its end.
pub(super) async fn measure(ground: &Ground, load: &mut Load<'_>, lane: &Lane, packets: u64) -> Result<Legs> {
    let clients = clients(ground, lane).await?;
    let arrived = load.arrived(lane).await?;
    let signed = (load.sign(lane, packets).await?, load.signed());
    let sent = leg(ground, 0, lane, Step::Sent, signed, packets).await?;
    let parcels = sent.events.iter().map(|event| Parcel::read(lane, event));
    let parcels: Vec<Parcel> = parcels.collect::<Result<_>>()?;

    let keys = parcels.iter().map(Parcel::commitment_key).collect();
    let shown = Shown::read(ground, 1, &clients[1], keys, sent.height).await?;
    let signed = shown.sign(|position, proof, signer| {
        let parcel = parcels.get(position).context("a packet for each proof")?;
        Ok(parcel.receive(proof, signer))
    })?;
    let received = leg(ground, 1, lane, Step::Received, signed, packets).await?;
    load.check_arrived(lane, arrived, packets).await?;
    let answers = received.events.iter().map(|event| Answer::read(lane, event));
    let answers: BTreeMap<u64, Answer> = answers.collect::<Result<_>>()?;

    let keys = parcels.iter().map(Parcel::answer_key).collect();
    let shown = Shown::read(ground, 0, &clients[0], keys, received.height).await?;
    let signed = shown.sign(|position, proof, signer| {
        let parcel = parcels.get(position).context("a packet for each proof")?;
        let answer = answers
            .get(&parcel.sequence())
            .context("a packet without answer")?;
        let message = parcel.acknowledge(answer, proof, signer);
        message.context("an answer of the other generation")
    })?;
    let settled = leg(ground, 0, lane, Step::Acknowledged, signed, packets).await?;
    Ok(Legs {
        sends: sent.took,
        receives: received.took,
        acknowledgements: settled.took,
    })
}

/// The clients at both ends of a lane.
async fn clients(ground: &Ground, lane: &Lane) -> Result<[String; 2]> {
    if lane.protocol == Protocol::V2 {
        return Ok(lane.ends.clone());
    }
    let [source, destination] = ground.rpcs()?;
    Ok([
        client_under(source, &lane.ends[0]).await?,
        client_under(destination, &lane.ends[1]).await?,
    ])
}

/// Broadcasts `signed` on one of the chains until `step` happened to `count` packets.
async fn leg(
    ground: &Ground,
    side: usize,
    lane: &Lane,
    step: Step,
    (signed, last): (Vec<Vec<u8>>, SignedUpTo),
    count: u64,
) -> Result<Leg> {
    let rpc = ground.rpcs()?[side];
    let mut blocks = Blocks::from_now(rpc).await?;
    let start = Instant::now();
    let (mut events, mut height) = (Vec::new(), 0);
    let take = |results: &Results| {
        if let Some(failed) = results.txs_results.iter().find(|result| result.code != 0) {
            bail!("a transaction failed in block {}: {}", results.height, failed.log);
        }
        events.extend(lane.events(results, step).cloned());
        height = results.height;
        Ok(events.len() as u64 == count)
    };
    let look = async || last.look(rpc).await;
    let (_, ended) = tokio::try_join!(
        hand_over(rpc, &signed),
        blocks.until(look, take, start + LEG_WITHIN)
    )?;
    let ended =
        ended.with_context(|| format!("{count} packets do not come to {step:?} before the time is over"))?;
    Ok(Leg {
        took: ended.saturating_duration_since(start),
        events,
        height,
    })
}

/// What one chain is shown of the other: an update of its client, and proofs under the root that it then knows.
struct Shown {
    purse: Purse,
    update: Any,
    proofs: Vec<Proof>,
}

impl Shown {
    /// Reads what the other chain stored under `keys` up to the block of `height`, for `client` of the chain `side`.
    async fn read(
        ground: &Ground,
        side: usize,
        client: &str,
        keys: Vec<Vec<u8>>,
        height: u64,
    ) -> Result<Self> {
        let (own, other) = (ground.seen(side)?, ground.seen(1 - side)?);
        wait_for(&other, height + SHOWN_AFTER).await?;
        let purse = ground.purse(side, Role::Relayer).await?;
        let trusted = own.believed(client).await?;
        let header = other.header(trusted, height + 1).await?;
        let update = hand::update(client, &header, &purse.address);
        let mut proofs = Vec::with_capacity(keys.len());
        for some in keys.chunks(AT_ONCE) {
            let asked = some.iter().map(|key| other.proof(key, height)).collect();
            for proof in all_of(asked).await {
                proofs.push(proof?);
            }
        }
        Ok(Self {
            purse,
            update,
            proofs,
        })
    }

    /// Signs what `message` makes of each proof, the update first.
    fn sign(
        mut self,
        message: impl Fn(usize, Proof, &str) -> Result<Any>,
    ) -> Result<(Vec<Vec<u8>>, SignedUpTo)> {
        let signer = self.purse.address.clone();
        let messages = self.proofs.into_iter().enumerate();
        let messages = messages.map(|(position, proof)| message(position, proof, &signer));
        let messages: Vec<Any> = messages.collect::<Result<_>>()?;
        let mut update = Some(self.update);
        let chunks = messages.chunks(PER_TX);
        let filled = chunks.map(|chunk| update.take().into_iter().chain(chunk.iter().cloned()).collect());
        let signed: Vec<Vec<u8>> = filled
            .map(|messages| self.purse.sign(messages))
            .collect::<Result<_>>()?;
        Ok((signed, self.purse.signed()))
    }
}

/// Waits until a chain has the block of `height`.
async fn wait_for(chain: &Seen<'_>, height: u64) -> Result<()> {
    let until = Instant::now() + LEG_WITHIN;
    while served(chain.rpc.status().await.map(Ok))?.latest < height {
        ensure!(Instant::now() < until, "block {height} does not come");
        tokio::time::sleep(WAIT_EVERY).await;
    }
    Ok(())
}
