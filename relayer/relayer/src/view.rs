//! Packets as people see them, from the record on disk and, where a daemon runs, from the machine's own explanation.

use api::{ChangeView, PacketView, TroubleView};
use chain::Blame;
use relayer_core::{Explanation, PacketRecord};

/// Whether the history is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// For lists.
    Brief,
    /// For one packet.
    Whole,
}

/// One packet. `destination_chain` is that of its path, if the path is configured.
pub(crate) fn packet(
    record: &PacketRecord,
    destination_chain: Option<&str>,
    explanation: Option<&Explanation>,
    detail: Detail,
) -> PacketView {
    let packet = &record.packet;
    let trouble = record.trouble.as_ref().map(|trouble| TroubleView {
        at: trouble.at.0,
        blame: blame(trouble.blame).into(),
        text: trouble.text.clone(),
    });
    let sent = || format!("sent in block {} by {}", record.sent, record.sent_tx);
    let why = record
        .history
        .last()
        .map_or_else(sent, |change| change.fact.to_string());
    let history = match detail {
        Detail::Brief => Vec::new(),
        Detail::Whole => record.history.iter().map(change).collect(),
    };
    PacketView {
        packet: record.id.to_string(),
        source_chain: record.id.source.chain.to_string(),
        source_client: record.id.source.id.to_string(),
        destination_chain: destination_chain.unwrap_or("not configured").to_owned(),
        destination_client: packet.destination().to_string(),
        sequence: record.id.sequence.get(),
        source_port: packet.source_port().to_string(),
        destination_port: packet.destination_port().to_string(),
        leg: record.standing.leg.to_string(),
        stage: record.standing.stage.to_string(),
        is_final: record.standing.stage.is_final(),
        since: record.since().0,
        why,
        next: next(record, explanation),
        timeout: packet.timeout().map(|at| at.0),
        timeout_height: packet.timeout_height().map(|height| height.to_string()),
        attempts: record.attempts,
        trouble,
        is_proven: record.is_proven,
        submission: record.submission().map(|id| id.0),
        sent_block: record.sent.0,
        sent_tx: record.sent_tx.to_string(),
        history,
        history_dropped: record.history_dropped,
    }
}

fn change(change: &relayer_core::Change) -> ChangeView {
    ChangeView {
        at: change.at.0,
        leg: change.standing.leg.to_string(),
        stage: change.standing.stage.to_string(),
        why: change.fact.to_string(),
    }
}

fn next(record: &PacketRecord, explanation: Option<&Explanation>) -> String {
    if record.standing.stage.is_final() {
        return "nothing: it is settled".into();
    }
    match explanation {
        Some(explanation) => match &explanation.trouble {
            Some(trouble) => format!("{}; last trouble: {trouble}", explanation.next),
            None => explanation.next.to_string(),
        },
        None => "no daemon carries it now: start `relayer run` with this path configured".into(),
    }
}

/// The word for who is responsible, the same in metrics, HTTP and commands.
pub(crate) fn blame(blame: Blame) -> &'static str {
    match blame {
        Blame::Peer => "peer",
        Blame::Chain => "chain",
        Blame::Operator => "operator",
        Blame::Us => "us",
    }
}
