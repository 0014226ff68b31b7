//! The Markdown of a section: one parse for checks, facts, HTML and blocks (format: SPEC section 9.3).
//!
//! In: the text of one `<section>.md`. Out: [`read`] gives [`SectionFacts`] and diagnostics, [`html()`] a
//! [`SafeHtml`] for pages, [`blocks()`] the typed tree that revisions are compared by, [`read_and_html`]
//! facts and HTML from one parse, [`paragraphs()`] the words to look for. `form` is what the page shows, to tell cosmetic changes. `tree` holds
//! the parser, its options and its limits; `check` walks the tree once; `hidden` finds what a parser would drop without a trace; `html` and `table` write; `text`
//! takes words out of a tree; `passages` are what remarks can be about.
//!
//! *Invariant:* nothing vanishes. What cannot be shown as meant is shown as escaped source, and every
//! byte of HTML markup comes from a constant in this folder.

mod blocks;
mod check;
mod form;
mod hidden;
mod html;
mod passages;
mod table;
mod text;
mod tree;

pub use blocks::{Block, Item, blocks};
pub(super) use form::{Bit, END, PROSE, Piece, form};
pub use html::{HtmlOptions, Points, SafeHtml};
pub use passages::{Passage, PassageKind, passages, spoken};
pub use text::{Said, paragraphs};
pub use tree::{MAX_DEPTH, MAX_SECTION};

use super::SectionFacts;
use crate::diag::Diagnostics;
use crate::id::SectionId;
use crate::text::SourceFile;

/// Checks a section and takes its facts. `path` of the facts is left to the caller's file.
pub fn read(file: &SourceFile, section: &SectionId, out: &mut Diagnostics) -> SectionFacts {
    tree::with(file.text(), |tree| check::facts(file, section, tree, out))
}

/// Writes the HTML of a section.
pub fn html(source: &str, options: &HtmlOptions<'_>) -> SafeHtml {
    tree::with(source, |tree| html::write(source, tree, options, None))
}

/// The same with a link after each passage, for pages on which something can be said about it.
pub fn html_pointing(source: &str, options: &HtmlOptions<'_>, points: Points<'_>) -> SafeHtml {
    tree::with(source, |tree| html::write(source, tree, options, Some(points)))
}

/// Both from one parse.
pub fn read_and_html(
    file: &SourceFile,
    section: &SectionId,
    options: &HtmlOptions<'_>,
    out: &mut Diagnostics,
) -> (SectionFacts, SafeHtml) {
    tree::with(file.text(), |tree| {
        (check::facts(file, section, tree, out), html::write(file.text(), tree, options, None))
    })
}
