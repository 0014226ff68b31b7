//! What of a section can be pointed at: its paragraphs and sentences, list items, rows and headings, each in
//! the words a reader sees. A remark quotes such words; [`spoken`] says whether two texts are the same words.

use super::text::plain;
use super::tree::{is_title, with};
use comrak::nodes::{Node, NodeValue};
use std::collections::BTreeMap;

/// Bytes of a passage that can be chosen as a whole; of a longer one, its sentences.
const LONG: usize = 4_000;

/// What a passage is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassageKind {
    /// A heading.
    Heading,
    /// A paragraph, with the sentences that follow it in the list.
    Paragraph,
    /// A sentence of the paragraph, item or quotation before it.
    Sentence,
    /// An item of a list.
    Item,
    /// A row of a table, its cells parted by bars.
    Row,
    /// A quotation.
    Quote,
    /// A footnote.
    Note,
    /// Code or other text that is shown as it is.
    Code,
}

/// Words of a section that a remark can be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// What it is.
    pub kind: PassageKind,
    /// The words, as a reader sees them.
    pub words: String,
    /// The titles of the columns, of a row.
    pub columns: String,
}

/// The passages of a section, in order; none when the text exceeds a limit.
pub fn passages(source: &str) -> Vec<Passage> {
    with(source, |tree| tree.map_or_else(|_| Vec::new(), |root| List::of(root).all))
}

/// The passages of a tree, and where they are in it.
#[derive(Default)]
pub(super) struct List {
    pub all: Vec<Passage>,
    /// Numbers, from 1, by the address of the node that ends in it: a paragraph, or the first cell of a row.
    pub at: BTreeMap<usize, usize>,
}

impl List {
    pub(super) fn of(root: Node<'_>) -> List {
        let mut list = List::default();
        list.below(root, PassageKind::Paragraph);
        list
    }

    /// Recursion is bounded by the limit on nesting.
    fn below(&mut self, node: Node<'_>, within: PassageKind) {
        for child in node.children() {
            match &child.data().value {
                NodeValue::Heading(_) if is_title(child) => {}
                NodeValue::Heading(_) => drop(self.put(PassageKind::Heading, plain(child), "")),
                NodeValue::Paragraph => self.prose(within, child),
                NodeValue::Table(_) => self.table(child),
                NodeValue::CodeBlock(code) => self.code(&code.literal),
                NodeValue::HtmlBlock(html) => self.code(&html.literal),
                NodeValue::BlockQuote => self.below(child, PassageKind::Quote),
                NodeValue::FootnoteDefinition(_) => self.below(child, PassageKind::Note),
                NodeValue::Item(_) | NodeValue::TaskItem(_) => self.below(child, PassageKind::Item),
                _ => self.below(child, within),
            }
        }
    }

    fn put(&mut self, kind: PassageKind, words: String, columns: &str) -> Option<usize> {
        if words.len() > LONG || !words.chars().any(char::is_alphanumeric) {
            return None;
        }
        self.all.push(Passage { kind, words, columns: columns.to_owned() });
        Some(self.all.len())
    }

    fn code(&mut self, text: &str) {
        self.put(PassageKind::Code, text.trim_end().to_owned(), "");
    }

    fn prose(&mut self, kind: PassageKind, node: Node<'_>) {
        let words = plain(node);
        let number = self.put(kind, words.clone(), "");
        self.at.extend(number.map(|number| (address(node), number)));
        let sentences = sentences(&words);
        for sentence in sentences.iter().filter(|_| sentences.len() > 1) {
            self.put(PassageKind::Sentence, (*sentence).to_owned(), "");
        }
    }

    fn table(&mut self, node: Node<'_>) {
        let cells = |row: Node<'_>| row.children().map(plain).collect::<Vec<_>>();
        let mut rows = node.children();
        let columns = rows.next().map(cells).unwrap_or_default().join(", ");
        for row in rows {
            let number = self.put(PassageKind::Row, cells(row).join(" | "), &columns);
            self.at.extend(number.zip(row.first_child()).map(|(number, cell)| (address(cell), number)));
        }
    }
}

