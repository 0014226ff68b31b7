//! Prose in words, marks and numbers.

use super::turning;
use crate::package::markdown::Bit;

/// A word or mark of a paragraph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Token {
    /// What is no prose: emphasis starts or ends, code, a link, a note. Its kind, and which.
    Mark(&'static str, String),
    /// A word.
    Word(String),
    /// A word that turns a meaning, or a question mark.
    Turning(String),
    /// Whatever holds a digit or a sign, whole.
    Number(String),
    /// A mark of punctuation.
    Point(char),
}

/// Marks that prose is made with. Every other mark makes a sign of what it stands in.
const POINTS: &str =
    ".,;:!?'\"()[]-/_\u{2018}\u{2019}\u{201c}\u{201d}\u{ab}\u{bb}\u{2010}\u{2011}\u{2013}\u{2014}\u{2026}";
/// Those that end a number.
const ENDS: &str = ".,;:!?'\")]\u{2019}\u{201d}\u{bb}\u{2026}";
/// Those that begin one. A hyphen is a sign there.
const STARTS: &str = "'\"([\u{2018}\u{201c}\u{ab}";

/// The words of a paragraph, in order.
pub(super) fn tokens(bits: &[Bit]) -> Vec<Token> {
    let mut out = Vec::new();
    for bit in bits {
        if bit.kind.is_empty() {
            bit.text.split_whitespace().for_each(|chunk| cut(chunk, &mut out));
        } else {
            out.push(Token::Mark(bit.kind, bit.text.clone()));
        }
    }
    out
}

fn cut(chunk: &str, out: &mut Vec<Token>) {
    let sign = |c: char| c.is_numeric() || !(c.is_alphanumeric() || POINTS.contains(c));
    if !chunk.contains(sign) {
        return pieces(chunk, out);
    }
    let mut core = chunk.trim_end_matches(|c| ENDS.contains(c));
    let left = core.trim_start_matches(|c| STARTS.contains(c));
    // (5) can mean minus five: brackets on both sides stay with the number.
    let closed =
        chunk[core.len()..].starts_with(')') && core.len() - left.len() == 1 && core.starts_with('(');
    let start = if closed { 0 } else { core.len() - left.len() };
    if closed {
        core = &chunk[..=core.len()];
    }
    out.extend(chunk[..start].chars().map(point));
    out.push(Token::Number(core[start..].to_owned()));
    out.extend(chunk[core.len()..].chars().map(point));
}

fn point(c: char) -> Token {
    if c == '?' { Token::Turning("?".to_owned()) } else { Token::Point(c) }
}

/// Letters, with the apostrophes between them, and the marks around them.
fn pieces(chunk: &str, out: &mut Vec<Token>) {
    let mut rest = chunk;
    while let Some(first) = rest.chars().next() {
        if !first.is_alphanumeric() {
            out.push(point(first));
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let mut end = 0;
        for (at, c) in rest.char_indices() {
            let apostrophe = matches!(c, '\'' | '\u{2019}');
            let inner = apostrophe && rest[at + c.len_utf8()..].starts_with(char::is_alphanumeric);
            if !c.is_alphanumeric() && !inner {
                break;
            }
            end = at + c.len_utf8();
        }
        let word = rest[..end].to_owned();
        out.push(match () {
            () if is_numbering(&word) => Token::Number(word),
            () if turning::turns(&word) => Token::Turning(word),
            () => Token::Word(word),
        });
        rest = &rest[end..];
    }
}

/// IV, XII and single letters number things: annex IV, class B.
fn is_numbering(word: &str) -> bool {
    let roman = word.chars().all(|c| "IVXLCDM".contains(c));
    let letter = word.len() == 1 && word.starts_with(|c: char| c.is_ascii_uppercase());
    (roman || letter) && word != "I" && word != "A"
}

/// True if a word is written in letters that cannot pass for others: a Cyrillic `о` makes another "not".
pub(super) fn is_latin(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii() || matches!(c, '\u{c0}'..='\u{17f}' | '\u{2019}'))
}
