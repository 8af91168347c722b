//! Traces that each show one thing, and a few random ones.

use dice::Dice;
use limits::{Limit, Setting};

use super::harness::Files;
use super::{random_trace, traced};
use crate::trace::{Act, Step};

/// When the traces begin.
const START: u64 = 1_700_000_000;

pub(super) fn files() -> Files {
    let mut files = Files::new();
    for (name, about, steps) in [refilled(), credited(), extreme(), configured(), appearing()].concat() {
        files.insert(format!("accept/{name}.json"), traced(about, &steps));
    }
    for (rule, name, about, steps) in refused().into_iter().chain(no_lowerings()) {
        files.insert(format!("reject/{rule}/{name}.json"), traced(about, &steps));
    }
    for index in 0..12 {
        let mut steps = random_trace(&mut Dice::new(index), 60);
        let now = steps.last().map_or(START, |step| step.now);
        steps.push(Step { now, act: Act::Look });
        files.insert(
            format!("accept/random_{index:02}.json"),
            traced("a random trace", &steps),
        );
    }
    files
}

fn limited(capacity: u128, per_day: u128, credit_cap: u128) -> Setting {
    Setting::Limited(Limit {
        capacity,
        per_day,
        credit_cap,
    })
}

/// Acts at seconds after the start.
fn trace<const N: usize>(acts: [(u64, Act); N]) -> Vec<Step> {
    acts.into_iter()
        .map(|(after, act)| Step {
            now: START + after,
            act,
        })
        .collect()
}

type Scenario = (&'static str, &'static str, Vec<Step>);

fn refilled() -> Vec<Scenario> {
    use Act::{Credit, Look, Set, Take};
    vec![
        (
            "burst_then_refill",
            "a full bucket leaves at once; then it refills second by second",
            trace([
                (0, Set(limited(1000, 86_400, 0))),
                (0, Take(1000)),
                (1, Take(1)),
                (11, Take(10)),
                (2011, Take(1000)),
            ]),
        ),
        (
            "slow_rate_loses_nothing",
            "one unit a day: touched every second it still comes at the end of the day",
            trace([
                (0, Set(limited(5, 1, 0))),
                (0, Take(5)),
                (1, Look),
                (43_199, Credit(9)),
                (86_399, Look),
                (86_400, Take(1)),
            ]),
        ),
        (
            "pieces_are_the_sum",
            "in pieces leaves as much as at once",
            trace([
                (0, Set(limited(100, 0, 0))),
                (0, Take(33)),
                (0, Take(33)),
                (5, Take(34)),
                (5, Take(0)),
            ]),
        ),
    ]
}

fn credited() -> Vec<Scenario> {
    use Act::{Credit, Look, Set, Take};
    vec![
        (
            "credit_is_an_advance",
            "inflow brings refill forward, and the refill of that time is gone",
            trace([
                (0, Set(limited(1000, 86_400, 300))),
                (0, Take(1000)),
                (0, Credit(500)),
                (0, Take(300)),
                (299, Look),
                (301, Take(1)),
            ]),
        ),
        (
            "credit_cap_holds_for_many_inflows",
            "the debt never exceeds the cap, however inflow is cut up",
            trace([
                (0, Set(limited(1000, 10, 300))),
                (0, Take(1000)),
                (0, Credit(200)),
                (0, Credit(200)),
                (0, Credit(200)),
                (0, Take(300)),
            ]),
        ),
        (
            "full_bucket_takes_no_credit",
            "credit never lifts a bucket above its capacity, and makes no debt then",
            trace([
                (0, Set(limited(1000, 10, 300))),
                (0, Credit(200)),
                (0, Take(50)),
                (0, Credit(200)),
                (0, Look),
            ]),
        ),
    ]
}

fn extreme() -> Vec<Scenario> {
    use Act::{Credit, Look, Set, Take};
    let most = u128::MAX;
    vec![
        (
            "largest_numbers",
            "the largest amounts and a long wait",
            trace([
                (0, Set(limited(most, most, most))),
                (0, Take(most)),
                (0, Credit(most)),
                (0, Take(most)),
                (86_400, Look),
                (172_800, Take(most)),
            ]),
        ),
        (
            "clock_that_goes_back",
            "a clock that goes back refills nothing and costs nothing",
            trace([
                (100, Set(limited(1000, 86_400, 0))),
                (100, Take(1000)),
                (200, Take(40)),
                (150, Take(40)),
                (210, Take(30)),
            ]),
        ),
    ]
}

fn configured() -> Vec<Scenario> {
    use Act::{Credit, Look, Lower, Set, Take};
    vec![
        (
            "lowered_in_flight",
            "lowering cuts the level at once; the time before counted by the old rate",
            trace([
                (0, Set(limited(1000, 86_400, 0))),
                (0, Take(1000)),
                (500, Lower(limited(200, 8640, 0))),
                (500, Take(200)),
                (510, Take(1)),
            ]),
        ),
        (
            "raised_in_flight",
            "raising fills nothing; the new rate counts from then on",
            trace([
                (0, Set(limited(100, 86_400, 0))),
                (0, Take(100)),
                (50, Set(limited(10_000, 864_000, 0))),
                (50, Look),
                (60, Take(150)),
            ]),
        ),
        (
            "credit_cap_lowered_below_the_debt",
            "the debt stays, and nothing more is credited until it is repaid",
            trace([
                (0, Set(limited(1000, 86_400, 300))),
                (0, Take(1000)),
                (0, Credit(300)),
                (0, Lower(limited(1000, 86_400, 100))),
                (0, Credit(50)),
                (250, Credit(50)),
                (250, Look),
                (1000, Look),
            ]),
        ),
    ]
}

