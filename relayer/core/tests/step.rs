//! Every transition of a packet, one by one: the table of `step`.

use chain::{BlockNumber, SubmissionId, TxHash};
use relayer_core::{Carrier, Fact, Leg, Setback, Stage, Standing, step};
use wire::Height;

const HEIGHT: Height = Height::of(64);
const BLOCK: BlockNumber = BlockNumber(9);
const OURS: SubmissionId = SubmissionId(3);
const SUBMITTED: Stage = Stage::Submitted { submission: OURS };
const INCLUDED: Stage = Stage::Included {
    by: Carrier::Ours(OURS),
};
const OTHERS: Stage = Stage::Included { by: Carrier::Others };
const LEGS: [Leg; 3] = [Leg::Deliver, Leg::Acknowledge, Leg::TimeOut];
const FINAL: [Stage; 3] = [Stage::Acked, Stage::TimedOut, Stage::Refused];

fn tx() -> TxHash {
    TxHash(wire::COMMITMENTS_SLOT)
}

fn skipped() -> Fact {
    Fact::Skipped {
        reason: "PacketTimedOut".into(),
    }
}

fn live() -> [Stage; 7] {
    let (proving, proven) = (
        Stage::Proving { height: HEIGHT },
        Stage::Proven { height: HEIGHT },
    );
    [
        Stage::Seen,
        Stage::Planned,
        proving,
        proven,
        SUBMITTED,
        INCLUDED,
        OTHERS,
    ]
}

fn facts() -> Vec<Fact> {
    vec![
        Fact::Chosen { batch: 2 },
        Fact::ProofAsked { height: HEIGHT },
        Fact::ProofHolds,
        Fact::Handed { submission: OURS },
        Fact::Sent { tx: tx() },
        Fact::Landed {
            tx: tx(),
            block: BLOCK,
        },
        skipped(),
        Fact::Vanished { tx: tx() },
        Fact::DoneByOthers,
        Fact::PutBack(Setback::Lost),
        Fact::AckWritten { block: BLOCK },
        Fact::AckRefuted,
        Fact::Expired,
        Fact::ChannelClosed,
        Fact::NotExpired,
        Fact::ReceiptFound,
        Fact::AckReturned { block: BLOCK },
        Fact::TakenBack { block: BLOCK },
        Fact::SettlementHolds,
        Fact::SettlementRefuted,
        Fact::ShownOtherwise { block: BLOCK },
        Fact::NotThisPath {
            destination: "client-99".into(),
        },
    ]
}

/// Checks that on these legs `fact` leads from each `from` to its `to`, and from everywhere else nowhere.
fn only(fact: &Fact, legs: &[Leg], moves: &[(Stage, Option<Leg>, Stage)]) {
    for leg in LEGS {
        for stage in live() {
            let expected = moves
                .iter()
                .find(|(from, _, _)| *from == stage && legs.contains(&leg));
            let expected = expected.map(|(_, to, stage)| Standing {
                leg: to.unwrap_or(leg),
                stage: *stage,
            });
            let found = step(Standing { leg, stage }, fact).ok();
            assert_eq!(found, expected, "{fact} at {stage} on leg {leg}");
        }
    }
}

#[test]
fn one_leg_goes_from_seen_to_included() {
    let [seen, planned, proving, proven, submitted, included, _] = live();
    only(&Fact::Chosen { batch: 2 }, &LEGS, &[(seen, None, planned)]);
    only(
        &Fact::ProofAsked { height: HEIGHT },
        &LEGS,
        &[(planned, None, proving)],
    );
    only(&Fact::ProofHolds, &LEGS, &[(proving, None, proven)]);
    only(
        &Fact::Handed { submission: OURS },
        &LEGS,
        &[seen, planned, proving, proven].map(|from| (from, None, submitted)),
    );
    only(&Fact::Sent { tx: tx() }, &LEGS, &[(submitted, None, submitted)]);
    only(
        &Fact::Landed {
            tx: tx(),
            block: BLOCK,
        },
        &LEGS,
        &[(submitted, None, included)],
    );
    only(
        &Fact::Vanished { tx: tx() },
        &LEGS,
        &[(included, None, submitted)],
    );
}

#[test]
fn others_may_do_the_work_of_any_leg_before_it_is_included() {
    let moves: Vec<_> = live()[..5].iter().map(|from| (*from, None, OTHERS)).collect();
    only(&Fact::DoneByOthers, &LEGS, &moves);
}

#[test]
fn work_is_put_back_from_everywhere() {
    let moves: Vec<_> = live()[1..]
        .iter()
        .map(|from| (*from, None, Stage::Seen))
        .collect();
    only(&Fact::PutBack(Setback::Poison), &LEGS, &moves);
}

