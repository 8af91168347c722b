//! Running transactions: checked for the mempool, simulated, delivered in a block.

use cosmos_store::Stores;
use cosmrs::Any;
use cosmrs::proto::cosmos::base::abci::v1beta1::TxMsgData;
use prost::Message as _;

use super::context::{Context, Event, Moment};
use super::messages::Message;
use super::refused::{Answer, Refused, channel, sdk};
use super::tx::Tx;
use super::{Mode, Rules, ante};
use crate::ibc::messages::Relayed;

/// What a transaction in a block came to.
#[derive(Clone, Debug, Default)]
pub(crate) struct TxResult {
    pub(crate) code: u32,
    pub(crate) codespace: &'static str,
    pub(crate) log: String,
    pub(crate) data: Vec<u8>,
    pub(crate) gas_wanted: u64,
    pub(crate) gas_used: u64,
    pub(crate) events: Vec<Event>,
}

/// A transaction that may wait for a block, and the state after it.
pub(crate) struct Checked {
    pub(crate) tx: Tx,
    pub(crate) stores: Stores,
}

/// Judges a transaction for the mempool, over the state after those that wait already.
pub(crate) fn check(rules: &Rules, stores: Stores, at: (u64, Moment), bytes: &[u8]) -> Answer<Checked> {
    let tx = Tx::decode(bytes)?;
    checked(Context::new(rules, stores, at.0, at.1), tx, Mode::Check)
}

/// Judges again what waits, after a block.
pub(crate) fn recheck(rules: &Rules, stores: Stores, at: (u64, Moment), tx: Tx) -> Answer<Checked> {
    checked(Context::new(rules, stores, at.0, at.1), tx, Mode::Recheck)
}

fn checked(mut context: Context<'_>, tx: Tx, mode: Mode) -> Answer<Checked> {
    context.gas.limit = Some(tx.gas_wanted());
    ante::run(&mut context, &tx, mode)?;
    refuse_redundant(&mut context, &tx)?;
    Ok(Checked {
        tx,
        stores: context.stores,
    })
}

/// Keeps out what only tells what others told: packets that were relayed, with the updates that they needed. What would
/// fail is kept out as well.
fn refuse_redundant(context: &mut Context<'_>, tx: &Tx) -> Answer<()> {
    let (mut packets, mut redundant) = (0, 0);
    for message in &tx.messages {
        match message {
            Message::RecvPacket(_) | Message::Acknowledgement(_) | Message::Timeout(_) => {
                packets += 1;
                if message.run(context)?.relayed == Some(Relayed::Before) {
                    redundant += 1;
                }
            }
            Message::UpdateClient(_) => {
                message.run(context)?;
            }
            Message::Send(_)
            | Message::Transfer(_)
            | Message::CreateClient(_)
            | Message::RegisterCounterparty(_)
            | Message::SendPacket(_) => return Ok(()),
        }
    }
    if packets > 0 && packets == redundant {
        return Err(channel::REDUNDANT_TX.plain());
    }
    Ok(())
}

/// What gas a transaction needs; in the words of the node's service if it would fail.
pub(crate) fn simulate(rules: &Rules, stores: Stores, at: (u64, Moment), bytes: &[u8]) -> Answer<TxResult> {
    let mut context = Context::new(rules, stores, at.0, at.1);
    let done = Tx::decode(bytes).and_then(|tx| {
        ante::run(&mut context, &tx, Mode::Simulate)?;
        run_messages(&mut context, &tx)
    });
    let gas_used = context.gas.used;
    match done {
        Ok(data) => Ok(TxResult {
            data,
            gas_used,
            events: context.events,
            ..TxResult::default()
        }),
        Err(Refused { log, .. }) => Err(sdk::UNKNOWN_REQUEST.because(format_args!(
            "rpc error: code = Unknown desc = {log} [cosmos/cosmos-sdk/baseapp/baseapp.go:1016] with gas used: '{gas_used}'"
        ))),
    }
}

/// Runs a transaction of a block on `stores`.
pub(crate) fn deliver(rules: &Rules, stores: &mut Stores, at: (u64, Moment), bytes: &[u8]) -> TxResult {
    let tx = match Tx::decode(bytes) {
        Ok(tx) => tx,
        Err(refused) => return failed(refused, TxResult::default()),
    };
    let mut context = Context::new(rules, stores.clone(), at.0, at.1);
    context.gas.limit = Some(tx.gas_wanted());
    let passed = ante::run(&mut context, &tx, Mode::Deliver);
    let so_far = |context: &Context<'_>| TxResult {
        gas_wanted: tx.gas_wanted(),
        gas_used: context.gas.used,
        ..TxResult::default()
    };
    if let Err(refused) = passed {
        return failed(refused, so_far(&context));
    }
    // The fee is paid and the sequence used, whatever comes now.
    let done = context.attempt(|context| run_messages(context, &tx));
    *stores = context.stores.clone();
    let result = TxResult {
        events: context.events.clone(),
        ..so_far(&context)
    };
    match done {
        Ok(data) => TxResult { data, ..result },
        Err(refused) => failed(refused, result),
    }
}

fn failed(refused: Refused, result: TxResult) -> TxResult {
    TxResult {
        code: refused.code,
        codespace: refused.codespace,
        log: refused.log,
        ..result
    }
}

/// Runs all messages of a transaction; each event says of which message it is.
fn run_messages(context: &mut Context<'_>, tx: &Tx) -> Answer<Vec<u8>> {
    let mut responses: Vec<Any> = Vec::new();
    for (index, message) in tx.messages.iter().enumerate() {
        let told = context.events.len();
        let mut attributes = vec![
            ("action", message.kind().to_owned()),
            ("sender", message.signer().clone()),
        ];
        if matches!(message, Message::Send(_)) {
            attributes.push(("module", "bank".to_owned()));
        }
        context.tell("message", attributes);
        let done = message.run(context).map_err(|refused| {
            refused.during(format_args!("failed to execute message; message index: {index}"))
        })?;
        responses.push(done.response);
        for event in context.events.iter_mut().skip(told) {
            event.attributes.push(("msg_index".into(), index.to_string()));
        }
    }
    let data = TxMsgData {
        msg_responses: responses,
        ..TxMsgData::default()
    };
    Ok(data.encode_to_vec())
}
