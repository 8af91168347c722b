//! What code for 08-wasm asks of the host and offers to it, read from its sections.
//!
//! The host refuses code that imports what it does not know, lacks an entry point, or carries the mark of a newer interface. All
//! that is found out here, before a proposal waits for its votes.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};

/// What the host has; the code may ask for each of these.
const IMPORTS: [&str; 6] = [
    "abort",
    "bls12_381_hash_to_g2",
    "bls12_381_pairing_equality",
    "db_read",
    "db_remove",
    "db_write",
];
/// What the host calls.
const EXPORTS: [&str; 7] = [
    "allocate",
    "deallocate",
    "instantiate",
    "interface_version_8",
    "migrate",
    "query",
    "sudo",
];
/// What a linker adds.
const EXPORTS_BESIDE: [&str; 3] = ["__data_end", "__heap_base", "memory"];
/// The most pages of 64 KiB that the host gives at the start.
const PAGES_MAX: u64 = 512;

/// Checks imports, exports and memory.
///
/// # Errors
/// If the bytes are no wasm, or the host would refuse them.
pub(crate) fn check(code: &[u8]) -> Result<()> {
    let mut rest = code
        .strip_prefix(b"\0asm\x01\0\0\0")
        .context("no wasm of version 1")?;
    let (mut imports, mut exports) = (BTreeSet::new(), BTreeSet::new());
    let mut pages = None;
    while let Some((id, after)) = rest.split_first() {
        let (size, after) = number(after)?;
        let (section, after) = after
            .split_at_checked(usize::try_from(size)?)
            .context("a section is longer than the code")?;
        match id {
            2 => imports = read_imports(section)?,
            5 => pages = Some(read_memory(section)?),
            7 => exports = read_exports(section)?,
            _ => {}
        }
        rest = after;
    }
    for name in &imports {
        ensure!(
            IMPORTS.contains(&name.as_str()),
            "the code imports `{name}`, which the host lacks"
        );
    }
    for name in EXPORTS {
        ensure!(exports.contains(name), "the code exports no `{name}`");
    }
    for name in &exports {
        let known = EXPORTS.contains(&name.as_str()) || EXPORTS_BESIDE.contains(&name.as_str());
        ensure!(
            known,
            "the code exports `{name}`, which the host may take for a mark"
        );
    }
    let pages = pages.context("the code has no memory")?;
    ensure!(
        pages <= PAGES_MAX,
        "the code begins with {pages} pages of memory: at most {PAGES_MAX}"
    );
    Ok(())
}

fn read_imports(section: &[u8]) -> Result<BTreeSet<String>> {
    let (count, mut rest) = number(section)?;
    let mut found = BTreeSet::new();
    for _ in 0..count {
        let (module, after) = name(rest)?;
        let (field, after) = name(after)?;
        ensure!(module == "env", "the code imports from `{module}`");
        let (kind, after) = after.split_first().context("an import is cut short")?;
        ensure!(*kind == 0, "the code imports `{field}`, which is no function");
        let (_, after) = number(after)?;
        found.insert(field);
        rest = after;
    }
    Ok(found)
}

fn read_exports(section: &[u8]) -> Result<BTreeSet<String>> {
    let (count, mut rest) = number(section)?;
    let mut found = BTreeSet::new();
    for _ in 0..count {
        let (field, after) = name(rest)?;
        let (_, after) = after.split_first().context("an export is cut short")?;
        let (_, after) = number(after)?;
        found.insert(field);
        rest = after;
    }
    Ok(found)
}

/// The pages that the one memory begins with; its growth is limited by the host alone.
fn read_memory(section: &[u8]) -> Result<u64> {
    let (count, rest) = number(section)?;
    ensure!(count == 1, "the code has {count} memories");
    let (limits, rest) = rest.split_first().context("a memory is cut short")?;
    ensure!(
        *limits == 0,
        "the code limits its own memory, which is for the host to do"
    );
    Ok(number(rest)?.0)
}

fn name(bytes: &[u8]) -> Result<(String, &[u8])> {
    let (length, rest) = number(bytes)?;
    let (text, rest) = rest
        .split_at_checked(usize::try_from(length)?)
        .context("a name is cut short")?;
    Ok((String::from_utf8(text.to_vec())?, rest))
}

/// Seven bits a byte, the lowest first.
fn number(bytes: &[u8]) -> Result<(u64, &[u8])> {
    let (mut value, mut rest) = (0_u64, bytes);
    for shift in (0..35).step_by(7) {
        let (byte, after) = rest.split_first().context("a number is cut short")?;
        value |= u64::from(byte & 0x7f) << shift;
        rest = after;
        if byte & 0x80 == 0 {
            return Ok((value, rest));
        }
    }
    anyhow::bail!("a number is too long")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(names: &[&str], module: bool, tail: &[u8]) -> Vec<u8> {
        let mut out = vec![u8::try_from(names.len()).unwrap()];
        for name in names {
            for part in if module { vec!["env", name] } else { vec![*name] } {
                out.push(u8::try_from(part.len()).unwrap());
                out.extend(part.as_bytes());
            }
            out.extend(tail);
        }
        out
    }

    fn code(imports: &[&str], exports: &[&str], memory: &[u8]) -> Vec<u8> {
        let mut out = b"\0asm\x01\0\0\0".to_vec();
        let sections = [
            (2, named(imports, true, &[0, 0])),
            (5, memory.to_vec()),
            (7, named(exports, false, &[0, 0])),
        ];
        for (id, section) in sections {
            out.push(id);
            let length = section.len();
            out.extend([
                u8::try_from(length & 0x7f).unwrap() | 0x80,
                u8::try_from(length >> 7).unwrap(),
            ]);
            out.extend(section);
        }
        out
    }

    #[test]
    fn accepts_what_the_host_does() {
        check(&code(&IMPORTS, &EXPORTS, &[1, 0, 17])).unwrap();
        check(&code(&["db_read"], &EXPORTS, &[1, 0, 17])).unwrap();
    }

    #[test]
    fn refuses_what_the_host_would() {
        let marked: Vec<&str> = EXPORTS.into_iter().chain(["requires_cosmwasm_2_1"]).collect();
        for (refused, why) in [
            (code(&["query_chain_2"], &EXPORTS, &[1, 0, 17]), "imports"),
            (
                code(&IMPORTS, &EXPORTS[1..], &[1, 0, 17]),
                "exports no `allocate`",
            ),
            (code(&IMPORTS, &marked, &[1, 0, 17]), "a mark"),
            (code(&IMPORTS, &EXPORTS, &[1, 1, 17, 18]), "limits"),
            (code(&IMPORTS, &EXPORTS, &[1, 0, 0x81, 0x04]), "513 pages"),
            (code(&IMPORTS, &EXPORTS, &[2, 0, 1, 0, 1]), "2 memories"),
            (b"\0asm\x02\0\0\0".to_vec(), "no wasm"),
            (Vec::new(), "no wasm"),
        ] {
            let said = check(&refused).unwrap_err().to_string();
            assert!(said.contains(why), "{said} / {why}");
        }
    }

    #[test]
    fn a_section_that_is_cut_short_is_refused() {
        let whole = code(&IMPORTS, &EXPORTS, &[1, 0, 17]);
        for length in 0..whole.len() {
            assert!(check(&whole[..length]).is_err(), "{length}");
        }
    }
}
