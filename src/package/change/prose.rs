//! Whether a change of prose is a correction.
//!
//! Three rules, none of which depends on how a diff happens to pair the words: numbers, turning words and
//! marks are the same in the same order; no word went in one place and came in another; no word became its
//! opposite. So every word that stayed keeps its order among all others that stayed.

use super::distance::{MOST_CHANGED, MOST_STEPS, balance, distance};
use super::turning::{opposites, plain};
use super::wording::Why;
use super::words::{Token, is_latin, tokens};
use crate::package::markdown::Bit;
use std::collections::{BTreeMap, BTreeSet};

/// The changed paragraphs of one section.
#[derive(Debug)]
pub(super) struct Prose {
    changed: usize,
    steps: usize,
    /// Words that went, and words that came, each with the line of its paragraph.
    went: BTreeMap<String, usize>,
    came: BTreeMap<String, usize>,
}

impl Default for Prose {
    fn default() -> Self {
        Prose { changed: 0, steps: MOST_STEPS, went: BTreeMap::new(), came: BTreeMap::new() }
    }
}

/// Words so common that they come and go in corrections of different sentences.
const COMMON: &[&str] = &[
    "a", "an", "and", "are", "as", "be", "been", "for", "from", "had", "has", "have", "in", "is", "it",
    "its", "of", "on", "that", "the", "their", "them", "these", "they", "this", "those", "to", "was", "we",
    "were", "which", "with",
];

impl Prose {
    /// Judges one paragraph.
    pub(super) fn paragraph(&mut self, old: &[Bit], new: &[Bit], line: usize) -> Result<(), Why> {
        let (old, new) = (tokens(old), tokens(new));
        fixed(&old, &new, line)?;
        let mut names: BTreeMap<&Token, u32> = BTreeMap::new();
        let mut list: Vec<&Token> = Vec::new();
        let mut number = |token| {
            *names.entry(token).or_insert_with(|| {
                list.push(token);
                u32::try_from(list.len() - 1).expect("a section has fewer words than bytes")
            })
        };
        let a: Vec<u32> = old.iter().map(&mut number).collect();
        let b: Vec<u32> = new.iter().map(&mut number).collect();
        let changed = distance(&a, &b, &mut self.steps).ok_or_else(|| Why::too_much(line))?;
        self.changed += changed;
        if self.changed > MOST_CHANGED {
            return Err(Why::too_much(line));
        }
        let heavy = |words: &[u32]| -> Vec<u32> {
            words.iter().filter(|word| !is_light(list[**word as usize])).copied().collect()
        };
        let (a, b) = (heavy(&a), heavy(&b));
        let changed = distance(&a, &b, &mut self.steps).ok_or_else(|| Why::too_much(line))?;
        let balance = balance(&a, &b);
        if balance.values().map(|count| count.unsigned_abs()).sum::<u64>() < changed as u64 {
            return Err(Why::moved_words(line));
        }
        for (word, count) in balance {
            let Token::Word(word) = list[word as usize] else { continue };
            if !is_latin(word) {
                return Err(Why::letters(word, line));
            }
            let side = if count > 0 { &mut self.came } else { &mut self.went };
            side.insert(word.clone(), line);
        }
        Ok(())
    }

    /// Judges all paragraphs together and returns the number of words changed.
    pub(super) fn finish(self) -> Result<u32, Why> {
        let lower = |words: &BTreeMap<String, usize>| -> BTreeSet<String> {
            words.keys().map(|word| plain(word)).collect()
        };
        let (went, came) = (lower(&self.went), lower(&self.came));
        for (word, line) in &self.came {
            if self.went.contains_key(word) && !COMMON.contains(&plain(word).as_str()) {
                return Err(Why::moved_words(*line));
            }
            let word = plain(word);
            if let Some(old) = opposites(&word).find(|opposite| went.contains(opposite)) {
                return Err(Why::opposite(&old, &word, *line));
            }
        }
        for (word, line) in &self.went {
            let word = plain(word);
            if let Some(new) = opposites(&word).find(|opposite| came.contains(opposite)) {
                return Err(Why::opposite(&word, &new, *line));
            }
        }
        Ok(u32::try_from(self.changed).unwrap_or(u32::MAX))
    }
}

