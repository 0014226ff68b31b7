//! The index of one group of packages: which documents each word stands in, and how prominently.

use super::call::{call, literal};
use super::card::{Card, Filled};
use super::words::{bucket, cut};
use crate::digest::sha256;
use crate::dossier::Dossier;
use crate::id::PackageId;
use crate::site::address::{self, SitePath};
use crate::site::render::{PageKey, Press, SiteError};
use crate::site::view::{Index, package};
use crate::text::fold;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Packages a group may have before there are more groups.
const GROUP: usize = 32;
/// A question asks each group, so there are not many.
const MOST_GROUPS: usize = 32;
/// A word that stands in a text this often is what the text is about.
const OFTEN: usize = 3;
/// Changes whenever the same cards would give other bytes.
const SORT: &str = "search 1";

/// How a register is spread over files. It depends on the number of packages alone, and seldom changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Layout {
    pub groups: usize,
    pub buckets: usize,
}

impl Layout {
    pub(crate) fn new(packages: usize) -> Layout {
        let groups = packages.div_ceil(GROUP).next_power_of_two().min(MOST_GROUPS);
        let buckets = (packages / 128).next_power_of_two().clamp(8, 64);
        Layout { groups, buckets }
    }

    /// The group of a package, which no other package has a say in.
    pub(crate) fn group(&self, id: &PackageId) -> usize {
        usize::from(sha256(id.as_str().as_bytes())[0]) % self.groups
    }
}

/// Where a word stands: better places are greater. Two bits of every number in a list.
mod place {
    pub const TEXT: u8 = 0;
    /// Often in the text, or in a heading inside a section.
    pub const MUCH: u8 = 1;
    pub const HEADING: u8 = 2;
    pub const TITLE: u8 = 3;
}

/// What a package's file holds: the plain text to show passages from.
#[derive(Serialize)]
struct Shown<'a> {
    title: &'a str,
    state: &'a str,
    tone: &'a str,
    icon: &'a str,
    revision: &'a str,
    /// Anchor, heading, whether the heading is common, paragraphs.
    places: Vec<(&'a str, &'a str, bool, Vec<&'a str>)>,
}

/// Makes the files of one group, from its packages in order of id and the keys of their pages. What can be
/// found is what the page shows, so nothing but the page's key is needed to know that nothing changed.
pub(crate) fn group(
    layout: Layout,
    number: usize,
    pages: &[(&Dossier, PageKey)],
    index: &Index<'_>,
    press: &Press<'_>,
    made: &mut Vec<(SitePath, PageKey)>,
) -> Result<(), SiteError> {
    let names: Vec<_> = pages.iter().map(|(dossier, key)| (&dossier.id, key)).collect();
    let key = PageKey::of(SORT, &(layout, names));
    let list = address::search_list(number);
    let files = (0..layout.buckets).map(|n| address::search_words(number, n));
    let known: Option<Vec<_>> = files.map(|path| Some((press.known(&path)?.clone(), path))).collect();
    // The list has the key of the whole group: if it is the same, so is every file that was made with it.
    let known = known.filter(|_| press.known(&list) == Some(&key));

    let read = |(dossier, page): &(&Dossier, PageKey)| {
        let (path, key) = (address::search_text(&dossier.id), PageKey::of(SORT, page));
        let stale = press.known(&path) != Some(&key);
        if known.is_some() && !stale {
            return Ok(((path, key), true, None));
        }
        let card = Card::of(dossier, &package::now(index, dossier, &address::package(&dossier.id)));
        let (places, whole) = card.fill(press.sources());
        let words = known.is_none().then(|| Words::of(&card, &places));
        let file = if stale {
            let bytes = shown(&card, &key, &places);
            press.made(path, &key, whole, bytes)?
        } else {
            (path, key)
        };
        Ok((file, whole, words))
    };
    let packages: Vec<_> = pages.par_iter().map(read).collect::<Result<_, _>>()?;
    let whole = packages.iter().all(|(_, whole, _)| *whole);
    let (files, words): (Vec<_>, Vec<_>) = packages.into_iter().map(|(file, _, words)| (file, words)).unzip();
    made.extend(files);
    if let Some(known) = known {
        made.push((list, key));
        made.extend(known.into_iter().map(|(key, path)| (path, key)));
        return Ok(());
    }
    let words: Vec<Words> = words.into_iter().flatten().collect();
    let documents: Vec<_> = pages.iter().zip(&words).map(|((d, _), words)| (&d.id, words.places)).collect();
    let bytes = call("list", &(number, &key.as_str()[..12], documents));
    made.push(press.made(list, &key, whole, bytes)?);
    for (n, words) in spread(layout, &words).into_iter().enumerate() {
        let bytes = listed(number, n, &words);
        // Most edits leave most buckets as they are, so these have keys of their own bytes.
        let path = address::search_words(number, n);
        made.push(press.file(path, &sha256(&bytes), |_| Ok(bytes))?);
    }
    Ok(())
}

