//! A graph of stages over two slots, one processor each on the smallest machine
//! that we test on, and a third one for what waits more than it works.
//!
//! It decides what runs when, what is left out and what the end is. It does not
//! know what a stage does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use super::excerpt::excerpt;
use crate::job::Limits;

/// How many lines of a failed stage's log are shown of what failed, and how many of its end.
const EXCERPT_LINES: usize = 60;

/// Which of the lines of work a stage stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Slot {
    /// Installs and contracts.
    One,
    /// Cargo, and programs that it made.
    Two,
    /// Whichever of the two has nothing left of its own.
    Either,
    /// Beside both: what mostly waits for others' clocks, and what has to come last.
    Beside,
}

impl Slot {
    /// Those that stages stand in at the same time.
    const LINES: [Self; 3] = [Self::One, Self::Two, Self::Beside];
}

/// What a stage says when it did not fail.
pub(crate) enum Verdict {
    /// It checked what it is there to check.
    Passed,
    /// It had nothing to check, and why.
    Skipped(String),
}

/// Where a stage writes and when it must stop.
pub(crate) struct Bench<'a> {
    /// The log of this stage.
    pub(crate) log: &'a Path,
    /// Its deadline and the user's interrupt.
    pub(crate) limits: &'a Limits,
}

/// The work of a stage.
pub(crate) type Work<'a> = Box<dyn Fn(&Bench<'_>) -> Result<Verdict> + Send + Sync + 'a>;

/// One stage: what it needs, what it may cost, what it does.
pub(crate) struct Stage<'a> {
    pub(crate) name: &'static str,
    pub(crate) slot: Slot,
    /// Stages that must have passed before this one can say anything.
    pub(crate) needs: &'static [&'static str],
    /// Stages that must have ended, however: they would disturb this one.
    pub(crate) after: &'static [&'static str],
    /// What it takes with cold caches, rounded up; it is left out when less
    /// than this is left of the budget.
    pub(crate) minutes: u64,
    /// Whether it is left out before any other stage of its slot is: it starts only if they too fit into the budget.
    pub(crate) gives_way: bool,
    /// Whether nothing runs beside it: the other slots rest meanwhile.
    pub(crate) alone: bool,
    pub(crate) work: Work<'a>,
}

/// How a stage ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Passed,
    Failed(String),
    Skipped(String),
    LeftOut(String),
}

/// The ends of all stages in their order, with the time each took.
pub(crate) struct Report {
    pub(crate) rows: Vec<(&'static str, Slot, Outcome, Duration)>,
}

/// What bounds a whole run.
pub(crate) struct Frame<'a> {
    pub(crate) started: Instant,
    pub(crate) budget: Option<Duration>,
    pub(crate) limits: &'a Limits,
    pub(crate) logs: PathBuf,
}

/// The ends so far, what runs, and the bell that rings when either changes.
struct Board {
    state: Mutex<State>,
    bell: Condvar,
}

#[derive(Default)]
struct State {
    ends: BTreeMap<&'static str, (Outcome, Duration)>,
    running: usize,
    /// A stage that runs alone, or will as soon as what runs has ended: nothing else starts before it ends.
    claimed: Option<&'static str>,
}

