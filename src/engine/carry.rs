//! The class of the change between what a seat signed and another revision.
//!
//! Always from the signed digests to the revision judged, never from revision to revision: many small
//! changes cannot hide a large one, and going back to the signed text makes the decision count again.

use super::history::Facts;
use crate::chain::{Carry, Step};
use crate::id::SectionId;
use crate::record::ScopeEntry;

/// How much changed between what was signed and now, in rising order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeClass {
    /// The very revision that was signed.
    Same,
    /// Another revision with the same bytes and the same chain.
    Identical,
    /// Bytes changed, but in no section the signer was shown.
    OutOfScope,
    /// What was signed is not what is there now; names what changed.
    Material(Changed),
}

/// What made a change material.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// The rules: the revision pins another chain.
    Chain,
    /// A section, or `package` for package.toml.
    Section(SectionId),
}

impl ChangeClass {
    /// True if a step that keeps decisions up to `carry` keeps one over this change.
    pub fn kept_by(&self, carry: Carry) -> bool {
        match self {
            ChangeClass::Same => true,
            ChangeClass::Identical => carry >= Carry::Identical,
            ChangeClass::OutOfScope => carry >= Carry::OutOfScope,
            ChangeClass::Material(_) => false,
        }
    }

    /// The class in words.
    pub fn words(&self) -> String {
        match self {
            ChangeClass::Same => "nothing changed".to_owned(),
            ChangeClass::Identical => "the bytes are the same".to_owned(),
            ChangeClass::OutOfScope => "no section it covers has changed".to_owned(),
            ChangeClass::Material(Changed::Chain) => "the chain has changed".to_owned(),
            ChangeClass::Material(Changed::Section(section)) if *section == SectionId::package_itself() => {
                "package.toml has changed".to_owned()
            }
            ChangeClass::Material(Changed::Section(section)) => format!("section {section} has changed"),
        }
    }
}

/// Classes the change from a signed scope, made on revision `signed`, to revision `now`.
pub fn change_class(scope: &[ScopeEntry], signed: &super::Revision, now: &super::Revision) -> ChangeClass {
    class(scope, &Facts::of(signed), &Facts::of(now))
}

pub(super) fn class(scope: &[ScopeEntry], signed: &Facts, now: &Facts) -> ChangeClass {
    if signed.revision.number == now.revision.number {
        return ChangeClass::Same;
    }
    if signed.revision.chain.digest != now.revision.chain.digest {
        return ChangeClass::Material(Changed::Chain);
    }
    if signed.digest == now.digest {
        return ChangeClass::Identical;
    }
    match scope.iter().find(|seen| now.sections.get(&seen.section) != Some(&seen.sha256)) {
        None => ChangeClass::OutOfScope,
        Some(seen) => ChangeClass::Material(Changed::Section(seen.section.clone())),
    }
}

/// The first section of the step (or package.toml) that the signed scope lacks or shows otherwise.
pub(super) fn scope_gap(scope: &[ScopeEntry], step: &Step, signed: &Facts) -> Option<SectionId> {
    let shown =
        |section: &SectionId| scope.iter().find(|seen| seen.section == *section).map(|seen| seen.sha256);
    let wanted = step.scope.iter().cloned().chain([SectionId::package_itself()]);
    let missing = |section: &SectionId| {
        let there = signed.sections.get(section);
        there.is_none() || shown(section).as_ref() != there
    };
    wanted.into_iter().find(missing).or_else(|| {
        let other = |seen: &&ScopeEntry| signed.sections.get(&seen.section) != Some(&seen.sha256);
        scope.iter().find(other).map(|seen| seen.section.clone())
    })
}
