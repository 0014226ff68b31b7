//! The form of a section: its tree, reduced to what the page shows.
//!
//! Two texts of equal form give equal pages, whatever their markers, line ends and entities. The form may
//! tell more texts apart than the page does (the language of a code block, the label of a note), never
//! fewer: whatever `html` reads of a node must stand here.

use super::html::{self, HtmlOptions};
use super::tree::{Tree, walk, with};
use comrak::nodes::{ListType, Node, NodeValue, TableAlignment};

/// A block, the start of one that holds others, or its end.
#[derive(Debug)]
pub(in crate::package) struct Piece {
    /// What it is called.
    pub kind: &'static str,
    /// What sets it apart from others of its kind: level, alignment, number, label.
    pub shape: String,
    /// What it holds.
    pub bits: Vec<Bit>,
    /// Its 1-based line in the source; no part of the form.
    pub line: usize,
}

/// A part of a block's contents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::package) struct Bit {
    /// What it is called; empty for the words of prose.
    pub kind: &'static str,
    /// Its words, or what sets it apart.
    pub text: String,
    /// True for words, which go on in the next bit of the same kind.
    words: bool,
}

impl PartialEq for Piece {
    fn eq(&self, other: &Self) -> bool {
        self.same_frame(other) && self.bits == other.bits
    }
}

impl Piece {
    /// True if both are the same but for what they hold.
    pub(in crate::package) fn same_frame(&self, other: &Self) -> bool {
        self.kind == other.kind && self.shape == other.shape
    }
}

/// The name of a block of prose.
pub(in crate::package) const PROSE: &str = "paragraph";
/// The name of the end of whatever block was opened last.
pub(in crate::package) const END: &str = "end";

/// Bytes a section's id may have, which stands before each id of the page.
const LONGEST_ID: usize = 64;

/// The form of a text; `None` where a limit keeps the page from showing more than its source.
pub(in crate::package) fn form(source: &str) -> Option<Vec<Piece>> {
    with(source, |tree: Tree<'_>| {
        let root = tree.ok()?;
        let prefix = "x".repeat(LONGEST_ID);
        let resolve = |url: &str| Some(url.to_owned());
        let options = HtmlOptions { prefix: &prefix, title: None, shift: 1, resolve: &resolve };
        if html::size(source, root, &options) > html::most(source.len()) {
            return None;
        }
        let mut out = Vec::new();
        below(root, &mut out);
        Some(out)
    })
}

/// Recursion is bounded by the limit on nesting.
fn below(node: Node<'_>, out: &mut Vec<Piece>) {
    for child in node.children() {
        block(child, out);
    }
}

fn block(node: Node<'_>, out: &mut Vec<Piece>) {
    let data = node.data();
    let line = data.sourcepos.start.line;
    let piece = |kind, shape: String, bits| Piece { kind, shape, bits, line };
    let holder = match &data.value {
        NodeValue::List(list) => {
            let start = if list.list_type == ListType::Ordered { list.start } else { 0 };
            let ordered = list.list_type == ListType::Ordered;
            piece("list", format!("{ordered} {start} {}", list.tight), Vec::new())
        }
        NodeValue::Item(item) => {
            let number = if item.list_type == ListType::Ordered { item.start } else { 0 };
            piece("list item", number.to_string(), Vec::new())
        }
        NodeValue::TaskItem(task) => piece("task", task.symbol.is_some().to_string(), Vec::new()),
        NodeValue::BlockQuote => piece("quotation", String::new(), Vec::new()),
        NodeValue::FootnoteDefinition(note) => {
            piece("footnote", format!("{} {}", note.total_references > 0, note.name), Vec::new())
        }
        leaf => {
            out.push(match leaf {
                NodeValue::Paragraph => piece(PROSE, String::new(), prose(node)),
                NodeValue::Heading(heading) => piece("heading", heading.level.to_string(), bits(node)),
                NodeValue::Table(table) => piece("table", alignments(&table.alignments), bits(node)),
                NodeValue::CodeBlock(code) => {
                    piece("code block", code.info.clone(), vec![mark("code", &code.literal)])
                }
                NodeValue::ThematicBreak => piece("line across", String::new(), Vec::new()),
                NodeValue::HtmlBlock(html) => {
                    piece("HTML block", String::new(), vec![mark("HTML", html.literal.trim_end())])
                }
                NodeValue::Raw(tag) => piece("line break", String::new(), vec![mark("tag", tag)]),
                other => piece("block", other.xml_node_name().to_owned(), bits(node)),
            });
            return;
        }
    };
    out.push(holder);
    below(node, out);
    out.push(piece(END, String::new(), Vec::new()));
}

