//! The arguments of the rarer statements: standing in, objecting, conditions, overrides.

use super::Sign;
use crate::cli::moment::Moment;
use crate::id::{ConditionId, PackageId, PersonId, SectionId, StepId};
use crate::time::Date;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// How much a change matters, as its author claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Claimed {
    /// Anything that a reviewer should judge anew.
    Material,
    /// A small change of prose.
    Minor,
    /// No page looks different.
    Cosmetic,
}

#[derive(Debug, Args)]
pub struct Todo {
    /// Show it for this person [default: whose key you sign with].
    #[arg(long = "as", value_name = "PERSON")]
    pub as_: Option<PersonId>,
    /// Show it for whoever this key belongs to.
    #[arg(long, env = "COUNTERSIGN_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Delegate {
    /// Who decides in the meantime.
    #[arg(value_name = "PERSON")]
    pub to: PersonId,
    /// From this day or instant on.
    #[arg(long, value_name = "DATE|TIME")]
    pub from: Moment,
    /// Until then; a day is included whole.
    #[arg(long, value_name = "DATE|TIME")]
    pub until: Moment,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    /// Only in this step [default: every step].
    #[arg(long)]
    pub step: Vec<StepId>,
    /// Only in this package [default: every package].
    #[arg(long)]
    pub package: Vec<PackageId>,
    /// As a registrar, for somebody who cannot sign.
    #[arg(long = "for", value_name = "PERSON")]
    pub for_: Option<PersonId>,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Undelegate {
    /// The delegation; its first characters are enough.
    pub record: String,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Recuse {
    /// The package.
    pub package: PackageId,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Object {
    /// The package.
    pub package: PackageId,
    /// The step whose role you hold [default: the only one].
    #[arg(long)]
    pub step: Option<StepId>,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    /// The section you mean.
    #[arg(long)]
    pub section: Option<SectionId>,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Confirm {
    /// The package.
    pub package: PackageId,
    /// The step [default: the only one in which you approved].
    #[arg(long)]
    pub step: Option<StepId>,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct SetAside {
    /// The package.
    pub package: PackageId,
    /// The rejection; its first characters are enough.
    pub record: String,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Discharge {
    /// The package.
    pub package: PackageId,
    /// The condition.
    pub condition: ConditionId,
    /// How it was met.
    #[arg(long, value_name = "TEXT")]
    pub how: String,
    /// A file that shows it; its SHA-256 is signed. Keep the file.
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct VerifyCondition {
    /// The package.
    pub package: PackageId,
    /// The condition.
    pub condition: ConditionId,
    /// It is met.
    #[arg(long, required_unless_present = "not_met", conflicts_with = "not_met")]
    pub met: bool,
    /// It is not; its owner has to do more.
    #[arg(long)]
    pub not_met: bool,
    /// Say on what grounds; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Waive {
    /// The package.
    pub package: PackageId,
    /// The condition.
    pub condition: ConditionId,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Override {
    /// The package.
    pub package: PackageId,
    /// A step to set aside.
    #[arg(long, required_unless_present = "second", conflicts_with = "second")]
    pub step: Vec<StepId>,
    /// Last day it holds.
    #[arg(long, value_name = "DATE", required_unless_present = "second", conflicts_with = "second")]
    pub until: Option<Date>,
    /// By when you look back on it.
    #[arg(long, value_name = "DATE", required_unless_present = "second", conflicts_with = "second")]
    pub review: Option<Date>,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    /// Second this request, in its terms; its first characters are enough.
    #[arg(long, value_name = "RECORD")]
    pub second: Option<String>,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Retract {
    /// The package.
    pub package: PackageId,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct RevokeCertificate {
    /// The package.
    pub package: PackageId,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}
