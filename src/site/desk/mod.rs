//! The pages of one person: what awaits me, my decision, what I sign, what was recorded.
//!
//! In: the register, and what is known of one reader ([`Reviewer`]: who, which sections were read, the
//! ticket that the forms of this page carry). Out: pages from the same templates as the site, with forms
//! where the site shows commands. [`page`](super::page_for) makes the pages that the site has too,
//! [`screen`] the ones only a reader of the review pages has.
//!
//! Steps: `home` what awaits, with `drafts` and, for registrars, who is `absent`; `package` and `section` the forms on a package's page; `choose`, `act`,
//! `check`, `recorded` the ceremony; `fields` what the rarer acts ask; `passage` which words a comment is about; `delta` what changed; `stand_in` whose seats
//! may be filled; `notice` why something cannot be done.
//!
//! *Invariant:* pure, like the rest of the site: who may do something is asked of the engine, and asked
//! again by whoever carries it out.

mod absent;
mod act;
mod check;
mod choose;
mod delta;
mod drafts;
mod fields;
mod home;
mod notice;
mod package;
mod passage;
mod recorded;
mod section;
mod stand_in;

pub use act::{ActForm, ActInput, author_side};
pub use check::{Means, Statement};
pub use choose::{ChooseForm, ConditionForm, FindingForm, QuestionForm, gate, is_open};
pub use home::{sentence, whom_to_call};
pub use notice::Notice;
pub(crate) use package::PackageDesk;
pub use passage::PASSAGE;
pub use recorded::{Shelf, ShelfFailure};
pub(crate) use section::{SectionDesk, about_thread, mark};
pub use stand_in::{in_vain, seats};

use super::address;
use super::assets::Assets;
use super::render::{SiteError, View, print};
use super::view::panels;
use super::view::{Index, Link};
use super::words;
use crate::digest::RecordId;
use crate::dossier::Register;
use crate::id::{PackageId, PersonId, SectionId, StepId};
use crate::text::Sources;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who reads, and what is remembered of this reader.
#[derive(Debug, Clone)]
pub struct Reviewer {
    /// The enrolled person.
    pub person: PersonId,
    /// Fingerprint of the key this person would sign with.
    pub key: String,
    /// What every form of this page carries back.
    pub ticket: String,
    /// Sections read, by package.
    pub read: BTreeMap<PackageId, BTreeMap<SectionId, Mark>>,
    /// What was begun and not signed.
    pub unsigned: Vec<Unsigned>,
}

/// That a section was read, as it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The section's digest.
    pub sha256: String,
    /// When.
    pub at: Timestamp,
}

/// Something begun and not signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    /// About which package, if about one.
    pub package: Option<PackageId>,
    /// What, in words.
    pub what: String,
    /// Where to go on, relative to the package's pages.
    pub page: String,
    /// Its name, to discard it by.
    pub name: String,
    /// When it was last touched.
    pub at: Timestamp,
}

/// What is wrong with a field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The field's id on the page.
    pub field: String,
    /// In words, said at the top and beside the field.
    pub words: String,
}

impl Problem {
    /// A problem of one field.
    pub fn new(field: impl Into<String>, words: impl Into<String>) -> Problem {
        Problem { field: field.into(), words: words.into() }
    }

    pub(crate) fn of(all: &[Problem], field: &str) -> String {
        all.iter().find(|p| p.field == field).map(|p| panels::sentence(&p.words)).unwrap_or_default()
    }
}

/// A page only the review pages have.
#[derive(Debug)]
pub enum Screen<'a> {
    /// What awaits this reader.
    Home,
    /// The decision in a step: step 1 of the ceremony.
    Choose {
        /// The package.
        package: &'a PackageId,
        /// The step.
        step: &'a StepId,
        /// What was filled in so far.
        form: &'a ChooseForm,
        /// What is wrong with it.
        problems: &'a [Problem],
    },
    /// Any other act, as a form of its own.
    Act {
        /// What was filled in so far.
        input: &'a ActInput,
        /// What is wrong with it.
        problems: &'a [Problem],
    },
    /// What will be signed: step 2.
    Check(&'a Statement<'a>),
    /// What was signed: step 3.
    Recorded {
        /// The record.
        id: &'a RecordId,
        /// Where it lies in Git.
        shelf: &'a Shelf,
    },
    /// What changed since a revision.
    Changes {
        /// The package.
        package: &'a PackageId,
        /// The revision.
        from: u32,
    },
    /// Why something cannot be done.
    Notice(&'a Notice),
}

