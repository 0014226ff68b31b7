//! Approval chains: the steps a package must pass, in TOML (format: SPEC section 8).
//!
//! In: a `SourceFile`. Out, from [`parse`]: a [`Chain`] that cannot be wrong, or diagnostics. `raw` reads
//! the shape with its places and refuses unknown keys; `check` turns it into a [`Chain`], `steps` each of
//! its steps; `order` finds cycles and a topological order; `meaning` checks the sentence signers assent
//! to; [`lint()`] finds what is legal but cannot work with the people there are, `fill` whether they can
//! fill all steps at once.
//!
//! *Invariant:* a [`Chain`] has no cycle, and every name in it resolves.

mod check;
pub mod diagnostics;
mod fill;
mod lint;
mod meaning;
mod order;
mod raw;
mod steps;
#[cfg(test)]
mod tests;

pub use check::{MAX_CHAIN, parse};
pub use lint::{Holder, OFFICES, lint, offices, unused_roles};
pub use meaning::PLACEHOLDERS;

use crate::decimal::Decimal;
use crate::digest::ChainDigest;
use crate::id::{ChainId, FigureId, PersonId, RoleId, SectionId, StepId};
use crate::time::{Calendar, Period, Term};
use std::collections::BTreeMap;

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
    /// Business days and the zone they are counted in.
    pub calendar: Calendar,
    /// True if a newer version of this chain must also be met by packages under review.
    pub applies_to_inflight: bool,
    /// Changed words up to which a change of prose is minor, counted over all sections of a step.
    pub minor_words: u32,
    /// True if two people of the role `override` may set a step of this chain aside.
    pub overridable: bool,
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
    /// Ways to pass, in file order; one is enough. A plain step has one.
    pub ways: Vec<Way>,
    /// Rejections that refuse it; at least 1.
    pub reject: u32,
    /// Whose rejection alone refuses it.
    pub veto: Vec<Voter>,
    /// True if an override may set a veto aside.
    pub overridable_veto: bool,
    /// Steps that must pass first.
    pub after: Vec<StepId>,
    /// Which packages it is for; every one if `None`.
    pub when: Option<When>,
    /// Sections it judges, in chain order; `*` is already expanded.
    pub scope: Vec<SectionId>,
    /// The highest class of change an approval survives.
    pub carry: Carry,
    /// The sentence a signer assents to, with placeholders.
    pub meaning: String,
    /// By when it should be decided, from its opening.
    pub deadline: Option<Term>,
    /// Who else may decide it after a while, from its opening.
    pub escalate: Vec<Escalation>,
    /// After which time without passing the review lapses, from its opening.
    pub lapse: Option<Term>,
    /// How long an approval holds before the certificate.
    pub fresh_for: Option<Period>,
    /// Roles whose holders may stand in for a reviewer; empty means the step's own.
    pub delegates: Vec<RoleId>,
    /// Who may set a rejection aside that nobody looked at again in time.
    pub resolve_rejection: Option<RoleId>,
    /// True if an approval may be prepared with declared AI assistance.
    pub assistance: bool,
}

impl Step {
    /// A step of the plainest sort: so many approvals by one role, open from the start, judging nothing
    /// yet.
    pub fn plain(id: StepId, role: RoleId, approvals: u32) -> Step {
        Step {
            title: id.to_string(),
            id,
            ways: vec![Way { role, tally: Tally::Approvals(approvals) }],
            reject: 1,
            veto: Vec::new(),
            overridable_veto: false,
            after: Vec::new(),
            when: None,
            scope: Vec::new(),
            carry: Carry::Cosmetic,
            meaning: String::new(),
            deadline: None,
            escalate: Vec::new(),
            lapse: None,
            fresh_for: None,
            delegates: Vec::new(),
            resolve_rejection: None,
            assistance: true,
        }
    }

    /// The roles that decide, in file order, each once.
    pub fn roles(&self) -> impl Iterator<Item = &RoleId> {
        let first = |i: usize| self.ways[..i].iter().all(|way| way.role != self.ways[i].role);
        self.ways.iter().enumerate().filter(move |(i, _)| first(*i)).map(|(_, way)| &way.role)
    }
    /// The first role that decides.
    pub fn role(&self) -> &RoleId {
        &self.ways.first().expect("a step has a way to pass").role
    }
    /// Approvals the first way asks for, as far as the chain alone says.
    pub fn needed(&self) -> u32 {
        match self.ways.first().map(|way| &way.tally) {
            Some(Tally::Approvals(count)) => (*count).max(1),
            Some(Tally::Quorum(quorum)) => quorum.yes.of(quorum.present),
            None => 1,
        }
    }
    /// True if a role decides in this step.
    pub fn takes(&self, role: &RoleId) -> bool {
        self.ways.iter().any(|way| way.role == *role)
    }
}

/// One way to pass a step: enough holders of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Who decides.
    pub role: RoleId,
    /// How many it takes.
    pub tally: Tally,
}

/// What is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tally {
    /// So many approvals by different persons.
    Approvals(u32),
    /// A vote.
    Quorum(Quorum),
}

/// A vote of the holders of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quorum {
    /// Voters that must have approved or abstained.
    pub present: u32,
    /// Approvals it takes.
    pub yes: Share,
    /// One who holds this role must have voted.
    pub chair: Option<RoleId>,
    /// What as many rejections as approvals come to.
    pub tie: Tie,
    /// True if a rejection counts as presence. Then a no can let a motion pass.
    pub no_is_present: bool,
}

/// How many of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// So many.
    Count(u32),
    /// A part of all who may vote, rounded up.
    Fraction {
        /// Above the line.
        numerator: u32,
        /// Below the line.
        denominator: u32,
    },
}

impl Share {
    /// How many of `pool` voters this is; never none.
    pub fn of(self, pool: u32) -> u32 {
        match self {
            Share::Count(count) => count.max(1),
            Share::Fraction { numerator, denominator } => {
                let parts = u64::from(pool) * u64::from(numerator);
                u32::try_from(parts.div_ceil(u64::from(denominator.max(1)))).unwrap_or(u32::MAX).max(1)
            }
        }
    }
}

/// What a tie comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tie {
    /// The step does not pass.
    Fail,
    /// It passes if the chair approved.
    Chair,
}

/// A role, or one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Voter {
    /// Every holder of a role.
    Role(RoleId),
    /// One person.
    Person(PersonId),
}

/// Who else may decide a step after a while. It adds people and never lowers what is enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// Holders of this role.
    pub to: RoleId,
    /// From the opening of the step.
    pub after: Term,
}

/// Which packages a step is for, by their protected metadata (`[meta]` of package.toml).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// The key.
    pub meta: String,
    /// The values.
    pub values: Vec<String>,
    /// True if the step is for packages with one of the values, false if for all others.
    pub among: bool,
}

impl When {
    /// Whether the step is for a package; `None` if the package does not say.
    pub fn applies(&self, meta: &BTreeMap<String, String>) -> Option<bool> {
        meta.get(&self.meta).map(|value| self.values.contains(value) == self.among)
    }
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
    /// Survives changes of bytes that leave every page as it is.
    Cosmetic,
    /// Survives small changes of prose, once confirmed.
    Minor,
}
