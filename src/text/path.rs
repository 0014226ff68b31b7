//! Paths inside a repository: what may appear in a MANIFEST and nothing else.

use super::invisible;
use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use unicode_normalization::is_nfc;

/// A relative path of plain names joined by `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct RepoPath(String);

/// Why a name cannot be part of a package.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadPath {
    /// Empty, absolute, or with an empty, `.` or `..` part.
    #[error("`{0}` is not a plain relative path")]
    NotPlain(String),
    /// A backslash, a control character or one that cannot be seen: it reads differently elsewhere.
    #[error("`{0}` holds a backslash, a control character or one that cannot be seen")]
    Characters(String),
    /// Not in Unicode normal form C: two spellings would look the same.
    #[error("`{0}` is not in Unicode normal form C")]
    NotNfc(String),
    /// A part of more than 255 bytes.
    #[error("`{0}` has a part of more than 255 bytes")]
    TooLong(String),
    /// A name that a Windows checkout could not hold.
    #[error("`{0}` has a part that Windows reserves or cannot store")]
    Reserved(String),
}

impl RepoPath {
    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last part.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The folder the path lies in; `None` at the top.
    pub fn parent(&self) -> Option<&str> {
        self.0.rsplit_once('/').map(|(parent, _)| parent)
    }

    /// The path below this one.
    ///
    /// # Errors
    /// When `below` is not itself a plain relative path.
    pub fn join(&self, below: &str) -> Result<RepoPath, BadPath> {
        format!("{}/{below}", self.0).parse()
    }

    /// What remains of the path below `folder`.
    pub fn strip(&self, folder: &str) -> Option<&str> {
        self.0.strip_prefix(folder)?.strip_prefix('/')
    }
}

fn reserved(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or(part).to_ascii_lowercase();
    let numbered = |name: &str| {
        stem.strip_prefix(name).is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
    };
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul")
        || numbered("com")
        || numbered("lpt")
        || part.ends_with(['.', ' '])
        || part.contains(['<', '>', ':', '"', '|', '?', '*'])
}

/// Everything that could hide or reorder the message escaped.
fn printable(text: &str) -> String {
    let mut all: String = text.to_owned();
    for character in invisible(text).map(|i| i.character).collect::<BTreeSet<_>>() {
        if !character.is_control() {
            all = all.replace(character, &character.escape_unicode().to_string());
        }
    }
    all.chars().map(|c| if c.is_control() { c.escape_debug().to_string() } else { c.to_string() }).collect()
}

impl FromStr for RepoPath {
    type Err = BadPath;
    fn from_str(text: &str) -> Result<Self, BadPath> {
        let owned = || text.to_owned();
        // Tab and newline are seen in a text, but not in a name.
        let hidden = || invisible(text).next().is_some();
        if text.contains('\\') || text.chars().any(char::is_control) || hidden() {
            return Err(BadPath::Characters(printable(text)));
        }
        if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
            return Err(BadPath::NotPlain(owned()));
        }
        if !is_nfc(text) {
            return Err(BadPath::NotNfc(owned()));
        }
        if text.split('/').any(|part| part.len() > 255) {
            return Err(BadPath::TooLong(owned()));
        }
        if text.split('/').any(reserved) {
            return Err(BadPath::Reserved(owned()));
        }
        Ok(RepoPath(owned()))
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for RepoPath {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_pass() {
        for good in ["package.toml", "evidence/a b.csv", "é.md", "a/.hidden"] {
            assert!(good.parse::<RepoPath>().is_ok(), "{good}");
        }
        let bad = [
            "",
            "/a",
            "a/",
            "a//b",
            "../a",
            "a/./b",
            "a\\b",
            "a\nb",
            "a\u{0}b",
            "e\u{301}.md",
            "con",
            "NUL.txt",
            "com1",
            "a.",
            "a:b",
            "report\u{202e}fdp.md",
            "re\u{200b}port.md",
            "\u{feff}a.md",
        ];
        for bad in bad {
            assert!(bad.parse::<RepoPath>().is_err(), "{bad:?}");
        }
    }
}
