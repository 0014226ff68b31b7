//! Reading: the site's pages with this person's forms, and the pages of the ceremony.

use super::super::seat;
use super::super::wire::{Answer, decode, plain};
use super::broken;
use super::door::Door;
use super::form::Form;
use super::memory::{Kept, Kind};
use super::room::{Loaded, NotYet, Room, digest_of, lead, place};
use super::shelf;
use super::tickets::{Drawn, Ticket};
use crate::engine::{self, Fate, Outcome};
use crate::id::{PackageId, StepId};
use crate::record::{Decision, Record, Refusal};
use crate::site::desk::{self, ActInput, ChooseForm, Means, Notice, PASSAGE, Screen, Statement};

/// Answers a request that reads.
pub(super) fn answer(room: &Room, door: &Door, path: &str, query: &str) -> Answer {
    let Some(path) = decode(path) else { return plain(400, "this address cannot be read\n") };
    let Some(query) = Form::parse(query.as_bytes()) else {
        return plain(400, "this address cannot be read\n");
    };
    // Pages are made of what is there now; what they link in may be a moment old.
    let page = path.is_empty() || path.ends_with(".html");
    let loaded = match room.load(page) {
        Ok(loaded) => loaded,
        Err(e) => return broken(&e.to_string()),
    };
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        [""] => lead(door, "review/index.html"),
        ["review", "index.html"] => room.screen(&loaded, None, 200, &Screen::Home),
        ["review", page @ ("act.html" | "check.html" | "recorded.html")] => {
            let it = About { room, door, loaded: &loaded, id: None, query: &query };
            match *page {
                "act.html" => it.act(),
                "check.html" => it.check(),
                _ => it.recorded(),
            }
        }
        [
            "packages",
            id,
            page @ ("decide.html" | "act.html" | "check.html" | "recorded.html" | "changes.html"),
        ] => {
            let Some(id) = id.parse().ok().filter(|id| loaded.register.packages.contains_key(id)) else {
                return plain(404, "there is no such package\n");
            };
            let it = About { room, door, loaded: &loaded, id: Some(&id), query: &query };
            match *page {
                "decide.html" => it.choose(&id),
                "changes.html" => it.changes(&id),
                "act.html" => it.act(),
                "check.html" => it.check(),
                _ => it.recorded(),
            }
        }
        // A page is looked up by its address, never opened by it, so none can lead elsewhere.
        _ => room.page(&loaded, &path),
    }
}

struct About<'a> {
    room: &'a Room,
    door: &'a Door,
    loaded: &'a Loaded,
    id: Option<&'a PackageId>,
    query: &'a Form,
}

