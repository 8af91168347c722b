//! Another set of attestors on two embedded chains, by the command line alone: for a client that believes attestors, and
//! for one that is a leaf of a policy.
//!
//! Two operators who agree are not enough, three are. The relayer announces the rotation, is killed, and lets the next set
//! take over after the delay. One of the new ones signs two roots of one block: the relayer shows it to the client, he loses
//! his weight, and transfers go on. Then the keys of a quorum are stolen, and a client believes a block that is far ahead: the
//! relayer freezes it.

use crate::attesters::{Attester, create_client, enlist, start};
use crate::bench::{Bench, NAMES, PATIENCE, ask, last_lines, run, start_daemon};
use crate::side::Side;
use crate::there_and_back;
use alloy::eips::BlockId;
use alloy::providers::Provider;
use alloy::signers::SignerSync;
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, B256, keccak256};
use attestor::codec::encode_update;
use attestor::{Attestation, Claim, Signed, Update};
use scenarios::crowd::{Crowd, Turncoat};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::process::Child;
use tokio::time::{Instant, sleep};
use wire::Seconds;

/// For how long the operators' signatures count, in seconds of the chains.
const VALIDITY: u64 = 20 * 86_400;

/// Generated bindings, so that their lints stay in here.
#[allow(missing_docs, clippy::too_many_arguments)]
mod contracts {
    alloy::sol!(
        #[sol(rpc)]
        AttestorClient,
        "../../contracts/artifacts/AttestorClient.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        Router,
        "../../contracts/artifacts/Router.json"
    );
}
use contracts::{AttestorClient, Router};

/// A block that is never made.
const FAR: u64 = 1 << 40;

/// The attestors of one chain and the client on the other that believes them.
struct Post {
    tracked: &'static str,
    crowd: Crowd,
    /// Honest daemons of the present set.
    daemons: Vec<Child>,
    /// The end of the client, and as an attestor names it.
    end: String,
    served: String,
    /// Two who are to come: an honest one and one who is not.
    heir: PrivateKeySigner,
    turncoat: (PrivateKeySigner, Turncoat),
    file: PathBuf,
}

impl Post {
    async fn open(bench: &Bench, config: &Path, host: usize, tracked: usize) -> Self {
        let (mut crowd, file) = enlist(bench, tracked);
        let made = create_client(config, host, &["--attestors", file.to_str().expect("a path")]);
        let contract = made["contract"].as_str().expect("an address");
        let served = format!("{}/{contract}", bench.chains[host].chain_id());
        let daemons = start(&mut crowd, bench, config, NAMES[tracked], &served).await;
        let key = |who: &str| {
            let secret = keccak256(format!("weighbridge test {who} of {}", NAMES[tracked]));
            PrivateKeySigner::from_bytes(&secret).expect("a key")
        };
        let turncoat = Turncoat::new(key("turncoat")).await.expect("a port");
        Self {
            tracked: NAMES[tracked],
            crowd,
            daemons,
            end: made["end"].as_str().expect("an end").to_owned(),
            served,
            heir: key("heir"),
            turncoat: (key("turncoat"), turncoat),
            file: bench.path(&format!("{}-rotation.toml", NAMES[tracked])),
        }
    }

    fn status(&self, config: &Path) -> Value {
        ask(config, &["client", "status", "--client", &self.end])
    }

    /// Two stay, the silent one, the liar and one more go, two come.
    fn next(&self) -> Vec<Address> {
        let stay = self.crowd.honest().iter().take(2);
        let come = [&self.heir, &self.turncoat.0];
        stay.chain(come).map(PrivateKeySigner::address).collect()
    }

    /// Writes the file that every operator gets.
    fn write_rotation(&self, config: &Path) {
        let status = self.status(config);
        let number = |key: &str| status[key].as_u64().expect("a number");
        let now = number("expires") - number("expires_in_secs");
        let members: Vec<String> = self
            .next()
            .iter()
            .map(|address| format!("[[members]]\naddress = \"{address}\"\nweight = 1\n"))
            .collect();
        let text = format!(
            "client = \"{}\"\nset = {}\nnonce = {}\nexpiry_unix_secs = {}\nthreshold = 3\n{}",
            self.served,
            status["set"],
            status["nonce"],
            now + VALIDITY,
            members.concat()
        );
        fs::write(&self.file, text).expect("written");
    }

    /// The operator of an honest attestor agrees: he starts him again with the file.
    async fn agree(&mut self, place: usize, bench: &Bench, config: &Path) {
        self.daemons[place].kill().await.expect("killed");
        let name = format!("{}-attestor-{place}", self.tracked);
        let url = self.crowd.urls()[place].clone();
        let attester = Attester {
            name: &name,
            tracked: self.tracked,
            served: &self.served,
            listen: url.strip_prefix("http://").expect("a url"),
            rotation: Some(&self.file),
        };
        let (child, told) = attester.start(bench, config).await;
        assert_eq!(told["agrees"][0]["set"], 1, "{told:#}");
        self.daemons[place] = child;
    }

