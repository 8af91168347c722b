//! What guardians sign, as calls of their contract that anybody may send.
//!
//! Decides nothing about what a quorum is: a scenario says how many sign, honest or not.

use crate::{
    contracts::{Guardians as Contract, Router, Transfer},
    end::End,
    guardians::Guardians,
    site::Role,
};
use alloy::{
    primitives::{Address, B256, keccak256},
    sol_types::{SolCall, SolValue},
};
use anyhow::Result;
use chain_evm::abi::to_sol;
use guardian_core::{
    Scope, ScopeKind,
    digest::{Statement, Ticket},
};
use std::sync::atomic::{AtomicU64, Ordering};
use wire::{Packet, sign::Domain};

/// How long the guardians' signatures count.
const EXPIRY_SECS: u64 = 12 * 3_600;
/// The set that a deployment begins with.
const FIRST_SET: u64 = 1;
/// Nonces that no set of this process has used, far above those that scenarios number by packets.
static NONCE: AtomicU64 = AtomicU64::new(1 << 32);

/// The guardians' contract of one end, with the keys of all guardians.
pub(crate) struct Council {
    /// The contract.
    pub(crate) contract: Address,
    end: End,
    keys: Guardians,
}

impl Council {
    /// The guardians of `end`.
    pub(crate) async fn at(end: &End) -> Result<Self> {
        let provider = end.wallet(Role::User)?.provider;
        Ok(Self {
            contract: Router::new(end.router, provider).guardians().call().await?,
            end: end.clone(),
            keys: Guardians::new()?,
        })
    }

    /// The call by which `count` of them halt `scope` for `seconds`.
    pub(crate) async fn halt(&self, count: usize, scope: Scope, seconds: u64) -> Result<Vec<u8>> {
        let call = Contract::haltCall {
            scope: to_contract(scope)?,
            duration: seconds,
            approval: self.approval(count, Statement::Halt(scope, seconds)).await?,
        };
        Ok(call.abi_encode())
    }

    /// The call by which `count` of them have the present halt of `scope` taken off, an hour later.
    pub(crate) async fn schedule_resume(&self, count: usize, scope: Scope) -> Result<Vec<u8>> {
        let serial = self.halt_of(scope).await?.1;
        let call = Contract::scheduleResumeCall {
            scope: to_contract(scope)?,
            serial,
            approval: self.approval(count, Statement::Resume(scope, serial)).await?,
        };
        Ok(call.abi_encode())
    }

    /// The call that takes a halt off once its resume has waited. It needs no signature.
    pub(crate) fn execute_resume(&self, scope: Scope) -> Result<Vec<u8>> {
        let scope = to_contract(scope)?;
        Ok(Contract::executeResumeCall { scope }.abi_encode())
    }

    /// The call by which `count` of them cancel the hold of `packet`.
    pub(crate) async fn cancel_hold(&self, count: usize, packet: &Packet) -> Result<Vec<u8>> {
        let statement = Statement::Cancel {
            path: keccak256(packet.destination_client.as_str()),
            packet: wire::commit::receipt(packet),
        };
        let call = Contract::cancelHoldCall {
            packet: Contract::Packet::abi_decode(&to_sol(packet).abi_encode())?,
            approval: self.approval(count, statement).await?,
        };
        Ok(call.abi_encode())
    }

    /// Until when `scope` is halted, and the number of that halt.
    pub(crate) async fn halt_of(&self, scope: Scope) -> Result<(u64, u64)> {
        let provider = self.end.wallet(Role::User)?.provider;
        let (kind, key) = (number(scope.kind)?, scope.key());
        if is_of_transfer(scope.kind) {
            let transfer = Transfer::new(self.end.transfer, provider);
            let until = transfer.haltedUntil(kind, key).call().await?;
            return Ok((until, transfer.haltSerial(kind, key).call().await?));
        }
        let router = Router::new(self.end.router, provider);
        let until = router.haltedUntil(kind, key).call().await?;
        Ok((until, router.haltSerial(kind, key).call().await?))
    }

    /// From when the resume of `scope` that waits may be executed; 0 if none does.
    pub(crate) async fn resume_ready_at(&self, scope: Scope) -> Result<u64> {
        let provider = self.end.wallet(Role::User)?.provider;
        let contract = Contract::new(self.contract, provider);
        Ok(contract.resumeOf(to_contract(scope)?).call().await?.readyAt)
    }

    /// The halting time of an account that counts now, in seconds.
    pub(crate) async fn charged(&self, account: B256) -> Result<u64> {
        let provider = self.end.wallet(Role::User)?.provider;
        Ok(Contract::new(self.contract, provider)
            .charged(account)
            .call()
            .await?)
    }

    async fn approval(&self, count: usize, statement: Statement) -> Result<Contract::Approval> {
        let ticket = Ticket {
            nonce: NONCE.fetch_add(1, Ordering::Relaxed),
            expiry: self.end.wallet(Role::User)?.now().await? + EXPIRY_SECS,
        };
        let domain = Domain::evm(self.end.site.chain_id, self.contract, FIRST_SET);
        Ok(Contract::Approval {
            nonce: ticket.nonce,
            expiry: ticket.expiry,
            signatures: self.keys.sign(count, statement, &domain, ticket)?,
        })
    }
}

/// Everything that the client `id` proves.
pub(crate) fn client_scope(id: &str) -> Scope {
    Scope {
        kind: ScopeKind::Client,
        path: keccak256(id),
        item: B256::ZERO,
    }
}

/// `token` over the client `id`.
pub(crate) fn asset_scope(id: &str, token: Address) -> Scope {
    Scope {
        kind: ScopeKind::Asset,
        path: keccak256(id),
        item: token.into_word(),
    }
}

/// Whether the transfer application keeps halts of this kind; the router keeps the others.
fn is_of_transfer(kind: ScopeKind) -> bool {
    match kind {
        ScopeKind::Asset | ScopeKind::Direction | ScopeKind::Token => true,
        ScopeKind::Client | ScopeKind::ClientContract | ScopeKind::Application | ScopeKind::All => false,
    }
}

fn number(kind: ScopeKind) -> Result<u8> {
    Ok(u8::try_from(kind.number())?)
}

fn to_contract(scope: Scope) -> Result<Contract::Scope> {
    Ok(Contract::Scope {
        kind: number(scope.kind)?,
        path: scope.path,
        item: scope.item,
    })
}
