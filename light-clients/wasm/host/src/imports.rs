//! What the host offers: its store and its pairings.
//!
//! The pairing functions are declared here and not taken from a library, because 08-wasm refuses code that carries the marks of
//! newer interfaces, while its machine has these functions.

use alloc::vec::Vec;

use wasm_client::{Pairings, Store};

use crate::region::Region;

/// The machine's number of SHA-256.
const SHA_256: u32 = 0;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn db_read(key: *const Region) -> *mut Region;
    fn db_write(key: *const Region, value: *const Region);
    fn db_remove(key: *const Region);
    fn abort(message: *const Region);
    fn bls12_381_pairing_equality(
        ps: *const Region,
        qs: *const Region,
        r: *const Region,
        s: *const Region,
    ) -> u32;
    fn bls12_381_hash_to_g2(hash: u32, message: *const Region, tag: *const Region, point: *mut Region)
    -> u32;
}

/// The host.
pub(crate) struct Host;

impl Store for Host {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let key = Region::of(key);
        // Safety: the host reads the key while it is borrowed, and answers with null or a region of our `allocate`.
        unsafe {
            let found = db_read(&raw const key);
            (!found.is_null()).then(|| Region::take(found))
        }
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        let (key, value) = (Region::of(key), Region::of(value));
        // Safety: the host reads both while they are borrowed.
        unsafe { db_write(&raw const key, &raw const value) }
    }

    fn remove(&mut self, key: &[u8]) {
        let key = Region::of(key);
        // Safety: the host reads the key while it is borrowed.
        unsafe { db_remove(&raw const key) }
    }
}

impl Pairings for Host {
    fn equal(&self, p: &[u8; 48], q: &[u8; 96], r: &[u8; 48], s: &[u8; 96]) -> Option<bool> {
        let (p, q, r, s) = (Region::of(p), Region::of(q), Region::of(r), Region::of(s));
        // Safety: the host reads all four while they are borrowed.
        let said =
            unsafe { bls12_381_pairing_equality(&raw const p, &raw const q, &raw const r, &raw const s) };
        match said {
            0 => Some(true),
            1 => Some(false),
            // Some point is no element of its group.
            _ => None,
        }
    }

    fn hash_to_g2(&self, message: &[u8], tag: &[u8]) -> Option<[u8; 96]> {
        let mut point = [0; 96];
        let (message, tag, mut room) = (Region::of(message), Region::of(tag), Region::room(&mut point));
        // Safety: the host reads the first two and fills the third, of which it knows the size, while they are borrowed.
        let said =
            unsafe { bls12_381_hash_to_g2(SHA_256, &raw const message, &raw const tag, &raw mut room) };
        (said == 0).then_some(point)
    }
}

/// Ends the call with a reason that the host reports.
pub(crate) fn give_up(reason: &str) -> ! {
    let reason = Region::of(reason.as_bytes());
    // Safety: the host reads the reason while it is borrowed, and does not come back.
    unsafe { abort(&raw const reason) };
    core::arch::wasm32::unreachable()
}