fn appearing() -> Vec<Scenario> {
    use Act::{Credit, Default, Look, Lower, Set, Take};
    vec![
        (
            "unlimited_then_limited",
            "without a limit nothing is counted; a limit begins full",
            trace([
                (0, Set(Setting::Unlimited)),
                (0, Take(u128::MAX)),
                (5, Credit(7)),
                (10, Lower(limited(10, 1, 0))),
                (10, Take(10)),
            ]),
        ),
        (
            "taken_away_and_set_again",
            "a limit that is set again begins full, and without debt",
            trace([
                (0, Set(limited(10, 1, 5))),
                (0, Take(10)),
                (0, Credit(5)),
                (1, Set(Setting::Absent)),
                (2, Set(limited(10, 1, 5))),
                (2, Take(10)),
            ]),
        ),
        (
            "default_reaches_an_untouched_bucket",
            "an asset without a setting of its own begins full under the default, and follows its changes",
            trace([
                (0, Default(limited(100, 86_400, 0))),
                (0, Look),
                (9, Take(100)),
                (19, Default(limited(5, 86_400, 0))),
                (19, Take(5)),
                (20, Lower(limited(2, 86_400, 0))),
                (20, Take(1)),
            ]),
        ),
        (
            "capacity_zero",
            "a limit of nothing lets nothing leave, and nothing is allowed",
            trace([
                (0, Set(limited(1000, 1000, 1000))),
                (0, Lower(limited(0, 0, 0))),
                (0, Credit(10)),
                (86_400, Take(0)),
            ]),
        ),
    ]
}

type Refused = (&'static str, &'static str, &'static str, Vec<Step>);

fn refused() -> Vec<Refused> {
    use Act::{Credit, Set, Take};
    let set = |capacity, per_day, credit_cap| (0, Set(limited(capacity, per_day, credit_cap)));
    vec![
        (
            "limit_absent",
            "never_set",
            "nothing is set",
            trace([(0, Take(1))]),
        ),
        (
            "limit_absent",
            "taken_away",
            "the limit was taken away",
            trace([set(10, 1, 0), (1, Set(Setting::Absent)), (1, Take(1))]),
        ),
        (
            "above_capacity",
            "one_more",
            "one unit above the capacity, though the bucket is full",
            trace([set(10, 10, 10), (9, Take(11))]),
        ),
        (
            "no_headroom",
            "one_more_in_pieces",
            "the last of many pieces is one too many",
            trace([set(10, 0, 0), (0, Take(5)), (0, Take(5)), (0, Take(1))]),
        ),
        (
            "no_headroom",
            "one_second_early",
            "a second before the unit is there",
            trace([set(10, 1, 0), (0, Take(10)), (86_399, Take(1))]),
        ),
        (
            "no_headroom",
            "cycled_in_and_out",
            "what comes in lets nothing out when the credit cap is 0",
            trace([set(10, 0, 0), (0, Take(10)), (0, Credit(10)), (0, Take(1))]),
        ),
        (
            "no_headroom",
            "credit_used_up",
            "cycling in and out brings the credit cap once",
            trace([
                set(10, 0, 5),
                (0, Take(10)),
                (0, Credit(10)),
                (0, Take(5)),
                (0, Credit(10)),
                (0, Take(1)),
            ]),
        ),
    ]
}

fn no_lowerings() -> Vec<Refused> {
    use Act::{Lower, Set};
    let set = |capacity, per_day, credit_cap| (0, Set(limited(capacity, per_day, credit_cap)));
    vec![
        (
            "not_a_lowering",
            "higher_capacity",
            "one field is higher",
            trace([set(10, 10, 10), (0, Lower(limited(11, 1, 1)))]),
        ),
        (
            "not_a_lowering",
            "higher_rate",
            "one field is higher",
            trace([set(10, 10, 10), (0, Lower(limited(1, 11, 1)))]),
        ),
        (
            "not_a_lowering",
            "higher_credit",
            "one field is higher",
            trace([set(10, 10, 10), (0, Lower(limited(1, 1, 11)))]),
        ),
        (
            "not_a_lowering",
            "to_unlimited",
            "no limit is no lower limit",
            trace([set(10, 10, 10), (0, Lower(Setting::Unlimited))]),
        ),
        (
            "not_a_lowering",
            "to_absent",
            "a default may stand behind an absent limit",
            trace([set(10, 10, 10), (0, Lower(Setting::Absent))]),
        ),
        (
            "not_a_lowering",
            "from_absent",
            "nothing is lower than nothing",
            trace([(0, Lower(limited(0, 0, 0)))]),
        ),
    ]
}
