//! What would be if: events played on top of a real package, and nothing written.

use super::diagnostics as say;
use super::expect::fates;
use super::phrases;
use super::stage::Stage;
use crate::chain::Chain;
use crate::diag::Diagnostics;
use crate::engine::{Case, FateCode, Outcome};
use crate::record::wording::event;
use std::sync::Arc;

/// Before and after.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Simulation {
    /// As it is.
    pub before: Outcome,
    /// As it would be.
    pub after: Outcome,
    /// Each imagined record.
    pub records: Vec<Simulated>,
}

/// One imagined record.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Simulated {
    /// The line as told.
    pub told: String,
    /// The record in words.
    pub record: String,
    /// What would become of it in the end; `None` for records about people, which are not judged.
    pub code: Option<FateCode>,
    /// Why, in words.
    pub note: String,
}

/// Plays lines on top of a package as it stands.
///
/// # Errors
/// Lines that cannot be read, or cannot happen.
pub fn simulate(case: &Case<'_>, chain: Arc<Chain>, lines: &[String]) -> Result<Simulation, Diagnostics> {
    let mut wrong = Diagnostics::new();
    let mut read = Vec::new();
    for text in lines {
        match phrases::line(text) {
            Ok(Some(line)) => read.push((text, line)),
            Ok(None) => {}
            Err(why) => wrong.push(say::loose_event(text, &why)),
        }
    }
    if wrong.has_errors() {
        return Err(wrong);
    }
    let mut stage = Stage::upon(case, chain);
    let mut told = Vec::new();
    for (text, line) in &read {
        let before = stage.entries.len();
        if let Err(why) = stage.play(line) {
            wrong.push(say::loose_play(text, &why));
            return Err(wrong);
        }
        if stage.entries.len() > before {
            told.push((*text).clone());
        }
    }
    let first = stage.entries.len() - told.len();
    // The clock of the stage runs on a minute a record; what is asked is how things stand at that moment.
    let after = stage.judge(stage.entries.len(), stage.clock);
    let codes = fates(&stage, stage.entries.len(), &after);
    let records = told.into_iter().enumerate().map(|(index, told)| {
        let entry = &stage.entries[first + index];
        let id = entry.id();
        let fate = after.fates.iter().rev().find(|fate| fate.id == id);
        let judged = codes[first + index] != super::wishes::PEOPLE;
        Simulated {
            told,
            record: event(entry.record()),
            code: fate.filter(|_| judged).map(|fate| fate.code),
            note: fate.map_or_else(String::new, |fate| fate.note.clone()),
        }
    });
    let records = records.collect();
    let before = crate::engine::evaluate(case);
    Ok(Simulation { before, after, records })
}
