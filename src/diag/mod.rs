//! Messages about the user's files.
//!
//! In: what an area found wrong, worded in that area's `diagnostics.rs`. Out: one [`Diagnostic`] with
//! code, place, label and help; printed as text with an excerpt, JSON, SARIF or workflow annotations.
//!
//! Nothing stops at the first problem: everything goes into one [`Diagnostics`] collector, and `Err` is
//! kept for "cannot go on".
//!
//! *Invariant:* a diagnostic holds its excerpt, so printing needs no file.

pub mod common;
mod render;
pub mod toml;

pub use render::{Format, render};

use crate::text::{RepoPath, SourceFile, Span};

/// The stable name of a kind of message, documented in DIAGNOSTICS.md.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(transparent)]
pub struct Code(pub &'static str);

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Does not stop anything.
    Warning,
    /// Must be mended.
    Error,
}

/// Where in a file: the excerpt travels with the message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Place {
    /// The file.
    pub path: RepoPath,
    /// 1-based line; 0 when the whole file is meant.
    pub line: usize,
    /// 1-based column in characters; 0 when the whole file is meant.
    pub column: usize,
    /// The text of that line.
    #[serde(skip)]
    pub excerpt: String,
    /// Bytes of the excerpt that are meant.
    #[serde(skip)]
    pub mark: (usize, usize),
}

impl Place {
    /// A span of a file.
    pub fn at(file: &SourceFile, span: Span) -> Place {
        let (line, column) = file.line_col(span.start);
        let excerpt = file.line(line).to_owned();
        let start = (span.start - file.line_start(line).min(span.start)).min(excerpt.len());
        let length = span.end.saturating_sub(span.start).max(1);
        let end = (start + length).min(excerpt.len());
        let (excerpt, mark) = cut(excerpt, (start, end.max(start)));
        Place { path: file.path().clone(), line, column, excerpt, mark }
    }

    /// A whole file, or a file that is not there.
    pub fn file(path: RepoPath) -> Place {
        Place { path, line: 0, column: 0, excerpt: String::new(), mark: (0, 0) }
    }
}

/// Cuts a very long line down to what surrounds the mark (a file of one line and a thousand mistakes
/// must not be copied a thousand times) and widens the mark to whole characters.
fn cut(line: String, mark: (usize, usize)) -> (String, (usize, usize)) {
    const LONG: usize = 1000;
    let boundary = |mut at: usize| {
        at = at.min(line.len());
        while !line.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    if line.len() <= LONG {
        let mut end = mark.1.min(line.len());
        while !line.is_char_boundary(end) {
            end += 1;
        }
        let start = boundary(mark.0).min(end);
        return (line, (start, end));
    }
    let from = boundary(mark.0.saturating_sub(80));
    let to = boundary(mark.0 + 160);
    let start = boundary(mark.0);
    let end = boundary(mark.1).clamp(start, to.max(start));
    (line[from..to.max(start)].to_owned(), (start - from, end - from))
}

/// One message.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// How bad.
    pub severity: Severity,
    /// Where, if it is about a file.
    pub place: Option<Place>,
    /// What is wrong, in one sentence without a full stop.
    pub message: String,
    /// A few words beside the marked text.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub label: String,
    /// How to mend it; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub help: String,
}

impl Diagnostic {
    /// An error about no place in particular.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            place: None,
            message: message.into(),
            label: String::new(),
            help: String::new(),
        }
    }

    /// A warning about no place in particular.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Diagnostic { severity: Severity::Warning, ..Self::error(code, message) }
    }

    /// Puts it at a span of a file.
    #[must_use]
    pub fn at(self, file: &SourceFile, span: Span) -> Self {
        Diagnostic { place: Some(Place::at(file, span)), ..self }
    }

    /// Puts it at a whole file.
    #[must_use]
    pub fn in_file(self, path: &RepoPath) -> Self {
        Diagnostic { place: Some(Place::file(path.clone())), ..self }
    }

    /// Adds the words beside the marked text.
    #[must_use]
    pub fn label(self, label: impl Into<String>) -> Self {
        Diagnostic { label: label.into(), ..self }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Self {
        Diagnostic { help: help.into(), ..self }
    }
}

/// The one collector of messages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// No messages yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a message.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Adds all messages of another collector.
    pub fn extend(&mut self, other: Diagnostics) {
        self.0.extend(other.0);
    }

    /// True if any message is an error.
    pub fn has_errors(&self) -> bool {
        self.errors() > 0
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.0.iter().filter(|d| d.severity == Severity::Error).count()
    }

    /// True if there is no message at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The messages in the order of their places.
    pub fn sorted(&self) -> Vec<&Diagnostic> {
        let mut all: Vec<_> = self.0.iter().collect();
        all.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
        all
    }

    /// The messages in the order they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.0.iter()
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<I: IntoIterator<Item = Diagnostic>>(items: I) -> Self {
        Diagnostics(items.into_iter().collect())
    }
}
