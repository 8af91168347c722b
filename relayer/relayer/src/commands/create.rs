//! `relayer client create`: of which kind the client is to be follows from what the two chains are and what was asked for.

use super::wait::Deadline;
use super::{Needs, load, open_chain};
use crate::attestor_files::read_terms;
use crate::cli::{Common, Patience};
use crate::family::{Chain, cosmos_on_evm, evm_on_cosmos};
use crate::output::Format;
use crate::policy_text::Written;
use alloy_primitives::Address;
use anyhow::{Result, anyhow, bail};
use chain_cosmos::{Cosmos, Terms};
use chain_evm::{AttestorTerms, ClientTerms, Created, Evm};
use policy::Policy;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::ExitCode;
use tendermint_client::TrustLevel;
use wire::{ClientId, Seconds};

/// How far ahead of the host a header may be, unless the operator says otherwise: two clocks that differ a little, and a host
/// whose next block takes half a minute.
pub(super) const CLOCK_DRIFT: Seconds = Seconds(40);

/// What the operator asked for.
pub(super) struct Wish {
    pub(super) attestors: Option<PathBuf>,
    pub(super) policy: Option<String>,
    pub(super) trust_period: Option<Seconds>,
    pub(super) weak_subjectivity: Option<Seconds>,
    pub(super) capacity: Option<u32>,
    pub(super) clock_drift: Option<Seconds>,
    pub(super) trust_level: Option<TrustLevel>,
}

/// A client between two EVM chains.
enum Kind {
    Beacon(ClientTerms),
    Attestors(AttestorTerms),
    Policy(Written),
}

/// A client of a Cosmos chain on an EVM chain.
enum CometKind {
    /// And how far its ring reaches back.
    Tendermint(Terms, u32),
    Policy(Written),
}

impl Wish {
    /// A client between two EVM chains.
    fn on_evm(&self) -> Result<Kind> {
        refuse_foreign(
            "a client of an EVM chain",
            &[
                ("--clock-drift-secs", self.clock_drift.is_some()),
                ("--trust-level", self.trust_level.is_some()),
            ],
        )?;
        let trust_period = self.trust_period.unwrap_or(ethereum::TRUST_PERIOD_DEFAULT);
        Ok(match (&self.attestors, &self.policy) {
            (Some(file), _) => Kind::Attestors(read_terms(file, trust_period, self.capacity)?),
            (None, Some(text)) => Kind::Policy(read_policy(text)?),
            (None, None) => Kind::Beacon(self.beacon()),
        })
    }

    /// A client of an EVM chain on a Cosmos chain.
    fn evm_on_cosmos(&self) -> Result<ClientTerms> {
        refuse_foreign(
            "a client of an EVM chain on a Cosmos chain",
            &[
                ("--attestors", self.attestors.is_some()),
                ("--policy", self.policy.is_some()),
                ("--clock-drift-secs", self.clock_drift.is_some()),
                ("--trust-level", self.trust_level.is_some()),
            ],
        )?;
        Ok(self.beacon())
    }

    /// By what terms a beacon chain is believed.
    fn beacon(&self) -> ClientTerms {
        ClientTerms {
            trust_period: self.trust_period.unwrap_or(ethereum::TRUST_PERIOD_DEFAULT),
            weak_subjectivity: self
                .weak_subjectivity
                .unwrap_or(ethereum::WEAK_SUBJECTIVITY_DEFAULT),
            capacity: self.capacity,
        }
    }

    /// A 07-tendermint client between two Cosmos chains.
    fn on_cosmos(&self) -> Result<Terms> {
        refuse_foreign(
            "a client of a Cosmos chain on another",
            &[
                ("--attestors", self.attestors.is_some()),
                ("--policy", self.policy.is_some()),
                ("--weak-subjectivity-secs", self.weak_subjectivity.is_some()),
                ("--capacity", self.capacity.is_some()),
            ],
        )?;
        Ok(self.terms())
    }

    /// A client of a Cosmos chain on an EVM chain.
    fn cosmos_on_evm(&self) -> Result<CometKind> {
        let no_such_thing = [
            ("--attestors", self.attestors.is_some()),
            ("--weak-subjectivity-secs", self.weak_subjectivity.is_some()),
        ];
        refuse_foreign("a client of a Cosmos chain on an EVM chain", &no_such_thing)?;
        let Some(text) = &self.policy else {
            let capacity = self.capacity.unwrap_or(cosmos_on_evm::CAPACITY);
            return Ok(CometKind::Tendermint(self.terms(), capacity));
        };
        // How long and how far they believe what, its leaves were told when they were made.
        let of_leaves = [
            ("--trust-period-secs", self.trust_period.is_some()),
            ("--capacity", self.capacity.is_some()),
            ("--clock-drift-secs", self.clock_drift.is_some()),
            ("--trust-level", self.trust_level.is_some()),
        ];
        refuse_foreign("a policy", &of_leaves)?;
        Ok(CometKind::Policy(read_policy(text)?))
    }

