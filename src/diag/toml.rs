//! TOML read key by key, with the place of everything, so that one run reports every mistake.
//!
//! Deriving a parser would stop at the first unknown key. Here a table is asked for each key it may
//! have; what nobody asked for is unknown, and every message has its line and column.

use super::Diagnostics;
use super::common::{bad_value, hidden, missing_key, syntax, unknown_key};
use crate::decimal::Decimal;
use crate::text::{SourceFile, Span, invisible, nearest};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::str::FromStr;
use toml::de::{DeTable, DeValue};

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The value.
    pub value: T,
    /// Where it is written.
    pub span: Span,
}

impl<T> At<T> {
    /// The same place with another value.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> At<U> {
        At { value: f(self.value), span: self.span }
    }
}

/// Reads a file as one table and hands it to `read`; syntax errors and everything `read` asks in vain
/// are reported. `None` when the file is not TOML.
pub fn read<R>(
    file: &SourceFile,
    what: &str,
    out: &mut Diagnostics,
    read: impl FnOnce(&Table<'_>) -> R,
) -> Option<R> {
    let (table, errors) = DeTable::parse_recoverable(file.text());
    if !errors.is_empty() {
        for error in errors.iter().take(super::common::SHOWN) {
            let span = error.span().unwrap_or(0..0).into();
            out.push(syntax(file, span, error.message()));
        }
        return None;
    }
    let found = RefCell::new(Diagnostics::new());
    let top = Table::new(file, &found, what.to_owned(), Span::default(), table.get_ref());
    let result = read(&top);
    top.finish();
    drop(top);
    out.extend(found.into_inner().iter().take(MOST).cloned().collect());
    Some(result)
}

/// Messages kept for one file.
const MOST: usize = 200;

/// A table being read.
#[derive(Debug)]
pub struct Table<'t> {
    file: &'t SourceFile,
    found: &'t RefCell<Diagnostics>,
    what: String,
    span: Span,
    keys: BTreeMap<String, (Span, Value<'t>)>,
    asked: RefCell<BTreeSet<String>>,
}

type Value<'t> = &'t toml::Spanned<DeValue<'t>>;

impl<'t> Table<'t> {
    fn new(
        file: &'t SourceFile,
        found: &'t RefCell<Diagnostics>,
        what: String,
        span: Span,
        table: &'t DeTable<'t>,
    ) -> Self {
        let keys = table.iter().map(|(k, v)| (k.get_ref().to_string(), (Span::from(k.span()), v))).collect();
        Table { file, found, what, span, keys, asked: RefCell::default() }
    }

    /// Where the table starts.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Adds a message of the caller's own.
    pub fn report(&self, diagnostic: super::Diagnostic) {
        self.found.borrow_mut().push(diagnostic);
    }

    /// The file, for messages of the caller's own.
    pub fn file(&self) -> &'t SourceFile {
        self.file
    }

    /// The names of all keys, for tables whose keys are free.
    pub fn names(&self) -> Vec<At<String>> {
        self.keys.iter().map(|(name, (span, _))| At { value: name.clone(), span: *span }).collect()
    }

    fn ask(&self, key: &str) -> Option<(Span, Value<'t>)> {
        self.asked.borrow_mut().insert(key.to_owned());
        self.keys.get(key).copied()
    }

    fn missing(&self, key: &str) {
        self.report(missing_key(self.file, self.span, key, &self.what));
    }

    fn wrong(&self, span: Span, key: &str, wrong: &str) {
        self.report(bad_value(self.file, span, key, wrong));
    }

    /// True if the key is there, whatever its value.
    pub fn has(&self, key: &str) -> bool {
        self.keys.contains_key(key)
    }

    fn string_of(&self, key: &str, value: Value<'t>) -> Option<At<String>> {
        let span = Span::from(value.span());
        let Some(text) = value.get_ref().as_str() else {
            self.wrong(span, key, "a string is wanted");
            return None;
        };
        // The file itself was searched already; this is about escapes such as "\u202e".
        let escaped = self.file.text().get(span.start..span.end).is_some_and(|s| s.contains('\\'));
        if escaped && let Some(character) = invisible(text).next() {
            self.report(hidden(self.file, span, &character));
        }
        Some(At { value: text.to_owned(), span })
    }

    /// A string that may be missing.
    pub fn maybe(&self, key: &str) -> Option<At<String>> {
        self.ask(key).and_then(|(_, value)| self.string_of(key, value))
    }

    /// A string that must be there and hold more than spaces.
    pub fn string(&self, key: &str) -> Option<At<String>> {
        let Some((_, value)) = self.ask(key) else {
            self.missing(key);
            return None;
        };
        let text = self.string_of(key, value)?;
        if text.value.trim().is_empty() {
            self.wrong(text.span, key, "it must not be empty");
            return None;
        }
        Some(text)
    }

    fn parsed<T: FromStr<Err: Display>>(&self, key: &str, text: At<String>) -> Option<At<T>> {
        match text.value.parse() {
            Ok(value) => Some(At { value, span: text.span }),
            Err(error) => {
                self.wrong(text.span, key, &error.to_string());
                None
            }
        }
    }

    /// A string of a checked form that must be there.
    pub fn form<T: FromStr<Err: Display>>(&self, key: &str) -> Option<At<T>> {
        self.string(key).and_then(|text| self.parsed(key, text))
    }

    /// A string of a checked form that may be missing.
    pub fn maybe_form<T: FromStr<Err: Display>>(&self, key: &str) -> Option<At<T>> {
        self.maybe(key).and_then(|text| self.parsed(key, text))
    }

    /// A list of strings of a checked form; empty when missing.
    pub fn list<T: FromStr<Err: Display>>(&self, key: &str) -> Vec<At<T>> {
        let Some((span, value)) = self.ask(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(span, key, "a list of strings is wanted");
            return Vec::new();
        };
        let texts = items.iter().filter_map(|item| self.string_of(key, item));
        texts.filter_map(|text| self.parsed(key, text)).collect()
    }

    /// A whole number that may be missing.
    pub fn maybe_number(&self, key: &str) -> Option<At<u32>> {
        let (_, value) = self.ask(key)?;
        let span = Span::from(value.span());
        let number =
            value.get_ref().as_integer().filter(|n| n.radix() == 10).and_then(|n| n.as_str().parse().ok());
        if number.is_none() {
            self.wrong(span, key, "a whole number is wanted");
        }
        number.map(|value| At { value, span })
    }

    /// A whole number that must be there.
    pub fn number(&self, key: &str) -> Option<At<u32>> {
        if !self.has(key) {
            self.missing(key);
        }
        self.maybe_number(key)
    }

    /// `true` or `false` that may be missing.
    pub fn maybe_bool(&self, key: &str) -> Option<At<bool>> {
        let (_, value) = self.ask(key)?;
        let span = Span::from(value.span());
        if let DeValue::Boolean(value) = value.get_ref() {
            return Some(At { value: *value, span });
        }
        self.wrong(span, key, "`true` or `false` is wanted");
        None
    }

    /// A string or a whole number, as text, that may be missing.
    pub fn maybe_text(&self, key: &str) -> Option<At<String>> {
        let (_, value) = self.ask(key)?;
        match value.get_ref() {
            DeValue::Integer(number) => {
                Some(At { value: number.as_str().to_owned(), span: Span::from(value.span()) })
            }
            _ => self.string_of(key, value),
        }
    }

    /// True when the key holds a table; asking is not reading.
    pub fn is_table(&self, key: &str) -> bool {
        self.keys.get(key).is_some_and(|(_, value)| matches!(value.get_ref(), DeValue::Table(_)))
    }

    /// True when the key holds a string; asking is not reading.
    pub fn is_text(&self, key: &str) -> bool {
        self.keys.get(key).is_some_and(|(_, value)| value.get_ref().is_str())
    }

    /// True when the key holds a text without a character to see; asking is not reading.
    pub fn blank(&self, key: &str) -> bool {
        self.keys
            .get(key)
            .and_then(|(_, value)| value.get_ref().as_str())
            .is_some_and(|s| s.trim().is_empty())
    }

    /// A decimal number as written, bare or in quotes, that may be missing. Its text is the file's text:
    /// `0.750` stays `0.750`.
    pub fn maybe_decimal(&self, key: &str) -> Option<At<Decimal>> {
        let (_, value) = self.ask(key)?;
        let span = Span::from(value.span());
        let text = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(_) | DeValue::Float(_) => self.file.text().get(span.start..span.end)?.to_owned(),
            _ => {
                self.wrong(span, key, "a decimal number such as 0.750 is wanted");
                return None;
            }
        };
        self.parsed(key, At { value: text, span })
    }

    /// A table below; `None`, with a message, when it must be there and is not.
    pub fn table<R>(&self, key: &str, must: bool, read: impl FnOnce(&Table<'t>) -> R) -> Option<R> {
        let Some((span, value)) = self.ask(key) else {
            if must {
                self.missing(key);
            }
            return None;
        };
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(span, key, "a table is wanted");
            return None;
        };
        let below = Table::new(self.file, self.found, format!("[{key}]"), span, table);
        let result = read(&below);
        below.finish();
        Some(result)
    }

    /// A list of tables, `[[key]]`; empty when missing.
    pub fn tables<R>(&self, key: &str, mut read: impl FnMut(&Table<'t>) -> R) -> Vec<R> {
        let Some((span, value)) = self.ask(key) else {
            return Vec::new();
        };
        let Some(items) = value.get_ref().as_array() else {
            self.wrong(span, key, &format!("tables written [[{key}]] are wanted"));
            return Vec::new();
        };
        let mut all = Vec::new();
        for item in items {
            let span = Span::from(item.span());
            if let DeValue::Table(table) = item.get_ref() {
                let below = Table::new(self.file, self.found, format!("[[{key}]]"), span, table);
                all.push(read(&below));
                below.finish();
            } else {
                self.wrong(span, key, "a table is wanted");
            }
        }
        all
    }

    /// Reports every key nobody asked for.
    fn finish(&self) {
        let asked = self.asked.borrow();
        let unknown = self.keys.iter().filter(|(name, _)| !asked.contains(*name));
        for (name, (span, _)) in unknown.take(super::common::SHOWN) {
            let meant = nearest(name, asked.iter().map(String::as_str));
            self.report(unknown_key(self.file, *span, name, &self.what, meant));
        }
    }
}
