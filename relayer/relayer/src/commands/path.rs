//! `relayer path create|status`: both ends verified by PROTOCOL 1 before anything is sent over them.

use super::wait::Deadline;
use super::{Needs, load, open_chain};
use crate::cli::{Common, PathVerb, Patience};
use crate::config::Config;
use crate::family::Chain;
use crate::output::Format;
use anyhow::{Result, anyhow, bail};
use chain::{Answer, Ask, Depth, Expected, Fault, Finding, NotYet, TermsMax};
use relayer_core::EndName;
use serde_json::{Value, json};
use std::fmt;
use std::process::ExitCode;
use wire::{End, Height};

/// One path with both its chains.
struct Pair {
    a: Side,
    b: Side,
    terms_max: TermsMax,
}

struct Side {
    end: EndName,
    chain: Chain,
}

pub(super) async fn execute(verb: PathVerb) -> Result<ExitCode> {
    match verb {
        PathVerb::Create {
            common,
            patience,
            a,
            b,
        } => create(&common, patience, a, b).await,
        PathVerb::Status { common, end } => status(&common, end.as_ref()).await,
        PathVerb::Import {
            common,
            channel,
            write: false,
        } => super::import::import(&common, &channel, None).await,
        PathVerb::Import {
            common,
            channel,
            write: true,
        } => super::import::import(&common, &channel, Some(&common.config)).await,
    }
}

async fn create(common: &Common, patience: Patience, a: EndName, b: EndName) -> Result<ExitCode> {
    let config = load(common)?;
    let pair = Pair::open(&config, a, b)?;
    let deadline = Deadline::in_secs(patience.wait_secs);
    for (side, other) in [(&pair.a, &pair.b), (&pair.b, &pair.a)] {
        let expected = Expected {
            counterparty: side.counterparty(deadline).await?.map(|_| other.end.id.clone()),
            terms_max: pair.terms_max,
            depth: Depth::Whole,
        };
        let check = || side.chain.verify_end(&other.chain, &side.end.id, &expected);
        let findings = deadline.until(&format!("verify {}", side.end), check).await?;
        refuse_bad(&side.end, &findings)?;
    }
    // An id that is not final could still be somebody else's after a reorganisation.
    for side in [&pair.a, &pair.b] {
        deadline
            .until(&format!("see {} finalized", side.end), || side.finalized())
            .await?;
    }
    for (side, other) in [(&pair.a, &pair.b), (&pair.b, &pair.a)] {
        side.register(other, deadline).await?;
    }
    Format::of(common.json).print(&json!({"a": pair.a.end.to_string(), "b": pair.b.end.to_string()}))?;
    Ok(ExitCode::SUCCESS)
}

