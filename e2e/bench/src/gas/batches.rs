//! What a packet costs among fifty: one transaction with one update and fifty messages under one proof.
//!
//! Received packets are those of the fixture. What is acknowledged and timed out was sent from here before, by fifty
//! senders who each keep some of a token of this chain.

use alloy::primitives::{Address, B256, Bytes, U256, keccak256};
use alloy::rpc::types::TransactionReceipt;
use alloy::sol_types::SolCall;
use anyhow::{Context, Result, ensure};
use chain_evm::abi::Router;
use ethereum::testing::Draft;
use merkle::mpt::pool;
use wire::batch::{Action, Batch, Message};
use wire::ics20::{Denom, Transfer as Ics20};
use wire::{Acknowledgement, COMMITMENTS_SLOT, ClientId, Packet, Seconds, Sequence};

use super::contracts::{Token, Transfer};
use super::counterparty::{ANSWERED, Delivery, FULL_CLIENT, MISSED, PAIRS, SOURCE_CLIENT, mainnet_time};
use super::host::events;
use super::limits::Figures;
use super::measure::{Scene, Trie, check_received, check_updates, height};

/// What a message may use. An application gets what it registered, and 1/64 more has to be there.
pub(super) const GAS_OF_A_MESSAGE: u32 = 1_200_000;
/// What each sender owns, and sends in each of two packets.
const OWNED: u64 = 10_000_000_000_000_000_000;
const SENT: u64 = 3_000_000_000_000_000_000;
/// How long a packet lives that is to time out.
const SHORT_SECS: u64 = 3600;
/// And one that is answered: at most a day is allowed.
const LONG_SECS: u64 = 24 * 60 * 60 - 600;

/// A message with the proof that it needs.
struct Proven {
    message: Message,
    proof: Bytes,
}

impl Proven {
    /// The message that delivers a packet of the fixture.
    fn received(delivery: Delivery) -> Self {
        Self {
            message: message(Action::Receive, &delivery.packet),
            proof: delivery.proof,
        }
    }
}

impl Scene {
    /// What a packet costs in each kind of batch that ends what was sent.
    ///
    /// # Errors
    /// A message is skipped, or does not do what it is for.
    pub(super) async fn settlements(&mut self) -> Result<Figures> {
        let sent = self.send_packets().await?;
        let figures = [
            ("ack_batch50_per_packet", self.acknowledge_together(&sent).await?),
            ("timeout_batch50_per_packet", self.time_out_together(&sent).await?),
        ];
        let each = |(key, gas): (&str, u64)| (key.to_owned(), per_packet(gas));
        Ok(figures.into_iter().map(each).collect())
    }

    /// What one batch of all packets that are received together costs.
    ///
    /// # Errors
    /// A message is skipped, or its packet is not accepted.
    pub(super) async fn receive_together(&mut self) -> Result<u64> {
        let deliveries = self.counterparty.together.clone().into_iter();
        let receipt = self.run(deliveries.map(Proven::received).collect()).await?;
        check_received(&receipt, PAIRS)?;
        Ok(receipt.gas_used)
    }

    async fn acknowledge_together(&mut self, sent: &[Packet]) -> Result<u64> {
        let ack = Acknowledgement::success(wire::ics20::SUCCESS_ACK)?;
        let proofs = self.counterparty.answers.clone();
        let proven = sent.iter().zip(proofs).map(|(packet, proof)| Proven {
            message: message(Action::Acknowledge(ack.clone()), packet),
            proof,
        });
        let receipt = self.run(proven.collect()).await?;
        let ended = events::<Router::AckPacket>(&receipt).len();
        ensure!(ended == PAIRS, "{ended} of {PAIRS} packets were acknowledged");
        Ok(receipt.gas_used)
    }

    async fn time_out_together(&mut self, sent: &[Packet]) -> Result<u64> {
        let missed = sent.iter().skip(PAIRS);
        let last = missed.clone().map(|packet| packet.timeout).max();
        let last = last.context("nothing was sent")?;
        // The first state at whose time all of them have timed out.
        let mut draft = self.next_draft();
        while mainnet_time(draft.finalized)? < last {
            draft = self.next_draft();
        }
        let proofs = self.counterparty.absences.clone();
        let proven = missed.zip(proofs).map(|(packet, proof)| Proven {
            message: message(Action::TimeOut, packet),
            proof,
        });
        let receipt = self.run_at(&draft, proven.collect()).await?;
        let ended = events::<Router::TimeoutPacket>(&receipt).len();
        ensure!(ended == PAIRS, "{ended} of {PAIRS} packets timed out");
        Ok(receipt.gas_used)
    }