/// Runs `stages`, each slot in the order given.
///
/// # Errors
/// If the folder of the logs cannot be made.
pub(crate) fn run(stages: &[Stage<'_>], frame: &Frame<'_>) -> Result<Report> {
    std::fs::create_dir_all(&frame.logs).with_context(|| format!("create {}", frame.logs.display()))?;
    let board = Board {
        state: Mutex::default(),
        bell: Condvar::new(),
    };
    let of = |slot| stages.iter().filter(move |stage| stage.slot == slot);
    let shared = Mutex::new(of(Slot::Either));
    std::thread::scope(|scope| {
        for slot in Slot::LINES {
            let (board, shared) = (&board, &shared);
            scope.spawn(move || {
                let next = || shared.lock().unwrap_or_else(PoisonError::into_inner).next();
                let free = std::iter::from_fn(|| if slot == Slot::Beside { None } else { next() });
                for stage in of(slot).chain(free) {
                    board.wait(stage, stages);
                    let begun = Instant::now();
                    let outcome = settle(stage, stages, board, frame);
                    board.end(stage.name, outcome, begun.elapsed(), frame);
                }
            });
        }
    });
    let state = board.state();
    let rows = stages.iter().filter_map(|stage| {
        let (outcome, took) = state.ends.get(stage.name)?.clone();
        Some((stage.name, stage.slot, outcome, took))
    });
    Ok(Report { rows: rows.collect() })
}

/// Runs a stage, if what it needs is there, or says why not.
fn settle(stage: &Stage<'_>, stages: &[Stage<'_>], board: &Board, frame: &Frame<'_>) -> Outcome {
    let state = board.state();
    let missing = stage.needs.iter().find_map(|name| {
        let (end, _) = state.ends.get(name)?;
        match end {
            Outcome::Passed => None,
            Outcome::LeftOut(_) => Some(Outcome::LeftOut(format!("it needs {name}, which was left out"))),
            Outcome::Failed(_) | Outcome::Skipped(_) => Some(Outcome::Skipped(format!("it needs {name}"))),
        }
    });
    drop(state);
    if let Some(outcome) = missing {
        return outcome;
    }
    if frame
        .limits
        .interrupted
        .load(std::sync::atomic::Ordering::Relaxed)
    {
        return Outcome::Failed("interrupted".to_owned());
    }
    if let Some(left) = frame.left() {
        let others = if stage.gives_way {
            board.minutes_to_come(stage, stages)
        } else {
            0
        };
        if left < minutes(stage.minutes + others) {
            let (own, left) = (stage.minutes, left.as_secs() / 60);
            return Outcome::LeftOut(match others {
                0 => format!("it may take {own} min, {left} min are left"),
                _ => {
                    format!(
                        "it may take {own} min and what has to come after it {others} min, {left} min are left"
                    )
                }
            });
        }
    }
    perform(stage, frame)
}

fn perform(stage: &Stage<'_>, frame: &Frame<'_>) -> Outcome {
    println!("[{}] {} starts", clock(frame.started.elapsed()), stage.name);
    let log = frame.logs.join(format!("{}.log", stage.name));
    let _ = std::fs::remove_file(&log);
    let deadline = frame.budget.map(|budget| frame.started + budget);
    let limits = Limits {
        deadline,
        interrupted: frame.limits.interrupted.clone(),
    };
    match (stage.work)(&Bench {
        log: &log,
        limits: &limits,
    }) {
        Ok(Verdict::Passed) => Outcome::Passed,
        Ok(Verdict::Skipped(reason)) => Outcome::Skipped(reason),
        Err(error) => Outcome::Failed(format!("{error:#}")),
    }
}

impl Frame<'_> {
    /// What is left of the budget.
    fn left(&self) -> Option<Duration> {
        self.budget
            .map(|budget| budget.saturating_sub(self.started.elapsed()))
    }
}

