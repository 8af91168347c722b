//! What the relayer does not ask the contracts, but a measurement does.

/// `UpdateResult.Update`.
pub(super) const UPDATED: u8 = 0;

/// Generated code, so that its lints stay in here.
#[allow(missing_docs)]
mod generated {
    alloy::sol! {
        interface Clients {
            event ICS02ClientUpdated(string clientId, uint8 result);
        }
        interface Transfer {
            function ibcERC20Contract(string denom) view returns (address);
        }
        interface Voucher {
            function balanceOf(address account) view returns (uint256);
        }
    }
}

pub(super) use generated::{Clients, Transfer, Voucher};
