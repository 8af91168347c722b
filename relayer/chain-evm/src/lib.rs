//! The port on an EVM chain with a beacon chain: JSON-RPC and beacon REST.
