//! `--keep`: the chains and the relayer stay, and everything that is needed to use them is printed.

use anyhow::{Context, Result};
use scenarios::{Bridge, Role};
use std::path::Path;

/// Prints and waits for Ctrl-C.
pub(crate) async fn until_interrupted(bridge: &Bridge, folder: &Path) -> Result<()> {
    for end in &bridge.ends {
        println!("\n{} (chain id {})", end.site.name, end.site.chain_id);
        println!("  JSON-RPC     {}", end.site.rpc_url);
        println!("  beacon REST  {}", end.site.beacon_url);
        println!("  Router       {:#x}", end.router);
        println!("  Transfer     {:#x}", end.transfer);
        println!("  TestToken    {:#x}", end.token);
        println!("  Courier      {:#x}", end.courier);
        println!("  client       {}", end.client);
        for role in Role::ALL {
            // Keys of a chain that ends with this process: worth nothing, and needed to play with it.
            println!(
                "  {:<12} {:#x}  key {:#x}",
                format!("{role:?}"),
                end.wallet(role)?.address,
                end.site.key(role)
            );
        }
    }
    println!("\nrelayer        {}", bridge.api_url());
    println!("configuration  {}", bridge.config().display());
    println!("files          {}", folder.display());
    println!("\nCtrl-C ends it all.");
    tokio::signal::ctrl_c().await.context("failed to wait for Ctrl-C")
}
