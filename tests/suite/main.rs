//! The one integration binary: every other file under tests/ is data for it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may touch the world and may panic")]

mod diagnostics;
mod diff;
mod markdown;
mod records;
