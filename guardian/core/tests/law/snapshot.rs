//! Snapshots: read as they were written, and nothing else is read. That a trace goes on the same after it was read again is shown
//! by all traces ([`crate::replay::Machine::apply`]).

use guardian_core::Guardians;
use guardian_core::budget::{Account, WINDOW_SECONDS};

use crate::{generate, replay};

/// The guardians at the end of every accepted trace.
fn ends() -> Vec<Guardians> {
    let files = generate::files();
    let accepted = files.iter().filter(|(path, _)| path.starts_with("accept/"));
    accepted.map(|(_, file)| replay::end_of(file)).collect()
}

fn read(of: &Guardians, bytes: &[u8]) -> Result<Vec<u8>, &'static str> {
    let domain = of.domain();
    let read = Guardians::from_bytes(domain.chain, domain.contract, bytes).map_err(|corrupt| corrupt.part)?;
    let found = read.domain();
    assert_eq!((found.chain, found.contract), (domain.chain, domain.contract));
    Ok(read.to_bytes())
}

#[test]
fn a_snapshot_is_read_to_its_end_and_no_further() {
    for guardians in ends() {
        let bytes = guardians.to_bytes();
        assert_eq!(read(&guardians, &bytes), Ok(bytes.clone()));
        for length in 0..bytes.len() {
            assert!(read(&guardians, &bytes[..length]).is_err(), "{length} bytes");
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_eq!(read(&guardians, &longer), Err("the order"));
    }
}

#[test]
fn whatever_is_read_is_written_the_same() {
    for guardians in ends() {
        let bytes = guardians.to_bytes();
        for at in 0..bytes.len() {
            for bit in [1, 0x80] {
                let mut changed = bytes.clone();
                changed[at] ^= bit;
                if let Ok(written) = read(&guardians, &changed) {
                    assert_eq!(written, changed);
                }
            }
        }
    }
}

#[test]
fn another_version_is_refused() {
    let guardians = ends().remove(0);
    let mut bytes = guardians.to_bytes();
    bytes[0] = 2;
    assert_eq!(read(&guardians, &bytes), Err("the version"));
}

#[test]
fn what_is_past_is_forgotten_and_changes_no_charge() {
    for mut guardians in ends() {
        let (before, size) = (guardians.clone(), guardians.to_bytes().len());
        let late = u64::MAX / 2;
        guardians.forget_past(late);
        assert!(guardians.to_bytes().len() <= size);
        assert_eq!(guardians.budget().charged(Account::WHOLE, late), 0);
        // Within the window everything still counts.
        let mut early = before.clone();
        early.forget_past(0);
        for now in [0, WINDOW_SECONDS, late] {
            let charged = |of: &Guardians| of.budget().charged(Account::WHOLE, now);
            assert_eq!(charged(&early), charged(&before));
        }
        assert_eq!(early.to_bytes(), before.to_bytes());
    }
}
