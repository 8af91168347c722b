//! The commands of the project: test, tidy, vectors, artifacts.
fn main() {}
