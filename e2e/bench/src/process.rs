//! What a process has used, by the system's own account.

use anyhow::{Context, Result};
use std::fs;
use std::time::Duration;

/// Clock ticks in a second, as the kernel shows them to programs: 100 on every Linux.
const TICKS: f64 = 100.0;

/// CPU time and memory of a process.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Usage {
    /// Time on processors, its own and the system's on its behalf.
    pub(crate) cpu: Duration,
    /// The most memory that it ever had resident.
    pub(crate) peak_kib: u64,
}

impl Usage {
    /// Of the process `pid`.
    pub(crate) fn of(pid: u32) -> Result<Self> {
        let read = |name: &str| {
            let path = format!("/proc/{pid}/{name}");
            fs::read_to_string(&path)
                .with_context(|| format!("failed to read {path}: figures of a process need Linux"))
        };
        Ok(Self {
            cpu: cpu(&read("stat")?).context("the process's times are not where they should be")?,
            peak_kib: peak_kib(&read("status")?).context("the process's memory is not where it should be")?,
        })
    }
}

/// Fields 14 and 15; the second one, a name, may hold anything, and ends with the last bracket.
fn cpu(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?;
    Some(Duration::from_secs_f64(ticks / TICKS))
}

fn peak_kib(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_linux_writes() {
        let stat = "7 (a) b) S 1 7 7 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 100 1000 200";
        assert_eq!(cpu(stat), Some(Duration::from_secs(3)));
        assert_eq!(cpu("7 no name"), None);
        assert_eq!(
            peak_kib("Name:\tx\nVmHWM:\t   20480 kB\nVmRSS:\t 1 kB\n"),
            Some(20_480)
        );
        assert_eq!(peak_kib("VmRSS:\t 1 kB\n"), None);
    }
}