/// Marks and articles may change places in a correction.
fn is_light(token: &Token) -> bool {
    match token {
        Token::Point(_) => true,
        Token::Word(word) => ["a", "an", "the"].contains(&word.to_lowercase().as_str()),
        _ => false,
    }
}

/// What must stay as it is and where it is, in order. A number stands there with its neighbors, which are
/// its unit and what it counts, or "table" and "section", or "below".
fn fixed(old: &[Token], new: &[Token], line: usize) -> Result<(), Why> {
    let all =
        |tokens| -> Vec<Fixed<'_>> { (0..).map_while(|at| Fixed::from(tokens, at)).flatten().collect() };
    let (old, new): (Vec<Fixed<'_>>, Vec<Fixed<'_>>) = (all(old), all(new));
    let at = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let (a, b) = (old.get(at), new.get(at));
    if a.is_none() && b.is_none() {
        return Ok(());
    }
    // One side is taken for added or removed when there are more of it on that side.
    let count = |list: &[Fixed<'_>], one: &Fixed<'_>| list.iter().filter(|f| *f == one).count();
    let went = a.filter(|a| count(&old, a) > count(&new, a));
    let came = b.filter(|b| count(&new, b) > count(&old, b));
    let number = |one: Option<&Fixed<'_>>| one.map(Fixed::number).unwrap_or_default();
    let word = |one: Option<&Fixed<'_>>| one.and_then(Fixed::word).unwrap_or_default().to_owned();
    let kinds = (went.or(came), came.or(went));
    Err(match kinds {
        (Some(Fixed::Mark(kind, _)), _) | (_, Some(Fixed::Mark(kind, _))) => match (went, came) {
            (Some(_), None) => Why::removed(kind, line),
            (None, Some(_)) => Why::added(kind, line),
            _ => Why::changed(kind, line),
        },
        (Some(Fixed::Number { .. }), Some(Fixed::Number { .. })) => {
            Why::number(&number(went), &number(came), line)
        }
        (Some(Fixed::Turning(_)), Some(Fixed::Turning(_))) => Why::turning(&word(went), &word(came), line),
        (Some(Fixed::Number { .. }), Some(Fixed::Turning(_))) => Why::number(&number(went), "", line),
        (Some(Fixed::Turning(_)), Some(Fixed::Number { .. })) => Why::number("", &number(came), line),
        _ => Why::moved_words(line),
    })
}

#[derive(Debug, PartialEq, Eq)]
enum Fixed<'a> {
    Mark(&'static str, &'a str),
    Turning(&'a str),
    Number { before: Option<&'a str>, number: &'a str, after: Option<&'a str> },
}

impl<'a> Fixed<'a> {
    /// What is fixed at a position, if anything is; `None` past the end.
    fn from(tokens: &'a [Token], at: usize) -> Option<Option<Fixed<'a>>> {
        Some(match tokens.get(at)? {
            Token::Mark(kind, text) => Some(Fixed::Mark(kind, text)),
            Token::Turning(word) => Some(Fixed::Turning(word)),
            Token::Number(number) => {
                // A hyphen before a number can be a minus.
                let before = match at.checked_sub(1).map(|before| &tokens[before]) {
                    Some(Token::Point('-' | '\u{2010}' | '\u{2011}' | '\u{2013}')) => Some("-"),
                    _ => neighbor(tokens[..at].iter().rev()),
                };
                Some(Fixed::Number { before, number, after: neighbor(tokens[at + 1..].iter()) })
            }
            Token::Word(_) | Token::Point(_) => None,
        })
    }

    fn number(&self) -> String {
        match self {
            Fixed::Number { before, number, after } => {
                let minus = before.filter(|before| *before == "-");
                let parts: Vec<&str> = minus.into_iter().chain([*number]).chain(*after).collect();
                parts.join(" ")
            }
            _ => String::new(),
        }
    }

    fn word(&self) -> Option<&'a str> {
        match self {
            Fixed::Turning(word) => Some(word),
            _ => None,
        }
    }
}

/// The word beside a number, where no mark of punctuation stands between. Emphasis does not part them.
fn neighbor<'a>(mut tokens: impl Iterator<Item = &'a Token>) -> Option<&'a str> {
    match tokens.find(|token| !matches!(token, Token::Mark("emphasis", _)))? {
        Token::Word(word) | Token::Turning(word) | Token::Number(word) => Some(word),
        Token::Mark(..) | Token::Point(_) => None,
    }
}
