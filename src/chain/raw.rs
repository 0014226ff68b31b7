//! The shape of a chain file: every key with its place, nothing judged across tables yet.

use super::{Carry, OnMiss, Share, Tie, Voter};
use crate::decimal::Decimal;
use crate::diag::Diagnostics;
use crate::diag::toml::{At, Table, read};
use crate::id::{BadId, ChainId, FigureId, RoleId, SectionId, StepId};
use crate::text::{SourceFile, Span};
use crate::time::{Date, Period, Term};
use std::str::FromStr;

/// A chain file as read.
#[derive(Debug)]
pub(super) struct RawChain {
    pub id: Option<At<ChainId>>,
    pub title: Option<At<String>>,
    pub policy: Option<At<String>>,
    pub sections: Vec<RawSection>,
    pub thresholds: Vec<RawThreshold>,
    pub steps: Vec<RawStep>,
    pub review_by: Option<At<Period>>,
    pub calendar: Option<At<String>>,
    pub zone: Option<At<String>>,
    pub holidays: Vec<At<Date>>,
    pub applies_to_inflight: Option<At<Inflight>>,
    pub minor_words: Option<At<u32>>,
    pub overridable: Option<At<bool>>,
}

#[derive(Debug)]
pub(super) struct RawSection {
    pub id: Option<At<SectionId>>,
    pub title: Option<At<String>>,
    pub criterion: Option<At<String>>,
    pub cites: Vec<At<String>>,
}

#[derive(Debug)]
pub(super) struct RawThreshold {
    pub span: Span,
    pub section: Option<At<SectionId>>,
    pub figure: Option<At<FigureId>>,
    pub label: Option<At<String>>,
    pub at_least: Option<At<Decimal>>,
    pub at_most: Option<At<Decimal>>,
    /// True if a bound was written, even one that is not a number.
    pub bounded: bool,
    pub unit: Option<At<String>>,
    pub cites: Option<At<String>>,
    pub on_miss: Option<At<OnMiss>>,
}

#[derive(Debug)]
pub(super) struct RawStep {
    pub span: Span,
    pub id: Option<At<StepId>>,
    pub title: Option<At<String>>,
    /// What stands at the step itself; nothing if `any_of` is there.
    pub way: RawWay,
    /// `None`: the key is missing.
    pub any_of: Option<Vec<RawWay>>,
    pub reject: Option<At<u32>>,
    pub veto: Vec<At<Voter>>,
    pub overridable_veto: Option<At<bool>>,
    pub after: Vec<At<StepId>>,
    pub when: Option<RawWhen>,
    /// `None`: the key is missing, which means every section.
    pub scope: Option<Vec<At<String>>>,
    pub carry: Option<At<Carry>>,
    pub meaning: Option<At<String>>,
    pub deadline: Option<At<Term>>,
    pub escalate: Vec<RawEscalation>,
    pub lapse: Option<At<Term>>,
    pub fresh_for: Option<At<Period>>,
    pub delegates: Vec<At<RoleId>>,
    pub resolve_rejection: Option<At<RoleId>>,
    pub assistance: Option<At<Assistance>>,
}

/// One way to pass, as read.
#[derive(Debug)]
pub(super) struct RawWay {
    pub span: Span,
    pub role: Option<At<RoleId>>,
    pub approvals: Option<At<u32>>,
    /// True if `approvals` was written, even as something that is no number.
    pub counted: bool,
    pub quorum: Option<RawQuorum>,
}

#[derive(Debug)]
pub(super) struct RawQuorum {
    pub span: Span,
    pub present: Option<At<u32>>,
    pub yes: Option<At<Share>>,
    pub reject: Option<At<u32>>,
    pub chair: Option<At<RoleId>>,
    pub tie: Option<At<Tie>>,
    pub no_is_present: Option<At<bool>>,
}

#[derive(Debug)]
pub(super) struct RawWhen {
    pub span: Span,
    pub meta: Option<At<String>>,
    /// `None`: the key is missing.
    pub among: Option<Vec<At<String>>>,
    /// `None`: the key is missing.
    pub not_among: Option<Vec<At<String>>>,
}

#[derive(Debug)]
pub(super) struct RawEscalation {
    pub to: Option<At<RoleId>>,
    pub after: Option<At<Term>>,
}

/// Whether a newer chain must be met by packages under review.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inflight {
    Must,
    No,
}

/// Whether an approval may be prepared with AI assistance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assistance {
    Declared,
    None,
}

/// Reads the shape; `None` when the file is not TOML.
pub(super) fn raw(file: &SourceFile, out: &mut Diagnostics) -> Option<RawChain> {
    read(file, "a chain", out, |top| RawChain {
        id: top.form("id"),
        title: top.string("title"),
        policy: top.maybe("policy"),
        sections: top.tables("section", section),
        thresholds: top.tables("threshold", threshold),
        steps: top.tables("step", step),
        review_by: top.table("effective", false, |t| t.maybe_form("review_by")).flatten(),
        calendar: top.maybe("calendar"),
        zone: top.maybe("zone"),
        holidays: top.list("holidays"),
        applies_to_inflight: top.maybe_form("applies_to_inflight"),
        minor_words: top.maybe_number("minor_words"),
        overridable: top.maybe_bool("override"),
    })
}

