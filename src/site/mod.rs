//! The site: everything a reader sees, as files.
//!
//! In: a [`Register`](crate::dossier::Register), templates and static files ([`Assets`]), a way to read
//! section texts, and the keys of the last build. Out: a [`Site`], the pages with their keys and the
//! bytes of those that changed.
//!
//! Steps: `jobs` lists what pages there are; `view` turns facts into one typed view model a page;
//! `render` hashes the view model into the page's key and, only if the key is new, fills in the texts
//! and renders the template. `search` makes the index that a script on one page reads. `markdown` is the one
//! door for text people wrote; `passages` what of a section can be quoted; `address` knows where
//! pages lie; `words` says it in English.
//!
//! *Invariant:* a template sees its view model and nothing else, and the key covers the view model, the
//! templates, the static files and the generator: an incremental build equals a cold one by construction.

mod address;
mod assets;
pub mod desk;
mod jobs;
mod markdown;
mod passages;
mod redline;
mod render;
mod search;
mod view;
mod words;

#[cfg(test)]
mod tests;

pub use address::SitePath;
pub use assets::Assets;
pub use passages::{Quotable, Stands};
pub use render::{Page, PageKey, PageKeys, Site, SiteError, build, build_about, build_into, page_for};
