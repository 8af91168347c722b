//! Endpoints of one interface with fail-over: which to ask next, and what to remember of the last time.
//!
//! An operation runs whole on one endpoint, so that its parts fit together; when the endpoint is at fault the whole
//! operation moves to the next one. An endpoint that failed rests for a while, longer each time, and is then asked last,
//! never dropped: with one endpoint configured a rest only tells the caller when to come back.
//!
//! One that has not got what is asked is not at fault yet: the others are asked. Only if one of them has it is the first one
//! behind, and rests like one that failed.
//!
//! What this module must never do: judge content. It is told by a [`Complaint`] whose fault something was.

use crate::clock;
use crate::complaint::{Complaint, Defect, fault};
use crate::lacks::{Lacks, is_behind};
use chain::Fault;
use core::future::{Future, poll_fn};
use core::mem;
use core::pin::Pin;
use core::task::Poll;
use reqwest::Url;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use wire::Seconds;

/// The first rest of an endpoint that failed, in seconds of which the first is a part of one; it doubles with every rest after
/// which it fails again.
const REST_FIRST_SECS: u64 = 2;
/// The longest rest, in seconds.
const REST_LONGEST_SECS: u64 = 60;
/// The same kind of failure of one endpoint is told again after this many seconds, however often it comes.
const TELL_AGAIN_SECS: u64 = 300;
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
    vetted: Arc<AtomicBool>,
}

/// What is remembered of an endpoint.
#[derive(Clone, Copy, Debug, Default)]
struct Record {
    /// Rests since the last success.
    rests: u32,
    /// Asked only after the others until then.
    resting_until: Seconds,
    /// Which kind of failure was told last, and when.
    told: Option<(mem::Discriminant<Defect>, Seconds)>,
}

/// Endpoints that serve the same interface of the same chain.
#[derive(Debug)]
pub struct Pool {
    endpoints: Vec<Endpoint>,
    records: Mutex<Vec<Record>>,
}

/// Whom a [`Pool::survey`] asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom {
    /// Those that do not rest; if none of them answers, those too.
    Well,
    /// Everybody.
    All,
}

/// What one endpoint said.
#[derive(Clone, Debug)]
pub struct Said<T> {
    position: usize,
    /// Which endpoint, for people.
    pub label: Arc<str>,
    /// What it said.
    pub value: T,
}

impl Endpoint {
    /// Whether it still has to be looked at, to see which chain it serves: it is new, has failed since, or is doubted.
    pub fn is_unvetted(&self) -> bool {
        !self.vetted.load(Ordering::Relaxed)
    }

    /// Takes note of the chain that it says it serves; another than `expected` is a [`Defect::WrongChain`].
    pub fn vet<Chain: PartialEq + ToString>(&self, expected: &Chain, found: &Chain) -> Result<(), Complaint> {
        if found != expected {
            let (expected, found) = (expected.to_string(), found.to_string());
            return Err(Complaint::Endpoint(
                Defect::WrongChain { expected, found },
                String::new(),
            ));
        }
        self.vetted.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Has it looked at again before it is asked anything else.
    pub fn doubt(&self) {
        self.vetted.store(false, Ordering::Relaxed);
    }

    /// The complaint that this endpoint does not fit with what another one said. `text` carries both values.
    pub fn doubted(&self, text: impl Into<String>) -> Complaint {
        Complaint::Lacks(Fault::Malformed {
            endpoint: self.label.to_string(),
            text: text.into(),
            until: clock::now(),
        })
    }
}

impl Record {
    /// It failed at `now`, and asks for a rest of at least `wished` seconds.
    ///
    /// While it rests, a failure lengthens the rest by nothing but a wish: requests that were under way fail together when a node goes away,
    /// and say no more than one.
    fn fail(&mut self, now: Seconds, wished: u64) {
        let mut secs = wished;
        if self.resting_until <= now {
            let doubled = REST_FIRST_SECS.checked_shl(self.rests);
            secs = secs.max(doubled.unwrap_or(REST_LONGEST_SECS));
            self.rests = self.rests.saturating_add(1).min(32);
        }
        let until = now.0.saturating_add(secs.min(REST_LONGEST_SECS));
        self.resting_until = Seconds(until).max(self.resting_until);
    }
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

    /// Runs `operation` on one endpoint after the other until one of them has what is asked.
    ///
    /// The failure that is returned is that of the endpoint that came furthest; where none got anywhere, of the one tried
    /// last.
    pub async fn run<T, Run, Running>(&self, operation: Run) -> Result<T, Fault>
    where
        Run: Fn(Endpoint) -> Running,
        Running: Future<Output = Result<T, Complaint>>,
    {
        let (mut last, mut lacks) = (None, Lacks::default());
        for (position, endpoint, _) in self.in_order() {
            let label = endpoint.label.clone();
            match operation(endpoint).await {
                Ok(value) => {
                    self.forgive(position);
                    self.outrun(&lacks);
                    return Ok(value);
                }
                Err(Complaint::Ask(fault)) => return Err(fault),
                Err(Complaint::Lacks(fault)) => lacks.push(position, fault),
                Err(Complaint::Endpoint(defect, text)) => {
                    let until = self.blame(position, &label, &defect, &text);
                    last = Some(fault(&label, defect, &text, until));
                }
            }
        }
        // `new` refuses an empty list, so there was somebody to ask.
        Err(lacks.or(last).unwrap_or_else(nowhere))
    }

