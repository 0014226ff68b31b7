//! Approval chains: the steps a package must pass, in TOML (format: SPEC section 8).
//!
//! In: a `SourceFile`. Out, from [`parse`]: a [`Chain`] that cannot be wrong, or diagnostics. `raw` reads
//! the shape with its places and refuses unknown keys; `check` turns it into a [`Chain`]; `order` finds
//! cycles and a topological order; `meaning` checks the sentence signers assent to; [`lint()`] finds what
//! is legal but cannot work with the people there are.
//!
//! *Invariant:* a [`Chain`] has no cycle, and every name in it resolves.

mod check;
pub mod diagnostics;
mod lint;
mod meaning;
mod order;
mod raw;

pub use check::{MAX_CHAIN, parse};
pub use lint::{Holder, lint, unused_roles};
pub use meaning::PLACEHOLDERS;

use crate::decimal::Decimal;
use crate::digest::ChainDigest;
use crate::id::{ChainId, FigureId, RoleId, SectionId, StepId};
use crate::time::Period;

/// An approval chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// Its id, the file's name.
    pub id: ChainId,
    /// SHA-256 of the file.
    pub digest: ChainDigest,
    /// Title for people.
    pub title: String,
    /// The policy it carries out; may be empty.
    pub policy: String,
    /// Sections in their fixed order.
    pub sections: Vec<Section>,
    /// Thresholds in file order.
    pub thresholds: Vec<Threshold>,
    /// Steps in topological order; where that leaves a choice, in file order.
    pub steps: Vec<Step>,
    /// How long a certificate holds.
    pub review_by: Option<Period>,
}

impl Chain {
    /// The section of that id.
    pub fn section(&self, id: &SectionId) -> Option<&Section> {
        self.sections.iter().find(|s| s.id == *id)
    }
    /// The step of that id.
    pub fn step(&self, id: &StepId) -> Option<&Step> {
        self.steps.iter().find(|s| s.id == *id)
    }
    /// The thresholds of a section, in file order.
    pub fn thresholds_of<'a>(&'a self, section: &'a SectionId) -> impl Iterator<Item = &'a Threshold> {
        self.thresholds.iter().filter(move |t| t.section == *section)
    }
    /// The steps whose scope holds a section.
    pub fn steps_judging<'a>(&'a self, section: &'a SectionId) -> impl Iterator<Item = &'a Step> {
        self.steps.iter().filter(move |s| s.scope.contains(section))
    }
    /// All steps before a step, transitively, in file order.
    pub fn ancestors(&self, id: &StepId) -> Vec<&Step> {
        let mut wanted: std::collections::BTreeSet<&StepId> = std::collections::BTreeSet::new();
        let mut todo: Vec<&StepId> = self.step(id).map(|s| s.after.iter().collect()).unwrap_or_default();
        while let Some(next) = todo.pop() {
            if wanted.insert(next) {
                todo.extend(self.step(next).iter().flat_map(|s| s.after.iter()));
            }
        }
        self.steps.iter().filter(|s| wanted.contains(&s.id)).collect()
    }
}

/// A section every package of the chain must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its id, the name of the Markdown file.
    pub id: SectionId,
    /// Title.
    pub title: String,
    /// What the section must show, in the policy's words.
    pub criterion: String,
    /// Clauses it rests on.
    pub cites: Vec<String>,
}

/// A bound that a reported figure must keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Threshold {
    /// Where it is shown.
    pub section: SectionId,
    /// The figure it judges.
    pub figure: FigureId,
    /// The policy's name for the measure.
    pub label: String,
    /// Lower bound, inclusive.
    pub at_least: Option<Decimal>,
    /// Upper bound, inclusive.
    pub at_most: Option<Decimal>,
    /// Unit, printed after numbers; may be empty.
    pub unit: String,
    /// Clause it rests on; may be empty.
    pub cites: String,
    /// What a miss does.
    pub on_miss: OnMiss,
}

impl Threshold {
    /// True if `value` keeps the bound.
    pub fn met_by(&self, value: &Decimal) -> bool {
        self.at_least.as_ref().is_none_or(|low| value >= low)
            && self.at_most.as_ref().is_none_or(|high| value <= high)
    }
}

/// What happens when a threshold is not met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnMiss {
    /// The package cannot be submitted.
    Block,
    /// It can, with a written exception.
    Exception,
}

/// One gate of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its id.
    pub id: StepId,
    /// Title for people.
    pub title: String,
    /// The role that decides.
    pub role: RoleId,
    /// How many persons must approve.
    pub approvals: u32,
    /// Steps that must pass first.
    pub after: Vec<StepId>,
    /// Sections it judges, in chain order; `*` is already expanded.
    pub scope: Vec<SectionId>,
    /// The highest class of change an approval survives.
    pub carry: Carry,
    /// The sentence a signer assents to, with placeholders.
    pub meaning: String,
}

/// Classes of change, from none to any, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Carry {
    /// Any new revision needs a new decision.
    Never,
    /// Survives a revision with the same bytes.
    Identical,
    /// Survives changes outside the step's sections.
    OutOfScope,
}