#[test]
fn what_the_router_skipped_goes_again() {
    let moves = [SUBMITTED, INCLUDED].map(|from| (from, None, Stage::Seen));
    only(&skipped(), &LEGS, &moves);
}

#[test]
fn an_acknowledgement_turns_a_packet_around() {
    let moves: Vec<_> = live()
        .iter()
        .map(|from| (*from, Some(Leg::Acknowledge), Stage::Seen))
        .collect();
    only(
        &Fact::AckWritten { block: BLOCK },
        &[Leg::Deliver, Leg::TimeOut],
        &moves,
    );
    let moves: Vec<_> = live()
        .iter()
        .map(|from| (*from, Some(Leg::Deliver), OTHERS))
        .collect();
    only(&Fact::AckRefuted, &[Leg::Acknowledge], &moves);
}

#[test]
fn only_a_packet_that_nobody_carries_expires() {
    for fact in [Fact::Expired, Fact::ChannelClosed] {
        only(
            &fact,
            &[Leg::Deliver],
            &[(Stage::Seen, Some(Leg::TimeOut), Stage::Seen)],
        );
    }
    only(
        &Fact::NotExpired,
        &[Leg::TimeOut],
        &[(Stage::Seen, Some(Leg::Deliver), Stage::Seen)],
    );
}

#[test]
fn a_receipt_ends_a_timeout_and_is_written_down_where_it_was_expected() {
    for leg in LEGS {
        for stage in live() {
            let expected = match (leg, stage) {
                (Leg::TimeOut, _) => Some(OTHERS),
                (Leg::Deliver, Stage::Included { .. }) => Some(stage),
                (Leg::Deliver | Leg::Acknowledge, _) => None,
            };
            let expected = expected.map(|stage| Standing {
                leg: Leg::Deliver,
                stage,
            });
            assert_eq!(step(Standing { leg, stage }, &Fact::ReceiptFound).ok(), expected);
        }
    }
}

#[test]
fn an_announced_settlement_waits_for_its_proof() {
    for (fact, settled, end) in [
        (Fact::AckReturned { block: BLOCK }, Leg::Acknowledge, Stage::Acked),
        (Fact::TakenBack { block: BLOCK }, Leg::TimeOut, Stage::TimedOut),
    ] {
        for leg in LEGS {
            for stage in live() {
                let is_ours = leg == settled && [SUBMITTED, INCLUDED].contains(&stage);
                let next = step(Standing { leg, stage }, &fact).unwrap();
                let by = if is_ours { INCLUDED } else { OTHERS };
                assert_eq!(
                    next,
                    Standing {
                        leg: settled,
                        stage: by
                    },
                    "{fact} at {stage} on leg {leg}"
                );
                assert_eq!(step(next, &Fact::SettlementHolds).unwrap().stage, end);
            }
        }
    }
    let moves: Vec<_> = [INCLUDED, OTHERS]
        .map(|from| (from, Some(Leg::Deliver), Stage::Seen))
        .to_vec();
    only(&Fact::SettlementRefuted, &LEGS, &moves);
}

#[test]
fn what_is_shown_otherwise_starts_anew_from_wherever_it_is() {
    let moves: Vec<_> = live()
        .into_iter()
        .map(|from| (from, Some(Leg::Deliver), Stage::Seen))
        .collect();
    only(&Fact::ShownOtherwise { block: BLOCK }, &LEGS, &moves);
}

#[test]
fn nothing_is_settled_without_proof() {
    for leg in LEGS {
        for stage in live() {
            for fact in facts() {
                let Ok(next) = step(Standing { leg, stage }, &fact) else {
                    continue;
                };
                let is_proof = fact == Fact::SettlementHolds && matches!(stage, Stage::Included { .. });
                let is_refusal = matches!(fact, Fact::NotThisPath { .. }) && stage == Stage::Seen;
                assert!(
                    !next.stage.is_final() || is_proof || is_refusal,
                    "{fact} ends a packet at {stage}"
                );
            }
        }
    }
}

#[test]
fn a_packet_of_another_path_is_refused_at_once() {
    let fact = Fact::NotThisPath {
        destination: "client-99".into(),
    };
    only(&fact, &[Leg::Deliver], &[(Stage::Seen, None, Stage::Refused)]);
}

#[test]
fn nothing_moves_a_packet_that_has_ended() {
    for leg in LEGS {
        for stage in FINAL {
            for fact in facts() {
                let error = step(Standing { leg, stage }, &fact).unwrap_err();
                assert_eq!((error.leg, error.stage), (leg, stage));
            }
        }
    }
}
