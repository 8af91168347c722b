//! The contracts as a dApp developer's program sees them: bindings made from the checked-in artifacts.

/// Generated code, so that its lints stay in here.
#[allow(missing_docs, clippy::too_many_arguments, clippy::module_inception)]
mod generated {
    alloy::sol!(
        #[sol(rpc)]
        TestToken,
        "../../contracts/artifacts/TestToken.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        BeaconClient,
        "../../contracts/artifacts/BeaconClient.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        AttestorClient,
        "../../contracts/artifacts/AttestorClient.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        Courier,
        "../../contracts/artifacts/Courier.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        Transfer,
        "../../contracts/artifacts/Transfer.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        Guardians,
        "../../contracts/artifacts/Guardians.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        Call,
        "../../contracts/artifacts/Call.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        HookedToken,
        "../../contracts/artifacts/HookedToken.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        Accomplice,
        "../../contracts/artifacts/Accomplice.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        Router,
        "../../contracts/artifacts/Router.json"
    );
    alloy::sol! {
        // Of OpenZeppelin's timelock: an operation is not in the state that a call needs, such as over its delay.
        error TimelockUnexpectedOperationState(bytes32 operation, bytes32 expected);
    }
}

pub(crate) use generated::{
    Accomplice, AttestorClient, BeaconClient, Call, Courier, Guardians, HookedToken, Router, TestToken,
    TimelockUnexpectedOperationState, Transfer,
};
