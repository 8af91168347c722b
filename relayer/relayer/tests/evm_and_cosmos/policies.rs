//! The Cosmos chain followed on the EVM chain through a policy over several clients of it, by the command line alone: tokens both ways
//! and too late both ways; what can be no leaf; and one leaf that was deceived, by which nothing is proven, beside two that carry on.

use crate::deceived::Victim;
use crate::hub::{COIN, OWNED, voucher};
use crate::side::minted_token;
use crate::stage::{HUB, NORTH, ask, last_lines, run, start_daemon};
use crate::{Bridge, GAS_MAX, LONG_SECS, SHORT_SECS, expect_frozen};
use alloy::sol;
use alloy_primitives::{Address, Bytes, U256};
use cosmos_chain::validators::{Kind, Validators};
use cosmos_store::Stores;
use policy::LeafProof;
use prost::Message;
use serde_json::Value;
use wire::{ClientId, End, Height, Sequence};

sol! {
    struct At { uint64 revisionNumber; uint64 revisionHeight; }
    struct Question { bytes proof; At proofHeight; bytes[] path; bytes value; }
    #[sol(rpc)]
    interface Prover {
        error NotSatisfied(uint256 counted);
        function verifyMembership(Question message) returns (uint256 timestamp);
    }
}

fn four() -> Validators {
    Validators::new(Kind::Ed25519, 1, &[40, 30, 20, 10])
}

impl Bridge {
    /// What `path status` says of the rule of the end on the EVM chain.
    fn rule(&self, name: &str) -> Value {
        let output = run(&self.stage.config(), &["path", "status"]);
        let status: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let rules = status["paths"][0]["a"]["rules"].as_array().expect("rules");
        let found = rules.iter().find(|rule| rule["rule"] == name);
        found
            .unwrap_or_else(|| panic!("no rule {name} in {status:#}"))
            .clone()
    }

    /// Why no client can be made with `words`.
    fn refused(&self, words: &[&str]) -> String {
        let base = ["client", "create", "--host", NORTH, "--tracked", HUB];
        let output = run(&self.stage.config(), &[&base, words].concat());
        assert!(!output.status.success());
        String::from_utf8_lossy(&output.stderr).into_owned()
    }

    fn refuses_what_can_be_no_leaf(&self) {
        let told = self.refused(&["--policy", "after(600, client-0)"]);
        assert!(told.contains("stands under a delay of 600"), "{told}");
        let told = self.refused(&["--policy", "any-of(client-0, client-2)"]);
        assert!(
            told.contains("failed to find client 0x"),
            "a policy is no leaf: {told}"
        );
        let told = self.refused(&["--policy", "any-of(client-0)", "--trust-level", "2/3"]);
        assert!(told.contains("--trust-level"), "{told}");
    }

    /// Tokens of the Cosmos chain, which have to arrive.
    async fn receive(&self, amount: u64) {
        let receiver = self.north.operator.to_string().to_lowercase();
        let sent = self.hub.send(COIN, amount.into(), &receiver, LONG_SECS).await;
        self.expect(1, sent, "acked").await;
    }

