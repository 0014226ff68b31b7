//! View models: one typed struct a page, holding exactly what its template prints.
//!
//! In: the register through an [`Index`]. Out: structs of strings, numbers and lists. All wording and all
//! choices are made here; templates only lay out.
//!
//! *Invariant:* no field holds the time of the build or the size of the whole register, so a package's
//! page changes only when the package, its records or the people named on it change.

pub(crate) mod certificate;
pub(crate) mod chain;
pub(crate) mod decisions;
pub(crate) mod diff;
pub(crate) mod drawing;
pub(crate) mod export;
pub(crate) mod exported;
pub(crate) mod figures;
pub(crate) mod files;
pub(crate) mod finder;
pub(crate) mod help;
pub(crate) mod history;
pub(crate) mod inventory;
pub(crate) mod ledger;
pub(crate) mod package;
pub(crate) mod panels;
pub(crate) mod people;
pub(crate) mod proof;
pub(crate) mod rules;
pub(crate) mod search;
pub(crate) mod section;
pub(crate) mod standing;
pub(crate) mod stepper;
pub(crate) mod terms;
pub(crate) mod threads;

use super::address::{self, SitePath};
use super::assets::Assets;
use super::desk::{Me, Reviewer};
use super::words;
use crate::digest::RecordId;
use crate::dossier::{Break, Dossier, Register};
use crate::export::Exporter;
use crate::id::PersonId;
use crate::record::{Body, Comment, Entry, Kind, Record};
use crate::time::{Date, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// The register with what is needed to look things up quickly.
pub(crate) struct Index<'a> {
    pub register: &'a Register,
    /// Who reads, on the review pages; nobody in particular on the static site.
    pub reviewer: Option<&'a Reviewer>,
    /// Draws up what leaves the repository.
    pub exporter: Exporter<'a>,
    records: BTreeMap<RecordId, usize>,
    stylesheet: String,
    /// Where the script of the certificate pages lies.
    verifier: SitePath,
    /// Where the script of the search page lies.
    searcher: SitePath,
}

impl<'a> Index<'a> {
    pub(crate) fn new(register: &'a Register, assets: &Assets, reviewer: Option<&'a Reviewer>) -> Self {
        let entries = register.ledger.entries.iter().enumerate();
        Index {
            register,
            reviewer,
            exporter: Exporter::new(register),
            records: entries.map(|(at, entry)| (entry.id(), at)).collect(),
            stylesheet: format!("static/{}", assets.stylesheet()),
            verifier: assets.verifier(),
            searcher: assets.searcher(),
        }
    }