impl About<'_> {
    fn kept(&self, name: &str) -> Option<Kept> {
        let kept = self.room.inner().memory.drafts().get(name).cloned();
        kept.filter(|kept| kept.draft.package() == self.id)
    }

    fn changes(&self, id: &PackageId) -> Answer {
        let Ok(from) = self.query.get("from").parse() else {
            return plain(404, "there is no such revision\n");
        };
        self.room.screen(self.loaded, Some(id), 200, &Screen::Changes { package: id, from })
    }

    fn choose(&self, id: &PackageId) -> Answer {
        let Ok(step) = self.query.get("step").parse::<StepId>() else {
            return plain(404, "there is no such step\n");
        };
        if let Err(answer) = may_choose(self.room, self.loaded, id, &step) {
            return *answer;
        }
        let name = format!("{id}/decide/{step}");
        let mut form = match self.kept(&name).map(|kept| kept.draft) {
            Some(Kind::Decide { form, .. }) => form,
            _ => ChooseForm::default(),
        };
        if matches!(self.query.get("choice"), "approve" | "reject" | "clarify" | "abstain") {
            form.decision = self.query.get("choice").to_owned();
        }
        if self.query.has("for") {
            form.seat = self.query.get("for").to_owned();
        }
        let problems = if self.query.has("check") {
            let kind = Kind::Decide { package: id.clone(), step: step.clone(), form: form.clone() };
            match self.room.draw(self.loaded, &kind, false) {
                Err(NotYet::Problems(problems)) => problems,
                _ => Vec::new(),
            }
        } else {
            Vec::new()
        };
        let screen = Screen::Choose { package: id, step: &step, form: &form, problems: &problems };
        self.room.screen(self.loaded, Some(id), 200, &screen)
    }

    fn act(&self) -> Answer {
        let draft = self.query.get("draft");
        let mut input = match self.kept(draft).map(|kept| kept.draft) {
            Some(Kind::Act(input)) => input,
            _ if !draft.is_empty() => return self.no_draft(draft),
            _ => ActInput {
                about: self.query.get("about").to_owned(),
                section: self.query.get("section").to_owned(),
                ..ActInput::empty(self.query.get("act"), self.id)
            },
        };
        if input.act == "delegate" && draft.is_empty() {
            // What is known already, such as who is away until when.
            input.more = self.query.starting("x-");
        }
        if self.query.has("passage") {
            // A comment begun before goes on, now about this passage.
            if let Some(Kind::Act(begun)) = self.kept(&input.name()).map(|kept| kept.draft) {
                input = begun;
            }
            input.more.insert(PASSAGE.to_owned(), self.query.get("passage").to_owned());
        }
        if input.act == "certify" {
            let dossier = self.id.and_then(|id| self.loaded.register.packages.get(id));
            let others = dossier.map(|d| seat::replaceable(&self.loaded.register, d)).unwrap_or_default();
            let others: Vec<String> = others.iter().map(|(id, _)| id.to_string()).collect();
            input.more.insert("x-replaces".to_owned(), others.join(" "));
        }
        let problems = match self
            .query
            .has("check")
            .then(|| self.room.draw(self.loaded, &Kind::Act(input.clone()), false))
        {
            Some(Err(NotYet::Problems(problems))) => problems,
            _ => Vec::new(),
        };
        let screen = Screen::Act { input: &input, problems: &problems };
        self.room.screen(self.loaded, self.id, 200, &screen)
    }

    fn no_draft(&self, name: &str) -> Answer {
        // Who comes back to a statement that was signed sees the record, not the form.
        let record = self.room.inner().signed.get(name).cloned();
        if let Some(record) = record {
            return lead(self.door, &record);
        }
        let notice = Notice {
            package: self.id.cloned(),
            heading: "This was signed or discarded already".to_owned(),
            why: vec!["There is no draft of that name any more.".to_owned()],
            next: vec!["The package shows every record that was signed.".to_owned()],
            links: vec![("index.html".to_owned(), "Where you were".to_owned())],
            change: None,
        };
        self.room.notice(self.loaded, 404, &notice)
    }

    fn check(&self) -> Answer {
        let tried = self.query.get("try");
        match self.room.ticket(tried) {
            Some(Ticket::Used(to)) => return lead(self.door, &to),
            Some(Ticket::Sign(drawn)) if drawn.record.package() == self.id => {
                return show(self.room, self.loaded, &drawn, tried.to_owned(), "");
            }
            _ => {}
        }
        let name = self.query.get("draft");
        let Some(kept) = self.kept(name) else { return self.no_draft(name) };
        if kept.digest != digest_of(&self.loaded.register, self.id) {
            return stale(self.room, self.loaded, &kept.digest, &kept.draft);
        }
        let has_file = self.room.part.private_file().is_some();
        let agent = self.query.get("with") == "agent" || !has_file;
        if agent && self.room.part.in_agent().is_none() {
            let notice = Notice {
                package: self.id.cloned(),
                heading: "Your signing key is not at hand".to_owned(),
                why: vec![format!(
                    "The private key {} is neither in a file here nor in an SSH agent.",
                    self.room.part.fingerprint()
                )],
                next: vec![
                    "Plug in your hardware key or start your SSH agent and load the key, then open this page again. \
                     What you wrote is kept."
                        .to_owned(),
                ],
                links: vec![(format!("check.html?draft={name}"), "Try again".to_owned())],
                change: None,
            };
            return self.room.notice(self.loaded, 409, &notice);
        }
        match self.room.draw(self.loaded, &kept.draft, agent) {
            Err(NotYet::Problems(_)) => lead(self.door, &form_page(&kept.draft, true)),
            Err(NotYet::Notice(status, notice)) => self.room.notice(self.loaded, status, &notice),
            Ok(record) => {
                let drawn = Drawn {
                    record,
                    draft: name.to_owned(),
                    agent,
                    problems: Vec::new(),
                    more: String::new(),
                    typed: String::new(),
                };
                let ticket = self.room.inner().tickets.give(Ticket::Sign(Box::new(drawn.clone())));
                let ticket = match ticket {
                    Ok(ticket) => ticket,
                    Err(e) => return broken(&e.to_string()),
                };
                let notice = match self.query.get("again") {
                    "" => "",
                    "old" => {
                        "The statement was drawn up more than half an hour ago. It was drawn up anew; nothing has been signed."
                    }
                    _ => {
                        "Something was recorded after this statement was drawn up, or a file changed. It was drawn up anew; \
                         nothing has been signed."
                    }
                };
                show(self.room, self.loaded, &drawn, ticket, notice)
            }
        }
    }

    fn recorded(&self) -> Answer {
        let Ok(id) = self.query.get("record").parse() else { return plain(404, "there is no such record\n") };
        let shelf = shelf::of(self.room, self.loaded, &id);
        self.room.screen(self.loaded, self.id, 200, &Screen::Recorded { id: &id, shelf: &shelf })
    }
}

