//! The site as a whole, on a small bank with every state a package can be in.

pub(super) mod bank;
mod incremental;
mod look;
mod markup;
mod states;
pub(super) mod world;
