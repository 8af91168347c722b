//! Announcements over a websocket, and websockets that say nothing of use.

use super::{Heard, News};
use crate::head::BEHIND_BLOCKS;
use core::time::Duration;
use futures_util::{SinkExt, StreamExt};
use reqwest::Url;
use serde_json::json;
use tokio::net::TcpListener;
use tokio_tungstenite::accept_async;
use tokio_tungstenite::tungstenite::Message;

/// Longer than any test may take.
const LONG: Duration = Duration::from_secs(60);

fn announcement(height: &str) -> String {
    json!({"jsonrpc": "2.0", "id": 0, "result": {"data": {"type": "x", "value": {"header": {"height": height}}}}})
        .to_string()
}

/// A node that says `words` to whoever subscribes, one connection after the other, and then hangs up.
async fn node(connections: Vec<Vec<String>>) -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for words in connections {
            let (stream, _) = listener.accept().await.unwrap();
            let mut socket = accept_async(stream).await.unwrap();
            let asked = socket.next().await.unwrap().unwrap();
            assert!(asked.to_text().unwrap().contains("NewBlockHeader"));
            for word in words {
                socket.send(Message::text(word)).await.unwrap();
            }
            drop(socket.close(None).await);
        }
        // Nobody accepts any more; the port stays taken.
        core::future::pending::<()>().await;
    });
    Url::parse(&format!("http://{address}/")).unwrap()
}

#[tokio::test]
async fn an_announced_block_ends_the_waiting() {
    let words = vec![
        r#"{"jsonrpc":"2.0","id":0,"result":{}}"#.into(),
        "no json".into(),
        announcement("7"),
    ];
    let url = node(vec![words]).await;
    let news = News::of([&url].into_iter());
    news.above(6, LONG).await;
    assert_eq!(news.heard.borrow().announced, 7);
}

#[tokio::test]
async fn a_websocket_that_closes_is_opened_anew() {
    let url = node(vec![
        vec![announcement("7")],
        vec![announcement("5"), announcement("8")],
    ])
    .await;
    let news = News::of([&url].into_iter());
    news.above(7, LONG).await;
    assert_eq!(
        news.heard.borrow().announced,
        8,
        "and a block that is older than one before is no news"
    );
}

#[tokio::test]
async fn without_news_it_is_asked_all_the_same() {
    let url = node(vec![vec![
        announcement("-1"),
        announcement("18446744073709551616"),
    ]])
    .await;
    let news = News::of([&url].into_iter());
    news.above(7, Duration::from_millis(20)).await;
    assert_eq!(news.heard.borrow().announced, 0);
    let nobody = Url::parse("http://127.0.0.1:1/").unwrap();
    News::of([&nobody].into_iter())
        .above(7, Duration::from_millis(20))
        .await;
}

#[test]
fn an_announcement_of_what_is_not_there_does_not_last() {
    let mut heard = Heard::default();
    assert!(heard.announce(1_000_000), "nobody knows better yet");
    heard.choose(100);
    assert_eq!(heard.announced, 100);
    assert!(!heard.announce(1_000_000) && !heard.announce(101 + BEHIND_BLOCKS));
    assert!(heard.announce(101), "what there is, is news again");
    heard.choose(101);
    assert!(heard.announce(102) && !heard.announce(102));
}

#[tokio::test]
async fn whoever_waits_hears_of_the_next_block_behind_a_lie() {
    let url = node(vec![vec![announcement("1000000"), announcement("8")]]).await;
    let news = News::of([&url].into_iter());
    news.chosen(7);
    news.above(7, LONG).await;
    assert_eq!(news.heard.borrow().announced, 8);
}

#[test]
fn the_websocket_stands_beside_what_is_configured() {
    for (rpc, websocket) in [
        ("http://127.0.0.1:26657", "ws://127.0.0.1:26657/websocket"),
        ("https://node.example/rpc/", "wss://node.example/rpc/websocket"),
    ] {
        let url = super::websocket_of(&Url::parse(rpc).unwrap()).unwrap();
        assert_eq!(url.as_str(), websocket);
    }
}
