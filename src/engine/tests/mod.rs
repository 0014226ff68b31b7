//! Cases of the engine: a desk that makes records, stories told in a few words, votes in every
//! combination, and a naive model to compare with.
#![allow(clippy::unwrap_used, reason = "a case may panic")]

mod cases;
mod certified;
mod desk;
mod explained;
mod keys;
mod model;
mod rounds;
mod rules;
mod story;
mod votes;
