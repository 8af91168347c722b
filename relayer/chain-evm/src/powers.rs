//! The proof that after a deployment nobody may do anything but what the table of roles says.
//!
//! Members of a role cannot be listed on chain, so the proof reads every grant since the first creation.
//!
//! What this module must never do: take the absence of evidence for the absence of power.

use crate::abi::{Authority, Call, Guardians, Router, Timelock, Transfer};
use crate::deploy::{DeployFault, Deployed};
use crate::evm::Evm;
use crate::plan::Deployment;
use crate::roles::{ADMIN, roles};
use crate::rpc::At;
use alloy::rpc::types::{Filter, Log};
use alloy_primitives::{Address, B256, U256, b256, keccak256};
use alloy_sol_types::SolEvent;
use chain::BlockNumber;

/// ERC-1967: where a proxy keeps the address of its code.
const IMPLEMENTATION: B256 = b256!("360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");
/// ERC-7201 `openzeppelin.storage.Initializable`: which version a contract was initialized to.
const INITIALIZED: B256 = b256!("f0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00");

/// What a deployment is not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unproven {
    /// Somebody was given something that the plan does not name.
    #[error("at {contract}, {account} has {power}, which the plan does not say")]
    NotPlanned {
        /// Where.
        contract: Address,
        /// Who.
        account: Address,
        /// What.
        power: String,
    },
    /// Somebody lacks what the plan names.
    #[error("at {contract}, {account} lacks {power}, which the plan says")]
    Missing {
        /// Where.
        contract: Address,
        /// Who.
        account: Address,
        /// What.
        power: String,
    },
    /// A value is not the planned one.
    #[error("{what} is {found}, planned is {planned}")]
    Differs {
        /// Which value.
        what: &'static str,
        /// The plan's.
        planned: String,
        /// The chain's.
        found: String,
    },
}

/// A deployment that is to be proven.
pub(crate) struct Proof<'a> {
    pub(crate) deployment: &'a Deployment,
    pub(crate) deployed: &'a Deployed,
    pub(crate) deployer: Address,
}

