//! A client on two embedded chains that is deceived by whoever stole the keys of the committee in office, in the two ways that do not
//! show at its newest state: it is taught another next committee than its chain has, after which it would believe nobody but the
//! thieves, and it is shown a state of an epoch long before. The relayer shows it the chain's own update, which freezes it.

use crate::attesters::create_client;
use crate::bench::{Bench, NAMES, PATIENCE, ask, last_lines, run, start_daemon};
use crate::side::Side;
use crate::thief::Thief;
use alloy_primitives::Address;
use ethereum::codec::encode_update;
use ethereum::{Period, Slot, Update};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// Generated bindings, so that their lints stay in here.
#[allow(missing_docs, clippy::too_many_arguments)]
mod contracts {
    alloy::sol!(
        #[sol(rpc)]
        BeaconClient,
        "../../contracts/artifacts/BeaconClient.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        Router,
        "../../contracts/artifacts/Router.json"
    );
}
use contracts::{BeaconClient, Router};

/// Looks at the client after each lie.
const LOOKS: usize = 10;

/// Two chains with a path over beacon clients, of which South's is deceived.
struct Opened {
    bench: Bench,
    deployed: Vec<Value>,
    ends: [String; 2],
    /// The operator's configuration.
    config: PathBuf,
    /// Both routers, and South's client.
    routers: [Address; 2],
    contract: Address,
}

impl Opened {
    async fn new() -> Self {
        let bench = Bench::start().await;
        let config = bench.write_config("operator", &[], &[]);
        let deployed: Vec<Value> = NAMES.iter().map(|name| bench.deploy(&config, name)).collect();
        let config = bench.write_config("operator", &deployed, &[]);
        let made = [0, 1].map(|host| create_client(&config, host, &[]));
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let ends = made.each_ref().map(|made| text(&made["end"]));
        ask(&config, &["path", "create", "--a", &ends[0], "--b", &ends[1]]);
        let address = |value: &Value| text(value).parse().expect("an address");
        Self {
            routers: [0, 1].map(|at| address(&deployed[at]["router"])),
            contract: address(&made[1]["contract"]),
            bench,
            deployed,
            ends,
            config,
        }
    }

    /// The relayer's configuration. It looks at clients often, for the test's sake.
    fn watching(&self) -> PathBuf {
        let config = self.bench.write_config("relayer", &self.deployed, &self.ends);
        let text = fs::read_to_string(&config).expect("read");
        let often = text.replace("[limits]\n", "[limits]\nclient_every_secs = 2\n");
        fs::write(&config, often).expect("written");
        config
    }

    /// Seen anew each time: the operator's commands use up nonces of the same account.
    fn side(&self) -> Side {
        self.bench.side(1, &self.deployed[1], &self.ends[1])
    }

    async fn snapshot(&self) -> BeaconClient::Snapshot {
        let client = BeaconClient::new(self.contract, self.side().provider);
        client.snapshot().call().await.expect("a snapshot")
    }

    /// The client as it stands after an honest update.
    async fn follow(&self) -> BeaconClient::Snapshot {
        // It may be frozen by now.
        run(
            &self.config,
            &[
                "client",
                "update",
                "--client",
                &self.ends[1],
                "--tracked",
                NAMES[0],
            ],
        );
        self.snapshot().await
    }

    async fn is_frozen(&self) -> bool {
        self.snapshot().await.frozen
    }

    /// Whether the client believes in a next committee of attackers now: no period of it may end meanwhile.
    async fn teach(&self, thief: &Thief<'_>) -> bool {
        let newest = newest_period(&self.follow().await);
        let Some(update) = thief.next_committee(newest).await else {
            return false;
        };
        self.show(&update).await && newest_period(&self.snapshot().await) == Period(newest.0 + 1)
    }

    /// Lets it believe a false state of an epoch before its newest; the slot, if it does.
    async fn deceive_below(&self, thief: &Thief<'_>) -> Option<Slot> {
        let newest = Slot(self.follow().await.newestSlot);
        let update = thief.below(newest, self.routers[0]).await?;
        let slot = update.finalized.slot;
        // Where it has the chain's own state, a lie only contradicts that.
        let is_free = !self.keeps(slot).await;
        (is_free && self.show(&update).await && self.keeps(slot).await).then_some(slot)
    }

    async fn keeps(&self, slot: Slot) -> bool {
        let client = BeaconClient::new(self.contract, self.side().provider);
        client.stateAt(slot.0).call().await.is_ok()
    }

    /// Whether the client takes a forged update. Its period may have ended, or the relayer was quicker.
    async fn show(&self, update: &Update) -> bool {
        let side = self.side();
        let router = Router::new(self.routers[1], &side.provider);
        let call = router.updateClient(side.client.clone(), encode_update(update).into());
        match call.send().await {
            Ok(sent) => sent.get_receipt().await.expect("a receipt").status(),
            Err(_) => false,
        }
    }
}

fn newest_period(shot: &BeaconClient::Snapshot) -> Period {
    let held = shot.committees.iter().filter(|known| !known.commitment.is_zero());
    Period(held.map(|known| known.period).max().expect("a committee"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_believes_a_committee_of_attackers_is_frozen_by_the_relayer() {
    let opened = Opened::new().await;
    let thief = Thief::of(&opened.bench.chains[0]).await;
    let until = Instant::now() + PATIENCE;
    while !opened.teach(&thief).await {
        assert!(Instant::now() < until, "no period was long enough");
    }
    let log = opened.bench.path("relayer.log");
    let _daemon = start_daemon(&opened.watching(), &log);
    while !opened.is_frozen().await {
        assert!(Instant::now() < until, "{}", last_lines(&log));
        sleep(Duration::from_millis(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_believes_what_never_was_below_its_newest_state_is_frozen_by_the_relayer() {
    let opened = Opened::new().await;
    let thief = Thief::of(&opened.bench.chains[0]).await;
    let log = opened.bench.path("relayer.log");
    let _daemon = start_daemon(&opened.watching(), &log);
    let (until, mut lies) = (Instant::now() + PATIENCE, Vec::new());
    // The relayer can only show what it saw, and at this pace of the chains it does not see every epoch.
    while !opened.is_frozen().await {
        assert!(Instant::now() < until, "lies of {lies:?}\n{}", last_lines(&log));
        lies.extend(opened.deceive_below(&thief).await);
        for _ in 0..LOOKS {
            sleep(Duration::from_millis(300)).await;
        }
    }
    assert!(
        !lies.is_empty(),
        "an honest client was frozen: {}",
        last_lines(&log)
    );
}
