//! Anything but a decision, as filled in, becomes the body of a record, or a list of what is wrong with it.

use super::super::draft::Draft;
use super::super::resubmit::{self, Given, Lack, Unready};
use super::super::seat::{class_shown, confirmable, replaceable, role_in, setter_role};
use super::room::NotYet;
use super::terms::{date, said, wire};
use crate::diff;
use crate::digest::{FileDigest, sha256};
use crate::dossier::{Dossier, Register, Working};
use crate::engine::{self, StepOutcome, StepState, Thread};
use crate::id::{ConditionId, FindingId, PersonId, RoleId, SectionId, StepId};
use crate::record::{
    About, Anchor, Answer, Body, Certify, Comment, Confirm, Discharge, Entry, Note, Object, Override, Recuse,
    Reply, Retract, Subject, Verify, Waive, Withdraw,
};
use crate::site::desk::{ActInput, PASSAGE, Problem};
use crate::site::{Quotable, Stands};
use crate::store::Workspace;
use crate::text::{RepoPath, Sources as _};
use crate::time::Date;

/// What an act is made in.
pub(super) struct Scene<'a> {
    pub ws: &'a Workspace,
    pub register: &'a Register,
    pub dossier: &'a Dossier,
    pub subject: &'a Subject,
    pub person: &'a PersonId,
}

type Made = Result<Draft, NotYet>;

/// A body, with the step and role it is made in, for the kinds that have them.
type Said = (Body, (Option<StepId>, Option<RoleId>));

