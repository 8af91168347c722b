//! Notes of the machine into log and metrics: one event a stage change, with the fields `path packet stage`.

use crate::view::blame;
use api::Metrics;
use relayer_core::{Note, PacketId, Stage};
use store::Store;

/// Logs and counts one note.
pub(super) fn tell(note: &Note, metrics: &Metrics, store: &Store) {
    match note {
        Note::Moved {
            packet,
            from,
            to,
            fact,
        } => {
            tracing::info!(
                path = %packet.source, packet = %packet, stage = %to.stage, leg = %to.leg, from = %from.stage, why = %fact,
                "packet moved"
            );
            if let Some(outcome) = outcome(to.stage) {
                metrics.settled(
                    &packet.source.to_string(),
                    outcome,
                    age(packet, store).unwrap_or(0),
                );
            }
        }
        Note::Blamed {
            chain,
            blame: who,
            text,
        } => {
            metrics.failed(&chain.0, blame(*who));
            tracing::warn!(%chain, blame = blame(*who), %text, "failure");
        }
        Note::Stopped { end, text } => tracing::error!(path = %end, %text, "client cannot be used"),
        Note::Resumed { end } => tracing::info!(path = %end, "client works again"),
        Note::Submitted {
            submission,
            chain,
            messages,
            updates,
        } => {
            metrics.submitted(&chain.0);
            tracing::info!(submission = submission.0, %chain, messages, updates, "submission handed over");
        }
        Note::Landed {
            submission,
            chain,
            gas,
            price,
            reverted,
        } => {
            metrics.landed(
                &chain.0,
                *gas,
                *price,
                if *reverted { "reverted" } else { "succeeded" },
            );
            tracing::info!(submission = submission.0, %chain, gas, price, reverted, "submission landed");
        }
        Note::Rewound { end, text } => tracing::warn!(path = %end, %text, "events are read again"),
    }
}

/// How a packet ended, if it did.
fn outcome(stage: Stage) -> Option<&'static str> {
    match stage {
        Stage::Acked => Some("acked"),
        Stage::TimedOut => Some("timed-out"),
        Stage::Refused => Some("refused"),
        Stage::Seen
        | Stage::Planned
        | Stage::Proving { .. }
        | Stage::Proven { .. }
        | Stage::Submitted { .. }
        | Stage::Included { .. } => None,
    }
}

/// Seconds from the first thing that is remembered of a packet to the last.
fn age(id: &PacketId, store: &Store) -> Option<u64> {
    let record = store.packet(id).ok()??;
    let (first, last) = (record.history.first()?, record.history.last()?);
    Some(last.at.0.saturating_sub(first.at.0))
}
