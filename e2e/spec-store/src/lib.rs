//! The light-client store of the consensus specification and its official cases: tests only.
