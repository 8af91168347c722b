//! What a `TendermintClient` is attacked with once more, without the rule that refuses it: only what then succeeds was an attack.
//!
//! For each row of the second table of docs/attacks.md whose rule is a contract's, a bridge between an EVM chain and a Cosmos chain is
//! built from contracts without that rule (`contracts/mutants`), and from those as they are. Nobody relays: what is carried, the
//! suite carries by hand. The harm is looked for, in the balances of the EVM chain.

use super::absent::{self, Genuine};
use super::embedded::{self, INLAND, Slots};
use super::forged::{self, TIMES, edit_header, edit_packet};
use crate::attacks::without::{Trial, mutant};
use crate::attacks::{Expected, Outcome, lane, mixed_table};
use crate::cosmos::side::{Life, Over, Side};
use crate::cosmos::transfer::{Encoding, Ibc};
use crate::cosmos::{CosmosSite, Pace, TOKEN};
use crate::end::End;
use crate::job::Say;
use crate::port::{Port, cosmos};
use crate::post::{Post, Target, failed, until, until_past};
use crate::site::{Role, Site};
use alloy::primitives::{B256, Bytes, U256};
use anyhow::{Context, Result, bail};
use chain::{AnyPacket, Fault, Submission};
use chain_cosmos::{Cosmos, Terms, WASM_CAPACITY_MAX};
use chain_evm::{Artifacts, ClientTerms, Evm};
use cosmos_store::Stores;
use devnet::Chain;
use prost::Message as _;
use std::ops::ControlFlow;
use std::path::Path;
use tokio::time::Instant;
use wire::{ClientId, Sequence};

/// Heights that a client of the Cosmos chain keeps.
const CAPACITY: u32 = 1_000;
/// What honest people send, and what the attacker's lies begin with.
const AMOUNT: u64 = 8;
/// What the user of the EVM chain has.
const FUNDS: u64 = 1_000;
/// How long a packet lives that is to be delivered, and to expire then: as much of the wall's time as a step may take.
const SHORT_SECS: u64 = 8 * 3_600;
/// A packet that was never sent.
const NEVER_SENT: u64 = 1_000_000;
/// The Cosmos chain's store of packets.
const STORE: &str = "ibc";

/// Two embedded chains without a bridge.
struct Ground {
    evm: Chain,
    site: Site,
    hub: cosmos_chain::Chain,
    hub_site: CosmosSite,
    seconds_per_slot: u64,
}

/// A bridge between them, as an attacker sees it, and its honest users.
struct Lane {
    end: End,
    side: Side,
    evm: Post,
    hub: Post,
}

/// Tries every attack of the table that a contract refuses, with its rule and without.
///
/// # Errors
/// An attack could not be set up: then nothing is known about it.
pub async fn run(mutants: &Path, only: Option<&str>, say: Say<'_>) -> Result<Vec<Trial>> {
    let is_wanted = |row: &Expected| row.is_in_contract() && only.is_none_or(|name| name == row.name);
    let rows: Vec<Expected> = mixed_table()?.into_iter().filter(is_wanted).collect();
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ground = Ground::start().await?;
    let mut trials = Vec::new();
    for row in rows {
        let tried = ground.try_row(&row, mutants).await;
        let trial = tried.with_context(|| format!("failed to try the attack {}", row.name))?;
        say(&trial.to_string());
        trials.push(trial);
    }
    Ok(trials)
}

impl Ground {
    async fn start() -> Result<Self> {
        let slots = Slots::fast();
        let (hub, hub_site) = embedded::start_hub(&slots).await?;
        // Without a check the compiler may lay out the rest larger than EIP-170 allows.
        let (evm, site) = embedded::start_evm(INLAND, &slots, 2 * devnet::CODE_SIZE_MAX).await?;
        Ok(Self {
            evm,
            site,
            hub,
            hub_site,
            seconds_per_slot: slots.seconds(),
        })
    }

    async fn try_row(&self, row: &Expected, mutants: &Path) -> Result<Trial> {
        let artifacts = mutant(&mutants.join(row.name))?;
        Ok(Trial {
            row: row.clone(),
            guarded: self.attempt(row, &Artifacts::default()).await?,
            unguarded: self.attempt(row, &artifacts).await?,
        })
    }

