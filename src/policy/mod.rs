//! Tests of approval policy, written by the people who own the policy (format: SPEC section 12).
//!
//! In: test files (TOML: people, a story told line by line, what is expected) and a way to read the
//! chains they name. Out, from [`run()`]: a [`Report`] with each case's result, how far the cases reach,
//! and everything that could not be read. `suite` reads the file, `words` and `phrases` one line of a
//! story into an `event`, `stage` plays events: it freezes real revisions and makes real records (`make`)
//! signed with made-up keys. `expect` compares, `cover` counts what was reached, `print` words the report.
//! [`simulate()`] plays events on top of a real package instead.
//!
//! *Invariant:* the engine that judges a story is the one that judges the ledger; nothing here knows a
//! rule of its own, and nothing here writes.

mod cover;
pub mod diagnostics;
mod event;
mod expect;
mod make;
mod phrases;
mod print;
mod run;
mod scene;
mod simulate;
mod stage;
mod suite;
#[cfg(test)]
mod tests;
mod wishes;
mod words;

pub use cover::{Coverage, Reach};
pub use run::{CaseReport, Failure, Mismatch, Report, run};
pub use simulate::{Simulated, Simulation, simulate};
pub use suite::MAX_FILE;
