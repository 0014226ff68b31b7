//! Why a change is material, in plain words.

use std::fmt;

/// What made a change material, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Why {
    /// In plain words, to stand alone: "a table changed".
    pub what: String,
    /// The 1-based line of the new text near which it is; 1 for the text as a whole.
    pub line: usize,
}

impl fmt::Display for Why {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} (line {})", self.what, self.line)
    }
}

/// Characters of the user's text that are quoted.
const SHOWN: usize = 40;

/// The start of a text, on one line and without anything that cannot be seen.
fn clip(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if short.len() < text.len() {
        short.push('\u{2026}');
    }
    short.replace(char::is_control, " ")
}

fn one(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u', 'H']) { "an" } else { "a" };
    format!("{article} {kind}")
}

impl Why {
    fn new(what: String, line: usize) -> Why {
        Why { what, line }
    }

    pub(super) fn limit() -> Why {
        Why::new("the text is too large or too complex to compare".to_owned(), 1)
    }
    pub(super) fn too_much(line: usize) -> Why {
        Why::new("too many words changed to count as a correction".to_owned(), line)
    }
    pub(super) fn added(kind: &str, line: usize) -> Why {
        Why::new(format!("{} was added", one(kind)), line)
    }
    pub(super) fn removed(kind: &str, line: usize) -> Why {
        Why::new(format!("{} was removed", one(kind)), line)
    }
    pub(super) fn reshaped(kind: &str, line: usize) -> Why {
        let what = match kind {
            "heading" => "the level of a heading changed".to_owned(),
            "list" => "the numbering or the spacing of a list changed".to_owned(),
            "list item" => "the number of a list item changed".to_owned(),
            "task" => "a task was ticked, or its tick removed".to_owned(),
            _ => format!("{} changed", one(kind)),
        };
        Why::new(what, line)
    }
    pub(super) fn moved_blocks(line: usize) -> Why {
        Why::new("the order or the nesting of the blocks changed".to_owned(), line)
    }
    pub(super) fn changed(kind: &str, line: usize) -> Why {
        Why::new(format!("{} changed", one(kind)), line)
    }
    pub(super) fn number(old: &str, new: &str, line: usize) -> Why {
        let what = match (old, new) {
            ("", new) => format!("a number was added ({})", clip(new)),
            (old, "") => format!("a number was removed ({})", clip(old)),
            (old, new) if old == new => format!("a word beside a number changed ({})", clip(new)),
            (old, new) => format!("a number changed ({} to {})", clip(old), clip(new)),
        };
        Why::new(what, line)
    }
    pub(super) fn turning(old: &str, new: &str, line: usize) -> Why {
        let what = match (old, new) {
            ("", word) => format!("`{}` was added", clip(word)),
            (word, "") => format!("`{}` was removed", clip(word)),
            (old, new) => format!("`{}` became `{}`", clip(old), clip(new)),
        };
        Why::new(what, line)
    }
    pub(super) fn opposite(old: &str, new: &str, line: usize) -> Why {
        Why::new(format!("a word became its opposite (`{}`, `{}`)", clip(old), clip(new)), line)
    }
    pub(super) fn moved_words(line: usize) -> Why {
        Why::new("words changed places".to_owned(), line)
    }
    pub(super) fn letters(word: &str, line: usize) -> Why {
        Why::new(format!("a word in letters that are not Latin changed (`{}`)", clip(word)), line)
    }
}
