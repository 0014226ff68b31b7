//! Records, signatures, the ledger and keys.

pub mod hand;
mod interop;
pub mod ledger;
mod mend;
mod people;
mod tamper;
mod vectors;
mod vectors_ledger;
mod vectors_record;
mod vectors_signature;
mod wire;
