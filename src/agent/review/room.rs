//! What the review pages know: the person, the key, the workspace as it is now, tickets and memory.

use super::super::draft::{self, Draft, DraftError, draw_up};
use super::super::hand::KeyPart;
use super::super::seat::{role_in, role_said};
use super::super::wire::{Answer, field, file, plain};
use super::acts::{self, Scene};
use super::door::{CSP, Door};
use super::memory::{Kind, Memory};
use super::tickets::{Ticket, Tickets};
use super::{broken, people, terms};
use crate::dossier::{Dossier, Register};
use crate::engine::{self, FateCode};
use crate::id::{PackageId, PersonId, StepId};
use crate::record::{Body, Decision, Record, Signer, Subject, Unlock};
use crate::site::desk::{
    self, ActInput, ChooseForm, Notice, Problem, Reviewer, Screen, ShelfFailure, Unsigned,
};
use crate::site::{Assets, page_for};
use crate::store::{StoreError, Workspace, write_atomic};
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long what was read serves for stylesheets, fonts and evidence. Pages and forms read anew.
const FRESH: Duration = Duration::from_secs(2);

/// The workspace as it was read.
pub(super) struct Loaded {
    pub ws: Workspace,
    pub register: Register,
}

/// What changes while the pages are served.
pub(super) struct Inner {
    pub memory: Memory,
    pub tickets: Tickets,
    /// Where the record of a draft that was signed is, by the draft's name.
    pub signed: BTreeMap<String, String>,
    /// Wrong passphrases in a row.
    pub misses: u32,
    /// What Git said when it would not take or send a record, by the record's id.
    pub unshelved: BTreeMap<String, ShelfFailure>,
    pub paused: Option<Instant>,
}

/// Everything the pages stand on.
pub(super) struct Room {
    root: PathBuf,
    pub person: PersonId,
    pub part: KeyPart,
    assistance: String,
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    assets: Assets,
    inner: Mutex<Inner>,
    loaded: Mutex<Option<(Instant, Arc<Loaded>)>>,
    /// Held while one statement is signed and stored.
    pub signing: Mutex<()>,
}

/// Why a draft is no record yet.
pub(super) enum NotYet {
    /// The form has to be mended.
    Problems(Vec<Problem>),
    /// It cannot be done now, whatever the form says.
    Notice(u16, Box<Notice>),
}

