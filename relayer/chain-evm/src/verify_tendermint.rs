//! What is verified of a client of a CometBFT chain on this one, as far as this chain can tell: how it came to stand behind its id,
//! whom it is paired with, its code, its verifier's code, and where it looks for packets.
//!
//! Whether its terms are sound for the chain that it follows, and whether that chain has the states that it believes, the other
//! chain tells: what it needs for that comes back with the findings.
//!
//! What this module must never do: stop at the first finding, or call a client good of which something could not be checked.

use crate::abi::TendermintClient;
use crate::artifact::{TENDERMINT_CLIENT, TENDERMINT_VERIFIER};
use crate::believed;
use crate::client_view::{Seen, Told};
use crate::evm::Evm;
use crate::rpc::At;
use crate::tendermint::law_start;
use crate::verify::{check_code, check_counterparty, check_history, see, status_text};
use chain::{Depth, Doubt, Expected, Fault, Finding, TrustedState};
use tendermint_client::{Bootstrap, STORE_DEFAULT, State, Trusted};
use wire::ClientId;

/// The smallest ring that a client may have: behind it, what another relayer does could push out the state of a proof that is
/// under way.
const CAPACITY_MIN: u32 = 256;

/// A client of a CometBFT chain, by what its host shows.
#[derive(Clone, Debug)]
pub struct TendermintEnd {
    /// What was found, one entry a rule.
    pub findings: Vec<Finding>,
    /// What it trusts now, with its constants; of the ring the newest state.
    pub trusted: Trusted,
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
) -> Result<TendermintEnd, Fault> {
    let seen = see(host, id).await?;
    let (Told::Tendermint(_), TrustedState::Tendermint(trusted)) = (&seen.told, &seen.view.trusted) else {
        return Err(Fault::NoClient {
            id: id.to_string(),
            text: "it follows no CometBFT chain".into(),
        });
    };
    let code = check_code(host, seen.contract, "TendermintClient", TENDERMINT_CLIENT);
    let newest = trusted.newest().height;
    let status = tendermint_client::status(trusted, seen.view.now);
    let findings = vec![
        Finding::new("history", check_history(host, &seen, id).await),
        Finding::new("counterparty", check_counterparty(&seen, expected, prefix)),
        Finding::new("code", code.await),
        Finding::new("verifier", check_verifier(host, &seen).await),
        Finding::new("ring", check_ring(trusted)),
        Finding::new("status", status_text(status, &format!("height {newest}"))),
    ];
    let (states, are_all) = match expected.depth {
        Depth::Newest => (Ok(vec![*trusted.newest()]), true),
        Depth::Whole => match believed::all_states(host, id).await {
            Ok((states, are_all)) => (Ok(states), are_all),
            Err(fault) => (Err(fault), true),
        },
    };
    let started = started(host, &seen).await;
    Ok(TendermintEnd {
        findings,
        trusted: (**trusted).clone(),
        states,
        are_all,
        started,
    })
}

/// The contract that the client asks about signatures is a verifier of this release: the client's code alone does not say
/// which one its creator gave it.
async fn check_verifier(host: &Evm, seen: &Seen) -> Result<String, Doubt> {
    let call = TendermintClient::verifierCall {};
    let verifier = host.read(seen.contract, &call, At::Latest).await;
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

async fn started(host: &Evm, seen: &Seen) -> Result<Bootstrap, Fault> {
    let call = TendermintClient::bootstrapCall {};
    let start = host.read(seen.contract, &call, At::Latest).await?;
    law_start(&start).map_err(|text| Fault::NoClient {
        id: seen.contract.to_string(),
        text,
    })
}
