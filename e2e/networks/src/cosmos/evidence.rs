//! Two headers of another chain that are to freeze a client there, each signed by that chain's own validators: a real chain and the law
//! judge whether they contradict each other. At the end one pair each is shown for real, and the client is looked at.

use anyhow::{Context, Result, ensure};
use prost::Message;
use tendermint_client::testing::{Ballot, Timestamp, ibc, raw};

use super::judges::{Expected, Form, Judges, only};

/// The state that a block claims which never was.
const MADE_UP: [u8; 32] = [0x66; 32];
const HOUR: i64 = 3_600;

/// Two headers, the higher one first as ibc-go wants it.
struct Case {
    what: &'static str,
    expected: Expected,
    shown: ibc::Misbehaviour,
}

/// Two blocks of one height: the honest one, and another.
///
/// # Errors
/// None in practice: there is an honest header.
pub(super) fn fork(judges: &Judges<'_>) -> Result<ibc::Misbehaviour> {
    let other = another(judges.header()?);
    Ok(pair(judges.shown().clone(), all_sign(judges, other)))
}

/// Lets both judge pairs of headers; then shows the client one pair that contradicts nothing, and one that does.
///
/// # Errors
/// They disagree where they must not, or the client freezes for nothing or not at all.
pub(super) async fn judge(judges: &Judges<'_>) -> Result<String> {
    let cases = cases(judges)?;
    for case in &cases {
        let bytes = case.shown.encode_to_vec();
        judges
            .hold(case.what, (Form::Evidence, &bytes), case.expected)
            .await?;
    }
    let honest = pair(judges.shown().clone(), all_sign(judges, earlier(judges)?)).encode_to_vec();
    let frozen = judges.show(Form::Evidence, &honest).await?;
    ensure!(!frozen, "two headers that contradict nothing froze the client");
    let fork = fork(judges)?.encode_to_vec();
    let frozen = judges.show(Form::Evidence, &fork).await?;
    ensure!(frozen, "two blocks of one height did not freeze the client");
    Ok(format!(
        "ibc-go and the law judge {} pairs of headers alike; two that agree leave a client as it is, two of one height freeze it",
        cases.len()
    ))
}

fn cases(judges: &Judges<'_>) -> Result<Vec<Case>> {
    use Expected::{Believed, Refused, Stricter};
    let (header, earlier) = (judges.header()?, earlier(judges)?);
    let two = |what, expected, one: raw::Header, other: raw::Header| Case {
        what,
        expected,
        shown: pair(all_sign(judges, one), all_sign(judges, other)),
    };
    let both = |what, expected, alter: &dyn Fn(&mut raw::Header)| {
        let mut one = header.clone();
        alter(&mut one);
        two(what, expected, one.clone(), another(one))
    };
    let at = |time: Option<Timestamp>| raw::Header {
        time,
        ..header.clone()
    };
    let trusted_height = i64::try_from(judges.trusted().newest().height)?;
    let mut cases = vec![
        both("two blocks of one height", Believed, &|_| {}),
        both("two blocks an hour ahead", Believed, &|header| {
            later(header, HOUR);
        }),
        both("two blocks older than what is trusted", Stricter, &|header| {
            later(header, -HOUR);
        }),
        both("two blocks of the height that is trusted", Refused, &|header| {
            header.height = trusted_height;
        }),
        both("two blocks of another chain", Refused, &|header| {
            header.chain_id = "other-1".into();
        }),
        two(
            "a higher one that is as late",
            Believed,
            at(earlier.time),
            earlier.clone(),
        ),
        two("the same block twice", Stricter, header.clone(), header.clone()),
        two("a higher one that is later", Stricter, header.clone(), earlier),
    ];
    cases.extend(of_votes(judges, &header));
    Ok(cases)
}

/// Two blocks of one height, where one of them lacks something.
fn of_votes(judges: &Judges<'_>, header: &raw::Header) -> [Case; 4] {
    use Expected::{Believed, Refused};
    let honest = judges.shown();
    let case = |what, expected, second: ibc::Header| Case {
        what,
        expected,
        shown: pair(honest.clone(), second),
    };
    let voted = |vote: fn(usize) -> Ballot| judges.signed(another(header.clone()), judges.validators(), vote);
    let mut of_others = voted(|_| Ballot::Block);
    let trusted = of_others.trusted_validators.as_mut();
    if let Some(set) = trusted {
        set.validators.truncate(1);
    }
    [
        case(
            "another block, by the strongest alone, who suffices",
            Believed,
            voted(|place| only(place == 0)),
        ),
        case(
            "another block, by the weaker one alone",
            Refused,
            voted(|place| only(place == 1)),
        ),
        case("another block, by nobody", Refused, voted(|_| Ballot::Absent)),
        case("another block, from another trusted set", Refused, of_others),
    ]
}

/// A block of the height before, a nanosecond later than what is trusted.
fn earlier(judges: &Judges<'_>) -> Result<raw::Header> {
    let (header, trusted) = (judges.header()?, judges.trusted().newest().time);
    Ok(raw::Header {
        height: header.height - 1,
        time: Some(Timestamp {
            seconds: trusted.seconds,
            nanos: i32::try_from(trusted.nanos).context("nanoseconds")? + 1,
        }),
        ..header
    })
}

fn another(header: raw::Header) -> raw::Header {
    raw::Header {
        app_hash: MADE_UP.to_vec(),
        ..header
    }
}

fn later(header: &mut raw::Header, secs: i64) {
    let time = header.time.unwrap_or_default();
    header.time = Some(Timestamp {
        seconds: time.seconds + secs,
        ..time
    });
}

fn all_sign(judges: &Judges<'_>, header: raw::Header) -> ibc::Header {
    judges.signed(header, judges.validators(), |_| Ballot::Block)
}

const fn pair(higher: ibc::Header, lower: ibc::Header) -> ibc::Misbehaviour {
    ibc::Misbehaviour {
        client_id: String::new(),
        header_1: Some(higher),
        header_2: Some(lower),
    }
}
