//! The websocket of a node: requests, announcements, and how it ends.

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::net::Net;
use crate::Faults;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(net: &Net) -> Socket {
    let url = net.chain.rpc_url().replace("http", "ws") + "/websocket";
    connect_async(url).await.unwrap().0
}

async fn heard(socket: &mut Socket) -> Value {
    match socket.next().await.unwrap().unwrap() {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn ask(socket: &mut Socket, id: u64, method: &str, params: Value) -> Value {
    let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    socket.send(Message::text(request.to_string())).await.unwrap();
    heard(socket).await
}

async fn subscribe(socket: &mut Socket, id: u64, topic: &str) {
    let query = format!("tm.event='{topic}'");
    let done = ask(socket, id, "subscribe", json!({"query": query})).await;
    assert_eq!(done, json!({"jsonrpc": "2.0", "id": id, "result": {}}));
}

/// The heights of the next announcements, each with the id of its subscription.
async fn announced<const N: usize>(socket: &mut Socket) -> [(u64, String); N] {
    let mut all = Vec::new();
    for _ in 0..N {
        let said = heard(socket).await;
        let value = &said["result"]["data"]["value"];
        let header = value.get("header").unwrap_or(&value["block"]["header"]);
        let height = header["height"].as_str().unwrap().to_owned();
        all.push((said["id"].as_u64().unwrap(), height));
    }
    all.try_into().unwrap()
}

#[tokio::test]
async fn every_block_is_announced_once_to_each_subscription() {
    let net = Net::new("news-1").await;
    let mut socket = open(&net).await;
    subscribe(&mut socket, 7, "NewBlockHeader").await;
    net.chain.advance(2);
    assert_eq!(announced(&mut socket).await, [(7, "3".into()), (7, "4".into())]);
    subscribe(&mut socket, 8, "NewBlock").await;
    net.chain.advance(1);
    assert_eq!(announced(&mut socket).await, [(7, "5".into()), (8, "5".into())]);
    let query = json!({"query": "tm.event='NewBlockHeader'"});
    ask(&mut socket, 9, "unsubscribe", query).await;
    net.chain.advance(1);
    assert_eq!(announced(&mut socket).await, [(8, "6".into())]);
}

#[tokio::test]
async fn other_requests_are_answered_as_over_http() {
    let net = Net::new("news-1").await;
    let mut socket = open(&net).await;
    let status = ask(&mut socket, 1, "status", json!({})).await;
    assert_eq!(status["result"]["node_info"]["network"], "news-1");
    let strange = ask(&mut socket, 2, "subscribe", json!({"query": "tm.event='Tx'"})).await;
    let why = strange["error"]["data"].as_str().unwrap();
    assert!(why.contains("tm.event='Tx'"), "{why}");
    let nothing = ask(&mut socket, 3, "nothing", json!({})).await;
    assert_eq!(nothing["error"]["code"], -32_601);
}

#[tokio::test]
async fn a_lagging_node_announces_what_it_shows() {
    let net = Net::new("news-1").await;
    net.chain.advance(4);
    net.chain.set_faults(Faults {
        lag: 2,
        ..Faults::default()
    });
    let mut socket = open(&net).await;
    subscribe(&mut socket, 1, "NewBlockHeader").await;
    net.chain.advance(3);
    let shown = ["5", "6", "7"].map(|height| (1, height.to_owned()));
    assert_eq!(announced(&mut socket).await, shown);
}

#[tokio::test]
async fn a_restart_and_a_node_that_goes_down_end_it() {
    let net = Net::new("news-1").await;
    for down in [false, true] {
        let mut socket = open(&net).await;
        subscribe(&mut socket, 1, "NewBlockHeader").await;
        if down {
            net.chain.set_faults(Faults {
                down,
                ..Faults::default()
            });
            net.chain.advance(1);
        } else {
            net.chain.restart();
        }
        let last = socket.next().await.unwrap().unwrap();
        assert!(matches!(last, Message::Close(_)), "{last:?}");
    }
    let url = net.chain.rpc_url().replace("http", "ws") + "/websocket";
    assert!(connect_async(url).await.is_err());
}

#[tokio::test]
async fn what_asks_for_no_websocket_gets_none() {
    let net = Net::new("news-1").await;
    let answer = reqwest::get(net.chain.rpc_url() + "/websocket").await.unwrap();
    assert_eq!(answer.status(), 400);
}
