use super::*;
use ethereum::testing::{Draft, World, filler};
use ethereum::{COMMITTEE_SIZE_MIN, Epoch, Fork, ForkSchedule, Layout, Network, Times};
use wasm_client::Message as ClientMessage;

const CODE: &[u8] = include_bytes!("../../../light-clients/wasm/artifact/ethereum.wasm");

fn consensus(version: u8, rest: usize) -> Any {
    let data = [&[version][..], &[7; 32], &9_u64.to_be_bytes(), &vec![1; rest]].concat();
    any(CONSENSUS_STATE, &Data { data })
}

#[test]
fn the_checksum_is_that_of_the_code_beside_it() {
    use sha2::{Digest, Sha256};
    assert_eq!(checksum().0, <[u8; 32]>::from(Sha256::digest(CODE)));
}

#[test]
fn an_update_is_a_message_that_the_contract_reads_as_one() {
    let times = Times {
        genesis: Seconds(1_700_000_000),
        seconds_per_slot: 12,
        slots_per_epoch: 8,
        epochs_per_period: 8,
    };
    let fork = Fork {
        epoch: Epoch(0),
        version: [6, 0, 0, 0x57],
        layout: Layout::Electra,
    };
    let forks = ForkSchedule::new([fork]).expect("a schedule");
    let network = Network::custom(times, filler("validators", &[]), COMMITTEE_SIZE_MIN, forks);
    let update = World::new(network.expect("a network")).update(&Draft::new(72, 80));
    let message = update_message(&update);
    assert_eq!(message.type_url, CLIENT_MESSAGE);
    let data = Data::decode(message.value.as_slice()).expect("a message").data;
    assert_eq!(
        ClientMessage::from_bytes(&data),
        Ok(ClientMessage::Update(encode_update(&update)))
    );
}

#[test]
fn a_state_is_read_as_the_contract_keeps_it() {
    let state = state_of(Slot(5), &consensus(1, 8)).expect("a state");
    assert_eq!(state.slot, Slot(5));
    assert_eq!(state.storage_root, B256::repeat_byte(7));
    assert_eq!(state.learned_at, Seconds(u64::from_be_bytes([1; 8])));
}

#[test]
fn what_the_contract_would_not_have_kept_is_no_state() {
    let other = Any {
        type_url: CLIENT_STATE.into(),
        ..consensus(1, 8)
    };
    for (bad, word) in [
        (consensus(2, 8), "version"),
        (consensus(1, 7), "bytes"),
        (consensus(1, 9), "bytes"),
        (other, CLIENT_STATE),
    ] {
        let told = state_of(Slot(5), &bad).expect_err("no state");
        assert!(told.contains(word), "{told}");
    }
}

#[test]
fn a_client_of_other_code_or_none_is_not_read() {
    let stranger = any(
        CLIENT_STATE,
        &ClientState {
            data: vec![1, 2, 3],
            checksum: vec![4; 32],
            latest_height: Some(RawHeight::default()),
        },
    );
    let told = kept(&stranger).expect_err("no client");
    assert!(told.contains("no client of this release"), "{told}");
}
