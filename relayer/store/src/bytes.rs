//! The primitives of the store's encoding: integers big-endian, lists and texts with a 32-bit length, options and enums
//! with one tag byte.
//!
//! A record has one encoding; reading consumes it exactly and never panics, whatever the bytes.

use alloy_primitives::B256;

/// Why bytes are not a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The bytes end in the middle.
    #[error("{wanted} more bytes are needed, {left} are left")]
    Short {
        /// How many were to be read.
        wanted: usize,
        /// How many there are.
        left: usize,
    },
    /// Bytes are left over.
    #[error("{left} bytes are left over")]
    Long {
        /// How many.
        left: usize,
    },
    /// The record was written by a newer program.
    #[error("its version is {found}, this program knows up to {known}")]
    Version {
        /// In the record.
        found: u8,
        /// The newest known.
        known: u8,
    },
    /// A tag names no variant.
    #[error("{found} is not a tag of {kind}")]
    Tag {
        /// Of what.
        kind: &'static str,
        /// Which byte.
        found: u8,
    },
    /// A value breaks a rule of its type.
    #[error("{kind} is not valid: {text}")]
    Value {
        /// Of what.
        kind: &'static str,
        /// Which rule.
        text: String,
    },
}

/// Collects the bytes of a record.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn u128(&mut self, value: u128) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    pub(crate) fn hash(&mut self, value: B256) {
        self.0.extend_from_slice(value.as_slice());
    }

    /// Bound: nothing that is stored comes near 4 GiB; a longer value would be cut, never misread.
    pub(crate) fn length(&mut self, length: usize) -> usize {
        let kept = u32::try_from(length).unwrap_or(u32::MAX);
        self.u32(kept);
        length.min(usize::try_from(kept).unwrap_or(usize::MAX))
    }

    pub(crate) fn bytes(&mut self, value: &[u8]) {
        let kept = self.length(value.len());
        self.0.extend(value.iter().take(kept));
    }

    pub(crate) fn text(&mut self, value: &str) {
        self.bytes(value.as_bytes());
    }

    pub(crate) fn option<T>(&mut self, value: Option<T>, write: impl FnOnce(&mut Self, T)) {
        match value {
            None => self.u8(0),
            Some(value) => {
                self.u8(1);
                write(self, value);
            }
        }
    }

    pub(crate) fn list<'a, T: 'a>(
        &mut self,
        values: impl ExactSizeIterator<Item = &'a T>,
        write: impl Fn(&mut Self, &'a T),
    ) {
        let kept = self.length(values.len());
        for value in values.take(kept) {
            write(self, value);
        }
    }
}

/// Takes a record's bytes apart.
#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Refuses bytes that are left over.
    pub(crate) fn finish(self) -> Result<(), Unreadable> {
        match self.0.len() {
            0 => Ok(()),
            left => Err(Unreadable::Long { left }),
        }
    }

    fn take(&mut self, wanted: usize) -> Result<&'a [u8], Unreadable> {
        let short = Unreadable::Short {
            wanted,
            left: self.0.len(),
        };
        let (taken, rest) = self.0.split_at_checked(wanted).ok_or(short)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Unreadable> {
        let left = self.0.len();
        self.take(N)?
            .try_into()
            .map_err(|_| Unreadable::Short { wanted: N, left })
    }

    pub(crate) fn u8(&mut self) -> Result<u8, Unreadable> {
        self.array::<1>().map(|[byte]| byte)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, Unreadable> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Unreadable> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn u128(&mut self) -> Result<u128, Unreadable> {
        self.array().map(u128::from_be_bytes)
    }

    pub(crate) fn hash(&mut self) -> Result<B256, Unreadable> {
        self.array().map(B256::new)
    }

    pub(crate) fn bytes(&mut self) -> Result<&'a [u8], Unreadable> {
        let length = usize::try_from(self.u32()?).unwrap_or(usize::MAX);
        self.take(length)
    }

    pub(crate) fn text(&mut self) -> Result<String, Unreadable> {
        let bytes = self.bytes()?;
        let text = std::str::from_utf8(bytes);
        text.map(str::to_owned).map_err(|error| Unreadable::Value {
            kind: "a text",
            text: error.to_string(),
        })
    }

    pub(crate) fn option<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Option<T>, Unreadable> {
        match self.u8()? {
            0 => Ok(None),
            1 => read(self).map(Some),
            found => Err(Unreadable::Tag {
                kind: "an option",
                found,
            }),
        }
    }

    pub(crate) fn list<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        let length = self.u32()?;
        // The length is not believed: the list grows only as far as there are bytes.
        let mut values = Vec::new();
        for _ in 0..length {
            values.push(read(self)?);
        }
        Ok(values)
    }
}

/// Turns the error of a checked constructor into one of reading.
pub(crate) fn invalid<E: ToString>(kind: &'static str) -> impl Fn(E) -> Unreadable {
    move |error| Unreadable::Value {
        kind,
        text: error.to_string(),
    }
}
