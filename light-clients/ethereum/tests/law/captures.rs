//! What other projects recorded from public networks, where it is at hand: `WEIGHBRIDGE_VECTORS` names the folder.
//!
//! The recordings have no account proof of a router of ours. So a rotation teaches its committee and nothing else, and a
//! finality update is refused by exactly that rule: all rules before it, signature included, are passed.

use std::path::PathBuf;
use std::{env, fs};

use alloy_primitives::{Address, B256, Bytes, U256, keccak256};
use client::Advance;
use ethereum::checks::{check_absentees, check_signature, signers_key, signing_root_with};
use ethereum::spec::{
    LightClientFinalityUpdate, LightClientUpdate, SyncAggregate, SyncCommittee, compact_finality_update,
    compact_update,
};
use ethereum::{
    Bls, Blst, Config, Header, HeldCommittee, Network, Period, Reject, Slot, State, TRUST_PERIOD_DEFAULT,
    Trusted, Update, WEAK_SUBJECTIVITY_DEFAULT, verify_update,
};
use merkle::mpt;
use serde::de::DeserializeOwned;
use serde_json::Value;
use wire::Seconds;

/// The recording `name`; none, with a word about it, if the sets are not at hand.
fn recording<T: DeserializeOwned>(name: &str) -> Option<T> {
    let Some(root) = env::var_os("WEIGHBRIDGE_VECTORS") else {
        eprintln!("skipped {name}: WEIGHBRIDGE_VECTORS is not set");
        return None;
    };
    let text = fs::read_to_string(PathBuf::from(root).join(name)).unwrap();
    Some(serde_json::from_str(&text).unwrap())
}

/// A client that trusts these committees, and a state some epochs before `slot`.
fn client(network: Network, slot: Slot, committees: &[(Period, &SyncCommittee)]) -> Trusted {
    let newest = Slot(slot.0 - 320);
    let state = State {
        slot: newest,
        storage_root: B256::repeat_byte(1),
        learned_at: network.time_of(newest).unwrap(),
    };
    let held = committees.iter().map(|(period, committee)| HeldCommittee {
        period: *period,
        commitment: committee.commit(&Blst).unwrap().commitment(*period),
    });
    let config = Config {
        network,
        router: Address::repeat_byte(1),
        commitments_slot: wire::COMMITMENTS_SLOT,
        trust_period: TRUST_PERIOD_DEFAULT,
        weak_subjectivity: WEAK_SUBJECTIVITY_DEFAULT,
        capacity: 64,
    };
    Trusted::from_parts(config, newest, [state], held, false).unwrap()
}

/// All rules before the account's are passed, and not without the signature.
fn only_the_account_is_missing(trusted: &Trusted, update: &Update) {
    let now = trusted.config.network.time_of(update.signature_slot).unwrap();
    let refused = verify_update(&Blst, trusted, update, now);
    assert!(matches!(refused, Err(Reject::AccountProof { .. })), "{refused:?}");
    an_edited_one_is_refused(trusted, update, now);
}

/// The committee of the period after `update` is learned from it.
fn teaches_its_committee(trusted: &Trusted, update: &Update) {
    let network = &trusted.config.network;
    let now = network.time_of(update.signature_slot).unwrap();
    let Ok(Advance::Updated(after)) = verify_update(&Blst, trusted, update, now) else {
        panic!("a recorded rotation is news");
    };
    let period = network.period_of(update.attested.slot).next().unwrap();
    let next = &update.next.as_ref().expect("a rotation").committee;
    assert_eq!(after.committee(period), Some(next.commitment(period)));
    assert!(after.states().eq(trusted.states()), "no state came of it");
    an_edited_one_is_refused(trusted, update, now);
}

fn an_edited_one_is_refused(trusted: &Trusted, update: &Update, now: Seconds) {
    let mut edited = update.clone();
    edited.attested.proposer_index += 1;
    let refused = verify_update(&Blst, trusted, &edited, now);
    assert!(matches!(refused, Err(Reject::BadSignature { .. })), "{refused:?}");
}

const NO_PROOF: [Bytes; 0] = [];

#[test]
fn sepolia_under_deneb() {
    let folder = "union/lib/ethereum-sync-protocol/src/test";
    let Some(update) = recording::<LightClientUpdate>(&format!("{folder}/light_client_update_6553725.json"))
    else {
        return;
    };
    let committee: SyncCommittee = recording(&format!("{folder}/sync_committee_6553725.json")).unwrap();
    let network = Network::sepolia();
    let period = network.period_of(update.signature_slot);
    let compact = compact_update(&Blst, &network, &update, &committee, &NO_PROOF).unwrap();
    let slot = compact.finalized.slot;
    teaches_its_committee(&client(network, slot, &[(period, &committee)]), &compact);
}

