//! Records, signatures, the ledger and keys.

pub mod hand;
mod interop;
mod ledger;
mod mend;
mod people;
mod tamper;
