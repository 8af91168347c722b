//! Headers are judged by tendermint-light-client-verifier, proofs by ics23: neither is ours.

use std::time::Duration;

use chain_cosmos::{Commit, Proven, Rpc};
use ics23::commitment_proof::Proof;
use ics23::{CommitmentProof, HostFunctionsManager, calculate_existence_root};
use prost::Message;
use tendermint::{Time, validator};
use tendermint_light_client_verifier::options::Options;
use tendermint_light_client_verifier::types::{TrustThreshold, TrustedBlockState, UntrustedBlockState};
use tendermint_light_client_verifier::{ProdVerifier, Verdict, Verifier};

use super::net::{Net, config};
use crate::validators::{Kind, Member, Validators};
use crate::{ChainConfig, Faults, Lie};

async fn commit(rpc: &Rpc, height: u64) -> Commit {
    rpc.commit(height).await.unwrap().unwrap()
}

async fn set(rpc: &Rpc, height: u64) -> validator::Set {
    let infos = rpc.validators(height).await.unwrap().unwrap();
    let set = validator::Set::without_proposer(infos.clone());
    // The order of the node is the order that was hashed.
    let order: Vec<_> = set.validators().iter().map(|info| info.address).collect();
    assert_eq!(order, infos.iter().map(|info| info.address).collect::<Vec<_>>());
    set
}

/// What somebody says who believes the block of `trusted` and is shown that of `shown`.
async fn judge(rpc: &Rpc, chain_id: &str, trusted: u64, shown: u64) -> Verdict {
    let (known, new) = (commit(rpc, trusted).await, commit(rpc, shown).await);
    let (known_set, new_set) = (set(rpc, trusted + 1).await, set(rpc, shown).await);
    let header = &known.signed_header.header;
    let chain_id = chain_id.parse().unwrap();
    let believed = TrustedBlockState {
        chain_id: &chain_id,
        header_time: header.time,
        height: header.height,
        next_validators: &known_set,
        next_validators_hash: header.next_validators_hash,
    };
    let next = set(rpc, shown + 1).await;
    let claimed = UntrustedBlockState {
        signed_header: &new.signed_header,
        validators: &new_set,
        next_validators: Some(&next),
    };
    let options = Options {
        trust_threshold: TrustThreshold::ONE_THIRD,
        trusting_period: Duration::from_secs(7 * 86_400),
        clock_drift: Duration::from_secs(10),
    };
    let now: Time = (new.signed_header.header.time + Duration::from_secs(1)).unwrap();
    ProdVerifier::default().verify_update_header(claimed, believed, &options, now)
}

async fn walks(validators: Validators) {
    let config = ChainConfig {
        validators,
        ..config("walk-7")
    };
    let net = Net::with(config).await;
    net.chain.advance(6);
    for (trusted, shown) in [(1, 2), (2, 3), (2, 7), (1, 8)] {
        let verdict = judge(&net.rpc, "walk-7", trusted, shown).await;
        assert_eq!(verdict, Verdict::Success, "{trusted} to {shown}");
    }
    assert!(commit(&net.rpc, 7).await.canonical && !commit(&net.rpc, 8).await.canonical);
}

#[tokio::test]
async fn others_follow_chains_of_either_kind_of_keys() {
    walks(Validators::new(Kind::Ed25519, 1, &[40, 30, 20, 10])).await;
    walks(Validators::new(Kind::Secp256k1, 1, &[40, 30, 20, 10])).await;
}

#[tokio::test]
async fn others_follow_a_hundred_validators_over_their_pages() {
    let powers: Vec<i64> = (1..=100).rev().collect();
    walks(Validators::new(Kind::Ed25519, 5, &powers)).await;
}

#[tokio::test]
async fn others_follow_when_the_set_changes_and_when_few_are_away() {
    let net = Net::new("change-1").await;
    let first = Validators::new(Kind::Ed25519, 1, &[40, 30, 20, 10]);
    let mut members: Vec<Member> = first.members.into_iter().take(2).collect();
    members.extend(Validators::new(Kind::Secp256k1, 9, &[25, 15]).members);
    net.chain.set_validators(Validators::of(members));
    net.chain.advance(4);
    // Decided by block 3, in force from 5 on, told by 4.
    let hash = |height| {
        let block = net.chain.block(height).unwrap();
        (block.header.validators_hash, block.header.next_validators_hash)
    };
    assert_eq!((hash(4).0 == hash(2).0, hash(4).1 == hash(5).0), (true, true));
    assert!(hash(5).0 != hash(4).0);
    net.chain.set_faults(Faults {
        absent: [3].into(),
        ..Faults::default()
    });
    net.chain.advance(2);
    for (trusted, shown) in [(3, 4), (4, 5), (2, 6), (5, 8)] {
        let verdict = judge(&net.rpc, "change-1", trusted, shown).await;
        assert_eq!(verdict, Verdict::Success, "{trusted} to {shown}");
    }
    let votes = net.chain.block(8).unwrap().commit.signatures;
    assert_eq!(votes.iter().filter(|vote| vote.signature.is_empty()).count(), 1);
}

