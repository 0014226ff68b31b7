//! Rules on the values of a record that its types cannot hold (SPEC sections 2.4 to 2.6): those of every
//! record, and what rules are made of. Those of each kind are in `rules`.

use super::body::Kind;
use super::limits::{INTEGER_BOUND, LINE_BYTES, LIST_ITEMS, MEANING_BYTES, TEXT_BYTES};
use super::{Record, Signer, deed, rules, wording};
use std::collections::BTreeSet;

pub(super) type Checked = Result<(), String>;

/// Characters that show one thing and sign another: direction overrides, invisible letters, tags, line
/// separators some viewers break at and others do not.
fn deceives(c: char) -> bool {
    matches!(c,
        '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

pub(super) fn characters(key: &str, text: &str, max: usize, paragraphs: bool) -> Checked {
    if text.len() > max {
        return Err(format!("`{key}` has {} bytes; at most {max} are allowed", text.len()));
    }
    let bad = |c: &char| deceives(*c) || (c.is_control() && !(paragraphs && matches!(c, '\n' | '\t')));
    match text.chars().find(bad) {
        Some(c) => Err(format!("`{key}` holds U+{:04X}, which is not allowed there", u32::from(c))),
        None => Ok(()),
    }
}

pub(super) fn line(key: &str, text: &str) -> Checked {
    filled(key, text)?;
    characters(key, text, LINE_BYTES, false)
}

pub(super) fn paragraphs(key: &str, text: &str) -> Checked {
    filled(key, text)?;
    characters(key, text, TEXT_BYTES, true)
}

pub(super) fn filled(key: &str, text: &str) -> Checked {
    if text.trim().is_empty() { Err(format!("`{key}` is empty")) } else { Ok(()) }
}

pub(super) fn short<T>(key: &str, list: &[T]) -> Checked {
    if list.len() <= LIST_ITEMS {
        Ok(())
    } else {
        Err(format!("`{key}` has {} items; at most {LIST_ITEMS} are allowed", list.len()))
    }
}

pub(super) fn unique<T: Ord>(key: &str, items: impl Iterator<Item = T>) -> Checked {
    let mut seen = BTreeSet::new();
    for item in items {
        if !seen.insert(item) {
            return Err(format!("`{key}` names the same thing twice"));
        }
    }
    Ok(())
}

/// For lists that are sets: one spelling for one set.
pub(super) fn sorted<T: Ord>(key: &str, list: &[T]) -> Checked {
    short(key, list)?;
    if list.is_sorted_by(|a, b| a < b) {
        Ok(())
    } else {
        Err(format!("`{key}` is not sorted, or names the same thing twice"))
    }
}

pub(super) fn integer(key: &str, value: u64) -> Checked {
    if value < INTEGER_BOUND { Ok(()) } else { Err(format!("`{key}` is not below 2^53")) }
}

/// Checks everything, in the order of SPEC section 2.4.
pub(super) fn check(record: &Record) -> Checked {
    if let Some(change) = &record.change {
        line("change.forge", &change.forge)?;
        characters("change.head", &change.head, LINE_BYTES, false)?;
        line("change.repository_id", &change.repository_id)?;
        integer("change.pull_request", change.pull_request)?;
    }
    if let Some(subject) = &record.subject {
        if subject.revision == 0 {
            return Err("`revision` starts at 1".to_owned());
        }
        line("model.name", &subject.model.name)?;
        line("model.version", &subject.model.version)?;
    }
    line("signer.name", &record.signer.name)?;
    line("assistance", &record.assistance)?;
    filled("meaning", &record.meaning)?;
    characters("meaning", &record.meaning, MEANING_BYTES, false)?;
    integer("seen.size", record.seen.size)?;
    sorted("parents", &record.parents)?;
    short("scope", &record.scope)?;
    unique("scope", record.scope.iter().map(|s| &s.section))?;
    acting(record.kind(), &record.signer)?;
    rules::body(record)?;
    if let Some(standard) = wording::standard_meaning(record)
        && standard != record.meaning
    {
        return Err(format!("`meaning` is not the sentence of this kind of record: \"{standard}\""));
    }
    if deed::shown(record) != record.ceremony.shown {
        return Err("`ceremony.shown` is not the digest of this record's deed".to_owned());
    }
    Ok(())
}

/// Only what is done in a seat can be done for somebody else.
fn acting(kind: Kind, signer: &Signer) -> Checked {
    match &signer.acting_for {
        None => Ok(()),
        Some(_) if !matches!(kind, Kind::Decide | Kind::Object | Kind::Confirm | Kind::Withdraw) => {
            Err("`signer.acting_for` is not for this kind of record: nobody can do it for another".to_owned())
        }
        Some(principal) if *principal == signer.person => {
            Err("`signer.acting_for` is the signer: a person needs no leave to act for themselves".to_owned())
        }
        Some(_) => Ok(()),
    }
}
