//! What is verified of a client of a CometBFT chain on this one, as far as this chain can tell: how it came to stand behind its id,
//! whom it is paired with, its code, its verifier's code, and where it looks for packets. Of a policy that is asked of each leaf.
//!
//! Whether its terms are sound for the chain that it follows, and whether that chain has the states that it believes, the other
//! chain tells: what it needs for that comes back with the findings.
//!
//! What this module must never do: stop at the first finding, or call a client good of which something could not be checked.

use crate::abi::TendermintClient;
use crate::artifact::{TENDERMINT_CLIENT, TENDERMINT_VERIFIER};
use crate::believed;
use crate::client_view::{LeafSeen, Told};
use crate::evm::Evm;
use crate::rpc::At;
use crate::tendermint::{config_of, law_start};
use crate::verify::{check_code, check_counterparty, check_history, code_findings, see, status_text};
use crate::verify_policy;
use ::client::Status;
use alloy_primitives::Address;
use chain::{Depth, Doubt, Expected, Fault, Finding, TrustedState};
use policy::{Leaf, Policy};
use tendermint_client::{Bootstrap, Config, STORE_DEFAULT, State, Trusted};
use wire::{ClientId, Seconds};

/// The smallest ring that a client may have: behind it, what another relayer does could push out the state of a proof that is
/// under way.
const CAPACITY_MIN: u32 = 256;

/// An end whose client follows a CometBFT chain, by what its host shows: a client of one, or a policy over several.
#[derive(Clone, Debug)]
pub struct CometEnd {
    /// What was found on the host, one entry a rule.
    pub findings: Vec<Finding>,
    /// Of whom the chain that they follow has the last word.
    pub followers: Vec<TendermintEnd>,
}

/// A client of a CometBFT chain, as its host shows it to the chain that it follows.
#[derive(Clone, Debug)]
pub struct TendermintEnd {
    /// Its place among the leaves of a policy, if it is one.
    pub leaf: Option<usize>,
    /// What it was told at its creation.
    pub config: Config,
    /// States that it believes, or why they were not read.
    pub states: Result<Vec<State>, Fault>,
    /// Whether it is known to keep no others that were to be compared.
    pub are_all: bool,
    /// The state that it started from, or why it was not read.
    pub started: Result<Bootstrap, Fault>,
}

/// Checks the client `id` on `host`, which should follow a CometBFT chain whose packets lie under `prefix`.
///
/// The findings have one entry a rule; a rule that could not be checked is an `Err` entry. Fails only when the client cannot
/// be read at all, or follows no such chain.
pub async fn verify_tendermint_end(
    host: &Evm,
    id: &ClientId,
    prefix: &[Vec<u8>],
    expected: &Expected,
) -> Result<CometEnd, Fault> {
    let seen = see(host, id).await?;
    let end = Verifying {
        host,
        now: seen.view.now,
        depth: expected.depth,
        kept: match expected.depth {
            Depth::Newest => Ok((seen.view.trusted.clone(), true)),
            Depth::Whole => believed::all_states(host, id).await,
        },
    };
    let mut findings = vec![
        Finding::new("history", check_history(host, &seen, id).await),
        Finding::new("counterparty", check_counterparty(&seen, expected, prefix)),
    ];
    let mut followers = Vec::new();
    match (&seen.told, &seen.view.trusted) {
        (Told::Tendermint(_), TrustedState::Tendermint(trusted)) => {
            findings.extend(end.verify(seen.contract, trusted).await);
            followers.push(end.follower(None, seen.contract, trusted).await);
        }
        (Told::Policy(leaves), TrustedState::Policy(state)) => {
            findings.extend(verify_policy::verify_own(host, seen.contract, &seen.view.trusted).await);
            let leaves = state.policy.leaves().iter().zip(leaves).enumerate();
            for (place, (leaf, seen)) in leaves {
                let found = end.verify_leaf(leaf, seen).await;
                findings.extend(found.into_iter().map(|finding| finding.of_leaf(place)));
                // One that is frozen or expired never counts again, and harms nobody by what it believes.
                if let Ok((_, TrustedState::Tendermint(trusted))) = &seen.light
                    && tendermint_client::status(trusted, end.now) == Status::Active
                {
                    followers.push(end.follower(Some(place), seen.contract, trusted).await);
                }
            }
        }
        (Told::Beacon(_) | Told::Attestors(_) | Told::Tendermint(_) | Told::Policy(_), _) => {
            return Err(Fault::NoClient {
                id: id.to_string(),
                text: NO_COMET.into(),
            });
        }
    }
    Ok(CometEnd { findings, followers })
}

const NO_COMET: &str = "it follows no CometBFT chain";

/// An end that is verified.
struct Verifying<'a> {
    host: &'a Evm,
    /// The host's time.
    now: Seconds,
    depth: Depth,
    /// What the client trusts with the states that are to be compared, and whether those are all.
    kept: Result<(TrustedState, bool), Fault>,
}

