//! A report in words and as JSON.

use super::cover::Reach;
use super::run::{CaseReport, Failure, Report};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

impl Report {
    /// For people: each file with its count, each failure in full, then what no case reached.
    pub fn human(&self) -> String {
        let mut out = String::new();
        let mut files: BTreeMap<&str, Vec<&CaseReport>> = BTreeMap::new();
        for case in &self.cases {
            files.entry(case.path.as_str()).or_default().push(case);
        }
        for (path, cases) in &files {
            let failed = cases.iter().filter(|case| !case.failures.is_empty()).count();
            let _ = writeln!(out, "{path}: {} of {} pass", cases.len() - failed, cases.len());
        }
        for case in self.cases.iter().filter(|case| !case.failures.is_empty()) {
            failed(&mut out, case);
        }
        if !self.cases.is_empty() {
            out.push_str("\nReached by these cases:\n");
            let (tests, own): (Vec<Reach>, Vec<Reach>) =
                self.coverage.reach().into_iter().partition(|reach| reach.only_tests);
            own.iter().for_each(|reach| reached(&mut out, reach));
            if !tests.is_empty() {
                let (met, all) = tests.iter().fold((0, 0), |(m, a), r| (m + r.reached, a + r.all));
                let what = "rules of chains that only tests use".to_owned();
                let sum = Reach { what, reached: met, all, missed: Vec::new(), only_tests: true };
                reached(&mut out, &sum);
            }
            let (all, failed) = (self.cases.len(), self.failed());
            let _ = match failed {
                0 => writeln!(out, "\n{all} cases, all as expected."),
                _ => writeln!(out, "\n{all} cases, {failed} not as expected."),
            };
        }
        out
    }

    /// For programs.
    pub fn json(&self) -> Value {
        let cases = self.cases.iter().map(|case| {
            let failures = case.failures.iter().map(|failure| {
                json!({
                    "as_of": failure.as_of,
                    "records": failure.records,
                    "mismatches": failure.mismatches,
                    "fates": failure.fates.iter().map(|(told, code)| json!({ "record": told, "code": code })).collect::<Vec<_>>(),
                    "why": failure.why,
                })
            });
            json!({
                "file": case.path,
                "line": case.line,
                "name": case.name,
                "pass": case.failures.is_empty(),
                "failures": failures.collect::<Vec<_>>(),
            })
        });
        json!({
            "cases": cases.collect::<Vec<_>>(),
            "passed": self.cases.len() - self.failed(),
            "failed": self.failed(),
            "problems": self.problems.sorted(),
            "coverage": self.coverage.reach(),
        })
    }
}

fn failed(out: &mut String, case: &CaseReport) {
    let _ = writeln!(out, "\n{}:{}: NOT AS EXPECTED: {}", case.path, case.line, case.name);
    for failure in &case.failures {
        moment(out, failure);
    }
}

fn moment(out: &mut String, failure: &Failure) {
    let records =
        if failure.records == 1 { "1 record".to_owned() } else { format!("{} records", failure.records) };
    let _ = writeln!(out, "\n  {}, {records}\n", failure.as_of.human());
    let width = |pick: fn(&super::run::Mismatch) -> &str, least: usize| {
        failure.mismatches.iter().map(|m| pick(m).chars().count()).max().unwrap_or(0).max(least).min(60)
    };
    let (what, expected) = (width(|m| &m.what, 8), width(|m| &m.expected, 8));
    let _ = writeln!(out, "    {:what$}  {:expected$}  got", "", "expected");
    for m in &failure.mismatches {
        let note = if m.note.is_empty() { String::new() } else { format!("  ({})", m.note) };
        let _ = writeln!(out, "    {:what$}  {:expected$}  {}{note}", m.what, m.expected, m.got);
    }
    out.push('\n');
    for (index, (told, code)) in failure.fates.iter().enumerate() {
        let _ = writeln!(out, "    {:>3}  {code:<24} {told}", index + 1);
    }
    out.push('\n');
    for line in failure.why.lines() {
        let _ = if line.is_empty() { writeln!(out) } else { writeln!(out, "    {line}") };
    }
}

fn reached(out: &mut String, reach: &Reach) {
    let _ = writeln!(out, "  {}: {} of {} ({} %)", reach.what, reach.reached, reach.all, reach.percent());
    if reach.reached == 0 && reach.all > 0 {
        out.push_str("    no case comes to any of it\n");
    } else if !reach.missed.is_empty() {
        let _ = writeln!(out, "    not reached: {}", reach.missed.join(", "));
    }
}