impl Room {
    pub(super) fn new(
        ws: Workspace,
        person: PersonId,
        part: KeyPart,
        assistance: String,
        now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    ) -> Result<Room, StoreError> {
        let memory = Memory::open(ws.root(), &person);
        let inner = Inner {
            memory,
            tickets: Tickets::default(),
            signed: BTreeMap::new(),
            misses: 0,
            unshelved: BTreeMap::new(),
            paused: None,
        };
        Ok(Room {
            root: ws.root().to_owned(),
            person,
            part,
            assistance,
            now,
            // Ours alone: what is seen is what is signed, whatever a pull request brings along.
            assets: Assets::embedded(),
            inner: Mutex::new(inner),
            loaded: Mutex::new(None),
            signing: Mutex::new(()),
        })
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.now)()
    }

    pub(super) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A ticket as it stands. The lock is given back at once: whoever decides by it makes pages, which need
    /// tickets of their own.
    pub(super) fn ticket(&self, name: &str) -> Option<Ticket> {
        self.inner().tickets.see(name).cloned()
    }

    /// The workspace as it is, or was a moment ago.
    pub(super) fn load(&self, anew: bool) -> Result<Arc<Loaded>, StoreError> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, known)) = loaded.as_ref().filter(|_| !anew)
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(known));
        }
        let ws = Workspace::at(&self.root)?;
        let register = ws.load(self.now())?;
        let fresh = Arc::new(Loaded { ws, register });
        *loaded = Some((Instant::now(), Arc::clone(&fresh)));
        Ok(fresh)
    }

    /// Leaves a page that opens the session where only this user can read it.
    pub(super) fn leave_opening(&self, url: &str) -> Option<PathBuf> {
        let path = self.inner().memory.folder()?.join("open.html");
        let page = format!(
            "<!DOCTYPE html><meta charset=\"utf-8\"><title>countersign</title><meta http-equiv=\"refresh\" \
             content=\"0; url={url}\"><p><a href=\"{url}\">Open your reviews</a></p>\n"
        );
        write_atomic(&path, page.as_bytes()).ok().map(|()| path)
    }

    /// Removes that page: its address opens nothing any more.
    pub(super) fn forget_opening(&self) {
        if let Some(folder) = self.inner().memory.folder() {
            let _ = std::fs::remove_file(folder.join("open.html"));
        }
    }

    fn reviewer(&self, ticket: String) -> Reviewer {
        let inner = self.inner();
        let unsigned = inner.memory.drafts().iter().map(|(name, kept)| {
            let (what, page) = match &kept.draft {
                Kind::Decide { step, .. } => {
                    (format!("Your decision in step {step}"), format!("decide.html?step={step}"))
                }
                Kind::Act(input) => (
                    match input.act.as_str() {
                        "comment" => format!("A comment on {}", input.section),
                        "answer" => "An answer".to_owned(),
                        "reply" => "A reply".to_owned(),
                        "submit" => "The next revision".to_owned(),
                        "delegate" => "Who decides while you are away".to_owned(),
                        "withdraw" => "Something to take back".to_owned(),
                        "discharge" | "verify" | "waive" => format!("About condition {}", input.section),
                        act => format!("Begun: {}", act.replace('-', " ")),
                    },
                    format!("act.html?draft={name}"),
                ),
            };
            Unsigned { package: kept.draft.package().cloned(), what, page, name: name.clone(), at: kept.at }
        });
        Reviewer {
            person: self.person.clone(),
            key: self.part.fingerprint().to_string(),
            ticket,
            read: inner.memory.read().clone(),
            unsigned: unsigned.collect(),
        }
    }

    /// What the gate is asked with: the person, and what was read.
    pub(super) fn as_reader(&self) -> Reviewer {
        self.reviewer(String::new())
    }

    /// A page the site has too.
    pub(super) fn page(&self, loaded: &Loaded, path: &str) -> Answer {
        let ticket = self.page_ticket(loaded, path);
        let sources = loaded.ws.sources();
        match ticket.map_err(|e| e.to_string()).and_then(|ticket| {
            page_for(&loaded.register, &self.assets, &sources, &self.reviewer(ticket), path)
                .map_err(|e| e.to_string())
        }) {
            Ok(Some(bytes)) => file(bytes, path, CSP),
            Ok(None) => plain(404, "there is no such page\n"),
            Err(why) => broken(&why),
        }
    }

    fn page_ticket(&self, loaded: &Loaded, path: &str) -> Result<String, crate::keys::KeyError> {
        if !path.ends_with(".html") {
            return Ok(String::new());
        }
        let id: Option<PackageId> =
            path.strip_prefix("packages/").and_then(|rest| rest.split('/').next()?.parse().ok());
        let digest = digest_of(&loaded.register, id.as_ref());
        self.inner().tickets.give(Ticket::Page(digest))
    }

    /// A page only the review pages have.
    pub(super) fn screen(
        &self,
        loaded: &Loaded,
        package: Option<&PackageId>,
        status: u16,
        screen: &Screen<'_>,
    ) -> Answer {
        let digest = digest_of(&loaded.register, package);
        let ticket = self.inner().tickets.give(Ticket::Page(digest));
        match ticket {
            Ok(ticket) => self.screen_with(loaded, ticket, status, screen),
            Err(e) => broken(&e.to_string()),
        }
    }

    /// The same with a ticket of its own.
    pub(super) fn screen_with(
        &self,
        loaded: &Loaded,
        ticket: String,
        status: u16,
        screen: &Screen<'_>,
    ) -> Answer {
        match desk::screen(
            &loaded.register,
            &self.assets,
            &loaded.ws.sources(),
            &self.reviewer(ticket),
            screen,
        ) {
            Ok(Some(bytes)) => file(bytes, "page.html", CSP).with_status_code(status),
            Ok(None) => plain(404, "there is no such page\n"),
            Err(e) => broken(&e.to_string()),
        }
    }

    /// A page that says why not.
    pub(super) fn notice(&self, loaded: &Loaded, status: u16, notice: &Notice) -> Answer {
        self.screen(loaded, notice.package.as_ref(), status, &Screen::Notice(notice))
    }

    /// The record a draft stands for, drawn up now, with what it was drawn from.
    pub(super) fn draw(&self, loaded: &Loaded, kind: &Kind, agent: bool) -> Result<Record, NotYet> {
        let (register, id) = (&loaded.register, kind.package());
        self.may_sign(loaded, id)?;
        let mut acting_for = None;
        let draft = match kind {
            Kind::Act(input) => self.act(loaded, input)?,
            Kind::Decide { package, step, form } => {
                let dossier = register.packages.get(package).ok_or_else(|| NotYet::gone(id))?;
                let subject =
                    draft::subject(dossier, &register.ledger.entries).ok_or_else(|| NotYet::gone(id))?;
                let body = terms::terms(form, dossier, &register.people, step).map_err(NotYet::Problems)?;
                acting_for = self.seat(register, dossier, step, form).map_err(NotYet::Problems)?;
                let seat = acting_for.as_ref().unwrap_or(&self.person);
                let wrong = desk::gate(register, &self.as_reader(), package, step, body.decision, seat);
                if !wrong.is_empty() {
                    return Err(NotYet::Problems(wrong));
                }
                self.decision(register, dossier, subject, step, body, seat).ok_or_else(|| NotYet::gone(id))?
            }
        };
        let person = register.people.person(&self.person);
        let stands_in = acting_for.is_some();
        let signer = Signer {
            acting_for,
            key: self.part.fingerprint(),
            name: person.map_or_else(String::new, |p| p.name.clone()),
            person: self.person.clone(),
        };
        let drawn = draw_up(&loaded.ws, register, draft, signer, self.now(), &self.assistance);
        let mut record = drawn.map_err(|e: DraftError| NotYet::cannot(id, &e.to_string()))?;
        record.ceremony.unlock = match (agent, self.part.public.is_token()) {
            (false, _) => Unlock::Passphrase,
            (true, false) => Unlock::Agent,
            (true, true) => Unlock::Fido,
        };
        in_vain(register, &record, stands_in)?;
        Ok(record)
    }

    fn act(&self, loaded: &Loaded, input: &ActInput) -> Result<Draft, NotYet> {
        let register = &loaded.register;
        let Some(id) = &input.package else {
            return people::draft(register, &self.person, self.now(), input).map_err(NotYet::Problems);
        };
        let gone = || NotYet::gone(Some(id));
        let dossier = register.packages.get(id).ok_or_else(gone)?;
        if input.act == "submit" {
            return acts::submit(&loaded.ws, register, dossier, input);
        }
        let subject = draft::subject(dossier, &register.ledger.entries).ok_or_else(gone)?;
        let scene = Scene { ws: &loaded.ws, register, dossier, subject: &subject, person: &self.person };
        scene.draft(input)
    }

    /// In whose place a decision is made, if in another's.
    fn seat(
        &self,
        register: &Register,
        dossier: &Dossier,
        step: &StepId,
        form: &ChooseForm,
    ) -> Result<Option<PersonId>, Vec<Problem>> {
        let outcome = dossier.outcome.steps.iter().find(|s| s.id == *step);
        let seats = outcome.map(|o| desk::seats(register, dossier, o, &self.person)).unwrap_or_default();
        if form.seat.is_empty() {
            return Ok(None);
        }
        let words = "Nobody of that name has let you decide this step now. Choose whose seat it is";
        let found = seats.into_iter().find(|p| p.as_str() == form.seat);
        found.map(Some).ok_or_else(|| vec![Problem::new("seat", words)])
    }

    fn decision(
        &self,
        register: &Register,
        dossier: &Dossier,
        subject: Subject,
        step: &StepId,
        body: crate::record::Decide,
        seat: &PersonId,
    ) -> Option<Draft> {
        let current = dossier.current()?;
        let judged = current.chain.step(step)?;
        let outcome = dossier.outcome.steps.iter().find(|s| s.id == *step)?;
        let case = dossier.case(register);
        let person = register.people.person(&self.person)?;
        let seat = register.people.person(seat)?;
        let principal = (seat.id != self.person).then_some(seat.name.as_str());
        let name = engine::printed(&person.name, principal);
        let role = role_in(judged, &outcome.escalated_to, seat);
        Some(Draft {
            meaning: engine::meaning(judged, role_said(judged, &role), &name, &subject, body.decision),
            subject: Some(subject),
            step: Some(step.clone()),
            role: Some(role),
            scope: engine::scope_for(&case.get(), step),
            upstream: Some(outcome.upstream),
            body: Body::Decide(body),
        })
    }

    /// Whether this person can sign anything about a package now.
    pub(super) fn may_sign(&self, loaded: &Loaded, id: Option<&PackageId>) -> Result<(), NotYet> {
        let register = &loaded.register;
        let up = if id.is_some() { "../../" } else { "../" };
        if let Some(found) = register.ledger.breaks.first() {
            return Err(NotYet::notice(
                409,
                Notice {
                    package: id.cloned(),
                    heading: "The ledger does not verify".to_owned(),
                    why: vec![
                        "Nobody signs on top of something that does not hold.".to_owned(),
                        format!("{}: {}", found.path, found.message),
                    ],
                    next: vec![format!("{} What you wrote is kept.", desk::whom_to_call(register))],
                    links: vec![(
                        format!("{up}ledger/index.html"),
                        "What was checked in the ledger".to_owned(),
                    )],
                    change: None,
                },
            ));
        }
        let valid = register.people.owner(&self.part.fingerprint()).is_some_and(|(person, key)| {
            person.id == self.person && key.state == crate::record::KeyState::Valid
        });
        if valid {
            return Ok(());
        }
        Err(NotYet::notice(403, Notice {
            package: id.cloned(),
            heading: "Your key is not valid here any more".to_owned(),
            why: vec![format!("The key {} is not enrolled, or was revoked.", self.part.fingerprint())],
            next: vec![
                "Ask a registrar to enrol a new key, then start `countersign review` with it. What you wrote is kept."
                    .to_owned(),
            ],
            links: vec![(format!("{up}help.html#ask-title"), "Whom to ask".to_owned())],
            change: None,
        }))
    }
}

