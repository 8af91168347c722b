//! Calls across chains: what they carry, and what governance decides before there can be any.

use crate::{
    contracts::{Call, Router, TestToken},
    end::{End, Settled},
    govern::Proposal,
    job::Job,
    site::Role,
    tracker::Side,
};
use alloy::{
    primitives::{Address, Bytes, U256},
    sol_types::{SolCall, SolValue},
};
use anyhow::{Context, Result, ensure};
use wire::{Codec, Encoding, Payload, PortId, Value, Version, gmp};

/// A limit that is none, as the contract numbers its kinds.
const UNLIMITED: u8 = 2;
/// Validity of a call: just below the router's limit of 24 hours, since simulated time runs fast.
const LIFE_SECS: u64 = 23 * 3_600;
/// What the account of North's user at South allows others to take of its tokens there, by the two calls that succeed.
const ALLOWED: [u64; 2] = [7, 11];

/// Calls under way, by their numbers in the run.
#[derive(Clone, Copy, Debug)]
pub struct Calls {
    allowing: [usize; 2],
}

impl Job<'_> {
    /// Sends calls from North: one that returns, one that fails, and one behind them. Nothing here waits for their ends;
    /// the next act does, and [`Job::check_calls`] looks.
    ///
    /// # Errors
    /// Governance does not let calls in, or one cannot be sent.
    pub async fn call(&mut self) -> Result<Calls> {
        (self.say)(
            "governance lets calls in at South; one that returns, one that fails, and one behind them",
        );
        let south = Side::South.of(&self.bridge.ends).clone();
        allow(&south, &south.client).await?;
        let first = self
            .send_call(&approval(0)?, Settled::Acked { refused: false })
            .await?;
        // The account owns nothing that it could give away.
        let transfer = TestToken::transferCall {
            to: south.wallet(Role::User)?.address,
            value: U256::from(1),
        };
        self.send_call(&transfer.abi_encode(), Settled::Acked { refused: true })
            .await?;
        let last = self
            .send_call(&approval(1)?, Settled::Acked { refused: false })
            .await?;
        Ok(Calls {
            allowing: [first, last],
        })
    }

    /// Checks that the calls that succeeded were made by the sender's account, and that their results came back.
    ///
    /// # Errors
    /// A result is missing or another, or the account did not do what the call said.
    pub async fn check_calls(&self, calls: Calls) -> Result<()> {
        let (north, south) = (
            Side::North.of(&self.bridge.ends),
            Side::South.of(&self.bridge.ends),
        );
        let owner = account(south, &south.client, north.wallet(Role::User)?.address).await?;
        let token = TestToken::new(south.token, south.wallet(Role::User)?.provider);
        for (number, place) in calls.allowing.into_iter().zip(0..) {
            let sequence = self.tracker.packets()[number].sequence();
            let answer = north.answer(sequence).await?.context("a call got no answer")?;
            let result = gmp::decode_answer(Codec::Abi, &answer)?.result;
            ensure!(
                result == true.abi_encode(),
                "the call {sequence} returned {}",
                Bytes::from(result)
            );
            let (spender, amount) = allowed(place)?;
            let found = token.allowance(owner, spender).call().await?;
            ensure!(found == amount, "the account allows {found}, not {amount}");
        }
        (self.say)("the results of the calls came back in their acknowledgements");
        Ok(())
    }

    /// Sends a call of South's token from North's user.
    async fn send_call(&mut self, input: &[u8], meant: Settled) -> Result<usize> {
        let (north, south) = (
            Side::North.of(&self.bridge.ends),
            Side::South.of(&self.bridge.ends),
        );
        let message = Call::SendCallMsg {
            sourceClient: north.client.clone(),
            receiver: south.token.to_checksum(None),
            salt: Bytes::new(),
            payload: Bytes::copy_from_slice(input),
            timeoutTimestamp: north.wallet(Role::User)?.now().await? + LIFE_SECS,
            memo: String::new(),
        };
        let call = Call::sendCallCall { message };
        let sent = north
            .send(Role::User, application(north).await?, call.abi_encode())
            .await?;
        Ok(self.tracker.add(Side::North, sent, meant))
    }
}

/// Who may take how much, by the call at `place`.
fn allowed(place: usize) -> Result<(Address, U256)> {
    let amount = ALLOWED.get(place).context("there is no such call")?;
    Ok((
        Address::left_padding_from(&amount.to_be_bytes()),
        U256::from(*amount),
    ))
}

/// The call that allows it.
fn approval(place: usize) -> Result<Vec<u8>> {
    let (spender, value) = allowed(place)?;
    Ok(TestToken::approveCall { spender, value }.abi_encode())
}

/// The call application of `end`.
pub(crate) async fn application(end: &End) -> Result<Address> {
    let provider = end.wallet(Role::User)?.provider;
    let router = Router::new(end.router, provider);
    Ok(router.getIBCApp(gmp::PORT.into()).call().await?)
}

/// Has governance let calls in over `client`.
pub(crate) async fn allow(end: &End, client: &str) -> Result<()> {
    let call = Call::setCallLimitCall {
        clientId: client.into(),
        limit: Call::CallLimit {
            kind: UNLIMITED,
            capacity: 0,
            perDay: 0,
        },
    };
    let application = application(end).await?;
    let why = format!("calls over {client}");
    Proposal::propose(end, application, call.abi_encode(), &why)
        .await?
        .execute()
        .await
}

/// The account at `end` of a sender beyond `client`.
pub(crate) async fn account(end: &End, client: &str, sender: Address) -> Result<Address> {
    let provider = end.wallet(Role::User)?.provider;
    let identifier = Call::AccountIdentifier {
        clientId: client.into(),
        sender: sender.to_checksum(None),
        salt: Bytes::new(),
    };
    let application = Call::new(application(end).await?, provider);
    Ok(application.getOrComputeAccountAddress(identifier).call().await?)
}

/// What has `receiver` called with `input` for `sender`.
pub(crate) fn payload(sender: Address, receiver: Address, input: Vec<u8>) -> Result<Payload> {
    let call = gmp::Call {
        sender: sender.to_checksum(None),
        receiver: receiver.to_checksum(None),
        salt: Vec::new(),
        payload: input,
        memo: String::new(),
    };
    Ok(Payload {
        source_port: PortId::new(gmp::PORT)?,
        destination_port: PortId::new(gmp::PORT)?,
        version: Version::new(gmp::VERSION)?,
        encoding: Encoding::new(Codec::Abi.name())?,
        value: Value::new(gmp::encode(Codec::Abi, &call)?)?,
    })
}
