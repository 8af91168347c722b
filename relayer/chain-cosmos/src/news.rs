//! New blocks as nodes announce them over their websockets, so that nobody has to ask all the time.
//!
//! An announcement is a hint: it says when it is worth asking. A websocket that falls silent, closes or never opens costs
//! nothing but time: whoever waits for news waits only a moment, and then asks.
//!
//! What this module must never do: be believed.

use crate::form;
use core::time::Duration;
use endpoints::label;
use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use serde::Deserialize;
use serde_json::json;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};
use tokio_tungstenite::connect_async_with_config;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

/// Where CometBFT serves them.
const PATH: &str = "websocket";
/// What is subscribed to.
const QUERY: &str = "tm.event='NewBlockHeader'";
/// The largest announcement that is read: a header is below a kilobyte, its block's events come with it.
const BYTES_MAX: usize = 16 * 1024 * 1024;
/// How long a connection may take.
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// A websocket without a word for so long is closed, and opened anew: chains are that slow only when they stand.
const SILENT_AFTER: Duration = Duration::from_secs(30);
/// Pauses between two connections, the first and the longest.
const PAUSE_FIRST: Duration = Duration::from_millis(500);
const PAUSE_LONGEST: Duration = Duration::from_secs(30);

/// The newest block that was announced.
#[derive(Debug)]
pub(crate) struct News {
    newest: watch::Receiver<u64>,
    listeners: Vec<JoinHandle<()>>,
}

impl News {
    /// Listens to all of `nodes`, JSON-RPC endpoints as they are configured. To be called within a runtime.
    pub(crate) fn of<'a>(nodes: impl Iterator<Item = &'a Url>) -> Self {
        let (announce, newest) = watch::channel(0);
        let listeners = nodes
            .filter_map(websocket_of)
            .map(|url| tokio::spawn(listen(url, announce.clone())))
            .collect();
        Self { newest, listeners }
    }

    /// Waits until a block above `seen` is announced, at most for `patience`.
    pub(crate) async fn above(&self, seen: u64, patience: Duration) {
        let mut newest = self.newest.clone();
        // Either way it is worth asking now.
        drop(timeout(patience, newest.wait_for(|newest| *newest > seen)).await);
    }
}

impl Drop for News {
    fn drop(&mut self) {
        self.listeners.iter().for_each(JoinHandle::abort);
    }
}

/// An announcement; of the reply to the subscription itself nothing is read.
#[derive(Deserialize)]
struct Announcement {
    result: AnnouncedResult,
}

#[derive(Deserialize)]
struct AnnouncedResult {
    data: AnnouncedData,
}

#[derive(Deserialize)]
struct AnnouncedData {
    value: AnnouncedValue,
}

#[derive(Deserialize)]
struct AnnouncedValue {
    header: AnnouncedHeader,
}

#[derive(Deserialize)]
struct AnnouncedHeader {
    #[serde(deserialize_with = "form::number")]
    height: u64,
}

/// The websocket of a JSON-RPC endpoint.
fn websocket_of(rpc: &Url) -> Option<Url> {
    let scheme = match rpc.scheme() {
        "http" => "ws",
        "https" => "wss",
        _ => return None,
    };
    let mut url = rpc.clone();
    url.set_scheme(scheme).ok()?;
    url.path_segments_mut().ok()?.pop_if_empty().push(PATH);
    Some(url)
}

/// Listens for as long as somebody wants to know.
async fn listen(url: Url, announce: watch::Sender<u64>) {
    let mut pause = PAUSE_FIRST;
    loop {
        let begun = Instant::now();
        let why = match hear(&url, &announce).await {
            Ok(()) => "it was closed".to_owned(),
            Err(why) => why,
        };
        tracing::debug!(endpoint = %label(&url), %why, "the websocket ended, it is opened anew");
        pause = if begun.elapsed() > SILENT_AFTER {
            PAUSE_FIRST
        } else {
            (pause * 2).min(PAUSE_LONGEST)
        };
        sleep(pause).await;
    }
}

/// Passes announcements on until the websocket ends or falls silent.
async fn hear(url: &Url, announce: &watch::Sender<u64>) -> Result<(), String> {
    let limits = WebSocketConfig::default()
        .max_message_size(Some(BYTES_MAX))
        .max_frame_size(Some(BYTES_MAX));
    let connecting = connect_async_with_config(url.as_str(), Some(limits), true);
    let (mut socket, _) = timeout(CONNECT_WITHIN, connecting)
        .await
        .map_err(|_| format!("no connection within {} s", CONNECT_WITHIN.as_secs()))?
        .map_err(|error| error.to_string())?;
    let subscribe = json!({"jsonrpc": "2.0", "id": 0, "method": "subscribe", "params": {"query": QUERY}});
    socket
        .send(Message::text(subscribe.to_string()))
        .await
        .map_err(|error| error.to_string())?;
    loop {
        let next = timeout(SILENT_AFTER, socket.next())
            .await
            .map_err(|_| format!("no word within {} s", SILENT_AFTER.as_secs()))?;
        let Some(message) = next else {
            return Ok(());
        };
        let message = message.map_err(|error| error.to_string())?;
        let Message::Text(text) = message else {
            continue;
        };
        if let Ok(announcement) = serde_json::from_str::<Announcement>(&text) {
            let height = announcement.result.data.value.header.height;
            announce.send_if_modified(|newest| {
                let is_newer = height > *newest;
                *newest = height.max(*newest);
                is_newer
            });
        }
    }
}

#[cfg(test)]
#[path = "news_tests.rs"]
mod tests;