    /// The heir begins; how the operator lists him and the turncoat.
    async fn come(&mut self, bench: &Bench, config: &Path) -> String {
        let name = format!("{}-heir", self.tracked);
        bench.write_secret(&name, &self.heir);
        let attester = Attester {
            name: &name,
            tracked: self.tracked,
            served: &self.served,
            listen: "127.0.0.1:0",
            rotation: None,
        };
        let (child, told) = attester.start(bench, config).await;
        self.daemons.push(child);
        format!(
            "[[chains.attestors]]\nurl = \"http://{}\"\naddress = \"{}\"\n{}",
            told["listening"].as_str().expect("an address"),
            self.heir.address(),
            self.turncoat.1.listed()
        )
    }

    /// Lets the client believe, by the keys of a quorum, a block that is far ahead, at the time which its chain has now.
    async fn deceive(&self, side: &Side, router: &Value, status: &Value) {
        let block = side.provider.get_block(BlockId::latest()).await;
        let block = block.expect("asked").expect("a block");
        let claim = Claim {
            timestamp: Seconds(block.header.timestamp),
            storage_root: B256::repeat_byte(0x77),
        };
        let (_, contract) = self.served.split_once('/').expect("a contract");
        let client = AttestorClient::new(contract.parse().expect("an address"), &side.provider);
        let digest = client.stateDigest(FAR, claim.timestamp.0, claim.storage_root);
        let digest = digest.call().await.expect("a digest");
        let update = encode_update(&Update::State(Attestation {
            height: FAR,
            claim,
            signatures: self.quorum_signs(&digest, status),
        }));
        let router = router["router"].as_str().expect("an address");
        let bridge = Router::new(router.parse().expect("an address"), &side.provider);
        let sent = bridge
            .updateClient(side.client.clone(), update.into())
            .send()
            .await;
        let receipt = sent.expect("sent").get_receipt().await.expect("a receipt");
        assert!(receipt.status(), "the client does not believe it");
    }

    /// Signatures of as many as are needed of the set that `status` tells.
    fn quorum_signs(&self, digest: &B256, status: &Value) -> Vec<Signed> {
        let set = status["attestors"].as_array().expect("a set");
        let keys = self.crowd.honest().iter().take(2).chain([&self.heir]);
        let mut signatures: Vec<Signed> = keys
            .map(|key| {
                let address = json!(key.address());
                let mut places = (0_u8..).zip(set);
                let found = places.find(|(_, one)| one["address"] == address);
                let signature = key.sign_hash_sync(digest).expect("a signature");
                Signed {
                    index: found.expect("a member").0,
                    signature: signature.as_bytes().to_vec(),
                }
            })
            .collect();
        signatures.sort_by_key(|signed| signed.index);
        signatures
    }

    /// Waits until the relayer has found out what the client believes.
    async fn wait_until_frozen(&self, config: &Path) {
        let until = Instant::now() + PATIENCE;
        loop {
            let status = run(config, &["client", "status", "--client", &self.end]);
            // Of a client that is of no use, the command says so.
            if !status.status.success() {
                let told = String::from_utf8_lossy(&status.stdout).into_owned();
                assert!(told.contains("frozen"), "{told}");
                return;
            }
            assert!(Instant::now() < until, "the client is believed for ever");
            sleep(Duration::from_millis(300)).await;
        }
    }

    /// The weight that the turncoat has in the client.
    fn weight_of_turncoat(&self, status: &Value) -> u64 {
        let address = json!(self.turncoat.0.address());
        let mut set = status["attestors"].as_array().expect("a set").iter();
        let found = set.find(|one| one["address"] == address).expect("a member");
        found["weight"].as_u64().expect("a weight")
    }
}

/// Both posts, paired over the client of the first and a policy that needs the client of the second.
struct Opened {
    bench: Bench,
    deployed: Vec<Value>,
    posts: [Post; 2],
    ends: [String; 2],
    /// How the attestors of each chain are listed.
    listed: [String; 2],
    /// The operator's configuration.
    config: PathBuf,
    log: PathBuf,
}

impl Opened {
    /// On North a client that believes attestors of South; on South both a beacon client and attestors of North.
    async fn new() -> Self {
        let bench = Bench::start().await;
        let config = bench.write_config("operator", &[], &[]);
        let deployed: Vec<Value> = NAMES.iter().map(|name| bench.deploy(&config, name)).collect();
        let config = bench.write_config("operator", &deployed, &[]);
        let plain = Post::open(&bench, &config, 0, 1).await;
        create_client(&config, 1, &[]);
        let leaf = Post::open(&bench, &config, 1, 0).await;
        let policy = create_client(&config, 1, &["--policy", "all-of(client-0, client-1)"]);
        let ends = [
            plain.end.clone(),
            policy["end"].as_str().expect("an end").to_owned(),
        ];
        let listed = [leaf.crowd.listed(), plain.crowd.listed()];
        let config = bench.write_config_with("operator", &deployed, &[], &listed);
        ask(&config, &["path", "create", "--a", &ends[0], "--b", &ends[1]]);
        let log = bench.path("relayer.log");
        Self {
            bench,
            deployed,
            posts: [plain, leaf],
            ends,
            listed,
            config,
            log,
        }
    }

