//! What a lying endpoint answers: of the right shape, and false.

use crate::rng::Rng;
use crate::serve::{forged, spoilt};
use alloy_primitives::B256;
use chain::{Answer, AnyPacket, BlockNumber, ClientUpdate, Event, EventAt, Head, Proof, TxState};
use wire::{Height, Seconds};

pub(crate) fn lie(answer: Answer, rng: &mut Rng) -> Answer {
    match answer {
        Answer::Head(head) => Answer::Head(head_lie(head, rng)),
        Answer::Events { covered, mut events } => {
            match rng.below(5) {
                0 => events.clear(),
                4 => events.extend(events.last().cloned().into_iter().flat_map(never_sent)),
                1 => events.extend(events.last().cloned().and_then(settled_at_once)),
                2 if !events.is_empty() => drop(events.remove(rng.below(events.len() as u64) as usize)),
                _ => {
                    if let Some(at) = events.first_mut() {
                        at.event = event_lie(at.event.clone(), rng);
                    }
                }
            }
            Answer::Events { covered, events }
        }
        Answer::Update(mut plan) => {
            if let Some(ClientUpdate::Ethereum(update)) = plan.updates.first_mut() {
                update.execution.state_root = B256::repeat_byte(0xee);
            }
            plan.reached.block = BlockNumber(plan.reached.block.0 + rng.below(100));
            Answer::Update(plan)
        }
        Answer::Prove(mut proofs) => {
            let at = rng.below(proofs.len() as u64) as usize;
            let Proof { value, nodes } = &mut proofs[at];
            if rng.percent(50) {
                *nodes = vec![0xba; 32].into();
            } else {
                *value = match value {
                    Some(_) => None,
                    None => Some(vec![1; 32].into()),
                };
            }
            Answer::Prove(proofs)
        }
        Answer::Lookup(values) => Answer::Lookup(
            values
                .into_iter()
                .map(|value| value.map_or(Some(B256::repeat_byte(1)), |_| None))
                .collect(),
        ),
        Answer::Find(_) => Answer::Find(TxState::Unknown),
        answer @ (Answer::Client(_) | Answer::Believed { .. } | Answer::Notices(_) | Answer::Send { .. }) => {
            answer
        }
    }
}

fn head_lie(mut head: Head, rng: &mut Rng) -> Head {
    if rng.percent(50) {
        head.finalized.height = Height::of(1 << 40);
        head.finalized.timestamp = Seconds(head.finalized.timestamp.0 + 200);
        head.latest.timestamp = Seconds(head.latest.timestamp.0 + 200);
    } else {
        head.finalized.block = BlockNumber(head.finalized.block.0.saturating_sub(20));
    }
    head
}

/// A packet that follows one that was just sent, and that it has ended: both false.
fn never_sent(mut at: EventAt) -> Vec<EventAt> {
    let Event::Sent(AnyPacket::Client(packet)) = &at.event else {
        return Vec::new();
    };
    let mut packet = packet.clone();
    packet.sequence = packet.sequence.next().unwrap();
    at.event = Event::Sent(packet.into());
    let ended = settled_at_once(at.clone());
    [at].into_iter().chain(ended).collect()
}

/// The announcement that a packet which was just sent is settled already.
pub(crate) fn settled_at_once(mut at: EventAt) -> Option<EventAt> {
    let Event::Sent(packet) = &at.event else {
        return None;
    };
    let (source, sequence) = (packet.source(), packet.sequence());
    at.event = if sequence.get() % 2 == 0 {
        Event::AckReturned { source, sequence }
    } else {
        Event::TimedOut { source, sequence }
    };
    Some(at)
}

fn event_lie(event: Event, rng: &mut Rng) -> Event {
    match event {
        Event::Sent(packet) if rng.percent(30) => spoilt(&packet),
        Event::Sent(packet) => Event::Sent(forged(&packet, b"a forged payload")),
        event @ Event::Unreadable { .. } => event,
        Event::Acknowledged { packet, .. } => {
            let acknowledgement = wire::Acknowledgement::new(b"a forged answer".as_slice()).unwrap();
            Event::Acknowledged {
                packet,
                acknowledgement,
            }
        }
        Event::AckReturned { source, sequence } => Event::TimedOut { source, sequence },
        Event::TimedOut { source, sequence } => Event::AckReturned { source, sequence },
    }
}
