use super::*;
use crate::view::{PrunedView, StatusView};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

/// A store with one packet. A question for a chain called `slow` waits until the test lets it go.
struct OnePacket(std::sync::Mutex<Option<std::sync::mpsc::Receiver<()>>>);

fn view() -> PacketView {
    PacketView {
        packet: "north/client-0/1".into(),
        source_chain: "north".into(),
        source_client: "client-0".into(),
        destination_chain: "south".into(),
        destination_client: "client-1".into(),
        sequence: 1,
        source_port: "transfer".into(),
        destination_port: "transfer".into(),
        leg: "deliver".into(),
        stage: "seen".into(),
        is_final: false,
        since: 1,
        why: "sent".into(),
        next: "it travels with the next batch".into(),
        timeout: Some(9),
        timeout_height: None,
        attempts: 0,
        trouble: None,
        is_proven: false,
        submission: None,
        sent_block: 1,
        sent_tx: "0x00".into(),
        history: Vec::new(),
        history_dropped: 0,
    }
}

impl Packets for OnePacket {
    fn list(&self, filter: &Filter) -> Result<Vec<PacketView>, Unavailable> {
        Ok(vec![view(); filter.limit.unwrap_or(usize::MAX).min(3)])
    }

    fn find(&self, chain: &str, client: &str, sequence: u64) -> Result<Found, Unavailable> {
        if chain == "slow"
            && let Some(gate) = self.0.lock().expect("no panic").take()
        {
            // It ends when the test drops the other end.
            gate.recv().unwrap_or(());
        }
        let packet = format!("{chain}/{client}/{sequence}");
        Ok(match sequence {
            1 if packet == view().packet => Found::Packet(Box::new(view())),
            7 => Found::Pruned(PrunedView {
                packet,
                stage: "pruned".into(),
                is_final: true,
                why: "it was settled".into(),
                next: "nothing".into(),
            }),
            _ => Found::Unknown(format!("no packet {packet} was seen")),
        })
    }
}

struct Running {
    address: SocketAddr,
    board: Arc<Board>,
    gate: Option<std::sync::mpsc::Sender<()>>,
    _stop: oneshot::Sender<()>,
}

async fn start(limits: Limits) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let board = Arc::new(Board::default());
    let (gate, waits) = std::sync::mpsc::channel();
    let (stop, stopped) = oneshot::channel::<()>();
    let packets = Arc::new(OnePacket(std::sync::Mutex::new(Some(waits))));
    let stopping = async move { drop(stopped.await) };
    tokio::spawn(serve(listener, board.clone(), packets, limits, stopping));
    Running {
        address,
        board,
        gate: Some(gate),
        _stop: stop,
    }
}

/// The whole answer to one request, headers included.
async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

#[tokio::test]
async fn health_says_why() {
    let server = start(Limits::default()).await;
    let before = get(server.address, "/health").await;
    assert!(
        before.starts_with("HTTP/1.1 503") && before.contains("has not started to work"),
        "{before}"
    );
    server.board.beat(now());
    assert!(get(server.address, "/health").await.starts_with("HTTP/1.1 200"));
    let reason = "client north/client-0: frozen".to_owned();
    server.board.publish(StatusView {
        not_ready: vec![reason],
        ..StatusView::default()
    });
    let unready = get(server.address, "/health").await;
    assert!(
        unready.starts_with("HTTP/1.1 503") && unready.contains("frozen"),
        "{unready}"
    );
    assert!(
        get(server.address, "/health/live")
            .await
            .starts_with("HTTP/1.1 200")
    );
}

#[tokio::test]
async fn packets_are_shown_as_json() {
    let server = start(Limits::default()).await;
    let one = get(server.address, "/v1/packets/north/client-0/1").await;
    assert!(one.contains(r#""packet":"north/client-0/1""#), "{one}");
    let unknown = get(server.address, "/v1/packets/north/client-0/2").await;
    assert!(
        unknown.starts_with("HTTP/1.1 404") && unknown.contains("no packet north/client-0/2"),
        "{unknown}"
    );
    let pruned = get(server.address, "/v1/packets/north/client-0/7").await;
    assert!(
        pruned.starts_with("HTTP/1.1 410") && pruned.contains(r#""stage":"pruned""#),
        "{pruned}"
    );
    assert!(
        get(server.address, "/v1/packets/north/client-0/x")
            .await
            .starts_with("HTTP/1.1 400")
    );
    assert!(
        get(server.address, "/v1/packets?unknown=1")
            .await
            .starts_with("HTTP/1.1 400")
    );
    assert!(get(server.address, "/v1/status").await.contains("\"chains\":[]"));
    assert!(get(server.address, "/v1/paths").await.ends_with("[]"));
    assert!(get(server.address, "/metrics").await.contains("# EOF"));
}

#[tokio::test]
async fn a_list_is_never_longer_than_the_limit() {
    let server = start(Limits {
        packets_max: 2,
        ..Limits::default()
    })
    .await;
    let list = get(server.address, "/v1/packets?limit=50").await;
    assert_eq!(list.matches("north/client-0/1").count(), 2, "{list}");
}

#[tokio::test]
async fn a_slow_store_is_not_waited_for_and_stops_nobody_else() {
    let mut server = start(Limits {
        answer_ms: 50,
        ..Limits::default()
    })
    .await;
    let slow = get(server.address, "/v1/packets/slow/client-0/1").await;
    assert!(
        slow.starts_with("HTTP/1.1 503") && slow.contains("did not answer in time"),
        "{slow}"
    );
    assert!(
        get(server.address, "/v1/packets/north/client-0/1")
            .await
            .starts_with("HTTP/1.1 200")
    );
    drop(server.gate.take());
}

#[tokio::test]
async fn a_client_that_sends_nothing_loses_its_place() {
    // One place only: whoever comes next is served once the silent client's time is up.
    let server = start(Limits {
        connections_max: 1,
        connection_ms: 100,
        ..Limits::default()
    })
    .await;
    let _silent = TcpStream::connect(server.address).await.expect("connected");
    let served = get(server.address, "/v1/status").await;
    assert!(served.starts_with("HTTP/1.1 200"), "{served}");
}
