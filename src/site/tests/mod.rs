//! The site as a whole, on a small bank with every state a package can be in.

mod bank;
mod incremental;
mod look;
mod markup;
mod states;
mod world;
