//! Reported figures, from TOML, JSON or CSV (SPEC section 9.2).
//!
//! Each format becomes the same rows of (name, text, place); one function judges them.

use super::Figure;
use super::diagnostics as say;
use crate::diag::Diagnostics;
use crate::diag::common::{bad_value, missing_key, unknown_key};
use crate::diag::toml::{At, read};
use crate::text::{SourceFile, Span, nearest};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;

/// File names that hold figures, in the order of precedence for messages.
pub(super) const NAMES: [&str; 3] = ["figures.toml", "figures.json", "figures.csv"];
/// Figures one file may report.
const MOST: usize = 5000;
/// What a figure has.
const KEYS: [&str; 7] = ["id", "value", "group", "sample", "low", "high", "source"];

/// One figure as written.
#[derive(Debug, Default)]
struct Row {
    span: Span,
    cells: BTreeMap<String, At<String>>,
}

/// Reads a file of figures; the place of each figure's id comes with it.
pub(super) fn figures(file: &SourceFile, out: &mut Diagnostics) -> Vec<(Figure, Span)> {
    let mut found = Diagnostics::new();
    let rows = match file.path().name() {
        "figures.json" => json(file, &mut found),
        "figures.csv" => csv(file, &mut found),
        _ => toml(file, &mut found),
    };
    if rows.len() > MOST {
        found.push(say::figures_syntax(
            file,
            Span::default(),
            &format!("more than {MOST} figures in one file"),
        ));
    }
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for row in rows.into_iter().take(MOST) {
        let place = row.cells.get("id").map_or(row.span, |id| id.span);
        let Some(figure) = figure(file, row, &mut found) else {
            continue;
        };
        if !seen.insert((figure.id.clone(), figure.group.clone())) {
            found.push(say::figure_duplicate(file, place, &name(&figure)));
        }
        all.push((figure, place));
    }
    out.extend(found.iter().take(200).cloned().collect());
    all
}

/// The ids that a file of figures names, of whole figures or not: what was said of one that is broken
/// need not be said again as missing.
pub(super) fn named(file: &SourceFile) -> BTreeSet<String> {
    let mut unheard = Diagnostics::new();
    let rows = match file.path().name() {
        "figures.json" => json(file, &mut unheard),
        "figures.csv" => csv(file, &mut unheard),
        _ => toml(file, &mut unheard),
    };
    rows.into_iter().take(MOST).filter_map(|mut row| row.cells.remove("id")).map(|id| id.value).collect()
}

/// "`auc`" or "`auc` of `thin-file`".
pub(super) fn name(figure: &Figure) -> String {
    match &figure.group {
        Some(group) => format!("`{}` of `{}`", figure.id, group.escape_debug()),
        None => format!("`{}`", figure.id),
    }
}

fn figure(file: &SourceFile, mut row: Row, out: &mut Diagnostics) -> Option<Figure> {
    for (key, at) in row.cells.iter().filter(|(key, _)| !KEYS.contains(&key.as_str())) {
        out.push(unknown_key(file, at.span, key, "a figure", nearest(key, KEYS)));
    }
    for cell in row.cells.values() {
        if let Some(character) = crate::text::invisible(&cell.value).next()
            && !file.text().contains(character.character)
        {
            out.push(crate::diag::common::hidden(file, cell.span, &character));
        }
    }
    // A row of the skeleton: one message, not one a key.
    let empty: Vec<&str> = ["value", "sample", "source"]
        .into_iter()
        .filter(|key| row.cells.get(*key).is_some_and(|cell| cell.value.trim().is_empty()))
        .collect();
    if let Some(id) = row.cells.get("id").filter(|_| empty.contains(&"value")) {
        out.push(say::figure_empty(file, id.span, &id.value, &empty));
        return None;
    }
    // An empty cell of a CSV is a missing one.
    row.cells.retain(|_, cell| !cell.value.trim().is_empty());
    let id = must(file, &row, "id", out);
    let value = must(file, &row, "value", out);
    let sample = must::<String>(file, &row, "sample", out);
    let source = must(file, &row, "source", out);
    let low: Option<crate::decimal::Decimal> = may(file, &row, "low", out);
    let high = may(file, &row, "high", out);
    if let (Some(one), None) | (None, Some(one)) = (row.cells.get("low"), row.cells.get("high")) {
        out.push(say::interval(file, one.span, "the interval has only one end"));
    }
    if let (Some(low), Some(high), Some(value)) = (&low, &high, &value)
        && !(low <= value && value <= high)
    {
        out.push(say::interval(file, row.cells["low"].span, "the interval does not hold the value"));
    }
    let group = row.cells.remove("group").map(|g| g.value);
    Some(Figure { id: id?, value: value?, group, sample: sample?, low, high, source: source? })
}

