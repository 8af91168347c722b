//! One process of a network: its log, its pid file, its end.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};

/// How long a process may take to write what it holds when asked to stop.
const GRACE: Duration = Duration::from_secs(15);
/// How often it is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How much of a log stands in an error.
const TAIL_LINES: usize = 25;

/// A running program. Dropping it stops it and removes its pid file.
#[derive(Debug)]
pub struct Node {
    name: String,
    child: Child,
    log: PathBuf,
    pid_file: PathBuf,
}

impl Node {
    /// Starts `program` with its output in `<folder>/<name>.log` and its id in `<folder>/<name>.pid`.
    ///
    /// # Errors
    /// The log or the pid file can't be written, or the program can't be started.
    pub fn start(folder: &Path, name: &str, program: &Path, args: &[String]) -> Result<Self> {
        let log = folder.join(format!("{name}.log"));
        let output = File::create(&log).with_context(|| format!("failed to create {}", log.display()))?;
        let child = command(folder, program, args)?
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()
            .with_context(|| format!("failed to start {}", program.display()))?;
        let pid_file = folder.join(format!("{name}.pid"));
        let node = Self {
            name: name.to_owned(),
            child,
            log,
            pid_file,
        };
        let pid = node.child.id().to_string();
        std::fs::write(&node.pid_file, pid)
            .with_context(|| format!("failed to write {}", node.pid_file.display()))?;
        Ok(node)
    }

    /// Checks that it still runs.
    ///
    /// # Errors
    /// It ended; the error carries the end of its log.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self
            .child
            .try_wait()
            .with_context(|| format!("failed to look at {}", self.name))?
        {
            bail!(
                "{} ended with {status}; the end of {}:\n{}",
                self.name,
                self.log.display(),
                self.tail()
            );
        }
        Ok(())
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The end of its log.
    pub fn tail(&self) -> String {
        tail(&self.log)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // Not yet waited for, so its id can't be another's.
        if let (Ok(None), Some(pid)) = (self.child.try_wait(), pid(self.child.id())) {
            let _ = kill_process(pid, Signal::TERM);
            let asked = Instant::now();
            while matches!(self.child.try_wait(), Ok(None)) && asked.elapsed() < GRACE {
                std::thread::sleep(LOOK_EVERY);
            }
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
        let _ = std::fs::remove_file(&self.pid_file);
    }
}

/// Runs a program to its end, with its output in `<folder>/<name>.log`, and returns what it printed to its standard
/// output.
///
/// # Errors
/// It can't be started or failed; the error carries the end of its log.
pub fn run(folder: &Path, name: &str, program: &Path, args: &[String]) -> Result<Vec<u8>> {
    let log = folder.join(format!("{name}.log"));
    let output = File::create(&log).with_context(|| format!("failed to create {}", log.display()))?;
    let ended = command(folder, program, args)?
        .stderr(output)
        .output()
        .with_context(|| format!("failed to start {}", program.display()))?;
    if !ended.status.success() {
        bail!(
            "{} {} ended with {}:\n{}",
            program.display(),
            args.join(" "),
            ended.status,
            tail(&log)
        );
    }
    Ok(ended.stdout)
}

/// `program` with a folder for temporary files in `folder`: simd leaves one there with every start, which is then removed
/// with all the rest.
fn command(folder: &Path, program: &Path, args: &[String]) -> Result<Command> {
    let temporary = folder.join("tmp");
    std::fs::create_dir_all(&temporary)
        .with_context(|| format!("failed to create {}", temporary.display()))?;
    let mut command = Command::new(program);
    command.args(args).env("TMPDIR", temporary).stdin(Stdio::null());
    Ok(command)
}

/// Stops what an earlier run left behind in `folder`: processes named by pid files there, provided that the id still
/// belongs to a program that was given this very folder.
///
/// # Errors
/// A pid file can't be read or removed.
pub fn stop_leftovers(folder: &Path) -> Result<()> {
    let Ok(listing) = std::fs::read_dir(folder) else {
        return Ok(());
    };
    for path in listing.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.extension().is_none_or(|ending| ending != "pid") {
            continue;
        }
        let text =
            std::fs::read_to_string(&path).with_context(|| format!("failed to read {}", path.display()))?;
        if let Some(pid) = text
            .trim()
            .parse()
            .ok()
            .and_then(pid)
            .filter(|pid| is_ours(*pid, folder))
        {
            stop_by_pid(pid);
        }
        std::fs::remove_file(&path).with_context(|| format!("failed to remove {}", path.display()))?;
    }
    Ok(())
}

