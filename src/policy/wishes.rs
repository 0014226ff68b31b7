//! What a case expects, read with every name checked: a misspelt state would never be met.

use super::diagnostics as say;
use super::event::Which;
use super::phrases::parse_instant;
use crate::chain::Chain;
use crate::diag::toml::{At, Table};
use crate::engine::{ConditionState, FateCode, PackageState, StepState, ThreadState};
use crate::id::{ConditionId, FindingId, StepId};
use crate::text::nearest;
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is expected at one moment.
#[derive(Debug, Clone, Default)]
pub(super) struct Wishes {
    /// Judge at this instant, with the records signed by then.
    pub as_of: Option<Timestamp>,
    /// Judge right after this record.
    pub after: Option<Which>,
    pub state: Option<String>,
    pub steps: BTreeMap<StepId, String>,
    pub codes: Option<Codes>,
    pub gate: Option<bool>,
    pub certificate: Option<bool>,
    pub conditions: BTreeMap<ConditionId, String>,
    pub threads: BTreeMap<String, String>,
    pub findings: BTreeMap<FindingId, String>,
    pub approvals: BTreeMap<StepId, String>,
    pub due: BTreeMap<StepId, String>,
    pub lapses: BTreeMap<StepId, String>,
    pub overdue: Option<Vec<String>>,
    pub escalated: Option<Vec<String>>,
    pub unsatisfiable: Option<Vec<String>>,
    pub missing: Vec<String>,
    pub because: Vec<String>,
    pub revision: Option<u32>,
}

/// Expected fates.
#[derive(Debug, Clone)]
pub(super) enum Codes {
    /// Of every record, in ledger order.
    All(Vec<String>),
    /// Of some, by number or name.
    Some(BTreeMap<String, String>),
}

/// The word a value has in JSON.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The word for records about people in a list of codes: they are not judged.
pub(super) const PEOPLE: &str = "-";

impl Wishes {
    /// True if nothing is expected.
    pub fn nothing(&self) -> bool {
        self.count() == 0
    }

    fn count(&self) -> usize {
        let one = [
            self.state.is_some(),
            self.codes.is_some(),
            self.gate.is_some(),
            self.certificate.is_some(),
            self.overdue.is_some(),
            self.escalated.is_some(),
            self.unsatisfiable.is_some(),
            self.revision.is_some(),
        ];
        let many = [
            self.steps.len(),
            self.conditions.len(),
            self.threads.len(),
            self.findings.len(),
            self.approvals.len(),
            self.due.len(),
            self.lapses.len(),
            self.missing.len(),
            self.because.len(),
        ];
        one.iter().filter(|there| **there).count() + many.iter().sum::<usize>()
    }

    /// Reads `expect`, or one `[[case.at]]`.
    pub fn read(t: &Table<'_>, chain: Option<&Chain>) -> Wishes {
        let names = Names { t, chain };
        let package = PackageState::ALL.iter().map(word).collect::<Vec<_>>();
        let steps = StepState::ALL.iter().map(word).collect::<Vec<_>>();
        let conditions = [
            ConditionState::Open,
            ConditionState::Discharged,
            ConditionState::Returned,
            ConditionState::Verified,
            ConditionState::Waived,
        ];
        let threads = [ThreadState::Note, ThreadState::Open, ThreadState::Answered, ThreadState::Resolved];
        Wishes {
            as_of: t.maybe("as_of").and_then(|at| names.instant(&at)),
            after: names.after(),
            state: t.maybe("state").and_then(|at| names.one_of(&at, &package)),
            steps: names.by_step("steps", |at| names.one_of(at, &steps)),
            codes: names.codes(),
            gate: t.maybe_bool("gate").map(|at| at.value),
            certificate: t.maybe_bool("certificate").map(|at| at.value),
            conditions: names.pairs("conditions", |at| names.one_of(at, &words(&conditions))),
            threads: names.pairs("threads", |at| names.one_of(at, &words(&threads))),
            findings: names
                .pairs("findings", |at| names.one_of(at, &["open".to_owned(), "closed".to_owned()])),
            approvals: names.by_step("approvals", |at| Some(at.value.clone())),
            due: names.by_step("due", |at| names.instant(at).map(|_| at.value.clone())),
            lapses: names.by_step("lapses", |at| names.instant(at).map(|_| at.value.clone())),
            overdue: names.steps_of("overdue"),
            escalated: names.steps_of("escalated"),
            unsatisfiable: names.steps_of("unsatisfiable"),
            missing: t.list("missing").into_iter().map(|at: At<String>| at.value).collect(),
            because: t.list("because").into_iter().map(|at: At<String>| at.value).collect(),
            revision: t.maybe_number("revision").map(|at| at.value),
        }
    }
}

