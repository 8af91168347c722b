//! From bytes to a batch, front to back, once.

use super::{Action, Batch, Message, VERSION, form, value::Parts};
use crate::{
    Acknowledgement, ClientId, Encoding, Height, Payload, PortId, Reject, Seconds, Sequence, Value, Version,
};
use alloc::{string::String, vec::Vec};
use alloy_primitives::U256;

/// Longest amount, in bytes.
const AMOUNT_MAX: usize = 32;

/// What the payloads of several messages share.
struct Template {
    source_port: PortId,
    destination_port: PortId,
    version: Version,
    encoding: Encoding,
    denom: Vec<u8>,
}

/// What a batch says of a message before the pool.
struct Head {
    kind: u8,
    gas: u32,
    sequence: Sequence,
    timeout: Seconds,
    template: usize,
}

pub(super) fn batch(bytes: &[u8]) -> Result<Batch, Reject> {
    let mut rest = Rest(bytes);
    let version = rest.byte()?;
    if version != VERSION {
        return Err(Reject::BatchVersion { found: version });
    }
    let client = ClientId::new(rest.text("client id")?)?;
    let mut updates = Vec::new();
    for _ in 0..rest.byte()? {
        updates.push(rest.middle()?.to_vec());
    }
    let height = Height {
        revision_number: rest.wide()?,
        revision_height: rest.wide()?,
    };
    let mut templates = Vec::new();
    for _ in 0..rest.byte()? {
        templates.push(rest.template()?);
    }
    let mut heads = Vec::new();
    for at in 0..rest.number::<2>()? {
        heads.push(rest.head(at, templates.len())?);
    }
    let pool = rest.middle()?.to_vec();
    check_pool(heads.len(), &pool)?;
    let mut messages = Vec::new();
    for (at, head) in heads.into_iter().enumerate() {
        messages.push(rest.body(at, head, &templates)?);
    }
    if !rest.0.is_empty() {
        return Err(Reject::BatchLeftOver { left: rest.0.len() });
    }
    Ok(Batch {
        client,
        updates,
        height,
        messages,
        pool,
    })
}

/// Without messages there is nothing to prove.
pub(super) fn check_pool(messages: usize, pool: &[u8]) -> Result<(), Reject> {
    if messages == 0 && !pool.is_empty() {
        return Err(Reject::BatchLeftOver { left: pool.len() });
    }
    Ok(())
}

/// What is not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], Reject> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Reject::BatchTruncated {
            needed: length,
            left: self.0.len(),
        })?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Reject> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn byte(&mut self) -> Result<u8, Reject> {
        self.array::<1>().map(|[byte]| byte)
    }

    fn wide(&mut self) -> Result<u64, Reject> {
        self.array().map(u64::from_be_bytes)
    }

    /// An integer of `N` bytes, at most 3: a count or a length.
    fn number<const N: usize>(&mut self) -> Result<usize, Reject> {
        let digits = self.array::<N>()?;
        Ok(digits
            .iter()
            .fold(0usize, |number, digit| (number << 8) | usize::from(*digit)))
    }

    /// A text of at most 255 bytes. The router reads any bytes; no id and no name is other than UTF-8.
    fn text(&mut self, field: &'static str) -> Result<String, Reject> {
        let length = self.number::<1>()?;
        let bytes = self.take(length)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| Reject::NotText { field, length })
    }

    /// Bytes behind their length of two bytes.
    fn long(&mut self) -> Result<&'a [u8], Reject> {
        let length = self.number::<2>()?;
        self.take(length)
    }

    /// Bytes behind their length of three bytes.
    fn middle(&mut self) -> Result<&'a [u8], Reject> {
        let length = self.number::<3>()?;
        self.take(length)
    }

    fn template(&mut self) -> Result<Template, Reject> {
        Ok(Template {
            source_port: PortId::new(self.text("source port")?)?,
            destination_port: PortId::new(self.text("destination port")?)?,
            version: Version::new(self.text("version")?)?,
            encoding: Encoding::new(self.text("encoding")?)?,
            denom: self.long()?.to_vec(),
        })
    }

    fn head(&mut self, at: usize, templates: usize) -> Result<Head, Reject> {
        let kind = self.byte()?;
        if !(1..=3).contains(&kind) {
            return Err(Reject::BatchKind { at, kind });
        }
        let gas = self.array().map(u32::from_be_bytes)?;
        let sequence = self.wide().and_then(Sequence::new)?;
        let timeout = Seconds(self.wide()?);
        if timeout == Seconds(0) {
            return Err(Reject::ZeroTimeout);
        }
        let template = self.number::<1>()?;
        if template >= templates {
            return Err(Reject::BatchTemplate {
                at,
                template,
                templates,
            });
        }
        Ok(Head {
            kind,
            gas,
            sequence,
            timeout,
            template,
        })
    }

    fn body(&mut self, at: usize, head: Head, templates: &[Template]) -> Result<Message, Reject> {
        let template = templates.get(head.template).ok_or(Reject::BatchTemplate {
            at,
            template: head.template,
            templates: templates.len(),
        })?;
        let value = Value::new(self.value(at, template)?)?;
        Ok(Message {
            action: self.action(head.kind)?,
            gas: head.gas,
            sequence: head.sequence,
            timeout: head.timeout,
            payload: Payload {
                source_port: template.source_port.clone(),
                destination_port: template.destination_port.clone(),
                version: template.version.clone(),
                encoding: template.encoding.clone(),
                value,
            },
        })
    }

    fn value(&mut self, at: usize, template: &Template) -> Result<Vec<u8>, Reject> {
        match self.byte()? {
            form::RAW => self.middle().map(<[u8]>::to_vec),
            form::TRANSFER => self.parts(at, template).map(Parts::rebuild),
            form => Err(Reject::BatchForm { at, form }),
        }
    }

    fn parts(&mut self, at: usize, template: &Template) -> Result<Parts, Reject> {
        Ok(Parts {
            denom: template.denom.clone(),
            sender: self.array()?,
            receiver: self.array()?,
            amount: self.amount(at)?,
            memo: self.long()?.to_vec(),
        })
    }

    fn amount(&mut self, at: usize) -> Result<U256, Reject> {
        let length = self.number::<1>()?;
        let refused = Reject::BatchAmount { at, length };
        if length == 0 || length > AMOUNT_MAX {
            return Err(refused);
        }
        match self.take(length)? {
            [0, ..] => Err(refused),
            digits => Ok(U256::from_be_slice(digits)),
        }
    }

    fn action(&mut self, kind: u8) -> Result<Action, Reject> {
        match kind {
            1 => Ok(Action::Receive),
            2 => Acknowledgement::new(self.long()?).map(Action::Acknowledge),
            _ => Ok(Action::TimeOut),
        }
    }
}
