//! One HTTP exchange, bounded in time and in bytes.
//!
//! What this module must never do: retry (the pool does) or read more than the limit.

use crate::complaint::{Complaint, Defect};
use crate::pool::Endpoint;
use reqwest::{RequestBuilder, StatusCode, header::RETRY_AFTER};

/// The pause taken when an endpoint says "too many requests" without a number, in seconds.
const PAUSE_SECS: u64 = 5;

/// What came back.
pub struct Response {
    /// The status.
    pub status: StatusCode,
    /// The whole body.
    pub body: Vec<u8>,
}

/// Sends `request` to `endpoint` and reads the whole answer.
///
/// Fails when there is no connection, when time runs out, when the body is longer than the limit, and when the endpoint
/// asks for a pause.
pub async fn exchange(endpoint: &Endpoint, request: RequestBuilder) -> Result<Response, Complaint> {
    // The url may hold credentials: `without_url` keeps it out of every text.
    let unreachable =
        |error: reqwest::Error| Complaint::Endpoint(Defect::Unreachable, causes(&error.without_url()));
    let mut response = request.send().await.map_err(unreachable)?;
    let status = response.status();
    if status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE {
        let asked = response
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.parse().ok());
        return Err(Complaint::Endpoint(
            Defect::Busy(asked.unwrap_or(PAUSE_SECS)),
            format!("HTTP status {status}"),
        ));
    }
    let limit = endpoint.limits.body_bytes;
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
        if body.len().saturating_add(chunk.len()) > limit {
            return Err(Complaint::Endpoint(
                Defect::TooLong,
                format!("the body is longer than the {limit} bytes that are read"),
            ));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, body })
}

/// The error and what caused it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}
