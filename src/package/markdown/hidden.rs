//! What a Markdown parser drops without a trace, and so would be signed unseen.

use crate::text::{SourceFile, Span};
use comrak::nodes::{Node, NodeValue};

/// Definitions such as `[label]: target`: neither label nor an unused target is ever shown. A definition
/// can also turn `[x]` elsewhere into a link. Found in the source, because the tree knows nothing of
/// them; lines in `shown` (code blocks, which show everything, in order) are left out.
///
/// The search is generous: a line of a paragraph that begins in the same way counts as a definition.
pub(super) fn definitions(file: &SourceFile, shown: &[(usize, usize)]) -> Vec<Span> {
    let text = file.text();
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text[from..].find("]:") {
        let end = from + at;
        from = end + 2;
        let Some(start) = label_start(text, end) else {
            continue;
        };
        let label = &text[start + 1..end];
        let note = label.len() > 1 && label.starts_with('^') && !label.contains(char::is_whitespace);
        let line = file.line_of(start);
        let before = &text[file.line_start(line)..start];
        let nearest = shown.partition_point(|(first, _)| *first <= line).checked_sub(1);
        let in_code = nearest.is_some_and(|i| line <= shown[i].1);
        if !note && !label.trim().is_empty() && !in_code && only_markers(before) {
            found.push(Span { start, end: end + 2 });
        }
    }
    found
}

/// The opening bracket of the label that ends at `end`; labels are short and hold no bare brackets.
fn label_start(text: &str, end: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    if escaped(bytes, end) {
        return None;
    }
    let mut at = end;
    while at > end.saturating_sub(1100) {
        at = at.checked_sub(1)?;
        if matches!(bytes[at], b'[' | b']') && !escaped(bytes, at) {
            return (bytes[at] == b'[').then_some(at);
        }
    }
    None
}

fn escaped(bytes: &[u8], at: usize) -> bool {
    bytes[..at].iter().rev().take(1100).take_while(|b| **b == b'\\').count() % 2 == 1
}

/// True if nothing but quote and list markers stands before.
fn only_markers(before: &str) -> bool {
    before.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '\t' | '>' | '-' | '*' | '+' | '.' | ')'))
}

/// The cell that a table row has more than its table has columns: the parser throws it away.
pub(super) fn dropped_cell(file: &SourceFile, row: Node<'_>) -> Option<Span> {
    let table = row.parent()?;
    let NodeValue::Table(table) = &table.data().value else {
        return None;
    };
    let place = row.data().sourcepos;
    let line = file.line(place.start.line);
    let from = place.start.column.saturating_sub(1).min(line.len());
    let bytes = line.as_bytes();
    let pipes: Vec<usize> =
        (from..bytes.len()).filter(|i| bytes[*i] == b'|' && !escaped(bytes, *i)).collect();
    let starts_with_pipe = line.get(from..).is_some_and(|l| l.trim_start().starts_with('|'));
    // A row of n columns has n - 1 pipes between cells, and may have one more at either end.
    let cells_before_last = table.alignments.len() + usize::from(starts_with_pipe);
    let extra = *pipes.get(cells_before_last.checked_sub(1)?)?;
    let rest = &line[extra + 1..];
    let start = file.line_start(place.start.line) + extra;
    (!rest.trim_matches([' ', '\t', '|']).is_empty())
        .then_some(Span { start, end: start + 1 + rest.trim_end().len() })
}
