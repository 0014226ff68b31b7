//! The one integration binary. `desk` is the harness; every other module tells stories with it, and the
//! rest of tests/ is data for it.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests touch the world, and a panic is how a test fails"
)]

mod agent;
mod agent_abuse;
mod agent_drafts;
mod agent_errors;
mod agent_offices;
mod agent_passages;
mod agent_stories;
mod approval;
mod desk;
mod diagnostics;
mod diff;
mod disk;
mod docs;
mod export;
mod floor_plan;
mod ledger_rules;
mod markdown;
mod newcomer;
mod pages;
mod pages_engine;
mod pages_export;
mod policy;
mod preview;
mod records;
mod requirements;
mod several;
mod stories;
