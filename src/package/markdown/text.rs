//! Words out of a tree.

use super::tree::walk;
use comrak::nodes::{Node, NodeValue};

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
