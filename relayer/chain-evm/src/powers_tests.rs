use super::*;
use crate::fake::{Fake, limits};
use crate::roles::LIMIT_LOWERER;
use crate::{FeePolicy, Settings};
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::LogData;
use alloy_sol_types::SolCall;
use chain::ChainName;
use core::time::Duration;
use endpoints::Limits;
use serde_json::json;

const fn account(byte: u8) -> Address {
    Address::repeat_byte(byte)
}

fn plan() -> Deployment {
    Deployment {
        proposers: vec![account(1)],
        executors: vec![account(2)],
        limit_lowerers: vec![account(3)],
        guardians: vec![account(4), account(5), account(6)],
        small_quorum: 2,
        large_quorum: 3,
        delay_secs: 60,
        keys_allowed: false,
        limits: Vec::new(),
    }
}

const DEPLOYER: Address = account(9);
const MADE: Deployed = Deployed {
    timelock: account(0xa0),
    authority: account(0xa1),
    guardians: account(0xa6),
    router: account(0xa2),
    transfer: account(0xa3),
    call: account(0xa6),
    router_code: account(0xa4),
    transfer_code: account(0xa5),
    call_code: account(0xa7),
    block: BlockNumber(7),
};

fn log(contract: Address, data: LogData) -> Log {
    Log {
        inner: alloy_primitives::Log {
            address: contract,
            data,
        },
        ..Log::default()
    }
}

fn at_timelock(role: B256, account: Address) -> Log {
    let granted = Timelock::RoleGranted {
        role,
        account,
        sender: DEPLOYER,
    };
    log(MADE.timelock, granted.encode_log_data())
}

fn at_authority(role: u64, account: Address) -> Log {
    let granted = Authority::RoleGranted {
        roleId: role,
        account,
        delay: 0,
        since: alloy_primitives::Uint::ZERO,
        newMember: true,
    };
    log(MADE.authority, granted.encode_log_data())
}

/// What a deployment by [`plan`] leaves in the logs.
fn grants() -> Vec<Log> {
    vec![
        at_timelock(B256::ZERO, MADE.timelock),
        at_timelock(keccak256("PROPOSER_ROLE"), account(1)),
        at_timelock(keccak256("CANCELLER_ROLE"), account(1)),
        at_timelock(keccak256("EXECUTOR_ROLE"), account(2)),
        at_authority(ADMIN, DEPLOYER),
        at_authority(ADMIN, MADE.timelock),
        at_authority(LIMIT_LOWERER, account(3)),
    ]
}

fn judge(logs: &[Log]) -> Result<(), Unproven> {
    let plan = plan();
    let proof = Proof {
        deployment: &plan,
        deployed: &MADE,
        deployer: DEPLOYER,
    };
    proof.check_grants(logs)
}

#[test]
fn the_grants_of_the_plan_are_all_there_is() {
    assert_eq!(judge(&grants()), Ok(()));
}

#[test]
fn rejects_not_planned() {
    let foreign = [
        at_timelock(B256::ZERO, account(1)),
        at_timelock(keccak256("EXECUTOR_ROLE"), account(1)),
        at_timelock(keccak256("PROPOSER_ROLE"), DEPLOYER),
        at_authority(ADMIN, account(3)),
        at_authority(LIMIT_LOWERER, DEPLOYER),
        at_authority(77, account(1)),
    ];
    for log in foreign {
        let refused = judge(&[grants(), vec![log.clone()]].concat());
        assert!(
            matches!(refused, Err(Unproven::NotPlanned { contract, .. }) if contract == log.address()),
            "{refused:?}"
        );
    }
}

#[test]
fn rejects_a_function_that_was_given_away() {
    let given = Authority::TargetFunctionRoleUpdated {
        target: MADE.router,
        selector: Router::migrateClientCall::SELECTOR.into(),
        roleId: LIMIT_LOWERER,
    };
    let logs = [grants(), vec![log(MADE.authority, given.encode_log_data())]].concat();
    assert!(matches!(judge(&logs), Err(Unproven::NotPlanned { .. })));
}

/// A selector that no contract has would leave its function with the administrator.
#[test]
fn functions_of_roles_are_those_of_the_contracts() {
    let parse = |json| crate::artifact::Artifact::parse(json).unwrap();
    let (call, transfer) = (parse(crate::artifact::CALL), parse(crate::artifact::TRANSFER));
    for role in roles(&plan(), &MADE) {
        let contract = if role.target == MADE.call {
            &call
        } else {
            &transfer
        };
        for selector in &role.functions {
            assert!(role.target == MADE.call || role.target == MADE.transfer);
            assert!(
                contract
                    .abi
                    .functions()
                    .any(|function| function.selector() == *selector),
                "{selector}"
            );
        }
    }
    assert!(
        roles(&plan(), &MADE)
            .iter()
            .any(|role| !role.functions.is_empty())
    );
}

#[test]
fn an_endpoint_that_hides_logs_proves_nothing() {
    for hidden in 0..grants().len() {
        let mut logs = grants();
        logs.remove(hidden);
        assert!(
            matches!(judge(&logs), Err(Unproven::Differs { .. })),
            "without {hidden}"
        );
    }
}

#[test]
fn grants_at_other_contracts_count_for_nothing() {
    let mut logs = grants();
    let mut foreign = at_authority(ADMIN, account(1));
    foreign.inner.address = account(0xff);
    logs.push(foreign);
    assert_eq!(judge(&logs), Ok(()));
}

/// A chain on which only `account(2)` is a key.
async fn evm() -> Evm {
    let fake = Fake::rpc(|method, params| match method {
        "eth_chainId" => Ok(json!("0x7")),
        "eth_getCode" if params[0] == json!(account(2)) => Ok(json!("0x")),
        "eth_getCode" => Ok(json!("0x60")),
        other => panic!("{other} is not expected"),
    })
    .await;
    let settings = Settings {
        attestors: Vec::new(),
        name: ChainName("north".into()),
        chain_id: 7,
        rpc: vec![fake.url.clone()],
        beacon: vec![fake.url],
        router: Address::ZERO,
        first_block: BlockNumber(0),
        signer: Some(PrivateKeySigner::from_bytes(&B256::repeat_byte(1)).expect("a key")),
        fee: FeePolicy::default(),
        gas_max: crate::TRANSACTION_GAS_MAX,
        limits: Limits { ..limits() },
    };
    Evm::new(settings).expect("a chain")
}

#[tokio::test]
async fn rejects_unsafe_zero_and_key_before_anything_is_sent() {
    let evm = evm().await;
    let mut nobody = plan();
    nobody.proposers.clear();
    let mut zero = plan();
    zero.limit_lowerers.push(Address::ZERO);
    let hasty = Deployment {
        delay_secs: 0,
        ..plan()
    };
    let refused = async |plan: &Deployment| {
        evm.deploy(plan, Duration::from_secs(1))
            .await
            .expect_err("refused")
    };
    assert!(matches!(refused(&nobody).await, DeployFault::Unsafe { .. }));
    assert!(matches!(refused(&hasty).await, DeployFault::Unsafe { .. }));
    assert_eq!(
        refused(&zero).await,
        DeployFault::Zero {
            list: "limit_lowerers"
        }
    );
    assert_eq!(
        refused(&plan()).await,
        DeployFault::Key {
            list: "executors",
            account: account(2)
        }
    );
}