/// A node's place in memory, to know it again while its tree lives.
pub(super) fn address(node: Node<'_>) -> usize {
    std::ptr::from_ref(node).addr()
}

/// The sentences of a paragraph. A cut too few or too many costs nothing: any words can be quoted.
fn sentences(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices() {
        let after = at + c.len_utf8();
        let mut next = text[after..].chars();
        let ends = matches!(c, '.' | '?' | '!')
            && next.next().is_some_and(char::is_whitespace)
            && next.next().is_some_and(|c| c.is_uppercase() || matches!(c, '"' | '\u{201c}' | '('))
            && !abbreviated(&text[from..at]);
        if ends {
            out.push(text[from..after].trim());
            from = after;
        }
    }
    out.push(text[from..].trim());
    out.retain(|sentence| !sentence.is_empty());
    out
}

/// Whether a text before a full stop ends in a short form or an initial.
fn abbreviated(text: &str) -> bool {
    let word = text.rsplit(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
    let short =
        ["e.g", "i.e", "cf", "vs", "No", "Nos", "Art", "Sec", "Dr", "Mr", "Ms", "Mrs", "St", "approx"];
    short.contains(&word) || word.chars().count() == 1 && word.chars().all(char::is_alphabetic)
}

/// The words of a text as they are read out: Markdown's marks and line breaks aside, so that what was copied
/// from a page, or from the source, is found in the other.
pub fn spoken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            // The target of a link is not read out.
            ']' if rest.starts_with('(') => {
                let end = rest.find(')').map_or(rest.len(), |at| at + 1);
                rest = &rest[end..];
            }
            '*' | '_' | '`' | '[' | ']' | '\\' | '|' | '#' | '>' | '~' | '!' => {}
            c => out.push(c),
        }
    }
    out.split_whitespace().filter(|w| w.chars().any(|c| c != '-')).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(source: &str) -> Vec<(PassageKind, String)> {
        passages(source).into_iter().map(|p| (p.kind, p.words)).collect()
    }

    #[test]
    fn what_is_copied_from_a_page_is_found_in_its_source() {
        let source = "See **the\n  [register](evidence/a.csv)** of `AUTH-2`,\n> valid to 2027.\n";
        assert!(spoken(source).contains(&spoken("the register of AUTH-2, valid")));
        assert!(!spoken(source).contains(&spoken("valid to 2028")));
    }

    #[test]
    fn r23_every_block_is_a_passage_in_the_words_a_reader_sees() {
        use PassageKind::{Code, Heading, Item, Note, Paragraph, Quote, Row, Sentence};
        let source = "# Title\n\nAll *rows* come from\nthe [desk](x.md). None is real.\n\n## More\n\n- one\n- two `b`\n\n\
                      | a | b |\n|---|---|\n| kept | 300 |\n\n> said[^1]\n\n```\nx = 1\n```\n\n[^1]: noted\n";
        let expected = [
            (Paragraph, "All rows come from the desk. None is real."),
            (Sentence, "All rows come from the desk."),
            (Sentence, "None is real."),
            (Heading, "More"),
            (Item, "one"),
            (Item, "two b"),
            (Row, "kept | 300"),
            (Quote, "said"),
            (Code, "x = 1"),
            (Note, "noted"),
        ];
        let expected: Vec<_> = expected.iter().map(|(k, w)| (*k, (*w).to_owned())).collect();
        assert_eq!(words(source), expected);
    }

    #[test]
    fn short_forms_and_initials_end_no_sentence() {
        let text = "See e.g. Table 2, No. 4 and J. Doe (cf. P-1). Was it? Yes! 0.75 is met.";
        assert_eq!(
            sentences(text),
            ["See e.g. Table 2, No. 4 and J. Doe (cf. P-1).", "Was it?", "Yes! 0.75 is met."]
        );
    }

    #[test]
    fn what_exceeds_a_limit_has_no_passages() {
        assert!(passages(&"> ".repeat(500)).is_empty());
        let long = "word ".repeat(2_000);
        assert!(passages(&long).is_empty(), "too long to be chosen as a whole, and one sentence");
    }
}
