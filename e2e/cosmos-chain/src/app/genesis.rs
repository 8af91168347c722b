//! What stands in the stores before the first block.

use super::address::Address;
use super::auth;
use super::bank::{self, Amount};
use super::context::Context;
use super::refused::Answer;
use crate::transfer;

/// Writes the genesis: empty IBC, and accounts with coins.
pub(crate) fn write(context: &mut Context<'_>, funded: &[(Address, Vec<Amount>)]) -> Answer<()> {
    for name in [
        "nextClientSequence",
        "nextConnectionSequence",
        "nextChannelSequence",
    ] {
        context.set("ibc", name.as_bytes(), &0u64.to_be_bytes())?;
    }
    for (address, _) in funded {
        auth::ensure(context, address)?;
    }
    for (address, amounts) in funded {
        for amount in amounts {
            bank::mint(context, transfer::MODULE, amount)?;
        }
        let minter = super::address::of_name(transfer::MODULE.as_bytes());
        bank::send(context, &minter, address, amounts)?;
    }
    context.events.clear();
    Ok(())
}
