//! What an execution client has against a request, sorted by what helps.
//!
//! JSON-RPC has one code (-32000) for nearly everything, so that the message has to be read. This is the only place that
//! does, and a message that is not known stays a refusal and never becomes a success.

use alloy_primitives::Bytes;
use chain::Revert;
use endpoints::{Complaint, ErrorObject, shortened};
use serde_json::Value;

/// The longest revert data that is kept, in bytes.
const REVERT_BYTES: usize = 256;

/// A JSON-RPC error.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Refusal(pub(crate) ErrorObject);

/// Code of geth, Erigon, Nethermind and Reth for a call that reverted.
const CODE_REVERTED: i64 = 3;
/// Code of EIP-1474 for exceeded limits.
const CODE_LIMIT: i64 = -32005;

impl Refusal {
    fn says(&self, phrases: &[&str]) -> bool {
        let message = self.0.message.to_lowercase();
        phrases.iter().any(|phrase| message.contains(phrase))
    }

    /// The call was executed and reverted, or ran out of gas.
    pub(crate) fn is_revert(&self) -> bool {
        self.0.code == CODE_REVERTED
            || self.says(&[
                "execution reverted",
                "vm exception",
                "out of gas",
                "gas required exceeds allowance",
            ])
    }

    /// Too many requests.
    pub(crate) fn is_rate_limit(&self) -> bool {
        self.0.code == 429
            || (self.0.code == CODE_LIMIT && !self.is_range_too_large())
            || self.says(&["rate limit", "too many requests", "request limit"])
    }

    /// A smaller range of blocks, or fewer keys, would be answered.
    pub(crate) fn is_range_too_large(&self) -> bool {
        self.says(&[
            "block range",
            "range too large",
            "range is too",
            "range limit",
            "more than",
            "too many results",
            "response size",
            "query timeout",
            "too many keys",
        ])
    }

    /// The endpoint does not know the block (yet).
    pub(crate) fn is_unknown_block(&self) -> bool {
        self.says(&[
            "unknown block",
            "header not found",
            "block not found",
            "header for hash not found",
        ])
    }

    /// The endpoint no longer has the state of that block.
    pub(crate) fn is_pruned(&self) -> bool {
        self.says(&[
            "missing trie node",
            "historical state",
            "state not available",
            "state is not available",
            "not available for block",
            "pruned",
            "maximum proof window",
        ])
    }

    /// The nonce is used up.
    pub(crate) fn is_nonce_used(&self) -> bool {
        self.says(&[
            "nonce too low",
            "nonce is too low",
            "oldnonce",
            "nonce has already been used",
        ])
    }

    /// The pool holds this very transaction.
    pub(crate) fn is_known(&self) -> bool {
        self.says(&[
            "already known",
            "known transaction",
            "alreadyknown",
            "already imported",
        ])
    }

    /// The fee does not suffice: for the pool, for the base fee, or to replace another transaction.
    pub(crate) fn is_underpriced(&self) -> bool {
        self.says(&[
            "underpriced",
            "fee too low",
            "less than block base fee",
            "feetoolow",
            "fee cap less than",
        ])
    }

    /// The account cannot pay.
    pub(crate) fn is_funds(&self) -> bool {
        self.says(&["insufficient funds", "insufficientfunds"])
    }

    /// The revert that it tells of, with the bytes of the error where there are any.
    pub(crate) fn revert(&self) -> Revert {
        let data: Bytes = match &self.0.data {
            Value::String(text) => text.parse().unwrap_or_default(),
            Value::Object(fields) => fields
                .get("data")
                .and_then(Value::as_str)
                .and_then(|text| text.parse().ok())
                .unwrap_or_default(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => Bytes::new(),
        };
        let text = crate::revert::describe(&data).unwrap_or_else(|| shortened(&self.0.message));
        let kept = data.len().min(REVERT_BYTES);
        Revert {
            message: None,
            data: data.slice(..kept),
            text,
            gas: None,
        }
    }

    /// As the endpoint's fault: for requests that a sound endpoint does not refuse.
    pub(crate) fn into_complaint(self, method: &str) -> Complaint {
        self.0.into_complaint(method)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn refusal(code: i64, message: &str) -> Refusal {
        Refusal(ErrorObject {
            code,
            message: message.into(),
            data: Value::Null,
        })
    }

    #[test]
    fn messages_of_common_nodes_are_sorted() {
        assert!(refusal(-32000, "nonce too low: next nonce 5, tx nonce 4").is_nonce_used());
        assert!(refusal(-32000, "already known").is_known());
        assert!(refusal(-32000, "replacement transaction underpriced").is_underpriced());
        assert!(refusal(-32000, "max fee per gas less than block base fee: ...").is_underpriced());
        assert!(refusal(-32000, "insufficient funds for gas * price + value").is_funds());
        assert!(refusal(-32000, "missing trie node 1234 (path )").is_pruned());
        assert!(refusal(-32602, "block range too large, range: 5000, max: 1000").is_range_too_large());
        assert!(refusal(-32005, "query returned more than 10000 results").is_range_too_large());
        assert!(!refusal(-32005, "query returned more than 10000 results").is_rate_limit());
        assert!(refusal(-32005, "daily request count exceeded, request rate limited").is_rate_limit());
        assert!(refusal(3, "execution reverted").is_revert());
        let unknown = refusal(-32000, "the moon is full");
        assert!(!unknown.is_revert() && !unknown.is_known() && !unknown.is_unknown_block());
    }

    #[test]
    fn revert_data_is_found_in_both_places_and_cut() {
        let long = format!("0x{}", "ab".repeat(1_000));
        for data in [json!(long), json!({ "data": long })] {
            let revert = Refusal(ErrorObject {
                code: 3,
                message: "execution reverted".into(),
                data,
            })
            .revert();
            assert_eq!(revert.data.len(), REVERT_BYTES);
        }
        let none = Refusal(ErrorObject {
            code: 3,
            message: "out of gas".into(),
            data: json!({"data": 7}),
        })
        .revert();
        assert!(none.data.is_empty());
        assert_eq!(none.text, "out of gas");
    }
}
