//! A real chain and the law judge the same headers of another real chain: honest ones, mutants of them, and some that the other
//! chain's own validators signed and should not have. Then the same of two headers that are to freeze a client.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use alloy_primitives::hex;
use anyhow::{Context, Result, bail};
use dice::Dice;
use prost::Message;
use scenarios::fresh_seed;
use tendermint_client::Reject;
use tendermint_client::testing::{Ballot, RawVersion, Timestamp, Validators, ibc, raw};

use super::chain::CosmosChain;
use super::contract::name;
use super::evidence;
use super::judges::{Expected, Form, Judges, only};

/// Mutants of one message, and changes in each at most.
const MUTANTS: usize = 400;
const CHANGES_MAX: u64 = 3;
/// One in so many stays a message of its form: what is wrong with it only the rules can say.
const FORMED_ONE_IN: u64 = 2;

/// Lets `host` and the law judge headers of `tracked`; says in a line each what was found.
///
/// # Errors
/// They disagree where they must not; the seed and the message are named.
pub async fn mutants(host: &CosmosChain, tracked: &CosmosChain) -> Result<Vec<String>> {
    let seed = fresh_seed();
    let dice = &mut Dice::new(seed);
    let judges = Judges::build(host, tracked).await?;
    let signed = judge_signed(&judges).await?;
    let honest = judges.shown().encode_to_vec();
    let of_header = Drawn::<ibc::Header>::new("a header", Form::Header, &honest);
    let of_header = of_header.judge(&judges, dice).await;
    let of_header = of_header.with_context(|| format!("mutants of seed {seed}"))?;
    let honest = evidence::fork(&judges)?.encode_to_vec();
    let of_evidence = Drawn::<ibc::Misbehaviour>::new("two headers", Form::Evidence, &honest);
    let of_evidence = of_evidence.judge(&judges, dice).await;
    let of_evidence = of_evidence.with_context(|| format!("mutants of seed {seed}"))?;
    Ok(vec![
        signed,
        format!("{of_header}; seed {seed}"),
        judges.told_of_contract()?,
        format!("{of_evidence}; seed {seed}"),
        evidence::judge(&judges).await?,
    ])
}

/// A header that the chain's own validators signed.
struct Case {
    what: &'static str,
    shown: ibc::Header,
    expected: Expected,
}

/// Headers that are wrong in one thing, and signed.
async fn judge_signed(judges: &Judges<'_>) -> Result<String> {
    let cases = judges.cases()?;
    for case in &cases {
        let bytes = case.shown.encode_to_vec();
        judges
            .hold(case.what, (Form::Header, &bytes), case.expected)
            .await?;
    }
    Ok(format!(
        "ibc-go and the law judge {} headers alike that validators of the other chain signed",
        cases.len()
    ))
}

/// Mutants of a message of the form `M`.
struct Drawn<'a, M> {
    what: &'static str,
    form: Form,
    honest: &'a [u8],
    reads_as: PhantomData<M>,
}

impl<'a, M: Message + Default> Drawn<'a, M> {
    const fn new(what: &'static str, form: Form, honest: &'a [u8]) -> Self {
        Self {
            what,
            form,
            honest,
            reads_as: PhantomData,
        }
    }

    async fn judge(&self, judges: &Judges<'_>, dice: &mut Dice) -> Result<String> {
        let mut rules: BTreeMap<String, usize> = BTreeMap::new();
        let mut believed = 0;
        for _ in 0..MUTANTS {
            let mutant = self.mutant(dice);
            let found = judges.judge(self.form, &mutant).await?;
            let told = || format!("{found:?} of {}", hex::encode(&mutant));
            match (&found.law, &found.chain) {
                (Ok(()), None) => believed += 1,
                (Ok(()), Some(_)) => bail!("the law believes what ibc-go refuses: {}", told()),
                (Err(reject), Some(_)) => *rules.entry(name(reject)).or_default() += 1,
                (Err(reject), None) if is_stricter(reject) => *rules.entry(name(reject)).or_default() += 1,
                (Err(_), None) => bail!("ibc-go believes what the law refuses: {}", told()),
            }
        }
        let counts: Vec<String> = rules
            .iter()
            .map(|(rule, count)| format!("{count} by {rule}"))
            .collect();
        Ok(format!(
            "of {MUTANTS} mutants of {} both believe {believed}, what the law believes ibc-go does too, and what only the law refuses \
             breaks a rule of its own; refused: {}",
            self.what,
            counts.join(", ")
        ))
    }

    /// Another message than the honest one.
    fn mutant(&self, dice: &mut Dice) -> Vec<u8> {
        let is_formed = dice.one_in(FORMED_ONE_IN);
        loop {
            let mut mutant = self.honest.to_vec();
            for _ in 0..=dice.below(CHANGES_MAX) {
                change(&mut mutant, dice);
            }
            let has_form = M::decode(mutant.as_slice()).is_ok_and(|read| read.encode_to_vec() == mutant);
            if mutant != self.honest && (has_form || !is_formed) {
                return mutant;
            }
        }
    }
}

