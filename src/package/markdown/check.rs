//! One walk over the tree: facts, and everything that is wrong without knowing other files.

use super::hidden::{definitions, dropped_cell};
use super::text::{plain, words};
use super::tree::{Limit, Tree, is_title, walk};
use super::{HtmlOptions, html};
use crate::diag::common::{SHOWN, hidden};
use crate::diag::{Diagnostic, Diagnostics};
use crate::id::SectionId;
use crate::package::diagnostics as say;
use crate::package::target::{Target, target};
use crate::package::{Heading, Link, SectionFacts};
use crate::text::{SourceFile, Span, invisible};
use comrak::Anchorizer;
use comrak::nodes::{Node, NodeHtmlBlock, NodeValue, Sourcepos};
use std::collections::{BTreeMap, BTreeSet};

/// Takes the facts of a section and reports what is wrong with it.
pub(super) fn facts(
    file: &SourceFile,
    section: &SectionId,
    tree: Tree<'_>,
    out: &mut Diagnostics,
) -> SectionFacts {
    let mut walker = Walker {
        file,
        section,
        out,
        said: BTreeMap::new(),
        raw: invisible(file.text()).map(|i| i.character).collect(),
        anchors: Anchorizer::new(),
        quiet: 0,
        code: Vec::new(),
        nodes: 0,
        last: (0, 1),
        facts: SectionFacts {
            path: file.path().clone(),
            title: None,
            headings: Vec::new(),
            links: Vec::new(),
            words: 0,
        },
    };
    match tree {
        Ok(root) => walker.all(root),
        Err(limit) => walker.limit(limit),
    }
    walker.finish()
}

struct Walker<'a> {
    file: &'a SourceFile,
    section: &'a SectionId,
    out: &'a mut Diagnostics,
    /// How often each code was said: a hostile file must not fill the memory with messages.
    said: BTreeMap<&'static str, usize>,
    /// Invisible characters that stand in the source itself and were reported there.
    raw: BTreeSet<char>,
    anchors: Anchorizer,
    /// Depth inside links, images and headings, whose words are no prose.
    quiet: usize,
    /// Lines of code blocks.
    code: Vec<(usize, usize)>,
    nodes: usize,
    /// Offset and column of the last link.
    last: (usize, usize),
    facts: SectionFacts,
}

