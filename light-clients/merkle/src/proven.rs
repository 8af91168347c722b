//! What every proof of this crate comes to.

/// What a proof proves about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proven<'a> {
    /// The key has this value; never empty.
    Present(&'a [u8]),
    /// The key has no value.
    Absent,
}
