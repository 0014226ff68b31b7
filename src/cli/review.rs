//! `comment`, `answer`, `resolve`, `decide`, `withdraw`: what people say about the current revision.

use super::args::{self, Choice};
use super::context::{Context, dossier, name_of};
use super::out::{Exit, Failure, answer as print, answer_json};
use super::sign::{Draft, Pen};
use super::submit::subject;
use super::terms;
use crate::agent::seat::{role_in, role_said};
use crate::digest::RecordId;
use crate::dossier::{Dossier, Register, Working};
use crate::engine::{self, FateCode, StepState};
use crate::id::{PackageId, PersonId, SectionId, StepId};
use crate::record::{Anchor, Body, Comment, Decision, Kind, Person, Reply, Withdraw};
use crate::site::{Quotable, Stands};
use std::str::FromStr;

/// Reads a word as an id or a date.
pub fn parse<T: FromStr>(text: &str) -> Result<T, Failure>
where
    T::Err: std::fmt::Display,
{
    text.trim().parse().map_err(|e: T::Err| Failure::cannot(e.to_string()))
}

/// Says what was recorded and where the package stands now.
pub fn done(context: &Context, package: &PackageId, id: RecordId) -> Result<Exit, Failure> {
    let (_, register) = context.load()?;
    let dossier = dossier(&register, package)?;
    let fate = dossier.outcome.fates.iter().find(|f| f.id == id);
    if context.json() {
        answer_json(&serde_json::json!({ "record": id, "fate": fate, "state": dossier.outcome.state }));
        return Ok(Exit::Yes);
    }
    if let Some(fate) = fate {
        match fate.code {
            FateCode::Counted | FateCode::CountedAs if fate.kind == Kind::Decide => {
                print("Your decision counts.\n");
            }
            FateCode::Counted | FateCode::CountedAs => print("It counts.\n"),
            code => print(&format!("{}: {}\n", code.as_str(), fate.note)),
        }
    }
    print(&super::status::line(dossier));
    for advice in &dossier.outcome.advice {
        print(&super::status::advice(&register, dossier, advice));
    }
    Ok(Exit::Yes)
}

/// Refuses a section that the current revision does not have.
pub fn section_of(dossier: &Dossier, section: &SectionId) -> Result<(), Failure> {
    let current = dossier.current();
    let known: Vec<&str> =
        current.iter().flat_map(|r| r.chain.sections.iter().map(|s| s.id.as_str())).collect();
    if known.contains(&section.as_str()) {
        return Ok(());
    }
    Err(Failure::cannot(format!("{} has no section `{section}`", dossier.id))
        .help(format!("sections: {}", known.join(", "))))
}

/// A comment on a section, or a question.
pub fn comment(context: &Context, args: &args::Comment) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    section_of(dossier, &args.section)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let current = dossier.current().expect("there is a subject");
    let anchor = match &args.quote {
        None => None,
        Some(quote) => {
            let path = format!("packages/{}/revisions/{}/{}.md", dossier.id, current.number, args.section);
            let text = String::from_utf8_lossy(&ws.read_or_empty(&path)?).into_owned();
            let quotable = Quotable::new(&current.package, &current.chain, &args.section, &text);
            let refused = |why: &str, help: &str| {
                let (section, revision) = (&args.section, current.number);
                Failure::cannot(format!("section `{section}` of revision {revision} {why}")).help(help)
            };
            match quotable.stands(quote) {
                Stands::Once => {}
                Stands::Nowhere => return Err(refused("does not say that", "quote a passage word for word")),
                Stands::Again => {
                    let help = "quote more of the words before or after them";
                    return Err(refused("says that more than once", help));
                }
            }
            Some(Anchor {
                quote: quote.clone(),
                sha256: current.package.manifest.section_digest(&args.section),
            })
        }
    };
    let body = Comment {
        about: None,
        anchor,
        blocking: args.question,
        section: args.section.clone(),
        text: args.text.clone(),
    };
    let draft = Draft::plain(Some(subject), Body::Comment(body));
    let id = pen.sign(draft)?;
    done(context, &args.package, id)
}

/// The record of this package whose id begins so.
pub fn find(register: &Register, dossier: &Dossier, start: &str) -> Result<RecordId, Failure> {
    let ids = dossier.entries.iter().map(|at| register.ledger.entries[*at].id());
    let found: Vec<RecordId> =
        ids.filter(|id| start.len() >= 4 && id.to_string().starts_with(start)).collect();
    match found.as_slice() {
        [one] => Ok(*one),
        [] => Err(Failure::cannot(format!("no record of {} begins with `{start}`", dossier.id))
            .help(format!("`countersign log {}` lists them; give at least 4 characters", dossier.id))),
        _ => Err(Failure::cannot(format!(
            "several records of {} begin with `{start}`; give more of it",
            dossier.id
        ))),
    }
}

/// The author's side answers a question.
pub fn answer(context: &Context, args: &args::Reply) -> Result<Exit, Failure> {
    if args.text.trim().is_empty() {
        return Err(Failure::cannot("an answer needs words: --text"));
    }
    reply(context, args, true)
}

/// The asker closes a question.
pub fn resolve(context: &Context, args: &args::Reply) -> Result<Exit, Failure> {
    reply(context, args, false)
}

