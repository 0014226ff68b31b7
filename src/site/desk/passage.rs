//! Which words of a section a comment is about: chosen from the section's passages, without a script.

use super::{ActInput, Field, Problem};
use crate::dossier::Dossier;
use crate::id::SectionId;
use crate::site::markdown::exact;
use crate::site::passages::Quotable;
use crate::site::view::files;
use crate::site::words;
use crate::text::Sources;
use serde::Serialize;

/// The field a form sends the choice in: `whole`, `other`, or a colon and the words.
pub const PASSAGE: &str = "x-passage";

/// What an address asks for in place of a passage: to see the list.
pub(crate) const LIST: &str = "list";

/// The choice of a passage.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Pick {
    pub error: String,
    pub whole: bool,
    /// What is chosen, out of the list.
    pub chosen: Option<PassageOption>,
    pub options: Vec<PassageOption>,
    /// How many passages the list has, in words.
    pub count: String,
    /// True if the list is to be seen at once.
    pub open: bool,
    /// True if the words are typed.
    pub typed: bool,
    pub other: Field,
    /// How many passages are not listed, in words.
    pub more: String,
    /// What was asked for by the address: the number of a passage, or words chosen before.
    #[serde(skip)]
    wanted: String,
    #[serde(skip)]
    section: SectionId,
}

/// A passage to choose.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PassageOption {
    pub id: String,
    pub kind: String,
    /// What the form sends.
    pub value: String,
    /// The words as they are shown.
    pub words: String,
    /// Why more is quoted than the passage, or why it cannot be chosen.
    pub note: &'static str,
    pub class: &'static str,
    pub off: bool,
    pub selected: bool,
}

/// Words of a paragraph shown where its sentences follow one by one.
const BEGINNING: usize = 8;

impl Pick {
    pub(crate) fn new(input: &ActInput, section: SectionId, problems: &[Problem]) -> Pick {
        let chosen = input.more.get(PASSAGE).map_or("", String::as_str);
        let typed = chosen == "other" || chosen.is_empty() && !input.quote.is_empty();
        Pick {
            error: Problem::of(problems, PASSAGE),
            whole: !typed && matches!(chosen, "" | "whole" | LIST),
            chosen: None,
            options: Vec::new(),
            count: String::new(),
            open: chosen == LIST,
            typed,
            other: Field::new("quote", "The words, exactly as they stand", &input.quote, problems)
                .hint("Copy them from the section and paste them here."),
            more: String::new(),
            wanted: chosen.to_owned(),
            section,
        }
    }

    /// Lists the passages of the current revision; false when its text is not what was signed.
    pub(crate) fn fill(&mut self, dossier: &Dossier, sources: &dyn Sources) -> bool {
        let Some(quotable) = quotable(dossier, &self.section, sources) else { return false };
        let (offers, more) = quotable.offers();
        let parts: Vec<bool> = offers.iter().skip(1).map(|o| o.part).chain([false]).collect();
        let number = self.wanted.parse::<usize>().ok();
        for (at, (offer, parted)) in offers.into_iter().zip(parts).enumerate() {
            let value = format!(":{}", offer.words);
            let whole = parted && !offer.part;
            self.options.push(PassageOption {
                id: format!("passage-{}", at + 1),
                kind: if whole && offer.kind == "Paragraph" { "The whole paragraph".to_owned() } else { offer.kind },
                words: if whole && !offer.widened { beginning(&offer.words) } else { offer.words },
                note: match (offer.apart, offer.widened) {
                    (false, _) => {
                        "It stands more than once, and so do the words around it: copy enough of them into \u{201c}Other words\u{201d}."
                    }
                    (true, true) => "With the words around it, because it stands more than once.",
                    _ => "",
                },
                class: if offer.part { "part" } else { "" },
                off: !offer.apart,
                selected: offer.apart && (number == Some(at + 1) || value == self.wanted),
                value,
            });
        }
        if more > 0 {
            self.more = format!(
                "{} more are not listed: copy their words into \u{201c}Other words\u{201d}.",
                words::count(more, "passage")
            );
        }
        self.count = words::count(self.options.len(), "passage");
        // What is chosen leads; its own sentences stay where they are.
        if let Some(at) = self.options.iter().position(|o| o.selected) {
            let mut chosen = self.options.remove(at);
            chosen.words = chosen.value.trim_start_matches(':').to_owned();
            self.chosen = Some(chosen);
        }
        if self.chosen.is_none() && !self.whole && !self.typed {
            // Words chosen in an earlier revision, which may be gone: they are kept, to be looked at.
            match self.wanted.strip_prefix(':') {
                Some(words) => (self.typed, self.other.value) = (true, words.to_owned()),
                None => self.whole = true,
            }
        }
        true
    }
}

/// A section of the current revision as words that can be quoted.
pub(crate) fn quotable(dossier: &Dossier, section: &SectionId, sources: &dyn Sources) -> Option<Quotable> {
    let current = dossier.current()?;
    let path = &current.package.sections.get(section)?.path;
    let file = current.package.manifest.files.iter().find(|f| f.path == *path)?;
    let source = files::source(&dossier.id, current.number, path)?;
    let text = String::from_utf8(exact(sources, &source, &file.digest)?).ok()?;
    Some(Quotable::new(&current.package, &current.chain, section, &text))
}

fn beginning(words: &str) -> String {
    let mut all = words.split_whitespace();
    let first: Vec<&str> = all.by_ref().take(BEGINNING).collect();
    let more = if all.next().is_some() { " \u{2026}" } else { "" };
    format!("{}{more}", first.join(" "))
}
