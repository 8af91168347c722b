//! The table of roles at the authority (docs/governance.md) as data, and the calls that put it there.
//!
//! What this module must never do: give a role to anybody whom the plan does not name.

use crate::abi::{Authority, Call, LimitDesk};
use crate::deploy::Deployed;
use crate::plan::Deployment;
use alloy_primitives::{Address, FixedBytes};
use alloy_sol_types::SolCall;

/// The administrator's role at the authority.
pub(crate) const ADMIN: u64 = 0;
/// May make limits smaller, at once.
pub(crate) const LIMIT_LOWERER: u64 = 1;

/// A row of the table of roles at the authority. What no row names belongs to the administrator.
pub(crate) struct Role {
    pub(crate) id: u64,
    label: &'static str,
    /// Who has it, without a delay.
    pub(crate) holders: Vec<Address>,
    /// The contract with the functions.
    pub(crate) target: Address,
    /// What only this role may call there.
    pub(crate) functions: Vec<FixedBytes<4>>,
}

/// The table of roles.
pub(crate) fn roles(plan: &Deployment, deployed: &Deployed) -> [Role; 3] {
    [
        Role {
            id: ADMIN,
            label: "ADMIN",
            holders: vec![deployed.timelock],
            target: Address::ZERO,
            functions: Vec::new(),
        },
        Role {
            id: LIMIT_LOWERER,
            label: "LIMIT_LOWERER",
            holders: plan.limit_lowerers.clone(),
            target: deployed.transfer,
            functions: vec![
                LimitDesk::lowerLimitCall::SELECTOR.into(),
                LimitDesk::lowerDefaultLimitCall::SELECTOR.into(),
                LimitDesk::lowerValueLimitCall::SELECTOR.into(),
                LimitDesk::lowerLargeSizeCall::SELECTOR.into(),
            ],
        },
        // The same role at another contract: the row before names who has it.
        Role {
            id: LIMIT_LOWERER,
            label: "LIMIT_LOWERER",
            holders: Vec::new(),
            target: deployed.call,
            functions: vec![Call::lowerCallLimitCall::SELECTOR.into()],
        },
    ]
}

impl Role {
    pub(crate) fn label_call(&self) -> Vec<u8> {
        let call = Authority::labelRoleCall {
            roleId: self.id,
            label: self.label.into(),
        };
        call.abi_encode()
    }

    pub(crate) fn functions_call(&self) -> Vec<u8> {
        let call = Authority::setTargetFunctionRoleCall {
            target: self.target,
            selectors: self.functions.clone(),
            roleId: self.id,
        };
        call.abi_encode()
    }

    pub(crate) fn grant_calls(&self) -> impl Iterator<Item = Vec<u8>> {
        self.holders.iter().map(|&account| {
            let call = Authority::grantRoleCall {
                roleId: self.id,
                account,
                executionDelay: 0,
            };
            call.abi_encode()
        })
    }

    pub(crate) fn power(&self) -> String {
        format!("the role {}", self.label)
    }
}
