//! The scenario of an EVM chain and a Cosmos chain with the relayer between them as a process of its own, on embedded chains.

use anyhow::{Result, ensure};
use scenarios::Program;
use scenarios::mixed::embedded;

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
