//! Writes RLP and single trie nodes, well-formed or not as the test wants.

use alloy_primitives::B256;

/// A string in its shortest form.
pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    match bytes {
        [byte] if *byte < 0x80 => vec![*byte],
        _ => [header(0x80, bytes.len()), bytes.to_vec()].concat(),
    }
}

/// A list of encoded items in its shortest form.
pub(crate) fn list(items: &[Vec<u8>]) -> Vec<u8> {
    let content = items.concat();
    [header(0xc0, content.len()), content].concat()
}

fn header(base: u8, length: usize) -> Vec<u8> {
    if length <= 55 {
        return vec![base + u8::try_from(length).unwrap()];
    }
    let digits = length
        .to_be_bytes()
        .into_iter()
        .skip_while(|digit| *digit == 0)
        .collect::<Vec<_>>();
    [vec![base + 55 + u8::try_from(digits.len()).unwrap()], digits].concat()
}

/// Nibbles of a key, high half first.
pub(crate) fn nibbles(key: &[u8]) -> Vec<u8> {
    key.iter().flat_map(|byte| [byte >> 4, byte & 15]).collect()
}

/// Compact form of a path.
pub(crate) fn compact(nibbles: &[u8], is_leaf: bool) -> Vec<u8> {
    let flag = if is_leaf { 2 } else { 0 };
    let mut all = if nibbles.len() % 2 == 1 {
        vec![flag + 1]
    } else {
        vec![flag, 0]
    };
    all.extend_from_slice(nibbles);
    all.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// A leaf with this path and value.
pub(crate) fn leaf(path: &[u8], value: &[u8]) -> Vec<u8> {
    list(&[string(&compact(path, true)), string(value)])
}

/// An extension with this path and this encoded reference.
pub(crate) fn extension(path: &[u8], child: Vec<u8>) -> Vec<u8> {
    list(&[string(&compact(path, false)), child])
}

/// A branch with these encoded children and this value.
pub(crate) fn branch(children: &[(u8, Vec<u8>)], value: &[u8]) -> Vec<u8> {
    let mut items = vec![vec![0x80]; 16];
    for (nibble, child) in children {
        items[usize::from(*nibble)] = child.clone();
    }
    items.push(string(value));
    list(&items)
}

/// The encoded reference to a node: its hash, or itself when it is short.
pub(crate) fn reference(node: &[u8]) -> Vec<u8> {
    if node.len() < 32 {
        node.to_vec()
    } else {
        hash_reference(node)
    }
}

/// The encoded hash of a node, whatever its size.
pub(crate) fn hash_reference(node: &[u8]) -> Vec<u8> {
    string(hash(node).as_slice())
}

/// Keccak-256.
pub(crate) fn hash(node: &[u8]) -> B256 {
    alloy_primitives::keccak256(node)
}
