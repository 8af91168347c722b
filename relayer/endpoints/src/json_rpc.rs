//! JSON-RPC 2.0 over HTTP: one request, one strict answer.
//!
//! What this module must never do: believe. It checks that an answer has the form of an answer to this request; what it
//! says is checked by whoever asked.

use crate::complaint::{Complaint, Defect};
use crate::http::{Response, exchange};
use crate::pool::{Endpoint, shortened};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Request ids; an answer must carry the id of its request.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// What an endpoint has against a request.
#[derive(Clone, Debug, Deserialize, PartialEq)]
pub struct ErrorObject {
    /// The code.
    pub code: i64,
    /// The text.
    #[serde(default)]
    pub message: String,
    /// Anything more.
    #[serde(default)]
    pub data: Value,
}

impl ErrorObject {
    /// As the endpoint's fault: for requests that a sound endpoint does not refuse.
    pub fn into_complaint(self, method: &str) -> Complaint {
        Complaint::Endpoint(
            Defect::Refused,
            format!("{method}: {} (code {})", shortened(&self.message), self.code),
        )
    }
}

#[derive(Serialize)]
struct Request<'a> {
    jsonrpc: &'static str,
    id: u64,
    method: &'a str,
    params: &'a Value,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: Value,
    // Read once and into what is wanted: a tree of everything that a block did takes many times the bytes of its text. `null`
    // is an answer to some methods, so that presence and value must be told apart.
    #[serde(borrow, default, deserialize_with = "present")]
    result: Option<&'a RawValue>,
    error: Option<ErrorObject>,
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Asks `endpoint`; the outer error is the endpoint's fault, the inner one what it says to the request.
///
/// Fails when [`exchange`] does, and when what comes back is no answer to this request, or not of this form.
pub async fn ask<T: DeserializeOwned>(
    endpoint: &Endpoint,
    method: &str,
    params: &Value,
) -> Result<Result<T, ErrorObject>, Complaint> {
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let request = Request {
        jsonrpc: "2.0",
        id,
        method,
        params,
    };
    // The connections have limits of their own; those of the endpoint are what whoever asks has chosen.
    let within = Duration::from_millis(endpoint.limits.request_ms);
    let request = endpoint
        .http
        .post(endpoint.url.clone())
        .timeout(within)
        .json(&request);
    let response = exchange(endpoint, request).await?;
    parse(&response, id, method)
}

fn parse<T: DeserializeOwned>(
    response: &Response,
    id: u64,
    method: &str,
) -> Result<Result<T, ErrorObject>, Complaint> {
    // Some servers send errors with a status other than 200; the envelope decides when there is one.
    let envelope: Envelope<'_> = serde_json::from_slice(&response.body).map_err(|error| {
        if response.status.is_success() {
            Complaint::malformed(format!("{method} answered no JSON-RPC: {error}"))
        } else {
            Complaint::Endpoint(
                Defect::Refused,
                format!("{method}: HTTP status {}", response.status),
            )
        }
    })?;
    match envelope {
        Envelope {
            error: Some(error), ..
        } => Ok(Err(error)),
        Envelope { id: found, .. } if found != json!(id) => Err(Complaint::malformed(format!(
            "{method} has id {id}, the answer has id {found}"
        ))),
        Envelope {
            result: Some(result), ..
        } => serde_json::from_str(result.get())
            .map(Ok)
            .map_err(|error| Complaint::malformed(format!("{method} answered something else: {error}"))),
        Envelope { result: None, .. } => Err(Complaint::malformed(format!(
            "{method} answered neither result nor error"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn response(status: u16, body: &str) -> Response {
        let status = reqwest::StatusCode::from_u16(status).expect("a status");
        Response {
            status,
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn an_answer_is_told_from_none() {
        let null = parse::<Value>(
            &response(200, r#"{"jsonrpc":"2.0","id":7,"result":null}"#),
            7,
            "m",
        );
        assert_eq!(null.expect("an answer").expect("no refusal"), Value::Null);
        for body in [
            r#"{"jsonrpc":"2.0","id":7}"#,
            r#"{"jsonrpc":"2.0","id":8,"result":1}"#,
            r#"{"jsonrpc":"2.0","id":"7","result":1}"#,
            r#"[{"jsonrpc":"2.0","id":7,"result":1}]"#,
            r#"{"jsonrpc":"2.0","id":7,"resu"#,
            "<html>",
            "",
        ] {
            assert!(
                matches!(
                    parse::<Value>(&response(200, body), 7, "m"),
                    Err(Complaint::Endpoint(Defect::Malformed, _))
                ),
                "{body}"
            );
        }
    }

    #[test]
    fn an_answer_of_another_form_says_what_was_asked_for() {
        let answer = response(200, r#"{"jsonrpc":"2.0","id":7,"result":{"height":"x"}}"#);
        let Err(Complaint::Endpoint(Defect::Malformed, text)) = parse::<u64>(&answer, 7, "block") else {
            panic!("an object is no number")
        };
        assert!(text.starts_with("block answered something else: "), "{text}");
    }

    #[test]
    fn an_error_with_an_http_status_is_still_read() {
        let body = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"nonce too low"}}"#;
        let refusal = parse::<Value>(&response(400, body), 7, "m")
            .expect("an envelope")
            .expect_err("an error");
        assert_eq!(refusal.code, -32000);
        let page = parse::<Value>(&response(502, "<html>bad gateway"), 7, "m");
        assert!(matches!(page, Err(Complaint::Endpoint(Defect::Refused, _))));
    }

    #[tokio::test]
    async fn who_asks_says_how_long_is_waited() {
        // Connections are taken, and nobody answers.
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}/", silent.local_addr().expect("an address"));
        let url = reqwest::Url::parse(&url).expect("a url");
        let longest = crate::Limits {
            request_ms: 600_000,
            ..crate::Limits::default()
        };
        let pool = crate::Pool::new(&[url], longest).expect("a pool");
        let asked = pool.run(|mut endpoint| async move {
            endpoint.limits.request_ms = 20;
            ask::<Value>(&endpoint, "m", &Value::Null).await
        });
        let fault = asked.await.expect_err("no answer");
        assert!(matches!(fault, chain::Fault::Unreachable { .. }), "{fault:?}");
    }
}
