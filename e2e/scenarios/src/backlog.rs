//! An operator's day: a relayer that starts with nothing between chains on which a thousand packets lie, behind thousands of blocks;
//! chains that are away while it runs; and one that starts with nothing where nodes have pruned what is old.
//!
//! It has to find and bring every packet that can be found, and what is sent meanwhile must not wait for it. How long each takes, and how
//! many were not back yet, is told; what has to hold is that nothing is missed. In which order, the simulator holds the relayer to.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::Instant;

use crate::cosmos::sent_packets::Sent;
use crate::haul::Haul;

/// Transfers in one transaction.
const IN_ONE: usize = 100;
/// What each of them carries.
const AMOUNT: u64 = 1;
/// How long a thousand packets may take there and back, on a busy machine.
const ENDED_WITHIN: Duration = Duration::from_secs(300);

/// Sends `count` packets, half of them from each chain, while no relayer runs, a hundred in a block and `apart` seconds between
/// those blocks; then forgets all that the relayer knew, starts it, and sends a few more each way, and the same once more when
/// nothing else is to be done. Says in a line what was found.
///
/// - `pass`: lets so many seconds pass on both chains; where they pass by themselves, it does nothing.
/// - `age`: lets all of them become old.
///
/// # Errors
/// A packet does not end as it has to, or somebody owns what he should not.
pub(crate) async fn start_behind(
    haul: &mut impl Haul,
    (count, apart): (usize, u64),
    pass: impl AsyncFn(u64),
    age: impl AsyncFnOnce() -> Result<()>,
) -> Result<String> {
    haul.path().forget().await?;
    let before = haul.sent().len();
    for turn in 0..count.div_ceil(IN_ONE) {
        haul.send(turn % 2, &[AMOUNT; IN_ONE]).await?;
        pass(apart).await;
    }
    let lying = haul.sent().len();
    ensure!(lying >= before + count, "only {lying} packets were sent");
    age().await?;
    let begun = Instant::now();
    haul.path().start().await?;
    let ready = begun.elapsed();
    let live = send_few(haul).await?;
    let all = haul.sent().to_vec();
    let (lived, behind) = haul.path().wait_until_back(&live, &all, ENDED_WITHIN).await?;
    let unread = haul.path().unread_blocks().await?;
    haul.path().wait_until_ended(&all, ENDED_WITHIN).await?;
    let took = begun.elapsed();
    let alone = send_few(haul).await?;
    let (alone, _) = haul.path().wait_until_back(&alone, &[], ENDED_WITHIN).await?;
    haul.settle().await?;
    Ok(format!(
        "{count} packets lay there when the relayer started with nothing: it was ready after {:.1} s; what was sent then was \
         acknowledged on its chain {:.1} s after it was sent, with {behind} others not yet and {unread} blocks unread, and when \
         nothing else is to be done it takes {:.1} s; everything had ended {:.1} s after the start: {}",
        ready.as_secs_f64(),
        lived.as_secs_f64(),
        alone.as_secs_f64(),
        took.as_secs_f64(),
        haul.told()
    ))
}

/// Sends both ways, lets the chains be away while the packets are on their way, and sends once more when they are back. Says in a
/// line what was found.
///
/// - `away`: the chains answer nobody for a while; it says how that was.
///
/// # Errors
/// The relayer ends by itself, or a packet does not end as it has to.
pub(crate) async fn outlast(
    haul: &mut impl Haul,
    away: impl AsyncFnOnce() -> Result<String>,
) -> Result<String> {
    send_few(haul).await?;
    let told = away().await?;
    send_few(haul).await?;
    let took = haul.settle().await?;
    Ok(format!(
        "{told}: what was on its way then and what was sent after that had ended {:.1} s later: {}",
        took.as_secs_f64(),
        haul.told()
    ))
}

/// Throws away all that the relayer knew and starts it where the nodes have pruned the blocks in which its path was made: it has
/// to say so, and to carry what is sent all the same. Says in a line what was found.
///
/// # Errors
/// It does not say so, or a packet does not end as it has to.
pub(crate) async fn start_pruned(haul: &mut impl Haul) -> Result<String> {
    haul.path().forget().await?;
    haul.path().start().await?;
    let live = send_few(haul).await?;
    haul.path().wait_until_ended(&live, ENDED_WITHIN).await?;
    let unread = haul.path().unread_blocks().await?;
    ensure!(
        unread > 0,
        "a relayer that can't read old blocks says that it has read all"
    );
    let log = haul.path().log()?;
    let told = log.lines().find(|line| line.contains("pruned"));
    ensure!(
        told.is_some(),
        "the relayer says of no block that it was pruned:\n{log}"
    );
    Ok(format!(
        "a relayer that starts with nothing where old blocks are pruned says so, leaves {unread} blocks unread, and carries what \
         is sent now"
    ))
}

/// Sends a few packets each way, which have to arrive.
async fn send_few(haul: &mut impl Haul) -> Result<Vec<Sent>> {
    let before = haul.sent().len();
    haul.send(0, &[3, 4]).await?;
    haul.send(1, &[5]).await?;
    Ok(haul.sent()[before..].to_vec())
}
