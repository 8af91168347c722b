use super::*;
use chain::{BlockNumber, NotYet};
use std::sync::atomic::AtomicUsize;

fn pool(n: usize) -> Pool {
    let urls: Vec<Url> = (0..n)
        .map(|i| Url::parse(&format!("http://user:secret@host{i}:8545/key/abc?token=1")).expect("a url"))
        .collect();
    Pool::new(&urls, Limits::default()).expect("a pool")
}

fn order(pool: &Pool) -> Vec<usize> {
    pool.in_order()
        .into_iter()
        .map(|(position, _, _)| position)
        .collect()
}

fn block(wanted: u64, newest: u64) -> Fault {
    let (wanted, newest) = (BlockNumber(wanted), BlockNumber(newest));
    Fault::NotYet(NotYet::Block { wanted, newest })
}

#[test]
fn a_label_holds_no_credentials() {
    let pool = pool(1);
    assert_eq!(&*pool.endpoints[0].label, "http://host0:8545");
}

#[test]
fn a_failure_that_lasts_is_told_once_in_a_while() {
    let (pool, down) = (pool(2), Defect::Unreachable);
    let tell = |position, defect: &Defect, at| pool.is_news(position, defect, Seconds(at));
    assert!(tell(0, &down, 100));
    pool.rest(0, &down);
    assert!(!tell(0, &down, 102));
    pool.forgive(0);
    assert!(!tell(0, &down, 399), "it comes and goes");
    assert!(tell(1, &down, 102), "another endpoint");
    assert!(tell(0, &down, 400));
    assert!(tell(0, &Defect::Malformed, 401), "another failure");
    assert!(!tell(2, &down, 500), "there is no such endpoint");
}

#[tokio::test]
async fn the_next_endpoint_is_asked_and_the_faulty_one_rests() {
    let pool = pool(2);
    let calls = AtomicUsize::new(0);
    let asked = |endpoint: Endpoint| {
        calls.fetch_add(1, Ordering::SeqCst);
        async move {
            if endpoint.label.contains("host0") {
                return Err(Complaint::malformed("expected 1, got 2"));
            }
            Ok(endpoint.label.to_string())
        }
    };
    assert_eq!(pool.run(asked).await.expect("answered"), "http://host1:8545");
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert_eq!(
        order(&pool),
        [1, 0],
        "the faulty endpoint is asked last while it rests"
    );
}