#[test]
fn sepolia_under_electra_over_a_change_of_period() {
    let folder = "union/cosmwasm/lightclient/ethereum/src/test";
    let Some(finality) =
        recording::<LightClientFinalityUpdate>(&format!("{folder}/finality_update_7167040.json"))
    else {
        return;
    };
    let rotation: LightClientUpdate =
        recording(&format!("{folder}/period_changing_update_7167040.json")).unwrap();
    let current: SyncCommittee = recording(&format!("{folder}/current_sync_committee_7167008.json")).unwrap();
    let next: SyncCommittee = recording(&format!("{folder}/next_sync_committee_7167008.json")).unwrap();
    let network = Network::sepolia();
    let period = network.period_of(finality.signature_slot);
    assert_eq!(network.period_of(rotation.signature_slot), period.next().unwrap());
    let committees = [(period, &current), (period.next().unwrap(), &next)];
    let trusted = client(
        network.clone(),
        finality.finalized_header.beacon.slot,
        &committees,
    );
    let compact = compact_finality_update(&Blst, &network, &finality, &current, &NO_PROOF).unwrap();
    only_the_account_is_missing(&trusted, &compact);
    let compact = compact_update(&Blst, &network, &rotation, &next, &NO_PROOF).unwrap();
    teaches_its_committee(&trusted, &compact);
}

/// `committee` signed `attested` under fork `version` of the main network.
fn signed_on_mainnet(
    committee: &SyncCommittee,
    attested: &Header,
    aggregate: &SyncAggregate,
    version: [u8; 4],
) -> B256 {
    let bits = &aggregate.sync_committee_bits;
    let compact = committee.commit(&Blst).unwrap();
    let absent = committee.open_absent(&Blst, bits).unwrap();
    check_absentees(compact.pubkeys_root, 512, bits, &absent).unwrap();
    let key = signers_key(&Blst, &compact.aggregate, &absent.keys).unwrap();
    let root = signing_root_with(
        version,
        Network::mainnet().genesis_validators_root(),
        attested.root(),
    );
    let signature = Blst
        .decompress_signature(&aggregate.sync_committee_signature.0)
        .unwrap();
    check_signature(&Blst, &key, root, &signature).unwrap();
    root
}

fn part<T: DeserializeOwned>(value: &Value, path: &str) -> T {
    serde_json::from_value(value.pointer(path).unwrap().clone()).unwrap()
}

#[test]
fn mainnet_under_bellatrix() {
    let folder = "datachainlab-ethlc/crates/consensus/data";
    let Some(update) = recording::<Value>(&format!("{folder}/mainnet_light_client_update_slot_5841038.json"))
    else {
        return;
    };
    let committee: SyncCommittee =
        recording(&format!("{folder}/mainnet_sync_committee_period_713.json")).unwrap();
    let expected: B256 = recording(&format!("{folder}/mainnet_signing_root_slot_5841037.json")).unwrap();
    // This recording has numbers where the REST interface has strings.
    let header = update.pointer("/attested_header").unwrap();
    let number = |name: &str| match &header[name] {
        Value::String(text) => text.parse().unwrap(),
        number => number.as_u64().unwrap(),
    };
    let attested = Header {
        slot: Slot(number("slot")),
        proposer_index: number("proposer_index"),
        parent_root: part(header, "/parent_root"),
        state_root: part(header, "/state_root"),
        body_root: part(header, "/body_root"),
    };
    let root = signed_on_mainnet(
        &committee,
        &attested,
        &part(&update, "/sync_aggregate"),
        [2, 0, 0, 0],
    );
    assert_eq!(root, expected);
}

#[test]
fn mainnet_branches_under_capella() {
    let Some(bootstrap) = recording::<Value>("helios/ethereum/testdata/bootstrap.json") else {
        return;
    };
    let finality: Value = recording("helios/ethereum/testdata/finality.json").unwrap();
    let committee: SyncCommittee = part(&bootstrap, "/data/current_sync_committee");
    let header: Header = part(&bootstrap, "/data/header/beacon");
    let branch: Vec<B256> = part(&bootstrap, "/data/current_sync_committee_branch");
    let current = ethereum::ProvenCommittee {
        committee: committee.commit(&Blst).unwrap(),
        branch,
    };
    ethereum::checks::check_current_committee(&ethereum::Indices::DENEB, &header, &current).unwrap();
    let attested: Header = part(&finality, "/data/attested_header/beacon");
    let finalized: Header = part(&finality, "/data/finalized_header/beacon");
    let branch: Vec<B256> = part(&finality, "/data/finality_branch");
    let indices = ethereum::Indices::DENEB;
    ethereum::checks::check_finality(&indices, &attested, finalized.root(), &branch).unwrap();
}

#[test]
fn sepolia_storage_present_and_absent() {
    for name in ["valid_storage_proof_sepolia", "valid_absence_proof_sepolia"] {
        let path = format!("union/lib/evm-storage-verifier/src/test/{name}.json");
        let Some(recorded) = recording::<Value>(&path) else {
            return;
        };
        let nodes: Vec<Bytes> = part(&recorded, "/accountProof");
        let state_root = keccak256(&nodes[0]);
        let address: Address = part(&recorded, "/address");
        let account = mpt::account(state_root, address, &nodes.concat()).unwrap();
        assert_eq!(account.storage_root, part::<B256>(&recorded, "/storageHash"));
        let slot = B256::from(part::<U256>(&recorded, "/storageProof/0/key"));
        let value = B256::from(part::<U256>(&recorded, "/storageProof/0/value"));
        let nodes: Vec<Bytes> = part(&recorded, "/storageProof/0/proof");
        let expected = if value.is_zero() {
            mpt::Slot::Absent
        } else {
            mpt::Slot::Present(value)
        };
        assert_eq!(
            mpt::storage(account.storage_root, slot, &nodes.concat()),
            Ok(expected)
        );
    }
}
