//! Limits against their definition, against the shared vectors, and against what must hold of every window.

mod fresh;
mod generate;
mod oracle;
mod properties;
mod rejects;
mod trace;
mod vectors;