fn must<T: FromStr<Err: Display>>(
    file: &SourceFile,
    row: &Row,
    key: &str,
    out: &mut Diagnostics,
) -> Option<T> {
    if !row.cells.contains_key(key) {
        out.push(missing_key(file, row.span, key, "a figure"));
    }
    may(file, row, key, out)
}

fn may<T: FromStr<Err: Display>>(
    file: &SourceFile,
    row: &Row,
    key: &str,
    out: &mut Diagnostics,
) -> Option<T> {
    let cell = row.cells.get(key)?;
    match cell.value.parse() {
        Ok(value) => Some(value),
        Err(error) => {
            out.push(bad_value(file, cell.span, key, &error.to_string()));
            None
        }
    }
}

fn toml(file: &SourceFile, out: &mut Diagnostics) -> Vec<Row> {
    let rows = read(file, "a file of figures", out, |top| {
        top.tables("figure", |t| {
            let mut row = Row { span: t.span(), cells: BTreeMap::new() };
            for key in KEYS {
                let cell = match key {
                    "value" if t.blank(key) => t.maybe(key),
                    "value" | "low" | "high" => {
                        t.maybe_decimal(key).map(|d| d.map(|d| d.as_str().to_owned()))
                    }
                    _ => t.maybe(key),
                };
                if let Some(cell) = cell {
                    row.cells.insert(key.to_owned(), cell);
                }
            }
            row
        })
    });
    rows.unwrap_or_default()
}

/// Walks the array by hand and lets the JSON parser read one key or value at a time, so that each has a
/// place, numbers keep their text, and a repeated key is seen.
fn json(file: &SourceFile, out: &mut Diagnostics) -> Vec<Row> {
    let mut at = 0;
    match json_rows(file.text(), &mut at) {
        Ok(rows) => rows,
        Err(wrong) => {
            let mut end = (at + 1).min(file.text().len());
            while !file.text().is_char_boundary(end) {
                end += 1;
            }
            out.push(say::figures_syntax(file, Span { start: at.min(end), end }, &wrong));
            Vec::new()
        }
    }
}

fn json_rows(text: &str, at: &mut usize) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    expect(text, at, '[', "the file must be a JSON array of objects")?;
    if accept(text, at, ']') {
        return end(text, at, rows);
    }
    loop {
        space(text, at);
        let start = *at;
        expect(text, at, '{', "an object is wanted here")?;
        let mut cells: BTreeMap<String, At<String>> = BTreeMap::new();
        if !accept(text, at, '}') {
            loop {
                let key = value(text, at)?;
                let serde_json::Value::String(name) = key.value else {
                    *at = key.span.start;
                    return Err("a key in quotes is wanted here".to_owned());
                };
                expect(text, at, ':', "a colon is wanted here")?;
                let cell = value(text, at)?;
                let written = match cell.value {
                    serde_json::Value::String(written) => written,
                    // As written: 0.750 stays 0.750.
                    serde_json::Value::Number(_) => text[cell.span.start..cell.span.end].to_owned(),
                    _ => {
                        *at = cell.span.start;
                        return Err("a string or a number is wanted here".to_owned());
                    }
                };
                if cells.insert(name.clone(), At { value: written, span: cell.span }).is_some() {
                    *at = key.span.start;
                    return Err(format!("the key `{}` is there twice", name.escape_debug()));
                }
                if !accept(text, at, ',') {
                    break;
                }
            }
            expect(text, at, '}', "a comma or } is wanted here")?;
        }
        rows.push(Row { span: Span { start, end: start + 1 }, cells });
        if !accept(text, at, ',') {
            break;
        }
    }
    expect(text, at, ']', "a comma or ] is wanted here")?;
    end(text, at, rows)
}

