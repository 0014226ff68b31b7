//! The typed tree that two revisions are compared by.

use super::text::{inline, plain};
use super::tree::{Tree, with};
use comrak::nodes::{ListType, Node, NodeValue};
use serde::Serialize;

/// A block of a section. Texts are as SPEC section 6.2 says: links with their targets, emphasis dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Block {
    /// A heading.
    Heading {
        /// 1 to 6.
        level: u8,
        /// Its words.
        text: String,
    },
    /// A paragraph.
    Paragraph {
        /// Its words.
        text: String,
    },
    /// A list.
    List {
        /// Its items.
        items: Vec<Item>,
    },
    /// A table.
    Table {
        /// Column titles.
        header: Vec<String>,
        /// Cells, row by row.
        rows: Vec<Vec<String>>,
    },
    /// A code block.
    Code {
        /// The language named, if any.
        info: String,
        /// The code.
        text: String,
    },
    /// A quotation.
    Quote {
        /// What it holds.
        blocks: Vec<Block>,
    },
    /// A footnote.
    Footnote {
        /// Its label.
        name: String,
        /// What it holds.
        blocks: Vec<Block>,
    },
    /// A paragraph that is one image.
    Image {
        /// Its words.
        alt: String,
        /// Its file.
        path: String,
    },
    /// A line across.
    Rule,
    /// Source that is shown as it is, because it cannot be shown as meant.
    Raw {
        /// The source.
        text: String,
    },
}

/// One item of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// `-`, `1.`, `[ ]` or `[x]`: whether it is numbered or a task, not its number.
    pub mark: String,
    /// What it holds.
    pub blocks: Vec<Block>,
}

/// The blocks of a section, in order.
pub fn blocks(source: &str) -> Vec<Block> {
    with(source, |tree| of(source, tree))
}

fn of(source: &str, tree: Tree<'_>) -> Vec<Block> {
    match tree {
        Ok(root) => children(root),
        Err(_) => vec![Block::Raw { text: source.to_owned() }],
    }
}

/// Recursion is bounded by the limit on nesting.
fn children(node: Node<'_>) -> Vec<Block> {
    node.children().filter_map(block).collect()
}

fn block(node: Node<'_>) -> Option<Block> {
    let data = node.data();
    Some(match &data.value {
        NodeValue::Heading(heading) => Block::Heading { level: heading.level, text: inline(node) },
        NodeValue::Paragraph => paragraph(node),
        NodeValue::List(_) => Block::List { items: node.children().map(item).collect() },
        NodeValue::Table(_) => table(node),
        NodeValue::CodeBlock(code) => Block::Code { info: code.info.clone(), text: code.literal.clone() },
        NodeValue::BlockQuote => Block::Quote { blocks: children(node) },
        NodeValue::FootnoteDefinition(note) => {
            Block::Footnote { name: note.name.clone(), blocks: children(node) }
        }
        NodeValue::ThematicBreak => Block::Rule,
        NodeValue::HtmlBlock(html) => Block::Raw { text: html.literal.trim_end().to_owned() },
        NodeValue::Raw(tag) => Block::Raw { text: tag.clone() },
        _ => return None,
    })
}

fn paragraph(node: Node<'_>) -> Block {
    let only = node.first_child().filter(|child| child.next_sibling().is_none());
    if let Some(child) = only
        && let NodeValue::Image(image) = &child.data().value
    {
        return Block::Image { alt: plain(child), path: image.url.clone() };
    }
    Block::Paragraph { text: inline(node) }
}

fn item(node: Node<'_>) -> Item {
    let mark = match &node.data().value {
        NodeValue::TaskItem(task) if task.symbol.is_some() => "[x]",
        NodeValue::TaskItem(_) => "[ ]",
        NodeValue::Item(list) if list.list_type == ListType::Ordered => "1.",
        _ => "-",
    };
    Item { mark: mark.to_owned(), blocks: children(node) }
}

fn table(node: Node<'_>) -> Block {
    let row = |row: Node<'_>| -> Vec<String> { row.children().map(inline).collect() };
    let mut rows = node.children().map(row);
    Block::Table { header: rows.next().unwrap_or_default(), rows: rows.collect() }
}
