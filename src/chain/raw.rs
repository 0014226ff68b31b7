//! The shape of a chain file: every key with its place, nothing judged across tables yet.

use super::{Carry, OnMiss};
use crate::decimal::Decimal;
use crate::diag::Diagnostics;
use crate::diag::toml::{At, Table, read};
use crate::id::{ChainId, FigureId, RoleId, SectionId, StepId};
use crate::text::{SourceFile, Span};
use crate::time::Period;
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
    pub role: Option<At<RoleId>>,
    pub approvals: Option<At<u32>>,
    pub after: Vec<At<StepId>>,
    /// `None`: the key is missing, which means every section.
    pub scope: Option<Vec<At<String>>>,
    pub carry: Option<At<Carry>>,
    pub meaning: Option<At<String>>,
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
    RawStep {
        span: t.span(),
        id: t.form("id"),
        title: t.maybe("title"),
        role: t.form("role"),
        approvals: t.maybe_number("approvals"),
        after: t.list("after"),
        scope: t.has("scope").then(|| t.list("scope")),
        carry: t.maybe_form("carry"),
        meaning: t.string("meaning"),
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