fn reply(context: &Context, args: &args::Reply, answering: bool) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let about = find(&register, dossier, &args.thread)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let Some(thread) = dossier.outcome.threads.iter().find(|t| t.id == about) else {
        return Err(Failure::refused(format!("{} is not a question or comment", about.short())));
    };
    if !answering && thread.asker != pen.person.id {
        return Err(Failure::refused(format!(
            "only {} can close this question",
            name_of(&register, &thread.asker)
        )));
    }
    let text = args.text.clone();
    let reply = Reply { about, text };
    let draft =
        Draft::plain(Some(subject), if answering { Body::Answer(reply) } else { Body::Resolve(reply) });
    let id = pen.sign(draft)?;
    done(context, &args.package, id)
}

/// A decision in a step.
pub fn decide(context: &Context, args: &args::Decide) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    if let Working::Unsubmitted { files } = &dossier.working {
        let names: Vec<&str> = files.iter().map(crate::text::RepoPath::as_str).collect();
        super::out::talk(&format!(
            "Note: the working copy differs from revision {} ({}). You decide on revision {}, as frozen.\n",
            subject.revision,
            names.join(", "),
            subject.revision
        ));
    }
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let principal = match &args.for_ {
        None => None,
        Some(id) => Some(enrolled(&register, id)?),
    };
    let seat = principal.unwrap_or(&pen.person);
    let step = step_of(dossier, args.step.as_ref(), seat)?;
    let current = dossier.current().expect("there is a subject");
    let chain_step = current.chain.step(&step).expect("the step comes from this chain");
    let decision = match args.decision {
        Choice::Approve => Decision::Approve,
        Choice::Reject => Decision::Reject,
        Choice::Clarify => Decision::Clarify,
        Choice::Abstain => Decision::Abstain,
    };
    let case = dossier.case(&register);
    // In somebody else's seat, what the delegation allows is foreseen with the whole record.
    if principal.is_none() {
        engine::may_decide(&case.get(), &pen.person.id, &step, decision).map_err(|refusal| {
            let help = if refusal.help.is_empty() { String::new() } else { format!("{}; ", refusal.help) };
            Failure::refused(format!("{}: {}", refusal.code, refusal.words))
                .help(help + "nothing has been signed")
        })?;
    }
    let body = terms::terms(args, decision, dossier, &register.people, &step)?;
    let scope = engine::scope_for(&case.get(), &step);
    let outcome = dossier.outcome.steps.iter().find(|s| s.id == step).expect("every step has an outcome");
    let name = engine::printed(&pen.person.name, principal.map(|p| p.name.as_str()));
    let role = role_in(chain_step, &outcome.escalated_to, seat);
    let meaning = engine::meaning(chain_step, role_said(chain_step, &role), &name, &subject, decision);
    let draft = Draft {
        subject: Some(subject),
        step: Some(step),
        role: Some(role),
        scope,
        upstream: Some(outcome.upstream),
        meaning,
        body: Body::Decide(body),
    };
    let id = pen.sign_for(principal.map(|p| &p.id), draft)?;
    done(context, &args.package, id)
}

/// The person of that id.
pub fn enrolled<'a>(register: &'a Register, id: &PersonId) -> Result<&'a Person, Failure> {
    register.people.person(id).ok_or_else(|| {
        let known: Vec<&str> = register.people.persons.keys().map(PersonId::as_str).collect();
        Failure::cannot(format!("nobody is enrolled as `{id}`"))
            .help(format!("enrolled: {}", known.join(", ")))
    })
}

/// The step named, or the only one a person has a say in.
pub fn step_of(dossier: &Dossier, named: Option<&StepId>, person: &Person) -> Result<StepId, Failure> {
    let steps = &dossier.outcome.steps;
    if let Some(id) = named {
        if steps.iter().any(|s| s.id == *id) {
            return Ok(id.clone());
        }
        let known: Vec<&str> = steps.iter().map(|s| s.id.as_str()).collect();
        return Err(
            Failure::cannot(format!("there is no step `{id}`")).help(format!("steps: {}", known.join(", ")))
        );
    }
    let chain = dossier.current().map(|r| &r.chain);
    let may = |s: &&engine::StepOutcome| {
        let step = chain.and_then(|chain| chain.step(&s.id));
        s.state != StepState::NotApplicable
            && (step.is_some_and(|step| step.roles().any(|role| person.roles.contains(role)))
                || s.escalated_to.iter().any(|role| person.roles.contains(role)))
    };
    let mine: Vec<_> = steps.iter().filter(may).collect();
    let open: Vec<_> = mine.iter().filter(|s| s.state != StepState::Waiting).collect();
    match (open.as_slice(), mine.as_slice()) {
        ([one], _) => Ok(one.id.clone()),
        ([], [one]) => Ok(one.id.clone()),
        (_, []) => {
            Err(Failure::refused(format!("ROLE_NOT_HELD: {} holds no role that decides here", person.name)))
        }
        _ => Err(Failure::cannot("several steps are yours to decide").help("name one with --step")),
    }
}

/// A record taken back by its signer.
pub fn withdraw(context: &Context, args: &args::Withdraw) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let record = find(&register, dossier, &args.record)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let entry = register.ledger.entries.iter().find(|e| e.id() == record).expect("just found");
    let signer = &entry.record().signer;
    // Whose seat was filled may empty it again.
    if signer.person != pen.person.id && signer.acting_for.as_ref() != Some(&pen.person.id) {
        let name = &signer.name;
        return Err(Failure::refused(format!("only {name} can withdraw this record")));
    }
    let body = Withdraw { reason: args.reason.clone(), record };
    let draft = Draft::plain(Some(subject), Body::Withdraw(body));
    let id = pen.sign(draft)?;
    done(context, &args.package, id)
}
