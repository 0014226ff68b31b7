//! The rarer statements about a package: `object`, `confirm`, `recuse`, `resolve-rejection`, `override`,
//! `retract`, `revoke`.

use super::args;
use super::context::{Context, dossier};
use super::out::{Exit, Failure, talk};
use super::review::{done, find, section_of, step_of};
use super::sign::{Draft, Pen};
use super::submit::{between, subject};
use crate::agent::seat::{class_shown, confirmable, role_in};
use crate::diff;
use crate::dossier::{Dossier, Register};
use crate::engine;
use crate::id::{PersonId, StepId};
use crate::record::{About, Body, Confirm, Decision, Entry, Kind, Object, Override, Recuse, Retract};

/// An objection in a step, also before it opens.
pub fn object(context: &Context, args: &args::Object) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    if let Some(section) = &args.section {
        section_of(dossier, section)?;
    }
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let step = step_of(dossier, args.step.as_ref(), &pen.person)?;
    let current = dossier.current().expect("there is a subject");
    let chain_step = current.chain.step(&step).expect("the step comes from this chain");
    let escalated = dossier.outcome.steps.iter().find(|s| s.id == step).map(|s| s.escalated_to.as_slice());
    let role = role_in(chain_step, escalated.unwrap_or_default(), &pen.person);
    let body = Object { reason: args.reason.clone(), section: args.section.clone() };
    let draft =
        Draft { step: Some(step), role: Some(role), ..Draft::plain(Some(subject), Body::Object(body)) };
    let id = pen.sign(draft)?;
    done(context, &args.package, id)
}

/// An approver has seen what changed since and stands by the approval.
pub fn confirm(context: &Context, args: &args::Confirm) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let (step, approval) = approval(&register, dossier, args.step.as_ref(), &pen.person.id)?;
    let since = approval.record().revision().unwrap_or(0);
    if since == subject.revision {
        return Err(Failure::refused(format!(
            "your approval is of revision {since}, the current one: there is nothing to confirm"
        )));
    }
    let changes = between(dossier, since, Some(subject.revision), &ws.sources())?;
    talk(&format!(
        "What changed from revision {since} to {}:\n\n{}\n",
        subject.revision,
        diff::human(&changes)
    ));
    let current = dossier.current().expect("there is a subject");
    let chain_step = current.chain.step(&step);
    let chain_step =
        chain_step.ok_or_else(|| Failure::refused(format!("the current chain has no step `{step}`")))?;
    let escalated = dossier.outcome.steps.iter().find(|s| s.id == step);
    let case = dossier.case(&register);
    let scope = engine::scope_for(&case.get(), &step);
    let body = Confirm { class: class_shown(&changes), diff: diff::digest(&changes), since };
    let draft = Draft {
        role: Some(role_in(chain_step, &[], &pen.person)),
        step: Some(step),
        scope,
        upstream: escalated.map(|s| s.upstream),
        ..Draft::plain(Some(subject), Body::Confirm(body))
    };
    let id = pen.sign(draft)?;
    done(context, &args.package, id)
}

/// The approval to confirm.
fn approval<'a>(
    register: &'a Register,
    dossier: &'a Dossier,
    named: Option<&StepId>,
    person: &PersonId,
) -> Result<(StepId, &'a Entry), Failure> {
    confirmable(register, dossier, named, person).ok_or_else(|| {
        let of = named.map_or(String::new(), |step| format!(" in step {step}"));
        Failure::refused(format!("NOT_APPLICABLE: you have no approval of {}{of} to confirm", dossier.id))
            .help(format!("`countersign decide {} approve` approves it anew", dossier.id))
    })
}

/// A reviewer steps aside.
pub fn recuse(context: &Context, args: &args::Recuse) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let body = Body::Recuse(Recuse { reason: args.reason.clone() });
    let id = pen.sign(Draft::plain(Some(subject), body))?;
    done(context, &args.package, id)
}