impl Verifying<'_> {
    async fn verify(&self, contract: Address, trusted: &Trusted) -> Vec<Finding> {
        let code = code_findings(self.host, contract, "TendermintClient", TENDERMINT_CLIENT);
        let newest = trusted.newest().height;
        let status = tendermint_client::status(trusted, self.now);
        let mut findings = Vec::from(code.await);
        findings.extend([
            Finding::new("verifier", check_verifier(self.host, contract).await),
            Finding::new("ring", check_ring(trusted)),
            Finding::new("status", status_text(status, &format!("height {newest}"))),
        ]);
        findings
    }

    async fn verify_leaf(&self, leaf: &Leaf, seen: &LeafSeen) -> Vec<Finding> {
        let mut findings = vec![verify_policy::check_halt(seen)];
        if leaf.delay.0 != 0 {
            findings.push(Finding::new("delay", Err::<String, _>(why_no_delay(leaf))));
        }
        match &seen.light {
            Ok((_, TrustedState::Tendermint(trusted))) => {
                findings.extend(self.verify(seen.contract, trusted).await);
            }
            Ok(_) => findings.push(Finding::new("client", Err::<String, _>(NO_COMET.to_owned()))),
            Err(text) => findings.push(verify_policy::unread(text)),
        }
        findings
    }

    /// What the chain that it follows has to compare.
    async fn follower(&self, leaf: Option<usize>, contract: Address, trusted: &Trusted) -> TendermintEnd {
        let kept = self.kept.as_ref().map(|(kept, are_all)| {
            let kept = match (kept, leaf) {
                (TrustedState::Policy(state), Some(place)) => {
                    state.leaves.get(place).and_then(Option::as_ref)
                }
                (plain, _) => Some(plain),
            };
            match kept {
                Some(TrustedState::Tendermint(kept)) => (kept.states().copied().collect(), *are_all),
                // A halted leaf is absent: of what it believes only the newest state was read.
                Some(_) | None => (vec![*trusted.newest()], self.depth == Depth::Newest),
            }
        });
        let are_all = kept.as_ref().map_or(true, |(_, are_all)| *are_all);
        TendermintEnd {
            leaf,
            config: trusted.config.clone(),
            states: kept.map(|(states, _)| states).map_err(Clone::clone),
            are_all,
            started: started(self.host, contract).await,
        }
    }
}

/// Refuses a policy of which a leaf could never count for the CometBFT chain `chain_id`: nothing is paid for what carries nothing.
///
/// # Errors
/// [`Fault::NoClient`] with the first such leaf.
pub async fn check_comet_policy(host: &Evm, policy: &Policy, chain_id: &str) -> Result<(), Fault> {
    for leaf in policy.leaves() {
        let refuse = |text: String| Fault::NoClient {
            id: leaf.client.to_string(),
            text,
        };
        if leaf.delay.0 != 0 {
            return Err(refuse(why_no_delay(leaf)));
        }
        let name = leaf.client.to_string();
        let config = host
            .on_rpc(|rpc| {
                let name = name.clone();
                async move { config_of(&rpc, leaf.client, At::Latest, &name).await }
            })
            .await?;
        if config.chain_id != chain_id {
            let theirs = config.chain_id;
            return Err(refuse(format!(
                "it follows chain {theirs}, the policy is to follow {chain_id}"
            )));
        }
    }
    Ok(())
}

/// Why no client of a CometBFT chain may stand under a delay: docs/adr/0012-no-delay-over-cometbft.md.
fn why_no_delay(leaf: &Leaf) -> String {
    format!(
        "{} stands under a delay of {}: of a client of a CometBFT chain no state is found that has ripened; name it without `after`, and \
         let large transfers wait by limits",
        leaf.client, leaf.delay
    )
}

/// The contract that the client asks about signatures is a verifier of this release: the client's code alone does not say
/// which one its creator gave it.
async fn check_verifier(host: &Evm, contract: Address) -> Result<String, Doubt> {
    let call = TendermintClient::verifierCall {};
    let verifier = host.read(contract, &call, At::Latest).await;
    let verifier = verifier.map_err(Doubt::unchecked)?;
    check_code(host, verifier, "TendermintVerifier", TENDERMINT_VERIFIER).await
}

fn check_ring(trusted: &Trusted) -> Result<String, Doubt> {
    let config = &trusted.config;
    if config.store != STORE_DEFAULT {
        return Err(Doubt::Differs(format!(
            "it looks for packets in the store {:?}, they are in {:?}",
            String::from_utf8_lossy(&config.store),
            String::from_utf8_lossy(STORE_DEFAULT)
        )));
    }
    if config.capacity < CAPACITY_MIN {
        return Err(Doubt::Differs(format!(
            "its ring reaches back {} heights, at least {CAPACITY_MIN} are needed",
            config.capacity
        )));
    }
    Ok(format!("its ring reaches back {} heights", config.capacity))
}

async fn started(host: &Evm, contract: Address) -> Result<Bootstrap, Fault> {
    let call = TendermintClient::bootstrapCall {};
    let start = host.read(contract, &call, At::Latest).await?;
    law_start(&start).map_err(|text| Fault::NoClient {
        id: contract.to_string(),
        text,
    })
}