impl Scene<'_> {
    /// The draft of the record, or what is wrong.
    pub(super) fn draft(&self, input: &ActInput) -> Made {
        let mut problems = Vec::new();
        let words = match input.act.as_str() {
            "comment" => Some("Write your comment or question"),
            "reply" => Some("Write your reply"),
            "answer" => Some("Write your answer"),
            "resolve" | "confirm" | "certify" => None,
            "discharge" => Some("Say how the condition was met"),
            "object" => Some("Say what you object to"),
            _ => Some("Say why"),
        };
        if let Some(words) = words {
            said(&input.text, "text", words, &mut problems);
        }
        match input.act.as_str() {
            "confirm" => return self.confirm(input),
            "certify" => return self.certify(input),
            "revoke" if problems.is_empty() => return self.revoke(input),
            _ => {}
        }
        let body = self.body(input, &mut problems);
        match body {
            Some((body, seat)) if problems.is_empty() => {
                let mut draft = Draft::plain(Some(self.subject.clone()), body);
                (draft.step, draft.role) = seat;
                Ok(draft)
            }
            _ if problems.is_empty() => {
                Err(NotYet::Problems(vec![Problem::new("text", "This cannot be done here any more")]))
            }
            _ => Err(NotYet::Problems(problems)),
        }
    }

    fn body(&self, input: &ActInput, problems: &mut Vec<Problem>) -> Option<Said> {
        let text = input.text.clone();
        let none = (None, None);
        Some(match input.act.as_str() {
            "comment" => (Body::Comment(self.comment(input, problems)?), none),
            "reply" => {
                let thread = self.thread(&input.about)?;
                let section = thread.section.clone();
                (
                    Body::Comment(Comment {
                        about: Some(thread.id),
                        anchor: None,
                        blocking: false,
                        section,
                        text,
                    }),
                    none,
                )
            }
            "answer" => (Body::Answer(Reply { about: self.thread(&input.about)?.id, text }), none),
            "resolve" => (Body::Resolve(Reply { about: self.thread(&input.about)?.id, text }), none),
            "withdraw" => {
                let entry = self.entry(&input.about)?;
                let record = entry.id();
                let signer = &entry.record().signer;
                // Whose seat was filled may empty it again.
                if signer.person != *self.person && signer.acting_for.as_ref() != Some(self.person) {
                    let name = &entry.record().signer.name;
                    problems.push(Problem::new("text", format!("Only {name} can take this back")));
                }
                (Body::Withdraw(Withdraw { reason: text, record }), none)
            }
            "recuse" => (Body::Recuse(Recuse { reason: text }), none),
            "retract" => (Body::Retract(Retract { reason: text }), none),
            "override" | "second" => (Body::Override(self.set_aside(input, problems)?), none),
            "set-aside" => {
                let entry = self.entry(&input.about)?;
                let step = entry.record().step.clone()?;
                let role = self.dossier.current()?.chain.step(&step)?.resolve_rejection.clone()?;
                let about = About { reason: text, record: entry.id() };
                (Body::ResolveRejection(about), (Some(step), Some(role)))
            }
            "object" => {
                let step = self.my_step()?;
                let judged = self.dossier.current()?.chain.step(&step.id)?;
                let person = self.register.people.person(self.person)?;
                let seat = (Some(step.id.clone()), Some(role_in(judged, &step.escalated_to, person)));
                (Body::Object(Object { reason: text, section: None }), seat)
            }
            "discharge" | "verify" | "waive" => self.about_condition(input, problems)?,
            _ => return None,
        })
    }

    fn entry(&self, id: &str) -> Option<&Entry> {
        let id = id.parse().ok()?;
        let mut entries = self.dossier.entries.iter().filter_map(|at| self.register.ledger.entries.get(*at));
        entries.find(|e| e.id() == id)
    }

    /// The digest of the file of the package that shows that a condition is met.
    fn evidence(&self, input: &ActInput, problems: &mut Vec<Problem>) -> Option<FileDigest> {
        let path = input.more.get("x-evidence").filter(|path| !path.is_empty())?;
        let read = || {
            let path: RepoPath = format!("packages/{}/{path}", self.dossier.id).parse().ok()?;
            self.ws.sources().read(&path).ok()
        };
        let bytes = read();
        if bytes.is_none() {
            let words = format!("The package has no file {path}, or it is too large to read");
            problems.push(Problem::new("x-evidence", words));
        }
        bytes.map(|bytes| FileDigest(sha256(&bytes)))
    }

    /// A small change the person has read and stands by.
    fn confirm(&self, input: &ActInput) -> Made {
        let no = |why: &str| NotYet::cannot(Some(&self.dossier.id), why);
        let step: Option<StepId> = input.section.parse().ok();
        let found = confirmable(self.register, self.dossier, step.as_ref(), self.person);
        let (step, approval) = found.ok_or_else(|| no("You have no approval here to confirm."))?;
        let since = approval.record().revision().unwrap_or(0);
        if since >= self.subject.revision {
            return Err(no("Your approval is of the current revision: there is nothing to confirm."));
        }
        let changes = resubmit::between(self.dossier, since, Some(self.subject.revision), &self.ws.sources());
        let changes = changes.map_err(|e| no(&e.words()))?;
        let judged = self.dossier.current().and_then(|r| r.chain.step(&step));
        let judged = judged.ok_or_else(|| no("The current chain has no such step."))?;
        let outcome = self.dossier.outcome.steps.iter().find(|s| s.id == step);
        if outcome.is_none_or(|s| s.state != StepState::NeedsConfirm) {
            return Err(no("No step waits for your confirmation: there is nothing to confirm."));
        }
        let person = self.register.people.person(self.person);
        let case = self.dossier.case(self.register);
        let body = Confirm { class: class_shown(&changes), diff: diff::digest(&changes), since };
        Ok(Draft {
            role: person.map(|person| role_in(judged, &[], person)),
            scope: engine::scope_for(&case.get(), &step),
            step: Some(step),
            upstream: outcome.map(|s| s.upstream),
            ..Draft::plain(Some(self.subject.clone()), Body::Confirm(body))
        })
    }

    fn certify(&self, input: &ActInput) -> Made {
        let no = |why: &str| NotYet::cannot(Some(&self.dossier.id), why);
        if let Working::Unsubmitted { .. } = self.dossier.working {
            return Err(no(
                "The files differ from the revision that was approved. Submit them, or restore them.",
            ));
        }
        let pending = self
            .dossier
            .entries
            .iter()
            .filter_map(|at| self.register.ledger.entries.get(*at))
            .filter(|e| e.pending);
        let pending = pending.count();
        // The certificate names the ledger it rests on, so everything it rests on must be in the ledger.
        if pending > 0 {
            let (count, verb) = if pending == 1 { ("1 record", "is") } else { ("Records", "are") };
            return Err(no(&format!(
                "{count} of this package {verb} not in the ledger yet. Run `countersign append` first."
            )));
        }
        let others = replaceable(self.register, self.dossier);
        let named = input.more.get("x-supersedes").and_then(|id| id.parse().ok());
        let supersedes = others.iter().map(|(id, _)| *id).find(|id| Some(*id) == named);
        if !others.is_empty() && supersedes.is_none() {
            let words = "Choose the certificate this one replaces: two in force would contradict each other";
            return Err(NotYet::Problems(vec![Problem::new("x-supersedes", words)]));
        }
        let case = self.dossier.case(self.register);
        let mut outcome = engine::certificate(&case.get()).map_err(|missing| {
            let words: Vec<String> = missing.iter().map(|a| a.missing.clone()).collect();
            no(&format!("It cannot be certified yet: {}.", words.join("; ")))
        })?;
        outcome.supersedes = supersedes;
        Ok(Draft::plain(Some(self.subject.clone()), Body::Certify(Box::new(Certify { outcome }))))
    }

    fn revoke(&self, input: &ActInput) -> Made {
        let certificate = self.dossier.outcome.certificate.as_ref().filter(|c| c.revoked.is_none());
        let entry = certificate.and_then(|c| self.entry(&c.record.to_string()));
        let Some(entry) = entry else {
            return Err(NotYet::cannot(Some(&self.dossier.id), "There is no certificate in force."));
        };
        let about = About { reason: input.text.clone(), record: entry.id() };
        // The certificate may be of an earlier revision than the one under review now.
        Ok(Draft::plain(entry.record().subject.clone(), Body::Revoke(about)))
    }

    fn set_aside(&self, input: &ActInput, problems: &mut Vec<Problem>) -> Option<Override> {
        let reason = input.text.clone();
        if input.act == "second" {
            let entry = self.entry(&input.about)?;
            let Body::Override(first) = &entry.record().body else { return None };
            // The same terms, word for word but for the reason: two people answer for one thing.
            return Some(Override { about: Some(entry.id()), reason, ..first.clone() });
        }
        let steps = ticked(input, "x-steps");
        let known = |id: &StepId| self.dossier.outcome.steps.iter().any(|s| s.id == *id);
        let steps: Vec<StepId> = steps.iter().filter_map(|s| s.parse().ok()).filter(known).collect();
        if steps.is_empty() {
            problems.push(Problem::new("x-steps", "Choose at least one step"));
        }
        let expires = day(input, "x-until", problems);
        let review = day(input, "x-review", problems);
        let today = self.register.as_of.date();
        if expires.is_some_and(|day| day < today) {
            problems.push(Problem::new("x-until", "That day has passed"));
        }
        Some(Override { about: None, expires: expires?, reason, review: review?, steps })
    }

    fn thread(&self, id: &str) -> Option<&Thread> {
        let id = id.parse().ok()?;
        self.dossier.outcome.threads.iter().find(|t| t.id == id)
    }

    /// The step the person may decide later, or now.
    fn my_step(&self) -> Option<&StepOutcome> {
        let mine = || self.dossier.outcome.steps.iter().filter(|s| s.eligible.contains(self.person));
        mine().find(|s| s.state == StepState::Waiting).or_else(|| mine().next())
    }

    fn comment(&self, input: &ActInput, problems: &mut Vec<Problem>) -> Option<Comment> {
        let current = self.dossier.current()?;
        let section: SectionId = input.section.parse().ok()?;
        current.chain.section(&section)?;
        let blocking = match input.choice.as_str() {
            "ask" => true,
            "note" => false,
            _ => {
                problems
                    .push(Problem::new("choice", "Say whether it is a request for clarification or a note"));
                false
            }
        };
        let anchor = match quoted(input) {
            Ok(None) => None,
            Ok(Some((quote, field))) => {
                let path = format!("packages/{}/revisions/{}/{section}.md", self.dossier.id, current.number);
                let text = self.ws.read_or_empty(&path).ok()?;
                let text = String::from_utf8_lossy(&text);
                let stands = Quotable::new(&current.package, &current.chain, &section, &text).stands(&quote);
                if let Some(words) = misquoted(stands, current.number) {
                    problems.push(Problem::new(field, words));
                }
                Some(Anchor { quote, sha256: current.package.manifest.section_digest(&section) })
            }
            Err(problem) => {
                problems.push(problem);
                None
            }
        };
        Some(Comment { about: None, anchor, blocking, section, text: input.text.clone() })
    }

    fn about_condition(&self, input: &ActInput, problems: &mut Vec<Problem>) -> Option<Said> {
        let condition: ConditionId = input.section.parse().ok()?;
        let record = input.about.parse().ok()?;
        let outcome = &self.dossier.outcome;
        let found = outcome.conditions.iter().find(|c| c.record == record && *c.id() == condition)?;
        let setter = setter_role(self.register, self.dossier, found);
        let checks = found.condition.verifier_role.clone().or_else(|| setter.clone());
        let reason = input.text.clone();
        Some(match input.act.as_str() {
            "discharge" => {
                let evidence = self.evidence(input, problems);
                (Body::Discharge(Discharge { condition, evidence, reason, record }), (None, None))
            }
            "verify" => {
                let accepted = input.choice == "yes";
                if !accepted && input.choice != "no" {
                    problems.push(Problem::new("choice", "Say whether the condition is met"));
                }
                (Body::Verify(Verify { accepted, condition, reason, record }), (None, checks))
            }
            _ => (Body::Waive(Waive { condition, reason, record }), (None, setter)),
        })
    }
}

