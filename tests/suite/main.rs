//! The one integration binary. `desk` is the harness; every other module tells stories with it.

mod desk;
mod docs;
mod floor_plan;
mod stories;
