//! countersign: sign-off for machine-learning models, done as docs-as-code.
//!
//! **read → parse → check → verify → fold → view → render → write.** Only the first and the last
//! touch the world; between them there are values in and values out. The modules below are listed
//! floor by floor; a module may use only floors beneath its own (`tests/suite/floor_plan.rs` holds
//! that rule, and ARCHITECTURE.md tells the story).

// 9: arguments, printing, exit codes.
pub mod cli;
// 8: the local pages on 127.0.0.1.
pub mod agent;
// 7: the world.
pub mod keys;
pub mod store;
// ═══ pure below ═══
// 6: values to files.
pub mod export;
pub mod site;
// 5: everything known of each package; tests of policy.
pub mod dossier;
pub mod policy;
// 4: what the records mean, and what changed.
pub mod diff;
pub mod engine;
pub mod ledger;
// 3: what people write and sign.
pub mod chain;
pub mod package;
pub mod record;
// 2: messages about the user's files.
pub mod diag;
// 1: text and names.
pub mod id;
pub mod text;
// 0: bytes, days, numbers.
pub mod decimal;
pub mod digest;
pub mod time;