/// The ids ticked in a list, in order.
pub(super) fn ticked(input: &ActInput, name: &str) -> Vec<String> {
    let of = |key: &String| key.strip_prefix(name)?.strip_prefix('-').map(str::to_owned);
    input.more.iter().filter(|(_, value)| *value == "yes").filter_map(|(key, _)| of(key)).collect()
}

/// The day typed into a field of three.
pub(super) fn day(input: &ActInput, name: &str, problems: &mut Vec<Problem>) -> Option<Date> {
    let part = |part: &str| input.more.get(&format!("{name}-{part}")).map_or("", String::as_str);
    let date = date(part("day"), part("month"), part("year"));
    if date.is_none() {
        let which = match name {
            "x-from" => "The first day",
            "x-until" => "The last day",
            _ => "The day to look back",
        };
        let words =
            format!("{which} must be a real date, with day, month and year in figures, such as 31 3 2027");
        problems.push(Problem::new(format!("{name}-day"), words));
    }
    date
}

/// The answers and notes of a submission as filled in.
pub(super) fn given(dossier: &Dossier, input: &ActInput) -> Given {
    let words = |start: &str| {
        let all = input.more.iter().filter(|(_, words)| !words.is_empty());
        let named = all.filter_map(|(key, words)| Some((key.strip_prefix(start)?.to_owned(), words.clone())));
        named.collect::<Vec<_>>()
    };
    let open = |id: &FindingId| dossier.outcome.findings.iter().any(|f| f.open && f.id() == id);
    let answers = words("x-answer-").into_iter().filter_map(|(id, how)| {
        let finding = id.parse().ok().filter(open)?;
        Some(Answer { finding, how, sections: Vec::new() })
    });
    let notes = words("x-note-").into_iter();
    let notes = notes.filter_map(|(id, text)| Some(Note { section: id.parse().ok()?, text }));
    let class = input.more.get("x-class").and_then(|c| wire(c));
    Given { answers: answers.collect(), notes: notes.collect(), class }
}

