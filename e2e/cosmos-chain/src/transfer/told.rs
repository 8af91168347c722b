//! What the transfer module tells about transfers.

use super::data::{Data, go_json};
use super::denom::Denom;
use crate::app::context::Context;
use crate::app::refused::Refused;

/// The answer of success, as Go prints it.
const RESULT: &str = "result:\"\\001\" ";
/// The error that stands for all, as Go prints it.
const ERROR: &str = "error:\"ABCI code: 16: error handling packet: see events for details\" ";
const ERROR_TEXT: &str = "ABCI code: 16: error handling packet: see events for details";

/// JSON as Go writes it, keys in the order of ours.
pub(super) fn text(value: &serde_json::Value) -> String {
    let trace = match value["trace"].as_array() {
        None => "null".to_owned(),
        Some(hops) => {
            let hop = |hop: &serde_json::Value| {
                format!(
                    "{{\"port_id\":{},\"channel_id\":{}}}",
                    hop["port_id"], hop["channel_id"]
                )
            };
            let hops: Vec<String> = hops.iter().map(hop).collect();
            format!("[{}]", hops.join(","))
        }
    };
    let json = format!("{{\"base\":{},\"trace\":{trace}}}", value["base"]);
    String::from_utf8(go_json(&json)).expect("text")
}

fn of(data: &Data, denom: &Denom) -> Vec<(&'static str, String)> {
    vec![
        ("sender", data.sender.clone()),
        ("receiver", data.receiver.clone()),
        ("denom", denom.path()),
        ("amount", data.amount.clone()),
        ("memo", data.memo.clone()),
    ]
}

pub(super) fn sent(context: &mut Context<'_>, data: &Data, denom: &Denom) {
    context.tell("ibc_transfer", of(data, denom));
    context.tell_module(super::MODULE);
}

pub(super) fn received(context: &mut Context<'_>, data: &Data, denom: &Denom, refused: Option<&Refused>) {
    let mut attributes = of(data, denom);
    // The acknowledgement that was prepared before is a success whatever happened: so ibc-go says it.
    attributes.push(("success", "true".to_owned()));
    attributes.extend(refused.map(|refused| ("error", refused.log.clone())));
    context.tell("fungible_token_packet", attributes);
    context.tell_module(super::MODULE);
}

pub(super) fn acknowledged(context: &mut Context<'_>, data: &Data, denom: &Denom, success: bool) {
    let mut attributes = of(data, denom);
    let acknowledgement = if success { RESULT } else { ERROR };
    attributes.push(("acknowledgement", acknowledgement.to_owned()));
    context.tell("fungible_token_packet", attributes);
    context.tell_module(super::MODULE);
    let outcome = if success {
        ("success", "\u{1}".to_owned())
    } else {
        ("error", ERROR_TEXT.to_owned())
    };
    context.tell("fungible_token_packet", vec![outcome]);
}

pub(super) fn timed_out(context: &mut Context<'_>, data: &Data, denom: &Denom) {
    let amount = serde_json::Value::from(data.amount.clone());
    let tokens = format!("{{\"denom\":{},\"amount\":{amount}}}", text(&denom.json()));
    context.tell(
        "timeout",
        vec![
            ("receiver", data.sender.clone()),
            ("refund_tokens", tokens),
            ("memo", data.memo.clone()),
        ],
    );
    context.tell_module(super::MODULE);
}

pub(super) fn denomination(context: &mut Context<'_>, denom: &Denom) {
    context.tell(
        "denomination",
        vec![("denom_hash", denom.hash()), ("denom", text(&denom.json()))],
    );
}
