//! A real chain and the law judge the same headers of another real chain: honest ones, mutants of them, and some that the other
//! chain's own validators signed and should not have.
//!
//! What the law believes, ibc-go has to believe. What ibc-go believes, the law may refuse only where docs/formats/tendermint.md says
//! that it is stricter. Nothing is sent: a node tries each message on its newest state and forgets it.

use std::collections::BTreeMap;
use std::time::Duration;

use alloy_primitives::{B256, hex};
use anyhow::{Context, Result, bail, ensure};
use chain_cosmos::{Any, Rpc};
use client::Advance;
use cosmos_chain::hand::{MsgUpdateClient, Seen, any, said};
use dice::Dice;
use prost::Message;
use scenarios::cosmos::sent::{deliver, refusal, rules, wallet};
use scenarios::cosmos::served::{height, served, signers};
use scenarios::{Role, fresh_seed};
use tendermint_client::codec::decode_update;
use tendermint_client::testing::{Ballot, Block, RawVersion, Timestamp, Validators, ibc, raw};
use tendermint_client::{Reject, Trusted, verify_update};
use tokio::time::{Instant, sleep};
use wire::Seconds;

use super::chain::CosmosChain;
use super::judge::{config_of, trusting};

/// Mutants of one header, and changes in each at most.
const MUTANTS: usize = 400;
const CHANGES_MAX: u64 = 3;
/// One in so many stays a message of its form: what is wrong with it only the rules can say.
const FORMED_ONE_IN: u64 = 2;
/// Blocks between the state that the client begins with and the header that it is shown: the law has both sets to look at.
const FURTHER: u64 = 6;
const MOVES_WITHIN: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(200);
const PATIENCE_BLOCKS: u64 = 120;
const HEADER: &str = "/ibc.lightclients.tendermint.v1.Header";
const UPDATE: &str = "/ibc.core.client.v1.MsgUpdateClient";

/// Lets `host` and the law judge headers of `tracked`; says in a line each what was found.
///
/// # Errors
/// They disagree where they must not; the seed and the message are named.
pub async fn mutants(host: &CosmosChain, tracked: &CosmosChain) -> Result<Vec<String>> {
    let seed = fresh_seed();
    let bench = Bench::build(host, tracked).await?;
    let signed = bench.judge_signed().await?;
    let drawn = bench.judge_drawn(&mut Dice::new(seed)).await;
    let drawn = drawn.with_context(|| format!("mutants of seed {seed}"))?;
    Ok(vec![signed, format!("{drawn}; seed {seed}")])
}

/// Both judges, and what they judge.
struct Bench<'a> {
    rpc: &'a Rpc,
    chain_id: &'static str,
    key: B256,
    signer: String,
    client: String,
    trusted: Trusted,
    /// An honest header, as the client is shown it, and those who signed it.
    shown: ibc::Header,
    validators: Validators,
}

/// What both say.
#[derive(Debug)]
struct Verdicts {
    law: Result<(), Reject>,
    chain: Option<String>,
}

/// How they have to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Believed,
    Refused,
    /// Only by the law.
    Stricter,
}

/// A header that the chain's own validators signed.
struct Case {
    what: &'static str,
    shown: ibc::Header,
    expected: Expected,
}

impl<'a> Bench<'a> {
    /// Makes a client, and waits for a header to show to it.
    async fn build(host: &'a CosmosChain, tracked: &CosmosChain) -> Result<Self> {
        let (rpc, followed) = (host.rpc()?, tracked.rpc()?);
        let seen = Seen {
            rpc: followed,
            chain_id: tracked.settings().chain_id,
        };
        let site = host.seen();
        let (key, signer) = (site.key(Role::Attacker)?, site.address(Role::Attacker)?);
        // Of the newest block the votes may still change.
        let begin = height(followed).await?.saturating_sub(1);
        let message = seen.new_client(begin, &signer).await?;
        let chain_id = host.settings().chain_id;
        let wallet = wallet(rules(chain_id, PATIENCE_BLOCKS)?, &[key])?;
        let made = deliver(rpc, &wallet, |_| Ok(vec![message.clone()])).await?;
        let client = said(&made.events, "create_client", "client_id")?.to_owned();
        let first = decode_update(&seen.header(begin - 1, begin).await?.encode_to_vec())?;
        let newest = begin + FURTHER;
        let begun = Instant::now();
        while height(followed).await? <= newest || time_of(rpc).await? <= first.header.time.rounded_down() {
            ensure!(begun.elapsed() < MOVES_WITHIN, "block {newest} does not come");
            sleep(LOOK_EVERY).await;
        }
        Ok(Self {
            rpc,
            chain_id,
            key,
            signer,
            client,
            trusted: trusting(
                config_of(tracked.settings().chain_id),
                &first.header,
                time_of(rpc).await?,
            )?,
            shown: seen.header(begin, newest).await?,
            validators: signers(followed, &tracked.secrets(), newest).await?,
        })
    }

    async fn judge(&self, bytes: &[u8]) -> Result<Verdicts> {
        let now = time_of(self.rpc).await?;
        let read = decode_update(bytes);
        let law = read.and_then(|update| match verify_update(&self.trusted, &update, now)? {
            Advance::Updated(_) | Advance::NoOp | Advance::Misbehaviour(_) => Ok(()),
        });
        let message = MsgUpdateClient {
            client_id: self.client.clone(),
            client_message: Some(Any {
                type_url: HEADER.into(),
                value: bytes.to_vec(),
            }),
            signer: self.signer.clone(),
        };
        let chain = refusal(self.rpc, self.chain_id, self.key, any(UPDATE, &message)).await?;
        Ok(Verdicts { law, chain })
    }

