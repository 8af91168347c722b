//! Who carries packets: the relayer or a peer, as a process with a lane of its own.

use super::lane::Lane;
use crate::process::Usage;
use anyhow::{Result, ensure};
use networks::Node;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// How often it is looked whether a process rests, and what it may use meanwhile: relayers ask for blocks all the time.
const REST_LOOK_EVERY: Duration = Duration::from_secs(1);
const REST_CPU: Duration = Duration::from_millis(60);
/// Looks in a row that have to find it resting.
const REST_LOOKS: u32 = 2;
/// A process that is busy for so long, on a machine that may be busy too, is measured as it is.
const REST_WITHIN: Duration = Duration::from_secs(45);

/// A contestant, ready to start.
pub(super) struct Runner {
    /// What it is called in figures.
    pub(super) name: String,
    /// What its packets travel over.
    pub(super) lane: Lane,
    pub(super) folder: PathBuf,
    pub(super) program: PathBuf,
    /// The arguments with which it relays until it is stopped.
    pub(super) args: Vec<String>,
}

impl Runner {
    /// Starts it. It is stopped by its id when the process is dropped.
    pub(super) fn start(&self) -> Result<Node> {
        Node::start(&self.folder, "run", &self.program, &self.args)
    }
}

/// Waits until a process does nothing but wait; says whether it came to that.
///
/// # Errors
/// It has ended.
pub(super) async fn until_idle(node: &mut Node) -> Result<bool> {
    let begun = Instant::now();
    let mut before = Usage::of(node.pid())?;
    let mut quiet = 0;
    while quiet < REST_LOOKS {
        if begun.elapsed() > REST_WITHIN {
            return Ok(false);
        }
        tokio::time::sleep(REST_LOOK_EVERY).await;
        node.check()?;
        let now = Usage::of(node.pid())?;
        let used = now.cpu.saturating_sub(before.cpu);
        quiet = if used <= REST_CPU { quiet + 1 } else { 0 };
        before = now;
    }
    Ok(true)
}

/// Refuses a lane over which nothing could have travelled.
pub(super) fn check_lane(lane: &Lane) -> Result<()> {
    ensure!(
        lane.ends.iter().all(|end| !end.is_empty()),
        "a lane without an end: {lane:?}"
    );
    Ok(())
}