/// An empty folder at `folder`, with nothing of an earlier run in it or running from it.
///
/// # Errors
/// A file can't be read, removed or created.
pub fn clean(folder: &Path) -> Result<PathBuf> {
    stop_leftovers(folder)?;
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("failed to remove {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("failed to create {}", folder.display()))?;
    Ok(folder.to_owned())
}

fn stop_by_pid(pid: Pid) {
    let _ = kill_process(pid, Signal::TERM);
    let asked = Instant::now();
    while test_kill_process(pid).is_ok() && asked.elapsed() < GRACE {
        std::thread::sleep(LOOK_EVERY);
    }
    let _ = kill_process(pid, Signal::KILL);
}

/// True if the command line of the process names our folder.
fn is_ours(pid: Pid, folder: &Path) -> bool {
    let folder = folder.to_string_lossy();
    !folder.is_empty() && String::from_utf8_lossy(&command_line(pid)).contains(folder.as_ref())
}

/// What a process was started with; empty if there is none, or if it was started a moment ago.
fn command_line(pid: Pid) -> Vec<u8> {
    std::fs::read(format!("/proc/{}/cmdline", pid.as_raw_pid())).unwrap_or_default()
}

fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(i32::try_from(number).ok()?)
}

fn tail(log: &Path) -> String {
    let bytes = std::fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(folder: &Path, program: &str, args: &[&str]) -> Node {
        let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        Node::start(folder, "node", Path::new(program), &args).unwrap()
    }

    fn is_running(pid: Pid) -> bool {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_pid())).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z")
    }

    /// Waits until the system tells what the node was started with: it goes on with the parent a moment before.
    fn has_its_arguments(node: &mut Node) {
        let id = pid(node.child.id()).unwrap();
        while command_line(id).is_empty() {
            node.check().unwrap();
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    #[test]
    fn a_dropped_node_is_gone_with_its_pid_file() {
        let folder = tempfile::tempdir().unwrap();
        let node = node(folder.path(), "sleep", &["1000"]);
        let file = folder.path().join("node.pid");
        let id = pid(std::fs::read_to_string(&file).unwrap().parse().unwrap()).unwrap();
        assert!(is_running(id));
        drop(node);
        assert!(!is_running(id) && !file.exists());
    }

    #[test]
    fn a_node_that_ended_shows_the_end_of_its_log() {
        let folder = tempfile::tempdir().unwrap();
        let mut node = node(folder.path(), "sh", &["-c", "echo because; exit 3"]);
        node.child.wait().unwrap();
        let error = node.check().unwrap_err().to_string();
        assert!(
            error.contains("exit status: 3") && error.contains("because"),
            "{error}"
        );
        let failed = run(
            folder.path(),
            "once",
            Path::new("sh"),
            &["-c".into(), "echo why >&2; exit 1".into()],
        );
        assert!(failed.unwrap_err().to_string().contains("why"));
    }

    #[test]
    fn temporary_files_lie_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let args = ["-c".to_owned(), "printf %s \"$TMPDIR\"".to_owned()];
        let printed = run(folder.path(), "once", Path::new("sh"), &args).unwrap();
        let temporary = folder.path().join("tmp");
        assert!(temporary.is_dir() && printed == temporary.as_os_str().as_encoded_bytes());
    }

    #[test]
    fn leftovers_are_stopped_and_strangers_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("held");
        std::fs::write(&file, "").unwrap();
        let mut ours = node(folder.path(), "tail", &["-f", file.to_str().unwrap()]);
        has_its_arguments(&mut ours);
        let other = tempfile::tempdir().unwrap();
        let stranger = node(other.path(), "sleep", &["1000"]);
        let [our_id, strange_id] = [&ours, &stranger].map(|node| pid(node.child.id()).unwrap());
        std::fs::write(
            folder.path().join("stranger.pid"),
            stranger.child.id().to_string(),
        )
        .unwrap();
        // Reaped here, as the children of an earlier run would be by init.
        let reaper = std::thread::spawn(move || (ours.child.wait(), ours));
        stop_leftovers(folder.path()).unwrap();
        let (ended, _ours) = reaper.join().unwrap();
        ended.unwrap();
        assert!(!is_running(our_id) && is_running(strange_id));
        assert!(!folder.path().join("stranger.pid").exists());
    }

    #[test]
    fn a_folder_is_empty_before_a_start() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("north");
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(folder.join("old"), "").unwrap();
        clean(&folder).unwrap();
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    }
}
