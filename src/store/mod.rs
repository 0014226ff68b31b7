//! The disk and Git: where bytes come from and where they go.
//!
//! In: a folder with `countersign.toml`. Out: [`crate::dossier::Input`], everything read once; and the
//! few writes there are: a pending record, a frozen revision, the ledger after an append, the rendered
//! site. `config` reads countersign.toml, `scan` lists and hashes, `write` is durable and atomic, `git`
//! asks Git, `cache` keeps derived facts between runs.
//!
//! *Invariant:* a file is either the old one or the new one, whatever the moment of a crash; nothing
//! that was signed is ever overwritten.
#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "this folder is the disk and Git")]

mod base;
mod cache;
mod config;
mod diagnostics;
mod git;
mod lock;
mod plain;
mod publish;
mod rules;
mod scan;
mod workspace;
mod write;

pub use base::{BaseReport, CODES as BASE_CODES, compare_with_base};
pub use config::{ConfigFile, new_config};
pub use diagnostics::CODES;
pub use git::Git;
pub use lock::Lock;
pub use publish::{Published, assets, publish};
pub use scan::{DiskSources, scan_package};
pub use workspace::{CONFIG, LEDGER, PENDING, PEOPLE, StoreError, Workspace};
pub use write::{WriteError, write_atomic, write_new, write_new_folder};
