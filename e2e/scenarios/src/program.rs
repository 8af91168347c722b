//! The relayer as a program: started, asked, stopped and killed from outside.
//!
//! Scenarios use the command line and nothing else of the relayer, because that is what an operator has. Processes are
//! stopped by their own pid only.

use anyhow::{Context, Result, bail, ensure};
use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};
use tokio::process::{Child, Command};

/// How much of a log stands in an error.
const TAIL_LINES: usize = 20;

/// How to call the relayer: an executable and the words before its own arguments.
#[derive(Clone, Debug)]
pub struct Program {
    executable: PathBuf,
    prefix: Vec<String>,
}

impl Program {
    /// The `relayer` binary at `executable`.
    pub fn binary(executable: impl Into<PathBuf>) -> Self {
        Self {
            executable: executable.into(),
            prefix: Vec::new(),
        }
    }

    /// The program at `executable`, which turns into the relayer when its first argument is `word`.
    pub fn within(executable: impl Into<PathBuf>, word: &str) -> Self {
        Self {
            executable: executable.into(),
            prefix: vec![word.to_owned()],
        }
    }

    /// This very executable, which turns into the relayer when its first argument is `word`.
    ///
    /// # Errors
    /// The running executable can't be found, for example because it was deleted.
    pub fn own(word: &str) -> Result<Self> {
        let executable = std::env::current_exe().context("failed to find the running executable")?;
        Ok(Self::within(executable, word))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.executable);
        command
            .args(&self.prefix)
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end and reads the JSON it prints.
    ///
    /// # Errors
    /// It failed (its own words are in the error), took longer than `limit`, or printed something else.
    pub async fn ask(&self, arguments: &[&str], limit: Duration) -> Result<serde_json::Value> {
        let what = || format!("relayer {}", arguments.join(" "));
        let output = tokio::time::timeout(limit, self.command(arguments).output())
            .await
            .with_context(|| format!("`{}` took longer than {} s", what(), limit.as_secs()))??;
        if !output.status.success() {
            bail!(
                "`{}` ended with {}\n{}{}",
                what(),
                output.status,
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        serde_json::from_slice(&output.stdout).with_context(|| {
            format!(
                "`{}` printed no JSON: {}",
                what(),
                String::from_utf8_lossy(&output.stdout)
            )
        })
    }

    /// Starts `relayer run`; what it says goes to the end of `log`, its id to a file with the ending `pid` beside it, by
    /// which it can be stopped if this process is killed.
    ///
    /// # Errors
    /// A file can't be written or the process can't be started.
    pub fn start(&self, config: &Path, log: &Path) -> Result<Daemon> {
        let log_file = File::options()
            .create(true)
            .append(true)
            .open(log)
            .with_context(|| format!("failed to open {}", log.display()))?;
        let config = config
            .to_str()
            .context("the path of the configuration is not UTF-8")?;
        let child = self
            .command(&["run", "--config", config])
            .stdout(log_file.try_clone()?)
            .stderr(log_file)
            .spawn()
            .with_context(|| format!("failed to start {}", self.executable.display()))?;
        let daemon = Daemon {
            child,
            log: log.to_owned(),
            pid_file: log.with_extension("pid"),
        };
        fs::write(&daemon.pid_file, daemon.pid()?.to_string())
            .with_context(|| format!("failed to write {}", daemon.pid_file.display()))?;
        Ok(daemon)
    }
}

/// A running relayer.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: PathBuf,
    pid_file: PathBuf,
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // The process was waited for, or is killed with the child.
        let _ = fs::remove_file(&self.pid_file);
    }
}

impl Daemon {
    /// Its process id.
    ///
    /// # Errors
    /// It has ended.
    pub fn pid(&self) -> Result<u32> {
        self.child
            .id()
            .with_context(|| format!("the relayer has ended; its log is {}", self.log.display()))
    }

    /// Checks that it has not ended by itself.
    ///
    /// # Errors
    /// It has; the error carries the end of its log.
    pub fn check_runs(&mut self) -> Result<()> {
        let ended = self.child.try_wait().context("failed to look at the relayer")?;
        if let Some(status) = ended {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            let lines: Vec<&str> = log.lines().collect();
            bail!(
                "the relayer ended with {status}; the end of {}:\n{}",
                self.log.display(),
                lines[lines.len().saturating_sub(TAIL_LINES)..].join("\n")
            );
        }
        Ok(())
    }

    /// Kills it as a power cut would (SIGKILL), and waits until it is gone.
    ///
    /// # Errors
    /// It had ended before: then there was nothing to survive.
    pub async fn kill(mut self) -> Result<()> {
        self.check_runs()?;
        self.child.kill().await.context("failed to kill the relayer")
    }

    /// Asks it to stop (SIGTERM) and waits for a clean end.
    ///
    /// # Errors
    /// It had ended before, does not stop within `limit`, or ends with an error.
    pub async fn stop(mut self, limit: Duration) -> Result<()> {
        let pid = self.pid()?.to_string();
        let sent = Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .await
            .context("failed to run kill")?;
        ensure!(
            sent.success(),
            "failed to send SIGTERM to the relayer, process {pid}"
        );
        let ended = tokio::time::timeout(limit, self.child.wait())
            .await
            .with_context(|| format!("the relayer did not stop within {} s of SIGTERM", limit.as_secs()))??;
        ensure!(
            ended.success(),
            "the relayer ended with {ended}; its log is {}",
            self.log.display()
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(60);

    #[tokio::test]
    async fn reads_json_and_reports_failures_in_the_programs_own_words() {
        let shell = Program {
            executable: "sh".into(),
            prefix: vec!["-c".into()],
        };
        let answer = shell.ask(&["echo '{\"a\":1}'"], LIMIT).await.unwrap();
        assert_eq!(answer["a"], 1);
        let failed = shell
            .ask(&["echo because >&2; exit 3"], LIMIT)
            .await
            .unwrap_err()
            .to_string();
        assert!(failed.contains("because") && failed.contains('3'), "{failed}");
        assert!(shell.ask(&["echo no json"], LIMIT).await.is_err());
    }

    #[tokio::test]
    async fn a_daemon_that_ended_by_itself_is_no_survivor_of_a_kill() {
        let log = std::env::temp_dir().join(format!("weighbridge-program-{}", std::process::id()));
        let mut daemon = Program::binary("true").start(Path::new("none"), &log).unwrap();
        daemon.child.wait().await.unwrap();
        assert!(daemon.kill().await.is_err());
        fs::remove_file(log).unwrap();
    }
}
