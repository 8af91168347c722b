//! One suite of scenarios, run on embedded and on real chains.