fn section(t: &Table<'_>) -> RawSection {
    RawSection {
        id: t.form("id"),
        title: t.string("title"),
        criterion: t.string("criterion"),
        cites: t.list("cites"),
    }
}

fn threshold(t: &Table<'_>) -> RawThreshold {
    RawThreshold {
        span: t.span(),
        section: t.form("section"),
        figure: t.form("figure"),
        label: t.string("label"),
        at_least: t.maybe_decimal("at_least"),
        at_most: t.maybe_decimal("at_most"),
        bounded: t.has("at_least") || t.has("at_most"),
        unit: t.maybe("unit"),
        cites: t.maybe("cites"),
        on_miss: t.maybe_form("on_miss"),
    }
}

fn step(t: &Table<'_>) -> RawStep {
    let alternatives = t.has("any_of");
    RawStep {
        span: t.span(),
        id: t.form("id"),
        title: t.maybe("title"),
        way: way(t, !alternatives),
        any_of: alternatives.then(|| t.tables("any_of", |w| way(w, true))),
        reject: t.maybe_number("reject"),
        veto: t.list("veto"),
        overridable_veto: t.maybe_bool("overridable_veto"),
        after: t.list("after"),
        when: t.table("when", false, |w| RawWhen {
            span: w.span(),
            meta: w.string("meta"),
            among: w.has("in").then(|| w.list("in")),
            not_among: w.has("not_in").then(|| w.list("not_in")),
        }),
        scope: t.has("scope").then(|| t.list("scope")),
        carry: t.maybe_form("carry"),
        meaning: t.string("meaning"),
        deadline: t.maybe_form("deadline"),
        escalate: t.tables("escalate", |e| RawEscalation { to: e.form("to"), after: e.form("after") }),
        lapse: t.maybe_form("lapse"),
        fresh_for: t.maybe_form("fresh_for"),
        delegates: t.list("delegates"),
        resolve_rejection: t.maybe_form("resolve_rejection"),
        assistance: t.maybe_form("assistance"),
    }
}

fn way(t: &Table<'_>, role: bool) -> RawWay {
    RawWay {
        span: t.span(),
        role: if role { t.form("role") } else { t.maybe_form("role") },
        approvals: t.maybe_number("approvals"),
        counted: t.has("approvals"),
        quorum: t.table("quorum", false, |q| RawQuorum {
            span: q.span(),
            present: q.number("present"),
            yes: if q.is_text("yes") {
                q.maybe_form("yes")
            } else {
                q.number("yes").map(|n| n.map(Share::Count))
            },
            reject: q.maybe_number("reject"),
            chair: q.maybe_form("chair"),
            tie: q.maybe_form("tie"),
            no_is_present: q.maybe_bool("no_is_present"),
        }),
    }
}

impl FromStr for Inflight {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "must" => Ok(Inflight::Must),
            "no" => Ok(Inflight::No),
            _ => Err(format!("`{}` is neither `must` nor `no`", text.escape_debug())),
        }
    }
}

impl FromStr for Assistance {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "declared" => Ok(Assistance::Declared),
            "none" => Ok(Assistance::None),
            _ => Err(format!("`{}` is neither `declared` nor `none`", text.escape_debug())),
        }
    }
}

impl FromStr for Tie {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "fail" => Ok(Tie::Fail),
            "chair" => Ok(Tie::Chair),
            _ => Err(format!("`{}` is neither `fail` nor `chair`", text.escape_debug())),
        }
    }
}

impl FromStr for Voter {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("person:") {
            Some(person) => person.parse().map(Voter::Person).map_err(|e: BadId| e.to_string()),
            None => text.parse().map(Voter::Role).map_err(|e: BadId| e.to_string()),
        }
    }
}

impl FromStr for Share {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |part: &str| {
            let digits = part.bytes().all(|b| b.is_ascii_digit()) && !part.starts_with('0');
            part.parse().ok().filter(|n: &u32| digits && *n <= 1000)
        };
        let parts = text.split_once('/').and_then(|(above, below)| Some((plain(above)?, plain(below)?)));
        match parts {
            Some((numerator, denominator)) if numerator <= denominator => {
                Ok(Share::Fraction { numerator, denominator })
            }
            Some(_) => Err(format!("`{text}` is more than all of them")),
            None => {
                Err(format!("`{}` is neither a whole number nor a part such as `2/3`", text.escape_debug()))
            }
        }
    }
}

impl FromStr for OnMiss {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "block" => Ok(OnMiss::Block),
            "exception" => Ok(OnMiss::Exception),
            _ => Err(format!("`{}` is neither `block` nor `exception`", text.escape_debug())),
        }
    }
}

impl FromStr for Carry {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "never" => Ok(Carry::Never),
            "identical" => Ok(Carry::Identical),
            "out_of_scope" => Ok(Carry::OutOfScope),
            "cosmetic" => Ok(Carry::Cosmetic),
            "minor" => Ok(Carry::Minor),
            _ => Err(format!(
                "`{}` is not `never`, `identical`, `out_of_scope`, `cosmetic` or `minor`",
                text.escape_debug()
            )),
        }
    }
}