/// A rejection that nobody looked at again in time is set aside by the role the chain names.
pub fn resolve_rejection(context: &Context, args: &args::SetAside) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let record = find(&register, dossier, &args.record)?;
    let entry = register.ledger.entries.iter().find(|e| e.id() == record).expect("just found");
    let rejection = match &entry.record().body {
        Body::Decide(decide) if decide.decision == Decision::Reject => entry.record().step.clone(),
        Body::Object(_) => entry.record().step.clone(),
        _ => None,
    };
    let step = rejection
        .ok_or_else(|| Failure::refused(format!("NOT_APPLICABLE: {} is not a rejection", record.short())))?;
    let current = dossier.current().expect("there is a subject");
    let role = current.chain.step(&step).and_then(|s| s.resolve_rejection.clone()).ok_or_else(|| {
        Failure::refused(format!("NOT_APPLICABLE: the chain lets nobody set a rejection in {step} aside"))
            .help("its signer approves the step, or takes the rejection back with `countersign withdraw`")
    })?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let body = Body::ResolveRejection(About { reason: args.reason.clone(), record });
    let draft = Draft { step: Some(step), role: Some(role), ..Draft::plain(Some(subject), body) };
    let id = pen.sign(draft)?;
    done(context, &args.package, id)
}

/// Steps set aside: the request, or the second person's word.
pub fn set_aside(context: &Context, args: &args::Override) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let body = match (&args.second, args.until, args.review) {
        (Some(start), ..) => {
            let record = find(&register, dossier, start)?;
            let entry = register.ledger.entries.iter().find(|e| e.id() == record).expect("just found");
            let Body::Override(first) = &entry.record().body else {
                return Err(Failure::refused(format!(
                    "NOT_APPLICABLE: {} does not ask for an override",
                    record.short()
                )));
            };
            // The same terms, word for word but for the reason: two people answer for one thing.
            Override { about: Some(record), reason: args.reason.clone(), ..first.clone() }
        }
        (None, Some(expires), Some(review)) => {
            let mut steps = args.step.clone();
            steps.sort();
            steps.dedup();
            for step in &steps {
                step_of_chain(dossier, step)?;
            }
            if expires < context.now.date() {
                return Err(Failure::cannot("`--until` is a day that has passed"));
            }
            Override { about: None, expires, reason: args.reason.clone(), review, steps }
        }
        _ => return Err(Failure::cannot("an override needs --step, --until and --review, or --second")),
    };
    let asks = body.about.is_none();
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let id = pen.sign(Draft::plain(Some(subject), Body::Override(body)))?;
    if asks {
        talk(&format!(
            "A second person of the role `override` runs `countersign override {} --second {} --reason ...`.\n",
            args.package,
            id.short()
        ));
    }
    done(context, &args.package, id)
}

fn step_of_chain(dossier: &Dossier, step: &StepId) -> Result<(), Failure> {
    let known: Vec<&str> = dossier.outcome.steps.iter().map(|s| s.id.as_str()).collect();
    if known.contains(&step.as_str()) {
        return Ok(());
    }
    Err(Failure::cannot(format!("there is no step `{step}`")).help(format!("steps: {}", known.join(", "))))
}

/// The submitter takes the revision out of review.
pub fn retract(context: &Context, args: &args::Retract) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    let subject = subject(dossier, &register.ledger.entries)?;
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let id = pen.sign(Draft::plain(Some(subject), Body::Retract(Retract { reason: args.reason.clone() })))?;
    done(context, &args.package, id)
}

/// A certificate is taken out of force.
pub fn revoke(context: &Context, args: &args::RevokeCertificate) -> Result<Exit, Failure> {
    let (ws, register) = context.load_sound()?;
    let dossier = dossier(&register, &args.package)?;
    subject(dossier, &register.ledger.entries)?;
    let Some(certificate) = dossier.outcome.certificate.as_ref().filter(|c| c.revoked.is_none()) else {
        return Err(Failure::refused(format!("NOT_APPLICABLE: {} has no certificate in force", dossier.id)));
    };
    // The certificate may be of an earlier revision than the one under review now.
    let entries = dossier.entries.iter().map(|at| &register.ledger.entries[*at]);
    let mut certifies =
        entries.filter(|e| e.record().kind() == Kind::Certify && e.id() == certificate.record);
    let subject = certifies.next().and_then(|e| e.record().subject.clone());
    let pen = Pen::take(context, &ws, &register, &args.sign)?;
    let body = Body::Revoke(About { reason: args.reason.clone(), record: certificate.record });
    let id = pen.sign(Draft::plain(subject, body))?;
    done(context, &args.package, id)
}