    pub(crate) fn entry(&self, id: &RecordId) -> Option<&'a Entry> {
        self.records.get(id).map(|at| &self.register.ledger.entries[*at])
    }

    /// The record with this id in hex.
    pub(crate) fn record_starting(&self, hex: &str) -> Option<RecordId> {
        let id: RecordId = hex.parse().ok()?;
        self.records.contains_key(&id).then_some(id)
    }

    /// The entries of a package in ledger order; a position out of range is skipped, never a panic.
    pub(crate) fn entries_of(&self, dossier: &'a Dossier) -> impl Iterator<Item = &'a Entry> {
        dossier.entries.iter().filter_map(|at| self.register.ledger.entries.get(*at))
    }

    /// What a record says, without its signer. A record it is about is named by its place in the ledger: on
    /// a page nobody should have to look for the beginning of a hash.
    pub(crate) fn event(&self, record: &Record) -> String {
        let said = words::event(record);
        let (id, before, noun) = match &record.body {
            Body::Answer(reply) | Body::Resolve(reply) => (reply.about, "", "the question in "),
            Body::Comment(Comment { about: Some(about), .. }) => (*about, "", ""),
            Body::Withdraw(withdraw) => (withdraw.record, "", "what is said in "),
            Body::ResolveRejection(about) => (about.record, "rejection ", "the rejection in "),
            Body::Undelegate(about) => (about.record, "delegation ", "the delegation in "),
            Body::Revoke(about) => (about.record, "certificate ", "the certificate in "),
            _ => return said,
        };
        match self.entry(&id) {
            Some(entry) => {
                said.replace(&format!("{before}{}", id.short()), &format!("{noun}entry {}", entry.seq))
            }
            None => said,
        }
    }

    /// The printed name of a person; the id of one who is not enrolled.
    pub(crate) fn name(&self, id: &PersonId) -> String {
        self.register.people.person(id).map_or_else(|| id.to_string(), |p| p.name.clone())
    }

    pub(crate) fn names<'b>(&self, ids: impl IntoIterator<Item = &'b PersonId>) -> Vec<String> {
        ids.into_iter().map(|id| self.name(id)).collect()
    }

    /// What does not hold and concerns a package. A break that names no package concerns every package
    /// with records: fail closed.
    pub(crate) fn breaks(&self, dossier: &Dossier) -> Vec<&'a Break> {
        let breaks = self.register.ledger.breaks.iter();
        let has_records = !dossier.entries.is_empty() || !dossier.revisions.is_empty();
        breaks.filter(|b| b.package.as_ref().map_or(has_records, |id| *id == dossier.id)).collect()
    }

    /// The frame of a page.
    pub(crate) fn frame(&self, path: &SitePath, title: String) -> Frame {
        Frame {
            site: self.register.name.clone(),
            css: format!("{}{}", path.root(), self.stylesheet),
            title,
            home: address::href(&path.root(), &address::inventory(None, 0), ""),
            find: address::href(&path.root(), &address::find(None), ""),
            // On the review pages no script runs, so there one finds by the index of words.
            search: self.reviewer.is_none().then(|| address::href(&path.root(), &address::search(), "")),
            ledger: address::href(&path.root(), &address::ledger(), ""),
            people: address::href(&path.root(), &address::people(), ""),
            help: address::href(&path.root(), &address::help(), ""),
            me: self.reviewer.map(|reviewer| Me::new(reviewer, self, &path.root())),
            here: "",
            crumbs: Vec::new(),
            footer: Vec::new(),
            printed: String::new(),
        }
    }
}

/// What surrounds every page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Frame {
    pub site: String,
    pub css: String,
    pub title: String,
    pub home: String,
    pub find: String,
    /// The search page, where there is one.
    pub search: Option<String>,
    pub ledger: String,
    pub people: String,
    pub help: String,
    /// Who reads, on the review pages.
    pub me: Option<Me>,
    /// Which of these the page is.
    pub here: &'static str,
    pub crumbs: Vec<Link>,
    pub footer: Vec<String>,
    /// Stands at the foot of every printed page.
    pub printed: String,
}

/// A link with its words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    pub href: String,
    pub text: String,
}

impl Link {
    pub(crate) fn new(href: impl Into<String>, text: impl Into<String>) -> Link {
        Link { href: href.into(), text: text.into() }
    }
}

/// A status: icon, word and tone, never color alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Tag {
    pub tone: &'static str,
    pub icon: &'static str,
    pub text: String,
    pub href: Option<String>,
}

impl Tag {
    pub(crate) fn new(tone: &'static str, icon: &'static str, text: impl Into<String>) -> Tag {
        Tag { tone, icon, text: text.into(), href: None }
    }
    pub(crate) fn to(self, href: String) -> Tag {
        Tag { href: Some(href), ..self }
    }
    pub(crate) fn state(state: crate::engine::PackageState) -> Tag {
        let words = words::state(state);
        Tag::new(words.tone, words.icon, words.word)
    }
}

/// A line of a summary list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fact {
    pub term: String,
    pub text: String,
    /// `hash` for hex, `mono` for addresses, else empty.
    pub class: &'static str,
    pub link: Option<Link>,
}

impl Fact {
    pub(crate) fn new(term: &str, text: impl Into<String>) -> Fact {
        Fact { term: term.to_owned(), text: text.into(), class: "", link: None }
    }
    pub(crate) fn hash(term: &str, hash: &impl std::fmt::Display) -> Fact {
        Fact { class: "hash", ..Fact::new(term, words::grouped(hash)) }
    }
    pub(crate) fn mono(term: &str, text: impl Into<String>) -> Fact {
        Fact { class: "mono", ..Fact::new(term, text) }
    }
    pub(crate) fn link(self, link: Link) -> Fact {
        Fact { link: Some(link), ..self }
    }
}

/// A message that stands above everything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Banner {
    pub tone: &'static str,
    pub heading: String,
    pub text: String,
    pub items: Vec<String>,
    pub link: Option<Link>,
}

