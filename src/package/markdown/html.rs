//! HTML from the tree. Every tag and attribute name is a constant here; everything of the user's goes
//! through [`escape`]; every address goes through [`target`] and, unless it is on the web, through the
//! caller's resolver.

use super::passages::{List, Passage, address};
use super::table::Writing;
use super::text::plain;
use super::tree::{Tree, is_title, walk};
use crate::package::target::{Target, target};
use comrak::Anchorizer;
use comrak::nodes::{ListType, Node, NodeList, NodeValue};
use std::collections::BTreeMap;

/// HTML that may go into a page as it is. Only this folder can make one.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(transparent)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// How to write a section.
#[derive(Clone, Copy)]
pub struct HtmlOptions<'a> {
    /// Before every id: a heading with anchor `a` gets `<prefix>.a`, notes get `<prefix>..fn1`. Section ids
    /// hold no dot, so no two ids of a page can be equal.
    pub prefix: &'a str,
    /// Its title in the chain: the level-1 heading that repeats it is left out.
    pub title: Option<&'a str>,
    /// Added to the level of each heading.
    pub shift: u8,
    /// The address of a relative link as written (`evidence/x/a.csv`, `other.md#a`, `../p/s.md`);
    /// `None` shows it as text.
    pub resolve: &'a dyn Fn(&str) -> Option<String>,
}

/// Links after paragraphs and rows, each to where something can be said about that passage.
#[derive(Clone, Copy)]
pub struct Points<'a> {
    /// The address, up to the number of the passage.
    pub address: &'a str,
    /// What is added to the numbers.
    pub offset: usize,
    /// Passages that have such links.
    pub most: usize,
}

/// The HTML of a tree; of what exceeds a limit, the escaped source.
pub(super) fn write(
    source: &str,
    tree: Tree<'_>,
    options: &HtmlOptions<'_>,
    points: Option<Points<'_>>,
) -> SafeHtml {
    let Ok(root) = tree else {
        return refused(source);
    };
    let mut writer = Writer::new(source, options);
    if let Some(points) = points {
        let list = List::of(root);
        writer.points = list.at.iter().filter(|(_, n)| **n <= points.most).map(|(at, n)| (*at, *n)).collect();
        writer.passages = list.all;
        writer.pointing = Some(points);
    }
    writer.all(root);
    if writer.out.len() > writer.most { refused(source) } else { SafeHtml(writer.out) }
}

/// Bytes that [`write()`] would write if there were no limit, up to just above the limit.
pub(super) fn size(source: &str, root: Node<'_>, options: &HtmlOptions<'_>) -> usize {
    let mut writer = Writer::new(source, options);
    writer.all(root);
    writer.out.len()
}

/// Bytes of HTML that so many bytes of Markdown may become.
pub(super) fn most(source: usize) -> usize {
    32 * source + 1024 * 1024
}

fn refused(source: &str) -> SafeHtml {
    let mut out = String::from(
        "<p class=\"refused\">This text exceeds a limit. Its source:</p>\n<pre tabindex=\"0\"><code>",
    );
    escape(source, &mut out);
    out.push_str("</code></pre>\n");
    SafeHtml(out)
}

/// Escapes for text and for quoted attributes alike.
pub(super) fn escape(text: &str, out: &mut String) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        let entity = match byte {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            b'\'' => "&#39;",
            0 => "\u{fffd}",
            _ => continue,
        };
        out.push_str(&text[from..at]);
        out.push_str(entity);
        from = at + 1;
    }
    out.push_str(&text[from..]);
}

/// A bubble, drawn.
const SPEECH: &str = "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\" focusable=\"false\"><path d=\"M2 2.5h12v9H8l-3.5 3v-3H2z\" \
                      fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.6\"/></svg>";

struct Writer<'o> {
    out: String,
    options: &'o HtmlOptions<'o>,
    /// Anchors of headings, by the address of their node: given in the order of the text, though notes
    /// are written last.
    anchors: BTreeMap<usize, String>,
    table: Option<Writing>,
    /// The links being written, and whether they are links on the page.
    links: Vec<bool>,
    /// Numbers of footnotes by label, given in the order of their first reference.
    notes: BTreeMap<String, usize>,
    cited: Vec<String>,
    most: usize,
    pointing: Option<Points<'o>>,
    passages: Vec<Passage>,
    points: BTreeMap<usize, usize>,
}

