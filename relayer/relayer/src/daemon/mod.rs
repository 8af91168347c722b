//! `relayer run`: starts the parts, joins them, and stops them. Nothing is decided here.
//!
//! ```text
//! chain tasks --replies--> turn: machine -> store (durable) -> asks --> chain tasks
//!                          turn --> board <-- HTTP --> store
//! ```

mod chains;
mod notes;
mod pairs;
mod status;
mod turn;

pub(crate) use turn::Questions;

use crate::clock;
use crate::config::Config;
use crate::packets::Packets;
use anyhow::{Context, Result, anyhow};
use api::Board;
use chains::Chains;
use ethereum::Blst;
use relayer_core::{Effects, Law, Relayer};
use std::sync::Arc;
use std::time::Duration;
use store::{Store, StoreError};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};
use turn::Turn;

/// Replies that wait for the machine; chain tasks wait beyond that.
const REPLIES: usize = 1_024;
/// Questions of HTTP that wait for the machine; more are answered without it.
const QUESTIONS: usize = 16;

/// How long a start waits for a command that reads the store, and how often it looks.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);
const LOCK_RETRY: Duration = Duration::from_millis(100);

/// Runs until SIGTERM or SIGINT.
pub(crate) async fn run(config: Config) -> Result<()> {
    let store = open_store(&config).await;
    let store =
        store.with_context(|| format!("failed to open the store in {}", config.store_dir.display()))?;
    let store = Arc::new(store);
    let mut effects = Effects::new();
    let relayer = open_machine(&config, &store, &mut effects)?;

    let board = Arc::new(Board::default());
    let (stop, stopped) = watch::channel(false);
    let (replies, from_chains) = mpsc::channel(REPLIES);
    let chains = Chains::start(&config, &replies)?;
    drop(replies);
    let (questions, asked) = turn::questions(QUESTIONS);
    let packets = Arc::new(Packets::new(store.clone(), &config, Some(questions)));
    let listener = TcpListener::bind(config.api.listen)
        .await
        .with_context(|| format!("failed to listen on {}; change api.listen", config.api.listen))?;
    let address = listener
        .local_addr()
        .context("failed to read the address that was bound")?;
    store
        .announce(address)
        .context("failed to announce the HTTP address")?;
    tracing::info!(%address, store = %store.path().display(), "running");

    let server = tokio::spawn(api::serve(
        listener,
        board.clone(),
        packets,
        api::Limits::default(),
        until(stopped.clone()),
    ));
    let signals = tokio::spawn(async move {
        let result = wait_for_signal().await;
        stop.send_replace(true);
        result
    });
    let turn = Turn::new(relayer, effects, store, chains, from_chains, asked, board);
    let ended = turn.run(stopped).await;
    signals.abort();
    server.abort();
    ended?;
    tracing::info!("stopped");
    Ok(())
}

/// A command that reads the store has it for a moment, another daemon keeps it.
async fn open_store(config: &Config) -> Result<Store, StoreError> {
    let until = Instant::now() + LOCK_PATIENCE;
    loop {
        match Store::open(&config.store_dir, config.keep) {
            Err(error) if error.is_locked() && Instant::now() < until => sleep(LOCK_RETRY).await,
            opened => return opened,
        }
    }
}

/// The machine, where the store's records end.
fn open_machine(config: &Config, store: &Store, effects: &mut Effects) -> Result<Relayer> {
    let restored = store.load().context("failed to read the store")?;
    let judge = Box::new(Law(Blst));
    Relayer::open(&config.machine(), restored, judge, clock::now(), effects).map_err(|problems| {
        let lines: Vec<String> = problems
            .iter()
            .map(|problem| format!("  failed to {problem}"))
            .collect();
        anyhow!("failed to start with this configuration:\n{}", lines.join("\n"))
    })
}

/// Completes when the process is told to stop.
pub(crate) async fn wait_for_signal() -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: stopping"),
        _ = interrupt.recv() => tracing::info!("SIGINT: stopping"),
    }
    Ok(())
}

/// Completes when `stopped` becomes true.
async fn until(mut stopped: watch::Receiver<bool>) {
    // An error means that the sender is gone: the program ends.
    drop(stopped.wait_for(|stopped| *stopped).await);
}