    /// One attempt over a bridge made of `artifacts`.
    async fn attempt(&self, row: &Expected, artifacts: &Artifacts) -> Result<Outcome> {
        let lane = self.open(artifacts).await?;
        match row.name {
            "cosmos-edited-header" => lane.edited_header(row.rule).await,
            "cosmos-edited-packet" => lane.edited_packet(row.rule).await,
            absent::NAME => {
                // Something lies before the receipt, too.
                lane.send_from_hub().await?;
                let target = lane.send_from_evm().await?;
                lane.deliver_on_hub(target).await?;
                embedded::pass((&self.evm, self.seconds_per_slot), &self.hub, SHORT_SECS).await;
                lane.forged_absence(target, row.rule).await
            }
            other => bail!("docs/attacks.md lists {other}, which nobody wrote"),
        }
    }

    /// Deploys the contracts, makes a client of each chain on the other, and pairs them.
    async fn open(&self, artifacts: &Artifacts) -> Result<Lane> {
        let mut end = lane::deploy(&self.site, artifacts).await?;
        let keeper = lane::keeper(&end, artifacts)?;
        let hub = cosmos(&self.hub_site, Role::Relayer, &Pace::EMBEDDED)?;
        let on_evm = {
            let started = hub.starting_point(&Terms::default(), CAPACITY).await;
            let (config, start) = started.map_err(failed)?;
            // A client takes for the future what its own chain has not reached.
            until_past(deadline(), start.time.rounded_down(), async || {
                keeper.head().await
            })
            .await?;
            let made = keeper
                .create_tendermint_client(&config, &start, lane::PATIENCE)
                .await;
            made.map_err(failed)?.id
        };
        let on_hub = client_on_hub(&hub, &keeper).await?;
        pair((&keeper, &on_evm), (&hub, &on_hub)).await?;
        end.client = on_evm.to_string();
        end.fund_user(U256::from(FUNDS)).await?;
        Ok(Lane {
            side: Side::new(&self.hub_site, &Pace::EMBEDDED).await?,
            evm: Post {
                port: Port::evm(&end, Role::Attacker)?,
                client: on_evm,
            },
            hub: Post {
                port: Port::cosmos(&self.hub_site, Role::Attacker, &Pace::EMBEDDED)?,
                client: on_hub,
            },
            end,
        })
    }
}

/// A client of the EVM chain on the Cosmos chain, once the former has finalized its router.
async fn client_on_hub(hub: &Cosmos, tracked: &Evm) -> Result<ClientId> {
    let terms = ClientTerms {
        trust_period: ethereum::TRUST_PERIOD_DEFAULT,
        weak_subjectivity: ethereum::TRUST_PERIOD_DEFAULT,
        capacity: None,
    };
    let (config, bootstrap) = until(deadline(), async || {
        let now = hub.head().await.map_err(failed)?.latest.timestamp;
        match tracked.starting_point_for(&terms, WASM_CAPACITY_MAX, now).await {
            Ok(found) => Ok(ControlFlow::Break(found)),
            Err(Fault::NotYet(why)) => Ok(ControlFlow::Continue(format!(
                "there is no state to start from: {why}"
            ))),
            Err(fault) => Err(failed(fault)),
        }
    })
    .await?;
    let made = hub.create_wasm_client(&config, &bootstrap, lane::PATIENCE).await;
    Ok(made.map_err(failed)?.id)
}

async fn pair((evm, on_evm): (&Evm, &ClientId), (hub, on_hub): (&Cosmos, &ClientId)) -> Result<()> {
    evm.register_counterparty(on_evm, on_hub, &Cosmos::merkle_prefix(), lane::PATIENCE)
        .await
        .map_err(failed)?;
    hub.register_counterparty(on_hub, on_evm, &Evm::merkle_prefix(), lane::PATIENCE)
        .await
        .map_err(failed)?;
    Ok(())
}

fn deadline() -> Instant {
    Instant::now() + lane::PATIENCE
}

impl Lane {
    /// A header that claims a state in which a fortune was sent.
    async fn edited_header(&self, rule: &str) -> Result<Outcome> {
        let target = self.send_from_hub().await?;
        let mut forged = forged::genuine(&self.evm, &self.hub, target, deadline()).await?;
        let message = forged.messages.last_mut().context("no message")?;
        edit_packet(&mut message.packet)?;
        let AnyPacket::Client(packet) = &mut message.packet else {
            bail!("a packet of a channel");
        };
        packet.sequence = Sequence::new(NEVER_SENT)?;
        let key = self.hub.end().commitment(packet.sequence).to_bytes();
        let (app_hash, proof) = made_up(&key, wire::commit::packet(packet))?;
        message.proof = proof;
        let update = forged.updates.last_mut().context("the client needs no update")?;
        edit_header(&mut update.update, app_hash)?;
        self.steal(forged, rule).await
    }