    /// By what terms a Cosmos chain is believed.
    fn terms(&self) -> Terms {
        Terms {
            trust_period: self.trust_period,
            clock_drift: self.clock_drift.unwrap_or(CLOCK_DRIFT),
            trust_level: self.trust_level.unwrap_or(TrustLevel::ONE_THIRD),
        }
    }
}

fn read_policy(text: &str) -> Result<Written> {
    Written::read(text).map_err(|why| anyhow!("failed to read the policy: {why}"))
}

/// What was asked for must not be left out silently.
fn refuse_foreign(what: &str, options: &[(&str, bool)]) -> Result<()> {
    let given = options.iter().filter(|(_, is_given)| *is_given);
    let given: Vec<&str> = given.map(|(name, _)| *name).collect();
    if given.is_empty() {
        return Ok(());
    }
    bail!(
        "failed to create {what} with {}: it has no such thing; leave it out",
        given.join(" and ")
    )
}

pub(super) async fn create(
    common: &Common,
    patience: Patience,
    (host, tracked): (&str, &str),
    wish: &Wish,
) -> Result<ExitCode> {
    let config = load(common)?;
    let (on, of) = (
        open_chain(&config, host, Needs::Router)?,
        open_chain(&config, tracked, Needs::Router)?,
    );
    let deadline = Deadline::in_secs(patience.wait_secs);
    let what = format!("create a client of {tracked} on {host}");
    let (id, more) = match (&on, &of) {
        (Chain::Evm(on), Chain::Evm(of)) => {
            let created = on_evm(on, of, &wish.on_evm()?, (&what, deadline)).await?;
            (created.id.clone(), on_contract(&created))
        }
        (Chain::Cosmos(on), Chain::Cosmos(of)) => {
            on_cosmos(on, of, &wish.on_cosmos()?, (&what, deadline)).await?
        }
        (Chain::Evm(on), Chain::Cosmos(of)) => {
            let created = of_cosmos(on, of, &wish.cosmos_on_evm()?, (&what, deadline)).await?;
            (created.id.clone(), on_contract(&created))
        }
        (Chain::Cosmos(on), Chain::Evm(of)) => {
            let terms = wish.evm_on_cosmos()?;
            let make = || evm_on_cosmos::create_client(on, of, &terms, deadline.left());
            let created = deadline.until(&what, make).await?;
            (created.id, json!({ "tx": created.tx.to_string() }))
        }
    };
    let mut shown = json!({
        "client": id.as_str(),
        "end": format!("{host}/{id}"),
        "host": host,
        "tracked": tracked,
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut shown, more) {
        all.extend(more);
    }
    Format::of(common.json).print(&shown)?;
    Ok(ExitCode::SUCCESS)
}

fn on_contract(created: &Created) -> Value {
    json!({
        "contract": created.contract,
        "height": created.started_at.revision_height,
        "block": created.block,
    })
}

async fn on_evm(on: &Evm, of: &Evm, kind: &Kind, (what, deadline): (&str, Deadline)) -> Result<Created> {
    match kind {
        Kind::Beacon(terms) => {
            let make = || on.create_client(of, terms, deadline.left());
            deadline.until(what, make).await
        }
        Kind::Attestors(terms) => {
            let make = || on.create_attestor_client(of, terms, deadline.left());
            deadline.until(what, make).await
        }
        Kind::Policy(written) => {
            let policy = resolve(on, written).await?;
            let make = || on.create_policy_client(&policy, deadline.left());
            deadline.until(what, make).await
        }
    }
}

async fn of_cosmos(
    on: &Evm,
    of: &Cosmos,
    kind: &CometKind,
    (what, deadline): (&str, Deadline),
) -> Result<Created> {
    match kind {
        CometKind::Tendermint(terms, capacity) => {
            let make = || cosmos_on_evm::create_client(on, of, (terms, *capacity), deadline.left());
            deadline.until(what, make).await
        }
        CometKind::Policy(written) => {
            let policy = resolve(on, written).await?;
            let make = || cosmos_on_evm::create_policy_client(on, of, &policy, deadline.left());
            deadline.until(what, make).await
        }
    }
}

async fn on_cosmos(
    on: &Cosmos,
    of: &Cosmos,
    terms: &Terms,
    (what, deadline): (&str, Deadline),
) -> Result<(ClientId, Value)> {
    let make = || on.create_client(of, terms, deadline.left());
    let created = deadline.until(what, make).await?;
    Ok((created.id, json!({ "tx": created.tx.to_string() })))
}

/// The policy with the contracts of the clients that it names.
async fn resolve(on: &Evm, written: &Written) -> Result<Policy> {
    let host = on.name();
    let mut contracts = BTreeMap::new();
    for name in written.names() {
        let contract = match (name.parse::<Address>(), ClientId::new(name)) {
            (Ok(address), _) => address,
            (Err(_), Ok(id)) => {
                let found = on.client_contract(&id).await;
                found.map_err(|fault| anyhow!("failed to find {name} on {host}: failed to {fault}"))?
            }
            (Err(_), Err(reject)) => {
                bail!("failed to read the policy: {name} is neither an address nor a client id: {reject}")
            }
        };
        contracts.insert(name, contract);
    }
    let node = written.resolved(&|name| contracts.get(name).copied());
    let node = node.map_err(|why| anyhow!("failed to read the policy: {why}"))?;
    Policy::new(node).map_err(|reject| anyhow!("failed to {reject}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing() -> Wish {
        Wish {
            attestors: None,
            policy: None,
            trust_period: None,
            weak_subjectivity: None,
            capacity: None,
            clock_drift: None,
            trust_level: None,
        }
    }

    #[test]
    fn nothing_asked_for_is_a_beacon_client_or_one_of_tendermint() {
        let Ok(Kind::Beacon(terms)) = nothing().on_evm() else {
            panic!("another kind");
        };
        assert_eq!(terms.trust_period, ethereum::TRUST_PERIOD_DEFAULT);
        let terms = nothing().on_cosmos().expect("terms");
        assert_eq!((terms.trust_period, terms.clock_drift), (None, CLOCK_DRIFT));
        assert_eq!(terms.trust_level, TrustLevel::ONE_THIRD);
    }

    #[test]
    fn what_the_other_family_has_is_refused_by_name() {
        let told = |refused: Result<()>| refused.expect_err("refused").to_string();
        let level = Wish {
            trust_level: Some(TrustLevel::ONE_THIRD),
            ..nothing()
        };
        assert!(told(level.on_evm().map(|_| ())).contains("--trust-level"));
        let several = Wish {
            policy: Some("any-of(client-0)".into()),
            capacity: Some(9),
            ..nothing()
        };
        let text = told(several.on_cosmos().map(|_| ()));
        assert!(text.contains("--policy and --capacity"), "{text}");
        let text = told(several.cosmos_on_evm().map(|_| ()));
        assert!(
            text.contains("a policy with --capacity: "),
            "its leaves have it: {text}"
        );
        let text = told(several.evm_on_cosmos().map(|_| ()));
        assert!(text.contains("--policy: "), "{text}");
    }

    #[test]
    fn clients_between_families_have_the_terms_of_the_chain_that_they_follow() {
        let tendermint = |wish: Wish| match wish.cosmos_on_evm() {
            Ok(CometKind::Tendermint(terms, capacity)) => (terms.clock_drift, capacity),
            Ok(CometKind::Policy(written)) => panic!("{written:?}"),
            Err(error) => panic!("{error}"),
        };
        assert_eq!(tendermint(nothing()), (CLOCK_DRIFT, cosmos_on_evm::CAPACITY));
        let level = Wish {
            trust_level: Some(TrustLevel::ONE_THIRD),
            ..nothing()
        };
        let text = level.evm_on_cosmos().expect_err("refused").to_string();
        assert!(text.contains("--trust-level"), "{text}");
        let terms = nothing().evm_on_cosmos().expect("terms");
        assert_eq!(terms.trust_period, ethereum::TRUST_PERIOD_DEFAULT);
        let small = Wish {
            capacity: Some(300),
            ..nothing()
        };
        assert_eq!(tendermint(small), (CLOCK_DRIFT, 300));
        let policy = Wish {
            policy: Some("all-of(client-0, client-1)".into()),
            ..nothing()
        };
        assert!(matches!(policy.cosmos_on_evm(), Ok(CometKind::Policy(_))));
    }
}