impl Walker<'_> {
    /// Adds a message unless there are enough of its code. It is only made when it is added: finding the
    /// place in a line of a megabyte is not free.
    fn say(&mut self, code: &'static str, make: impl FnOnce(&SourceFile) -> Diagnostic) {
        let count = self.said.entry(code).or_default();
        *count += 1;
        if *count <= SHOWN {
            self.out.push(make(self.file));
        }
    }

    fn finish(self) -> SectionFacts {
        for (code, count) in self.said {
            if count > SHOWN {
                self.out.push(say::and_more(self.file.path(), code));
            }
        }
        self.facts
    }

    fn limit(&mut self, limit: Limit) {
        match limit {
            Limit::Size => self.say("FILE_TOO_LARGE", |f| say::section_too_large(f.path(), f.text().len())),
            Limit::Work => self.say("MARKDOWN_TOO_COMPLEX", |f| say::too_much_work(f.path())),
            Limit::Depth(place) => {
                let span = self.span(place);
                self.say("MARKDOWN_TOO_COMPLEX", |f| say::too_deep(f, span));
            }
        }
    }

    /// The bytes of a node. The parser's places can be off by a few bytes in odd texts, so everything is
    /// clamped.
    fn span(&self, place: Sourcepos) -> Span {
        let offset = |line: usize, column: usize| {
            let start = self.file.line_start(line);
            let mut at = (start + column).min(start + self.file.line(line).len());
            while !self.file.text().is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = offset(place.start.line, place.start.column.saturating_sub(1));
        Span { start, end: offset(place.end.line, place.end.column).max(start) }
    }

    fn all(&mut self, root: Node<'_>) {
        walk(root, &mut |node, entering| {
            if entering {
                self.nodes += 1;
                self.enter(node);
            } else if quiets(&node.data().value) {
                self.quiet -= 1;
            }
            true
        });
        let code = std::mem::take(&mut self.code);
        for span in definitions(self.file, &code) {
            self.say("HIDDEN_DEFINITION", |f| say::definition(f, span));
        }
        self.output(root);
    }

    /// The size of the HTML is only measured when it could be near its limit.
    fn output(&mut self, root: Node<'_>) {
        let source = self.file.text();
        if self.nodes.saturating_mul(256) + source.len().saturating_mul(6) < html::most(source.len()) {
            return;
        }
        let options = HtmlOptions {
            section: self.section,
            title: None,
            shift: 1,
            resolve: &|url| Some(url.to_owned()),
        };
        let written = html::size(source, root, &options);
        if written > html::most(source.len()) {
            self.say("OUTPUT_TOO_LARGE", |f| say::output(f.path(), html::most(f.text().len())));
        }
    }

    fn enter(&mut self, node: Node<'_>) {
        let data = node.data();
        let span = self.span(data.sourcepos);
        match &data.value {
            NodeValue::Heading(heading) => self.heading(node, heading.level, span),
            NodeValue::HtmlBlock(NodeHtmlBlock { literal, .. }) | NodeValue::HtmlInline(literal) => {
                let section = self.section;
                self.say("RAW_HTML", |f| say::raw_html(f, span, literal, section));
            }
            NodeValue::Text(text) => {
                self.unseen(text, span);
                if self.quiet == 0 {
                    self.facts.words += words(text);
                }
            }
            NodeValue::Code(code) if self.quiet == 0 => self.facts.words += words(&code.literal),
            NodeValue::CodeBlock(code) => {
                self.code.push((data.sourcepos.start.line, data.sourcepos.end.line));
                self.unseen(&code.info, span);
                let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.' | '#' | '_');
                if code.info.len() > 32 || !code.info.chars().all(plain) {
                    self.say("CODE_INFO", |f| say::code_info(f, span));
                }
            }
            NodeValue::FootnoteDefinition(note) if note.total_references == 0 => {
                self.say("FOOTNOTE_UNUSED", |f| say::unused_footnote(f, span, &note.name));
            }
            NodeValue::TableRow(false) => {
                if let Some(extra) = dropped_cell(self.file, node) {
                    self.say("TABLE_CELL_DROPPED", |f| say::dropped_cell(f, extra));
                }
            }
            NodeValue::Link(link) => {
                self.link(&link.url, &link.title, span);
                if let Err(why) = target(&link.url) {
                    self.say("LINK_REFUSED", |f| say::link_refused(f, span, &link.url, &why));
                }
            }
            NodeValue::Image(image) => {
                self.link(&image.url, &image.title, span);
                if let Some(fact) = self.facts.links.last_mut() {
                    fact.image = true;
                }
                self.image(node, &image.url, span);
            }
            _ => {}
        }
        if quiets(&data.value) {
            self.quiet += 1;
        }
    }

    fn heading(&mut self, node: Node<'_>, level: u8, span: Span) {
        let text = plain(node);
        if is_title(node) {
            self.facts.title = Some(text);
            return;
        }
        let anchor = self.anchors.anchorize(&text);
        if level == 1 {
            self.say("HEADING_LEVEL", |f| say::title_level(f, span));
        }
        if text.is_empty() {
            self.say("HEADING_EMPTY", |f| say::empty_heading(f, span));
        }
        self.facts.headings.push(Heading { level: level.max(2), text, anchor });
    }

    /// Entities such as `&#8203;` become characters only in the tree.
    fn unseen(&mut self, text: &str, span: Span) {
        if text.is_ascii() {
            return;
        }
        let found: Vec<_> = invisible(text).filter(|i| !self.raw.contains(&i.character)).collect();
        for character in found {
            self.say("INVISIBLE_CHARACTER", |f| hidden(f, span, &character));
        }
    }

    fn link(&mut self, url: &str, title: &str, span: Span) {
        let (line, column) = self.place(span.start);
        self.facts.links.push(Link { target: url.to_owned(), image: false, line, column });
        self.unseen(url, span);
        if !title.is_empty() {
            self.say("LINK_TITLE", |f| say::link_title(f, span));
        }
    }

    /// Line and column. Counts on from the link before where it can: a line of a megabyte may hold a
    /// hundred thousand links.
    fn place(&mut self, at: usize) -> (usize, usize) {
        let line = self.file.line_of(at);
        let start = self.file.line_start(line);
        let (from, counted) = match self.last {
            (offset, column) if (start..=at).contains(&offset) => (offset, column),
            _ => (start, 1),
        };
        let column = counted + self.file.text()[from..at].chars().count();
        self.last = (at, column);
        (line, column)
    }

    fn image(&mut self, node: Node<'_>, url: &str, span: Span) {
        if plain(node).is_empty() {
            self.say("IMAGE_WORDS", |f| say::image_words(f, span));
        }
        let folder = format!("evidence/{}", self.section);
        let inside = match target(url) {
            Ok(Target::File(path)) => path.strip(&folder).is_some() && is_picture(path.name()),
            _ => false,
        };
        if !inside {
            let section = self.section;
            self.say("IMAGE_PLACE", |f| say::image_place(f, span, url, section));
        }
    }
}

fn quiets(value: &NodeValue) -> bool {
    matches!(value, NodeValue::Link(_) | NodeValue::Image(_) | NodeValue::Heading(_))
}

fn is_picture(name: &str) -> bool {
    let ending = name.rsplit('.').next().unwrap_or_default();
    ["png", "svg", "jpg", "webp"].contains(&ending)
}
