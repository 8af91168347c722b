//! The relayer daemon and its command line.
