//! What the host calls.

use alloc::string::ToString;
use alloc::vec::Vec;
use core::panic::PanicInfo;

use wasm_client::{HostBls, contract};

use crate::imports::{Host, give_up};
use crate::region::Region;

#[global_allocator]
static MEMORY: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Law never panics; a library beneath it might. The host then undoes what was written and reports the reason.
#[panic_handler]
fn panicked(info: &PanicInfo<'_>) -> ! {
    give_up(&info.to_string())
}

/// The machine's interface that this is written for.
#[unsafe(no_mangle)]
extern "C" fn interface_version_8() {}

/// Room that the host fills.
#[unsafe(no_mangle)]
extern "C" fn allocate(size: usize) -> *mut Region {
    Region::give(Vec::with_capacity(size))
}

/// Gives room back.
///
/// # Safety
/// The host hands back what it got from `allocate` or as an answer, once.
#[unsafe(no_mangle)]
unsafe extern "C" fn deallocate(region: *mut Region) {
    // Safety: the host's promise.
    drop(unsafe { Region::take(region) });
}

/// # Safety
/// The host hands over regions that it got from `allocate`, once each.
#[unsafe(no_mangle)]
unsafe extern "C" fn instantiate(env: *mut Region, info: *mut Region, message: *mut Region) -> *mut Region {
    // Safety: the host's promise.
    let [env, _info, message] = [env, info, message].map(|region| unsafe { Region::take(region) });
    Region::give(contract::instantiate(&mut Host, &HostBls(Host), &env, &message))
}

/// # Safety
/// As [`instantiate`].
#[unsafe(no_mangle)]
unsafe extern "C" fn sudo(env: *mut Region, message: *mut Region) -> *mut Region {
    // Safety: the host's promise.
    let [env, message] = [env, message].map(|region| unsafe { Region::take(region) });
    Region::give(contract::sudo(&mut Host, &HostBls(Host), &env, &message))
}

/// # Safety
/// As [`instantiate`].
#[unsafe(no_mangle)]
unsafe extern "C" fn query(env: *mut Region, message: *mut Region) -> *mut Region {
    // Safety: the host's promise.
    let [env, message] = [env, message].map(|region| unsafe { Region::take(region) });
    Region::give(contract::query(&Host, &HostBls(Host), &env, &message))
}

/// # Safety
/// As [`instantiate`].
#[unsafe(no_mangle)]
unsafe extern "C" fn migrate(env: *mut Region, message: *mut Region) -> *mut Region {
    // Safety: the host's promise.
    let [env, message] = [env, message].map(|region| unsafe { Region::take(region) });
    Region::give(contract::migrate(&mut Host, &env, &message))
}
