//! Flat messages: a few fields, each text or bytes. ICS-20 and GMP are of this form, in JSON and in protobuf.
//!
//! Reading is strict in two steps: what a lenient reader could take for something else (a field twice, in another
//! case, or unknown; another type) is refused by name, and what is left must be the bytes that writing gives.

use crate::{Reject, json, protobuf};
use alloc::{string::String, vec::Vec};

/// The fields of a message, in the order of their tags, which start at 1.
pub(crate) struct Shape {
    /// What a message of this shape is called.
    pub(crate) what: &'static str,
    /// Its fields.
    pub(crate) fields: &'static [Field],
}

/// One field of a message.
pub(crate) struct Field {
    /// Its name in JSON.
    pub(crate) name: &'static str,
    /// What it holds.
    pub(crate) kind: Kind,
}

/// What a field holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// UTF-8.
    Text,
    /// Any bytes; base64 in JSON.
    Bytes,
}

/// How a flat message is written.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    /// As ibc-go writes it.
    Json,
    /// Canonical protobuf.
    Protobuf,
}

/// Field values by position; an empty one is not written.
pub(crate) type Values = Vec<Vec<u8>>;

/// Writes a message.
pub(crate) fn encode(shape: &Shape, form: Form, values: &[&[u8]]) -> Vec<u8> {
    match form {
        Form::Json => json::encode(shape, values),
        Form::Protobuf => protobuf::encode(values),
    }
}

/// Reads a message from its one encoding.
///
/// Errors: those of the form, [`Reject::UnknownField`], [`Reject::DuplicateField`], [`Reject::NotCanonical`].
pub(crate) fn decode(shape: &Shape, form: Form, bytes: &[u8]) -> Result<Values, Reject> {
    let values = match form {
        Form::Json => json::decode(shape, bytes)?,
        Form::Protobuf => protobuf::decode(shape, bytes)?,
    };
    let parts: Vec<&[u8]> = values.iter().map(Vec::as_slice).collect();
    check_same(shape.what, bytes, &encode(shape, form, &parts))?;
    Ok(values)
}

/// The next value of a message as text.
///
/// Errors: [`Reject::NotCanonical`]; readers checked that texts are UTF-8.
pub(crate) fn text(what: &'static str, values: &mut impl Iterator<Item = Vec<u8>>) -> Result<String, Reject> {
    String::from_utf8(values.next().unwrap_or_default()).map_err(|error| Reject::NotCanonical {
        what,
        position: error.utf8_error().valid_up_to(),
    })
}

impl Shape {
    /// An empty value for each field.
    pub(crate) fn empty(&self) -> Vec<Option<Vec<u8>>> {
        self.fields.iter().map(|_| None).collect()
    }

    /// Keeps the value of the field at `index`.
    ///
    /// Errors: [`Reject::UnknownField`], [`Reject::DuplicateField`].
    pub(crate) fn put(
        &self,
        values: &mut [Option<Vec<u8>>],
        index: usize,
        value: Vec<u8>,
        position: usize,
    ) -> Result<(), Reject> {
        let what = self.what;
        let (Some(place), Some(field)) = (values.get_mut(index), self.fields.get(index)) else {
            return Err(Reject::UnknownField { what, position });
        };
        if place.is_some() {
            let field = field.name;
            return Err(Reject::DuplicateField {
                what,
                field,
                position,
            });
        }
        *place = Some(value);
        Ok(())
    }
}

fn check_same(what: &'static str, found: &[u8], canonical: &[u8]) -> Result<(), Reject> {
    if found == canonical {
        return Ok(());
    }
    let position = found
        .iter()
        .zip(canonical)
        .position(|(found, canonical)| found != canonical)
        .unwrap_or_else(|| found.len().min(canonical.len()));
    Err(Reject::NotCanonical { what, position })
}
