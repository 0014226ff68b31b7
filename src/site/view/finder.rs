//! Finding a package by a word, without a server and without a script: an index like that of a book, on
//! one page for each two first letters.
//!
//! In: titles, ids, models, owners and permitted uses of all packages. Out: a front page with the
//! beginnings there are, and a page for each. What matches in a title stands before what matches elsewhere.

use super::{Frame, Index, Link, Tag, inventory};
use crate::dossier::Dossier;
use crate::site::address::{self, SitePath};
use crate::site::render::View;
use serde::Serialize;
use std::collections::BTreeMap;

/// Packages named under one word; the rest is counted, for a word of all packages finds nothing.
const SHOWN: usize = 40;
/// Words that are in every sentence.
const EMPTY: [&str; 16] = [
    "and", "are", "but", "each", "for", "from", "has", "not", "only", "that", "the", "this", "up", "version",
    "with", "without",
];

/// Where a word was found: better places first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Title,
    Name,
    Owner,
    Use,
}

impl Place {
    fn words(self) -> &'static str {
        match self {
            Place::Title => "in the title",
            Place::Name => "in the name",
            Place::Owner => "owner",
            Place::Use => "in the permitted use",
        }
    }
}

type Found<'a> = Vec<(Place, &'a Dossier)>;

/// The index: by beginning, then by word.
pub(crate) struct Words<'a> {
    by_beginning: BTreeMap<String, BTreeMap<String, Found<'a>>>,
}

impl<'a> Words<'a> {
    pub(crate) fn new(index: &Index<'a>) -> Words<'a> {
        let mut by_beginning: BTreeMap<String, BTreeMap<String, Found<'a>>> = BTreeMap::new();
        for dossier in index.register.packages.values() {
            let mut own: BTreeMap<String, Place> = BTreeMap::new();
            let mut take = |place, text: &str| {
                for word in words(text) {
                    let known = own.entry(word).or_insert(place);
                    *known = place.min(*known);
                }
            };
            take(Place::Name, dossier.id.as_str());
            if let Some(p) = dossier.current().map(|r| r.package.as_ref()).or(dossier.package.as_deref()) {
                take(Place::Title, &p.meta.title);
                take(Place::Name, &p.meta.model.name);
                take(Place::Owner, &index.name(&p.meta.owner));
                take(Place::Use, &p.meta.use_);
            }
            for (word, place) in own {
                let words = by_beginning.entry(beginning(&word)).or_default();
                words.entry(word).or_default().push((place, dossier));
            }
        }
        Words { by_beginning }
    }

    /// The beginnings there are.
    pub(crate) fn beginnings(&self) -> impl Iterator<Item = &String> {
        self.by_beginning.keys()
    }
}

/// The words of a text that one would look for, in small letters.
fn words(text: &str) -> impl Iterator<Item = String> {
    let runs = text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    runs.filter(|w| w.chars().count() > 1 && w.len() < 64 && !EMPTY.contains(&w.as_str()))
}

/// The name of the page a word is on: two letters or digits; all others share one page.
fn beginning(word: &str) -> String {
    let two: String = word.chars().take(2).collect();
    if two.bytes().all(|b| b.is_ascii_alphanumeric()) { two } else { "other".to_owned() }
}

/// The front page or the page of one beginning.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FinderView {
    pub frame: Frame,
    pub heading: String,
    pub lede: &'static str,
    /// Beginnings by their first letter.
    pub letters: Vec<Letter>,
    pub words: Vec<WordView>,
}

/// A letter with the beginnings under it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Letter {
    pub letter: String,
    pub links: Vec<Link>,
}

/// A word with the packages it finds.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct WordView {
    pub word: String,
    pub hits: Vec<Hit>,
    pub more: usize,
}

/// A package that a word finds.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Hit {
    pub link: Link,
    pub place: &'static str,
    pub state: Tag,
}

impl View for FinderView {
    const TEMPLATE: &'static str = "finder.html";
}

/// The front page.
pub(crate) fn front(index: &Index<'_>, words: &Words<'_>, path: &SitePath) -> FinderView {
    let mut letters: Vec<Letter> = Vec::new();
    for beginning in words.beginnings() {
        let letter = if beginning == "other" { "Other" } else { beginning.get(..1).unwrap_or_default() };
        let letter = letter.to_uppercase();
        let link =
            Link::new(address::href(&path.root(), &address::find(Some(beginning)), ""), beginning.clone());
        match letters.last_mut() {
            Some(last) if last.letter == letter => last.links.push(link),
            _ => letters.push(Letter { letter, links: vec![link] }),
        }
    }
    FinderView {
        frame: frame(index, path, "Find a model".to_owned()),
        heading: "Find a model".to_owned(),
        lede: "Choose how the word begins: a word of the title, the model's name, its owner or its permitted use.",
        letters,
        words: Vec::new(),
    }
}

/// The page of one beginning.
pub(crate) fn page(index: &Index<'_>, words: &Words<'_>, path: &SitePath, beginning: &str) -> FinderView {
    let root = path.root();
    let found = words.by_beginning.get(beginning).into_iter().flatten().map(|(word, all)| {
        let mut all: Found<'_> = all.clone();
        all.sort_by_key(|(place, dossier)| (*place, &dossier.id));
        let hits = all.iter().take(SHOWN).map(|(place, dossier)| Hit {
            link: Link::new(
                address::href(&root, &address::package(&dossier.id), ""),
                inventory::title(dossier),
            ),
            place: place.words(),
            state: Tag::state(inventory::state_of(index, dossier)),
        });
        WordView { word: word.clone(), hits: hits.collect(), more: all.len().saturating_sub(SHOWN) }
    });
    let heading = if beginning == "other" {
        "Other words".to_owned()
    } else {
        format!("Words that begin with “{beginning}”")
    };
    let mut frame = frame(index, path, heading.clone());
    frame.crumbs.push(Link::new(frame.find.clone(), "Find a model"));
    FinderView { frame, heading, lede: "", letters: Vec::new(), words: found.collect() }
}

fn frame(index: &Index<'_>, path: &SitePath, title: String) -> Frame {
    let mut frame = index.frame(path, title);
    frame.here = "find";
    frame.crumbs = frame.search.iter().map(|to| Link::new(to.clone(), "Search")).collect();
    frame.printed = format!("countersign \u{b7} {} \u{b7} index of words", index.register.name);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_by_their_two_first_letters() {
        let all: Vec<String> = words("The Desk-scorecard v2, for Éva’s loans (a)").collect();
        assert_eq!(all, ["desk", "scorecard", "v2", "éva", "loans"]);
        assert_eq!(all.iter().map(|w| beginning(w)).collect::<Vec<_>>(), ["de", "sc", "v2", "other", "lo"]);
    }
}
