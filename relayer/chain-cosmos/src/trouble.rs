//! Why a transaction is not sent or did not succeed, sorted by what helps.
//!
//! An application has codes, but a simulation wraps what it says into another error, and numbers stand in texts only. This is
//! the only place that reads them. A text that is not known stays a refusal.

use crate::price::Price;
use crate::refusal::{Refusal, Said};
use crate::sign::BadKey;
use chain::{Blame, Retry};

/// The codespace of the SDK's own errors.
const SDK: &str = "sdk";

/// Why a transaction is not sent. The text completes "failed to send: ".
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Trouble {
    /// The chain has no such account.
    #[error("find account {address}: it is not on the chain, which takes its first coins; fund it")]
    NoAccount {
        /// The address.
        address: String,
    },
    /// The account is of a kind that is not known here.
    #[error("read account {address}: it is a {kind}; use a plain account")]
    AccountKind {
        /// The address.
        address: String,
        /// The name of its type.
        kind: String,
    },
    /// The node expects another sequence, again and again.
    #[error(
        "agree on the sequence of {address}: signed with {ours}, the node expects {theirs}, {tries} times in a row; give each relayer a key of its own"
    )]
    Sequence {
        /// The account.
        address: String,
        /// What was signed.
        ours: u64,
        /// What the node wants, where it says so.
        theirs: String,
        /// How often it was tried.
        tries: u32,
    },
    /// The node's state is older than a transaction of ours that was seen in a block.
    #[error(
        "use this node: it expects sequence {said}, but {used} was seen used in a block; another node is needed, or time"
    )]
    Behind {
        /// The sequence that was used.
        used: u64,
        /// What the node says is next.
        said: u64,
    },
    /// The fee does not suffice.
    #[error("pay {offered}: the node asks for {wanted}; raise the gas price")]
    FeeTooLow {
        /// What was offered.
        offered: String,
        /// What the node wants.
        wanted: String,
    },
    /// The chain's own price is above what may be paid.
    #[error(
        "pay {asked} {denom} a gas, as the chain asks: at most {max} may be paid; raise the limit, or wait"
    )]
    PriceTooHigh {
        /// The coin.
        denom: String,
        /// What the chain asks, margin included.
        asked: Price,
        /// What the configuration allows.
        max: Price,
    },
    /// The account cannot pay.
    #[error("pay from {address}: {text}; fund it")]
    Funds {
        /// The account.
        address: String,
        /// What the node said, with both amounts.
        text: String,
    },
    /// One message alone needs more gas than a transaction may use.
    #[error(
        "fit one message into {max} gas: it needs {needed}, margin included; raise the limit if the chain allows it"
    )]
    Gas {
        /// What it needs.
        needed: u64,
        /// What is allowed.
        max: u64,
    },
    /// One message alone is larger than a transaction may be.
    #[error("fit one message into {max} bytes: it has {bytes}; raise the limit if the chain allows it")]
    Size {
        /// What it has.
        bytes: u64,
        /// What is allowed.
        max: u64,
    },
    /// The node takes no transaction as large as this one.
    #[error("hand over {bytes} bytes: {text}; lower the limit of bytes in a transaction")]
    TooLarge {
        /// What it has.
        bytes: usize,
        /// What the node said, with what it takes.
        text: String,
    },
    /// There is nothing to send.
    #[error("send no messages: a transaction has at least one")]
    Empty,
    /// Too many transactions of this account are under way.
    #[error("send another transaction of {address}: {count} are under way, at most {max} may be")]
    Crowded {
        /// The account.
        address: String,
        /// How many.
        count: usize,
        /// How many may be.
        max: usize,
    },
    /// The transaction would fail.
    #[error("send: it would fail{}: {said}", at(*.message))]
    WouldFail {
        /// The position of the message at fault, when it could be told.
        message: Option<usize>,
        /// What the application said.
        said: Said,
    },
    /// The height after which the transaction is void has passed already.
    #[error("send in time: the chain is at {height}, the transaction is void after {timeout}")]
    Late {
        /// Where the chain is.
        height: u64,
        /// The last block that could hold it.
        timeout: u64,
    },
    /// The node holds as many transactions as it may.
    #[error("hand over: {0}; it is tried again with the next block")]
    Full(String),
    /// The chain or the node refuses for another reason.
    #[error("send: {0}")]
    Refused(Said),
    /// The node refuses for another reason.
    #[error("ask the node: {0:?}")]
    Node(Refusal),
    /// The key does not sign.
    #[error("{0}")]
    Key(#[from] BadKey),
}

fn at(message: Option<usize>) -> String {
    message.map_or(String::new(), |message| format!(" at message {message}"))
}

