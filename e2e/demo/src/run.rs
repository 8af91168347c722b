//! One run: chains, bridge, acts, attacks, report.

use crate::{RELAYER, arguments::Arguments, keep, narrate::Narrator};
use anyhow::{Context, Result, ensure};
use clap::Parser;
use devnet::Chain;
use scenarios::{
    Bridge, Job, Program, Report, Side, Size,
    attacks::{self, Arena},
    composed, cosmos, embedded, gas, mixed,
};
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

/// What is carried: 45 packets and more.
const SIZE: Size = Size {
    transfers: 6,
    returns: 5,
    in_flight: 6,
    rotations: 5,
    patience: Duration::from_secs(120),
    look_every: Duration::from_millis(50),
};

/// Where the relayer keeps its store, within the run's folder.
const STORE: &str = "store";

/// Parses the command line, runs, and says by its code whether the run was a success.
pub(crate) fn demo() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("failed to start the runtime")
        .and_then(|runtime| runtime.block_on(run(&arguments)));
    match outcome {
        Ok(report) if report.is_success() => ExitCode::SUCCESS,
        Ok(_) => {
            eprintln!("the run was not a success: see the table");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("failed: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<Report> {
    let narrator = Narrator::new(arguments.headless);
    let folder = Folder::new(arguments.dir.as_deref())?;
    let chains = embedded::Pair::default().start().await?;
    narrator.say("two embedded chains run: an EVM each, under a beacon chain with a 512-key sync committee");

    let say = |line: &str| narrator.say(line);
    let program = Program::own(RELAYER)?;
    let mut bridge = Bridge::build(program, embedded::sites(&chains)?, folder.path(), &say).await?;
    let outcome = acts(&narrator, &mut bridge, &chains, folder.path()).await;
    if outcome.is_err() {
        folder.show_log();
    }
    let report = outcome?;

    narrator.title("Result");
    print!("{report}");
    if let Some(file) = &arguments.json {
        let json = serde_json::to_string_pretty(&report)?;
        std::fs::write(file, json).with_context(|| format!("failed to write {}", file.display()))?;
    }
    if arguments.keep {
        keep::until_interrupted(&bridge, folder.path()).await?;
    }
    bridge.stop_relayer().await?;
    Ok(report)
}

/// All acts in order, with paths of composed clients, two Cosmos chains and an EVM chain with a Cosmos chain beside them, then the
/// attacks.
async fn acts(
    narrator: &Narrator,
    bridge: &mut Bridge,
    chains: &[Chain; 2],
    folder: &Path,
) -> Result<Report> {
    let say = |line: &str| narrator.say(line);
    let ground = bridge.ground(folder.join("composed"));
    let between_cosmos = folder.join("cosmos");
    let beside = cosmos::embedded::run(Program::own(RELAYER)?, &between_cosmos, &say);
    let between_families = folder.join("mixed");
    let across = mixed::embedded::run(Program::own(RELAYER)?, &between_families, &say);
    let mut job = Job::new(bridge, SIZE, &say).await?;
    narrator.title("The main job");
    let main = async {
        let alone = job.walk().await?;
        job.there_and_back().await?;
        job.crash().await?;
        job.trouble().await?;
        let calls = job.call().await?;
        job.limits().await?;
        job.check_calls(calls).await?;
        job.rotate().await?;
        job.halt(async |secs| embedded::pass(chains, secs).await).await?;
        job.migrate().await?;
        job.account(alone).await
    };
    let (trace, _, between_cosmos, (between_families, forgeries)) =
        tokio::try_join!(main, composed::run(&ground, &say), beside, across)?;
    let packets = job.packets();
    let tracker = std::mem::take(&mut job.tracker);

    let first = tracker.packets().first().context("nothing was sent")?;
    let gas = gas::of_walk(bridge, Side::North, &first.sent).await?;
    narrator.walk(&trace, &gas);
    narrator.title("Attacks");
    let delivered = tracker
        .last_transfer(Side::North)
        .context("no transfer from North was delivered")?;
    let arena = Arena::new(&bridge.ends, chains)?.after(delivered.clone());
    let mut attacks = attacks::run_all(&arena, &say).await?;
    attacks.extend(forgeries);
    Ok(Report {
        packets,
        cosmos: Some(between_cosmos),
        evm_cosmos: Some(between_families),
        attacks,
        latency_ms: tracker.latency(),
        gas,
        seconds: narrator.seconds(),
    })
}

/// Where the run keeps its files.
enum Folder {
    Given(PathBuf),
    Temporary(tempfile::TempDir),
}

impl Folder {
    fn new(given: Option<&Path>) -> Result<Self> {
        match given {
            Some(path) => {
                std::fs::create_dir_all(path)
                    .with_context(|| format!("failed to make {}", path.display()))?;
                // The chains of every run start anew; a relayer that remembers others would wait for them.
                ensure!(
                    !path.join(STORE).exists(),
                    "{} holds the store of an earlier run: empty it, or name another folder",
                    path.display()
                );
                Ok(Self::Given(path.canonicalize()?))
            }
            None => Ok(Self::Temporary(
                tempfile::tempdir().context("failed to make a temporary folder")?,
            )),
        }
    }

    fn path(&self) -> &Path {
        match self {
            Self::Given(path) => path,
            Self::Temporary(folder) => folder.path(),
        }
    }

    /// Shows the end of the log: a temporary folder is gone when the program ends.
    fn show_log(&self) {
        let log_file = self.path().join("relayer.log");
        eprintln!("the relayer's last words, from {}:", log_file.display());
        let log = std::fs::read_to_string(&log_file).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        for line in lines.iter().skip(lines.len().saturating_sub(40)) {
            eprintln!("  {line}");
        }
    }
}