fn words<T: Serialize>(all: &[T]) -> Vec<String> {
    all.iter().map(word).collect()
}

struct Names<'a, 't> {
    t: &'a Table<'t>,
    chain: Option<&'a Chain>,
}

impl Names<'_, '_> {
    fn refuse(&self, at: &At<String>, what: &str, known: &[String]) {
        let meant = nearest(&at.value, known.iter().map(String::as_str));
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("known: {}", known.join(", ")),
        };
        let message = format!("there is no {what} `{}`", at.value.escape_debug());
        self.t.report(say::expectation(self.t.file(), at.span, message, help));
    }

    fn one_of(&self, at: &At<String>, known: &[String]) -> Option<String> {
        if known.contains(&at.value) {
            return Some(at.value.clone());
        }
        self.refuse(at, "state", known);
        None
    }

    fn instant(&self, at: &At<String>) -> Option<Timestamp> {
        let found = parse_instant(&at.value);
        if found.is_none() {
            let message = format!("`{}` is no day or time", at.value.escape_debug());
            let help = "write 2026-03-04, or 2026-03-04 09:00 (UTC)".to_owned();
            self.t.report(say::expectation(self.t.file(), at.span, message, help));
        }
        found
    }

    /// A table of free keys, each with a text.
    fn pairs<K: std::str::FromStr + Ord>(
        &self,
        key: &str,
        read: impl Fn(&At<String>) -> Option<String>,
    ) -> BTreeMap<K, String> {
        let pairs = self.t.table(key, false, |below| {
            let names = below.names();
            names
                .into_iter()
                .filter_map(|name| Some((name.clone(), below.maybe_text(&name.value)?)))
                .collect::<Vec<_>>()
        });
        let mut all = BTreeMap::new();
        for (name, at) in pairs.into_iter().flatten() {
            match name.value.parse() {
                Ok(key) => _ = read(&at).map(|value| all.insert(key, value)),
                Err(_) => self.refuse(&name, "name", &[]),
            }
        }
        all
    }

    fn by_step(&self, key: &str, read: impl Fn(&At<String>) -> Option<String>) -> BTreeMap<StepId, String> {
        let Some(chain) = self.chain else { return self.pairs(key, read) };
        let all: BTreeMap<StepId, String> = self.pairs(key, read);
        for step in all.keys().filter(|step| chain.step(step).is_none()) {
            let at = At { value: step.to_string(), span: self.t.span() };
            self.refuse(&at, "step", &self.known_steps());
        }
        all
    }

    fn known_steps(&self) -> Vec<String> {
        self.chain.map(|c| c.steps.iter().map(|s| s.id.to_string()).collect()).unwrap_or_default()
    }

    fn steps_of(&self, key: &str) -> Option<Vec<String>> {
        if !self.t.has(key) {
            return None;
        }
        let known = self.known_steps();
        let mut all = Vec::new();
        for at in self.t.list::<String>(key) {
            if self.chain.is_some() && !known.contains(&at.value) {
                self.refuse(&at, "step", &known);
            }
            all.push(at.value);
        }
        all.sort();
        Some(all)
    }

    fn after(&self) -> Option<Which> {
        let at = self.t.maybe_text("after")?;
        Some(match at.value.parse() {
            Ok(number) => Which::Number(number),
            Err(_) => Which::Label(at.value),
        })
    }

    fn codes(&self) -> Option<Codes> {
        let known: Vec<String> = FateCode::ALL.iter().map(|code| code.as_str().to_owned()).collect();
        let check = |at: &At<String>| {
            let fits = known.contains(&at.value) || at.value == PEOPLE;
            if !fits {
                self.refuse(at, "code", &known);
            }
            fits.then(|| at.value.clone())
        };
        if !self.t.has("codes") {
            return None;
        }
        if self.t.is_table("codes") {
            return Some(Codes::Some(self.pairs("codes", check)));
        }
        let all = self.t.list::<String>("codes");
        Some(Codes::All(all.iter().filter_map(check).collect()))
    }
}
