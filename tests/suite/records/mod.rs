//! Records, signatures, the ledger and keys.

mod delegation;
pub mod hand;
mod interop;
mod kinds;
pub mod ledger;
mod mend;
mod people;
mod schema;
mod tamper;
mod vectors;
mod vectors_kinds;
mod vectors_ledger;
mod vectors_record;
mod vectors_signature;
mod wire;
