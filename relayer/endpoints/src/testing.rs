//! Endpoints under the control of a test.

use crate::pool::{Endpoint, Limits, Pool};
use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use reqwest::Url;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::net::TcpListener;

/// An endpoint on loopback that answers what a test tells it to.
pub struct Fake {
    /// Where it answers.
    pub url: Url,
    requests: Arc<AtomicUsize>,
}

impl Fake {
    /// Answers each request, given its path with query and its body, by `answer`.
    pub async fn http(answer: impl Fn(&str, &[u8]) -> Response + Send + Sync + 'static) -> Self {
        let (answer, requests) = (Arc::new(answer), Arc::new(AtomicUsize::new(0)));
        let count = requests.clone();
        let app = Router::new().fallback(move |request: Request| {
            let (answer, count) = (answer.clone(), count.clone());
            async move {
                count.fetch_add(1, Ordering::SeqCst);
                let path = request
                    .uri()
                    .path_and_query()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                let body = axum::body::to_bytes(request.into_body(), usize::MAX)
                    .await
                    .expect("a body");
                answer(&path, &body)
            }
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            url: Url::parse(&format!("http://{address}/")).expect("a url"),
            requests,
        }
    }

    /// Answers each JSON-RPC request, given method and parameters, by `answer`: a result, or an error with a code.
    pub async fn rpc(answer: impl Fn(&str, &Value) -> Result<Value, Value> + Send + Sync + 'static) -> Self {
        Self::http(move |_, body| {
            let request: Value = serde_json::from_slice(body).expect("a request");
            let method = request["method"].as_str().expect("a method");
            let id = &request["id"];
            let reply = match answer(method, &request["params"]) {
                Ok(result) => json!({"jsonrpc": "2.0", "id": id, "result": result}),
                Err(error) => json!({"jsonrpc": "2.0", "id": id, "error": error}),
            };
            reply.to_string().into_response()
        })
        .await
    }

    /// Always this body.
    pub async fn always(status: u16, body: &str) -> Self {
        let body = Bytes::from(body.to_owned());
        Self::http(move |_, _| {
            let status = axum::http::StatusCode::from_u16(status).expect("a status");
            (status, body.clone()).into_response()
        })
        .await
    }

    /// How many requests came.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

/// Limits that let a test end soon.
pub fn limits() -> Limits {
    Limits {
        connect_ms: 2_000,
        request_ms: 2_000,
        body_bytes: 64 * 1024,
    }
}

/// The one endpoint of a pool over `fake`.
pub async fn endpoint(fake: &Fake) -> Endpoint {
    let pool = Pool::new(std::slice::from_ref(&fake.url), limits()).expect("a pool");
    pool.run(|endpoint| async move { Ok(endpoint) })
        .await
        .expect("an endpoint")
}
