//! Text with places in it: files, spans, lines and columns, and paths inside a repository.
//!
//! *Invariant:* a [`RepoPath`] is relative, `/`-separated, NFC, and cannot leave its folder.

mod fold;
mod invisible;
mod near;
mod path;

pub use fold::fold;
pub use invisible::{Invisible, invisible};
pub use near::nearest;
pub use path::{BadPath, RepoPath};

/// A way to read files, handed to the pure floors as an argument: the disk in production, a map in tests.
pub trait Sources: Sync {
    /// The whole bytes of a file.
    ///
    /// # Errors
    /// In words, when the file cannot be read.
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, String>;
}

impl Sources for std::collections::BTreeMap<RepoPath, Vec<u8>> {
    fn read(&self, path: &RepoPath) -> Result<Vec<u8>, String> {
        self.get(path).cloned().ok_or_else(|| format!("{path} is not there"))
    }
}

/// A range of bytes in a [`SourceFile`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<std::ops::Range<usize>> for Span {
    fn from(range: std::ops::Range<usize>) -> Self {
        Span { start: range.start, end: range.end }
    }
}

/// A text file of the user's, with its lines counted.
#[derive(Debug, Clone)]
pub struct SourceFile {
    path: RepoPath,
    text: String,
    line_starts: Vec<usize>,
}

impl SourceFile {
    /// Takes the text of the file at `path`.
    pub fn new(path: RepoPath, text: String) -> Self {
        let line_starts = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1))
            .collect();
        SourceFile { path, text, line_starts }
    }

    /// Where the file lies.
    pub fn path(&self) -> &RepoPath {
        &self.path
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The 1-based line of a byte offset.
    pub fn line_of(&self, offset: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= offset.min(self.text.len()))
    }

    /// The text of a 1-based line without its newline; empty past the end.
    pub fn line(&self, line: usize) -> &str {
        let Some(start) = line.checked_sub(1).and_then(|i| self.line_starts.get(i)) else {
            return "";
        };
        let end = self.line_starts.get(line).map_or(self.text.len(), |next| next - 1);
        self.text.get(*start..end).unwrap_or("").trim_end_matches('\r')
    }

    /// The byte offset at which a 1-based line starts; the end of the text past the last line.
    pub fn line_start(&self, line: usize) -> usize {
        line.checked_sub(1).and_then(|i| self.line_starts.get(i)).copied().unwrap_or(self.text.len())
    }

    /// The 1-based line and column (in characters) of a byte offset.
    pub fn line_col(&self, offset: usize) -> (usize, usize) {
        let line = self.line_of(offset);
        let start = self.line_start(line);
        let mut end = offset.clamp(start, self.text.len());
        while !self.text.is_char_boundary(end) {
            end -= 1;
        }
        (line, self.text[start..end].chars().count() + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_columns_count_characters() {
        let file = SourceFile::new("a.md".parse().unwrap(), "één\ntwo\r\n".to_owned());
        assert_eq!(file.line_col(0), (1, 1));
        assert_eq!(file.line_col(4), (1, 3));
        assert_eq!(file.line_col(6), (2, 1));
        assert_eq!(file.line(2), "two");
        assert_eq!(file.line(9), "");
    }
}
