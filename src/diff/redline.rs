//! Words marked for people: what stayed, what went, what came. Never part of the digest.

use serde::Serialize;
use similar::{ChangeTag, TextDiff};

/// A run of words with one fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its fate.
    pub tag: Tag,
    /// The words, with their spaces.
    pub text: String,
}

/// Fates of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Tag {
    /// There before and after.
    Same,
    /// Gone.
    Removed,
    /// New.
    Added,
}

/// Product of word counts above which words are not compared one by one.
const MOST: usize = 4_000_000;

/// The redline of two texts. Runs without [`Tag::Added`] give back the old text, those without
/// [`Tag::Removed`] the new one. Changes with nothing but spaces between them are one.
pub fn redline(old: &str, new: &str) -> Vec<Run> {
    let mut line = Line::default();
    // Breaking into words also counts punctuation and spaces, so bytes bound the words well enough.
    let words = |text: &str| text.split_whitespace().count() * 2 + 1;
    if old != new && words(old).saturating_mul(words(new)) > MOST {
        line.change(Tag::Removed, old);
        line.change(Tag::Added, new);
        line.flush();
        return line.runs;
    }
    let diff = TextDiff::from_unicode_words(old, new);
    for change in diff.iter_all_changes() {
        match change.tag() {
            ChangeTag::Equal => line.same(change.value()),
            ChangeTag::Delete => line.change(Tag::Removed, change.value()),
            ChangeTag::Insert => line.change(Tag::Added, change.value()),
        }
    }
    line.flush();
    line.runs
}

#[derive(Default)]
struct Line {
    runs: Vec<Run>,
    removed: String,
    added: String,
    /// Spaces after a change: they join the next change, or stay.
    spaces: String,
}

impl Line {
    fn change(&mut self, tag: Tag, text: &str) {
        let spaces = std::mem::take(&mut self.spaces);
        self.removed.push_str(&spaces);
        self.added.push_str(&spaces);
        match tag {
            Tag::Removed => self.removed.push_str(text),
            _ => self.added.push_str(text),
        }
    }

    fn same(&mut self, text: &str) {
        let in_change = !(self.removed.is_empty() && self.added.is_empty());
        if in_change && text.chars().all(char::is_whitespace) {
            self.spaces.push_str(text);
            return;
        }
        self.flush();
        self.push(Tag::Same, text.to_owned());
    }

    fn flush(&mut self) {
        let (removed, added) = (std::mem::take(&mut self.removed), std::mem::take(&mut self.added));
        self.push(Tag::Removed, removed);
        self.push(Tag::Added, added);
        let spaces = std::mem::take(&mut self.spaces);
        self.push(Tag::Same, spaces);
    }

    fn push(&mut self, tag: Tag, text: String) {
        if text.is_empty() {
            return;
        }
        match self.runs.last_mut() {
            Some(last) if last.tag == tag => last.text.push_str(&text),
            _ => self.runs.push(Run { tag, text }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(old: &str, new: &str) -> String {
        let one = |run: Run| match run.tag {
            Tag::Same => run.text,
            Tag::Removed => format!("[-{}-]", run.text),
            Tag::Added => format!("{{+{}+}}", run.text),
        };
        redline(old, new).into_iter().map(one).collect()
    }

    #[test]
    fn marks_words_and_joins_neighbors() {
        assert_eq!(shown("a limit of 5 %", "a limit of 6 %"), "a limit of [-5-]{+6+} %");
        assert_eq!(shown("it is not safe", "it is safe"), "it is [-not -]safe");
        assert_eq!(shown("one two three four", "one zwei drei four"), "one [-two three-]{+zwei drei+} four");
        assert_eq!(shown("same", "same"), "same");
        assert_eq!(shown("", "new"), "{+new+}");
    }

    #[test]
    fn two_long_texts_are_replaced_whole() {
        let (old, new) = ("a ".repeat(3000), "b ".repeat(3000));
        let tags: Vec<Tag> = redline(&old, &new).iter().map(|r| r.tag).collect();
        assert_eq!(tags, [Tag::Removed, Tag::Added]);
    }
}
