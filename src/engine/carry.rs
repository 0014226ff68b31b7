//! The class of the change between what a seat signed and another revision.
//!
//! Always from the signed digests and texts to the revision judged, never from revision to revision: many
//! small changes cannot hide a large one, and going back to the signed text makes the decision count
//! again. The author's own claim can raise the class and never lower it.

use super::Texts;
use super::history::Facts;
use crate::chain::{Carry, Step};
use crate::id::SectionId;
use crate::package::{TextChange, change};
use crate::record::{ClaimedClass, ScopeEntry};

/// How much changed between what was signed and now, in rising order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ChangeClass {
    /// The very revision that was signed.
    Same,
    /// Another revision with the same bytes and the same chain.
    Identical,
    /// Bytes changed, but in no section the signer was shown.
    OutOfScope,
    /// Bytes changed, and every page the signer was shown is the same.
    Cosmetic,
    /// A small change of prose: so many words, added and removed.
    Minor(u32),
    /// What was signed is not what is there now; says what changed.
    Material(Changed),
}

/// What made a change material.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Changed {
    /// The rules: the revision pins another chain.
    Chain,
    /// A section, or `package` for package.toml; with the reason, where it is known.
    Section(SectionId, String),
    /// Prose only, but more words than the chain allows.
    Words(u32),
    /// The author says so.
    Claimed,
}

impl ChangeClass {
    /// True if a step that keeps decisions up to `carry` keeps one over this change, with a confirmation
    /// if it is a minor one.
    pub fn kept_by(&self, carry: Carry) -> bool {
        match self {
            ChangeClass::Same => true,
            ChangeClass::Identical => carry >= Carry::Identical,
            ChangeClass::OutOfScope => carry >= Carry::OutOfScope,
            ChangeClass::Cosmetic => carry >= Carry::Cosmetic,
            ChangeClass::Minor(_) => carry >= Carry::Minor,
            ChangeClass::Material(_) => false,
        }
    }

    /// The class as it is written in JSON.
    pub fn as_str(&self) -> &'static str {
        match self {
            ChangeClass::Same => "same",
            ChangeClass::Identical => "identical",
            ChangeClass::OutOfScope => "out_of_scope",
            ChangeClass::Cosmetic => "cosmetic",
            ChangeClass::Minor(_) => "minor",
            ChangeClass::Material(_) => "material",
        }
    }

    /// The class in words.
    pub fn words(&self) -> String {
        match self {
            ChangeClass::Same => "nothing changed".to_owned(),
            ChangeClass::Identical => "the bytes are the same".to_owned(),
            ChangeClass::OutOfScope => "no section it covers has changed".to_owned(),
            ChangeClass::Cosmetic => "every section it covers still reads and looks the same".to_owned(),
            ChangeClass::Minor(words) => format!("{words} words of prose have changed"),
            ChangeClass::Material(Changed::Chain) => "the chain has changed".to_owned(),
            ChangeClass::Material(Changed::Section(section, _))
                if *section == SectionId::package_itself() =>
            {
                "package.toml has changed".to_owned()
            }
            ChangeClass::Material(Changed::Section(section, why)) if why.is_empty() => {
                format!("section {section} has changed")
            }
            ChangeClass::Material(Changed::Section(section, why)) => {
                format!("section {section} has changed: {why}")
            }
            ChangeClass::Material(Changed::Words(words)) => {
                format!("{words} words have changed, more than the chain calls minor")
            }
            ChangeClass::Material(Changed::Claimed) => "the author calls the change material".to_owned(),
        }
    }
}

/// Classifies the change from a signed scope, made on revision `signed`, to revision `now`.
pub(super) fn class(
    scope: &[ScopeEntry],
    signed: &Facts,
    now: &Facts,
    texts: &dyn Texts,
    claimed: Option<ClaimedClass>,
) -> ChangeClass {
    if signed.revision.number == now.revision.number {
        return ChangeClass::Same;
    }
    if signed.revision.chain.digest != now.revision.chain.digest {
        return ChangeClass::Material(Changed::Chain);
    }
    if signed.digest == now.digest {
        return ChangeClass::Identical;
    }
    let changed = scope.iter().filter(|seen| now.sections.get(&seen.section) != Some(&seen.sha256));
    let (mut class, mut words) = (ChangeClass::OutOfScope, 0_u32);
    for seen in changed {
        match text(&seen.section, signed, now, texts) {
            Ok(more) => {
                words = words.saturating_add(more);
                class = class.max(ChangeClass::Cosmetic);
            }
            Err(why) => return ChangeClass::Material(Changed::Section(seen.section.clone(), why)),
        }
    }
    if words > 0 {
        class = ChangeClass::Minor(words);
    }
    if words > now.chain().minor_words {
        return ChangeClass::Material(Changed::Words(words));
    }
    match (claimed, &class) {
        // A claim is about what changed; a section nobody touched stays as it was.
        (_, ChangeClass::OutOfScope) | (None, _) => class,
        (Some(ClaimedClass::Material), _) => ChangeClass::Material(Changed::Claimed),
        (Some(ClaimedClass::Minor), ChangeClass::Cosmetic) => ChangeClass::Minor(0),
        (Some(_), _) => class,
    }
}

/// Words changed in a section whose digest changed, or why that is material.
fn text(section: &SectionId, signed: &Facts, now: &Facts, texts: &dyn Texts) -> Result<u32, String> {
    if *section == SectionId::package_itself() {
        return Err(String::new());
    }
    let page = format!("{section}.md");
    let evidence = |facts: &Facts| {
        let files = facts.revision.package.manifest.of_section(section);
        files.filter(|file| file.path.as_str() != page).cloned().collect::<Vec<_>>()
    };
    if evidence(signed) != evidence(now) {
        return Err("its evidence changed".to_owned());
    }
    let at = |facts: &Facts| texts.section(facts.revision.number, section);
    let (Some(old), Some(new)) = (at(signed), at(now)) else { return Err(String::new()) };
    match change(&old, &new) {
        TextChange::Same | TextChange::Cosmetic => Ok(0),
        TextChange::Minor { words } => Ok(words.max(1)),
        TextChange::Material(why) => Err(why.to_string()),
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
