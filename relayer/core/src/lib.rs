//! The packet machine: inputs in, effects out, no I/O.
