//! The port between the relayer and a chain: what it may ask and what may come back.
