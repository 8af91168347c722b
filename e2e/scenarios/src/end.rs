//! One end of the bridge: its contracts, and what a user does with them.

use crate::{
    contracts::{Courier, Router, TestToken, Transfer},
    site::{Role, Site},
    wallet::Wallet,
};
use alloy::{
    network::TransactionBuilder,
    primitives::{Address, B256, U256, keccak256},
    providers::Provider,
    rpc::types::{Filter, Log, TransactionReceipt, TransactionRequest},
    sol_types::{SolCall, SolEvent, SolValue},
};
use anyhow::{Context, Result};
use std::time::Instant;
use wire::Packet;

/// Addresses on one chain and the client that the other chain is known by.
#[derive(Clone, Debug)]
pub struct End {
    /// The chain.
    pub site: Site,
    /// Governance.
    pub timelock: Address,
    /// The router.
    pub router: Address,
    /// The transfer application.
    pub transfer: Address,
    /// A token that is at home here.
    pub token: Address,
    /// An application that sends text.
    pub courier: Address,
    /// The client, on this chain, of the other chain.
    pub client: String,
    /// The block before the first packet.
    pub since: u64,
}

/// A packet as it left.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The packet.
    pub packet: Packet,
    /// The transaction that sent it.
    pub receipt: TransactionReceipt,
    /// When its block was seen.
    pub at: Instant,
}

/// How a packet ended on its source chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The destination answered.
    Acked {
        /// The answer is the universal error.
        refused: bool,
    },
    /// The destination never received it.
    TimedOut,
}

impl End {
    /// How commands and configurations name this end.
    pub fn name(&self) -> String {
        format!("{}/{}", self.site.name, self.client)
    }

    /// The account of `role` here.
    ///
    /// # Errors
    /// The site's key or URL is not one.
    pub fn wallet(&self, role: Role) -> Result<Wallet> {
        Wallet::of(&self.site, role)
    }

    /// Lets the user own `amount` more of the home token, and the transfer application take it.
    ///
    /// # Errors
    /// The chain refuses it.
    pub async fn fund_user(&self, amount: U256) -> Result<()> {
        self.fund(Role::User, self.token, amount).await
    }

    /// The same for anybody and any token that everybody may mint.
    pub(crate) async fn fund(&self, role: Role, token: Address, amount: U256) -> Result<()> {
        let owner = self.wallet(role)?;
        let mint = TestToken::mintCall {
            account: owner.address,
            amount,
        };
        owner.call(token, mint.abi_encode()).await?;
        let approve = TestToken::approveCall {
            spender: self.transfer,
            value: U256::MAX,
        };
        owner.call(token, approve.abi_encode()).await?;
        Ok(())
    }

    /// Sends `amount` of `token` from the user to `receiver`; the packet is void from `timeout` (Unix seconds) on.
    ///
    /// # Errors
    /// The chain refuses it, or the transaction emits no packet.
    pub async fn send_transfer(
        &self,
        token: Address,
        amount: U256,
        receiver: Address,
        timeout: u64,
    ) -> Result<Sent> {
        let message = self.transfer_over(&self.client, (token, amount), receiver, timeout);
        self.send_message(Role::User, message).await
    }

    /// The message that sends an amount of a token over `client`.
    pub(crate) fn transfer_over(
        &self,
        client: &str,
        (token, amount): (Address, U256),
        receiver: Address,
        timeout: u64,
    ) -> Transfer::SendTransferMsg {
        transfer_to(client, (token, amount), &format!("{receiver:#x}"), timeout)
    }

    /// Sends each of `amounts` of `token` from the user to an account of a chain with addresses of another form, all before any is
    /// waited for; the sequences of their packets come back.
    ///
    /// # Errors
    /// As [`End::send_transfer`].
    pub(crate) async fn send_all_abroad(
        &self,
        (token, amounts): (Address, &[u64]),
        receiver: &str,
        timeout: u64,
    ) -> Result<Vec<u64>> {
        let request = |amount: &u64| {
            let message = transfer_to(&self.client, (token, U256::from(*amount)), receiver, timeout);
            let call = Transfer::sendTransferCall { message };
            TransactionRequest::default()
                .with_to(self.transfer)
                .with_input(call.abi_encode())
        };
        let requests = amounts.iter().map(request).collect();
        let receipts = self.wallet(Role::User)?.send_all(requests).await?;
        let sequences = receipts
            .iter()
            .map(|receipt| Ok(self.packet_of(receipt)?.sequence.get()));
        sequences.collect()
    }