/// The page a draft is changed on, relative to the room.
pub(super) fn form_page(draft: &Kind, check: bool) -> String {
    let more = if check { "&check=1#errors" } else { "" };
    match draft {
        Kind::Decide { package, step, .. } => format!("packages/{package}/decide.html?step={step}{more}"),
        Kind::Act(input) => {
            format!("{}/act.html?draft={}{more}", place(input.package.as_ref()), input.name())
        }
    }
}

/// Shows a statement with its ticket.
fn show(room: &Room, loaded: &Loaded, drawn: &Drawn, ticket: String, notice: &str) -> Answer {
    let (foreseen, impossible) = match foresee(loaded, &drawn.record) {
        Some(Ok(foreseen)) => (Some(foreseen), String::new()),
        Some(Err(e)) => (None, format!("It cannot be signed as it is: {e}. Go back and change it.")),
        None => (None, String::new()),
    };
    let notice = if impossible.is_empty() { notice } else { impossible.as_str() };
    let kept = room.inner().memory.drafts().get(&drawn.draft).map(|kept| form_page(&kept.draft, false));
    let change = kept.and_then(|page| page.rsplit('/').next().map(str::to_owned));
    let change = match &drawn.record.body {
        crate::record::Body::Decide(_) => change,
        _ => Some(format!("act.html?draft={}", drawn.draft)),
    };
    let both = room.part.private_file().is_some() && room.part.in_agent().is_some();
    let other = both.then(|| match drawn.agent {
        true => (
            format!("check.html?draft={}", drawn.draft),
            "Sign with your key file and passphrase instead".to_owned(),
        ),
        false => (
            format!("check.html?draft={}&with=agent", drawn.draft),
            "Sign with your SSH agent instead".to_owned(),
        ),
    });
    let statement = Statement {
        record: &drawn.record,
        foreseen: foreseen.as_ref(),
        means: match (drawn.agent, room.part.public.is_token()) {
            (false, _) => Means::Passphrase,
            (true, false) => Means::Agent,
            (true, true) => Means::Token,
        },
        other,
        problems: &drawn.problems,
        more: drawn.more.clone(),
        typed: drawn.typed.clone(),
        change: change.unwrap_or_else(|| "index.html".to_owned()),
        notice: notice.to_owned(),
    };
    room.screen_with(loaded, ticket, 200, &Screen::Check(&statement))
}

fn foresee(loaded: &Loaded, record: &Record) -> Option<Result<(Fate, Outcome), Refusal>> {
    // A submission is about a revision that is not there yet: there is nothing to judge it by.
    if matches!(record.body, crate::record::Body::Submit(_)) {
        return None;
    }
    let dossier = loaded.register.packages.get(record.package()?)?;
    let case = dossier.case(&loaded.register);
    Some(engine::foresee(&case.get(), record.clone()))
}

