//! The one integration binary.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests may touch the world and may panic")]

mod export;
mod records;
