//! SSZ by description: hash tree roots of any object from its bytes, without a type for it.

use alloy_primitives::B256;
use anyhow::{Context, Result, anyhow, bail, ensure};
use ethereum::ssz::{chunks, merkleize, with_length};

/// A type of SSZ.
#[derive(Clone, Debug)]
pub(crate) enum Type {
    /// `uintN`, `boolean`, `ByteVector`: this many bytes in place. Longer than 32: a vector of chunks.
    Fixed(usize),
    /// `ByteList` of at most so many bytes.
    Bytes(u64),
    /// `Bitvector` of so many bits.
    Bitvector(u64),
    /// `Bitlist` of at most so many bits.
    Bitlist(u64),
    /// `Vector` of so many elements.
    Vector(Box<Type>, u64),
    /// `List` of at most so many elements.
    List(Box<Type>, u64),
    /// `Container`.
    Container(Vec<(&'static str, Type)>),
}

/// A `List` of at most `limit` elements.
pub(crate) fn list(element: Type, limit: u64) -> Type {
    Type::List(Box::new(element), limit)
}

/// A `Vector` of `length` elements.
pub(crate) fn vector(element: Type, length: u64) -> Type {
    Type::Vector(Box::new(element), length)
}

/// A `Container`.
pub(crate) fn container<const N: usize>(fields: [(&'static str, Type); N]) -> Type {
    Type::Container(fields.into())
}

impl Type {
    /// Length of the encoding, if all encodings have the same.
    fn fixed_length(&self) -> Option<usize> {
        match self {
            Self::Fixed(length) => Some(*length),
            Self::Bitvector(bits) => usize::try_from(bits.div_ceil(8)).ok(),
            Self::Vector(element, length) => element
                .fixed_length()?
                .checked_mul(usize::try_from(*length).ok()?),
            Self::Container(fields) => fields
                .iter()
                .try_fold(0_usize, |sum, (_, field)| sum.checked_add(field.fixed_length()?)),
            Self::Bytes(_) | Self::Bitlist(_) | Self::List(..) => None,
        }
    }

    /// Hash tree root of the object that `bytes` encode.
    pub(crate) fn root(&self, bytes: &[u8]) -> Result<B256> {
        match self {
            Self::Fixed(length) => {
                ensure!(
                    bytes.len() == *length,
                    "{} bytes instead of {length}",
                    bytes.len()
                );
                Ok(merkleize(&chunks(bytes), depth(length.div_ceil(32) as u64)))
            }
            Self::Bytes(limit) => {
                ensure!(
                    bytes.len() as u64 <= *limit,
                    "a byte list of {} above {limit}",
                    bytes.len()
                );
                let root = merkleize(&chunks(bytes), depth(limit.div_ceil(32)));
                Ok(with_length(root, bytes.len() as u64))
            }
            Self::Bitvector(bits) => {
                ensure!(
                    bytes.len() as u64 == bits.div_ceil(8),
                    "a bit vector of {} bytes",
                    bytes.len()
                );
                Ok(merkleize(&chunks(bytes), depth(bits.div_ceil(256))))
            }
            Self::Bitlist(limit) => bitlist_root(bytes, *limit),
            Self::Vector(element, length) => {
                let (leaves, count, _) = self.leaves(element, bytes)?;
                ensure!(count == *length, "a vector of {count} instead of {length}");
                Ok(merkleize(&leaves, depth(leaf_count(element, *length))))
            }
            Self::List(element, limit) => {
                let (leaves, count, _) = self.leaves(element, bytes)?;
                ensure!(count <= *limit, "a list of {count} above {limit}");
                Ok(with_length(
                    merkleize(&leaves, depth(leaf_count(element, *limit))),
                    count,
                ))
            }
            Self::Container(fields) => {
                let roots = self
                    .fields(bytes)?
                    .into_iter()
                    .zip(fields)
                    .map(|(part, (name, field))| field.root(part).with_context(|| format!("field {name}")));
                let roots = roots.collect::<Result<Vec<_>>>()?;
                Ok(merkleize(&roots, depth(roots.len() as u64)))
            }
        }
    }

    /// The bytes of the container's field `name`.
    pub(crate) fn field<'a>(&self, name: &str, bytes: &'a [u8]) -> Result<(&Type, &'a [u8])> {
        let Self::Container(fields) = self else {
            bail!("only containers have fields")
        };
        let at = fields.iter().position(|(field, _)| *field == name);
        let at = at.ok_or_else(|| anyhow!("no field {name}"))?;
        Ok((&fields[at].1, self.fields(bytes)?[at]))
    }

    /// The bytes of each field.
    fn fields<'a>(&self, bytes: &'a [u8]) -> Result<Vec<&'a [u8]>> {
        let Self::Container(fields) = self else {
            bail!("only containers have fields")
        };
        let mut parts: Vec<&[u8]> = Vec::with_capacity(fields.len());
        let mut variable: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        for (name, field) in fields {
            let length = field.fixed_length().unwrap_or(4);
            let part = bytes
                .get(at..at + length)
                .with_context(|| format!("no bytes for field {name}"))?;
            if field.fixed_length().is_none() {
                variable.push((parts.len(), offset(part)?));
            }
            parts.push(part);
            at += length;
        }
        if variable.is_empty() {
            ensure!(at == bytes.len(), "{} bytes left over", bytes.len() - at);
        }
        let mut expected = Some(at);
        for (index, (field, start)) in variable.iter().enumerate() {
            if let Some(at) = expected.take() {
                ensure!(*start == at, "first offset is {start}, not {at}");
            }
            let end = variable.get(index + 1).map_or(bytes.len(), |(_, next)| *next);
            parts[*field] = bytes.get(*start..end).context("offsets do not ascend")?;
        }
        Ok(parts)
    }

    /// Leaves, number of elements and length of each of a list or vector.
    fn leaves(&self, element: &Self, bytes: &[u8]) -> Result<(Vec<B256>, u64, usize)> {
        if let Self::Fixed(length @ 1..=8) = element {
            ensure!(
                bytes.len().is_multiple_of(*length),
                "elements of {length} in {} bytes",
                bytes.len()
            );
            return Ok((chunks(bytes), (bytes.len() / length) as u64, *length));
        }
        let parts = match element.fixed_length() {
            Some(length) => {
                ensure!(
                    bytes.len().is_multiple_of(length),
                    "elements of {length} in {} bytes",
                    bytes.len()
                );
                bytes.chunks(length).collect()
            }
            None => variable_parts(bytes)?,
        };
        let roots = parts
            .iter()
            .map(|part| element.root(part))
            .collect::<Result<Vec<_>>>()?;
        let count = roots.len() as u64;
        Ok((roots, count, 0))
    }
}

/// The elements of a list of elements of variable length.
fn variable_parts(bytes: &[u8]) -> Result<Vec<&[u8]>> {
    let Some(first) = bytes.get(..4) else {
        ensure!(bytes.is_empty(), "an offset is cut short");
        return Ok(Vec::new());
    };
    let first = offset(first)?;
    ensure!(first >= 4 && first.is_multiple_of(4), "first offset {first}");
    let table = bytes.get(..first).context("first offset beyond the end")?;
    let offsets = table.chunks(4).map(offset).collect::<Result<Vec<_>>>()?;
    (0..offsets.len())
        .map(|at| {
            let end = offsets.get(at + 1).copied().unwrap_or(bytes.len());
            bytes.get(offsets[at]..end).context("offsets do not ascend")
        })
        .collect()
}

fn bitlist_root(bytes: &[u8], limit: u64) -> Result<B256> {
    let last = bytes.last().context("a bit list without its end")?;
    ensure!(*last != 0, "a bit list without its end");
    let top = 7 - last.leading_zeros();
    let bits = (bytes.len() as u64 - 1) * 8 + u64::from(top);
    ensure!(bits <= limit, "a bit list of {bits} above {limit}");
    let mut packed = bytes.to_vec();
    if let Some(last) = packed.last_mut() {
        *last &= !(1 << top);
    }
    packed.truncate(usize::try_from(bits.div_ceil(8))?);
    Ok(with_length(
        merkleize(&chunks(&packed), depth(limit.div_ceil(256))),
        bits,
    ))
}

fn offset(bytes: &[u8]) -> Result<usize> {
    Ok(u32::from_le_bytes(bytes.try_into().context("an offset is cut short")?).try_into()?)
}

/// Leaves of the tree over so many elements.
fn leaf_count(element: &Type, elements: u64) -> u64 {
    match element {
        Type::Fixed(length @ 1..=8) => (elements * *length as u64).div_ceil(32),
        _ => elements,
    }
}

/// Depth of a tree with so many leaves.
fn depth(leaves: u64) -> u32 {
    leaves.max(1).next_power_of_two().trailing_zeros()
}