fn end(text: &str, at: &mut usize, rows: Vec<Row>) -> Result<Vec<Row>, String> {
    space(text, at);
    if *at == text.len() { Ok(rows) } else { Err("nothing may follow the array".to_owned()) }
}

fn space(text: &str, at: &mut usize) {
    let rest = &text[*at..];
    *at += rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
}

fn accept(text: &str, at: &mut usize, wanted: char) -> bool {
    space(text, at);
    let found = text[*at..].starts_with(wanted);
    *at += if found { wanted.len_utf8() } else { 0 };
    found
}

fn expect(text: &str, at: &mut usize, wanted: char, wrong: &str) -> Result<(), String> {
    if accept(text, at, wanted) { Ok(()) } else { Err(wrong.to_owned()) }
}

fn value(text: &str, at: &mut usize) -> Result<At<serde_json::Value>, String> {
    space(text, at);
    let start = *at;
    // Only a string or a number is ever wanted: containers are not even parsed.
    if text[start..].starts_with(['{', '[']) {
        return Err("a string or a number is wanted here".to_owned());
    }
    let mut stream = serde_json::Deserializer::from_str(&text[start..]).into_iter();
    match stream.next() {
        Some(Ok(value)) => {
            *at = start + stream.byte_offset();
            Ok(At { value, span: Span { start, end: *at } })
        }
        _ => Err("not valid JSON here".to_owned()),
    }
}

fn csv(file: &SourceFile, out: &mut Diagnostics) -> Vec<Row> {
    let text = file.text();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut titles: Vec<At<String>> = Vec::new();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let at = error.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
                let wrong = "this line is not valid CSV";
                out.push(say::figures_syntax(file, Span { start: at, end: at + 1 }, wrong));
                return rows;
            }
        };
        let start = record.position().map_or(0, |p| usize::try_from(p.byte()).unwrap_or(0));
        let places = fields(text, start);
        let place = |i: usize| places.get(i).copied().unwrap_or(Span { start, end: start });
        if titles.is_empty() {
            for (i, title) in record.iter().enumerate() {
                if titles.iter().any(|t| t.value == title) {
                    out.push(say::duplicate(file, place(i), "column", title));
                }
                titles.push(At { value: title.to_owned(), span: place(i) });
            }
            continue;
        }
        if record.len() != titles.len() {
            let wrong = format!("the line has {} fields, the header {}", record.len(), titles.len());
            out.push(say::figures_syntax(file, place(0), &wrong));
            continue;
        }
        let cells = titles.iter().zip(record.iter()).enumerate();
        let cells = cells.map(|(i, (t, c))| (t.value.clone(), At { value: c.to_owned(), span: place(i) }));
        rows.push(Row { span: place(0), cells: cells.collect() });
        if rows.len() > MOST {
            break;
        }
    }
    // Unknown columns are one mistake, not one a line.
    for title in titles.iter().filter(|t| !KEYS.contains(&t.value.as_str())) {
        out.push(unknown_key(file, title.span, &title.value, "a figure", nearest(&title.value, KEYS)));
    }
    for row in &mut rows {
        row.cells.retain(|key, _| KEYS.contains(&key.as_str()));
    }
    rows
}

/// Where the fields of a CSV record lie: the reader itself only tells where the record starts.
fn fields(text: &str, start: usize) -> Vec<Span> {
    let mut all = Vec::new();
    let mut from = start;
    let mut quoted = false;
    for (offset, byte) in text.bytes().enumerate().skip(start) {
        match byte {
            b'\n' | b'\r' if offset == from && all.is_empty() => from = offset + 1,
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                all.push(Span { start: from, end: offset });
                from = offset + 1;
            }
            b'\n' if !quoted => {
                all.push(Span { start: from, end: offset });
                return all;
            }
            _ => {}
        }
    }
    all.push(Span { start: from, end: text.len() });
    all
}
