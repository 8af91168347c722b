//! Benchmarks that print a figure and its unit.
