//! Evidence that leaves the repository: it says what was signed, and it notices every changed byte.

mod bundle;
mod document;
mod world;
