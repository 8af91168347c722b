//! Endpoints of one interface with fail-over: which to ask next, and what to remember of the last time.
//!
//! An operation runs whole on one endpoint, so that its parts fit together; when the endpoint is at fault the whole
//! operation moves to the next one. An endpoint that failed rests for a while, longer each time, and is then asked last,
//! never dropped: with one endpoint configured a rest only tells the caller when to come back.
//!
//! What this module must never do: judge content. It is told by a [`Complaint`] whose fault something was.

use crate::clock;
use chain::Fault;
use core::future::Future;
use reqwest::Url;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use wire::Seconds;

/// The first rest of an endpoint that failed, in seconds; it doubles with every further failure.
const REST_FIRST_SECS: u64 = 1;
/// The longest rest, in seconds.
const REST_LONGEST_SECS: u64 = 60;
/// The longest text taken over from an endpoint, in characters.
const TEXT_CHARS: usize = 300;

/// How long requests may take and how much may come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest time for a connection, in milliseconds.
    pub connect_ms: u64,
    /// Longest time for a whole request, body included, in milliseconds.
    pub request_ms: u64,
    /// Largest body that is read, in bytes.
    pub body_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect_ms: 3_000,
            request_ms: 10_000,
            body_bytes: 16 * 1024 * 1024,
        }
    }
}

/// Why an operation did not succeed, by whose fault it is.
#[derive(Debug)]
pub enum Complaint {
    /// About the ask: any endpoint would say the same.
    Ask(Fault),
    /// About the endpoint: another one may do better.
    Endpoint(Defect, String),
}

/// What is wrong with an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Defect {
    /// No connection, or no whole answer in time.
    Unreachable,
    /// It asks for a pause of at least this many seconds.
    Busy(u64),
    /// Its answer is none, or contradicts itself or another endpoint.
    Malformed,
    /// Its answer has more bytes than are read: of less it may give one.
    TooLong,
    /// It refuses, for a reason this program does not know.
    Refused,
    /// It serves another chain.
    WrongChain {
        /// The configured one.
        expected: String,
        /// The one it serves.
        found: String,
    },
}

impl Complaint {
    /// An answer that is none. `text` names the rule and carries both values.
    pub fn malformed(text: impl Into<String>) -> Self {
        Self::Endpoint(Defect::Malformed, text.into())
    }
}

impl From<Fault> for Complaint {
    fn from(fault: Fault) -> Self {
        Self::Ask(fault)
    }
}

/// One endpoint. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Where requests go; may hold credentials and is never printed.
    pub url: Url,
    /// Scheme, host and port, for people.
    pub label: Arc<str>,
    /// The shared connections.
    pub http: reqwest::Client,
    /// The limits of every request.
    pub limits: Limits,
    /// Whether it was seen to serve the configured chain since it last failed.
    pub vetted: Arc<AtomicBool>,
}

/// What is remembered of an endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    /// Failures since the last success.
    failures: u32,
    /// Asked only after the others until then.
    resting_until: Seconds,
}

/// Endpoints that serve the same interface of the same chain.
#[derive(Debug)]
pub struct Pool {
    endpoints: Vec<Endpoint>,
    records: Mutex<Vec<Record>>,
}

impl Pool {
    /// A pool over `urls`, asked in this order while all are well.
    ///
    /// Fails when there is no url or no TLS.
    pub fn new(urls: &[Url], limits: Limits) -> Result<Self, String> {
        if urls.is_empty() {
            return Err("no endpoint is configured".into());
        }
        let http = reqwest::Client::builder()
            .connect_timeout(core::time::Duration::from_millis(limits.connect_ms))
            .timeout(core::time::Duration::from_millis(limits.request_ms))
            // A redirect could carry a request, and the credentials in its url, somewhere else.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        let endpoints: Vec<Endpoint> = urls
            .iter()
            .map(|url| Endpoint {
                url: url.clone(),
                label: label(url).into(),
                http: http.clone(),
                limits,
                vetted: Arc::default(),
            })
            .collect();
        let records = Mutex::new(vec![Record::default(); endpoints.len()]);
        Ok(Self { endpoints, records })
    }

    /// Runs `operation` on one endpoint after the other until one of them is not at fault.
    ///
    /// The failure that is returned is that of the endpoint tried last.
    pub async fn run<T, Run, Running>(&self, operation: Run) -> Result<T, Fault>
    where
        Run: Fn(Endpoint) -> Running,
        Running: Future<Output = Result<T, Complaint>>,
    {
        let mut last = None;
        for (position, endpoint) in self.in_order() {
            let label = endpoint.label.clone();
            match operation(endpoint).await {
                Ok(value) => {
                    self.forgive(position);
                    return Ok(value);
                }
                Err(Complaint::Ask(fault)) => return Err(fault),
                Err(Complaint::Endpoint(defect, text)) => {
                    let until = self.rest(position, &defect);
                    tracing::warn!(endpoint = %label, ?defect, text = %shortened(&text), "endpoint at fault");
                    last = Some(fault(&label, defect, &text, until));
                }
            }
        }
        // `new` refuses an empty list, so there was a last one.
        Err(last.unwrap_or_else(|| {
            fault(
                "nowhere",
                Defect::Unreachable,
                "no endpoint is configured",
                clock::now(),
            )
        }))
    }

