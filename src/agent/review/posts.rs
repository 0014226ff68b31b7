//! Forms: each is let through once, changes a draft, a mark, or signs, and leads on to a page.

use super::super::wire::{Answer, decode, plain};
use super::broken;
use super::door::Door;
use super::form::Form;
use super::memory::Kind;
use super::pages::{form_page, may_choose, stale};
use super::room::{Loaded, Room, digest_of, lead, place};
use super::shelf;
use super::sign;
use super::tickets::Ticket;
use crate::id::{PackageId, SectionId, StepId};
use crate::site::desk::{ActInput, ChooseForm, ConditionForm, FindingForm, Mark, Notice, QuestionForm};

/// Conditions or findings of one form.
const MAX_ROWS: usize = 24;

/// Answers a form.
pub(super) fn answer(room: &Room, door: &Door, path: &str, body: &[u8]) -> Answer {
    let (Some(path), Some(form)) = (decode(path), Form::parse(body)) else {
        return plain(400, "this form cannot be read; nothing was signed\n");
    };
    let name = form.get("ticket").to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    match parts.as_slice() {
        ["review", "sign"] => return sign::sign(room, door, None, &name, &form),
        ["packages", id, "sign"] => {
            return match id.parse() {
                Ok(id) => sign::sign(room, door, Some(&id), &name, &form),
                Err(_) => plain(404, "there is no such package\n"),
            };
        }
        _ => {}
    }
    let loaded = match room.load(true) {
        Ok(loaded) => loaded,
        Err(e) => return broken(&e.to_string()),
    };
    let ticket = room.ticket(&name);
    let seen = match ticket {
        Some(Ticket::Used(to)) => return lead(door, &to),
        Some(Ticket::Page(seen)) => seen,
        Some(Ticket::Sign(_)) | None => return too_old(room, &loaded),
    };
    let to = match parts.as_slice() {
        ["review", "discard"] => {
            room.inner().memory.drop(form.get("name"));
            Ok("review/index.html".to_owned())
        }
        ["review", "act"] => act_on(room, &loaded, None, &seen, &form),
        ["review", "commit"] => shelf::commit(room, &loaded, None, &form),
        ["review", "push"] => shelf::push(room, &loaded, None, &form),
        ["packages", id, act @ ("mark" | "decide" | "act" | "commit" | "push")] => {
            let Some(id) = id.parse().ok().filter(|id| loaded.register.packages.contains_key(id)) else {
                return plain(404, "there is no such package\n");
            };
            match *act {
                "mark" => mark(room, &loaded, &id, &seen, &form),
                "decide" => decide(room, &loaded, &id, &seen, &form),
                "commit" => shelf::commit(room, &loaded, Some(&id), &form),
                "push" => shelf::push(room, &loaded, Some(&id), &form),
                _ => act_on(room, &loaded, Some(&id), &seen, &form),
            }
        }
        _ => return plain(404, "there is no such form\n"),
    };
    match to {
        Ok(to) => {
            room.inner().tickets.used(&name, &to);
            lead(door, &to)
        }
        Err(answer) => *answer,
    }
}

/// A form whose ticket is not known.
pub(super) fn too_old(room: &Room, loaded: &Loaded) -> Answer {
    let notice = Notice {
        package: None,
        heading: "This form is too old".to_owned(),
        why: vec!["It was made before these pages were started again, or very many pages ago.".to_owned()],
        next: vec!["Open the page again and send it from there. What you wrote before is kept.".to_owned()],
        links: vec![("index.html".to_owned(), "What awaits you, and what you have begun".to_owned())],
        change: None,
    };
    room.notice(loaded, 409, &notice)
}

pub(super) type Led = Result<String, Box<Answer>>;