/// An instant or day: for machines and for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct When {
    pub iso: String,
    pub human: String,
}

impl From<Timestamp> for When {
    fn from(at: Timestamp) -> When {
        When { iso: at.to_string(), human: at.human() }
    }
}

impl When {
    /// An instant by which something ends: midnight is said as the end of the day before, which is how
    /// the day was written.
    pub(crate) fn end(at: Timestamp) -> When {
        if at.seconds() % 86_400 != 0 {
            return When::from(at);
        }
        let day = at.plus_seconds(-1).date();
        When { iso: at.to_string(), human: format!("the end of {}", day.human()) }
    }
}

impl From<Date> for When {
    fn from(day: Date) -> When {
        When { iso: day.to_string(), human: day.human() }
    }
}

/// Who signed a record, when, and where it stands: the manifestation of 21 CFR 11.50.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Signature {
    pub name: String,
    pub person: String,
    /// The role it was made in; else "author" for the author's side; may be empty.
    pub role: String,
    /// Whose seat it was signed in, if another's: printed name.
    pub acting_for: String,
    pub at: When,
    pub meaning: String,
    pub entry: EntryLink,
}

/// A link to a ledger entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EntryLink {
    pub href: String,
    pub seq: u64,
    pub short: String,
    pub pending: bool,
}

impl EntryLink {
    pub(crate) fn new(root: &str, entry: &Entry) -> EntryLink {
        EntryLink {
            href: address::href(root, &address::segment(entry.seq), &format!("entry-{}", entry.seq)),
            seq: entry.seq,
            short: words::ends(&entry.id()),
            pending: entry.pending,
        }
    }
}

impl Signature {
    pub(crate) fn new(root: &str, entry: &Entry) -> Signature {
        let record: &Record = entry.record();
        Signature {
            name: acting(entry),
            person: record.signer.person.to_string(),
            role: role_of(entry),
            acting_for: record.signer.acting_for.as_ref().map_or(String::new(), |id| {
                entry.people.person(id).map_or_else(|| id.to_string(), |p| p.name.clone())
            }),
            at: record.signed_at.into(),
            meaning: record.meaning.clone(),
            entry: EntryLink::new(root, entry),
        }
    }
}

/// The signer's name, with whom they acted for.
fn acting(entry: &Entry) -> String {
    let signer = &entry.record().signer;
    let principal = signer.acting_for.as_ref();
    let name = principal.map(|id| entry.people.person(id).map_or(id.as_str(), |p| p.name.as_str()));
    crate::engine::printed(&signer.name, name)
}

/// The role a record was made in; without one, the author's side or the roles held at that position.
fn role_of(entry: &Entry) -> String {
    let record = entry.record();
    if let Some(role) = &record.role {
        return words::role(role);
    }
    if matches!(record.kind(), Kind::Submit | Kind::Answer) {
        return "author".to_owned();
    }
    let person = entry.people.person(&record.signer.person);
    person.map_or(String::new(), |p| words::list(&p.roles.iter().map(words::role).collect::<Vec<_>>()))
}

/// The banner over every page of a package whose record does not hold.
pub(crate) fn invalid(index: &Index<'_>, root: &str, dossier: &Dossier) -> Option<Banner> {
    let breaks = index.breaks(dossier);
    if breaks.is_empty() {
        return None;
    }
    let ours = breaks.iter().any(|b| b.package.is_some());
    let text = if ours {
        "Signature does not match this package. A file or record was changed after it was signed. Do not rely \
         on any approval shown here until this is explained."
    } else {
        "The ledger does not hold, so no record in it can be relied on. Do not rely on any approval shown here \
         until this is explained."
    };
    Some(Banner {
        tone: "bad",
        heading: "INVALID".to_owned(),
        text: text.to_owned(),
        items: breaks.iter().map(|b| broken(b)).collect(),
        link: Some(Link::new(address::href(root, &address::ledger(), ""), "What was checked in the ledger")),
    })
}

/// One thing that does not hold, naming file and record.
pub(crate) fn broken(b: &Break) -> String {
    let line = b.line.map_or(String::new(), |n| format!(", line {n}"));
    let record = b.record.map_or(String::new(), |id| format!(", record {}", words::ends(&id)));
    format!("{}{line}{record}: {} ({})", b.path, b.message, b.code)
}
