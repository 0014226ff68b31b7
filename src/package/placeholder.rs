//! The texts of the skeleton that `init` writes, and the refusal of what nobody replaced.
//!
//! The skeleton is long enough to pass for prose; unchanged, it must never be frozen and signed.

use super::diagnostics as say;
use crate::diag::Diagnostics;
use crate::diag::toml::{At, Table};
use crate::text::{SourceFile, Span};

/// How every section of the skeleton begins below its criterion.
pub const SECTION: &str = "Replace this text.";
/// The permitted use in the skeleton's package.toml.
pub const USE: &str = "State the permitted use in one sentence.";
/// The excluded use in the skeleton's package.toml.
pub const NOT_FOR: &str = "State what it must not be used for.";

/// Reports the first line of a section that still begins with the skeleton's sentence; a text that merely
/// quotes it within a line is left alone.
pub(super) fn section(file: &SourceFile, out: &mut Diagnostics) {
    let mut start = 0;
    for line in file.text().split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if line[indent..].starts_with(SECTION) {
            let start = start + indent;
            let span = Span { start, end: start + SECTION.len() };
            out.push(say::placeholder(file, span, "what the criterion of the section asks for"));
            return;
        }
        start += line.len();
    }
}

/// Reports a value of package.toml that is still the skeleton's.
pub(super) fn value(t: &Table<'_>, written: Option<&At<String>>, skeleton: &str, what: &str) {
    if let Some(at) = written.filter(|at| at.value.trim() == skeleton) {
        t.report(say::placeholder(t.file(), at.span, what));
    }
}
