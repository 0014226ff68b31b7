//! What of a section can be pointed at: its paragraphs and sentences, list items, rows and headings, each in
//! the words a reader sees. A remark quotes such words; [`spoken`] says whether two texts are the same words.

use super::text::plain;
use super::tree::{is_title, with};
use comrak::nodes::{Node, NodeValue};

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
    let mut out = Vec::new();
    with(source, |tree| {
        if let Ok(root) = tree {
            below(root, PassageKind::Paragraph, &mut out);
        }
    });
    out
}

/// Recursion is bounded by the limit on nesting.
fn below(node: Node<'_>, within: PassageKind, out: &mut Vec<Passage>) {
    for child in node.children() {
        match &child.data().value {
            NodeValue::Heading(_) if !is_title(child) => put(PassageKind::Heading, plain(child), out),
            NodeValue::Heading(_) => {}
            NodeValue::Paragraph => prose(within, plain(child), out),
            NodeValue::Table(_) => {
                let mut rows = child.children().map(|row| row.children().map(plain).collect::<Vec<_>>());
                let columns = rows.next().unwrap_or_default().join(", ");
                for cells in rows {
                    let before = out.len();
                    put(PassageKind::Row, cells.join(" | "), out);
                    out[before..].iter_mut().for_each(|row| row.columns.clone_from(&columns));
                }
            }
            NodeValue::CodeBlock(code) => put(PassageKind::Code, code.literal.trim_end().to_owned(), out),
            NodeValue::HtmlBlock(html) => put(PassageKind::Code, html.literal.trim_end().to_owned(), out),
            NodeValue::BlockQuote => below(child, PassageKind::Quote, out),
            NodeValue::FootnoteDefinition(_) => below(child, PassageKind::Note, out),
            NodeValue::Item(_) | NodeValue::TaskItem(_) => below(child, PassageKind::Item, out),
            _ => below(child, within, out),
        }
    }
}

fn put(kind: PassageKind, words: String, out: &mut Vec<Passage>) {
    if words.chars().any(char::is_alphanumeric) && words.len() <= LONG {
        out.push(Passage { kind, words, columns: String::new() });
    }
}

fn prose(kind: PassageKind, words: String, out: &mut Vec<Passage>) {
    let sentences = sentences(&words);
    let several: Vec<String> =
        if sentences.len() > 1 { sentences.iter().map(|s| (*s).to_owned()).collect() } else { Vec::new() };
    put(kind, words, out);
    several.into_iter().for_each(|sentence| put(PassageKind::Sentence, sentence, out));
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