    /// Runs `operation` on all endpoints at once, also on those that rest if `whom` says so or nobody else answers. Whether
    /// what was said deserves a rest, the caller judges: [`Pool::trust`], [`Pool::doubt`].
    ///
    /// Fails as [`Pool::run`] does when no endpoint answers.
    pub async fn survey<T, Run, Running>(&self, whom: Whom, operation: Run) -> Result<Vec<Said<T>>, Fault>
    where
        Run: Fn(Endpoint) -> Running,
        Running: Future<Output = Result<T, Complaint>>,
    {
        let (mut said, mut last, mut lacks) = (Vec::new(), None, Lacks::default());
        let (well, resting): (Vec<_>, Vec<_>) = self.in_order().into_iter().partition(|(_, _, rests)| !rests);
        for some in [well, resting] {
            if whom == Whom::Well && !said.is_empty() {
                break;
            }
            let names: Vec<_> = some
                .iter()
                .map(|(position, endpoint, _)| (*position, endpoint.label.clone()))
                .collect();
            let running = some.into_iter().map(|(_, endpoint, _)| operation(endpoint));
            for ((position, label), answer) in names.into_iter().zip(all_of(running.collect()).await) {
                match answer {
                    Ok(value) => said.push(Said {
                        position,
                        label,
                        value,
                    }),
                    Err(Complaint::Ask(fault) | Complaint::Lacks(fault)) => lacks.push(position, fault),
                    Err(Complaint::Endpoint(defect, text)) => {
                        let until = self.blame(position, &label, &defect, &text);
                        last = Some(fault(&label, defect, &text, until));
                    }
                }
            }
        }
        if said.is_empty() {
            return Err(lacks.or(last).unwrap_or_else(nowhere));
        }
        self.outrun(&lacks);
        said.sort_by_key(|said| said.position);
        Ok(said)
    }

    /// What an endpoint said in a [`Pool::survey`] was sound.
    pub fn trust<T>(&self, said: &Said<T>) {
        self.forgive(said.position);
    }

    /// What an endpoint said in a [`Pool::survey`] was not: it rests.
    pub fn doubt<T>(&self, said: &Said<T>, text: &str) {
        self.blame(said.position, &said.label, &Defect::Malformed, text);
    }

    /// All endpoints, in the configured order.
    pub fn endpoints(&self) -> &[Endpoint] {
        &self.endpoints
    }

    /// The endpoints that are well in the configured order, then those that rest, the soonest first.
    fn in_order(&self) -> Vec<(usize, Endpoint, bool)> {
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
            .map(|(rest, position, endpoint)| (position, endpoint, rest > Seconds(0)))
            .collect()
    }

    fn forgive(&self, position: usize) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(record) = records.get_mut(position) {
            *record = Record {
                told: record.told,
                ..Record::default()
            };
        }
    }

    /// Lets an endpoint rest, and says so once.
    fn blame(&self, position: usize, label: &str, defect: &Defect, text: &str) -> Seconds {
        let until = self.rest(position, defect);
        let text = shortened(text);
        if self.is_news(position, defect, clock::now()) {
            tracing::warn!(endpoint = %label, ?defect, %text, "endpoint at fault");
        } else {
            tracing::debug!(endpoint = %label, ?defect, %text, "endpoint still at fault");
        }
        until
    }

    /// Whether this was not told of the endpoint lately.
    fn is_news(&self, position: usize, defect: &Defect, now: Seconds) -> bool {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(record) = records.get_mut(position) else {
            return false;
        };
        let kind = mem::discriminant(defect);
        let is_old = |at: Seconds| now.0 >= at.0.saturating_add(TELL_AGAIN_SECS);
        let is_news = record.told.is_none_or(|(told, at)| told != kind || is_old(at));
        if is_news {
            record.told = Some((kind, now));
        }
        is_news
    }

    /// Another endpoint had what these had not.
    fn outrun(&self, lacks: &Lacks) {
        for (position, fault) in lacks.iter().filter(|(_, fault)| is_behind(fault)) {
            if let Some(endpoint) = self.endpoints.get(*position) {
                let text = format!("another one does better: {fault}");
                self.blame(*position, &endpoint.label, &Defect::Malformed, &text);
            }
        }
    }

    /// Notes a failure and says until when the endpoint rests.
    fn rest(&self, position: usize, defect: &Defect) -> Seconds {
        let now = clock::now();
        if let Some(endpoint) = self.endpoints.get(position) {
            endpoint.doubt();
        }
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(record) = records.get_mut(position) else {
            return now;
        };
        let wished = match defect {
            Defect::Busy(secs) => *secs,
            Defect::WrongChain { .. } => REST_LONGEST_SECS,
            Defect::Unreachable | Defect::Malformed | Defect::TooLong | Defect::Refused => 0,
        };
        record.fail(now, wished);
        record.resting_until
    }
}

fn nowhere() -> Fault {
    let text = "no endpoint is configured";
    fault("nowhere", Defect::Unreachable, text, clock::now())
}

/// Runs all at once and waits for the last. What comes back is in the order of what ran.
pub async fn all_of<F: Future>(running: Vec<F>) -> Vec<F::Output> {
    let mut running: Vec<Pin<Box<F>>> = running.into_iter().map(Box::pin).collect();
    let mut ended: Vec<Option<F::Output>> = running.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (one, end) in running.iter_mut().zip(&mut ended) {
            if end.is_none()
                && let Poll::Ready(output) = one.as_mut().poll(context)
            {
                *end = Some(output);
            }
        }
        if ended.iter().all(Option::is_some) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    ended.into_iter().flatten().collect()
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
#[path = "pool_tests.rs"]
mod tests;
