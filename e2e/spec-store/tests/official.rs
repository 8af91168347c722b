//! The sets of official cases and captures, where they are at hand: `WEIGHBRIDGE_VECTORS` names their folder.

use std::path::PathBuf;

use spec_store::{Tally, run_consensus, run_devnet, run_ics23, run_tendermint};

/// The folder `name` of the sets; none, with a word about it, if they are not at hand.
fn set(name: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("WEIGHBRIDGE_VECTORS") else {
        eprintln!("skipped {name}: WEIGHBRIDGE_VECTORS is not set");
        return None;
    };
    Some(PathBuf::from(root).join(name))
}

#[test]
fn consensus_sets_agree() {
    let sets = [
        (
            "helios/ethereum/consensus-core/testdata",
            Tally {
                agreed: 6,
                differed: 0,
                skipped: 0,
            },
        ),
        (
            "consensus-lc-generated",
            Tally {
                agreed: 15,
                differed: 0,
                skipped: 14,
            },
        ),
    ];
    for (name, expected) in sets {
        let Some(folder) = set(name) else { continue };
        let mut out = Vec::new();
        let tally = run_consensus(&folder, &mut out).unwrap();
        assert_eq!(tally, expected, "{}", String::from_utf8(out).unwrap());
    }
}

#[test]
fn captures_agree() {
    let Some(folder) = set("ethereum-devnet") else {
        return;
    };
    let mut out = Vec::new();
    let tally = run_devnet(&folder, &mut out).unwrap();
    let expected = Tally {
        agreed: 656,
        differed: 0,
        skipped: 0,
    };
    assert_eq!(tally, expected, "{}", String::from_utf8(out).unwrap());
}

#[test]
fn proofs_of_cosmos_stores_agree() {
    let sets = [
        (
            "ics23",
            Tally {
                agreed: 21,
                differed: 0,
                skipped: 48,
            },
        ),
        (
            "solidity-ibc-eureka/packages/tendermint-light-client/fixtures",
            Tally {
                agreed: 2,
                differed: 0,
                skipped: 1,
            },
        ),
    ];
    for (name, expected) in sets {
        let Some(folder) = set(name) else { continue };
        let mut out = Vec::new();
        let tally = run_ics23(&folder, &mut out).unwrap();
        assert_eq!(tally, expected, "{}", String::from_utf8(out).unwrap());
    }
}

#[test]
fn traces_agree() {
    let Some(folder) = set("tendermint-rs/light-client") else {
        return;
    };
    let mut out = Vec::new();
    let tally = run_tendermint(&folder, &mut out).unwrap();
    let expected = Tally {
        agreed: 38,
        differed: 0,
        skipped: 4,
    };
    assert_eq!(tally, expected, "{}", String::from_utf8(out).unwrap());
}
