//! One child process: started with a log, stopped by its process group.
//!
//! It never guesses at names of processes: what it stops is what it started.

use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};

/// How often a running child is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// How long a child may take to stop when asked.
const GRACE: Duration = Duration::from_secs(20);

/// What ends a child before it ends itself.
#[derive(Clone)]
pub(crate) struct Limits {
    /// The moment at which it has had its time.
    pub(crate) deadline: Option<Instant>,
    /// Set when the user interrupts us.
    pub(crate) interrupted: Arc<AtomicBool>,
}

/// A command to run in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    program: OsString,
    args: Vec<OsString>,
    dir: PathBuf,
    env: Vec<(&'static str, Option<OsString>)>,
}

impl Job {
    /// Runs `program` in `dir`.
    pub(crate) fn new(program: impl AsRef<OsStr>, dir: &Path) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            dir: dir.to_owned(),
            env: Vec::new(),
        }
    }

    /// Runs `program` with the lowest claim on the processor that still gets it done.
    pub(crate) fn niced(program: impl AsRef<OsStr>, dir: &Path) -> Self {
        Self::new("nice", dir).args(["-n", "10"]).arg(program)
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    pub(crate) fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args
            .extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    pub(crate) fn env(mut self, name: &'static str, value: impl AsRef<OsStr>) -> Self {
        self.env.push((name, Some(value.as_ref().to_owned())));
        self
    }

    pub(crate) fn env_remove(mut self, name: &'static str) -> Self {
        self.env.push((name, None));
        self
    }

    /// Runs on the user's terminal.
    ///
    /// # Errors
    /// If it cannot be started or does not exit with 0.
    pub(crate) fn run_on_terminal(&self) -> Result<()> {
        let status = self.command().status().with_context(|| self.cannot_start())?;
        self.judge(status)
    }

    /// Runs with everything it prints appended to `log`.
    ///
    /// # Errors
    /// If it cannot be started, does not exit with 0, or meets a limit.
    pub(crate) fn run_logged(&self, log: &Path, limits: &Limits) -> Result<()> {
        let mut file = open_log(log)?;
        writeln!(file, "$ {self}").with_context(|| format!("write {}", log.display()))?;
        let mut command = self.command();
        command
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0);
        let mut child = Group(command.spawn().with_context(|| self.cannot_start())?);
        loop {
            if let Some(status) = child.0.try_wait().context("wait for a child")? {
                return self.judge(status);
            }
            if limits.interrupted.load(Ordering::Relaxed) {
                bail!("`{self}` was interrupted");
            }
            if limits.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                bail!("`{self}` did not end in its time and was stopped");
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// What the command prints on its standard output.
    ///
    /// # Errors
    /// If it cannot be started or does not exit with 0.
    pub(crate) fn output(&self) -> Result<String> {
        let printed = self
            .command()
            .stdin(Stdio::null())
            .output()
            .with_context(|| self.cannot_start())?;
        let said = String::from_utf8_lossy(&printed.stderr);
        self.judge(printed.status)
            .with_context(|| said.trim().to_owned())?;
        Ok(String::from_utf8_lossy(&printed.stdout).into_owned())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args).current_dir(&self.dir);
        for (name, value) in &self.env {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        command
    }

    fn judge(&self, status: ExitStatus) -> Result<()> {
        if !status.success() {
            bail!("`{self}` ended with {status}");
        }
        Ok(())
    }

    fn cannot_start(&self) -> String {
        format!(
            "`{}` cannot be started: is it installed and on the PATH?",
            self.program.to_string_lossy()
        )
    }
}

impl std::fmt::Display for Job {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{}", self.program.to_string_lossy())?;
        self.args
            .iter()
            .try_for_each(|arg| write!(out, " {}", arg.to_string_lossy()))
    }
}

fn open_log(log: &Path) -> Result<File> {
    let opened = OpenOptions::new().create(true).append(true).open(log);
    opened.with_context(|| format!("open the log {}", log.display()))
}

/// A child that leads its own process group. Dropping it stops the group.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        let ended = |child: &mut Child| !matches!(child.try_wait(), Ok(None));
        if ended(&mut self.0) {
            return;
        }
        let Some(group) = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw) else {
            return;
        };
        // The child is not yet waited for, so its number cannot be another's.
        let _ = kill_process_group(group, Signal::TERM);
        let asked = Instant::now();
        while !ended(&mut self.0) && asked.elapsed() < GRACE {
            std::thread::sleep(LOOK_EVERY);
        }
        let _ = kill_process_group(group, Signal::KILL);
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::{Job, Limits};
    use std::path::Path;
    use std::sync::Arc;
    use std::sync::atomic::AtomicBool;
    use std::time::Instant;

    fn limits(deadline: Option<Instant>, interrupted: bool) -> Limits {
        Limits {
            deadline,
            interrupted: Arc::new(AtomicBool::new(interrupted)),
        }
    }

    fn shell(script: &str) -> Job {
        Job::new("sh", Path::new("/")).args(["-c", script])
    }

    #[test]
    fn keeps_what_is_printed_and_judges_the_exit_code() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        shell("echo one; echo two >&2")
            .run_logged(&log, &limits(None, false))
            .unwrap();
        let failed = shell("exit 3")
            .run_logged(&log, &limits(None, false))
            .unwrap_err();
        assert!(failed.to_string().contains("exit status: 3"), "{failed}");
        let kept = std::fs::read_to_string(&log).unwrap();
        assert!(kept.ends_with("one\ntwo\n$ sh -c exit 3\n"), "{kept}");
        assert_eq!(shell("echo three").output().unwrap(), "three\n");
    }

    #[test]
    fn a_limit_stops_the_whole_group() {
        for limits in [limits(Some(Instant::now()), false), limits(None, true)] {
            let dir = tempfile::tempdir().unwrap();
            let log = dir.path().join("log");
            let job = shell("sleep 1000 & echo $!; wait");
            assert!(job.run_logged(&log, &limits).is_err());
            let text = std::fs::read_to_string(&log).unwrap();
            let grandchild = text.lines().nth(1).map(str::to_owned);
            if let Some(grandchild) = grandchild {
                let state = std::fs::read_to_string(format!("/proc/{grandchild}/stat")).unwrap_or_default();
                assert!(state.is_empty() || state.contains(") Z"), "{state}");
            }
        }
    }

    #[test]
    fn a_program_that_is_not_there_is_named() {
        let error = Job::new("no-such-program", Path::new("/")).output().unwrap_err();
        assert!(error.to_string().contains("`no-such-program` cannot be started"));
    }
}
