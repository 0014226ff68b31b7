//! One line of a story as words: bare words, quoted texts, and the commas and colons between them.

use crate::text::nearest;
use std::str::FromStr;

/// What is wrong with a line, and where in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    /// First byte in the line.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What is wrong.
    pub message: String,
    /// How to mend it; may be empty.
    pub help: String,
}

#[derive(Debug, Clone)]
struct Word<'l> {
    text: &'l str,
    quoted: bool,
    start: usize,
    end: usize,
}

/// The words of a line, read from left to right.
#[derive(Debug, Clone)]
pub(super) struct Words<'l> {
    words: Vec<Word<'l>>,
    next: usize,
    length: usize,
}

pub(super) type Read<T> = Result<T, Wrong>;

impl<'l> Words<'l> {
    /// Splits a line. A `#` before a word begins a remark.
    pub fn of(line: &'l str) -> Read<Words<'l>> {
        let mut words = Vec::new();
        let mut at = 0;
        while let Some(found) = line[at..].find(|c: char| !c.is_whitespace()) {
            let start = at + found;
            let rest = &line[start..];
            if rest.starts_with('#') {
                break;
            }
            if let Some(inner) = rest.strip_prefix('"') {
                let Some(close) = inner.find('"') else {
                    return Err(Wrong {
                        start,
                        end: line.len(),
                        message: "the text that begins here has no closing quotation mark".to_owned(),
                        help: "end it with \"".to_owned(),
                    });
                };
                let end = start + close + 2;
                words.push(Word { text: &inner[..close], quoted: true, start, end });
                at = end;
                continue;
            }
            let length = rest.find(|c: char| c.is_whitespace() || c == '"').unwrap_or(rest.len());
            let word = &rest[..length];
            at = start + length;
            // `dana:` is a word and a mark; `09:00` and `seen=1,3` are one word.
            let bare = word.trim_end_matches([',', ':']);
            if !bare.is_empty() {
                words.push(Word { text: bare, quoted: false, start, end: start + bare.len() });
            }
            for (offset, mark) in word[bare.len()..].char_indices() {
                let from = start + bare.len() + offset;
                let text = &line[from..from + mark.len_utf8()];
                words.push(Word { text, quoted: false, start: from, end: from + text.len() });
            }
        }
        Ok(Words { words, next: 0, length: line.trim_end().len() })
    }

    /// True when nothing is left.
    pub fn done(&self) -> bool {
        self.next == self.words.len()
    }

    /// The next bare word, not yet taken.
    pub fn peek(&self) -> Option<&'l str> {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Option<&'l str> {
        self.words.get(self.next + ahead).filter(|w| !w.quoted).map(|w| w.text)
    }

    /// Takes these words if they come next.
    pub fn eat(&mut self, phrase: &str) -> bool {
        let wanted: Vec<&str> = phrase.split(' ').collect();
        let found = wanted.iter().enumerate().all(|(i, word)| self.peek_at(i) == Some(word));
        if found {
            self.next += wanted.len();
        }
        found
    }

    /// Takes these words, which must come next.
    pub fn must(&mut self, phrase: &str) -> Read<()> {
        if self.eat(phrase) { Ok(()) } else { Err(self.wrong(format!("`{phrase}` is wanted here"), "")) }
    }

    /// Takes the next bare word.
    pub fn word(&mut self, what: &str) -> Read<&'l str> {
        match self.peek() {
            Some(word) => {
                self.next += 1;
                Ok(word)
            }
            None => Err(self.wrong(format!("{what} is wanted here"), "")),
        }
    }

    /// Takes the next bare word as a name or number of a checked form.
    pub fn form<T: FromStr<Err: std::fmt::Display>>(&mut self, what: &str) -> Read<T> {
        let word = self.word(what)?;
        word.parse().map_err(|error: T::Err| {
            self.next -= 1;
            self.wrong(format!("{what} is wanted here: {error}"), "")
        })
    }

    /// Takes the next bare word if it is of the form.
    pub fn maybe<T: FromStr>(&mut self) -> Option<T> {
        let value = self.peek()?.parse().ok()?;
        self.next += 1;
        Some(value)
    }

    /// Takes the next word if it is a quoted text.
    pub fn text(&mut self) -> Option<&'l str> {
        let word = self.words.get(self.next).filter(|w| w.quoted)?;
        self.next += 1;
        Some(word.text)
    }

    /// Takes the next word, which must be a quoted text.
    pub fn must_text(&mut self, what: &str) -> Read<&'l str> {
        self.text().ok_or_else(|| self.wrong(format!("{what} is wanted here, between quotation marks"), ""))
    }

    /// Takes one or more names, joined by commas or `and`.
    pub fn list<T: FromStr<Err: std::fmt::Display>>(&mut self, what: &str) -> Read<Vec<T>> {
        let mut all = vec![self.form(what)?];
        while self.eat(",") || self.eat("and") {
            all.push(self.form(what)?);
        }
        Ok(all)
    }

    /// Says that the next word is not what is wanted, and which of `known` it may have meant.
    pub fn wrong(&self, message: String, known: &str) -> Wrong {
        let (start, end) = match self.words.get(self.next) {
            Some(word) => (word.start, word.end),
            None => (self.length, self.length + 1),
        };
        let meant = self.peek().and_then(|word| nearest(word, known.split(' ').filter(|k| !k.is_empty())));
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if known.is_empty() => String::new(),
            None => format!("known: {}", known.replace(' ', ", ")),
        };
        Wrong { start, end, message, help }
    }

    /// Goes one word back, so that a message points at it.
    pub fn back(&mut self) {
        self.next -= 1;
    }

    /// Nothing may be left.
    pub fn end(&self) -> Read<()> {
        if self.done() { Ok(()) } else { Err(self.wrong("these words mean nothing here".to_owned(), "")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_words_of_their_own() {
        let mut words = Words::of("drew decides for dana: approves data at 09:00 \"a, b\", x # end").unwrap();
        assert!(words.eat("drew decides for dana"));
        assert!(words.eat(": approves data at 09:00"));
        assert_eq!(words.text(), Some("a, b"));
        assert_eq!(words.list::<String>("x").unwrap_err().message, "x is wanted here: ".to_owned() + "");
    }

    #[test]
    fn an_open_quotation_is_found() {
        let wrong = Words::of("ines says \"so").unwrap_err();
        assert_eq!((wrong.start, wrong.end), (10, 13));
    }
}
