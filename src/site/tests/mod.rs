//! The site as a whole, on a small bank with every state a package can be in.

mod bank;
mod look;
mod world;
