//! The ledger: every record in one hash chain, and what waits to join it.
//!
//! In: the bytes of `chains/ledger.jsonl`, of the files in `chains/pending/` and of
//! `chains/people.toml`. Out: a [`Verdict`] with every record that verified, at its position and with
//! the people in force there, and every [`Break`](crate::record::Break) with file, line and record.
//! `line` is the form of lines and pending files, `append` moves pending records into the ledger,
//! `mend` does so after two branches both appended, [`extends()`] compares with a base branch,
//! `replay` folds people records, `people` prints the
//! people file, and [`verify()`] checks all of it.
//!
//! *Invariant:* a position is never inside a signature, so append is a pure function of ledger and
//! pending records: anyone gets the same bytes, and losing a race costs no signature.

mod append;
pub mod diagnostics;
mod extends;
mod line;
mod mend;
pub mod people;
mod replay;
mod verify;
mod walk;

pub use append::{AppendError, append, new_lines};
pub use extends::extends;
pub use line::{Ledger, LedgerError, Line, LineError, Pending, PendingError};
pub use mend::{MendError, Mended, mend, read_conflict};
pub use verify::{LEDGER, PENDING_FOLDER, PEOPLE, Verdict, VerifyInput, verify};
