//! Words out of folded text, and where they lie.
//!
//! The script of the search page does the same in its own language; a test in the browser holds them together.

/// Letters of a word that count: 64 are one SHA-256.
const LONGEST: usize = 64;

/// The words of a folded text, from byte to byte. Scripts without spaces have a word a sign; of an endless
/// word the beginning counts.
pub(super) fn cut(folded: &str, mut take: impl FnMut(usize, usize)) {
    let mut word: Option<(usize, usize)> = None;
    let mut letters = 0;
    for (at, c) in folded.char_indices() {
        let end = at + c.len_utf8();
        let alone = alone(c);
        if alone || !c.is_alphanumeric() {
            if let Some((from, to)) = word.take() {
                take(from, to);
            }
            letters = 0;
            if alone {
                take(at, end);
            }
        } else if letters < LONGEST {
            word = Some((word.map_or(at, |(from, _)| from), end));
            letters += 1;
        }
    }
    if let Some((from, to)) = word {
        take(from, to);
    }
}

/// A sign that is a word by itself: kana and Han.
fn alone(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The bucket of a word, by its first two letters: every word that begins like it lies in the same.
pub(super) fn bucket(word: &str, buckets: usize) -> usize {
    let mut letters = word.chars().map(|c| c as usize);
    let (first, second) = (letters.next().unwrap_or(0), letters.next().unwrap_or(0));
    (first * 31 + second) % buckets
}
