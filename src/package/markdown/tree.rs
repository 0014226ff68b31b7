//! The parser, its options, and the limits that make any input cheap.

use comrak::nodes::{Node, NodeValue, Sourcepos};
use comrak::{Arena, Options, try_parse_document};
use std::cell::Cell;

/// Bytes a section may have.
pub const MAX_SECTION: usize = 1024 * 1024;
/// How deep lists, quotes and emphasis may nest.
pub const MAX_DEPTH: usize = 100;

/// Why there is no tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Limit {
    /// Larger than [`MAX_SECTION`].
    Size,
    /// Nested deeper than [`MAX_DEPTH`], at a place.
    Depth(Sourcepos),
    /// The parser took more steps than any honest text of that length.
    Work,
}

/// A parsed section within its limits, or why not.
pub(super) type Tree<'a> = Result<Node<'a>, Limit>;

/// Parses `source` and hands the tree to `read`.
pub(super) fn with<R>(source: &str, read: impl FnOnce(Tree<'_>) -> R) -> R {
    if source.len() > MAX_SECTION {
        return read(Err(Limit::Size));
    }
    let arena = Arena::new();
    // There is no clock on this floor, so the limit counts the parser's steps: it asks every 256 of them,
    // and a step is a line, an inline or a node. Eight a byte is far above any real text.
    let asked = Cell::new(0usize);
    let most = 1000 + source.len() / 32;
    let cancel = || {
        asked.set(asked.get() + 1);
        asked.get() > most
    };
    let Ok(root) = try_parse_document(&arena, source, &options(), &cancel) else {
        return read(Err(Limit::Work));
    };
    match prepare(root, source.contains('<')) {
        Some(place) => read(Err(Limit::Depth(place))),
        None => read(Ok(root)),
    }
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.footnotes = true;
    options.extension.tasklist = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    // The parser would drop notes that nothing refers to. They stay, and are an error.
    options.parse.leave_footnote_definitions = true;
    options
}

/// True for a level-1 heading that the text starts with: the section's title.
pub(super) fn is_title(node: Node<'_>) -> bool {
    let top = matches!(&node.data().value, NodeValue::Heading(heading) if heading.level == 1);
    top && node.previous_sibling().is_none()
        && node.parent().is_some_and(|p| matches!(p.data().value, NodeValue::Document))
}

/// Visits a tree in order without recursion; `visit` is told whether it enters or leaves a node, and says
/// whether to go below a node it enters.
pub(super) fn walk<'a>(root: Node<'a>, visit: &mut impl FnMut(Node<'a>, bool) -> bool) {
    let mut node = root;
    loop {
        let below = visit(node, true);
        if below && let Some(child) = node.first_child() {
            node = child;
            continue;
        }
        loop {
            visit(node, false);
            if node.same_node(root) {
                return;
            }
            if let Some(next) = node.next_sibling() {
                node = next;
                break;
            }
            match node.parent() {
                Some(parent) => node = parent,
                None => return,
            }
        }
    }
}

/// Tags that are shown as what they mean.
const PAIRS: [(&str, &str); 2] = [("<sub>", "</sub>"), ("<sup>", "</sup>")];

/// Returns the first node that nests too deep, if one does. On the way, turns `<br>` and each `<sub>`,
/// `<sup>` that is closed within the same parent into [`NodeValue::Raw`], which the parser itself never
/// makes: from here on it means "this exact constant is safe". Without `tags` there are none to keep.
fn prepare(root: Node<'_>, tags: bool) -> Option<Sourcepos> {
    let mut depth = 0;
    let mut found = None;
    walk(root, &mut |node, entering| {
        if !entering {
            depth -= 1;
            return true;
        }
        depth += 1;
        if depth > MAX_DEPTH && found.is_none() {
            found = Some(node.data().sourcepos);
        }
        if tags {
            let line_break =
                matches!(&node.data().value, NodeValue::HtmlBlock(html) if html.literal.trim() == "<br>");
            if line_break {
                node.data_mut().value = NodeValue::Raw("<br>".to_owned());
            }
            keep_among(node);
        }
        found.is_none()
    });
    found
}

fn keep_among(parent: Node<'_>) {
    let mut open: Vec<(usize, Node<'_>)> = Vec::new();
    for child in parent.children() {
        let tag = match &child.data().value {
            NodeValue::HtmlInline(tag) => tag.clone(),
            _ => continue,
        };
        let keep = |node: Node<'_>, tag: &str| node.data_mut().value = NodeValue::Raw(tag.to_owned());
        if tag == "<br>" {
            keep(child, "<br>");
        } else if let Some(pair) = PAIRS.iter().position(|(start, _)| *start == tag) {
            open.push((pair, child));
        } else if let Some(pair) = PAIRS.iter().position(|(_, end)| *end == tag)
            && let Some((_, start)) = open.pop_if(|(opened, _)| *opened == pair)
        {
            keep(start, PAIRS[pair].0);
            keep(child, PAIRS[pair].1);
        }
    }
}
