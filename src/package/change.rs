//! How much a change of one section's text matters.

/// The class of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextChange {
    /// The bytes are equal.
    Same,
    /// The page is the same.
    Cosmetic,
    /// A small change of prose.
    Minor {
        /// Words added and removed.
        words: u32,
    },
    /// Anything else.
    Material(String),
}

/// Classifies.
pub fn change(old: &str, new: &str) -> TextChange {
    if old == new { TextChange::Same } else { TextChange::Material("the text changed".to_owned()) }
}
