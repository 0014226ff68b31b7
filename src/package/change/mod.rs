//! How much a change of one section matters: whether who signed the old text must look again.
//!
//! In: the old and the new Markdown. Out, from [`change()`]: a [`TextChange`]. First the forms of both
//! texts (what the page shows of them) are compared: equal is cosmetic. Then their frames, block by block:
//! anything added, removed or moved is material. Then what the blocks hold: outside of prose every
//! difference is material; in prose `words` cuts it into words, `turning` knows the words that turn a
//! meaning, `distance` counts the words changed. `wording` says why.
//!
//! The words are counted between the two texts given. Whoever asks compares with the text that was signed,
//! so many small corrections add up. The turning words are English, with the plainest of a few other
//! languages; a change in letters beyond the Latin ones is material.
//!
//! *Invariant:* cosmetic means that the page is the same; whatever is not understood is material.

mod distance;
mod prose;
#[cfg(test)]
mod tests;
mod turning;
mod wording;
mod words;

pub use wording::Why;

use super::markdown::{Bit, END, PROSE, Piece, form};
use std::collections::{BTreeMap, BTreeSet};

/// How much a change of a text matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextChange {
    /// Not a byte differs.
    Same,
    /// Bytes differ, and the page does not.
    Cosmetic,
    /// Some words of prose differ, and none of those that turn a meaning.
    Minor {
        /// Words that went and words that came; a mark such as a comma is one.
        words: u32,
    },
    /// Anything else.
    Material(Why),
}

/// Says how much the change from `old` to `new` matters.
pub fn change(old: &str, new: &str) -> TextChange {
    if old == new {
        return TextChange::Same;
    }
    let (Some(old), Some(new)) = (form(old), form(new)) else {
        return TextChange::Material(Why::limit());
    };
    if old == new {
        return TextChange::Cosmetic;
    }
    match frames(&old, &new).and_then(|()| contents(&old, &new)) {
        // Blanks that the page shows differently are no word, and still a change to be looked at.
        Ok(words) => TextChange::Minor { words: words.max(1) },
        Err(why) => TextChange::Material(why),
    }
}

/// The same blocks in the same order, nested alike.
fn frames(old: &[Piece], new: &[Piece]) -> Result<(), Why> {
    if old.len() == new.len() && old.iter().zip(new).all(|(a, b)| a.same_frame(b)) {
        return Ok(());
    }
    let at = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let line = new.get(at).or(new.last()).map_or(1, |piece| piece.line);
    let mut counts: BTreeMap<&'static str, i64> = BTreeMap::new();
    for (pieces, by) in [(old, -1), (new, 1)] {
        for piece in pieces.iter().filter(|piece| piece.kind != END) {
            *counts.entry(piece.kind).or_default() += by;
        }
    }
    counts.retain(|_, count| *count != 0);
    // What holds others says more than the paragraphs in it.
    let kind = counts.keys().find(|kind| **kind != PROSE).or(counts.keys().next()).copied();
    Err(match (kind, old.get(at), new.get(at)) {
        (Some(kind), ..) if counts[kind] > 0 => Why::added(kind, line),
        (Some(kind), ..) => Why::removed(kind, line),
        (None, Some(a), Some(b)) if a.kind == b.kind && a.shape != b.shape => Why::reshaped(b.kind, line),
        _ => Why::moved_blocks(line),
    })
}

/// What the blocks hold, where their frames are the same: the number of words changed.
fn contents(old: &[Piece], new: &[Piece]) -> Result<u32, Why> {
    let mut prose = prose::Prose::default();
    let changed = || old.iter().zip(new).filter(|(a, b)| a.bits != b.bits);
    let before: BTreeSet<&[Bit]> = changed().map(|(a, _)| &*a.bits).filter(|bits| !bits.is_empty()).collect();
    for (a, b) in changed() {
        if before.contains(&*b.bits) {
            return Err(Why::moved_blocks(b.line));
        }
        if b.kind != PROSE {
            return Err(Why::changed(b.kind, b.line));
        }
        prose.paragraph(&a.bits, &b.bits, b.line)?;
    }
    prose.finish()
}
