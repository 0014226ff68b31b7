//! The one integration binary. `desk` is the harness; every other module tells stories with it.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, clippy::disallowed_types, reason = "tests touch the world and may panic")]

mod desk;
mod docs;
mod floor_plan;
mod records;
mod stories;
