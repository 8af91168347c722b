//! Asks that wait, and sends that take longer than the machine waits for others, with an adapter that does as it is told.

use super::*;
use chain::{BlockNumber, Fee, Gas, Nonce, Place, Submission, SubmissionId, Ticket, TxHash, WeiPerGas};
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// A machine with no patience at all: whatever takes any time takes too long.
const PATIENCE: Seconds = Seconds(0);
/// An ask that came just now, whatever the clock shows.
const NOW: Seconds = Seconds(u64::MAX);

fn fee() -> Fee {
    let (max, tip) = (WeiPerGas(2), WeiPerGas(1));
    Fee { max, tip }
}

fn send() -> Ask {
    let submission = Submission {
        id: SubmissionId(1),
        updates: Vec::new(),
        messages: Vec::new(),
        pool: None,
    };
    Ask::Send {
        submission,
        fee: fee(),
        place: Place::Next,
    }
}

fn sent() -> Answer {
    Answer::Send {
        tx: TxHash(wire::COMMITMENTS_SLOT),
        ticket: Ticket::Nonce(Nonce(0)),
        gas: Gas(1),
        fee: fee(),
    }
}

/// A desk whose adapter sends once it is let.
struct Bench {
    asks: mpsc::Sender<Queued>,
    replies: mpsc::Receiver<(ChainName, Reply)>,
    /// How often it began to send.
    begun: Arc<AtomicUsize>,
    gate: Arc<Notify>,
}

impl Bench {
    fn new() -> Self {
        let ((asks, waiting), (to, replies)) = (mpsc::channel(16), mpsc::channel(16));
        let (begun, gate) = (Arc::new(AtomicUsize::new(0)), Arc::new(Notify::new()));
        let desk = Desk {
            chain: ChainName("a".into()),
            patience: PATIENCE,
            replies: to,
            facts: Arc::default(),
        };
        let (counted, opened) = (begun.clone(), gate.clone());
        tokio::spawn(desk.serve(waiting, move |id, _| {
            counted.fetch_add(1, Ordering::SeqCst);
            let opened = opened.clone();
            async move {
                opened.notified().await;
                Ok((id, sent()))
            }
        }));
        Self {
            asks,
            replies,
            begun,
            gate,
        }
    }

    async fn ask(&self, id: u64, ask: Ask, since: Seconds) {
        let id = AskId(id);
        self.asks.send(Queued { id, ask, since }).await.unwrap();
    }

    async fn reply(&mut self) -> Reply {
        self.replies.recv().await.unwrap().1
    }
}

#[tokio::test]
async fn a_send_that_has_begun_is_not_interrupted_and_others_are() {
    let mut bench = Bench::new();
    bench.ask(1, send(), NOW).await;
    let head = Ask::Head {
        seen: Some(BlockNumber(1)),
    };
    bench.ask(2, head, NOW).await;
    let failed = bench.reply().await.unwrap_err();
    assert_eq!(failed.ask, AskId(2));
    assert!(matches!(failed.why, Fault::Unreachable { .. }), "{failed:?}");
    bench.gate.notify_one();
    assert_eq!(bench.reply().await, Ok((AskId(1), sent())));
    assert_eq!(bench.begun.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_send_that_waited_too_long_for_its_turn_is_not_begun() {
    let mut bench = Bench::new();
    bench.ask(1, send(), Seconds(0)).await;
    let failed = bench.reply().await.unwrap_err();
    assert!(failed.why.to_string().contains("was not begun"), "{failed:?}");
    bench.gate.notify_one();
    bench.ask(2, send(), NOW).await;
    assert_eq!(bench.reply().await, Ok((AskId(2), sent())));
    assert_eq!(bench.begun.load(Ordering::SeqCst), 1);
}
