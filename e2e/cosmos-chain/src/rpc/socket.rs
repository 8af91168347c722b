//! The websocket of a node: JSON-RPC over a connection that stays, and new blocks for whoever subscribed to them.
//!
//! Decides what is announced and when a connection ends. A connection that does not read holds up nobody but itself.

use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::{Upgraded, on};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::{Fault, Request as Asked, answers, forms, frame, one};
use crate::chain::Shared;
use crate::world::World;
use serde::Deserialize;

type Socket = WebSocketStream<TokioIo<Upgraded>>;

/// What can be subscribed to here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Topic {
    Header,
    Block,
}

/// A subscription.
struct Wish {
    /// The id of the request that asked for it, which all announcements carry.
    id: Value,
    query: String,
    topic: Topic,
}

impl Topic {
    fn of(query: &str) -> Result<Self, Fault> {
        let said: String = query.split_whitespace().collect();
        match said.as_str() {
            "tm.event='NewBlockHeader'" => Ok(Self::Header),
            "tm.event='NewBlock'" => Ok(Self::Block),
            _ => Err(Fault::Internal(format!(
                "failed to subscribe: this node announces NewBlock and NewBlockHeader, asked was for {query}"
            ))),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Header => "NewBlockHeader",
            Self::Block => "NewBlock",
        }
    }
}

/// Makes a websocket of a connection.
pub(super) async fn open(State(world): State<Shared>, mut request: Request) -> Response {
    if world.read().faults.down {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let Some(accept) = accepted(request.headers()) else {
        return (StatusCode::BAD_REQUEST, "this is the place of a websocket").into_response();
    };
    let upgrading = on(&mut request);
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrading.await {
            let socket = TokioIo::new(upgraded);
            // How it ended, only the other side wants to know, and it does.
            drop(
                talk(
                    &world,
                    WebSocketStream::from_raw_socket(socket, Role::Server, None).await,
                )
                .await,
            );
        }
    });
    let headers = [
        (CONNECTION, HeaderValue::from_static("Upgrade")),
        (UPGRADE, HeaderValue::from_static("websocket")),
        (SEC_WEBSOCKET_ACCEPT, accept),
    ];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// What is answered to a request for a websocket; none if it is no such request.
fn accepted(headers: &HeaderMap) -> Option<HeaderValue> {
    let wanted = headers.get(UPGRADE)?.to_str().ok()?;
    let key = headers.get(SEC_WEBSOCKET_KEY)?;
    let accept = derive_accept_key(key.as_bytes());
    let accept = HeaderValue::from_str(&accept).ok()?;
    wanted.eq_ignore_ascii_case("websocket").then_some(accept)
}

/// Answers and announces until one of the two hangs up.
async fn talk(world: &Shared, mut socket: Socket) -> Result<(), tokio_tungstenite::tungstenite::Error> {
    let mut news = world.read().listen();
    let begun = *news.borrow_and_update();
    let (mut wishes, mut told) = (Vec::new(), world.read().shown());
    loop {
        tokio::select! {
            heard = socket.next() => match heard {
                Some(Ok(Message::Text(text))) => {
                    let answer = hear(world, &mut wishes, &text);
                    socket.send(Message::text(answer.to_string())).await?;
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(()),
                Some(Ok(_)) => {}
            },
            changed = news.changed() => {
                let now = *news.borrow_and_update();
                let faults = world.read().faults.clone();
                if changed.is_err() || now.restarts != begun.restarts || faults.down {
                    return socket.close(None).await;
                }
                let new = (told + 1)..=now.height;
                told = told.max(now.height);
                if faults.mute {
                    continue;
                }
                let said = announcements(&world.read(), &wishes, new);
                for text in said {
                    socket.send(Message::text(text)).await?;
                }
            }
        }
    }
}

/// Answers a request; of those about subscriptions nothing but the connection knows.
fn hear(world: &Shared, wishes: &mut Vec<Wish>, text: &str) -> Value {
    let Ok(request) = serde_json::from_str::<Value>(text) else {
        return frame(&json!(-1), Err(Fault::Params("not a request".to_owned())));
    };
    let Ok(Asked { method, params, id }) = Asked::deserialize(&request) else {
        return one(world, request);
    };
    let query = params["query"].as_str().unwrap_or_default();
    let done = match method.as_str() {
        "subscribe" => Topic::of(query).map(|topic| {
            let (id, query) = (id.clone(), query.to_owned());
            wishes.push(Wish { id, query, topic });
        }),
        "unsubscribe" => {
            wishes.retain(|wish| wish.query != query);
            Ok(())
        }
        "unsubscribe_all" => {
            wishes.clear();
            Ok(())
        }
        _ => return one(world, request),
    };
    frame(&id, done.map(|()| json!({})))
}

/// What is said of the blocks of `heights`, in order. Of those that are forgotten already nothing is.
fn announcements(world: &World, wishes: &[Wish], heights: core::ops::RangeInclusive<u64>) -> Vec<String> {
    let both = heights.flat_map(|height| wishes.iter().map(move |wish| (height, wish)));
    let text = |(height, wish): (u64, &Wish)| {
        let value = value(world, wish.topic, height)?;
        let result = json!({
            "query": wish.query,
            "data": {"type": format!("tendermint/event/{}", wish.topic.name()), "value": value},
            "events": {"tm.event": [wish.topic.name()]},
        });
        Some(frame(&wish.id, Ok(result)).to_string())
    };
    both.filter_map(text).collect()
}

fn value(world: &World, topic: Topic, height: u64) -> Option<Value> {
    let asked = i64::try_from(height).ok();
    match topic {
        Topic::Header => {
            let header = &world.block(height)?.block.header;
            Some(json!({"header": forms::header(header)}))
        }
        Topic::Block => {
            let mut value = answers::block(world, asked).ok()?;
            value["result_finalize_block"] = answers::block_results(world, asked).ok()?;
            Some(value)
        }
    }
}
