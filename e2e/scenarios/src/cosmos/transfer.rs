//! ICS-20 over IBC v2 and v1, as a user of a Cosmos chain sends it: the message, vouchers, escrows.
//!
//! Written from ibc-go's own descriptors and rules, and not with what the relayer has of them.

use alloy_primitives::hex;
use anyhow::Result;
use chain_cosmos::Any;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use prost::Message;
use sha2::{Digest, Sha256};
use wire::Height;

use super::account::hashed_account;

const TRANSFER: &str = "/ibc.applications.transfer.v1.MsgTransfer";
const PORT: &str = "transfer";
/// What a store's key of a packet's commitment has behind the client.
const COMMITMENT: u8 = 1;
/// Nanoseconds of a second, of which timeouts are made over IBC v1.
const NANOS: u64 = 1_000_000_000;
/// What escrow accounts are derived from, beside port and client.
const ESCROW: &str = "ics20-1";

/// `ibc.applications.transfer.v1.MsgTransfer`, without a memo, which is left empty.
#[derive(Clone, PartialEq, Message)]
struct MsgTransfer {
    #[prost(string, tag = "1")]
    source_port: String,
    /// The client over IBC v2, when there is no channel of that name.
    #[prost(string, tag = "2")]
    source_channel: String,
    #[prost(message, optional, tag = "3")]
    token: Option<Coin>,
    #[prost(string, tag = "4")]
    sender: String,
    #[prost(string, tag = "5")]
    receiver: String,
    #[prost(message, optional, tag = "6")]
    timeout_height: Option<HeightLimit>,
    /// In seconds over IBC v2, in nanoseconds over IBC v1; 0 for none.
    #[prost(uint64, tag = "7")]
    timeout_timestamp: u64,
    /// Empty for JSON.
    #[prost(string, tag = "9")]
    encoding: String,
}

/// `ibc.core.client.v1.Height`; zero for none.
#[derive(Clone, Copy, PartialEq, Message)]
struct HeightLimit {
    #[prost(uint64, tag = "1")]
    revision_number: u64,
    #[prost(uint64, tag = "2")]
    revision_height: u64,
}

/// Until when a transfer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// This Unix second.
    Second(u64),
    /// This height of the other chain, whatever its clock says: over IBC v1 alone.
    Height(Height),
}

/// Over which version of IBC something is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ibc {
    /// Over channels.
    V1,
    /// Over clients.
    V2,
}

impl Ibc {
    /// The Unix second `secs` as the message of a transfer has it.
    const fn timeout(self, secs: u64) -> u64 {
        match self {
            Self::V1 => secs.saturating_mul(NANOS),
            Self::V2 => secs,
        }
    }

    /// The key under which the store of IBC keeps a packet until it is settled.
    ///
    /// - `from`: the channel or the client that it was sent over.
    pub fn commitment_key(self, from: &str, sequence: u64) -> Vec<u8> {
        match self {
            Self::V1 => format!("commitments/ports/{PORT}/channels/{from}/sequences/{sequence}").into_bytes(),
            Self::V2 => [from.as_bytes(), &[COMMITMENT], &sequence.to_be_bytes()].concat(),
        }
    }
}

/// Who sends over which client or channel to whom, and until when it counts.
#[derive(Clone, Copy, Debug)]
pub struct Way<'a> {
    /// The client or the channel on the sender's chain.
    pub from: &'a str,
    /// His address.
    pub sender: &'a str,
    /// The address on the other chain.
    pub receiver: &'a str,
    /// Over which version of IBC.
    pub ibc: Ibc,
    /// From when on nobody receives it.
    pub until: Until,
    /// How the packet is written.
    pub encoding: Encoding,
}

/// How packets of transfers are written: as the application on the other chain reads them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As between Cosmos chains, where nobody says otherwise.
    Json,
    /// As EVM chains take them.
    Abi,
}

