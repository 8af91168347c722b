//! A relayer by hand: between two chains it makes clients, moves them on, and carries packets with their proofs.

use chain_cosmos::{Any, Landed};
use tendermint_client::testing::ibc::Height;

use super::net::{Net, any, coin, said};
use crate::hand::{
    self, Acknowledgement, MsgTransfer, Packet, Proof, Seen, acknowledgement_key, commitment_key, receipt_key,
};

/// Two chains whose clocks go together, each with a client of the other.
pub(super) struct Pair {
    pub(super) ends: [Net; 2],
    /// The id of the client on each chain.
    pub(super) clients: [String; 2],
}

/// Which of the two.
pub(super) const EAST: usize = 0;
pub(super) const WEST: usize = 1;

pub(super) fn other(end: usize) -> usize {
    1 - end
}

pub(super) fn seen(net: &Net) -> Seen<'_> {
    Seen {
        rpc: &net.rpc,
        chain_id: net.chain.chain_id(),
    }
}

/// The packet that the events of a transaction tell under `kind`.
pub(super) fn packet(landed: &Landed, kind: &str) -> Packet {
    hand::packet(&landed.events, kind).unwrap()
}

pub(super) fn acknowledgement(landed: &Landed) -> Acknowledgement {
    hand::acknowledgement(&landed.events).unwrap()
}

impl Pair {
    pub(super) async fn new() -> Self {
        let ends = [Net::new("east-1").await, Net::new("west-2").await];
        let mut pair = Self {
            ends,
            clients: Default::default(),
        };
        pair.advance(1);
        for end in [EAST, WEST] {
            let net = &pair.ends[end];
            let their = &pair.ends[other(end)];
            let message = seen(their)
                .new_client(their.chain.height(), &net.address())
                .await
                .unwrap();
            let landed = pair.send(end, &[message]).await;
            pair.clients[end] = said(&landed.events, "create_client", "client_id").to_owned();
        }
        for end in [EAST, WEST] {
            let [own, their] = [&pair.clients[end], &pair.clients[other(end)]];
            let message = hand::register(own, their, &pair.ends[end].address());
            pair.send(end, &[message]).await;
        }
        pair
    }

    /// Lets time pass on both.
    pub(super) fn advance(&self, blocks: u64) {
        for _ in 0..blocks {
            self.ends[EAST].chain.advance(1);
            self.ends[WEST].chain.advance(1);
        }
    }

    /// Sends on one chain; a block comes on both.
    pub(super) async fn send(&self, end: usize, messages: &[Any]) -> Landed {
        self.ends[other(end)].chain.advance(1);
        self.ends[end].send(messages).await
    }

    /// What a client believes: its newest height.
    pub(super) async fn believed(&self, end: usize) -> u64 {
        seen(&self.ends[end]).believed(&self.clients[end]).await.unwrap()
    }

    /// The message by which the client on `end` learns the newest header of the other chain.
    pub(super) async fn update(&self, end: usize) -> Any {
        let their = &self.ends[other(end)];
        let trusted = self.believed(end).await;
        let shown = seen(their).header(trusted, their.chain.height()).await.unwrap();
        hand::update(&self.clients[end], &shown, &self.ends[end].address())
    }

    /// What the chain beside `end` stored under `key` before its newest block.
    async fn proof(&self, end: usize, key: &[u8]) -> Proof {
        let their = &self.ends[other(end)];
        seen(their).proof(key, their.chain.height() - 1).await.unwrap()
    }

    /// The message that sends tokens from `end`.
    pub(super) fn transfer(
        &self,
        end: usize,
        denom: &str,
        amount: u128,
        timeout: u64,
        encoding: &str,
    ) -> MsgTransfer {
        MsgTransfer {
            source_port: "transfer".into(),
            source_channel: self.clients[end].clone(),
            token: Some(coin(denom, amount)),
            sender: self.ends[end].address(),
            receiver: super::net::key(2).address().to_owned(),
            timeout_height: Some(Height::default()),
            timeout_timestamp: timeout,
            memo: String::new(),
            encoding: encoding.into(),
        }
    }

    /// The time of the newest block of `end`, and `more` seconds.
    pub(super) fn after_now(&self, end: usize, more: u64) -> u64 {
        let chain = &self.ends[end].chain;
        let time = chain.block(chain.height()).unwrap().header.time.unwrap();
        u64::try_from(time.seconds).unwrap() + more
    }

    pub(super) async fn send_transfer(&self, end: usize, message: &MsgTransfer) -> Landed {
        self.send(end, &[any("/ibc.applications.transfer.v1.MsgTransfer", message)])
            .await
    }

    /// The messages that bring a packet to `end`.
    pub(super) async fn receive(&self, end: usize, packet: &Packet) -> [Any; 2] {
        let key = commitment_key(&packet.source_client, packet.sequence);
        let proof = self.proof(end, &key).await;
        let message = hand::receive(packet, proof, &self.ends[end].address());
        [self.update(end).await, message]
    }

    /// The messages that bring its acknowledgement back to `end`.
    pub(super) async fn acknowledge(&self, end: usize, packet: &Packet, ack: &Acknowledgement) -> [Any; 2] {
        let key = acknowledgement_key(&packet.destination_client, packet.sequence);
        let proof = self.proof(end, &key).await;
        let message = hand::acknowledge(packet, ack, proof, &self.ends[end].address());
        [self.update(end).await, message]
    }

    /// The messages that tell `end` that its packet was not received in time.
    pub(super) async fn time_out(&self, end: usize, packet: &Packet) -> [Any; 2] {
        let key = receipt_key(&packet.destination_client, packet.sequence);
        let proof = self.proof(end, &key).await;
        let message = hand::time_out(packet, proof, &self.ends[end].address());
        [self.update(end).await, message]
    }

    /// Carries a packet from `end` to the other chain and its acknowledgement back.
    pub(super) async fn carry(&self, end: usize, packet: &Packet) -> (Landed, Landed) {
        self.advance(1);
        let there = self.receive(other(end), packet).await;
        let received = self.send(other(end), &there).await;
        self.advance(1);
        let back = self.acknowledge(end, packet, &acknowledgement(&received)).await;
        let acknowledged = self.send(end, &back).await;
        (received, acknowledged)
    }
}