#[tokio::test]
async fn a_header_that_the_node_bends_is_refused() {
    let net = Net::new("lie-1").await;
    net.chain.advance(2);
    net.chain.set_faults(Faults {
        lies: [Lie::Header].into(),
        ..Faults::default()
    });
    let verdict = judge(&net.rpc, "lie-1", 2, 3).await;
    assert!(matches!(verdict, Verdict::Invalid(_)), "{verdict:?}");
}

/// What the proofs show under the root, if they hold together: the value, or that there is none.
fn read(root: &[u8], store: &str, key: &[u8], proven: &Proven) -> Option<Vec<u8>> {
    let [of_key, of_store] = proven.proofs.as_slice() else {
        panic!("{} proofs", proven.proofs.len());
    };
    let of_key = CommitmentProof::decode(of_key.as_slice()).unwrap();
    let of_store = CommitmentProof::decode(of_store.as_slice()).ok()?;
    let Some(Proof::Exist(store_proof)) = &of_store.proof else {
        return None;
    };
    let (iavl, simple) = (ics23::iavl_spec(), ics23::tendermint_spec());
    let (name, inner) = (store.as_bytes(), store_proof.value.clone());
    let holds =
        ics23::verify_membership::<HostFunctionsManager>(&of_store, &simple, &root.to_vec(), name, &inner);
    let shows = match &of_key.proof {
        Some(Proof::Exist(exist)) => {
            let root = calculate_existence_root::<HostFunctionsManager>(exist).ok()?;
            root == inner
                && ics23::verify_membership::<HostFunctionsManager>(
                    &of_key,
                    &iavl,
                    &inner,
                    key,
                    &proven.value,
                )
        }
        _ => {
            proven.value.is_empty()
                && ics23::verify_non_membership::<HostFunctionsManager>(&of_key, &iavl, &inner, key)
        }
    };
    (holds && shows).then(|| proven.value.clone())
}

#[tokio::test]
async fn others_read_the_proofs_of_every_height_that_is_kept() {
    let net = Net::new("proof-1").await;
    net.chain.advance(5);
    let mut seen = 0;
    for height in 2..7 {
        let root = commit(&net.rpc, height + 1).await.signed_header.header.app_hash;
        for (store, key) in [
            ("ibc", b"nextClientSequence".as_slice()),
            ("ibc", b"nowhere"),
            ("ibc", b"zzzz"),
            ("acc", b"\x02"),
            ("bank", b"a"),
        ] {
            let proven = net.rpc.prove(store, key, height).await.unwrap().unwrap();
            assert_eq!(proven.height, height);
            let value = read(root.as_bytes(), store, key, &proven).expect("an honest proof");
            seen += usize::from(!value.is_empty());
            // Nothing holds under another root, in another store, for another key, or with another value.
            assert_eq!(read(&[7; 32], store, key, &proven), None);
            assert_eq!(read(root.as_bytes(), "mint", key, &proven), None);
            if !value.is_empty() {
                assert_eq!(read(root.as_bytes(), store, b"other", &proven), None);
            }
            let other = Proven {
                value: b"other".to_vec(),
                ..proven.clone()
            };
            assert_eq!(read(root.as_bytes(), store, key, &other), None);
        }
    }
    assert_eq!(seen, 10);
}

#[tokio::test]
async fn proofs_that_the_node_bends_are_refused() {
    let net = Net::new("bent-1").await;
    net.chain.advance(2);
    let root = commit(&net.rpc, 3).await.signed_header.header.app_hash;
    for lie in [Lie::Proof, Lie::Value] {
        net.chain.set_faults(Faults {
            lies: [lie].into(),
            ..Faults::default()
        });
        let key = b"nextClientSequence";
        let proven = net.rpc.prove("ibc", key, 2).await.unwrap().unwrap();
        assert_eq!(read(root.as_bytes(), "ibc", key, &proven), None, "{lie:?}");
    }
}