impl Encoding {
    /// Its name in messages.
    const fn name(self) -> &'static str {
        match self {
            Self::Json => "",
            Self::Abi => "application/x-solidity-abi",
        }
    }
}

impl Way<'_> {
    /// The message that sends `amount` of `denom` this way.
    pub fn message(&self, denom: &str, amount: u64) -> Any {
        let (height, timestamp) = match self.until {
            Until::Second(secs) => (HeightLimit::default(), self.ibc.timeout(secs)),
            Until::Height(height) => {
                let limit = HeightLimit {
                    revision_number: height.revision_number,
                    revision_height: height.revision_height,
                };
                (limit, 0)
            }
        };
        let message = MsgTransfer {
            source_port: PORT.to_owned(),
            source_channel: self.from.to_owned(),
            token: Some(Coin {
                denom: denom.to_owned(),
                amount: amount.to_string(),
            }),
            sender: self.sender.to_owned(),
            receiver: self.receiver.to_owned(),
            timeout_height: Some(height),
            timeout_timestamp: timestamp,
            encoding: self.encoding.name().to_owned(),
        };
        Any {
            type_url: TRANSFER.to_owned(),
            value: message.encode_to_vec(),
        }
    }
}

/// The voucher for `denom` that arrived over the client or channel `over`.
pub fn voucher(over: &str, denom: &str) -> String {
    let hash = Sha256::digest(format!("{PORT}/{over}/{denom}"));
    format!("ibc/{}", hex::encode_upper(hash))
}

/// The account that holds what left over the client or channel `over`.
///
/// # Errors
/// Twenty bytes are no address.
pub fn escrow(over: &str) -> Result<String> {
    let bytes = [ESCROW.as_bytes(), &[0], format!("{PORT}/{over}").as_bytes()].concat();
    Ok(hashed_account(&bytes)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(ibc: Ibc, until: Until) -> MsgTransfer {
        let way = Way {
            from: "channel-0",
            sender: "a",
            receiver: "b",
            ibc,
            until,
            encoding: Encoding::Json,
        };
        MsgTransfer::decode(way.message("token", 1).value.as_slice()).unwrap()
    }

    #[test]
    fn a_transfer_counts_until_a_second_or_until_a_height() {
        let height = Height {
            revision_number: 1,
            revision_height: 9,
        };
        let by_height = sent(Ibc::V1, Until::Height(height));
        let limit = by_height.timeout_height.unwrap();
        assert_eq!((limit.revision_number, limit.revision_height), (1, 9));
        assert_eq!(by_height.timeout_timestamp, 0);
        for (ibc, timestamp) in [(Ibc::V1, 2_000_000_000), (Ibc::V2, 2)] {
            let by_time = sent(ibc, Until::Second(2));
            assert_eq!(by_time.timeout_timestamp, timestamp);
            // Not left out: ibc-go reads it in any case.
            assert_eq!(by_time.timeout_height, Some(HeightLimit::default()));
        }
    }

    #[test]
    fn vouchers_escrows_and_keys_are_those_of_ibc_go() {
        // sha256("transfer/channel-0/uatom"), the best known voucher there is: ATOM on Osmosis.
        assert_eq!(
            voucher("channel-0", "uatom"),
            "ibc/27394FB092D2ECCD56123C74F36E4C1F926001CEADA9CA97EA622B25F41E5EB2"
        );
        // Where the Cosmos Hub holds what left over its first channel.
        assert_eq!(
            escrow("channel-0").unwrap(),
            "cosmos1a53udazy8ayufvy0s434pfwjcedzqv34kvz9tw"
        );
        assert_eq!(
            hex::encode(Ibc::V2.commitment_key("channel-0", 1)),
            "6368616e6e656c2d30010000000000000001"
        );
        assert_eq!(
            Ibc::V1.commitment_key("channel-0", 1),
            b"commitments/ports/transfer/channels/channel-0/sequences/1"
        );
    }
}
