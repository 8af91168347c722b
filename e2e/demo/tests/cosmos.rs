//! The scenario of two Cosmos chains with the relayer between them as a process of its own, on embedded chains: the same that
//! `real-cosmos` runs on chains of simd.

use anyhow::{Result, ensure};
use scenarios::cosmos::embedded;
use scenarios::{Program, fresh_seed};

#[tokio::test(flavor = "multi_thread")]
async fn tokens_go_there_and_home_between_two_cosmos_chains() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = Program::within(env!("CARGO_BIN_EXE_demo"), "relayer");
    let packets = embedded::run(program, folder.path(), &|line| println!("{line}")).await?;
    ensure!(
        packets.sent == packets.acked + packets.timed_out && packets.timed_out == 2,
        "{packets:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relayer_that_starts_with_nothing_finds_a_thousand_packets_behind_thousands_of_blocks() -> Result<()>
{
    let folder = tempfile::tempdir()?;
    let program = Program::within(env!("CARGO_BIN_EXE_demo"), "relayer");
    let packets = embedded::operators_day(program, folder.path(), &|line| println!("{line}")).await?;
    ensure!(packets.sent == 1_006 && packets.acked == 1_006, "{packets:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_chains_halt_restart_prune_and_nodes_lie() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = Program::within(env!("CARGO_BIN_EXE_demo"), "relayer");
    let seed = std::env::var("WEIGHBRIDGE_SEED").map_or_else(|_| Ok(fresh_seed()), |seed| seed.parse())?;
    let packets = embedded::in_trouble(program, folder.path(), seed, &|line| println!("{line}")).await?;
    ensure!(packets.sent == 60 && packets.acked == 60, "{packets:?}");
    Ok(())
}