    /// Sends a transfer of anybody.
    pub(crate) async fn send_message(&self, role: Role, message: Transfer::SendTransferMsg) -> Result<Sent> {
        let call = Transfer::sendTransferCall { message };
        self.send(role, self.transfer, call.abi_encode()).await
    }

    /// Sends `letter` from this courier to the other end's.
    ///
    /// # Errors
    /// As [`End::send_transfer`].
    pub async fn send_letter(&self, to: &End, letter: &str, timeout: u64) -> Result<Sent> {
        let call = Courier::sendCall {
            sourceClient: self.client.clone(),
            sourcePort: format!("{:#x}", self.courier),
            destPort: format!("{:#x}", to.courier),
            timeoutTimestamp: timeout,
            letter: letter.as_bytes().to_vec().into(),
        };
        self.send(Role::User, self.courier, call.abi_encode()).await
    }

    /// Calls what sends a packet, as anybody.
    pub(crate) async fn send(&self, role: Role, to: Address, data: Vec<u8>) -> Result<Sent> {
        let receipt = self.wallet(role)?.call(to, data).await?;
        let packet = self.packet_of(&receipt)?;
        let at = Instant::now();
        Ok(Sent { packet, receipt, at })
    }

    /// The packet that a transaction sent.
    fn packet_of(&self, receipt: &TransactionReceipt) -> Result<Packet> {
        let event = receipt
            .inner
            .logs()
            .iter()
            .filter(|log| log.address() == self.router)
            .find_map(|log| Router::SendPacket::decode_log(&log.inner).ok())
            .context("the transaction emitted no SendPacket")?;
        Ok(wire::abi::decode_packet(&event.packet.abi_encode())?)
    }

