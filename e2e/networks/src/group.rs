//! The processes of one chain: watched together, stopped together.
//!
//! Decides when a chain is given up, and says so with the ends of all its logs. What a chain is and how far it is, it is
//! told.

use std::fmt::Display;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use tokio::time::{Instant, sleep};

use crate::node::Node;

/// How often a waiting chain is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How often its progress is printed meanwhile.
const TELL_EVERY: Duration = Duration::from_secs(15);

/// Dropping it stops its processes in the order given.
#[derive(Debug)]
pub(crate) struct Group {
    name: String,
    nodes: Vec<Node>,
    /// The newest block that was seen, and when it was seen first.
    moved: (u64, Instant),
}

impl Group {
    /// - `nodes`: in the order in which they are to be stopped.
    pub(crate) fn new(name: &str, nodes: Vec<Node>) -> Self {
        Self {
            name: name.to_owned(),
            nodes,
            moved: (0, Instant::now()),
        }
    }

    /// Checks that all processes run.
    ///
    /// # Errors
    /// One ended; the error carries the end of its log.
    pub(crate) fn check(&mut self) -> Result<()> {
        self.nodes
            .iter_mut()
            .try_for_each(Node::check)
            .with_context(|| format!("{} is broken", self.name))
    }

    /// Looks again and again until what is seen is `done`.
    ///
    /// # Errors
    /// A process ended, or it takes longer than `limit`; the error carries the ends of the logs.
    pub(crate) async fn wait<P: Copy + Display>(
        &mut self,
        limit: Duration,
        goal: &str,
        look: impl AsyncFn() -> Result<P>,
        done: impl Fn(&P) -> bool,
    ) -> Result<P> {
        let begun = Instant::now();
        let mut told = begun;
        loop {
            self.check()?;
            let seen = look().await;
            if let Some(progress) = seen.as_ref().ok().filter(|progress| done(progress)) {
                return Ok(*progress);
            }
            let said = seen.map_or_else(|error| format!("{error:#}"), |progress| progress.to_string());
            if begun.elapsed() > limit {
                bail!(
                    "{}: waited {} s until {goal}; last: {said}\n{}",
                    self.name,
                    limit.as_secs(),
                    self.tails()
                );
            }
            if told.elapsed() > TELL_EVERY {
                told = Instant::now();
                eprintln!("{}: waiting until {goal}; {said}", self.name);
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Checks that all processes run and that blocks are made.
    ///
    /// - `head`: the newest block, none if nobody answers: silence is no block either.
    /// - `pace`: how fast blocks should come, for the error.
    ///
    /// # Errors
    /// A process ended, or there was no block for `patience`; the error carries the ends of the logs.
    pub(crate) fn check_moves(&mut self, head: Option<u64>, patience: Duration, pace: &str) -> Result<()> {
        self.check()?;
        let (last, since) = self.moved;
        let moves = head.is_some_and(|head| head > last);
        if let Some(head) = head.filter(|_| moves) {
            self.moved = (head, Instant::now());
        }
        ensure!(
            moves || since.elapsed() < patience,
            "{} made no block since {last}, {} s ago: is the machine too busy for {pace}?\n{}",
            self.name,
            since.elapsed().as_secs(),
            self.tails()
        );
        Ok(())
    }

    fn tails(&self) -> String {
        self.nodes
            .iter()
            .map(|node| format!("{}\n", node.tail()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::time::Duration;

    use super::{Group, Node};

    fn group(folder: &Path, script: &str) -> Group {
        let node = Node::start(folder, "node", Path::new("sh"), &["-c".into(), script.into()]);
        Group::new("north", vec![node.unwrap()])
    }

    #[tokio::test]
    async fn who_waits_in_vain_sees_the_last_progress_and_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let mut group = group(folder.path(), "echo because; exec sleep 1000");
        while group.tails().trim().is_empty() {
            tokio::task::yield_now().await;
        }
        let waited = group
            .wait(
                Duration::ZERO,
                "block 2 is there",
                async || Ok(1_u64),
                |block| *block > 1,
            )
            .await;
        let error = waited.unwrap_err().to_string();
        assert!(
            error.contains("north: waited 0 s until block 2 is there; last: 1"),
            "{error}"
        );
        assert!(error.contains("because"), "{error}");
        let seen = group.wait(Duration::ZERO, "", async || Ok(2_u64), |block| *block > 1);
        assert_eq!(seen.await.unwrap(), 2);
    }

    #[test]
    fn a_chain_without_blocks_is_given_up_and_one_that_moves_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let mut group = group(folder.path(), "exec sleep 1000");
        for head in [1, 2, 3] {
            group.check_moves(Some(head), Duration::ZERO, "it").unwrap();
        }
        for head in [Some(3), None] {
            let error = group.check_moves(head, Duration::ZERO, "it").unwrap_err();
            assert!(
                error.to_string().contains("north made no block since 3"),
                "{error}"
            );
        }
    }
}
