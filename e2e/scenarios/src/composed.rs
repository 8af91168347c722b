//! Packets over composed security, beside the main job: over "the beacon client and three of five attestors" and over "the
//! beacon client, some minutes after it learned the state", both ways at once, by a relayer of its own.
//!
//! Of the five attestors of each chain one is silent and one lies. Who makes the clients, sends and relays here has keys of his
//! own, so that nobody else's transactions come between.

use crate::{
    apart::pay,
    bridge::reader,
    contracts::TestToken,
    crowd::Crowd,
    draft::{Draft, ask},
    end::{End, Settled},
    job::Say,
    program::Program,
    site::{Role, Site},
    tracker::{Side, Tracker},
};
use alloy::primitives::{Address, B256, U256, keccak256};
use anyhow::{Context, Result, ensure};
use attest::Served;
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// What "after" demands, in seconds of the chains.
const DELAY_SECS: u64 = 200;
/// Amount of each transfer.
const AMOUNT: u64 = 500;
/// Validity of a packet: just below the router's limit of 24 hours.
const LIFE_SECS: u64 = 23 * 3_600;
/// How long everything may take in real time, and how often it is looked at.
const PATIENCE: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// What a bridge lends to this.
pub struct Ground {
    pub(crate) program: Program,
    pub(crate) folder: PathBuf,
    pub(crate) ends: [End; 2],
}

/// What was carried.
#[derive(Clone, Copy, Debug)]
pub struct Carried {
    /// Packets that crossed and were acknowledged.
    pub packets: usize,
    /// How often a silent attestor and a liar were asked.
    pub asked: [usize; 2],
}

/// Opens both paths, carries a transfer each way over each, and checks what arrived.
///
/// # Errors
/// A step fails, a packet does not arrive, or what arrived is not what was sent.
pub async fn run(ground: &Ground, say: Say<'_>) -> Result<Carried> {
    let keys = ["user", "relayer"].map(|who| keccak256(format!("weighbridge test {who} of composed paths")));
    for end in &ground.ends {
        pay(&end.site, &keys).await?;
    }
    let mut draft = ground.draft(keys)?;
    let config = draft.write_pair_config(&ground.ends)?;
    let (north, south) = tokio::try_join!(
        ground.host(&draft, &config, Side::North),
        ground.host(&draft, &config, Side::South)
    )?;
    let [both, after] = [0, 1].map(|at: usize| {
        [
            over(&ground.ends[0], &draft.sites[0], &north.clients[at]),
            over(&ground.ends[1], &draft.sites[1], &south.clients[at]),
        ]
    });
    // Those who attest a chain are asked for the client on the other.
    draft.attestors = [south.crowd.listed(), north.crowd.listed()];
    let config = draft.write_pair_config(&ground.ends)?;
    for path in [&both, &after] {
        draft.pair(&config, path).await?;
        for end in path {
            end.fund_user(U256::from(AMOUNT)).await?;
        }
    }
    say(
        "beside it: paths over \"beacon client and 3 of 5 attestors\" and over \"beacon client, 200 s later\"",
    );
    let (config, _) = draft.write_relayer_config(&[&both, &after])?;
    let mut relayer = draft.program.start(&config, &ground.folder.join("relayer.log"))?;
    let mut packets = 0;
    for carried in [send(&both).await?, send(&after).await?] {
        packets += carried.packets.packets().len();
        settle(carried).await?;
        relayer.check_runs()?;
    }
    relayer.stop(PATIENCE).await?;
    let asked = [0, 1].map(|at: usize| north.crowd.asked()[at] + south.crowd.asked()[at]);
    ensure!(
        asked.iter().all(|times| *times > 0),
        "a silent attestor and a liar were to be asked, they were {asked:?} times"
    );
    say(&format!(
        "{packets} packets crossed over composed clients; a silent attestor was asked {} times, a liar {} times",
        asked[0], asked[1]
    ));
    Ok(Carried { packets, asked })
}

/// The clients on one chain, and those who attest the other chain to one of them.
struct Hosted {
    /// Over both, and after a while.
    clients: [String; 2],
    crowd: Crowd,
}

