//! A client for 08-wasm that is deceived by whoever stole the keys of the EVM chain's committee in office: it is taught another next
//! committee than its chain has, or shown a state of an epoch long before. The relayer shows it the chain's own update, which freezes
//! it.

use super::{Bridge, GAS_MAX, NORTH, client, last_lines, run, stage, start_daemon};
use crate::thief::Thief;
use chain::{Answer, Ask, ClientUpdate, Place, Submission, SubmissionId, TrustedState, UpdateClient};
use chain_cosmos::Cosmos;
use cosmos_chain::validators::{Kind, Validators};
use ethereum::{Period, Trusted, Update};
use std::fs;
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::ClientId;

/// Looks at the client after each lie.
const LOOKS: usize = 10;

/// The Cosmos chain's client of the EVM chain.
struct Victim<'a> {
    bridge: &'a Bridge,
    hub: Cosmos,
    id: ClientId,
}

impl<'a> Victim<'a> {
    fn of(bridge: &'a Bridge) -> Self {
        // The relayer looks at clients often, for the test's sake.
        let config = bridge.stage.config();
        let text = fs::read_to_string(&config).expect("read");
        let often = text.replace("[limits]\n", "[limits]\nclient_every_secs = 2\n");
        fs::write(&config, often).expect("written");
        Self {
            hub: bridge.stage.hub_adapter(),
            id: client(&bridge.ends[1]).parse().expect("an id"),
            bridge,
        }
    }

    /// What the client trusts, all states included.
    async fn trusted(&self) -> Trusted {
        let end = self.id.clone().into();
        let answer = self.hub.answer(Ask::Believed { end }).await.expect("a client");
        let Answer::Believed { view, is_whole } = answer else {
            panic!("{answer:?}")
        };
        assert!(is_whole, "it keeps few states");
        match view.trusted {
            TrustedState::Ethereum(trusted) => *trusted,
            other => panic!("{other:?}"),
        }
    }

    /// The client as it stands after an honest update.
    async fn follow(&self) -> Trusted {
        let words = [
            "client",
            "update",
            "--client",
            &self.bridge.ends[1],
            "--tracked",
            NORTH,
        ];
        // It may be frozen by now.
        run(&self.bridge.stage.config(), &words);
        self.trusted().await
    }

    async fn teach(&self, thief: &Thief<'_>) -> bool {
        let newest = self.follow().await.newest_period().expect("a committee");
        let Some(update) = thief.next_committee(newest).await else {
            return false;
        };
        let next = Some(Period(newest.0 + 1));
        self.show(update, |trusted| trusted.newest_period() == next).await
    }

    async fn deceive_below(&self, thief: &Thief<'_>) -> bool {
        let newest = self.follow().await.newest;
        let Some(update) = thief.below(newest, self.bridge.router).await else {
            return false;
        };
        let slot = update.finalized.slot;
        self.show(update, |trusted| trusted.state_at(slot).is_some())
            .await
    }

    /// Whether the client takes a forged update, so that `is_deceived` holds.
    async fn show(&self, update: Update, is_deceived: impl Fn(&Trusted) -> bool) -> bool {
        if !self.send(update).await {
            return false;
        }
        for _ in 0..LOOKS {
            if is_deceived(&self.trusted().await) {
                return true;
            }
            sleep(Duration::from_millis(100)).await;
        }
        false
    }

    /// Whether a node takes the transaction. Its period may have ended, or the relayer was quicker.
    async fn send(&self, update: Update) -> bool {
        let update = UpdateClient {
            client: self.id.clone(),
            update: ClientUpdate::Ethereum(update),
        };
        let ask = Ask::Send {
            submission: Submission {
                id: SubmissionId(0),
                updates: vec![update],
                messages: Vec::new(),
                pool: None,
            },
            fee: self.hub.usual_fee().await.expect("a fee"),
            place: Place::Next,
        };
        self.hub.answer(ask).await.is_ok()
    }

    async fn is_frozen(&self) -> bool {
        self.trusted().await.frozen
    }
}

async fn build() -> Bridge {
    Bridge::build(Validators::new(Kind::Ed25519, 1, &[40, 30, 20, 10]), GAS_MAX).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_for_08_wasm_that_believes_a_committee_of_attackers_is_frozen_by_the_relayer() {
    let bridge = build().await;
    let (victim, log) = (Victim::of(&bridge), bridge.stage.log());
    let thief = Thief::of(bridge.stage.north_chain()).await;
    let until = Instant::now() + stage::PATIENCE;
    while !victim.teach(&thief).await {
        assert!(Instant::now() < until, "no period was long enough");
    }
    let _daemon = start_daemon(&bridge.stage.config(), &log);
    while !victim.is_frozen().await {
        assert!(Instant::now() < until, "{}", last_lines(&log));
        sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_for_08_wasm_that_believes_what_never_was_below_its_newest_state_is_frozen_by_the_relayer() {
    let bridge = build().await;
    let (victim, log) = (Victim::of(&bridge), bridge.stage.log());
    let thief = Thief::of(bridge.stage.north_chain()).await;
    let _daemon = start_daemon(&bridge.stage.config(), &log);
    let (until, mut lies) = (Instant::now() + stage::PATIENCE, 0);
    // The relayer can only show what it saw, and at this pace of the chain it does not see every epoch.
    while !victim.is_frozen().await {
        assert!(Instant::now() < until, "{lies} lies\n{}", last_lines(&log));
        lies += u32::from(victim.deceive_below(&thief).await);
        for _ in 0..LOOKS {
            sleep(Duration::from_millis(300)).await;
        }
    }
    assert!(lies > 0, "an honest client was frozen: {}", last_lines(&log));
}
