//! Digests and versions of forks: which objects a case means by them.

use alloy_primitives::{B256, FixedBytes};
use ethereum::ssz::hash_pair;
use ethereum::testing::filler;
use spec_store::{Chain, ForkName, Preset};

const CONFIG: &str = include_str!("config.yaml");

fn chain() -> Chain {
    let config = serde_yaml_ng::from_str(CONFIG).unwrap();
    Chain::new(&config, Preset::MINIMAL, filler("validators", &[])).unwrap()
}

#[test]
fn digests_name_their_forks() {
    let chain = chain();
    let digest = |version: [u8; 4]| {
        let root = hash_pair(B256::right_padding_from(&version), filler("validators", &[]));
        chain.fork_of_digest(FixedBytes::from_slice(&root[..4]))
    };
    assert_eq!(digest([4, 0, 0, 1]).unwrap(), ForkName::Deneb);
    assert_eq!(digest([5, 0, 0, 1]).unwrap(), ForkName::Electra);
    assert!(digest([3, 0, 0, 1]).unwrap_err().to_string().contains("Capella"));
    assert!(digest([9, 9, 9, 9]).unwrap_err().to_string().contains("no fork"));
}

#[test]
fn versions_name_their_forks_even_where_the_configuration_does_not() {
    let chain = chain();
    let version = |first: u8| chain.fork_of_version(FixedBytes([first, 0, 0, 1]));
    assert_eq!(version(4).unwrap(), ForkName::Deneb);
    assert_eq!(version(6).unwrap(), ForkName::Fulu);
    assert!(version(7).unwrap_err().to_string().contains("Gloas"));
    assert!(version(99).unwrap_err().to_string().contains("no fork"));
}
