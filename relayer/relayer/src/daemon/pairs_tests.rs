use super::*;
use crate::config::Config;
use std::path::Path;

const CONFIG: &str = include_str!("../../../../configs/relayer.toml");

fn old() -> Incarnation {
    Incarnation("0x01".into())
}

fn new() -> Incarnation {
    Incarnation("0x02".into())
}

fn pairs() -> (Pairs, [EndName; 2]) {
    let config = Config::parse(CONFIG, Path::new("/base")).unwrap_or_else(|problems| panic!("{problems:?}"));
    let path = &config.paths[0].machine;
    (
        Pairs::new(config.paths.iter()),
        [path.a.name.clone(), path.b.name.clone()],
    )
}

fn finding(rule: &'static str, verdict: Result<&str, Doubt>) -> Finding {
    Finding {
        rule: rule.into(),
        verdict: verdict.map(Into::into),
    }
}

fn is_unverified(admitted: &Result<(), Fault>) -> bool {
    matches!(admitted, Err(Fault::NotYet(NotYet::Unverified { .. })))
}

#[test]
fn a_client_is_shown_only_when_both_ends_fit() {
    let (pairs, [a, b]) = pairs();
    assert!(is_unverified(&pairs.admit(&a, &old())));
    pairs.put(&a, Verdict::Fits(old()));
    assert!(is_unverified(&pairs.admit(&a, &old())), "the other end is open");
    assert!(pairs.why_not(&a).is_none() && pairs.why_not(&b).is_some());
    pairs.put(&b, Verdict::Fits(new()));
    assert_eq!(pairs.admit(&a, &old()), Ok(()));
    assert_eq!(pairs.admit(&b, &new()), Ok(()));
}

#[test]
fn an_end_that_does_not_fit_stops_both_directions_and_says_why() {
    let (pairs, [a, b]) = pairs();
    pairs.put(&a, Verdict::Fits(old()));
    pairs.put(&b, Verdict::Unfit(new(), "code: of somebody else".into()));
    for (end, behind) in [(&a, old()), (&b, new())] {
        let fault = pairs.admit(end, &behind).expect_err("refused");
        assert!(matches!(fault, Fault::Unfit { .. }), "{fault}");
        assert_eq!(fault.blame(), chain::Blame::Operator);
        let text = fault.to_string();
        assert!(
            text.contains(&b.to_string()) && text.contains("of somebody else"),
            "{text}"
        );
    }
    assert!(pairs.unfit(&a).is_none());
    assert!(
        pairs
            .unfit(&b)
            .is_some_and(|text| text.contains("code: of somebody else"))
    );
}

#[tokio::test]
async fn a_migrated_client_is_verified_again_before_it_is_shown() {
    let (pairs, [a, b]) = pairs();
    pairs.put(&a, Verdict::Fits(old()));
    pairs.put(&b, Verdict::Fits(old()));
    assert!(is_unverified(&pairs.admit(&a, &new())));
    let changed = pairs.0[&a].changed.clone();
    changed.notified().await;
    assert!(
        is_unverified(&pairs.admit(&b, &old())),
        "nor is its peer, until then"
    );
    pairs.put(&a, Verdict::Unfit(new(), "terms: others".into()));
    assert!(matches!(pairs.admit(&a, &new()), Err(Fault::Unfit { .. })));
    // Migrated once more: the old verdict says nothing about this contract.
    assert!(is_unverified(&pairs.admit(&a, &old())));
}

#[test]
fn what_differs_outweighs_what_was_not_checked_and_what_is_gone_does_not_count() {
    let (_, [a, _]) = pairs();
    let (fits, gone) = (
        finding("code", Ok("good")),
        finding("states", Err(Doubt::Gone("pruned".into()))),
    );
    let frozen = finding("status", Err(Doubt::Unusable("frozen".into())));
    let unchecked = finding("history", Err(Doubt::Unchecked("no answer".into())));
    let differs = finding("terms", Err(Doubt::Differs("another router".into())));
    let good = [fits, gone, frozen];
    assert_eq!(judged(&a, old(), &good), Verdict::Fits(old()));
    let open = [&good[..], &[unchecked]].concat();
    assert_eq!(
        judged(&a, old(), &open),
        Verdict::Open("history: no answer".into())
    );
    let unfit = [&open[..], &[differs]].concat();
    assert_eq!(
        judged(&a, old(), &unfit),
        Verdict::Unfit(old(), "terms: another router".into())
    );
}