impl Proof<'_> {
    /// Checks everything; `since` is the block of the first creation.
    ///
    /// # Errors
    /// The first thing that is not as planned, or the chain does not answer.
    pub(crate) async fn check(&self, evm: &Evm, since: BlockNumber) -> Result<(), DeployFault> {
        self.check_wiring(evm).await?;
        self.check_initialization(evm).await?;
        self.check_roles(evm).await?;
        let (timelock, authority) = (self.deployed.timelock, self.deployed.authority);
        let filter = Filter::new()
            .address(vec![timelock, authority])
            .from_block(since.0);
        let filter = &filter;
        let logs = evm
            .on_rpc(|rpc| async move {
                let answer = rpc.logs(filter).await?;
                answer.map_err(|refusal| refusal.into_complaint("eth_getLogs"))
            })
            .await?;
        self.check_grants(&logs)?;
        Ok(())
    }

    async fn check_wiring(&self, evm: &Evm) -> Result<(), DeployFault> {
        let made = self.deployed;
        let delay = evm
            .read(made.timelock, &Timelock::getMinDelayCall {}, At::Latest)
            .await?;
        same(
            "the timelock's delay",
            U256::from(self.deployment.delay_secs),
            delay,
        )?;
        let found = evm
            .read(made.router, &Router::governanceCall {}, At::Latest)
            .await?;
        same("the router's governance", made.authority, found)?;
        let found = evm
            .read(made.router, &Router::authorityCall {}, At::Latest)
            .await?;
        same("the router's authority", made.authority, found)?;
        let found = evm
            .read(made.transfer, &Transfer::authorityCall {}, At::Latest)
            .await?;
        same("the application's authority", made.authority, found)?;
        let found = evm
            .read(made.transfer, &Transfer::ics26Call {}, At::Latest)
            .await?;
        same("the application's router", made.router, found)?;
        self.check_call(evm).await?;
        self.check_guardians(evm).await
    }

    /// The call application is wired, and messages reach nothing of the bridge through it.
    async fn check_call(&self, evm: &Evm) -> Result<(), DeployFault> {
        let made = self.deployed;
        let found = evm.read(made.call, &Call::ics26Call {}, At::Latest).await?;
        same("the call application's router", made.router, found)?;
        let found = evm.read(made.call, &Call::authorityCall {}, At::Latest).await?;
        same("the call application's authority", made.authority, found)?;
        for target in [
            made.router,
            made.transfer,
            made.call,
            made.authority,
            made.timelock,
            made.guardians,
        ] {
            let call = Call::isProtectedCall { target };
            let found = evm.read(made.call, &call, At::Latest).await?;
            same("whether messages can't reach the bridge", true, found)?;
        }
        Ok(())
    }

    async fn check_guardians(&self, evm: &Evm) -> Result<(), DeployFault> {
        let (made, plan) = (self.deployed, self.deployment);
        let found = evm
            .read(made.router, &Router::guardiansCall {}, At::Latest)
            .await?;
        same("the router's guardians", made.guardians, found)?;
        let found = evm
            .read(made.guardians, &Guardians::authorityCall {}, At::Latest)
            .await?;
        same("the guardians' authority", made.authority, found)?;
        let found = evm
            .read(made.guardians, &Guardians::targetsCall {}, At::Latest)
            .await?;
        same("the guardians' router", made.router, found.router)?;
        same("the guardians' application", made.transfer, found.transfer)?;
        let found = evm
            .read(made.guardians, &Guardians::guardianSetCall {}, At::Latest)
            .await?;
        same("the number of the guardians' set", 1, found.set)?;
        let (small, large) = (U256::from(plan.small_quorum), U256::from(plan.large_quorum));
        same("the small quorum", small, found.small)?;
        same("the large quorum", large, found.large)?;
        let list = |accounts: &[Address]| format!("{accounts:?}");
        same("the guardians", list(&plan.guardians), list(&found.guardians))?;
        Ok(())
    }

    /// A proxy is initialized once, and the code behind it never can be.
    async fn check_initialization(&self, evm: &Evm) -> Result<(), DeployFault> {
        let made = self.deployed;
        let once = U256::from(1);
        let never = U256::from(u64::MAX);
        for (proxy, code) in [
            (made.router, made.router_code),
            (made.transfer, made.transfer_code),
            (made.call, made.call_code),
        ] {
            let found = Address::from_word(slot(evm, proxy, IMPLEMENTATION).await?.into());
            same("the code behind a proxy", code, found)?;
            let version = slot(evm, proxy, INITIALIZED).await?;
            same("the version of a proxy", once, version)?;
            let version = slot(evm, code, INITIALIZED).await?;
            same("the version of a proxy's code", never, version)?;
        }
        Ok(())
    }

    async fn check_roles(&self, evm: &Evm) -> Result<(), DeployFault> {
        let authority = self.deployed.authority;
        for role in roles(self.deployment, self.deployed) {
            for &account in &role.holders {
                let call = Authority::hasRoleCall {
                    roleId: role.id,
                    account,
                };
                let held = evm.read(authority, &call, At::Latest).await?;
                if !held.isMember || held.executionDelay != 0 {
                    return Err(missing(authority, account, role.power()).into());
                }
            }
            let call = Authority::getRoleAdminCall { roleId: role.id };
            same(
                "a role's administrator",
                ADMIN,
                evm.read(authority, &call, At::Latest).await?,
            )?;
            let call = Authority::getRoleGuardianCall { roleId: role.id };
            same(
                "a role's guardian",
                ADMIN,
                evm.read(authority, &call, At::Latest).await?,
            )?;
        }
        let call = Authority::hasRoleCall {
            roleId: ADMIN,
            account: self.deployer,
        };
        if evm.read(authority, &call, At::Latest).await?.isMember {
            return Err(not_planned(authority, self.deployer, "the role ADMIN".into()).into());
        }
        Ok(())
    }

    /// Every role that was ever given is one of the plan.
    fn check_grants(&self, logs: &[Log]) -> Result<(), Unproven> {
        let (timelock, authority) = (self.deployed.timelock, self.deployed.authority);
        let table = roles(self.deployment, self.deployed);
        let mut seen = 0_usize;
        for log in logs {
            if log.address() == timelock
                && let Ok(granted) = Timelock::RoleGranted::decode_log(&log.inner)
            {
                seen = seen.saturating_add(1);
                if !self.timelock_role_is_planned(granted.role, granted.account) {
                    let power = format!("the role {}", granted.role);
                    return Err(not_planned(timelock, granted.account, power));
                }
            }
            if log.address() != authority {
                continue;
            }
            if let Ok(granted) = Authority::RoleGranted::decode_log(&log.inner) {
                seen = seen.saturating_add(1);
                // Until it hands over, the deployer administers; that this is over was looked at.
                let first = granted.roleId == ADMIN && granted.account == self.deployer;
                let planned = table
                    .iter()
                    .any(|role| role.id == granted.roleId && role.holders.contains(&granted.account));
                if !first && !planned {
                    let power = format!("role {}", granted.roleId);
                    return Err(not_planned(authority, granted.account, power));
                }
            }
            if let Ok(given) = Authority::TargetFunctionRoleUpdated::decode_log(&log.inner) {
                let planned = table.iter().any(|role| {
                    role.id == given.roleId
                        && role.target == given.target
                        && role.functions.contains(&given.selector)
                });
                if !planned {
                    let power = format!("function {} for role {}", given.selector, given.roleId);
                    return Err(not_planned(authority, given.target, power));
                }
            }
        }
        // An endpoint that hides logs would hide grants, too: what must be there is counted.
        let plan = self.deployment;
        let holders: usize = table.iter().map(|role| role.holders.len()).sum();
        let timelock_grants = plan.proposers.len() * 2 + plan.executors.len() + 1;
        let expected = timelock_grants + holders + 1;
        same("the number of roles ever given", expected, seen)
    }

    fn timelock_role_is_planned(&self, role: B256, account: Address) -> bool {
        let plan = self.deployment;
        if role == B256::ZERO {
            return account == self.deployed.timelock;
        }
        if role == keccak256("EXECUTOR_ROLE") {
            return plan.executors.contains(&account);
        }
        plan.proposers.contains(&account)
    }
}

async fn slot(evm: &Evm, contract: Address, slot: B256) -> Result<U256, DeployFault> {
    let value = evm
        .on_rpc(|rpc| async move { rpc.storage(contract, slot).await })
        .await?;
    Ok(value.into())
}

fn same<T: PartialEq + ToString>(what: &'static str, planned: T, found: T) -> Result<(), Unproven> {
    if planned == found {
        return Ok(());
    }
    Err(Unproven::Differs {
        what,
        planned: planned.to_string(),
        found: found.to_string(),
    })
}

fn not_planned(contract: Address, account: Address, power: String) -> Unproven {
    Unproven::NotPlanned {
        contract,
        account,
        power,
    }
}

fn missing(contract: Address, account: Address, power: String) -> Unproven {
    Unproven::Missing {
        contract,
        account,
        power,
    }
}

#[cfg(test)]
#[path = "powers_tests.rs"]
mod tests;
