//! A section as a flat list of blocks that can be compared: containers become a note on what they hold.

use crate::package::markdown::{Block, Item, blocks};

/// A block that holds no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Leaf {
    pub kind: &'static str,
    pub within: String,
    pub heading: String,
    /// Its words; of a table, one line a row, cells joined by ` | `.
    pub text: String,
    /// Header and rows of a table.
    pub table: Option<(Vec<String>, Vec<Vec<String>>)>,
}

impl Leaf {
    /// What makes two leaves equal: not the heading they stand under, which is compared itself.
    pub(super) fn key(&self) -> (&str, &str, &str) {
        (self.kind, &self.within, &self.text)
    }
}

/// The leaves of a section, in reading order.
pub(super) fn leaves(source: &str) -> Vec<Leaf> {
    let mut all = Flat { heading: String::new(), leaves: Vec::new() };
    all.blocks(blocks(source), "");
    all.leaves
}

struct Flat {
    heading: String,
    leaves: Vec<Leaf>,
}

impl Flat {
    fn push(&mut self, kind: &'static str, within: &str, text: String) {
        let heading = self.heading.clone();
        self.leaves.push(Leaf { kind, within: within.to_owned(), heading, text, table: None });
    }

    fn blocks(&mut self, blocks: Vec<Block>, within: &str) {
        for block in blocks {
            self.block(block, within);
        }
    }

    fn block(&mut self, block: Block, within: &str) {
        match block {
            Block::Heading { level, text } => {
                self.push("heading", within, format!("{} {text}", "#".repeat(usize::from(level))));
                self.heading = text;
            }
            Block::Paragraph { text } => self.push("paragraph", within, text),
            Block::List { items } => {
                let below = join(within, "list");
                for item in items {
                    self.item(item, &below);
                }
            }
            Block::Table { header, rows } => {
                let line = |cells: &Vec<String>| cells.join(" | ");
                let text: Vec<String> = std::iter::once(&header).chain(&rows).map(line).collect();
                self.push("table", within, text.join("\n"));
                if let Some(leaf) = self.leaves.last_mut() {
                    leaf.table = Some((header, rows));
                }
            }
            Block::Code { info, text } => {
                let text = if info.is_empty() { text } else { format!("{info}\n{text}") };
                self.push("code", within, text);
            }
            Block::Quote { blocks } => self.blocks(blocks, &join(within, "quote")),
            Block::Footnote { name, blocks } => {
                self.blocks(blocks, &join(within, &format!("footnote {name}")));
            }
            Block::Image { alt, path } => self.push("image", within, format!("![{alt}]({path})")),
            Block::Rule => self.push("rule", within, String::new()),
            Block::Raw { text } => self.push("raw", within, text),
        }
    }

    /// The first paragraph of an item is the item; what follows stands within it.
    fn item(&mut self, item: Item, within: &str) {
        let mark = if item.mark.starts_with('[') { format!("{} ", item.mark) } else { String::new() };
        let mut blocks = item.blocks;
        let first = if matches!(blocks.first(), Some(Block::Paragraph { .. })) {
            Some(blocks.remove(0))
        } else {
            None
        };
        let text = match first {
            Some(Block::Paragraph { text }) => text,
            _ => String::new(),
        };
        self.push("item", within, format!("{mark}{text}"));
        self.blocks(blocks, within);
    }
}

fn join(within: &str, below: &str) -> String {
    if within.is_empty() { below.to_owned() } else { format!("{within}/{below}") }
}
