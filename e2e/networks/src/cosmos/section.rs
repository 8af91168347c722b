//! A running chain as the relayer's configuration has it.

use scenarios::cosmos::Pace;

use super::chain::CosmosChain;

/// Who sends for the relayer, by the names of roles.
const SENDERS: [&str; 2] = ["deployer", "relayer"];

/// The section of a chain, with two accounts that send.
pub fn chain_section(chain: &CosmosChain) -> String {
    let accounts = chain.site().accounts.iter();
    let senders = accounts.filter(|account| SENDERS.contains(&account.role.as_str()));
    let keys = senders.map(|account| account.key_file.display().to_string());
    let keys: Vec<String> = keys.collect();
    scenarios::cosmos::chain_section(&chain.seen(), &keys, &Pace::REAL)
}
