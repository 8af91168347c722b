//! JSON-RPC errors with the codes and texts that clients of geth know.

use crate::{
    evm::{CallError, Refused},
    trie::ProofError,
};
use alloy::sol_types::{Revert, SolError};
use alloy_primitives::Bytes;
use serde_json::{Value, json};

/// An error answer.
#[derive(Debug)]
pub(super) struct RpcError {
    code: i64,
    message: String,
    data: Option<Bytes>,
}

/// The server cannot do what was asked; geth's code for everything that has none of its own.
const SERVER_ERROR: i64 = -32000;
/// EIP-1474 and geth: the call reverted, `data` says why.
const REVERTED: i64 = 3;

impl RpcError {
    pub(super) fn server(message: impl Into<String>) -> Self {
        Self {
            code: SERVER_ERROR,
            message: message.into(),
            data: None,
        }
    }

    pub(super) fn parse() -> Self {
        Self {
            code: -32700,
            message: "parse error".into(),
            data: None,
        }
    }

    pub(super) fn invalid_request() -> Self {
        Self {
            code: -32600,
            message: "invalid request".into(),
            data: None,
        }
    }

    pub(super) fn no_method(method: &str) -> Self {
        let message = format!("the method {method} does not exist/is not available");
        Self {
            code: -32601,
            message,
            data: None,
        }
    }

    pub(super) fn params(message: impl Into<String>) -> Self {
        Self {
            code: -32602,
            message: message.into(),
            data: None,
        }
    }

    pub(super) fn json(&self) -> Value {
        match &self.data {
            Some(data) => json!({"code": self.code, "message": self.message, "data": data}),
            None => json!({"code": self.code, "message": self.message}),
        }
    }
}

impl From<CallError> for RpcError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Reverted(data) => {
                let message = match Revert::abi_decode(&data) {
                    Ok(revert) => format!("execution reverted: {}", revert.reason),
                    Err(_) => "execution reverted".into(),
                };
                Self {
                    code: REVERTED,
                    message,
                    data: Some(data),
                }
            }
            other => Self::server(other.to_string()),
        }
    }
}

impl From<Refused> for RpcError {
    fn from(error: Refused) -> Self {
        Self::server(error.to_string())
    }
}

impl From<ProofError> for RpcError {
    fn from(error: ProofError) -> Self {
        Self::server(error.to_string())
    }
}
