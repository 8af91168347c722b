//! The law, judged by its own worlds: one module a theme.

mod fixture;
mod vectors;