/// The working copy as the next revision.
pub(super) fn submit(ws: &Workspace, register: &Register, dossier: &Dossier, input: &ActInput) -> Made {
    let given = given(dossier, input);
    match resubmit::prepare(ws, register, dossier, &given) {
        Ok(ready) => Ok(ready.draft(given.class)),
        Err(Unready::Lacks { lacks, .. }) => {
            // In the order of the form: answers first.
            let (answers, rest): (Vec<_>, Vec<_>) =
                lacks.into_iter().partition(|lack| matches!(lack, Lack::Answer(..)));
            let title = |id: &SectionId| {
                let chains = dossier.chain.iter().chain(dossier.current().map(|r| &r.chain));
                let section = chains.filter_map(|chain| chain.section(id)).next();
                section.map_or_else(|| "package.toml".to_owned(), |s| format!("\u{201c}{}\u{201d}", s.title))
            };
            let problem = |lack| match lack {
                Lack::Note(section) => {
                    let words = format!("Say what changed in {}, and why", title(&section));
                    Problem::new(format!("x-note-{section}"), words)
                }
                Lack::Answer(id, _) => Problem::new(format!("x-answer-{id}"), format!("Answer finding {id}")),
                Lack::Other(words) => Problem::new("changes", words),
            };
            Err(NotYet::Problems(answers.into_iter().chain(rest).map(problem).collect()))
        }
        Err(why) => Err(NotYet::cannot(Some(&dossier.id), &crate::site::desk::sentence(&why.words()))),
    }
}

/// The words a comment is about, with the field they come from: chosen from the list, or typed; none for the
/// whole section.
fn quoted(input: &ActInput) -> Result<Option<(String, &'static str)>, Problem> {
    let typed = || (!input.quote.is_empty()).then(|| (input.quote.clone(), "quote"));
    match input.more.get(PASSAGE).map_or("", String::as_str) {
        // A form without a list.
        "" => Ok(typed()),
        "whole" => Ok(None),
        "other" => typed().map(Some).ok_or_else(|| {
            Problem::new("quote", "Copy the words here, or choose the whole section or one of its passages")
        }),
        chosen => Ok(chosen.strip_prefix(':').map(|words| (words.to_owned(), PASSAGE))),
    }
}

/// Why words cannot be quoted from a section; none if it is clear where they stand.
fn misquoted(stands: Stands, revision: u32) -> Option<String> {
    match stands {
        Stands::Once => None,
        Stands::Nowhere => Some(format!(
            "This section of revision {revision} does not say that. Copy the passage word for word, or choose the whole \
             section"
        )),
        Stands::Again => Some(format!(
            "These words stand more than once in this section of revision {revision}. Add the words before or after them, \
             so that it is clear which are meant"
        )),
    }
}
