//! What `relayer run` needs beyond what every command needs: a watcher, a deployer and an attestor do without.

use super::{Config, Problem};

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
            .filter(|(_, chain)| chain.settings.signer.is_none() && is_used(&chain.settings.name))
            .map(|(position, chain)| Problem {
                key: format!("chains[{position}].signer"),
                text: format!(
                    "a path uses {}, and no account pays there; add signer = \"file:path/to/key\"",
                    chain.settings.name
                ),
            });
        unpaid.collect()
    }
}