    /// The relayer's configuration. It looks at clients often, for the test's sake.
    fn relaying(&self) -> PathBuf {
        let bench = &self.bench;
        let config = bench.write_config_with("relayer", &self.deployed, &self.ends, &self.listed);
        let text = fs::read_to_string(&config).expect("read");
        fs::write(
            &config,
            text.replace("[limits]\n", "[limits]\nclient_every_secs = 2\n"),
        )
        .expect("written");
        config
    }

    async fn there_and_back(&self) {
        // Seen anew each time: the operator's commands use up nonces of the same account.
        let sides = [0, 1].map(|at| self.bench.side(at, &self.deployed[at], &self.ends[at]));
        let ends = self.ends.each_ref().map(String::as_str);
        let config = self.bench.path("relayer.toml");
        there_and_back(sides.each_ref(), ends, &config, &self.log).await;
    }

    async fn agree(&mut self, places: std::ops::Range<usize>) {
        for post in &mut self.posts {
            for place in places.clone() {
                post.agree(place, &self.bench, &self.config).await;
            }
        }
    }

    /// Waits until the status of both clients is as `is_done` wants it.
    async fn wait(&self, is_done: impl Fn(&Post, &Value) -> bool) -> Vec<Value> {
        let (until, mut found) = (Instant::now() + PATIENCE, Vec::new());
        for post in &self.posts {
            let mut status = post.status(&self.config);
            while !is_done(post, &status) {
                assert!(Instant::now() < until, "{status:#}\n{}", last_lines(&self.log));
                sleep(Duration::from_millis(300)).await;
                status = post.status(&self.config);
            }
            found.push(status);
        }
        found
    }

    /// Two of five agree: that is not enough, whoever collects. With the third, the relayer announces it.
    async fn announce(&mut self) {
        for post in &self.posts {
            post.write_rotation(&self.config);
        }
        self.agree(0..2).await;
        for post in &self.posts {
            let words = [
                "client",
                "update",
                "--client",
                &post.end,
                "--tracked",
                post.tracked,
            ];
            let updated = ask(&self.config, &words);
            assert_eq!(updated["errand_tx"], Value::Null, "{updated:#}");
            assert_eq!(post.status(&self.config)["nonce"], 0);
        }
        self.agree(2..3).await;
        for status in self.wait(|_, status| status["nonce"] == 1).await {
            assert_eq!(status["next"].as_array().map(Vec::len), Some(4), "{status:#}");
            assert_eq!(status["set"], 1, "{status:#}");
        }
    }

    /// The new ones begin, and the operator lists them: before that he is told that he does not know who is to come.
    async fn welcome(&mut self) {
        let judged = run(&self.relaying(), &["path", "status"]);
        let told = String::from_utf8_lossy(&judged.stdout).into_owned();
        assert!(
            !judged.status.success() && told.contains("next attestors"),
            "{told}"
        );
        for (at, post) in self.posts.iter_mut().enumerate() {
            self.listed[1 - at] += &post.come(&self.bench, &self.config).await;
        }
        let verified = ask(&self.relaying(), &["path", "status"]);
        assert_eq!(verified["ok"], true, "{verified:#}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_of_attestors_replaces_itself_and_one_who_contradicts_himself_loses_his_weight() {
    let mut opened = Opened::new().await;
    let mut daemon = start_daemon(&opened.relaying(), &opened.log);
    opened.there_and_back().await;
    opened.announce().await;

    // What was announced is on chain: a killed relayer loses nothing.
    daemon.kill().await.expect("killed");
    opened.welcome().await;
    let _daemon = start_daemon(&opened.relaying(), &opened.log);
    for status in opened.wait(|_, status| status["set"] == 2).await {
        assert_eq!(status["next"], Value::Null, "{status:#}");
    }

    // The old ones are gone for good: three of the new ones carry the packets, and the fourth is found out.
    for post in &mut opened.posts {
        post.daemons[2].kill().await.expect("killed");
    }
    opened.there_and_back().await;
    for status in opened
        .wait(|post, status| post.weight_of_turncoat(status) == 0)
        .await
    {
        assert_eq!(status["status"], "active", "{status:#}");
    }
    opened.there_and_back().await;

    // A quorum's keys are stolen: what they say of a block that is far ahead shuts nobody out for good.
    let (victim, config) = (&opened.posts[0], &opened.config);
    let side = opened.bench.side(0, &opened.deployed[0], &victim.end);
    victim
        .deceive(&side, &opened.deployed[0], &victim.status(config))
        .await;
    victim.wait_until_frozen(config).await;
}