    /// How much of the Cosmos chain's coin is on the EVM chain.
    async fn received(&self) -> U256 {
        let denom = format!("transfer/{}/{COIN}", self.north.client);
        self.north.balance(self.north.voucher(&denom).await).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_cross_over_a_policy_of_two_clients_and_come_home() {
    // Leaves that differ: the second asks for more of the votes that it knows.
    let clients: [&[&str]; 3] = [
        &[],
        &["--trust-level", "2/3"],
        &["--policy", "all-of(client-0, client-1)"],
    ];
    let bridge = Bridge::over(&clients, four(), GAS_MAX).await;
    let (north, hub) = (&bridge.north, &bridge.hub);
    let (config, log) = (bridge.stage.config(), bridge.stage.log());
    let verified = ask(&config, &["path", "status"]);
    assert_eq!(verified["ok"], true, "{verified:#}");
    let status = ask(&config, &["client", "status", "--client", &bridge.ends[0]]);
    assert_eq!(status["kind"], "policy", "{status:#}");
    assert_eq!(status["leaves"][1]["trusts"]["trust_level"], "2/3", "{status:#}");
    bridge.refuses_what_can_be_no_leaf();
    let mut daemon = start_daemon(&config, &log);

    bridge.receive(100).await;
    assert_eq!(bridge.received().await, U256::from(100));
    let token = minted_token(north).await;
    let sent = north.send(token, U256::from(400), hub.user()).await;
    bridge.expect(0, sent, "acked").await;
    let on_hub = voucher(&hub.client, &token.to_string().to_lowercase());
    assert_eq!(hub.balance(&on_hub).await, 400);

    // A voucher home, and too late, both ways.
    let receiver = north.operator.to_string().to_lowercase();
    let home = hub.send(&on_hub, 150, &receiver, LONG_SECS).await;
    let late_on_hub = hub.send(COIN, 5, &receiver, SHORT_SECS).await;
    let late_on_north = north
        .send_for(token, U256::from(50), hub.user(), SHORT_SECS)
        .await;
    bridge.expect(1, home, "acked").await;
    bridge.expect(1, late_on_hub, "timed-out").await;
    bridge.expect(0, late_on_north, "timed-out").await;
    assert_eq!(hub.balance(COIN).await, OWNED - 100);
    assert_eq!(north.balance(token).await, U256::from(750));
    daemon.kill().await.expect("killed");

    // Both leaves move together, also by hand.
    let words = ["client", "update", "--client", &bridge.ends[0], "--tracked", HUB];
    ask(&config, &words);
    let status = ask(&config, &["client", "status", "--client", &bridge.ends[0]]);
    let heights = [0, 1].map(|leaf| status["leaves"][leaf]["trusts"]["height"].as_u64());
    assert!(heights[0].is_some() && heights[0] == heights[1], "{status:#}");
    let verified = ask(&config, &["path", "status"]);
    assert_eq!(verified["ok"], true, "{verified:#}");
}

/// A state of the Cosmos chain's that never was, in which it has sent a packet; its app hash, where the packet lies, what lies there,
/// and the proof.
struct MadeUp {
    app_hash: [u8; 32],
    path: Vec<Bytes>,
    value: Bytes,
    proof: Vec<u8>,
}

impl MadeUp {
    fn new(client: &str) -> Self {
        let client = ClientId::new(client).expect("an id");
        let key = End::Client(client).commitment(Sequence::new(77).expect("a sequence"));
        let (key, value) = (key.to_bytes(), [0x77; 32]);
        let mut stores = Stores::new(["acc", "bank", "ibc"]);
        for store in ["acc", "bank"] {
            stores.get_mut(store).expect("a store").set(b"key", b"value");
        }
        stores.get_mut("ibc").expect("a store").set(&key, &value);
        let app_hash = stores.commit();
        let proof = stores.prove("ibc", &key).expect("a proof");
        Self {
            app_hash,
            path: vec![Bytes::from_static(b"ibc"), key.into()],
            value: Bytes::copy_from_slice(&value),
            proof: proof.encode_to_vec(),
        }
    }

    /// Asks `contract` whether the packet was sent.
    async fn shown_to(
        &self,
        bridge: &Bridge,
        contract: Address,
        height: u64,
        proof: Vec<u8>,
    ) -> Result<U256, String> {
        let question = Question {
            proof: proof.into(),
            proofHeight: At {
                revisionNumber: 1,
                revisionHeight: height,
            },
            path: self.path.clone(),
            value: self.value.clone(),
        };
        let prover = Prover::new(contract, bridge.north.provider.clone());
        let answer = prover.verifyMembership(question).call().await;
        answer.map_err(
            |error| match error.as_decoded_interface_error::<Prover::ProverErrors>() {
                Some(Prover::ProverErrors::NotSatisfied(refused)) => {
                    format!("NotSatisfied({})", refused.counted)
                }
                None => error.to_string(),
            },
        )
    }
}

/// The chain's own validators sign for client-1, the second leaf, what never was. It believes them; the policy does not. Returns
/// the height.
async fn deceive_and_lie(bridge: &Bridge, victim: &Victim<'_>) -> u64 {
    let policy = Victim::of(&bridge.north, bridge.router).await.contract;
    let made_up = MadeUp::new(&bridge.hub.client);
    let app_hash = made_up.app_hash;
    let height = victim.deceive_with(bridge.stage.hub_chain(), app_hash).await;
    let proof = made_up.proof.clone();
    let believed = made_up
        .shown_to(bridge, victim.contract, height, proof.clone())
        .await;
    assert!(believed.is_ok(), "the leaf alone: {believed:?}");
    let part = |revision_height: u64, proof: Vec<u8>| LeafProof {
        height: Height {
            revision_number: 1,
            revision_height,
        },
        proof,
    };
    let of_one = policy::encode_proof(&[part(0, Vec::new()), part(height, proof), part(0, Vec::new())]);
    let refused = made_up.shown_to(bridge, policy, height, of_one).await;
    let counted = "NotSatisfied(2)".to_owned();
    assert_eq!(refused, Err(counted), "bit 1 of the leaves, and no other");
    height
}

#[tokio::test(flavor = "multi_thread")]
async fn by_one_deceived_leaf_nothing_is_proven_and_two_others_carry_on() {
    let clients: [&[&str]; 4] = [
        &[],
        &[],
        &[],
        &["--policy", "at-least(2, client-0, client-1, client-2)"],
    ];
    let bridge = Bridge::over(&clients, four(), GAS_MAX).await;
    let (config, log) = (bridge.stage.config(), bridge.stage.log());
    let mut daemon = start_daemon(&config, &log);
    bridge.receive(100).await;

    let victim = Victim::called("client-1", &bridge.north, bridge.router).await;
    let height = deceive_and_lie(&bridge, &victim).await;

    // The relayer moves the two others.
    bridge.receive(30).await;
    assert_eq!(bridge.received().await, U256::from(130));
    daemon.kill().await.expect("killed");
    let rule = bridge.rule("leaf 1 states");
    let told = format!("at height {height} it believes the state");
    assert!(
        rule["ok"] == false && rule["text"].as_str().is_some_and(|text| text.contains(&told)),
        "{rule:#}"
    );

    // After a start it compares what leaves believe, and shows the truth to this one, through the policy.
    daemon = start_daemon(&config, &log);
    expect_frozen(&victim, &log).await;
    daemon.kill().await.expect("killed");
    let text = std::fs::read_to_string(&log).expect("a log");
    assert!(text.contains(&format!("leaf 1: {told}")), "{}", last_lines(&log));
    assert_eq!(bridge.rule("leaf 1 status")["ok"], false);
    assert_eq!(bridge.rule("leaf 2 states")["ok"], true);

    // A frozen leaf is absent: two of three are left.
    daemon = start_daemon(&config, &log);
    bridge.receive(7).await;
    assert_eq!(bridge.received().await, U256::from(137));
    daemon.kill().await.expect("killed");
}