    /// All endpoints, in the configured order.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The endpoints that are well in the configured order, then those that rest, the soonest first.
    fn in_order(&self) -> Vec<(usize, Endpoint)> {
        let now = clock::now();
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let mut order: Vec<(Seconds, usize, Endpoint)> = records
            .iter()
            .zip(&self.endpoints)
            .enumerate()
            .map(|(position, (record, endpoint))| {
                let rest = if record.resting_until <= now {
                    Seconds(0)
                } else {
                    record.resting_until
                };
                (rest, position, endpoint.clone())
            })
            .collect();
        order.sort_by_key(|(rest, position, _)| (*rest, *position));
        order
            .into_iter()
            .map(|(_, position, endpoint)| (position, endpoint))
            .collect()
    }

    fn forgive(&self, position: usize) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(record) = records.get_mut(position) {
            *record = Record::default();
        }
    }

    /// Notes a failure and says until when the endpoint rests.
    fn rest(&self, position: usize, defect: &Defect) -> Seconds {
        let now = clock::now();
        if let Some(endpoint) = self.endpoints.get(position) {
            endpoint.vetted.store(false, Ordering::Relaxed);
        }
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(record) = records.get_mut(position) else {
            return now;
        };
        let doubled = REST_FIRST_SECS
            .checked_shl(record.failures)
            .unwrap_or(REST_LONGEST_SECS);
        record.failures = record.failures.saturating_add(1).min(32);
        let wished = match defect {
            Defect::Busy(secs) => *secs,
            Defect::WrongChain { .. } => REST_LONGEST_SECS,
            Defect::Unreachable | Defect::Malformed | Defect::TooLong | Defect::Refused => 0,
        };
        let secs = doubled.max(wished).min(REST_LONGEST_SECS);
        record.resting_until = Seconds(now.0.saturating_add(secs));
        record.resting_until
    }
}

fn fault(label: &str, defect: Defect, text: &str, until: Seconds) -> Fault {
    let (endpoint, text) = (label.to_owned(), shortened(text));
    match defect {
        Defect::Unreachable => Fault::Unreachable {
            endpoint,
            text,
            until,
        },
        Defect::Busy(_) => Fault::Busy {
            endpoint,
            text,
            until,
        },
        Defect::Malformed | Defect::TooLong => Fault::Malformed {
            endpoint,
            text,
            until,
        },
        Defect::Refused => Fault::Refused {
            endpoint,
            text,
            until,
        },
        Defect::WrongChain { expected, found } => Fault::WrongChain {
            endpoint,
            expected,
            found,
        },
    }
}

/// Scheme, host and port of `url`: paths and queries of hosted endpoints hold keys.
pub fn label(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    match url.port() {
        Some(port) => format!("{}://{host}:{port}", url.scheme()),
        None => format!("{}://{host}", url.scheme()),
    }
}

/// `text` without control characters and cut to a length that a log line bears.
pub fn shortened(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .take(TEXT_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn pool(n: usize) -> Pool {
        let urls: Vec<Url> = (0..n)
            .map(|i| Url::parse(&format!("http://user:secret@host{i}:8545/key/abc?token=1")).expect("a url"))
            .collect();
        Pool::new(&urls, Limits::default()).expect("a pool")
    }

    #[test]
    fn a_label_holds_no_credentials() {
        let pool = pool(1);
        assert_eq!(&*pool.endpoints[0].label, "http://host0:8545");
    }

    #[tokio::test]
    async fn the_next_endpoint_is_asked_and_the_faulty_one_rests() {
        let pool = pool(2);
        let calls = AtomicUsize::new(0);
        let asked = |endpoint: Endpoint| {
            calls.fetch_add(1, Ordering::SeqCst);
            async move {
                if endpoint.label.contains("host0") {
                    return Err(Complaint::malformed("expected 1, got 2"));
                }
                Ok(endpoint.label.to_string())
            }
        };
        assert_eq!(pool.run(asked).await.expect("answered"), "http://host1:8545");
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        let order: Vec<usize> = pool
            .in_order()
            .into_iter()
            .map(|(position, _)| position)
            .collect();
        assert_eq!(order, [1, 0], "the faulty endpoint is asked last while it rests");
    }

    #[tokio::test]
    async fn a_fault_of_the_ask_is_not_repeated_elsewhere() {
        let pool = pool(3);
        let calls = AtomicUsize::new(0);
        let result: Result<(), Fault> = pool
            .run(|_| {
                calls.fetch_add(1, Ordering::SeqCst);
                async { Err(Complaint::Ask(Fault::TooLarge { size: 2, limit: 1 })) }
            })
            .await;
        assert_eq!(result, Err(Fault::TooLarge { size: 2, limit: 1 }));
        assert_eq!(calls.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn rests_grow_and_end_with_a_success() {
        let pool = pool(1);
        for _ in 0..40 {
            let _: Result<(), Fault> = pool.run(|_| async { Err(Complaint::malformed("x")) }).await;
        }
        let record = pool.records.lock().expect("no panic")[0];
        assert!(record.resting_until.0 <= clock::now().0 + REST_LONGEST_SECS);
        pool.run(|_| async { Ok(()) }).await.expect("answered");
        assert_eq!(pool.records.lock().expect("no panic")[0].failures, 0);
    }
}