    /// How the packets from here ended, by sequence.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn settled(&self) -> Result<Vec<(u64, Settled)>> {
        let mut ends = Vec::new();
        for log in self.router_logs(Router::AckPacket::SIGNATURE_HASH, None).await? {
            let event = Router::AckPacket::decode_log(&log.inner)?;
            let refused = event.acknowledgement.as_ref() == wire::ics20::ERROR_ACK;
            ends.push((event.packet.sequence, Settled::Acked { refused }));
        }
        for log in self
            .router_logs(Router::TimeoutPacket::SIGNATURE_HASH, None)
            .await?
        {
            let event = Router::TimeoutPacket::decode_log(&log.inner)?;
            ends.push((event.packet.sequence, Settled::TimedOut));
        }
        Ok(ends)
    }

    /// The sequences of the other end's packets that were received here, one for each time.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn received(&self) -> Result<Vec<u64>> {
        let mut sequences = Vec::new();
        for log in self
            .router_logs(Router::WriteAcknowledgement::SIGNATURE_HASH, None)
            .await?
        {
            let event = Router::WriteAcknowledgement::decode_log(&log.inner)?;
            sequences.push(event.packet.sequence);
        }
        Ok(sequences)
    }

    /// The receipt of the transaction that delivered the packet `sequence` of the other end here, if one has.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn delivery(&self, sequence: u64) -> Result<Option<TransactionReceipt>> {
        self.receipt_of(Router::WriteAcknowledgement::SIGNATURE_HASH, sequence)
            .await
    }

    /// The receipt of the transaction that brought the acknowledgement of the packet `sequence` from here, if one has.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn acknowledgement(&self, sequence: u64) -> Result<Option<TransactionReceipt>> {
        self.receipt_of(Router::AckPacket::SIGNATURE_HASH, sequence).await
    }

    /// The answer that the packet `sequence` from here got, if it got one.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn answer(&self, sequence: u64) -> Result<Option<Vec<u8>>> {
        let logs = self
            .router_logs(Router::AckPacket::SIGNATURE_HASH, Some(sequence))
            .await?;
        let Some(log) = logs.first() else {
            return Ok(None);
        };
        let event = Router::AckPacket::decode_log(&log.inner)?;
        Ok(Some(event.acknowledgement.to_vec()))
    }

    async fn receipt_of(&self, event: B256, sequence: u64) -> Result<Option<TransactionReceipt>> {
        let logs = self.router_logs(event, Some(sequence)).await?;
        let Some(hash) = logs.first().and_then(|log| log.transaction_hash) else {
            return Ok(None);
        };
        let provider = self.wallet(Role::User)?.provider;
        Ok(provider.get_transaction_receipt(hash).await?)
    }

    /// Events of this end's client, of all packets or of one.
    async fn router_logs(&self, event: B256, sequence: Option<u64>) -> Result<Vec<Log>> {
        let provider = self.wallet(Role::User)?.provider;
        let mut filter = Filter::new()
            .address(self.router)
            .event_signature(event)
            .topic1(keccak256(self.client.as_bytes()))
            .from_block(self.since);
        if let Some(sequence) = sequence {
            filter = filter.topic2(B256::from(U256::from(sequence)));
        }
        Ok(provider.get_logs(&filter).await?)
    }

    /// The user's balance of `token`.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn user_balance(&self, token: Address) -> Result<U256> {
        self.balance(token, self.wallet(Role::User)?.address).await
    }

    /// The balance of `token` of anybody.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn balance(&self, token: Address, owner: Address) -> Result<U256> {
        let provider = self.wallet(Role::User)?.provider;
        Ok(TestToken::new(token, provider).balanceOf(owner).call().await?)
    }

    /// The balance of this client's escrow of `token`.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn escrowed(&self, token: Address) -> Result<U256> {
        let provider = self.wallet(Role::User)?.provider;
        let escrow = Transfer::new(self.transfer, &provider)
            .getEscrow(self.client.clone())
            .call()
            .await?;
        Ok(TestToken::new(token, provider).balanceOf(escrow).call().await?)
    }

    /// The voucher, here, of `token` at home at the other end; it exists after the first transfer.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn voucher_of(&self, token: Address) -> Result<Address> {
        self.voucher_over(&self.client, token).await
    }

    /// As [`End::voucher_of`], of a token that came over the client `client`.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn voucher_over(&self, client: &str, token: Address) -> Result<Address> {
        self.voucher_named(client, &format!("{token:#x}")).await
    }

    /// As [`End::voucher_of`], of what the chain beyond `client` calls `denom`.
    pub(crate) async fn voucher_named(&self, client: &str, denom: &str) -> Result<Address> {
        let provider = self.wallet(Role::User)?.provider;
        let path = format!("{}/{client}/{denom}", wire::ics20::PORT);
        Ok(Transfer::new(self.transfer, provider)
            .ibcERC20Contract(path)
            .call()
            .await?)
    }

    /// How much of a voucher exists.
    ///
    /// # Errors
    /// The node does not answer.
    pub async fn supply(&self, voucher: Address) -> Result<U256> {
        let provider = self.wallet(Role::User)?.provider;
        Ok(TestToken::new(voucher, provider).totalSupply().call().await?)
    }

    /// How much of `token` is away over this client, by the transfer application's own book.
    pub(crate) async fn booked_away(&self, token: Address) -> Result<U256> {
        let provider = self.wallet(Role::User)?.provider;
        let transfer = Transfer::new(self.transfer, provider);
        let book = transfer.getHomeBook(self.client.clone(), token).call().await?;
        Ok(U256::from(book.locked) - U256::from(book.released))
    }

    /// How much of a voucher exists, by the transfer application's own book, and how much of what was burned may still come
    /// back.
    pub(crate) async fn booked_supply(&self, voucher: Address) -> Result<(U256, U256)> {
        let provider = self.wallet(Role::User)?.provider;
        let transfer = Transfer::new(self.transfer, provider);
        let book = transfer
            .getVoucherBook(self.client.clone(), voucher)
            .call()
            .await?;
        let supply = U256::from(book.minted) - U256::from(book.burned);
        Ok((supply, U256::from(book.unsettled)))
    }
}

/// The message that sends an amount of a token over `client`.
fn transfer_to(
    client: &str,
    (token, amount): (Address, U256),
    receiver: &str,
    timeout: u64,
) -> Transfer::SendTransferMsg {
    Transfer::SendTransferMsg {
        denom: token,
        amount,
        receiver: receiver.to_owned(),
        sourceClient: client.into(),
        destPort: wire::ics20::PORT.into(),
        timeoutTimestamp: timeout,
        memo: String::new(),
    }
}