    /// Headers that are wrong in one thing, and signed.
    async fn judge_signed(&self) -> Result<String> {
        let cases = self.cases()?;
        for case in &cases {
            let found = self.judge(&case.shown.encode_to_vec()).await?;
            let verdict = match (&found.law, &found.chain) {
                (Ok(()), None) => Some(Expected::Believed),
                (Err(_), Some(_)) => Some(Expected::Refused),
                (Err(_), None) => Some(Expected::Stricter),
                (Ok(()), Some(_)) => None,
            };
            ensure!(
                verdict == Some(case.expected),
                "{}: expected {:?}, found {found:?}",
                case.what,
                case.expected
            );
        }
        Ok(format!(
            "ibc-go and the law judge {} headers alike that validators of the other chain signed",
            cases.len()
        ))
    }

    /// Changed bytes of a header.
    async fn judge_drawn(&self, dice: &mut Dice) -> Result<String> {
        let honest = self.shown.encode_to_vec();
        let mut rules: BTreeMap<String, usize> = BTreeMap::new();
        let mut believed = 0;
        for _ in 0..MUTANTS {
            let mutant = mutant_of(&honest, dice);
            let found = self.judge(&mutant).await?;
            let told = || format!("{found:?} of {}", hex::encode(&mutant));
            match (&found.law, &found.chain) {
                (Ok(()), None) => believed += 1,
                (Ok(()), Some(_)) => bail!("the law believes what ibc-go refuses: {}", told()),
                (Err(reject), Some(_)) => *rules.entry(rule(reject)).or_default() += 1,
                (Err(reject), None) if is_stricter(reject) => *rules.entry(rule(reject)).or_default() += 1,
                (Err(_), None) => bail!("ibc-go believes what the law refuses: {}", told()),
            }
        }
        let counts: Vec<String> = rules
            .iter()
            .map(|(rule, count)| format!("{count} by {rule}"))
            .collect();
        Ok(format!(
            "of {MUTANTS} mutants of a header both believe {believed}, what the law believes ibc-go does too, and what only the law refuses \
             breaks a rule of its own; refused: {}",
            counts.join(", ")
        ))
    }

    fn cases(&self) -> Result<Vec<Case>> {
        use Expected::{Believed, Refused, Stricter};
        let header = self.shown.signed_header.clone().and_then(|signed| signed.header);
        let header = header.context("a header")?;
        let trusted = *self.trusted.newest();
        let with = |what, expected, alter: &dyn Fn(&mut raw::Header)| {
            let mut header = header.clone();
            alter(&mut header);
            self.signed(what, expected, header, &self.validators, |_| Ballot::Block)
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
            self.signed(what, expected, header.clone(), &self.validators, vote)
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

    /// `header` with votes, in place of the honest one.
    fn signed(
        &self,
        what: &'static str,
        expected: Expected,
        header: raw::Header,
        validators: &Validators,
        ballot: impl Fn(usize) -> Ballot,
    ) -> Case {
        let block = Block::sign(header, validators.clone(), 0, ballot);
        let signed_header = Some(raw::SignedHeader {
            header: Some(block.header),
            commit: Some(block.commit),
        });
        let shown = ibc::Header {
            signed_header,
            ..self.shown.clone()
        };
        Case {
            what,
            shown,
            expected,
        }
    }

    /// The strongest validator stands twice in the set, and votes twice.
    fn twice(&self, header: &raw::Header) -> Result<Case> {
        let mut members = self.validators.members.clone();
        members.push(members.first().context("a validator")?.clone());
        let set = Validators { members };
        let header = raw::Header {
            validators_hash: set.hash(),
            ..header.clone()
        };
        let mut case = self.signed("a validator twice", Expected::Refused, header, &set, |_| {
            Ballot::Block
        });
        case.shown.validator_set = Some(set.message());
        Ok(case)
    }

    /// A vote that is not needed bears the name of somebody else.
    fn foreign_address(&self, header: &raw::Header) -> Result<Case> {
        let mut case = self.signed(
            "a vote that is not needed, by a name that is in no set",
            Expected::Stricter,
            header.clone(),
            &self.validators,
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
        let mut shown = self.shown.clone();
        let members = self.validators.members.iter().take(1).cloned().collect();
        shown.trusted_validators = Some(Validators { members }.message());
        Case {
            what: "another trusted set",
            shown,
            expected: Expected::Refused,
        }
    }
}

fn only(votes: bool) -> Ballot {
    if votes { Ballot::Block } else { Ballot::Absent }
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

/// The name of the rule.
fn rule(reject: &Reject) -> String {
    let text = format!("{reject:?}");
    text.split([' ', '{', '(']).next().unwrap_or_default().to_owned()
}

/// Another message than `honest`.
fn mutant_of(honest: &[u8], dice: &mut Dice) -> Vec<u8> {
    let is_formed = dice.one_in(FORMED_ONE_IN);
    loop {
        let mut mutant = honest.to_vec();
        for _ in 0..=dice.below(CHANGES_MAX) {
            change(&mut mutant, dice);
        }
        let read = ibc::Header::decode(mutant.as_slice());
        let has_form = read.is_ok_and(|header| header.encode_to_vec() == mutant);
        if mutant != honest && (has_form || !is_formed) {
            return mutant;
        }
    }
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

/// The time of the newest block, in whole seconds.
async fn time_of(rpc: &Rpc) -> Result<Seconds> {
    let status = served(rpc.status().await.map(Ok))?;
    Ok(Seconds(status.latest_time.unix_timestamp().try_into()?))
}