#[tokio::test]
async fn a_fault_of_the_ask_is_not_repeated_elsewhere() {
    let pool = pool(3);
    let calls = AtomicUsize::new(0);
    let result: Result<(), Fault> = pool
        .run(|_| {
            calls.fetch_add(1, Ordering::SeqCst);
            async { Err(Complaint::Ask(Fault::TooLarge { size: 2, limit: 1 })) }
        })
        .await;
    assert_eq!(result, Err(Fault::TooLarge { size: 2, limit: 1 }));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn rests_double_with_every_rest_that_did_not_help() {
    let (mut record, mut now) = (Record::default(), 1_000);
    let mut rests = Vec::new();
    for _ in 0..40 {
        record.fail(Seconds(now), 0);
        rests.push(record.resting_until.0 - now);
        now = record.resting_until.0;
    }
    assert_eq!(rests[..7], [2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(rests[39], REST_LONGEST_SECS);
}

#[test]
fn requests_that_fail_together_cost_one_rest() {
    let mut record = Record::default();
    for _ in 0..20 {
        record.fail(Seconds(1_000), 0);
    }
    record.fail(Seconds(1_001), 0);
    assert_eq!((record.resting_until, record.rests), (Seconds(1_002), 1));
    record.fail(Seconds(1_001), 30);
    assert_eq!(record.resting_until, Seconds(1_031), "what it asks for it gets");
    record.fail(Seconds(1_002), 5);
    assert_eq!(record.resting_until, Seconds(1_031), "no rest becomes shorter");
    record.fail(Seconds(1_031), 500);
    assert_eq!(record.resting_until, Seconds(1_031 + REST_LONGEST_SECS));
}

#[tokio::test]
async fn a_rest_ends_with_a_success() {
    let pool = pool(1);
    let _: Result<(), Fault> = pool.run(|_| async { Err(Complaint::malformed("x")) }).await;
    assert_eq!(pool.records.lock().expect("no panic")[0].rests, 1);
    pool.run(|_| async { Ok(()) }).await.expect("answered");
    let record = pool.records.lock().expect("no panic")[0];
    assert_eq!((record.rests, record.resting_until), (0, Seconds(0)));
}

#[tokio::test]
async fn one_that_has_not_got_it_does_not_speak_for_the_others() {
    let pool = pool(3);
    let asked = |endpoint: Endpoint| async move {
        match &*endpoint.label {
            "http://host0:8545" => Err(block(64, 10).into()),
            "http://host1:8545" => Err(block(64, 12).into()),
            _ => Ok(()),
        }
    };
    pool.run(asked).await.expect("the third has it");
    assert_eq!(order(&pool), [2, 0, 1], "those that are behind are asked last");
    let nobody = pool.run(|endpoint| async move {
        let newest = if endpoint.label.contains("host1") { 12 } else { 10 };
        Err::<(), _>(block(64, newest).into())
    });
    assert_eq!(
        nobody.await,
        Err(block(64, 12)),
        "the one that came furthest speaks"
    );
}

#[tokio::test]
async fn what_nobody_has_makes_nobody_rest() {
    let pool = pool(2);
    let id = || "client-0".to_owned();
    for fault in [
        block(64, 10),
        Fault::NoClient { id: id(), text: id() },
        Fault::Pruned {
            at: wire::Height::of(8),
        },
    ] {
        let answer = fault.clone();
        let said: Result<(), Fault> = pool
            .run(move |_| core::future::ready(Err(answer.clone().into())))
            .await;
        assert_eq!(said, Err(fault));
        assert_eq!(order(&pool), [0, 1]);
    }
}

#[tokio::test]
async fn an_endpoint_that_is_down_says_less_than_one_that_waits_and_more_than_one_that_denies() {
    for (fault, speaks) in [
        (block(64, 10), true),
        (
            Fault::NoClient {
                id: String::new(),
                text: String::new(),
            },
            false,
        ),
    ] {
        let (pool, answer) = (pool(2), fault.clone());
        let said: Result<(), Fault> = pool
            .run(move |endpoint| {
                core::future::ready(Err(if endpoint.label.contains("host0") {
                    answer.clone().into()
                } else {
                    Complaint::Endpoint(Defect::Unreachable, "refused".into())
                }))
            })
            .await;
        assert_eq!(said == Err(fault), speaks, "{said:?}");
    }
}

#[tokio::test]
async fn an_archive_is_asked_and_the_others_stay_first() {
    let pool = pool(2);
    let asked = |endpoint: Endpoint| async move {
        if endpoint.label.contains("host0") {
            return Err(Fault::Pruned {
                at: wire::Height::of(8),
            }
            .into());
        }
        Ok(())
    };
    pool.run(asked).await.expect("the archive has it");
    assert_eq!(order(&pool), [0, 1]);
}

#[tokio::test]
async fn who_rests_is_asked_in_a_survey_only_if_nobody_else_answers_or_all_are_meant() {
    let pool = pool(3);
    let number = |endpoint: Endpoint| async move {
        if endpoint.label.contains("host1") {
            return Err(Complaint::malformed("nonsense"));
        }
        Ok(endpoint.label.to_string())
    };
    let said = pool.survey(Whom::Well, number).await.expect("two answers");
    let labels = |said: &[Said<String>]| said.iter().map(|said| said.position).collect::<Vec<_>>();
    assert_eq!(labels(&said), [0, 2]);
    pool.doubt(&said[0], "behind");
    let said = pool.survey(Whom::Well, number).await.expect("one answer");
    assert_eq!(labels(&said), [2]);
    pool.doubt(&said[0], "behind, too");
    let said = pool.survey(Whom::Well, number).await.expect("those that rest");
    assert_eq!(labels(&said), [0, 2]);
    pool.trust(&said[0]);
    assert_eq!(order(&pool)[0], 0);
    let said = pool.survey(Whom::All, number).await.expect("all");
    assert_eq!(labels(&said), [0, 2]);
}
