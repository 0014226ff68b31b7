//! What of a section a remark can quote, and whether quoted words stand there: its text, the figures against
//! their thresholds, and the files of evidence.
//!
//! A remark stores the words and the section's digest, no position: so words that stand twice are told apart
//! by the words around them, or not taken.

use super::view::figures;
use crate::chain::Chain;
use crate::id::SectionId;
use crate::package::Package;
use crate::package::markdown::{self, Passage, PassageKind, spoken};
use std::collections::BTreeSet;

/// Passages listed. Every one is looked for in the whole section, so there is a bound.
pub(crate) const LISTED: usize = 300;
/// How far around itself a passage is widened to be told apart.
const AROUND: usize = 2;

/// A section as words that can be quoted.
#[derive(Debug, Clone)]
pub struct Quotable {
    passages: Vec<Passage>,
    /// Figures and evidence, in words.
    lines: Vec<Line>,
    /// The same, as they are read out.
    said_lines: BTreeSet<String>,
    /// The text as it is read out, from its passages.
    said: String,
    /// The text as it is read out, from its source.
    source: String,
}

/// Something of a section beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub kind: &'static str,
    pub words: String,
}

/// How often words stand in a section.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stands {
    /// Not at all.
    Nowhere,
    /// Once: it is clear which are meant.
    Once,
    /// More than once.
    Again,
}

/// A passage as it is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    pub kind: String,
    /// The words that are quoted: more than the passage, where it stands twice.
    pub words: String,
    /// True for a sentence of the passage before it.
    pub part: bool,
    /// True if more than the passage is quoted.
    pub widened: bool,
    /// False if it cannot be told apart from another place.
    pub apart: bool,
}

impl Quotable {
    /// A section of a package under a chain, with its text.
    pub fn new(package: &Package, chain: &Chain, section: &SectionId, text: &str) -> Quotable {
        let passages = markdown::passages(text);
        let whole: Vec<&str> =
            passages.iter().filter(|p| p.kind != PassageKind::Sentence).map(|p| p.words.as_str()).collect();
        let said = spoken(&whole.join(" "));
        let lines = lines(package, chain, section);
        let said_lines = lines.iter().map(|line| spoken(&line.words)).collect();
        Quotable { passages, said_lines, lines, said, source: spoken(text) }
    }

    /// How often some words stand there.
    pub fn stands(&self, quote: &str) -> Stands {
        let words = spoken(quote);
        if words.is_empty() {
            return Stands::Nowhere;
        }
        // A whole line is that line, whether or not the text says the same.
        if self.said_lines.contains(&words) {
            return Stands::Once;
        }
        match (times(&self.said, &words), times(&self.source, &words)) {
            (0, 0) => Stands::Nowhere,
            // Words of the source that no reader sees count as they stand there.
            (1, _) | (0, 1) => Stands::Once,
            _ => Stands::Again,
        }
    }

    /// Everything that can be chosen, in order, and how much more there is.
    pub(crate) fn offers(&self) -> (Vec<Offer>, usize) {
        let lines = self.lines.iter().map(|line| Offer {
            kind: line.kind.to_owned(),
            words: line.words.clone(),
            part: false,
            widened: false,
            apart: true,
        });
        let listed = self.passages.iter().take(LISTED).enumerate();
        let all = lines.chain(listed.map(|(at, passage)| self.offer(at, passage))).collect();
        (all, self.passages.len().saturating_sub(LISTED))
    }

    fn offer(&self, at: usize, passage: &Passage) -> Offer {
        let mut words = passage.words.clone();
        let mut apart = self.stands(&words) == Stands::Once;
        let widened = !apart;
        // With what stands before it, then with what stands after it too.
        let whole =
            |p: &&Passage| (p.kind == PassageKind::Sentence) == (passage.kind == PassageKind::Sentence);
        let mut before = self.passages[..at].iter().rev().filter(whole);
        let mut after = self.passages[at + 1..].iter().filter(whole);
        for turn in 0..2 * AROUND {
            if apart {
                break;
            }
            let next = if turn % 2 == 0 { before.next() } else { after.next() };
            let Some(next) = next else { continue };
            words = if turn % 2 == 0 {
                format!("{} {words}", next.words)
            } else {
                format!("{words} {}", next.words)
            };
            apart = self.stands(&words) == Stands::Once;
        }
        if !apart {
            words.clone_from(&passage.words);
        }
        Offer {
            kind: match passage.columns.trim_matches([',', ' ']) {
                "" => word(passage.kind).to_owned(),
                columns => format!("{}: {columns}", word(passage.kind)),
            },
            words,
            part: passage.kind == PassageKind::Sentence,
            widened: widened && apart,
            apart,
        }
    }
}

/// How often a text holds some words: none, once, or twice for more.
fn times(text: &str, words: &str) -> usize {
    let Some(first) = text.find(words) else { return 0 };
    let step = text[first..].chars().next().map_or(1, char::len_utf8);
    1 + usize::from(text[first + step..].contains(words))
}

fn word(kind: PassageKind) -> &'static str {
    match kind {
        PassageKind::Heading => "Heading",
        PassageKind::Paragraph => "Paragraph",
        PassageKind::Sentence => "Sentence",
        PassageKind::Item => "Item of a list",
        PassageKind::Row => "Row of a table",
        PassageKind::Quote => "Quotation",
        PassageKind::Note => "Footnote",
        PassageKind::Code => "Text shown as it is",
    }
}

/// Figures, then evidence.
pub(crate) fn lines(package: &Package, chain: &Chain, section: &SectionId) -> Vec<Line> {
    let reported = package.figures.get(section).map_or(&[][..], Vec::as_slice);
    let mut out = Vec::new();
    for threshold in chain.thresholds_of(section) {
        let ours: Vec<_> = reported.iter().filter(|f| f.id == threshold.figure).collect();
        out.extend(ours.iter().map(|f| figures::in_words(threshold, Some(f))));
        if ours.is_empty() {
            out.push(figures::in_words(threshold, None));
        }
    }
    let mut out: Vec<Line> = out.into_iter().map(|words| Line { kind: "Figure", words }).collect();
    let evidence = package.manifest.of_section(section).filter(|f| super::view::files::published(f));
    out.extend(evidence.map(|f| Line { kind: "Evidence on file", words: f.path.to_string() }));
    out
}