/// Refuses what would have no effect, so that nobody signs in vain: what a delegation or an office allows
/// is only known of the whole record. Objections and words are never refused; their page says what the
/// engine says of them.
fn in_vain(register: &Register, record: &Record, stands_in: bool) -> Result<(), NotYet> {
    let heard = match &record.body {
        Body::Decide(d) => !stands_in || matches!(d.decision, Decision::Reject | Decision::Clarify),
        // A submission is about a revision that is not there yet.
        Body::Submit(_) | Body::Object(_) | Body::Comment(_) | Body::Answer(_) | Body::Resolve(_) => true,
        _ => false,
    };
    let id = record.package();
    let Some(dossier) = id.and_then(|id| register.packages.get(id)).filter(|_| !heard) else {
        return Ok(());
    };
    let case = dossier.case(register);
    let refused = |words: String| match &record.body {
        Body::Decide(_) => NotYet::Problems(vec![Problem::new("seat", words)]),
        _ => NotYet::cannot(id, &words),
    };
    let (fate, _) = engine::foresee(&case.get(), record.clone()).map_err(|e| refused(e.to_string()))?;
    let waits = matches!(fate.code, FateCode::Noted | FateCode::OverrideNeedsSecond);
    if fate.code.in_effect() || waits { Ok(()) } else { Err(refused(desk::sentence(&fate.note))) }
}