fn mark(room: &Room, loaded: &Loaded, id: &PackageId, seen: &str, form: &Form) -> Led {
    let page = |anchor: &str| format!("packages/{id}/index.html#{anchor}");
    let Ok(section) = form.get("section").parse::<SectionId>() else { return Ok(page("")) };
    let here = page(&format!("section-{section}"));
    let dossier = loaded.register.packages.get(id);
    let Some(current) = dossier.and_then(|d| d.current()).filter(|r| r.chain.section(&section).is_some())
    else {
        return Ok(here);
    };
    // Another revision than the one on the screen: what was read is not what is there now.
    if digest_of(&loaded.register, Some(id)) != seen {
        return Ok(here);
    }
    let mut inner = room.inner();
    if form.get("read") != "yes" {
        inner.memory.mark(id, section, None);
        return Ok(here);
    }
    let digest = |s: &SectionId| current.package.manifest.section_digest(s).to_string();
    let mark = Mark { sha256: digest(&section), at: room.now() };
    inner.memory.mark(id, section.clone(), Some(mark));
    let marks = inner.memory.read().get(id).cloned().unwrap_or_default();
    let unread = |s: &&crate::chain::Section| marks.get(&s.id).is_none_or(|m| m.sha256 != digest(&s.id));
    let at = current.chain.sections.iter().position(|s| s.id == section).unwrap_or(0);
    let next = current.chain.sections[at..].iter().find(unread);
    Ok(next.map_or_else(|| page("decide"), |s| page(&format!("section-{}", s.id))))
}

fn decide(room: &Room, loaded: &Loaded, id: &PackageId, seen: &str, form: &Form) -> Led {
    let Ok(step) = form.get("step").parse::<StepId>() else {
        return Err(Box::new(plain(404, "there is no such step\n")));
    };
    let mut filled = filled(form);
    let kind = |form| Kind::Decide { package: id.clone(), step: step.clone(), form };
    if let Err(refused) = may_choose(room, loaded, id, &step) {
        // What was typed is kept, whatever came in between: only a step that never was keeps nothing.
        let known =
            loaded.register.packages.get(id).is_some_and(|d| d.outcome.steps.iter().any(|s| s.id == step));
        if known {
            room.inner().memory.keep(kind(filled), seen.to_owned(), room.now());
        }
        return Err(refused);
    }
    match form.get("more") {
        "condition" => filled.conditions.push(ConditionForm::default()),
        "finding" => filled.findings.push(FindingForm::default()),
        _ => {}
    }
    keep(room, loaded, seen, kind(filled), form.has("more"))
}

/// A decision as it was filled in.
fn filled(form: &Form) -> ChooseForm {
    let rows = |kind: &str, field: &str| {
        (1..=MAX_ROWS).take_while(|n| form.has(&format!("{kind}-{n}-{field}"))).collect::<Vec<_>>()
    };
    let condition = |n: usize| {
        let get = |field: &str| form.words(&format!("condition-{n}-{field}"));
        ConditionForm {
            text: get("text"),
            owner: get("owner"),
            kind: get("kind"),
            day: get("day"),
            month: get("month"),
            year: get("year"),
            step: get("step"),
            verifier: get("verifier"),
        }
    };
    let finding = |n: usize| {
        let get = |field: &str| form.words(&format!("finding-{n}-{field}"));
        FindingForm {
            section: get("section"),
            reason: get("reason"),
            figure: get("figure"),
            concern: get("concern"),
            required: get("required"),
        }
    };
    ChooseForm {
        decision: form.words("decision"),
        conditions: rows("condition", "text").into_iter().map(condition).collect(),
        findings: rows("finding", "concern").into_iter().map(finding).collect(),
        question: QuestionForm { section: form.words("question-section"), text: form.words("question-text") },
        last: form.get("last") == "yes",
        seat: form.words("seat"),
    }
}

fn act_on(room: &Room, loaded: &Loaded, id: Option<&PackageId>, seen: &str, form: &Form) -> Led {
    let input = ActInput {
        act: form.words("act"),
        package: id.cloned(),
        about: form.words("about"),
        section: form.words("section"),
        quote: form.words("quote"),
        choice: form.words("choice"),
        text: form.words("text"),
        more: form.starting("x-"),
    };
    keep(room, loaded, seen, Kind::Act(input), false)
}

/// Keeps what was typed, then goes on to the check, or back to the form.
fn keep(room: &Room, loaded: &Loaded, seen: &str, kind: Kind, back: bool) -> Led {
    let id = kind.package();
    let name = room.inner().memory.keep(kind.clone(), seen.to_owned(), room.now());
    if digest_of(&loaded.register, id) != seen {
        return Err(Box::new(stale(room, loaded, seen, &kind)));
    }
    Ok(if back { form_page(&kind, false) } else { format!("{}/check.html?draft={name}", place(id)) })
}