async fn status(common: &Common, only: Option<&EndName>) -> Result<ExitCode> {
    let config = load(common)?;
    let mut shown = Vec::new();
    let mut good = true;
    for path in &config.paths {
        let (a, b) = (&path.machine.a.name, &path.machine.b.name);
        if only.is_some_and(|only| only != a && only != b) {
            continue;
        }
        let pair = Pair::open(&config, a.clone(), b.clone())?;
        let (of_a, of_b) = (
            pair.verify(&pair.a, &pair.b).await,
            pair.verify(&pair.b, &pair.a).await,
        );
        let fits = |findings: &Result<Vec<Finding>, Fault>| {
            findings
                .as_ref()
                .is_ok_and(|findings| findings.iter().all(|finding| finding.verdict.is_ok()))
        };
        let ok = fits(&of_a) && fits(&of_b);
        good &= ok;
        shown.push(json!({"ok": ok, "a": described(a, of_a), "b": described(b, of_b)}));
    }
    if shown.is_empty() {
        bail!("failed to find a path: the configuration has none with that end");
    }
    Format::of(common.json).print(&json!({"ok": good, "paths": shown}))?;
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Pair {
    fn open(config: &Config, a: EndName, b: EndName) -> Result<Self> {
        if a.chain == b.chain {
            bail!("failed to pair {a} and {b}: a path joins two chains");
        }
        let terms_max = config.terms_max(&a, &b);
        let side = |end: EndName| -> Result<Side> {
            let chain = open_chain(config, &end.chain.0, Needs::Router)?;
            Ok(Side { end, chain })
        };
        Ok(Self {
            a: side(a)?,
            b: side(b)?,
            terms_max,
        })
    }

    async fn verify(&self, side: &Side, other: &Side) -> Result<Vec<Finding>, Fault> {
        let counterparty = Some(other.end.id.clone());
        let expected = Expected {
            counterparty,
            terms_max: self.terms_max,
            depth: Depth::Whole,
        };
        side.chain.verify_end(&other.chain, &side.end.id, &expected).await
    }
}

impl Side {
    async fn counterparty(&self, deadline: Deadline) -> Result<Option<End>> {
        let ask = || {
            self.chain.answer(Ask::Client {
                end: self.end.id.clone(),
            })
        };
        match deadline.until(&format!("read {}", self.end), ask).await? {
            Answer::Client(view) => Ok(view.counterparty),
            _ => bail!("failed to read {}: the adapter answered something else", self.end),
        }
    }

    async fn finalized(&self) -> Result<(), Fault> {
        let Some(client) = self.end.id.client() else {
            // It has no client of its own that could change hands.
            return Ok(());
        };
        if self.chain.is_final(client).await? {
            return Ok(());
        }
        let head = self.chain.head().await?;
        // The block that made the client is at most the newest one: once that is final, so is the client.
        let wanted = Height::of(head.finalized.height.revision_height.saturating_add(1));
        Err(Fault::NotYet(NotYet::Finality {
            wanted,
            finalized: head.finalized.height,
        }))
    }

    async fn register(&self, other: &Self, deadline: Deadline) -> Result<()> {
        let counterparty = &other.end.id;
        match self.counterparty(deadline).await? {
            Some(found) if &found == counterparty => return Ok(()),
            Some(found) => bail!(
                "failed to pair {} with {counterparty}: it is paired with {found}",
                self.end
            ),
            None => {}
        }
        let (Some(client), Some(theirs)) = (self.end.id.client(), counterparty.client()) else {
            bail!(
                "failed to pair {} with {counterparty}: only clients are paired, a channel is opened by its handshake",
                self.end
            );
        };
        self.chain
            .register_counterparty(client, (&other.chain, theirs), deadline.left())
            .await
            .map_err(|fault| {
                anyhow!(
                    "failed to pair {} with {counterparty}: failed to {fault}",
                    self.end
                )
            })
    }
}

pub(super) fn refuse_bad(end: &impl fmt::Display, findings: &[Finding]) -> Result<()> {
    let bad: Vec<String> = findings
        .iter()
        .filter_map(|finding| Some(format!("  {}: {}", finding.rule, finding.verdict.as_ref().err()?)))
        .collect();
    if bad.is_empty() {
        Ok(())
    } else {
        bail!("failed to accept {end}:\n{}", bad.join("\n"))
    }
}

/// Findings, one object a rule.
pub(super) fn rules(findings: &[Finding]) -> Vec<Value> {
    findings
        .iter()
        .map(|finding| match &finding.verdict {
            Ok(text) => json!({"rule": finding.rule, "ok": true, "text": text}),
            Err(doubt) => json!({"rule": finding.rule, "ok": false, "text": doubt.to_string()}),
        })
        .collect()
}

fn described(end: &EndName, findings: Result<Vec<Finding>, Fault>) -> Value {
    match findings {
        Ok(findings) => json!({"end": end.to_string(), "rules": rules(&findings)}),
        Err(fault) => json!({"end": end.to_string(), "problem": format!("failed to {fault}")}),
    }
}
