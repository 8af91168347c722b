//! What the operator decides about a deployment, and whether that may be deployed at all.
//!
//! What this module must never do: let power go to nobody in particular, or to a plain key outside of a test network.

use crate::abi::{Limit, LimitDesk};
use crate::deploy::DeployFault;
use crate::evm::Evm;
use crate::rpc::At;
use alloy_primitives::Address;
use alloy_sol_types::SolCall;
use guardian_core::quorum::Set;

/// What the operator decides about a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Who may propose to the timelock, and cancel; a multi-signature contract outside tests.
    pub proposers: Vec<Address>,
    /// Who may carry out what has waited; the zero address means anybody.
    pub executors: Vec<Address>,
    /// Who may lower a limit at once.
    pub limit_lowerers: Vec<Address>,
    /// Who may halt, in ascending order: keys, each of somebody else.
    pub guardians: Vec<Address>,
    /// How many of them halt what is narrow, for a day.
    pub small_quorum: usize,
    /// How many of them halt what is wide, and resume.
    pub large_quorum: usize,
    /// How long a proposal waits, in seconds.
    pub delay_secs: u64,
    /// Whether plain keys may be among those who govern: on a test network only.
    pub keys_allowed: bool,
    /// The defaults that clients have from the start, in both directions; for all others everything is refused until
    /// governance sets a limit.
    pub limits: Vec<DefaultLimit>,
}

/// The default limit for assets of one client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DefaultLimit {
    /// The client's id, which need not exist yet.
    pub client: String,
    /// Capacity and rate a day in a token's smallest units; nothing for explicitly no limit.
    pub amounts: Option<(u128, u128)>,
}

impl DefaultLimit {
    /// The calls that set it, one for each direction.
    pub(crate) fn calls(&self) -> [Vec<u8>; 2] {
        let (kind, (capacity, per_day)) = self.amounts.map_or((2, (0, 0)), |amounts| (1, amounts));
        [0, 1].map(|direction| {
            let limit = Limit {
                kind,
                capacity,
                perDay: per_day,
                creditCap: 0,
            };
            LimitDesk::setDefaultLimitCall {
                clientId: self.client.clone(),
                direction,
                limit,
            }
            .abi_encode()
        })
    }
}

impl Evm {
    /// Refuses a plan that nobody could govern safely.
    pub(crate) async fn check_plan(&self, plan: &Deployment) -> Result<(), DeployFault> {
        if plan.proposers.is_empty() || plan.executors.is_empty() || plan.delay_secs == 0 {
            return Err(DeployFault::Unsafe {
                proposers: plan.proposers.len(),
                executors: plan.executors.len(),
                delay_secs: plan.delay_secs,
            });
        }
        Set::new(1, plan.guardians.clone(), plan.small_quorum, plan.large_quorum)?;
        let lists = [
            ("proposers", &plan.proposers),
            ("executors", &plan.executors),
            ("limit_lowerers", &plan.limit_lowerers),
        ];
        // Zero stands for anybody where something only has to wait, and for nothing else.
        let meant = |list, account: Address| list == "executors" && account.is_zero();
        let all = || {
            let each = |(list, accounts): (&'static str, &Vec<Address>)| {
                accounts.clone().into_iter().map(move |account| (list, account))
            };
            let named = lists.into_iter().flat_map(each);
            named.filter(move |&(list, account)| !meant(list, account))
        };
        if let Some((list, _)) = all().find(|(_, account)| account.is_zero()) {
            return Err(DeployFault::Zero { list });
        }
        if plan.keys_allowed {
            return Ok(());
        }
        for (list, account) in all() {
            let code = self
                .on_rpc(|rpc| async move { rpc.code(account, At::Latest).await })
                .await?;
            if code.is_empty() {
                return Err(DeployFault::Key { list, account });
            }
        }
        Ok(())
    }
}
