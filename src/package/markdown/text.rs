//! Words out of a tree.

use super::tree::{walk, with};
use comrak::nodes::{Node, NodeValue};

/// A paragraph, heading, row of a table or block of code, as a person would read it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Its words, without markup.
    pub text: String,
    /// It is a heading.
    pub heading: bool,
}

/// All words of a section in reading order, for who looks for them: nothing that the page shows is left out.
pub fn paragraphs(source: &str) -> Vec<Said> {
    let said = |text: &str, heading| Said { text: text.trim().to_owned(), heading };
    let mut all = with(source, |tree| {
        // What cannot be parsed is shown as it is written, so it is found as it is written.
        let Ok(root) = tree else { return vec![said(source, false)] };
        let mut out = Vec::new();
        walk(root, &mut |node, entering| {
            let made = match &node.data().value {
                _ if !entering => return true,
                NodeValue::Paragraph => said(&plain(node), false),
                NodeValue::Heading(_) => said(&plain(node), true),
                NodeValue::TableRow(_) => {
                    let cells: Vec<String> = node.children().map(plain).filter(|c| !c.is_empty()).collect();
                    said(&cells.join("; "), false)
                }
                NodeValue::CodeBlock(code) => said(&code.literal, false),
                NodeValue::HtmlBlock(html) => said(&html.literal, false),
                _ => return true,
            };
            out.push(made);
            false
        });
        out
    });
    all.retain(|said| !said.text.is_empty());
    all
}

/// The plain words of a heading, cell or image: what a person would read out.
pub(super) fn plain(node: Node<'_>) -> String {
    let mut text = String::new();
    walk(node, &mut |n, entering| {
        if entering {
            match &n.data().value {
                NodeValue::Text(t) => text.push_str(t),
                NodeValue::Code(code) => text.push_str(&code.literal),
                NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
                NodeValue::Raw(tag) if tag == "<br>" => text.push(' '),
                NodeValue::HtmlInline(html) => text.push_str(html),
                _ => {}
            }
        }
        true
    });
    text.trim().to_owned()
}

/// The words of a block as revisions are compared by: links with their targets, code in backticks,
/// struck-out words marked, emphasis dropped. Whatever changes the meaning changes this text.
pub(super) fn inline(node: Node<'_>) -> String {
    let mut text = String::new();
    let mut starts: Vec<usize> = Vec::new();
    walk(node, &mut |n, entering| {
        match (&n.data().value, entering) {
            (NodeValue::Text(t), true) => text.push_str(t),
            (NodeValue::Code(code), true) => {
                text.push('`');
                text.push_str(&code.literal);
                text.push('`');
            }
            (NodeValue::SoftBreak, true) => text.push(' '),
            (NodeValue::LineBreak, true) => text.push('\n'),
            (NodeValue::Raw(tag) | NodeValue::HtmlInline(tag), true) => text.push_str(tag),
            (NodeValue::Strikethrough, _) => text.push_str("~~"),
            (NodeValue::FootnoteReference(note), true) => {
                text.push_str("[^");
                text.push_str(&note.name);
                text.push(']');
            }
            (NodeValue::Link(_) | NodeValue::Image(_), true) => starts.push(text.len()),
            (NodeValue::Link(link), false) => {
                let start = starts.pop().unwrap_or(0);
                let shown = &text[start..];
                if link.url != shown && link.url.strip_prefix("mailto:") != Some(shown) {
                    text.insert(start, '[');
                    text.push_str("](");
                    text.push_str(&link.url);
                    text.push(')');
                }
            }
            (NodeValue::Image(image), false) => {
                let start = starts.pop().unwrap_or(0);
                text.insert_str(start, "![");
                text.push_str("](");
                text.push_str(&image.url);
                text.push(')');
            }
            _ => {}
        }
        true
    });
    text.trim().to_owned()
}

/// Words of a text: runs without spaces that hold a letter or digit.
pub(super) fn words(text: &str) -> usize {
    text.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_a_page_shows_is_read_out() {
        let source = "# Title\n\nOne **bo**ld [link](https://example.test/hidden) `code`[^n].\n\n- item\n  > quote\n\n\
                      | a | b |\n|---|---|\n| x | ![seen](evidence/p.png) |\n\n```\nfence\n```\n\n<div>raw</div>\n\n[^n]: note\n";
        let all: Vec<(String, bool)> =
            paragraphs(source).into_iter().map(|said| (said.text, said.heading)).collect();
        let texts: Vec<&str> = all.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "Title",
                "One bold link code.",
                "item",
                "quote",
                "a; b",
                "x; seen",
                "fence",
                "<div>raw</div>",
                "note"
            ]
        );
        assert_eq!(all.iter().filter(|(_, heading)| *heading).count(), 1);
        assert_eq!(paragraphs(&">".repeat(500))[0].text.len(), 500, "too deep to parse: shown as written");
    }
}
