//! What a node of CometBFT has against a request, sorted by what helps.
//!
//! JSON-RPC has one code (-32603) for nearly everything, so that the text has to be read. This is the only place that does,
//! and a text that is not known stays a refusal and never becomes a success.

use core::fmt;
use endpoints::{Complaint, ErrorObject, shortened};

/// Why a node does not answer a request.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// It no longer has that height; the lowest that it has, where it says so. Asked for a proof, it says the same of a height
    /// that it does not have yet.
    Pruned {
        /// In its own words.
        text: String,
        /// The lowest height that it keeps.
        lowest: Option<u64>,
    },
    /// The chain has not got that far.
    NotYet(String),
    /// It holds this very transaction already.
    Known,
    /// It knows no such transaction.
    NotFound,
    /// It holds as many transactions as it may.
    Full(String),
    /// It takes no transaction as large as this one.
    TooLarge(String),
    /// The application has something against a query.
    Application(Said),
    /// Anything else.
    Other(ErrorObject),
}

/// What an application says when it refuses: the code decides, the text is for people.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Said {
    /// Never zero.
    pub code: u32,
    /// Whose code it is.
    pub codespace: String,
    /// Why.
    pub log: String,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let log = shortened(&self.log);
        write!(f, "{log} (code {} of {})", self.code, self.codespace)
    }
}

impl Refusal {
    /// Sorts the error of a node.
    pub(crate) fn of(error: ErrorObject) -> Self {
        let text = error.data.as_str().unwrap_or(&error.message);
        Self::by_text(text).unwrap_or(Self::Other(error))
    }

    /// Sorts what an application has against a query.
    pub(crate) fn of_query(said: Said) -> Self {
        Self::by_text(&said.log).unwrap_or(Self::Application(said))
    }

    /// Of a state that it does not have, a store answers without a proof that nothing is there, and only its log tells why.
    pub(crate) fn of_silence(log: &str) -> Option<Self> {
        Self::by_text(log)
    }

    fn by_text(text: &str) -> Option<Self> {
        let lower = text.to_lowercase();
        let says = |phrase: &str| lower.contains(phrase);
        if says("is not available, lowest height is")
            || says("version does not exist")
            || says("ensure height has not been pruned")
            || says("could not find results for height")
        {
            let lowest = lower
                .split_once("lowest height is ")
                .and_then(|(_, rest)| rest.trim().parse().ok());
            return Some(Self::Pruned {
                text: text.to_owned(),
                lowest,
            });
        }
        if says("must be less than or equal to the current blockchain height")
            || says("cannot query with height in the future")
        {
            return Some(Self::NotYet(text.to_owned()));
        }
        if says("tx already exists in cache") {
            return Some(Self::Known);
        }
        if says("tx (") && says(") not found") {
            return Some(Self::NotFound);
        }
        if says("tx too large. max size is") || says("tx size is too big") {
            return Some(Self::TooLarge(text.to_owned()));
        }
        (says("mempool is full") || says("is considered as full")).then(|| Self::Full(text.to_owned()))
    }

    /// As the endpoint's fault: for requests that a sound endpoint does not refuse.
    pub fn into_complaint(self, method: &str) -> Complaint {
        let error = match self {
            Self::Other(error) => error,
            Self::Pruned { text, .. } | Self::NotYet(text) | Self::Full(text) | Self::TooLarge(text) => {
                plain(text)
            }
            Self::Application(said) => plain(said.to_string()),
            Self::Known => plain("it holds this transaction already".to_owned()),
            Self::NotFound => plain("it knows no such transaction".to_owned()),
        };
        error.into_complaint(method)
    }
}

fn plain(message: String) -> ErrorObject {
    ErrorObject {
        code: 0,
        message,
        data: serde_json::Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal, Said};
    use endpoints::ErrorObject;
    use serde_json::json;

    fn refusal(data: &str) -> Refusal {
        Refusal::of(ErrorObject {
            code: -32603,
            message: "Internal error".into(),
            data: json!(data),
        })
    }

    #[test]
    fn texts_of_nodes_are_sorted() {
        let pruned = "height 1 is not available, lowest height is 57";
        let lowest = Some(57);
        assert_eq!(
            refusal(pruned),
            Refusal::Pruned {
                text: pruned.into(),
                lowest
            }
        );
        assert!(matches!(
            refusal("could not find results for height #12"),
            Refusal::Pruned { lowest: None, .. }
        ));
        assert!(matches!(
            refusal("height 9 must be less than or equal to the current blockchain height 8"),
            Refusal::NotYet(_)
        ));
        assert!(matches!(
            refusal("cannot query with height in the future; please provide a valid height: invalid height"),
            Refusal::NotYet(_)
        ));
        assert_eq!(refusal("tx already exists in cache"), Refusal::Known);
        assert_eq!(refusal("tx (AB12) not found, err: %!w(<nil>)"), Refusal::NotFound);
        assert!(matches!(
            refusal("mempool is full: number of txs 5000 (max: 5000), total bytes 1 (max: 2)"),
            Refusal::Full(_)
        ));
        let rechecking =
            "mempool is still rechecking after a new committed block, so it is considered as full";
        assert!(matches!(refusal(rechecking), Refusal::Full(_)));
        assert!(matches!(
            refusal("tx pre check: tx size is too big: 5, max: 3"),
            Refusal::TooLarge(_)
        ));
        assert!(matches!(
            refusal("Tx too large. Max size is 1048576, but got 1048600"),
            Refusal::TooLarge(_)
        ));
        assert!(matches!(refusal("the moon is full"), Refusal::Other(_)));
        let said = Said {
            code: 6,
            codespace: "sdk".into(),
            log: "unknown query path: unknown request".into(),
        };
        assert_eq!(Refusal::of_query(said.clone()), Refusal::Application(said));
    }
}
