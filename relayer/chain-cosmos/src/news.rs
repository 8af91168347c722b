//! New blocks as nodes announce them over their websockets, so that nobody has to ask all the time.
//!
//! An announcement is a hint: it says when it is worth asking. A websocket that falls silent, closes or never opens costs
//! nothing but time: whoever waits for news waits only a moment, and then asks. Nor does a node that announces blocks that are not
//! there: what lies far above the block that was chosen last is passed over.
//!
//! What this module must never do: be believed.

use crate::form;
use crate::head::BEHIND_BLOCKS;
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

/// Announcements of all nodes.
#[derive(Debug)]
pub(crate) struct News {
    heard: watch::Sender<Heard>,
    listeners: Vec<JoinHandle<()>>,
}

/// What was heard of blocks.
#[derive(Debug, Default)]
struct Heard {
    /// The newest block that was announced.
    announced: u64,
    /// The newest one as it was chosen last of what all endpoints say; zero before that.
    chosen: u64,
}

impl Heard {
    /// Takes an announcement; false if it is no news. One that is passed over because nobody asked where the chain stands for a
    /// while is not missed: a nearer one is there, for whoever waits.
    fn announce(&mut self, height: u64) -> bool {
        let is_news = height > self.announced && self.is_near(height);
        if is_news {
            self.announced = height;
        }
        is_news
    }

    /// Takes over where the chain stands, and takes back what was announced far above it.
    fn choose(&mut self, height: u64) {
        self.chosen = height;
        if !self.is_near(self.announced) {
            self.announced = height;
        }
    }

    fn is_near(&self, height: u64) -> bool {
        self.chosen == 0 || height <= self.chosen.saturating_add(BEHIND_BLOCKS)
    }
}

impl News {
    /// Listens to all of `nodes`, JSON-RPC endpoints as they are configured. To be called within a runtime.
    pub(crate) fn of<'a>(nodes: impl Iterator<Item = &'a Url>) -> Self {
        let (heard, _) = watch::channel(Heard::default());
        let listeners = nodes
            .filter_map(websocket_of)
            .map(|url| tokio::spawn(listen(url, heard.clone())))
            .collect();
        Self { heard, listeners }
    }

    /// The newest block is of this height, by what all endpoints say.
    pub(crate) fn chosen(&self, height: u64) {
        self.heard.send_if_modified(|heard| {
            heard.choose(height);
            // Who waits is told of it by whoever chose.
            false
        });
    }

    /// Waits until a block above `seen` is announced, at most for `patience`.
    pub(crate) async fn above(&self, seen: u64, patience: Duration) {
        let mut heard = self.heard.subscribe();
        // Either way it is worth asking now.
        drop(timeout(patience, heard.wait_for(|heard| heard.announced > seen)).await);
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
async fn listen(url: Url, heard: watch::Sender<Heard>) {
    let mut pause = PAUSE_FIRST;
    loop {
        let begun = Instant::now();
        let why = match hear(&url, &heard).await {
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
async fn hear(url: &Url, heard: &watch::Sender<Heard>) -> Result<(), String> {
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
            heard.send_if_modified(|heard| heard.announce(height));
        }
    }
}

#[cfg(test)]
#[path = "news_tests.rs"]
mod tests;
