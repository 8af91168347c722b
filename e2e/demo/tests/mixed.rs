//! The scenario of an EVM chain and a Cosmos chain with the relayer between them as a process of its own, on embedded chains.

use anyhow::{Result, ensure};
use scenarios::mixed::embedded;
use scenarios::{Program, fresh_seed};

#[tokio::test(flavor = "multi_thread")]
async fn tokens_go_there_and_home_between_the_families_and_forgeries_nowhere() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = Program::within(env!("CARGO_BIN_EXE_demo"), "relayer");
    let (packets, attacks) = embedded::run(program, folder.path(), &|line| println!("{line}")).await?;
    ensure!(
        packets.sent == packets.acked + packets.timed_out && packets.timed_out == 2,
        "{packets:?}"
    );
    ensure!(
        attacks.len() == 5 && attacks.iter().all(|attack| attack.refused),
        "{attacks:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relayer_between_the_families_starts_with_nothing_behind_a_thousand_packets() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = Program::within(env!("CARGO_BIN_EXE_demo"), "relayer");
    let packets = embedded::operators_day(program, folder.path(), &|line| println!("{line}")).await?;
    ensure!(packets.sent == 1_006 && packets.acked == 1_006, "{packets:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_while_both_families_are_in_trouble() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let program = Program::within(env!("CARGO_BIN_EXE_demo"), "relayer");
    let seed = std::env::var("WEIGHBRIDGE_SEED").map_or_else(|_| Ok(fresh_seed()), |seed| seed.parse())?;
    let packets = embedded::in_trouble(program, folder.path(), seed, &|line| println!("{line}")).await?;
    ensure!(packets.sent == 60 && packets.acked == 60, "{packets:?}");
    Ok(())
}
