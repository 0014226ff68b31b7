//! Tables: readable by ear and on a phone, where each cell carries its column's title.

use super::html::escape;
use super::text::plain;
use comrak::nodes::{Node, NodeTable, TableAlignment};

/// The table being written.
#[derive(Debug)]
pub(super) struct Writing {
    titles: Vec<String>,
    alignments: Vec<TableAlignment>,
    /// True if the first cell of each row names it: its column has a title, and there is another one.
    named_rows: bool,
    in_header: bool,
    body: bool,
    column: usize,
}

impl Writing {
    /// Opens a table.
    pub(super) fn open(node: Node<'_>, table: &NodeTable, out: &mut String) -> Writing {
        out.push_str("<div class=\"tbl\"><table role=\"table\">\n");
        let header = node.first_child();
        let titles: Vec<String> = header.map(|row| row.children().map(plain).collect()).unwrap_or_default();
        let named_rows = titles.len() > 1 && titles.first().is_some_and(|t| !t.is_empty());
        let alignments = table.alignments.clone();
        Writing { titles, alignments, named_rows, in_header: false, body: false, column: 0 }
    }

    /// Closes it.
    pub(super) fn close(&self, out: &mut String) {
        out.push_str(if self.body { "</tbody>" } else { "" });
        out.push_str("</table></div>\n");
    }

    /// Opens a row.
    pub(super) fn row(&mut self, header: bool, out: &mut String) {
        self.column = 0;
        self.in_header = header;
        if header {
            out.push_str("<thead role=\"rowgroup\">");
        } else if !self.body {
            self.body = true;
            out.push_str("<tbody role=\"rowgroup\">\n");
        }
        out.push_str("<tr role=\"row\">");
    }

    /// Closes it.
    pub(super) fn end_row(&self, out: &mut String) {
        out.push_str(if self.in_header { "</tr></thead>\n" } else { "</tr>\n" });
    }

    fn heads_row(&self, empty: bool) -> bool {
        self.column == 0 && self.named_rows && !empty
    }

    /// Opens a cell.
    pub(super) fn cell(&self, empty: bool, out: &mut String) {
        if self.in_header && self.titles.get(self.column).is_some_and(String::is_empty) {
            // A header cell without words is nothing to announce.
            out.push_str("<td role=\"cell\"");
        } else if self.in_header {
            out.push_str("<th role=\"columnheader\" scope=\"col\"");
        } else if self.heads_row(empty) {
            out.push_str("<th role=\"rowheader\" scope=\"row\"");
        } else {
            out.push_str("<td role=\"cell\"");
            if let Some(title) = self.titles.get(self.column).filter(|t| !t.is_empty()) {
                out.push_str(" data-l=\"");
                escape(title, out);
                out.push('"');
            }
        }
        out.push_str(match self.alignments.get(self.column) {
            Some(TableAlignment::Right) => " class=\"num\">",
            Some(TableAlignment::Center) => " class=\"mid\">",
            _ => ">",
        });
    }

    /// Closes it.
    pub(super) fn end_cell(&mut self, empty: bool, out: &mut String) {
        let untitled = self.in_header && self.titles.get(self.column).is_some_and(String::is_empty);
        let head = (self.in_header && !untitled) || (!self.in_header && self.heads_row(empty));
        out.push_str(if head { "</th>" } else { "</td>" });
        self.column += 1;
    }
}