impl<'o> Writer<'o> {
    fn new(source: &str, options: &'o HtmlOptions<'o>) -> Self {
        Writer {
            out: String::with_capacity(source.len() * 2),
            options,
            anchors: BTreeMap::new(),
            table: None,
            links: Vec::new(),
            notes: BTreeMap::new(),
            cited: Vec::new(),
            most: most(source.len()),
            pointing: None,
            passages: Vec::new(),
            points: BTreeMap::new(),
        }
    }

    fn all(&mut self, root: Node<'_>) {
        let mut anchors = Anchorizer::new();
        walk(root, &mut |node, entering| {
            if entering && matches!(node.data().value, NodeValue::Heading(_)) && !is_title(node) {
                self.anchors.insert(address(node), anchors.anchorize(&plain(node)));
            }
            !matches!(
                node.data().value,
                NodeValue::Paragraph | NodeValue::Heading(_) | NodeValue::Table(_) | NodeValue::CodeBlock(_)
            )
        });
        let mut definitions = Vec::new();
        self.below(root, &mut definitions);
        self.footnotes(definitions);
    }

    /// Writes `top` and all below it, except footnotes, which are collected.
    fn below<'a>(&mut self, top: Node<'a>, definitions: &mut Vec<Node<'a>>) {
        walk(top, &mut |node, entering| {
            if self.out.len() > self.most {
                return false;
            }
            if matches!(node.data().value, NodeValue::FootnoteDefinition(_)) && !node.same_node(top) {
                if entering {
                    definitions.push(node);
                }
                return false;
            }
            if entering { self.enter(node) } else { self.leave(node) }
        });
    }

    fn push(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    fn escaped(&mut self, text: &str) {
        escape(text, &mut self.out);
    }

    /// Returns whether to go below.
    fn enter(&mut self, node: Node<'_>) -> bool {
        let data = node.data();
        match &data.value {
            NodeValue::Paragraph if tight(node) => {}
            NodeValue::Paragraph => self.push("<p>"),
            NodeValue::Heading(heading) => {
                let text = plain(node);
                let title = is_title(node);
                if title && self.options.title == Some(text.as_str()) {
                    return false;
                }
                let level = heading.level.saturating_add(self.options.shift).clamp(1, 6);
                self.push(&format!("<h{level}"));
                if let Some(anchor) = self.anchors.get(&address(node)) {
                    let id = format!("{}.{anchor}", self.options.prefix);
                    self.push(" id=\"");
                    self.escaped(&id);
                    self.push("\"");
                }
                self.push(">");
            }
            NodeValue::BlockQuote => self.push("<blockquote>\n"),
            NodeValue::List(list) => self.list(list),
            NodeValue::Item(list) => self.item(node, list),
            NodeValue::TaskItem(task) => self.push(if task.symbol.is_some() {
                "<li class=\"task\"><span role=\"img\" aria-label=\"Done\">\u{2611}</span> "
            } else {
                "<li class=\"task\"><span role=\"img\" aria-label=\"Not done\">\u{2610}</span> "
            }),
            NodeValue::ThematicBreak => self.push("<hr>\n"),
            NodeValue::CodeBlock(code) => {
                self.push("<pre tabindex=\"0\"><code>");
                self.escaped(&code.literal);
                self.push("</code></pre>\n");
            }
            NodeValue::HtmlBlock(html) => {
                self.push("<pre tabindex=\"0\" class=\"raw\"><code>");
                self.escaped(html.literal.trim_end());
                self.push("</code></pre>\n");
            }
            NodeValue::Table(table) => self.table = Some(Writing::open(node, table, &mut self.out)),
            NodeValue::TableRow(header) => {
                if let Some(table) = &mut self.table {
                    table.row(*header, &mut self.out);
                }
            }
            NodeValue::TableCell => {
                if let Some(table) = &self.table {
                    table.cell(node.first_child().is_none(), &mut self.out);
                }
            }
            NodeValue::Text(text) => self.escaped(text),
            NodeValue::SoftBreak => self.push("\n"),
            NodeValue::LineBreak => self.push("<br>\n"),
            NodeValue::Code(code) => {
                self.push("<code>");
                self.escaped(&code.literal);
                self.push("</code>");
            }
            NodeValue::HtmlInline(html) => {
                self.push("<code class=\"raw\">");
                self.escaped(html);
                self.push("</code>");
            }
            NodeValue::Raw(tag) => self.raw(tag),
            NodeValue::Emph => self.push("<em>"),
            NodeValue::Strong => self.push("<strong>"),
            NodeValue::Strikethrough => self.push("<del>"),
            NodeValue::Link(link) => match self.open_link(&link.url) {
                Some(address) => {
                    self.push("<a href=\"");
                    self.escaped(&address);
                    let web = matches!(target(&link.url), Ok(Target::Web));
                    self.push(if web { "\" rel=\"noopener noreferrer\">" } else { "\">" });
                }
                None => self.push("<span class=\"nolink\">"),
            },
            NodeValue::Image(image) => {
                self.image(&image.url, &plain(node));
                return false;
            }
            NodeValue::FootnoteReference(note) => self.reference(&note.name),
            _ => {}
        }
        true
    }

    fn leave(&mut self, node: Node<'_>) -> bool {
        let data = node.data();
        match &data.value {
            NodeValue::Paragraph => {
                self.point(node);
                self.push(if tight(node) { "" } else { "</p>\n" });
            }
            NodeValue::Heading(heading) => {
                let left_out = is_title(node) && self.options.title == Some(plain(node).as_str());
                if !left_out {
                    let level = heading.level.saturating_add(self.options.shift).clamp(1, 6);
                    self.push(&format!("</h{level}>\n"));
                }
            }
            NodeValue::BlockQuote => self.push("</blockquote>\n"),
            NodeValue::List(list) => {
                self.push(if list.list_type == ListType::Ordered { "</ol>\n" } else { "</ul>\n" });
            }
            NodeValue::Item(_) | NodeValue::TaskItem(_) => self.push("</li>\n"),
            NodeValue::Table(_) => {
                if let Some(table) = self.table.take() {
                    table.close(&mut self.out);
                }
            }
            NodeValue::TableRow(_) => {
                if let Some(table) = &self.table {
                    table.end_row(&mut self.out);
                }
            }
            NodeValue::TableCell => {
                self.point(node);
                if let Some(table) = &mut self.table {
                    table.end_cell(node.first_child().is_none(), &mut self.out);
                }
            }
            NodeValue::Emph => self.push("</em>"),
            NodeValue::Strong => self.push("</strong>"),
            NodeValue::Strikethrough => self.push("</del>"),
            NodeValue::Link(link) => match self.links.pop() {
                Some(true) => self.push("</a>"),
                _ => {
                    self.push(" (<code>");
                    self.escaped(&link.url);
                    self.push("</code>)</span>");
                }
            },
            _ => {}
        }
        true
    }

    /// The link to where something can be said about the passage that ends here.
    fn point(&mut self, node: Node<'_>) {
        let Some((to, number)) = self.pointing.zip(self.points.get(&address(node)).copied()) else { return };
        let words = self.passages.get(number - 1).map_or("", |passage| passage.words.as_str());
        let label = words.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
        self.push(" <a class=\"say\" href=\"");
        self.escaped(&format!("{}{}", to.address, to.offset + number));
        self.push("\" aria-label=\"");
        self.escaped(&format!("Comment on \u{201c}{label}\u{201d}"));
        self.push("\">");
        self.push(SPEECH);
        self.push("</a>");
    }

    fn list(&mut self, list: &NodeList) {
        match (list.list_type, list.start) {
            (ListType::Bullet, _) => self.push("<ul>\n"),
            (ListType::Ordered, 1) => self.push("<ol>\n"),
            (ListType::Ordered, start) => self.push(&format!("<ol start=\"{start}\">\n")),
        }
    }

    /// Numbers are shown as written: a reviewer may cite "point 7".
    fn item(&mut self, node: Node<'_>, list: &NodeList) {
        let before = node.previous_sibling().and_then(|s| match &s.data().value {
            NodeValue::Item(before) => Some(before.start),
            _ => None,
        });
        match before {
            Some(before) if list.list_type == ListType::Ordered && list.start != before + 1 => {
                self.push(&format!("<li value=\"{}\">", list.start));
            }
            _ => self.push("<li>"),
        }
    }

    /// Only the constants that `tree` put there.
    fn raw(&mut self, tag: &str) {
        for safe in ["<br>", "<sub>", "</sub>", "<sup>", "</sup>"] {
            if safe == tag {
                self.push(safe);
                return;
            }
        }
        self.escaped(tag);
    }

    /// Where a link leads, if it may. A link within a link, which the parser lets pass when the inner one
    /// is `<https://…>`, stays text: a browser would follow it in place of the one it seems to be in.
    fn open_link(&mut self, url: &str) -> Option<String> {
        let within = self.links.contains(&true);
        let address = self.address(url).filter(|_| !within);
        self.links.push(address.is_some());
        address
    }

    /// Where a link leads, if it may.
    fn address(&self, url: &str) -> Option<String> {
        match target(url) {
            Ok(Target::Web | Target::Mail) => Some(url.to_owned()),
            Ok(Target::Anchor(anchor)) if anchor.contains(char::is_whitespace) => None,
            Ok(Target::Anchor(anchor)) => Some(format!("#{}.{anchor}", self.options.prefix)),
            Ok(Target::File(_) | Target::Section { .. }) => self.resolved(url),
            Err(_) => None,
        }
    }

    /// The resolver's answer, unless it could leave the site: a fault there must not become a script here.
    fn resolved(&self, url: &str) -> Option<String> {
        let address = (self.options.resolve)(url)?;
        let path = address.split(['?', '#']).next().unwrap_or_default();
        let plain = !address.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\');
        (plain && !address.starts_with("//") && !path.contains(':')).then_some(address)
    }

    fn image(&mut self, url: &str, alt: &str) {
        let address = match target(url) {
            Ok(Target::File(_)) => self.resolved(url),
            _ => None,
        };
        match address {
            Some(address) => {
                self.push("<img src=\"");
                self.escaped(&address);
                self.push("\" alt=\"");
                self.escaped(alt);
                self.push("\" loading=\"lazy\">");
            }
            None => {
                self.push("<span class=\"noimg\">");
                self.escaped(alt);
                self.push(" (<code>");
                self.escaped(url);
                self.push("</code>)</span>");
            }
        }
    }

    fn reference(&mut self, name: &str) {
        let next = self.notes.len() + 1;
        let first = !self.notes.contains_key(name);
        let number = *self.notes.entry(name.to_owned()).or_insert(next);
        if first {
            self.cited.push(name.to_owned());
        }
        let prefix = self.options.prefix;
        self.push(&format!("<sup class=\"noteref\"><a href=\"#{prefix}..fn{number}\""));
        if first {
            // Only the first reference is a place to come back to: an id each would let 4 bytes grow to 200.
            self.push(&format!(" id=\"{prefix}..ref{number}\""));
        }
        self.push(&format!(" role=\"doc-noteref\">{number}</a></sup>"));
    }

    /// Notes in the order of their first reference, then those that nothing refers to. A note may refer
    /// to another one, so the list can grow while it is written.
    fn footnotes<'a>(&mut self, mut definitions: Vec<Node<'a>>) {
        let mut by_name: BTreeMap<String, Node<'a>> = BTreeMap::new();
        let mut rest: Vec<Node<'a>> = Vec::new();
        let mut number = 0;
        loop {
            for node in definitions.drain(..) {
                match &node.data().value {
                    NodeValue::FootnoteDefinition(note) if note.total_references > 0 => {
                        by_name.insert(note.name.clone(), node);
                    }
                    _ => rest.push(node),
                }
            }
            let Some(node) = self.cited.get(number).map(|name| by_name.remove(name)) else {
                break;
            };
            number += 1;
            let prefix = self.options.prefix;
            if number == 1 {
                self.push("<section class=\"notes\" aria-label=\"Footnotes\"><ol>\n");
            }
            self.push(&format!("<li id=\"{prefix}..fn{number}\">"));
            if let Some(node) = node {
                self.below(node, &mut definitions);
            }
            self.push(&format!(
                "<a href=\"#{prefix}..ref{number}\" role=\"doc-backlink\" \
                 aria-label=\"Back to where note {number} is cited\">\u{21a9}</a></li>\n"
            ));
        }
        self.push(if number > 0 { "</ol></section>\n" } else { "" });
        // Those that nothing refers to: they are an error, and still nothing vanishes.
        rest.extend(by_name.into_values());
        while let Some(node) = rest.pop() {
            self.push("<aside class=\"note\">");
            self.below(node, &mut rest);
            self.push("</aside>\n");
        }
    }
}

/// Names a node while its tree lives.
/// True for a paragraph of a tight list, which is written without `<p>`.
fn tight(paragraph: Node<'_>) -> bool {
    let list = paragraph
        .parent()
        .filter(|item| matches!(item.data().value, NodeValue::Item(_) | NodeValue::TaskItem(_)));
    list.and_then(|item| item.parent()).is_some_and(|l| match &l.data().value {
        NodeValue::List(list) => list.tight,
        _ => false,
    })
}
