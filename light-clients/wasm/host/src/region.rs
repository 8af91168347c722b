//! Memory that contract and host hand to one another.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::mem::ManuallyDrop;

/// Where bytes lie. The virtual machine reads and writes these three numbers.
#[repr(C)]
pub(crate) struct Region {
    offset: *mut u8,
    capacity: usize,
    length: usize,
}

impl Region {
    /// Describes bytes that the host only reads while they are borrowed.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self {
            offset: bytes.as_ptr().cast_mut(),
            capacity: bytes.len(),
            length: bytes.len(),
        }
    }

    /// Describes room that the host fills while it is borrowed.
    pub(crate) fn room(bytes: &mut [u8]) -> Self {
        Self {
            offset: bytes.as_mut_ptr(),
            capacity: bytes.len(),
            length: 0,
        }
    }

    /// Gives bytes away; the host hands them back to [`Region::take`] or `deallocate`.
    pub(crate) fn give(bytes: Vec<u8>) -> *mut Self {
        let mut bytes = ManuallyDrop::new(bytes);
        Box::into_raw(Box::new(Self {
            offset: bytes.as_mut_ptr(),
            capacity: bytes.capacity(),
            length: bytes.len(),
        }))
    }

    /// Takes bytes that were given away, by [`Region::give`] only; the host may have filled them up to their capacity.
    ///
    /// # Safety
    /// `region` comes from [`Region::give`], directly or through the host, and is taken once.
    pub(crate) unsafe fn take(region: *mut Self) -> Vec<u8> {
        // Safety: the caller's promise; a length above the capacity is not believed.
        unsafe {
            let region = Box::from_raw(region);
            let length = region.length.min(region.capacity);
            Vec::from_raw_parts(region.offset, length, region.capacity)
        }
    }
}