impl Board {
    /// What all other stages still take that have not ended and do not give way themselves: those in the slot of `stage`, or
    /// the longest of the slots where none goes on beside it. What may go into either slot counts for each of them.
    fn minutes_to_come(&self, stage: &Stage<'_>, stages: &[Stage<'_>]) -> u64 {
        let state = self.state();
        let to_come = |slot: Slot| -> u64 {
            let stands_in = |other: &&Stage<'_>| match other.slot {
                Slot::Either => slot != Slot::Beside,
                other => other == slot,
            };
            stages
                .iter()
                .filter(stands_in)
                .filter(|other| other.name != stage.name)
                .filter(|other| !other.gives_way && !state.ends.contains_key(other.name))
                .map(|other| other.minutes)
                .sum()
        };
        Slot::LINES
            .into_iter()
            .filter(|slot| stage.alone || *slot == stage.slot)
            .map(to_come)
            .max()
            .unwrap_or_default()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until every stage that this one names has ended, and until it may run: alone, if it must, and not beside
    /// one that must. A name that is not in the run counts as ended.
    fn wait(&self, stage: &Stage<'_>, stages: &[Stage<'_>]) {
        let named = || stage.needs.iter().chain(stage.after);
        let awaited: Vec<&str> = named()
            .copied()
            .filter(|name| stages.iter().any(|other| other.name == *name))
            .collect();
        let mut state = self.state();
        loop {
            let ready = awaited.iter().all(|name| state.ends.contains_key(name));
            if ready && stage.alone && state.claimed.is_none() {
                state.claimed = Some(stage.name);
            }
            let free = match state.claimed {
                Some(name) => name == stage.name && state.running == 0,
                None => true,
            };
            if ready && free {
                state.running += 1;
                return;
            }
            state = self.bell.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Notes the end of a stage; a failure is shown with the end of its log, and the first is named so.
    fn end(&self, name: &'static str, outcome: Outcome, took: Duration, frame: &Frame<'_>) {
        let mut state = self.state();
        let first = !state
            .ends
            .values()
            .any(|(end, _)| matches!(end, Outcome::Failed(_)));
        println!(
            "[{}] {name} {} ({} min)",
            clock(frame.started.elapsed()),
            describe(&outcome),
            tenths(took)
        );
        if matches!(outcome, Outcome::Failed(_)) {
            let log = frame.logs.join(format!("{name}.log"));
            println!(
                "{}FAILURE: {name}; of its log:\n{}",
                if first { "FIRST " } else { "" },
                excerpt(&log, EXCERPT_LINES)
            );
        }
        state.ends.insert(name, (outcome, took));
        state.running -= 1;
        state.claimed = state.claimed.filter(|claimed| *claimed != name);
        self.bell.notify_all();
    }
}

impl Report {
    /// True if no stage failed.
    pub(crate) fn is_good(&self) -> bool {
        !self
            .rows
            .iter()
            .any(|(_, _, outcome, _)| matches!(outcome, Outcome::Failed(_)))
    }

    /// Prints the closing table; its last line counts the stages.
    pub(crate) fn print(&self, frame: &Frame<'_>) {
        println!("\n{:<24} {:>4} {:>8}  end", "stage", "slot", "minutes");
        for (name, slot, outcome, took) in &self.rows {
            let slot = match slot {
                Slot::One => "1",
                Slot::Two => "2",
                Slot::Either => "1, 2",
                Slot::Beside => "3",
            };
            println!("{name:<24} {slot:>4} {:>8}  {}", tenths(*took), describe(outcome));
        }
        println!("{:<24} {:>4} {:>8}", "all", "", tenths(frame.started.elapsed()));
        for (name, _, outcome, _) in &self.rows {
            if let Outcome::LeftOut(reason) = outcome {
                println!(
                    "LEFT OUT FOR WANT OF TIME: {} ({})",
                    name.to_uppercase(),
                    reason.to_uppercase()
                );
            }
        }
        println!("logs: {}", frame.logs.display());
        println!("{}", self.counts());
    }

    fn counts(&self) -> String {
        let count =
            |wanted: fn(&Outcome) -> bool| self.rows.iter().filter(|(_, _, end, _)| wanted(end)).count();
        let passed = count(|end| *end == Outcome::Passed);
        let failed = count(|end| matches!(end, Outcome::Failed(_)));
        format!(
            "{passed} passed, {failed} failed, {} skipped",
            self.rows.len() - passed - failed
        )
    }
}

fn describe(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Passed => "passed".to_owned(),
        Outcome::Failed(why) => format!("FAILED: {why}"),
        Outcome::Skipped(why) => format!("skipped: {why}"),
        Outcome::LeftOut(why) => format!("LEFT OUT: {why}"),
    }
}

fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

fn clock(elapsed: Duration) -> String {
    format!("{:>3}:{:02}", elapsed.as_secs() / 60, elapsed.as_secs() % 60)
}

/// Minutes with one decimal.
fn tenths(took: Duration) -> String {
    let tenths = (took.as_secs() + 3) / 6;
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
#[path = "graph_tests.rs"]
mod tests;