fn shown(card: &Card, key: &PageKey, filled: &[Filled<'_>]) -> Vec<u8> {
    let places = filled.iter().map(|f| {
        let paragraphs = f.paragraphs.iter().map(|(text, _)| text.as_str()).collect();
        (f.place.anchor.as_str(), f.place.heading.as_str(), f.place.common, paragraphs)
    });
    let shown = Shown {
        title: &card.title,
        state: &card.state,
        tone: card.tone,
        icon: card.icon,
        revision: &card.revision,
        places: places.collect(),
    };
    call("text", &(&card.id, &key.as_str()[..12], shown))
}

/// The words of one package, each once for each place it stands in.
pub(super) struct Words {
    /// All words, one behind the other.
    text: String,
    /// Places the page has.
    places: usize,
    /// Where a word ends, its place on the page, and how well it stands there.
    ends: Vec<(usize, usize, u8)>,
}

impl Words {
    pub(super) fn of(card: &Card, filled: &[Filled<'_>]) -> Words {
        let mut words = Words { text: String::new(), places: filled.len(), ends: Vec::new() };
        for (n, place) in filled.iter().enumerate() {
            let mut folded = Folded::default();
            if n == 0 {
                let names = [&card.title].into_iter().chain(&card.names);
                names.for_each(|name| folded.add(name, place::TITLE));
            }
            if !place.place.common {
                folded.add(&place.place.heading, place::HEADING);
            }
            for (text, heading) in &place.paragraphs {
                folded.add(text, if *heading { place::MUCH } else { place::TEXT });
            }
            folded.words(|word, best| {
                words.text.push_str(word);
                words.ends.push((words.text.len(), n, best));
            });
        }
        words
    }

    /// Each word with its place on the page, and how well it stands there.
    fn each(&self) -> impl Iterator<Item = (&str, usize, u8)> {
        let mut from = 0;
        self.ends.iter().map(move |(end, place, best)| {
            let word = &self.text[from..*end];
            from = *end;
            (word, *place, *best)
        })
    }
}

/// The folded text of one place.
#[derive(Default)]
struct Folded {
    text: String,
    found: Vec<(usize, usize, u8)>,
}

impl Folded {
    fn add(&mut self, text: &str, best: u8) {
        let start = self.text.len();
        fold(text, &mut self.text);
        cut(&self.text[start..], |from, to| self.found.push((start + from, start + to, best)));
    }

    /// Each word once, with the best place it has.
    fn words(&mut self, mut take: impl FnMut(&str, u8)) {
        let text = &self.text;
        self.found.sort_unstable_by(|a, b| text[a.0..a.1].cmp(&text[b.0..b.1]));
        for same in self.found.chunk_by(|a, b| text[a.0..a.1] == text[b.0..b.1]) {
            let best = same.iter().map(|found| found.2).max().unwrap_or(place::TEXT);
            let often = if same.len() >= OFTEN { place::MUCH } else { place::TEXT };
            take(&text[same[0].0..same[0].1], best.max(often));
        }
    }
}

/// A list as it is written, and the last document in it.
#[derive(Default)]
struct Listed {
    text: String,
    last: usize,
}

/// The lists of each bucket.
fn spread(layout: Layout, packages: &[Words]) -> Vec<BTreeMap<&str, Listed>> {
    let mut buckets: Vec<BTreeMap<&str, Listed>> = (0..layout.buckets).map(|_| BTreeMap::new()).collect();
    let mut first = 0;
    for words in packages {
        for (word, place, best) in words.each() {
            let list = buckets[bucket(word, layout.buckets)].entry(word).or_default();
            let comma = if list.text.is_empty() { "" } else { "," };
            let number = (first + place - list.last) * 4 + usize::from(best);
            write!(list.text, "{comma}{number}").expect("a string");
            list.last = first + place;
        }
        first += words.places;
    }
    buckets
}

/// A bucket's file: words and lists in turn. A list holds the distance to the document before, times four,
/// plus the place.
fn listed(group: usize, bucket: usize, words: &BTreeMap<&str, Listed>) -> Vec<u8> {
    let mut out = format!("countersign.words([{group},{bucket},[");
    for (n, (word, list)) in words.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        literal(word, &mut out);
        out.push_str(",[");
        out.push_str(&list.text);
        out.push(']');
    }
    out.push_str("]]);\n");
    out.into_bytes()
}
