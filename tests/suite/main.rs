//! The one integration binary: every other file under tests/ is data for it.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod diagnostics;
mod diff;
mod markdown;
