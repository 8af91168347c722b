//! What `relayer run` needs beyond what every command needs: a watcher, a deployer and an attestor do without.

use super::{ChainEntry, Config, Family, Problem};

impl Config {
    /// What is missing for `relayer run`; nothing when it can start.
    pub fn missing_to_run(&self) -> Vec<Problem> {
        if self.paths.is_empty() {
            return vec![Problem {
                key: "paths".into(),
                text: "there is none; `relayer path create` makes one, then add it as [[paths]]".into(),
            }];
        }
        let is_used = |name| {
            let mut ends = self
                .paths
                .iter()
                .flat_map(|path| [&path.machine.a, &path.machine.b]);
            ends.any(|end| &end.name.chain == name)
        };
        let chains = self.chains.iter().enumerate();
        let unpaid = chains
            .filter(|(_, chain)| is_used(chain.name()))
            .filter_map(|(position, chain)| {
                let (key, example) = unpaid(chain)?;
                Some(Problem {
                    key: format!("chains[{position}].{key}"),
                    text: format!(
                        "a path uses {}, and no account pays there; add {key} = {example}",
                        chain.name()
                    ),
                })
            });
        unpaid.collect()
    }
}

/// The key that names who pays on `chain`, and what could stand there, if nothing does.
fn unpaid(chain: &ChainEntry) -> Option<(&'static str, &'static str)> {
    match &chain.family {
        Family::Evm { settings, .. } => settings
            .signer
            .is_none()
            .then_some(("signer", "\"file:path/to/key\"")),
        Family::Cosmos(settings) => {
            (!settings.has_signers()).then_some(("signers", "[\"file:path/to/key\"]"))
        }
    }
}