/// Whether this person may open the form of a step at all.
pub(super) fn may_choose(
    room: &Room,
    loaded: &Loaded,
    id: &PackageId,
    step: &StepId,
) -> Result<(), Box<Answer>> {
    if let Err(NotYet::Notice(status, notice)) = room.may_sign(loaded, Some(id)) {
        return Err(Box::new(room.notice(loaded, status, &notice)));
    }
    let Some(dossier) = loaded.register.packages.get(id) else {
        return Err(Box::new(plain(404, "there is no such package\n")));
    };
    let Some(outcome) = dossier.outcome.steps.iter().find(|s| s.id == *step) else {
        return Err(Box::new(plain(404, "there is no such step\n")));
    };
    let case = dossier.case(&loaded.register);
    let refused = engine::may_decide(&case.get(), &room.person, step, Decision::Reject).err();
    let stands_in = !desk::seats(&loaded.register, dossier, outcome, &room.person).is_empty();
    let refused = refused.filter(|_| !stands_in);
    let (heading, why) = match refused {
        Some(refusal) => ("You cannot decide this step".to_owned(), vec![refusal.words, refusal.help]),
        None if !desk::is_open(outcome.state) => {
            let waits = dossier.outcome.advice.iter().flat_map(|a| &a.who);
            let mut names: Vec<String> = waits
                .map(|p| loaded.register.people.person(p).map_or_else(|| p.to_string(), |p| p.name.clone()))
                .collect();
            names.sort();
            names.dedup();
            let who = if names.is_empty() {
                String::new()
            } else {
                format!("The package waits for {}.", names.join(", "))
            };
            (
                "Your step is not open yet".to_owned(),
                vec![format!("{} is {}.", outcome.title, outcome.state.words()), who],
            )
        }
        None => return Ok(()),
    };
    let notice = Notice {
        package: Some(id.clone()),
        heading,
        why: why.into_iter().filter(|w| w.len() > 1).collect(),
        next: vec!["You can read the package and comment on it. What you wrote is kept.".to_owned()],
        links: vec![("index.html".to_owned(), "The package".to_owned())],
        change: None,
    };
    Err(Box::new(room.notice(loaded, 403, &notice)))
}

/// The package is another one than the person read.
pub(super) fn stale(room: &Room, loaded: &Loaded, old: &str, draft: &Kind) -> Answer {
    let about = draft.package().and_then(|id| Some((id, loaded.register.packages.get(id)?)));
    let Some((id, dossier)) = about else {
        return plain(404, "there is no such package\n");
    };
    let before = dossier.revisions.iter().find(|r| r.package.digest().to_string() == old);
    let now = dossier.current();
    let mut why = Vec::new();
    let mut links = Vec::new();
    if let (Some(before), Some(now)) = (before, now) {
        why.push(format!(
            "You read revision {}. Revision {} was submitted since, and only the current one can be signed.",
            before.number, now.number
        ));
        let (old, new) = (&before.package.manifest, &now.package.manifest);
        let changed =
            now.chain.sections.iter().filter(|s| old.section_digest(&s.id) != new.section_digest(&s.id));
        let changed: Vec<&str> = changed.map(|s| s.title.as_str()).collect();
        why.push(if changed.is_empty() {
            "No section changed.".to_owned()
        } else {
            format!("Changed: {}. Your read marks on the other sections are kept.", changed.join(", "))
        });
        links.extend((before.number..now.number).map(|n| {
            (
                format!("diff-{n}-{}.html", n + 1),
                format!("Exactly what changed from revision {n} to {}", n + 1),
            )
        }));
    } else {
        why.push(
            "The package changed after you opened it. Only the current revision can be signed.".to_owned(),
        );
    }
    links.push(("index.html".to_owned(), "Read the current revision".to_owned()));
    let form = form_page(draft, false);
    if let Some((_, page)) = form.split_once(&format!("packages/{id}/")) {
        links.push((page.to_owned(), "Go on with what you wrote, for the current revision".to_owned()));
    }
    // The whole change stands on the page: nobody decides on what they have not seen.
    let change = before.zip(now).filter(|(a, b)| a.number < b.number);
    let notice = Notice {
        change: change.map(|(before, now)| (before.number, Some(now.number))),
        package: Some(id.clone()),
        heading: "The package changed while you were reviewing it".to_owned(),
        why,
        next: vec![
            "Read what changed, then decide on the current revision. What you wrote is kept.".to_owned(),
        ],
        links,
    };
    room.notice(loaded, 409, &notice)
}