impl Judges<'_> {
    fn cases(&self) -> Result<Vec<Case>> {
        use Expected::{Believed, Refused, Stricter};
        let header = self.header()?;
        let trusted = *self.trusted().newest();
        let with = |what, expected, alter: &dyn Fn(&mut raw::Header)| {
            let mut header = header.clone();
            alter(&mut header);
            self.case(what, expected, header, self.validators(), |_| Ballot::Block)
        };
        let at = |secs: i64, nanos: i32| Timestamp {
            seconds: trusted.time.seconds + secs,
            nanos,
        };
        let nanos = i32::try_from(trusted.time.nanos)?;
        let trusted_height = i64::try_from(trusted.height)?;
        let mut cases = vec![
            with("the header itself", Believed, &|_| {}),
            with("another state", Believed, &|header| {
                header.app_hash = vec![0x66; 32]
            }),
            with("a nanosecond later than the trusted one", Believed, &|header| {
                header.time = Some(at(0, nanos + 1))
            }),
            with("as late as the trusted one", Refused, &|header| {
                header.time = Some(at(0, nanos))
            }),
            with("an hour ahead", Refused, &|header| {
                header.time = Some(at(3_600, 0))
            }),
            with("the height of the trusted one", Refused, &|header| {
                header.height = trusted_height
            }),
            with("of another chain", Refused, &|header| {
                header.chain_id = "other-1".into()
            }),
            with("of another revision", Refused, &|header| {
                header.chain_id = header.chain_id.replace("-1", "-2");
            }),
            with("another version of blocks", Refused, &|header| {
                header.version = Some(RawVersion { block: 10, app: 0 });
            }),
            with("a state without root", Stricter, &|header| {
                header.app_hash = Vec::new()
            }),
        ];
        cases.extend(self.of_votes(&header));
        cases.extend([
            self.twice(&header)?,
            self.foreign_address(&header)?,
            self.other_trusted(),
        ]);
        Ok(cases)
    }

    /// The honest header, with votes of some.
    fn of_votes(&self, header: &raw::Header) -> Vec<Case> {
        use Expected::{Believed, Refused};
        let votes = |what, expected, vote: fn(usize) -> Ballot| {
            self.case(what, expected, header.clone(), self.validators(), vote)
        };
        vec![
            votes("the strongest alone, who suffices", Believed, |place| {
                only(place == 0)
            }),
            votes("the weaker one alone", Refused, |place| only(place == 1)),
            votes("the strongest for no block", Refused, |place| {
                if place == 0 { Ballot::Nil } else { Ballot::Block }
            }),
            votes("nobody", Refused, |_| Ballot::Absent),
        ]
    }

    fn case(
        &self,
        what: &'static str,
        expected: Expected,
        header: raw::Header,
        validators: &Validators,
        ballot: impl Fn(usize) -> Ballot,
    ) -> Case {
        Case {
            what,
            shown: self.signed(header, validators, ballot),
            expected,
        }
    }

    /// The strongest validator stands twice in the set, and votes twice.
    fn twice(&self, header: &raw::Header) -> Result<Case> {
        let mut members = self.validators().members.clone();
        members.push(members.first().context("a validator")?.clone());
        let set = Validators { members };
        let header = raw::Header {
            validators_hash: set.hash(),
            ..header.clone()
        };
        let mut case = self.case("a validator twice", Expected::Refused, header, &set, |_| {
            Ballot::Block
        });
        case.shown.validator_set = Some(set.message());
        Ok(case)
    }

    /// A vote that is not needed bears the name of somebody else.
    fn foreign_address(&self, header: &raw::Header) -> Result<Case> {
        let mut case = self.case(
            "a vote that is not needed, by a name that is in no set",
            Expected::Stricter,
            header.clone(),
            self.validators(),
            |_| Ballot::Block,
        );
        let signed = case.shown.signed_header.as_mut();
        let commit = signed.and_then(|signed| signed.commit.as_mut());
        let last = commit.and_then(|commit| commit.signatures.last_mut());
        last.context("a vote")?.validator_address = vec![0x66; 20];
        Ok(case)
    }

    /// Others than the trusted state names are said to be trusted.
    fn other_trusted(&self) -> Case {
        let mut shown = self.shown().clone();
        let members = self.validators().members.iter().take(1).cloned().collect();
        shown.trusted_validators = Some(Validators { members }.message());
        Case {
            what: "another trusted set",
            shown,
            expected: Expected::Refused,
        }
    }
}

/// Where the law is stricter by design: how bytes are read, and the votes that are not counted.
fn is_stricter(reject: &Reject) -> bool {
    matches!(
        reject,
        Reject::Malformed { .. }
            | Reject::VoteAddress { .. }
            | Reject::AddressMismatch { .. }
            | Reject::BadAppHash { .. }
    )
}

/// One change to bytes, a flipped bit most often.
fn change(bytes: &mut Vec<u8>, dice: &mut Dice) {
    let at = dice.index(bytes.len().max(1));
    match dice.below(8) {
        _ if bytes.is_empty() => bytes.push(1),
        0 => drop(bytes.remove(at)),
        1 => bytes.insert(at, dice.roll().to_le_bytes()[0]),
        2 => bytes[at] = dice.roll().to_le_bytes()[0],
        3 => {
            let other = dice.index(bytes.len());
            bytes.swap(at, other);
        }
        _ => bytes[at] ^= 1 << dice.below(8),
    }
}