/// A page shows a column without alignment on the left.
fn alignments(columns: &[TableAlignment]) -> String {
    let letter = |a: &TableAlignment| match a {
        TableAlignment::Right => 'r',
        TableAlignment::Center => 'c',
        TableAlignment::Left | TableAlignment::None => 'l',
    };
    columns.iter().map(letter).collect()
}

fn mark(kind: &'static str, text: &str) -> Bit {
    Bit { kind, text: text.to_owned(), words: false }
}

/// What a paragraph holds. A page shows a run of blanks as one; but not in a heading, where each makes a
/// hyphen of the anchor.
fn prose(node: Node<'_>) -> Vec<Bit> {
    let mut bits = bits(node);
    for bit in bits.iter_mut().filter(|bit| bit.kind.is_empty()) {
        let mut text = String::with_capacity(bit.text.len());
        for c in bit.text.chars().map(|c| if c == '\t' { ' ' } else { c }) {
            if c != ' ' || !text.ends_with(' ') {
                text.push(c);
            }
        }
        bit.text = text;
    }
    bits
}

/// Everything below a block, flat: each node that holds others stands there with its start and its end.
fn bits(block: Node<'_>) -> Vec<Bit> {
    let mut out: Vec<Bit> = Vec::new();
    // What is no prose though it has words: these may not change even by one.
    let mut within: Vec<&'static str> = Vec::new();
    walk(block, &mut |node, entering| {
        if node.same_node(block) {
            return true;
        }
        let data = node.data();
        let end = |kind: &'static str| mark(kind, "end");
        match (&data.value, entering) {
            (NodeValue::Text(text), true) => words(&mut out, within.last(), text),
            (NodeValue::SoftBreak, true) => words(&mut out, within.last(), " "),
            (NodeValue::LineBreak, true) => out.push(mark("line break", "")),
            (NodeValue::Code(code), true) => out.push(mark("code", &code.literal)),
            (NodeValue::HtmlInline(html), true) => out.push(mark("HTML", html)),
            (NodeValue::Raw(tag), true) => {
                if tag.starts_with("</") {
                    within.pop();
                }
                out.push(mark("tag", tag));
                if !tag.starts_with("</") && tag != "<br>" {
                    within.push("raised or lowered text");
                }
            }
            (NodeValue::FootnoteReference(note), true) => out.push(mark("footnote mark", &note.name)),
            (NodeValue::Emph, true) => out.push(mark("emphasis", "start")),
            (NodeValue::Emph, false) => out.push(end("emphasis")),
            (NodeValue::Strong, true) => out.push(mark("emphasis", "strong start")),
            (NodeValue::Strong, false) => out.push(mark("emphasis", "strong end")),
            (NodeValue::Strikethrough, true) => {
                out.push(mark("struck-out text", "start"));
                within.push("struck-out text");
            }
            (NodeValue::Link(link), true) => {
                out.push(mark("link", &format!("{:?} {:?}", link.url, link.title)));
                within.push("link");
            }
            (NodeValue::Image(image), true) => {
                out.push(mark("image", &format!("{:?} {:?}", image.url, image.title)));
                within.push("image");
            }
            (NodeValue::Strikethrough | NodeValue::Link(_) | NodeValue::Image(_), false) => {
                out.push(end(within.pop().unwrap_or("link")));
            }
            (NodeValue::TableRow(header), true) => out.push(mark("row", &header.to_string())),
            (NodeValue::TableCell, true) => out.push(mark("cell", "")),
            (
                NodeValue::Text(_)
                | NodeValue::SoftBreak
                | NodeValue::LineBreak
                | NodeValue::Code(_)
                | NodeValue::HtmlInline(_)
                | NodeValue::Raw(_)
                | NodeValue::FootnoteReference(_)
                | NodeValue::TableRow(_)
                | NodeValue::TableCell,
                false,
            ) => {}
            (other, true) => out.push(mark("part", other.xml_node_name())),
            (_, false) => out.push(end("part")),
        }
        true
    });
    out
}

/// Words go on in the bit before: how the parser cut them is not shown.
fn words(out: &mut Vec<Bit>, within: Option<&&'static str>, text: &str) {
    let kind = within.copied().unwrap_or_default();
    match out.last_mut() {
        Some(last) if last.words && last.kind == kind => last.text.push_str(text),
        _ => out.push(Bit { kind, text: text.to_owned(), words: true }),
    }
}
