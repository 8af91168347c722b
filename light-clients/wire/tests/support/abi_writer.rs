//! Writes ABI encodings from the specification of the contract ABI, so that the codec is not judged by itself.

/// A value of the contract ABI; the tuples here are dynamic.
#[derive(Clone)]
pub(crate) enum Abi {
    /// One word.
    Word([u8; 32]),
    /// `bytes` or `string`.
    Bytes(Vec<u8>),
    /// A tuple with a dynamic member.
    Tuple(Vec<Abi>),
    /// A list of any length.
    List(Vec<Abi>),
}

impl Abi {
    pub(crate) fn number(number: u64) -> Self {
        Self::Word(word(number))
    }

    pub(crate) fn text(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }

    /// What `abi.encode(self)` gives.
    pub(crate) fn encode(&self) -> Vec<u8> {
        sequence(std::slice::from_ref(self))
    }

    fn tail(&self) -> Vec<u8> {
        match self {
            Self::Word(word) => word.to_vec(),
            Self::Bytes(bytes) => [
                &word(length(bytes))[..],
                bytes,
                &vec![0; bytes.len().wrapping_neg() % 32],
            ]
            .concat(),
            Self::Tuple(items) => sequence(items),
            Self::List(items) => [&word(length(items))[..], &sequence(items)].concat(),
        }
    }
}

/// Heads, then tails; the head of a dynamic value is where its tail starts.
fn sequence(items: &[Abi]) -> Vec<u8> {
    let (mut heads, mut tails) = (Vec::new(), Vec::new());
    for item in items {
        match item {
            Abi::Word(word) => heads.extend_from_slice(word),
            dynamic => {
                heads.extend_from_slice(&word(length(items) * 32 + length(&tails)));
                tails.extend(dynamic.tail());
            }
        }
    }
    [heads, tails].concat()
}

/// A number as a word.
pub(crate) fn word(number: u64) -> [u8; 32] {
    let mut word = [0; 32];
    word[24..].copy_from_slice(&number.to_be_bytes());
    word
}

fn length<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).expect("lengths fit into 64 bits")
}
