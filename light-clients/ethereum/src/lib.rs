//! The Ethereum sync-committee light client.
