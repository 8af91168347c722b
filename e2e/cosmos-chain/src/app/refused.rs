//! Why the application refuses: codespace, code and text as the SDK and ibc-go register them.
//!
//! The text of a cause stands first and what the code stands for last, as chains write it.

use core::fmt::Display;

/// A registered error.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    codespace: &'static str,
    code: u32,
    text: &'static str,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) codespace: &'static str,
    pub(crate) code: u32,
    pub(crate) log: String,
}

/// What a part of the application answers.
pub(crate) type Answer<T> = Result<T, Refused>;

impl Code {
    /// This error, for the reason `why`.
    pub(crate) fn because(self, why: impl Display) -> Refused {
        Refused {
            codespace: self.codespace,
            code: self.code,
            log: format!("{why}: {}", self.text),
        }
    }

    /// This error alone.
    pub(crate) fn plain(self) -> Refused {
        Refused {
            codespace: self.codespace,
            code: self.code,
            log: self.text.to_owned(),
        }
    }
}

impl Refused {
    /// Whether gas ran out, which ends a transaction wherever it happens.
    pub(crate) fn is_out_of_gas(&self) -> bool {
        (self.codespace, self.code) == (sdk::OUT_OF_GAS.codespace, sdk::OUT_OF_GAS.code)
    }

    /// The same, met while doing `what`.
    pub(crate) fn during(self, what: impl Display) -> Self {
        Self {
            log: format!("{what}: {}", self.log),
            ..self
        }
    }
}

macro_rules! codes {
    ($space:literal: $($name:ident = $code:literal $text:literal;)+) => {
        $(pub(crate) const $name: Code = Code { codespace: $space, code: $code, text: $text };)+
    };
}

/// The SDK's own.
pub(crate) mod sdk {
    use super::Code;
    codes! { "sdk":
        TX_DECODE = 2 "tx parse error";
        UNAUTHORIZED = 4 "unauthorized";
        INSUFFICIENT_FUNDS = 5 "insufficient funds";
        UNKNOWN_REQUEST = 6 "unknown request";
        INVALID_ADDRESS = 7 "invalid address";
        INVALID_PUBKEY = 8 "invalid pubkey";
        UNKNOWN_ADDRESS = 9 "unknown address";
        INVALID_COINS = 10 "invalid coins";
        OUT_OF_GAS = 11 "out of gas";
        MEMO_TOO_LARGE = 12 "memo too large";
        INSUFFICIENT_FEE = 13 "insufficient fee";
        NO_SIGNATURES = 15 "no signatures supplied";
        INVALID_REQUEST = 18 "invalid request";
        KEY_NOT_FOUND = 22 "key not found";
        INVALID_HEIGHT = 26 "invalid height";
        TX_TIMEOUT_HEIGHT = 30 "tx timeout height";
        WRONG_SEQUENCE = 32 "incorrect account sequence";
    }
}

/// What the SDK makes of a panic.
pub(crate) mod undefined {
    use super::Code;
    codes! { "undefined":
        PANIC = 111_222 "panic";
    }
}

/// The store's own.
pub(crate) mod store {
    use super::Code;
    codes! { "store":
        INVALID_REQUEST = 7 "invalid request";
    }
}

/// Shared by the modules of ibc-go.
pub(crate) mod ibc {
    use super::Code;
    codes! { "ibc":
        UNAUTHORIZED = 2 "unauthorized";
        UNKNOWN_REQUEST = 4 "unknown request";
        INVALID_ADDRESS = 5 "invalid address";
        INVALID_REQUEST = 8 "invalid request";
        INVALID_HEIGHT = 9 "invalid height";
        INVALID_TYPE = 12 "invalid type";
        UNPACK_ANY = 14 "failed unpacking protobuf message from Any";
    }
}

/// Of identifiers.
pub(crate) mod host {
    use super::Code;
    codes! { "host":
        INVALID_ID = 2 "invalid identifier";
    }
}

/// Of clients.
pub(crate) mod client {
    use super::Code;
    codes! { "client":
        INVALID_CLIENT = 3 "light client is invalid";
        NOT_FOUND = 4 "light client not found";
        CONSENSUS_STATE_NOT_FOUND = 7 "consensus state not found";
        INVALID_CLIENT_TYPE = 10 "invalid client type";
        INVALID_HEADER = 12 "invalid client header";
        INVALID_MISBEHAVIOUR = 13 "invalid light client misbehaviour";
        NOT_ACTIVE = 29 "client state is not active";
    }
}

/// Of clients that are contracts.
pub(crate) mod wasm {
    use super::Code;
    codes! { "08-wasm":
        INVALID_DATA = 3 "invalid data";
        INVALID_CHECKSUM = 4 "invalid checksum";
        CALL_FAILED = 14 "wasm contract call failed";
        INVALID_RESPONSE = 15 "wasm contract returned invalid response data";
        INVALID_MODIFICATION = 16 "wasm contract made invalid state modifications";
    }
}

/// Of counterparties.
pub(crate) mod client_v2 {
    use super::Code;
    codes! { "clientv2":
        INVALID_COUNTERPARTY = 34 "invalid counterparty";
        COUNTERPARTY_NOT_FOUND = 35 "counterparty not found";
    }
}

/// Of proofs.
pub(crate) mod commitment {
    use super::Code;
    codes! { "commitment":
        INVALID_PROOF = 2 "invalid proof";
    }
}

/// Of IBC v1, where v2 shares it.
pub(crate) mod channel {
    use super::Code;
    codes! { "channel":
        REDUNDANT_TX = 22 "packet messages are redundant";
    }
}

/// Of packets of IBC v2.
pub(crate) mod channel_v2 {
    use super::Code;
    codes! { "channelv2":
        INVALID_PACKET = 2 "invalid packet";
        INVALID_PAYLOAD = 3 "invalid payload";
        SEQUENCE_SEND_NOT_FOUND = 4 "sequence send not found";
        INVALID_ACKNOWLEDGEMENT = 5 "invalid acknowledgement";
        COMMITMENT_NOT_FOUND = 6 "packet commitment not found";
        ACKNOWLEDGEMENT_NOT_FOUND = 7 "packet acknowledgement not found";
        INVALID_TIMEOUT = 8 "invalid packet timeout";
        TIMEOUT_ELAPSED = 9 "timeout elapsed";
        TIMEOUT_NOT_REACHED = 10 "timeout not reached";
        ACKNOWLEDGEMENT_EXISTS = 11 "acknowledgement for packet already exists";
    }
}

/// Of transfers.
pub(crate) mod transfer {
    use super::Code;
    codes! { "transfer":
        INVALID_DENOM = 3 "invalid denomination for cross-chain transfer";
        INVALID_VERSION = 4 "invalid ICS20 version";
        INVALID_AMOUNT = 5 "invalid token amount";
        DENOM_NOT_FOUND = 6 "denomination not found";
        INVALID_MEMO = 11 "invalid memo";
    }
}

#[cfg(test)]
mod tests {
    use super::sdk;

    #[test]
    fn causes_stand_before_what_they_cause() {
        let refused = sdk::WRONG_SEQUENCE.because("account sequence mismatch, expected 5, got 3");
        assert_eq!((refused.codespace, refused.code), ("sdk", 32));
        assert_eq!(
            refused.during("outer").log,
            "outer: account sequence mismatch, expected 5, got 3: incorrect account sequence"
        );
        assert_eq!(sdk::OUT_OF_GAS.plain().log, "out of gas");
    }
}