    /// Has each sender send two packets: first all that are answered, then all that are not.
    async fn send_packets(&mut self) -> Result<Vec<Packet>> {
        let senders: Vec<Address> = (0..PAIRS as u64)
            .map(|pair| self.draw.address("sender", pair))
            .collect();
        let (token, transfer) = (self.host.token, self.host.transfer);
        let amount = U256::from(OWNED);
        for account in senders.iter().copied() {
            self.host
                .tell(token, &Token::mintCall { account, amount })
                .await?;
            let approve = Token::approveCall {
                spender: transfer,
                amount,
            };
            self.host.send_as(account, token, approve.abi_encode()).await?;
        }
        let mut packets = Vec::new();
        for (first, count, life) in [(1, ANSWERED, LONG_SECS), (1 + ANSWERED, MISSED, SHORT_SECS)] {
            for (sequence, sender) in (first..first + count).zip(senders.iter().copied()) {
                let timeout = Seconds(self.host.now() + life);
                let message = transfer_of(token, timeout);
                let call = Transfer::sendTransferCall { message };
                self.host.send_as(sender, transfer, call.abi_encode()).await?;
                packets.push(packet_of(token, sender, sequence, timeout)?);
            }
        }
        Ok(packets)
    }

    async fn run(&mut self, proven: Vec<Proven>) -> Result<TransactionReceipt> {
        let draft = self.next_draft();
        self.run_at(&draft, proven).await
    }

    /// Sends one batch with one update, which shows the state of `draft`.
    async fn run_at(&mut self, draft: &Draft, proven: Vec<Proven>) -> Result<TransactionReceipt> {
        let (client, chain) = self.side(Trie::Full);
        let counterparty = ClientId::new(SOURCE_CLIENT)?;
        let mut keyed: Vec<(B256, Proven)> = proven
            .into_iter()
            .map(|one| {
                let slot = one.message.path(&counterparty).evm_slot(COMMITMENTS_SLOT);
                (keccak256(slot), one)
            })
            .collect();
        keyed.sort_by_key(|(key, _)| *key);
        let keys: Vec<B256> = keyed.iter().map(|(key, _)| *key).collect();
        let proofs = keyed.iter().map(|(_, one)| one.proof.as_ref());
        let batch = Batch {
            client: ClientId::new(&client.id)?,
            updates: vec![chain_evm::packed_update(&chain.now.update(draft))],
            height: height(draft),
            pool: pool::build(self.counterparty.storage_root, &keys, proofs)?,
            messages: keyed.into_iter().map(|(_, one)| one.message).collect(),
        };
        let call = Router::batchCall {
            packed: batch.encode()?.into(),
        };
        self.host.wait_until(self.time_of(draft));
        let receipt = self.host.route(call.abi_encode()).await?;
        check_updates(&receipt, 1)?;
        let skipped = events::<Router::MessageSkipped>(&receipt);
        ensure!(
            skipped.is_empty(),
            "messages were skipped, the first for {:?}",
            skipped.first().map(|event| &event.reason)
        );
        Ok(receipt)
    }
}

/// A packet's share of a batch, rounded up.
pub(super) fn per_packet(gas: u64) -> u64 {
    gas.div_ceil(PAIRS as u64)
}

fn message(action: Action, packet: &Packet) -> Message {
    Message {
        action,
        gas: GAS_OF_A_MESSAGE,
        sequence: packet.sequence,
        timeout: packet.timeout,
        payload: packet.payload.clone(),
    }
}

/// Who receives on the other chain. It does not matter here.
fn receiver() -> String {
    format!("{:#x}", Address::repeat_byte(0x77))
}

fn transfer_of(token: Address, timeout: Seconds) -> Transfer::SendTransferMsg {
    Transfer::SendTransferMsg {
        denom: token,
        amount: U256::from(SENT),
        receiver: receiver(),
        sourceClient: FULL_CLIENT.to_owned(),
        destPort: wire::ics20::PORT.to_owned(),
        timeoutTimestamp: timeout.0,
        memo: String::new(),
    }
}

/// The packet that the application sends for `transfer_of` the same.
fn packet_of(token: Address, sender: Address, sequence: u64, timeout: Seconds) -> Result<Packet> {
    let transfer = Ics20 {
        denom: Denom::new(format!("{token:#x}"))?,
        sender: format!("{sender:#x}"),
        receiver: receiver(),
        amount: U256::from(SENT),
        memo: String::new(),
    };
    Ok(Packet {
        sequence: Sequence::new(sequence)?,
        source_client: ClientId::new(FULL_CLIENT)?,
        destination_client: ClientId::new(SOURCE_CLIENT)?,
        timeout,
        payload: transfer.to_payload()?,
    })
}