/// Renders a page that only the review pages have; `None` if it is about something that is not there.
///
/// # Errors
/// When a template does not hold.
pub fn screen(
    register: &Register,
    assets: &Assets,
    sources: &dyn Sources,
    reviewer: &Reviewer,
    screen: &Screen<'_>,
) -> Result<Option<Vec<u8>>, SiteError> {
    let index = Index::new(register, assets, Some(reviewer));
    let shown = Shown { assets, sources };
    let made = match screen {
        Screen::Home => shown.some(Some(home::page(&index, sources, reviewer))),
        Screen::Choose { package, step, form, problems } => {
            shown.some(choose::page(&index, reviewer, package, step, form, problems))
        }
        Screen::Act { input, problems } => shown.some(act::page(&index, sources, reviewer, input, problems)),
        Screen::Check(statement) => shown.some(check::page(&index, reviewer, statement)),
        Screen::Recorded { id, shelf } => shown.some(recorded::page(&index, reviewer, id, shelf)),
        Screen::Changes { package, from } => shown.some(delta::page(&index, package, *from)),
        Screen::Notice(notice) => shown.some(Some(notice::page(&index, notice))),
    };
    made.transpose()
}

/// Prints a page once the texts it shows are filled in.
struct Shown<'a> {
    assets: &'a Assets,
    sources: &'a dyn Sources,
}

impl Shown<'_> {
    fn some<V: View>(&self, view: Option<V>) -> Option<Result<Vec<u8>, SiteError>> {
        let mut view = view?;
        view.fill(self.sources);
        Some(print(self.assets, &view))
    }
}

/// The reader as every page names them.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Me {
    pub name: String,
    pub roles: String,
    pub key: String,
    pub awaiting: String,
    pub inventory: String,
}

impl Me {
    pub(crate) fn new(reviewer: &Reviewer, index: &Index<'_>, root: &str) -> Me {
        let person = index.register.people.person(&reviewer.person);
        let roles: Vec<String> =
            person.map(|p| p.roles.iter().map(words::role).collect()).unwrap_or_default();
        Me {
            name: index.name(&reviewer.person),
            roles: words::list(&roles),
            key: reviewer.key.chars().take(20).collect::<String>() + "…",
            awaiting: address::href(root, &address::awaiting(), ""),
            inventory: address::href(root, &address::inventory(None, 0), ""),
        }
    }
}

/// The error summary of a form: each problem with a link to where it is mended.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Summary {
    pub problems: Vec<Link>,
    pub more: String,
}

impl Summary {
    pub(crate) fn new(problems: &[Problem], more: &str) -> Summary {
        let href =
            |p: &Problem| if p.field.contains('#') { p.field.clone() } else { format!("#{}", p.field) };
        let problems = problems.iter().map(|p| Link::new(href(p), panels::sentence(&p.words)));
        Summary { problems: problems.collect(), more: more.to_owned() }
    }
}

/// A field of a form.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Field {
    pub id: String,
    /// `area`, `line`, `pick`, `checks` or `date`.
    pub kind: &'static str,
    pub label: String,
    pub hint: String,
    pub value: String,
    pub error: String,
    pub options: Vec<Choice>,
    /// Day, month and year, of a date.
    pub parts: Vec<(&'static str, &'static str, String)>,
}

/// An option of a field.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Choice {
    pub value: String,
    pub text: String,
    pub selected: bool,
}

impl Field {
    pub(crate) fn new(id: impl Into<String>, label: &str, value: &str, problems: &[Problem]) -> Field {
        let id = id.into();
        Field {
            error: Problem::of(problems, &id),
            id,
            label: label.to_owned(),
            value: value.to_owned(),
            ..Field::default()
        }
    }

    pub(crate) fn hint(self, hint: &str) -> Field {
        Field { hint: hint.to_owned(), ..self }
    }

    /// The options there are, the current value selected.
    pub(crate) fn among(mut self, all: impl IntoIterator<Item = (String, String)>) -> Field {
        let value = &self.value;
        self.options =
            all.into_iter().map(|(v, text)| Choice { selected: v == *value, value: v, text }).collect();
        self
    }
}
