//! One JSON-RPC endpoint on loopback.

use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::Client;
use serde_json::{Value, json};

/// How long an endpoint may take to answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// An endpoint and the name it has in errors.
#[derive(Clone, Debug)]
pub(crate) struct JsonRpc {
    client: Client,
    who: &'static str,
    url: String,
}

impl JsonRpc {
    /// # Errors
    /// The HTTP client can't be made.
    pub(crate) fn new(who: &'static str, url: &str) -> Result<Self> {
        Ok(Self {
            client: client()?,
            who,
            url: url.to_owned(),
        })
    }

    /// The result of one call.
    ///
    /// # Errors
    /// It does not answer, or with an error.
    pub(crate) async fn call(&self, method: &str, params: Value) -> Result<Value> {
        let ask = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let sent = self.client.post(&self.url).json(&ask).send().await;
        let mut answer: Value = sent
            .with_context(|| format!("{} did not answer {method}", self.who))?
            .json()
            .await
            .with_context(|| format!("{} answered {method} with something else than JSON", self.who))?;
        let result = answer.get_mut("result").map(Value::take);
        result.with_context(|| format!("{} answered {method} with {answer}", self.who))
    }
}

/// A client that asks nobody but who it is told.
pub(crate) fn client() -> Result<Client> {
    Client::builder()
        .timeout(ANSWER_WITHIN)
        .no_proxy()
        .build()
        .context("failed to make a client")
}
