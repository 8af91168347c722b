//! The entry points, as 08-wasm of ibc-go calls them: JSON in, JSON out, and the client's store between.
//!
//! Each returns the virtual machine's `ContractResult`: an answer, or an error that names the broken rule. The host undoes what
//! was written before an error. Nothing here decides; see `judge`, `guards`, `recover`, `migrate`, and the law beneath.

use alloc::vec::Vec;

use client::{Status, TrustsStorage, verify_absent, verify_member};
use ethereum::codec::decode_bootstrap;
use ethereum::{Bls, Slot, start, status};
use wire::path::Path;

use crate::guards;
use crate::json::{self, Answer, AtHeight, Env, Instantiate, Membership, Query, Sudo};
use crate::judge::{apply, judge};
use crate::migrate::migrate as migrate_store;
use crate::recover::recover;
use crate::reject::Reject;
use crate::state::{Genesis, Kept, Started};
use crate::store::{self, Store};

/// Nanoseconds of a second.
const NANOS: u64 = 1_000_000_000;

/// Creates a client.
///
/// - `env`, `message`: JSON of the host.
pub fn instantiate(store: &mut impl Store, bls: &impl Bls, env: &[u8], message: &[u8]) -> Vec<u8> {
    json::call_outcome(create(store, bls, env, message))
}

/// Changes the client, or proves something by it.
///
/// - `env`, `message`: JSON of the host.
pub fn sudo(store: &mut impl Store, bls: &impl Bls, env: &[u8], message: &[u8]) -> Vec<u8> {
    json::call_outcome(command(store, bls, env, message))
}

/// Answers a question.
///
/// - `env`, `message`: JSON of the host.
pub fn query(store: &impl Store, bls: &impl Bls, env: &[u8], message: &[u8]) -> Vec<u8> {
    json::query_outcome(answer(store, bls, env, message))
}

/// Takes the client over from other code.
///
/// - `env`, `message`: JSON of the host; the message is governance's own.
pub fn migrate(store: &mut impl Store, env: &[u8], message: &[u8]) -> Vec<u8> {
    json::call_outcome(take_over(store, env, message))
}

fn take_over(store: &mut impl Store, env: &[u8], message: &[u8]) -> Result<Answer, Reject> {
    migrate_store(store, &Env::parse(env)?, &json::parse("the migration", message)?)?;
    Ok(Answer::Nothing {})
}

fn create(store: &mut impl Store, bls: &impl Bls, env: &[u8], message: &[u8]) -> Result<Answer, Reject> {
    let env = Env::parse(env)?;
    let message: Instantiate = json::parse("the instantiation", message)?;
    let genesis = Genesis::from_bytes(&message.client_state.0)?;
    let bootstrap = decode_bootstrap(&genesis.config.network, &message.consensus_state.0)?;
    let trusted = start(bls, genesis.config, &bootstrap, env.now)?;
    let period = trusted.config.network.period_of(bootstrap.header.slot);
    let started = Started {
        slot: bootstrap.header.slot,
        header: bootstrap.header.root(),
        committee: bootstrap.current.committee.commitment(period),
    };
    for state in trusted.states() {
        store::save_state(store, &trusted.config, state)?;
    }
    let kept = Kept {
        checksum: message.checksum.0,
        started,
        newest: trusted.newest,
        frozen: trusted.frozen,
        committees: trusted.committees().copied().collect(),
        config: trusted.config,
    };
    kept.save(store);
    guards::begin(store, &env, &genesis.guardians)?;
    Ok(Answer::Nothing {})
}

fn command(store: &mut impl Store, bls: &impl Bls, env: &[u8], message: &[u8]) -> Result<Answer, Reject> {
    let env = Env::parse(env)?;
    match json::parse("the sudo message", message)? {
        Sudo::UpdateState(message) => {
            let (kept, judged) = judge(store, bls, &env, &message.client_message.0)?;
            let heights = apply(store, &env, &kept, judged)?;
            Ok(Answer::Heights { heights })
        }
        Sudo::UpdateStateOnMisbehaviour(message) => {
            let (kept, judged) = judge(store, bls, &env, &message.client_message.0)?;
            if !judged.is_misbehaviour() {
                return Err(Reject::NoMisbehaviour);
            }
            apply(store, &env, &kept, judged)?;
            Ok(Answer::Nothing {})
        }
        Sudo::VerifyUpgradeAndUpdateState(_) => Err(Reject::NoUpgrade),
        Sudo::VerifyMembership(asked) => {
            let (trusted, path) = prepare(store, &env, &asked)?;
            let height = asked.height.to_law();
            verify_member(&trusted, height, &path, &asked.value.0, &asked.proof.0, env.now)?;
            Ok(Answer::Nothing {})
        }
        Sudo::VerifyNonMembership(asked) => {
            let (trusted, path) = prepare(store, &env, &asked)?;
            verify_absent(&trusted, asked.height.to_law(), &path, &asked.proof.0, env.now)?;
            Ok(Answer::Nothing {})
        }
        Sudo::MigrateClientStore(_) => {
            recover(store, &env)?;
            Ok(Answer::Nothing {})
        }
    }
}

/// What a proof is judged by, if it may be judged at all.
fn prepare(store: &impl Store, env: &Env, asked: &Membership) -> Result<(ethereum::Trusted, Path), Reject> {
    let (time_nanos, blocks) = (asked.delay_time_period, asked.delay_block_period);
    if time_nanos != 0 || blocks != 0 {
        return Err(Reject::Delay { time_nanos, blocks });
    }
    let [path] = asked.merkle_path.key_path.as_slice() else {
        return Err(Reject::Prefix {
            parts: asked.merkle_path.key_path.len(),
        });
    };
    let path = Path::parse(&path.0)?;
    guards::check_running(store, env)?;
    let trusted = Kept::load(store)?.trusted(store, Slot(asked.height.revision_height))?;
    Ok((trusted, path))
}

fn answer(store: &impl Store, bls: &impl Bls, env: &[u8], message: &[u8]) -> Result<Answer, Reject> {
    let env = Env::parse(env)?;
    match json::parse("the query", message)? {
        Query::Status(_) => {
            let kept = Kept::load(store)?;
            // A client that guardians halted is active: for any other status the host would refuse the message that
            // resumes it.
            let status = match status(&kept.trusted(store, kept.newest)?, env.now) {
                Status::Active => "Active",
                Status::Expired => "Expired",
                Status::Frozen => "Frozen",
            };
            Ok(Answer::Status { status })
        }
        Query::TimestampAtHeight(AtHeight { height }) => {
            let height = height.to_law();
            let trusted = Kept::load(store)?.trusted(store, Slot(height.revision_height))?;
            let known = trusted.known_state(height)?;
            let timestamp = known.timestamp.0.checked_mul(NANOS);
            let timestamp = timestamp.ok_or(ethereum::Reject::UnknownHeight { height })?;
            Ok(Answer::Timestamp { timestamp })
        }
        Query::VerifyClientMessage(message) => {
            judge(store, bls, &env, &message.client_message.0)?;
            Ok(Answer::Nothing {})
        }
        Query::CheckForMisbehaviour(message) => {
            let (_, judged) = judge(store, bls, &env, &message.client_message.0)?;
            Ok(Answer::Misbehaviour {
                found_misbehaviour: judged.is_misbehaviour(),
            })
        }
    }
}
