use super::heights_in;
use crate::abi::TendermintClient::StateLearned;
use alloy::rpc::types::Log;
use alloy_primitives::{Address, LogData};
use alloy_sol_types::SolEvent;

fn log(of: Address, data: LogData) -> Log {
    Log {
        inner: alloy_primitives::Log { address: of, data },
        ..Log::default()
    }
}

#[test]
fn heights_are_those_that_the_contract_itself_says_it_learned() {
    let (ours, other) = (Address::repeat_byte(1), Address::repeat_byte(2));
    let learned = |height| StateLearned { height }.encode_log_data();
    let mut cut = learned(9);
    cut.data = cut.data.slice(1..);
    let logs = [
        log(ours, learned(7)),
        log(other, learned(8)),
        log(ours, cut),
        log(ours, learned(u64::MAX)),
    ];
    assert_eq!(heights_in(ours, &logs).collect::<Vec<_>>(), [7, u64::MAX]);
}
