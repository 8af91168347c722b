//! What the relayer does not ask the contracts, but a measurement does; the rest is in `chain_evm::abi`.

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
            struct SendTransferMsg {
                address denom;
                uint256 amount;
                string receiver;
                string sourceClient;
                string destPort;
                uint64 timeoutTimestamp;
                string memo;
            }
            function ibcERC20Contract(string denom) view returns (address);
            function sendTransfer(SendTransferMsg message) returns (uint64 sequence);
        }
        interface Token {
            function mint(address account, uint256 amount);
            function approve(address spender, uint256 amount) returns (bool);
        }
        interface Voucher {
            function balanceOf(address account) view returns (uint256);
        }
        interface AttestorClient {
            function updateClient(bytes updateMsg) returns (uint8 result);
            function learnedAt(uint64 height) view returns (uint64);
        }
        interface TendermintClient {
            struct Height {
                uint64 revisionNumber;
                uint64 revisionHeight;
            }
            struct TendermintConfig {
                string chainId;
                uint64 trustNumerator;
                uint64 trustDenominator;
                uint64 trustPeriod;
                uint64 unbondingPeriod;
                uint64 clockDrift;
                uint32 capacity;
                bytes store;
            }
            struct TendermintStart {
                Height height;
                uint64 time;
                uint32 nanos;
                bytes32 appHash;
                bytes32 nextValidatorsHash;
            }
            function updateClient(bytes updateMsg) returns (uint8 result);
            function learnedAt(uint64 height) view returns (uint64);
        }
    }
}

pub(super) use generated::{AttestorClient, Clients, TendermintClient, Token, Transfer, Voucher};
