//! The two texts of a diff: canonical JSON, which is digested, and lines for a terminal.

use super::redline::{Run, Tag, redline};
use super::{
    BlockChange, Change, FigureChange, FigureFacts, FileChange, PackageDiff, SectionDiff, TableChange,
};
use crate::digest::DiffDigest;
use std::fmt::Write;

/// One line of JSON: keys in alphabetical order, no spaces, no line end (SPEC section 6.1).
pub fn canonical_json(diff: &PackageDiff) -> String {
    serde_json::to_string(diff).expect("plain structures always print")
}

/// SHA-256 of the canonical JSON.
pub fn digest(diff: &PackageDiff) -> DiffDigest {
    DiffDigest(crate::digest::sha256(canonical_json(diff).as_bytes()))
}

/// What changed, for a terminal.
pub fn human(diff: &PackageDiff) -> String {
    let mut out = String::new();
    if let Some(toml) = &diff.package {
        line(&mut out, 0, "package.toml");
        if toml.fields.is_empty() {
            line(&mut out, 1, "~ comments or layout only");
        }
        for f in &toml.fields {
            let text = values(f.old.as_deref(), f.new.as_deref());
            line(&mut out, 1, &format!("{} {}: {text}", f.change.sign(), f.field));
        }
    }
    for section in &diff.sections {
        of_section(&mut out, section);
    }
    for file in &diff.files {
        of_file(&mut out, 0, file);
    }
    if diff.package.is_none() && diff.sections.is_empty() && diff.files.is_empty() {
        line(&mut out, 0, "nothing changed");
    } else if !diff.unchanged.is_empty() {
        let names: Vec<&str> = diff.unchanged.iter().map(|s| s.as_str()).collect();
        line(&mut out, 0, &format!("unchanged: {}", names.join(", ")));
    }
    out
}

/// Control characters would let a package write to the reader's terminal.
fn line(out: &mut String, depth: usize, text: &str) {
    let plain: String = text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    let _ = writeln!(out, "{}{plain}", "  ".repeat(depth));
}

fn values(old: Option<&str>, new: Option<&str>) -> String {
    match (old, new) {
        (Some(old), Some(new)) => format!("{old} \u{2192} {new}"),
        (one, other) => one.or(other).unwrap_or_default().to_owned(),
    }
}

fn of_section(out: &mut String, section: &SectionDiff) {
    let what = match section.change {
        Some(Change::Added) => " (new section)",
        Some(Change::Removed) => " (section removed)",
        _ => "",
    };
    line(out, 0, &format!("{}{what}", section.section));
    if section.formatting {
        line(out, 1, "~ formatting only: emphasis, numbering or layout");
    }
    for figure in &section.figures {
        of_figure(out, figure);
    }
    for block in &section.blocks {
        of_block(out, block);
    }
    for file in &section.files {
        of_file(out, 1, file);
    }
}

fn of_figure(out: &mut String, figure: &FigureChange) {
    let group = figure.group.as_ref().map(|g| format!(" ({g})")).unwrap_or_default();
    let value = |f: &Option<FigureFacts>| f.as_ref().map(|f| f.value.clone());
    let (old, new) = (value(&figure.old), value(&figure.new));
    let text = if old == new {
        format!("{}, reported otherwise", old.unwrap_or_default())
    } else {
        values(old.as_deref(), new.as_deref())
    };
    let verdict = figure.verdict.as_ref().map(|v| {
        let met = match v.new_met.or(v.old_met) {
            Some(true) => "met",
            Some(false) => "not met",
            None => "not judged",
        };
        format!("; policy wants {}: {met}", v.bound)
    });
    let verdict = verdict.unwrap_or_default();
    line(out, 1, &format!("{} figure {}{group}: {text}{verdict}", figure.change.sign(), figure.figure));
}

fn of_block(out: &mut String, block: &BlockChange) {
    let under = if block.heading.is_empty() {
        String::new()
    } else {
        format!(" under \u{201c}{}\u{201d}", block.heading)
    };
    let within = if block.within.is_empty() { String::new() } else { format!(" in {}", block.within) };
    line(out, 1, &format!("{} {}{within}{under}", block.change.sign(), block.kind));
    if let Some(table) = &block.table {
        of_table(out, table);
        return;
    }
    match (&block.old, &block.new) {
        (Some(old), Some(new)) => lines(out, &marked(&redline(old, new))),
        (one, other) => lines(out, one.as_deref().or(other.as_deref()).unwrap_or_default()),
    }
}

/// At most eight lines; a terminal is no place for a whole table.
fn lines(out: &mut String, text: &str) {
    const SHOWN: usize = 8;
    for part in text.lines().take(SHOWN) {
        line(out, 3, part);
    }
    let more = text.lines().count().saturating_sub(SHOWN);
    if more > 0 {
        line(out, 3, &format!("\u{2026} {more} more lines"));
    }
}

/// `[-gone-]`, `{+new+}`, and of long stretches that stayed only the ends.
fn marked(runs: &[Run]) -> String {
    const KEPT: usize = 60;
    let mut text = String::new();
    for (at, run) in runs.iter().enumerate() {
        match run.tag {
            Tag::Removed => text += &format!("[-{}-]", run.text),
            Tag::Added => text += &format!("{{+{}+}}", run.text),
            Tag::Same => {
                let letters: Vec<char> = run.text.chars().collect();
                if letters.len() <= 2 * KEPT + 3 {
                    text += &run.text;
                    continue;
                }
                if at > 0 {
                    text.extend(&letters[..KEPT]);
                }
                text.push('\u{2026}');
                if at + 1 < runs.len() {
                    text.extend(&letters[letters.len() - KEPT..]);
                }
            }
        }
    }
    text
}

fn of_table(out: &mut String, table: &TableChange) {
    for column in &table.columns {
        line(out, 3, &format!("{} column {}", column.change.sign(), column.column));
    }
    for row in &table.rows {
        let cells: Vec<String> = row
            .cells
            .iter()
            .map(|c| format!("{}: {}", c.column, values(c.old.as_deref(), c.new.as_deref())))
            .collect();
        line(out, 3, &format!("{} row {}: {}", row.change.sign(), row.row, cells.join("; ")));
    }
    if table.moved {
        line(out, 3, "~ rows or columns are in another order");
    }
}

fn of_file(out: &mut String, depth: usize, file: &FileChange) {
    let digests = values(file.old.map(|d| d.short()).as_deref(), file.new.map(|d| d.short()).as_deref());
    line(out, depth, &format!("{} {}  sha256 {digests}", file.change.sign(), file.path));
}
