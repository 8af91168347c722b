//! What both chains say of packets that have ended, and of the tokens in them.

use super::crossing::{Crossing, EVM, FUNDS, HUB};
use crate::cosmos::TOKEN;
use crate::cosmos::bank::balance;
use crate::cosmos::sent_packets::Meant;
use crate::cosmos::transfer::{Ibc, escrow, voucher};
use crate::end::Settled;
use alloy::primitives::U256;
use anyhow::{Result, ensure};

impl Crossing {
    /// The voucher on the Cosmos chain for the token of the EVM chain.
    pub(super) fn voucher_on_hub(&self) -> String {
        voucher(self.path.client(HUB), &format!("{:#x}", self.evm.token))
    }

    /// Every packet that was sent has ended as it had to.
    pub(super) async fn check_settled(&self) -> Result<()> {
        let ends = self.evm.settled().await?;
        for sent in &self.sent {
            if sent.from == HUB {
                let over = (Ibc::V2, self.path.client(HUB));
                self.hub.check_settled(over, sent.sequence).await?;
                continue;
            }
            let expected = match sent.meant {
                Meant::Acked => Settled::Acked { refused: false },
                Meant::Refused => Settled::Acked { refused: true },
                Meant::TimedOut => Settled::TimedOut,
            };
            let found: Vec<_> = ends
                .iter()
                .filter(|(sequence, _)| *sequence == sent.sequence)
                .collect();
            ensure!(
                found == [&(sent.sequence, expected)],
                "{sent:?} has ended on its chain as {found:?}"
            );
        }
        Ok(())
    }

    /// Each user owns what he should, and the escrows hold what the vouchers stand for.
    pub(super) async fn check_books(&self) -> Result<()> {
        let held = self.evm.escrowed(self.evm.token).await?;
        let owned = self.evm.user_balance(self.evm.token).await?;
        let vouchers = balance(&self.hub.rpc, &self.hub.user, &self.voucher_on_hub()).await?;
        let away = self.away;
        ensure!(
            (owned, held, vouchers) == (U256::from(FUNDS - away), U256::from(away), away),
            "of {FUNDS} tokens of {} {away} are away, but the user owns {owned}, the escrow holds {held}, and across are {vouchers}",
            self.path.ends[EVM]
        );
        let (rpc, user) = (&self.hub.rpc, &self.hub.user);
        let held = balance(rpc, &escrow(self.path.client(HUB))?, TOKEN).await?;
        let owned = balance(rpc, user, TOKEN).await?;
        let voucher = self.evm.voucher_named(&self.evm.client, TOKEN).await?;
        let vouchers = self.evm.user_balance(voucher).await?;
        let supply = self.evm.supply(voucher).await?;
        let away = self.hub.away;
        ensure!(
            (owned, held) == (self.hub.owned - away, away)
                && (vouchers, supply) == (U256::from(away), U256::from(away)),
            "of {} tokens of {} {away} are away, but the user owns {owned}, the escrow holds {held}, and across are {vouchers} of {supply}",
            self.hub.owned,
            self.path.ends[HUB]
        );
        Ok(())
    }
}
