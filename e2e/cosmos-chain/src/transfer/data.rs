//! What a transfer carries, in its three encodings, read as ibc-go reads them.

use alloy_primitives::U256;
use alloy_sol_types::SolValue;
use prost::Message;
use serde::{Deserialize, Serialize};

use super::denom::Denom;
use super::{VERSION, messages};
use crate::app::bank::{self, Amount};
use crate::app::refused::{Answer, Refused, ibc, transfer as code};

pub(super) const JSON: &str = "application/json";
const PROTOBUF: &str = "application/x-protobuf";
const ABI: &str = "application/x-solidity-abi";

/// `ibc.applications.transfer.v1.FungibleTokenPacketData`.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Data {
    #[prost(string, tag = "1")]
    pub(crate) denom: String,
    #[prost(string, tag = "2")]
    pub(crate) amount: String,
    #[prost(string, tag = "3")]
    pub(crate) sender: String,
    #[prost(string, tag = "4")]
    pub(crate) receiver: String,
    #[prost(string, tag = "5")]
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) memo: String,
}

mod solidity {
    #![allow(missing_docs)]
    alloy_sol_types::sol! {
        struct Transfer {
            string denom;
            string sender;
            string receiver;
            uint256 amount;
            string memo;
        }
    }
}

impl Data {
    /// Checks what holds of every transfer.
    pub(crate) fn check(&self) -> Answer<()> {
        match bank::number(&self.amount) {
            None => {
                let why = format!("unable to parse transfer amount ({}) into math.Int", self.amount);
                return Err(code::INVALID_AMOUNT.because(why));
            }
            Some(0) => {
                return Err(code::INVALID_AMOUNT.because("amount must be strictly positive: got 0"));
            }
            Some(_) => {}
        }
        for (field, text) in [("sender", &self.sender), ("receiver", &self.receiver)] {
            if text.trim().is_empty() {
                return Err(ibc::INVALID_ADDRESS.because(format_args!("{field} address cannot be blank")));
            }
        }
        Denom::parse(&self.denom).check()
    }

    pub(super) fn check_memo(&self) -> Answer<()> {
        messages::check_memo(&self.memo)
    }

    /// The amount, of `denom` as this chain's bank names it.
    pub(super) fn amount_of(&self, denom: &Denom) -> Answer<Amount> {
        let amount = bank::number(&self.amount)
            .ok_or_else(|| code::INVALID_AMOUNT.because(format_args!("unable to parse {}", self.amount)))?;
        Ok(Amount {
            denom: denom.coin(),
            amount,
        })
    }

    /// In bytes.
    pub(crate) fn encode(&self, encoding: &str) -> Answer<Vec<u8>> {
        match encoding {
            JSON => Ok(go_json(&serde_json::to_string(self).expect("texts only"))),
            PROTOBUF => Ok(self.encode_to_vec()),
            ABI => {
                let amount =
                    U256::from_str_radix(&self.amount, 10).map_err(|error| invalid(&error.to_string()))?;
                Ok(solidity::Transfer {
                    denom: self.denom.clone(),
                    sender: self.sender.clone(),
                    receiver: self.receiver.clone(),
                    amount,
                    memo: self.memo.clone(),
                }
                .abi_encode())
            }
            other => Err(unknown(other)),
        }
    }

    /// From bytes.
    pub(crate) fn decode(bytes: &[u8], version: &str, encoding: &str) -> Answer<Self> {
        if version != VERSION {
            return Err(code::INVALID_VERSION.because(version));
        }
        let data = match encoding {
            "" | JSON => serde_json::from_slice(bytes).map_err(|error| invalid(&error.to_string()))?,
            PROTOBUF => {
                let data = Self::decode_protobuf(bytes)?;
                if data.encode_to_vec() != bytes {
                    return Err(invalid("errUnknownField"));
                }
                data
            }
            ABI => {
                let read =
                    solidity::Transfer::abi_decode(bytes).map_err(|error| invalid(&error.to_string()))?;
                Self {
                    denom: read.denom,
                    amount: read.amount.to_string(),
                    sender: read.sender,
                    receiver: read.receiver,
                    memo: read.memo,
                }
            }
            other => return Err(unknown(other)),
        };
        data.check()
            .map_err(|refused| refused.during("invalid packet data"))?;
        Ok(data)
    }

    fn decode_protobuf(bytes: &[u8]) -> Answer<Self> {
        <Self as Message>::decode(bytes).map_err(|error| invalid(&error.to_string()))
    }
}

fn invalid(why: &str) -> Refused {
    ibc::INVALID_TYPE.because(format_args!(
        "cannot unmarshal ICS20-V1 transfer packet data: {why}"
    ))
}

fn unknown(encoding: &str) -> Refused {
    ibc::INVALID_TYPE.because(format_args!(
        "invalid encoding provided, must be either empty or one of [{JSON:?}, {PROTOBUF:?}, {ABI:?}], got {encoding}"
    ))
}

/// JSON as Go writes it: with what HTML would mistake for its own hidden.
pub(super) fn go_json(json: &str) -> Vec<u8> {
    let mut written = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                written.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            other => written.push(other),
        }
    }
    written.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data() -> Data {
        Data {
            denom: "uatom".into(),
            amount: "1000000".into(),
            sender: "sender".into(),
            receiver: "receiver".into(),
            memo: "a<b".into(),
        }
    }

    #[test]
    fn all_encodings_are_read_back() {
        for encoding in [JSON, PROTOBUF, ABI] {
            let bytes = data().encode(encoding).unwrap();
            assert_eq!(
                Data::decode(&bytes, VERSION, encoding).unwrap(),
                data(),
                "{encoding}"
            );
            assert!(Data::decode(&bytes, "ics20-2", encoding).is_err());
        }
        let json = String::from_utf8(data().encode(JSON).unwrap()).unwrap();
        assert!(json.ends_with(r#""memo":"a\u003cb"}"#), "{json}");
        assert!(data().encode("text/plain").is_err());
    }

    #[test]
    fn what_is_not_known_is_refused() {
        let json = br#"{"denom":"uatom","amount":"1","sender":"s","receiver":"r","more":"x"}"#;
        assert!(Data::decode(json, VERSION, JSON).is_err());
        let mut bytes = data().encode(PROTOBUF).unwrap();
        bytes.extend([0x32, 1, b'x']);
        assert!(Data::decode(&bytes, VERSION, PROTOBUF).is_err());
        for amount in ["0", "", "-1", "1.0"] {
            let bad = Data {
                amount: amount.into(),
                ..data()
            };
            let bytes = bad.encode(PROTOBUF).unwrap();
            assert!(Data::decode(&bytes, VERSION, PROTOBUF).is_err(), "{amount}");
        }
    }
}
