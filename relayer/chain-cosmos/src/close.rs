//! Closing a channel: one end closes itself, the other one is shown that it did.
//!
//! Whether an end may be closed is up to its application; that of transfers refuses.

use crate::channel::{is_same, state};
use crate::connection::{decoded, shown};
use crate::cosmos::Cosmos;
use crate::handshake::{Draft, Driver, End, Ends, Kind, Progress};
use crate::ibc::{RawHeight, any};
use crate::ibc_channel::{CLOSE_CONFIRM, CLOSE_INIT, Channel, MsgCloseInit, MsgConfirm};
use crate::link::{Link, Target};
use crate::misfit::{HandshakeFault, Misfit, Rule};
use crate::steps::{Next, State};
use chain::Fault;
use core::time::Duration;
use wire::ClientId;
use wire::channel::ChannelEnd;

/// The closing of a channel.
pub struct ChannelClosing<'a> {
    driver: Driver<'a, Closing>,
}

impl<'a> ChannelClosing<'a> {
    /// Prepares it; nothing is asked yet. The first end closes itself, unless the other one has done so already.
    ///
    /// - `clients`: those that the two ends believe.
    pub fn new(chains: [&'a Cosmos; 2], clients: [ClientId; 2], ends: [ChannelEnd; 2]) -> Self {
        let first = ends[0].channel.to_string();
        Self {
            driver: Driver::new(Link::new(chains, clients), Closing { ends }, Some(first)),
        }
    }

    /// Takes the step that is next, or says that both ends are closed.
    pub async fn step(&mut self, patience: Duration) -> Result<Progress<()>, HandshakeFault> {
        Ok(match self.driver.step(patience).await? {
            Progress::Took(taken) => Progress::Took(taken),
            Progress::Done(_) => Progress::Done(()),
        })
    }
}

struct Closing {
    ends: [ChannelEnd; 2],
}

impl Kind for Closing {
    type End = Channel;
    const NAME: &'static str = "channel";

    async fn ends(
        &self,
        link: &Link<'_>,
        side: usize,
        block: u64,
    ) -> Result<Vec<End<Channel>>, HandshakeFault> {
        let (own, other) = (&self.ends[side], &self.ends[1 - side]);
        let stored = link.stored(side, &own.end_key(), block).await?;
        if stored.is_empty() {
            return Ok(Vec::new());
        }
        let raw: Channel = decoded(link, side, &stored)?;
        let named = raw.counterparty.clone().unwrap_or_default();
        let found = format!("{}/{}", named.port_id, named.channel_id);
        let misfit = (found != other.to_string()).then(|| Misfit {
            end: format!("{}/{own}", link.sides[side].chain.name()),
            rule: Rule::Counterparty,
            found,
            expected: other.to_string(),
        });
        Ok(vec![End {
            id: own.channel.to_string(),
            state: state(raw.state),
            other: named.channel_id,
            misfit,
            raw,
        }])
    }

    fn next(&self, pair: &Ends<Channel>) -> Next {
        let [a, b] = pair.each_ref().map(|end| end.as_ref().map(|end| end.state));
        match (a, b) {
            (Some(State::Open), Some(State::Open)) => Next::Init(0),
            (Some(State::Closed), Some(State::Open)) => Next::Confirm(1),
            (Some(State::Open), Some(State::Closed)) => Next::Confirm(0),
            (Some(State::Closed), Some(State::Closed)) => Next::Done,
            (_, _) => Next::Unclear,
        }
    }

    fn begin(&self, _link: &Link<'_>, on: usize) -> Draft {
        let end = self.ends[on].clone();
        Box::new(move |signer| {
            let message = MsgCloseInit {
                port_id: end.port.to_string(),
                channel_id: end.channel.to_string(),
                signer: signer.to_owned(),
            };
            any(CLOSE_INIT, &message)
        })
    }

    async fn go_on(
        &self,
        link: &Link<'_>,
        next: Next,
        pair: &Ends<Channel>,
        target: &Target,
    ) -> Result<Option<Draft>, Fault> {
        let Next::Confirm(on) = next else {
            return Ok(None);
        };
        let Some(source) = &pair[1 - on] else {
            return Ok(None);
        };
        let [shown] = shown(link.prove(1 - on, target, &[self.ends[1 - on].end_key()]).await?)?;
        if !is_same(&shown, &source.raw) {
            return Ok(None);
        }
        let (end, height) = (self.ends[on].clone(), RawHeight::from(target.height));
        let counterparty_upgrade_sequence = source.raw.upgrade_sequence;
        Ok(Some(Box::new(move |signer| {
            let message = MsgConfirm {
                port_id: end.port.to_string(),
                channel_id: end.channel.to_string(),
                proof: shown.proof.clone(),
                proof_height: Some(height),
                signer: signer.to_owned(),
                counterparty_upgrade_sequence,
            };
            any(CLOSE_CONFIRM, &message)
        })))
    }
}
