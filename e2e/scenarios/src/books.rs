//! I2 from outside: every token and every voucher, counted by an arithmetic that neither contracts nor relayer share.

use crate::{
    end::{End, Settled},
    tracker::{Side, Tracked},
};
use alloy::primitives::U256;
use anyhow::{Context, Result, ensure};

/// Checks that what lies in escrow on each side is what `packets` took there and did not bring back, that exactly that
/// much exists as vouchers at the other side, and that every token of a user who only ever dealt with himself is in his
/// hands or in escrow. A refund that was not paid, or paid twice, is seen here. The transfer applications' own books, by
/// which they decide whether value may leave, have to say the same. All packets must have ended.
///
/// - `funds`: tokens that the user of each side started with.
///
/// # Errors
/// A sum is wrong, or a node does not answer.
pub(crate) async fn check(ends: &[End; 2], packets: &[Tracked], funds: U256) -> Result<()> {
    for home in [Side::North, Side::South] {
        let (here, there) = (home.of(ends), home.across().of(ends));
        let away = away(home, here, there, packets)?;
        let escrowed = here.escrowed(here.token).await?;
        ensure!(
            escrowed == away,
            "{}: {escrowed} in escrow, but {away} left and did not come back",
            here.site.name
        );
        let in_hand = here.user_balance(here.token).await?;
        ensure!(
            in_hand + escrowed == funds,
            "{}: the user holds {in_hand} and the escrow {escrowed} of {funds}",
            here.site.name
        );
        let booked = here.booked_away(here.token).await?;
        ensure!(
            booked == escrowed,
            "{}: by its own book {booked} are away, in escrow are {escrowed}",
            here.site.name
        );
        if away.is_zero() {
            continue;
        }
        let voucher = there.voucher_of(here.token).await?;
        let (supply, held) = (there.supply(voucher).await?, there.user_balance(voucher).await?);
        ensure!(
            supply == escrowed && held == supply,
            "{}: {supply} vouchers exist and the user holds {held}, for {escrowed} in escrow at {}",
            there.site.name,
            here.site.name
        );
        let (booked, unsettled) = there.booked_supply(voucher).await?;
        ensure!(
            booked == supply && unsettled.is_zero(),
            "{}: by its own book {booked} vouchers exist, {unsettled} of packets under way; {supply} exist and no packet is",
            there.site.name
        );
    }
    Ok(())
}

/// How many tokens of `home` the packets carried away and not back.
fn away(home: Side, here: &End, there: &End, packets: &[Tracked]) -> Result<U256> {
    let native = format!("{:#x}", here.token);
    let voucher = format!("{}/{}/{native}", wire::ics20::PORT, there.client);
    let delivered = packets
        .iter()
        .filter(|packet| packet.end() == Some(Settled::Acked { refused: false }));
    let (mut out, mut back) = (U256::ZERO, U256::ZERO);
    for packet in delivered {
        let Some(transfer) = packet.transfer() else {
            continue;
        };
        if packet.from == home && transfer.denom.as_str() == native {
            out += transfer.amount;
        } else if packet.from == home.across() && transfer.denom.as_str() == voucher {
            back += transfer.amount;
        }
    }
    out.checked_sub(back)
        .with_context(|| format!("{back} came home to {}, but only {out} had left", here.site.name))
}