    /// A genuine packet that brings more than was sent.
    async fn edited_packet(&self, rule: &str) -> Result<Outcome> {
        let target = self.send_from_hub().await?;
        let mut forged = forged::genuine(&self.evm, &self.hub, target, deadline()).await?;
        let message = forged.messages.last_mut().context("no message")?;
        edit_packet(&mut message.packet)?;
        self.steal(forged, rule).await
    }

    /// A delivered packet paid back, by an absence of its receipt between entries that are no neighbours.
    async fn forged_absence(&self, target: Target, rule: &str) -> Result<Outcome> {
        let Some(AnyPacket::Client(packet)) = self.evm.sent(target).await? else {
            bail!("packet {} was sent, and is not found", target.sequence);
        };
        let genuine = Genuine::wait(&self.evm, &self.hub, packet.sequence, deadline()).await?;
        let forged = genuine.no_neighbours(&self.evm, &packet);
        let before = self.end.user_balance(self.end.token).await?;
        if let Some(refused) = self.submit(forged, rule).await? {
            return Ok(refused);
        }
        let back = self
            .end
            .user_balance(self.end.token)
            .await?
            .saturating_sub(before);
        Ok(if back.is_zero() {
            Outcome::Idle("nothing was refunded".into())
        } else {
            Outcome::Succeeded(format!(
                "the sender has {back} back, and the receiver was paid them"
            ))
        })
    }

    /// Submits what brings a fortune; what the receiver has then.
    async fn steal(&self, forged: Submission, rule: &str) -> Result<Outcome> {
        if let Some(refused) = self.submit(forged, rule).await? {
            return Ok(refused);
        }
        let voucher = self.end.voucher_named(&self.end.client, TOKEN).await?;
        let paid = self.end.user_balance(voucher).await?;
        Ok(if paid == U256::from(AMOUNT * TIMES) {
            Outcome::Succeeded(format!("{paid} were paid, and {AMOUNT} sent"))
        } else {
            Outcome::Idle(format!("{paid} were paid, and not {}", AMOUNT * TIMES))
        })
    }

    /// Submits what is forged; the refusal, if the chain refuses it: by `rule`, or in its own words.
    async fn submit(&self, forged: Submission, rule: &str) -> Result<Option<Outcome>> {
        match self.evm.send(forged).await {
            Err(Fault::WouldRevert(revert)) if revert.text.contains(rule) => {
                Ok(Some(Outcome::Refused(rule.to_owned())))
            }
            Err(Fault::WouldRevert(revert)) => Ok(Some(Outcome::Refused(revert.text))),
            sent => {
                let sent = sent.map_err(failed)?;
                self.evm.await_included(sent, deadline()).await?;
                Ok(None)
            }
        }
    }

    async fn send_from_hub(&self) -> Result<Target> {
        let since = self.hub.head().await?.latest.block;
        let receiver = format!("{:#x}", self.end.wallet(Role::User)?.address);
        let over = Over {
            from: self.hub.client.as_str(),
            ibc: Ibc::V2,
            receiver: &receiver,
            life: Life::Secs(Pace::EMBEDDED.long_secs),
            encoding: Encoding::Abi,
        };
        let sequences = self.side.transfer(over, &[(TOKEN.to_owned(), AMOUNT)]).await?;
        Ok(Target {
            sequence: *sequences.first().context("nothing was sent")?,
            since,
            within: lane::PATIENCE,
        })
    }

    async fn send_from_evm(&self) -> Result<Target> {
        let since = self.evm.head().await?.latest.block;
        let timeout = self.end.wallet(Role::User)?.now().await? + SHORT_SECS;
        let what = (self.end.token, [AMOUNT].as_slice());
        let sent = self.end.send_all_abroad(what, &self.side.user, timeout).await?;
        Ok(Target {
            sequence: *sent.first().context("nothing was sent")?,
            since,
            within: lane::PATIENCE,
        })
    }

    async fn deliver_on_hub(&self, target: Target) -> Result<()> {
        let genuine = forged::genuine(&self.hub, &self.evm, target, deadline()).await?;
        self.hub.deliver(genuine, deadline()).await
    }
}

/// A state with one packet in it, and the proof of that.
fn made_up(key: &[u8], commitment: B256) -> Result<(B256, Bytes)> {
    let mut stores = Stores::new([STORE]);
    let store = stores.get_mut(STORE).context("a store that was named")?;
    store.set(key, commitment.as_slice());
    let app_hash = stores.commit();
    let proof = stores.prove(STORE, key).context("a key that was set")?;
    Ok((B256::from(app_hash), proof.encode_to_vec().into()))
}