impl NotYet {
    fn notice(status: u16, notice: Notice) -> NotYet {
        NotYet::Notice(status, Box::new(notice))
    }

    fn gone(id: Option<&PackageId>) -> NotYet {
        NotYet::notice(
            404,
            Notice {
                package: None,
                heading: "There is nothing to sign".to_owned(),
                why: vec![id.map_or_else(
                    || "This is about no package.".to_owned(),
                    |id| format!("The package {id} has no submitted revision in this repository."),
                )],
                next: vec!["Look at what awaits you.".to_owned()],
                links: Vec::new(),
                change: None,
            },
        )
    }

    /// Something failed that the person cannot mend on a form.
    pub(super) fn cannot(id: Option<&PackageId>, why: &str) -> NotYet {
        NotYet::notice(
            409,
            Notice {
                package: id.cloned(),
                heading: "It could not be recorded".to_owned(),
                why: vec![why.to_owned()],
                next: vec!["What you wrote is kept. Go back and try again.".to_owned()],
                links: vec![("index.html".to_owned(), "Where you were".to_owned())],
                change: None,
            },
        )
    }
}

/// The digest of the current revision of a package; empty if there is none.
pub(super) fn digest_of(register: &Register, id: Option<&PackageId>) -> String {
    let current = id.and_then(|id| register.packages.get(id)).and_then(Dossier::current);
    current.map_or(String::new(), |r| r.package.digest().to_string())
}

/// Where the pages about a package lie, or those about people.
pub(super) fn place(id: Option<&PackageId>) -> String {
    id.map_or_else(|| "review".to_owned(), |id| format!("packages/{id}"))
}

/// Leads on to a page.
pub(super) fn lead(door: &Door, page: &str) -> Answer {
    plain(303, "").with_header(field("Location", &door.at(page)))
}
