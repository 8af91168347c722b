//! The packet machine in a deterministic world of simulated chains. The same seed is the same run; a failure names it.

mod chain;
mod channel;
mod channels;
mod chaos;
mod check;
mod clocks;
mod counts;
mod disk;
mod judge;
mod late;
mod lies;
mod load;
mod others;
mod outage;
mod pair;
mod receipts;
mod rng;
mod router;
mod serve;
mod several;
mod status;
mod stuck;
mod trouble;
mod unreadable;
mod walk;
mod world;