impl Ground {
    fn draft(&self, [user, relayer]: [B256; 2]) -> Result<Draft> {
        fs::create_dir_all(&self.folder)
            .with_context(|| format!("failed to make {}", self.folder.display()))?;
        let sites = self.ends.each_ref().map(|end| Site {
            keys: Role::ALL
                .map(|role| if role == Role::Relayer { relayer } else { user })
                .to_vec(),
            ..end.site.clone()
        });
        Ok(Draft {
            program: self.program.clone(),
            folder: self.folder.clone(),
            sites,
            attestors: Default::default(),
        })
    }

    /// Makes the clients on one chain, and lets attestors sign for the one that believes them.
    async fn host(&self, draft: &Draft, config: &Path, side: Side) -> Result<Hosted> {
        let (host, tracked) = (side.of(&self.ends), side.across().of(&self.ends));
        let names = ["--host", &host.site.name, "--tracked", &tracked.site.name];
        let create = async |more: [&str; 2]| {
            let words = [&["client", "create"], &names[..], &more].concat();
            ask(&draft.program, config, &words).await
        };
        let text = |value: &serde_json::Value, key: &str| {
            let text = value[key].as_str().map(str::to_owned);
            text.with_context(|| format!("no {key} in {value}"))
        };
        let mut crowd = Crowd::new(&tracked.site.name)?;
        let file = self.folder.join(format!("{}-attestors.toml", tracked.site.name));
        fs::write(&file, crowd.set())?;
        let light = create(["--attestors", file.to_str().context("the path is not UTF-8")?]).await?;
        let (beacon, attested) = (&host.client, text(&light, "client")?);
        let both = create(["--policy", &format!("all-of({beacon}, {attested})")]).await?;
        let after = create(["--policy", &format!("after({DELAY_SECS}, {beacon})")]).await?;
        let served = Served {
            host: host.site.chain_id,
            contract: text(&light, "contract")?.parse()?,
        };
        crowd.answer(served, &self.folder, || reader(tracked)).await?;
        Ok(Hosted {
            clients: [text(&both, "client")?, text(&after, "client")?],
            crowd,
        })
    }
}

/// An end over another client, with the keys of `site`.
fn over(end: &End, site: &Site, client: &str) -> End {
    End {
        site: site.clone(),
        client: client.to_owned(),
        ..end.clone()
    }
}

/// Packets over one path, under way.
struct UnderWay<'a> {
    ends: &'a [End; 2],
    packets: Tracker,
    /// Who is paid on both chains.
    receiver: Address,
}

/// Sends the home token of each end to the other. Its receiver is nobody, so that what arrives can be told apart.
async fn send(ends: &[End; 2]) -> Result<UnderWay<'_>> {
    let mut packets = Tracker::default();
    let receiver = Address::from_word(keccak256(ends[0].client.as_bytes()));
    for side in [Side::North, Side::South] {
        let end = side.of(ends);
        let timeout = end.wallet(Role::User)?.now().await? + LIFE_SECS;
        let sent = end
            .send_transfer(end.token, U256::from(AMOUNT), receiver, timeout)
            .await
            .with_context(|| format!("failed to send from {}", end.name()))?;
        packets.add(side, sent, Settled::Acked { refused: false });
    }
    Ok(UnderWay {
        ends,
        packets,
        receiver,
    })
}

/// Waits until all are acknowledged, and looks at what arrived.
async fn settle(mut under_way: UnderWay<'_>) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    let (ends, count) = (under_way.ends, under_way.packets.packets().len());
    loop {
        under_way.packets.observe(ends).await?;
        let live = under_way.packets.live_of(0..count).count();
        if live == 0 {
            break;
        }
        ensure!(
            Instant::now() < deadline,
            "{live} of {count} packets over {} and {} did not end within {} s",
            ends[0].name(),
            ends[1].name(),
            PATIENCE.as_secs()
        );
        tokio::time::sleep(LOOK_EVERY).await;
    }
    for side in [Side::North, Side::South] {
        let (here, there) = (side.of(ends), side.across().of(ends));
        let voucher = there.voucher_of(here.token).await?;
        let provider = there.wallet(Role::User)?.provider;
        let arrived = TestToken::new(voucher, provider)
            .balanceOf(under_way.receiver)
            .call()
            .await?;
        let locked = here.escrowed(here.token).await?;
        ensure!(
            arrived == U256::from(AMOUNT) && locked == arrived,
            "{AMOUNT} left {}, {locked} are locked there, {arrived} arrived",
            here.name()
        );
    }
    Ok(())
}
