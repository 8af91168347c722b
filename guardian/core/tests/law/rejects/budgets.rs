//! Halts that are too short, too long, for nothing, or over the budget.

use super::Refused;
use crate::trace::{FEW, MANY, Trace, asset, client, contract, light, token};
use crate::world::{DAY, HOUR};

pub(super) fn durations() -> Vec<Refused> {
    let most = 30 * DAY;
    vec![
        (
            "wrong_duration",
            "short",
            Trace::new("less than an hour").halt(client(0), HOUR - 1, FEW),
        ),
        (
            "wrong_duration",
            "zero",
            Trace::new("no time").halt(client(0), 0, FEW),
        ),
        (
            "wrong_duration",
            "long",
            Trace::new("a second more than a day").halt(client(0), DAY + 1, FEW),
        ),
        (
            "wrong_duration",
            "many",
            Trace::new("many sign a halt: it is no confirm").halt(client(0), DAY + 1, MANY),
        ),
        (
            "wrong_duration",
            "endless",
            Trace::new("for ever").confirm(client(0), u64::MAX, MANY),
        ),
        (
            "wrong_duration",
            "confirm",
            Trace::new("more than 30 days").confirm(client(0), most + 1, MANY),
        ),
        (
            "nothing_added",
            "equal",
            Trace::new("the same halt again")
                .halt(client(0), HOUR, FEW)
                .halt(client(0), HOUR, FEW),
        ),
        (
            "nothing_added",
            "confirm",
            Trace::new("a confirm that ends earlier")
                .confirm(client(0), 2 * DAY, MANY)
                .confirm(client(0), DAY, MANY),
        ),
        (
            "nothing_added",
            "breach",
            Trace::new("after a breach there is nothing to add")
                .breach(asset(0, token(1)))
                .halt(asset(0, token(1)), DAY, FEW),
        ),
    ]
}

pub(super) fn budgets() -> Vec<Refused> {
    let mut pieces = Trace::new("24 hours in pieces, and one hour more");
    for hour in 0u8..24 {
        pieces = pieces.halt(asset(0, token(hour + 1)), HOUR, FEW).wait(HOUR);
    }
    let overlapping = Trace::new("scopes that overlap in time are charged each")
        .halt(asset(0, token(1)), 12 * HOUR, FEW)
        .halt(asset(0, token(2)), 12 * HOUR, FEW)
        .halt(client(0), HOUR, FEW);
    let early = Trace::new("a second before the charge ceases to count")
        .halt(asset(0, token(1)), DAY, FEW)
        .wait(8 * DAY - 1)
        .halt(asset(0, token(1)), HOUR, FEW);
    let policy = Trace::new("the contracts of a policy, one after the other")
        .halt(contract(token(1)), DAY, FEW)
        .halt(contract(token(2)), DAY, FEW)
        .halt(contract(token(3)), DAY, FEW)
        .halt(contract(token(4)), HOUR, FEW);
    let new_id = Trace::new("another id of the same contract has no time of its own")
        .halt(client(0), DAY, FEW)
        .wait(DAY)
        .halt(client(1), HOUR, FEW);
    let by_contract = Trace::new("the contract after the path")
        .halt(asset(2, token(1)), DAY, FEW)
        .wait(DAY)
        .halt(contract(light(2)), HOUR, FEW);
    let rotated = Trace::new("a new set has the time that is left, not more")
        .halt(asset(0, token(1)), DAY, FEW)
        .rotate()
        .wait(DAY)
        .halt(asset(0, token(1)), HOUR, FEW);
    let resumed = Trace::new("a resume gives no time back")
        .halt(asset(0, token(1)), DAY, FEW)
        .schedule(asset(0, token(1)), 1, MANY)
        .wait(HOUR)
        .execute(asset(0, token(1)))
        .halt(asset(0, token(1)), HOUR, FEW);
    let all = (
        "all_sign",
        Trace::new("all sign a halt: it is no confirm")
            .halt(client(0), DAY, FEW)
            .wait(DAY),
    );
    [
        ("pieces", pieces.halt(asset(0, token(1)), HOUR, FEW)),
        ("overlapping", overlapping),
        ("early", early),
        ("policy", policy),
        ("new_id", new_id),
        ("by_contract", by_contract),
        ("rotated", rotated),
        ("resumed", resumed),
        (all.0, all.1.halt(client(0), HOUR, &[0, 1, 2, 3, 4])),
    ]
    .map(|(name, trace)| ("over_budget", name, trace))
    .into()
}
