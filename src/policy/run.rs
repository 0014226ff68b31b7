//! Runs test files and reports.

use super::cover::Coverage;
use super::diagnostics as say;
use super::expect;
use super::stage::{Stage, no_record};
use super::suite::{Case, Suite, suite};
use super::wishes::Wishes;
use crate::diag::Diagnostics;
use crate::engine::Outcome;
use crate::record::wording::event;
use crate::text::{RepoPath, SourceFile, Sources};
use crate::time::Timestamp;
use rayon::prelude::*;

/// What all test files together come to.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Every case that was played, file by file.
    pub cases: Vec<CaseReport>,
    /// Why files or stories could not be read; such a file or case has no result.
    pub problems: Diagnostics,
    /// How far the cases reach.
    pub coverage: Coverage,
}

/// One case.
#[derive(Debug, Clone)]
pub struct CaseReport {
    /// Its file.
    pub path: RepoPath,
    /// The line its name stands on.
    pub line: usize,
    /// Its name.
    pub name: String,
    /// Moments at which something is otherwise than expected; empty if it passes.
    pub failures: Vec<Failure>,
}

/// A moment at which something is otherwise than expected.
#[derive(Debug, Clone)]
pub struct Failure {
    /// The instant it was judged at.
    pub as_of: Timestamp,
    /// How many records there were.
    pub records: usize,
    /// What differs.
    pub mismatches: Vec<Mismatch>,
    /// Each record in words, with its code.
    pub fates: Vec<(String, String)>,
    /// The tree of reasons.
    pub why: String,
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Mismatch {
    /// What it is about.
    pub what: String,
    /// What the case expects.
    pub expected: String,
    /// What the engine says.
    pub got: String,
    /// Which record is meant, in words; may be empty.
    pub note: String,
}

impl Report {
    /// Learns of a chain that cases should reach, whether or not one uses it.
    pub fn knows(&mut self, chain: &SourceFile) {
        if let Some(parsed) = crate::chain::parse(chain, &mut Diagnostics::new()) {
            self.coverage.knows(chain.path().as_str(), &parsed);
        }
    }

    /// How many cases fail.
    pub fn failed(&self) -> usize {
        self.cases.iter().filter(|case| !case.failures.is_empty()).count()
    }
}

/// Plays every case of every file whose name, or whose file's path, contains `filter`.
pub fn run(files: &[SourceFile], sources: &dyn Sources, filter: Option<&str>) -> Report {
    let results: Vec<Report> = files.par_iter().map(|file| one_file(file, sources, filter)).collect();
    let mut all = Report::default();
    for report in results {
        all.cases.extend(report.cases);
        all.problems.extend(report.problems);
        all.coverage.join(report.coverage);
    }
    all
}

fn one_file(file: &SourceFile, sources: &dyn Sources, filter: Option<&str>) -> Report {
    let mut report = Report::default();
    let Some(suite) = suite(file, sources, &mut report.problems) else { return report };
    let whole = filter.is_none_or(|text| file.path().as_str().contains(text));
    let chosen = suite.cases.iter().filter(|case| whole || filter.is_none_or(|f| case.name.contains(f)));
    let chosen: Vec<&Case> = chosen.collect();
    let played: Vec<(Option<CaseReport>, Diagnostics, Coverage)> =
        chosen.par_iter().map(|case| play(&suite, case)).collect();
    for (case, problems, coverage) in played {
        report.cases.extend(case);
        report.problems.extend(problems);
        report.coverage.join(coverage);
    }
    report
}

fn play(suite: &Suite<'_>, case: &Case) -> (Option<CaseReport>, Diagnostics, Coverage) {
    let mut problems = Diagnostics::new();
    let mut coverage = Coverage::default();
    coverage.knows(&case.origin, &case.chain);
    let (scene, people) = (case.scene.clone(), suite.people.clone());
    let mut stage = Stage::new(scene, case.chain.clone(), suite.chains.clone(), people, suite.start);
    for told in &case.story {
        if let Err(why) = stage.play(&told.line) {
            problems.push(say::play(suite.file, told.span, &why));
            return (None, problems, coverage);
        }
    }
    let mut failures = Vec::new();
    for wishes in case.wishes.iter().filter(|wishes| !wishes.nothing()) {
        let (count, as_of) = match moment(&stage, wishes) {
            Ok(moment) => moment,
            Err(why) => {
                problems.push(say::expectation(suite.file, case.span, why, String::new()));
                return (None, problems, coverage);
            }
        };
        let outcome = stage.judge(count, as_of);
        coverage.saw(&case.origin, &case.chain, &stage, count, &outcome);
        let mismatches = expect::differences(wishes, &stage, count, &outcome);
        if !mismatches.is_empty() {
            failures.push(failure(&stage, count, as_of, mismatches, &outcome));
        }
    }
    let line = suite.file.line_of(case.span.start);
    let path = suite.file.path().clone();
    (Some(CaseReport { path, line, name: case.name.clone(), failures }), problems, coverage)
}

/// How many records a moment has, and when it is.
fn moment(stage: &Stage<'_>, wishes: &Wishes) -> Result<(usize, Timestamp), String> {
    let after = match &wishes.after {
        Some(which) => Some(stage.position(which).ok_or_else(|| no_record(which))? + 1),
        None => None,
    };
    Ok(match (after, wishes.as_of) {
        (Some(count), Some(as_of)) => (count, as_of),
        (Some(count), None) => (count, stage.entries[count - 1].record().signed_at),
        (None, Some(as_of)) => (stage.signed_by(as_of), as_of),
        (None, None) => (stage.entries.len(), stage.clock),
    })
}

fn failure(
    stage: &Stage<'_>,
    count: usize,
    as_of: Timestamp,
    mismatches: Vec<Mismatch>,
    outcome: &Outcome,
) -> Failure {
    let told = stage.entries.iter().take(count).map(|entry| event(entry.record()));
    let fates = told.zip(expect::fates(stage, count, outcome)).collect();
    Failure { as_of, records: count, mismatches, fates, why: expect::tree(stage, outcome) }
}
