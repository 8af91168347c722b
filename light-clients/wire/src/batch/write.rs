//! From a batch to its bytes.

use super::{Action, Batch, Message, VERSION, form, read::check_pool, value::Parts};
use crate::{Acknowledgement, Payload, Reject};
use alloc::vec::Vec;

/// Most that an integer of one, two and three bytes counts.
const BYTE_MAX: usize = 0xff;
const SHORT_MAX: usize = 0xffff;
const MIDDLE_MAX: usize = 0x00ff_ffff;

/// What the payloads of several messages share, as it is written: four texts, and a denomination.
type Template<'a> = ([&'a str; 4], Vec<u8>);

/// A message, and its value's parts if it has some.
type Parted<'a> = (&'a Message, Option<Parts>);

pub(super) fn batch(batch: &Batch) -> Result<Vec<u8>, Reject> {
    check_pool(batch.messages.len(), &batch.pool)?;
    let mut out = Writer(Vec::new());
    out.0.push(VERSION);
    out.short("client id", batch.client.as_bytes())?;
    out.count::<1>("updates", batch.updates.len(), BYTE_MAX)?;
    for update in &batch.updates {
        out.middle("update", update)?;
    }
    out.0.extend(batch.height.revision_number.to_be_bytes());
    out.0.extend(batch.height.revision_height.to_be_bytes());
    let messages = batch.messages.iter();
    let messages: Vec<Parted<'_>> = messages
        .map(|message| (message, Parts::of(&message.payload)))
        .collect();
    let templates = out.templates(&messages)?;
    out.count::<2>("messages", messages.len(), SHORT_MAX)?;
    for message in &messages {
        out.head(message, &templates);
    }
    out.middle("pool", &batch.pool)?;
    for (message, parts) in &messages {
        out.value(&message.payload, parts.as_ref())?;
        if let Action::Acknowledge(ack) = &message.action {
            out.long("acknowledgement", ack.as_bytes())?;
        }
    }
    Ok(out.0)
}

/// How many bytes a message about a packet with `payload` takes, beside its template: what it costs to carry is known
/// before there is a batch.
///
/// - `ack`: the acknowledgement that it carries, if any.
///
/// Errors: [`Reject::TooLong`]; then no batch can carry it.
pub fn message_length(payload: &Payload, ack: Option<&Acknowledgement>) -> Result<usize, Reject> {
    let mut out = Writer(Vec::new());
    let parts = Parts::of(payload);
    out.template(&(texts_of(payload), Vec::new()))?;
    out.0.clear();
    out.value(payload, parts.as_ref())?;
    if let Some(ack) = ack {
        out.long("acknowledgement", ack.as_bytes())?;
    }
    // Kind, gas, sequence, timeout, template.
    Ok(out.0.len().saturating_add(1 + 4 + 8 + 8 + 1))
}

struct Writer(Vec<u8>);

impl Writer {
    /// `number` in `N` bytes.
    fn number<const N: usize>(&mut self, number: usize) {
        let digits = number.to_be_bytes();
        self.0.extend(digits.iter().skip(digits.len().saturating_sub(N)));
    }

    fn count<const N: usize>(&mut self, what: &'static str, count: usize, max: usize) -> Result<(), Reject> {
        if count > max {
            return Err(Reject::BatchFull { what, count, max });
        }
        self.number::<N>(count);
        Ok(())
    }

    fn length<const N: usize>(
        &mut self,
        field: &'static str,
        length: usize,
        max: usize,
    ) -> Result<(), Reject> {
        if length > max {
            return Err(Reject::TooLong { field, length, max });
        }
        self.number::<N>(length);
        Ok(())
    }

    fn short(&mut self, field: &'static str, bytes: &[u8]) -> Result<(), Reject> {
        self.length::<1>(field, bytes.len(), BYTE_MAX)?;
        self.0.extend(bytes);
        Ok(())
    }

    fn long(&mut self, field: &'static str, bytes: &[u8]) -> Result<(), Reject> {
        self.length::<2>(field, bytes.len(), SHORT_MAX)?;
        self.0.extend(bytes);
        Ok(())
    }

    fn middle(&mut self, field: &'static str, bytes: &[u8]) -> Result<(), Reject> {
        self.length::<3>(field, bytes.len(), MIDDLE_MAX)?;
        self.0.extend(bytes);
        Ok(())
    }

    /// Writes each template once. Those with a denomination come first: a value without parts may use any of them.
    fn templates<'a>(&mut self, messages: &[Parted<'a>]) -> Result<Vec<Template<'a>>, Reject> {
        let mut templates: Vec<Template<'a>> = Vec::new();
        let (with, without): (Vec<_>, Vec<_>) = messages.iter().partition(|(_, parts)| parts.is_some());
        for message in with.into_iter().chain(without) {
            if !templates.iter().any(|template| serves(template, message)) {
                let denom = message.1.as_ref().map(|parts| parts.denom.clone());
                templates.push((texts_of(&message.0.payload), denom.unwrap_or_default()));
            }
        }
        self.count::<1>("templates", templates.len(), BYTE_MAX)?;
        for template in &templates {
            self.template(template)?;
        }
        Ok(templates)
    }

    fn template(&mut self, (texts, denom): &Template<'_>) -> Result<(), Reject> {
        for text in texts {
            self.short("text of a template", text.as_bytes())?;
        }
        self.long("denomination", denom)
    }

    fn head(&mut self, parted: &Parted<'_>, templates: &[Template<'_>]) {
        let message = parted.0;
        let template = templates.iter().position(|template| serves(template, parted));
        self.0.push(message.action.byte());
        self.0.extend(message.gas.to_be_bytes());
        self.0.extend(message.sequence.get().to_be_bytes());
        self.0.extend(message.timeout.0.to_be_bytes());
        self.number::<1>(template.unwrap_or_default());
    }

    fn value(&mut self, payload: &Payload, parts: Option<&Parts>) -> Result<(), Reject> {
        let Some(parts) = parts else {
            self.0.push(form::RAW);
            return self.middle("payload value", payload.value.as_bytes());
        };
        self.0.push(form::TRANSFER);
        self.0.extend(parts.sender);
        self.0.extend(parts.receiver);
        let amount = parts.amount.to_be_bytes_trimmed_vec();
        self.number::<1>(amount.len());
        self.0.extend(amount);
        self.long("memo", &parts.memo)
    }
}

/// Whether a message can be written with `template`.
fn serves((texts, denom): &Template<'_>, (message, parts): &Parted<'_>) -> bool {
    *texts == texts_of(&message.payload) && parts.as_ref().is_none_or(|parts| parts.denom == *denom)
}

fn texts_of(payload: &Payload) -> [&str; 4] {
    [
        payload.source_port.as_str(),
        payload.destination_port.as_str(),
        payload.version.as_str(),
        payload.encoding.as_str(),
    ]
}