impl Trouble {
    /// When trying again can help.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Behind { .. }
            | Self::PriceTooHigh { .. }
            | Self::Crowded { .. }
            | Self::Late { .. }
            | Self::Full(_)
            | Self::Node(_)
            | Self::Sequence { .. } => Retry::NextHead,
            Self::NoAccount { .. }
            | Self::AccountKind { .. }
            | Self::FeeTooLow { .. }
            | Self::Funds { .. }
            | Self::Gas { .. }
            | Self::Size { .. }
            | Self::TooLarge { .. }
            | Self::Empty
            | Self::WouldFail { .. }
            | Self::Refused(_)
            | Self::Key(_) => Retry::Never,
        }
    }

    /// Whether it may be one of the messages that is refused.
    pub(crate) fn may_be_of_a_message(&self) -> bool {
        matches!(self, Self::Refused(_) | Self::WouldFail { .. })
    }

    /// Who is responsible.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Behind { .. } | Self::Node(_) => Blame::Peer,
            Self::Full(_) | Self::Refused(_) | Self::Late { .. } | Self::WouldFail { .. } => Blame::Chain,
            Self::NoAccount { .. }
            | Self::AccountKind { .. }
            | Self::Sequence { .. }
            | Self::FeeTooLow { .. }
            | Self::PriceTooHigh { .. }
            | Self::Funds { .. }
            | Self::Gas { .. }
            | Self::Size { .. }
            | Self::TooLarge { .. }
            | Self::Key(_) => Blame::Operator,
            Self::Empty | Self::Crowded { .. } => Blame::Us,
        }
    }
}

/// What an application's refusal of a transaction is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Another sequence is expected; which, where it says so.
    Sequence(Option<Mismatch>),
    /// The signature is not that of this account number on this chain.
    Signature,
    /// The fee is too low: offered and wanted.
    Fee(String, String),
    Funds,
    OutOfGas,
    /// Its timeout height has passed: where the chain is, and the timeout.
    Late(u64, u64),
    Full,
    /// The node has it already.
    Known,
    NoAccount,
    /// The message at this position failed.
    Message(usize),
    Other,
}

/// Two sequences that should have been one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    pub(crate) expected: u64,
    pub(crate) got: u64,
}

impl Kind {
    /// Sorts what an application said; a simulation hides the code, so that the text decides there.
    pub(crate) fn of(said: &Said) -> Self {
        let log = said.log.as_str();
        let is = |code: u32| said.codespace == SDK && said.code == code;
        // First, because whatever else stands in the text is then the message's own.
        if let Some(index) = number_after(log, "message index: ") {
            return match () {
                () if is(11) => Self::OutOfGas,
                () => usize::try_from(index).map_or(Self::Other, Self::Message),
            };
        }
        if let Some(mismatch) = mismatch(log) {
            return Self::Sequence(Some(mismatch));
        }
        if is(32) {
            return Self::Sequence(None);
        }
        if log.contains("signature verification failed; please verify account number") {
            return Self::Signature;
        }
        if is(13) || log.contains("insufficient fees; got: ") {
            let (offered, wanted) = fees(log).unwrap_or(("?", log));
            return Self::Fee(offered.to_owned(), wanted.to_owned());
        }
        if let Some(height) = number_after(log, "block height: ")
            && let Some(timeout) = number_after(log, "timeout height: ")
        {
            return Self::Late(height, timeout);
        }
        match () {
            () if is(5) || log.contains("insufficient funds") => Self::Funds,
            () if is(11) || log.contains("out of gas") => Self::OutOfGas,
            () if is(19) => Self::Known,
            () if is(20) => Self::Full,
            () if is(9) || log.contains("fee payer address: ") => Self::NoAccount,
            () => Self::Other,
        }
    }

    /// As a reason not to send.
    pub(crate) fn into_trouble(self, said: Said, address: &str) -> Trouble {
        let address = address.to_owned();
        match self {
            Self::Fee(offered, wanted) => Trouble::FeeTooLow { offered, wanted },
            Self::Funds => Trouble::Funds {
                address,
                text: endpoints::shortened(&said.log),
            },
            Self::Late(height, timeout) => Trouble::Late { height, timeout },
            Self::Full => Trouble::Full(endpoints::shortened(&said.log)),
            Self::NoAccount => Trouble::NoAccount { address },
            Self::Message(message) => Trouble::WouldFail {
                message: Some(message),
                said,
            },
            Self::OutOfGas | Self::Sequence(_) | Self::Signature | Self::Known | Self::Other => {
                Trouble::Refused(said)
            }
        }
    }
}

/// "account sequence mismatch, expected 5, got 3".
fn mismatch(log: &str) -> Option<Mismatch> {
    let (_, rest) = log.split_once("account sequence mismatch, expected ")?;
    let (expected, rest) = rest.split_once(", got ")?;
    Some(Mismatch {
        expected: expected.parse().ok()?,
        got: leading_number(rest)?,
    })
}

/// "insufficient fees; got: 10stake required: 2000stake: insufficient fee".
fn fees(log: &str) -> Option<(&str, &str)> {
    let (_, rest) = log.split_once("got: ")?;
    let (got, rest) = rest.split_once(" required: ")?;
    Some((got, rest.split(": ").next().unwrap_or(rest)))
}

fn number_after(log: &str, phrase: &str) -> Option<u64> {
    leading_number(log.split_once(phrase)?.1)
}

fn leading_number(text: &str) -> Option<u64> {
    let end = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end)?.parse().ok()
}

#[cfg(test)]
#[path = "trouble_tests.rs"]
mod tests;
