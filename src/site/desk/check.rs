//! Step 2 of the ceremony: what is seen is what is signed.

use super::delta::Delta;
use super::package::eyebrow_of;
use super::section::state;
use super::{Field, Problem, Reviewer, Summary};
use crate::dossier::Dossier;
use crate::engine::{Fate, Outcome};
use crate::record::wording::decision_in_sentence;
use crate::record::{self, Body, Decide, Decision, Delegate, Kind, Record, Submit};
use crate::site::address;
use crate::site::render::View;
use crate::site::view::decisions::{self, ConditionView};
use crate::site::view::stepper::number;
use crate::site::view::threads::paragraphs;
use crate::site::view::{Banner, Fact, Frame, Index, Link};
use crate::site::words;
use crate::text::Sources;
use serde::Serialize;

/// A statement before it is signed.
#[derive(Debug)]
pub struct Statement<'a> {
    /// The record, complete but for the signature.
    pub record: &'a Record,
    /// What the engine says would become of it, and of the package.
    pub foreseen: Option<&'a (Fate, Outcome)>,
    /// How it will be signed.
    pub means: Means,
    /// Another way to sign that there is, with where to choose it.
    pub other: Option<(String, String)>,
    /// What is wrong with the last try.
    pub problems: &'a [Problem],
    /// More about that: tries left.
    pub more: String,
    /// The reviewer ID as it was typed.
    pub typed: String,
    /// Where the wording is changed.
    pub change: String,
    /// Something to know before signing: that the statement was drawn up anew.
    pub notice: String,
}

/// How a statement is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Means {
    /// With a key file and its passphrase.
    Passphrase,
    /// By an ssh-agent that holds the key.
    Agent,
    /// By a hardware key behind an ssh-agent.
    Token,
}

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CheckView {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: &'static str,
    pub summary: Summary,
    pub banners: Vec<Banner>,
    /// The sentence in three parts; the middle one is what is decided.
    pub sentence: [String; 3],
    pub paragraphs: Vec<String>,
    pub quote: String,
    pub conditions: Vec<ConditionView>,
    pub findings: Vec<FindingView>,
    pub effect: String,
    pub facts: Vec<Fact>,
    pub bytes: String,
    pub size: usize,
    pub deed: String,
    pub reviewer_id: Field,
    /// Absent when an agent signs.
    pub passphrase: Option<Field>,
    pub means: String,
    pub other: Option<Link>,
    pub button: String,
    pub change: String,
    pub action: String,
    pub ticket: String,
    /// What changed, where that is what is signed.
    pub delta: Option<Delta>,
}

impl View for CheckView {
    const TEMPLATE: &'static str = "agent-check.html";

    fn fill(&mut self, sources: &dyn Sources) -> bool {
        self.delta.as_mut().is_none_or(|delta| delta.fill(sources))
    }
}

/// A finding as it will be signed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FindingView {
    pub section: String,
    pub concern: Vec<String>,
    pub required: Vec<String>,
}

pub(crate) fn page(index: &Index<'_>, reviewer: &Reviewer, statement: &Statement<'_>) -> Option<CheckView> {
    let record = statement.record;
    let dossier = match record.package() {
        Some(id) => Some(index.register.packages.get(id)?),
        None => None,
    };
    let path = address::ceremony(record.package(), "check.html");
    let mut frame = index.frame(&path, format!("Check and sign: {}", eyebrow_of(index, dossier)));
    let whole = if dossier.is_some() { "Back to the package" } else { "Back to your reviews" };
    frame.crumbs = vec![Link::new("index.html", whole)];
    if !statement.problems.is_empty() {
        frame.title = format!("Error: {}", frame.title);
    }
    let chain = dossier.and_then(Dossier::current).map(|r| r.chain.clone());
    let section = |id: &crate::id::SectionId| {
        chain.as_ref().and_then(|c| c.section(id)).map_or_else(|| id.to_string(), |s| s.title.clone())
    };
    let bytes = record::print(record);
    let mut view = CheckView {
        eyebrow: eyebrow_of(index, dossier),
        delta: delta(index, dossier, record),
        heading: "Check and sign",
        summary: Summary::new(statement.problems, &statement.more),
        banners: banners(index, statement),
        sentence: sentence(record),
        paragraphs: Vec::new(),
        quote: String::new(),
        conditions: Vec::new(),
        findings: Vec::new(),
        effect: "This is my electronic signature and has the same effect as my handwritten signature. What I sign \
                 cannot be changed or deleted afterwards; taking it back is a new record that stands beside it."
            .to_owned(),
        facts: facts(index, reviewer, statement),
        size: bytes.len(),
        bytes,
        deed: record::deed(record),
        reviewer_id: Field::new("reviewer", "Reviewer ID", &statement.typed, statement.problems)
            .hint("Your ID in this repository, as it is shown under People."),
        passphrase: (statement.means == Means::Passphrase).then(|| {
            Field::new("passphrase", "Passphrase", "", statement.problems).hint(
                "It unlocks your key on this computer only and is never stored or sent. You can paste it or use a \
                 password manager.",
            )
        }),
        means: match statement.means {
            Means::Passphrase => {
                "Enter your reviewer ID and the passphrase of your signing key. Both are needed each time you sign."
            }
            Means::Agent => {
                "Enter your reviewer ID. Your SSH agent signs; it may ask you to confirm."
            }
            Means::Token => "Enter your reviewer ID, then touch your hardware key when it blinks.",
        }
        .to_owned(),
        other: statement.other.as_ref().map(|(href, text)| Link::new(href.clone(), text.clone())),
        button: button(index, record),
        change: statement.change.clone(),
        action: "sign".to_owned(),
        ticket: reviewer.ticket.clone(),
        frame,
    };
    match &record.body {
        Body::Decide(decide) => {
            view.conditions = decide
                .conditions
                .iter()
                .map(|c| decisions::condition(c, String::new(), |p| index.name(p)))
                .collect();
            view.findings = decide
                .findings
                .iter()
                .map(|f| FindingView {
                    section: format!("{}. {}", section(&f.section), words::reason(f.reason)),
                    concern: paragraphs(&f.concern),
                    required: paragraphs(&f.required),
                })
                .collect();
            if let Some(question) = &decide.question {
                view.quote = String::new();
                view.paragraphs = paragraphs(&question.text);
            }
        }
        Body::Comment(comment) => {
            view.paragraphs = paragraphs(&comment.text);
            view.quote = comment.anchor.as_ref().map(|a| a.quote.clone()).unwrap_or_default();
        }
        Body::Answer(reply) | Body::Resolve(reply) => view.paragraphs = paragraphs(&reply.text),
        Body::Submit(submit) => {
            let answers = submit.answers.iter().map(|a| format!("Finding {}: {}", a.finding, a.how));
            let notes = submit.notes.iter().map(|n| format!("{}: {}", section(&n.section), n.text));
            view.paragraphs = answers.chain(notes).collect();
        }
        body => view.paragraphs = body.reason().map(paragraphs).unwrap_or_default(),
    }
    Some(view)
}

/// The change a confirmation is about, or a submission makes.
fn delta(index: &Index<'_>, dossier: Option<&Dossier>, record: &Record) -> Option<Delta> {
    let dossier = dossier?;
    match &record.body {
        Body::Confirm(confirm) => Delta::new(index, dossier, confirm.since, record.revision()),
        Body::Submit(_) => Delta::new(index, dossier, dossier.current()?.number, None),
        _ => None,
    }
}

/// What the engine says beforehand, and whatever else must be known.
fn banners(index: &Index<'_>, statement: &Statement<'_>) -> Vec<Banner> {
    let mut out = Vec::new();
    if !statement.notice.is_empty() {
        out.push(Banner {
            tone: "warn",
            heading: "Check again".to_owned(),
            text: statement.notice.clone(),
            items: Vec::new(),
            link: None,
        });
    }
    out.extend(decided_first(index, statement.record));
    if let Body::Delegate(delegate) = &statement.record.body {
        let items = super::stand_in::in_vain(index.register, delegate);
        if !items.is_empty() {
            out.push(Banner {
                tone: "warn",
                heading: "As things stand, some of this would have no effect".to_owned(),
                text: "You can sign it all the same: roles can still be granted.".to_owned(),
                items,
                link: None,
            });
        }
    }
    if let Some((fate, _)) = statement.foreseen
        && let Some(words) = words::fate(fate.code).filter(|_| !words::in_effect(fate.code))
    {
        out.push(Banner {
            tone: "warn",
            heading: "If you sign this now, it will have no effect".to_owned(),
            text: format!("{words}. {}", super::home::sentence(&fate.note)),
            items: Vec::new(),
            link: None,
        });
    }
    out
}

/// That the step was decided by others before this statement is signed.
fn decided_first(index: &Index<'_>, record: &Record) -> Option<Banner> {
    let dossier = index.register.packages.get(record.package()?)?;
    let step = dossier.outcome.steps.iter().find(|s| Some(&s.id) == record.step.as_ref())?;
    let seat = record.signer.acting_for.as_ref().unwrap_or(&record.signer.person);
    let others = others(index, step, seat);
    if !step.state.passed() || others.is_empty() || !matches!(record.body, Body::Decide(_)) {
        return None;
    }
    Some(Banner {
        tone: "info",
        heading: "Somebody else decided this step first".to_owned(),
        text: format!(
            "{}: {}. Nothing of yours has been signed, and the step waits for nothing. If you sign, your decision stands \
             beside theirs.",
            step.title,
            words::step_state(step.state).0.to_lowercase()
        ),
        items: others,
        link: Some(Link::new("index.html#decisions", "Read what was decided")),
    })
}

/// What other people decided in a step, each in one line.
pub(crate) fn others(
    index: &Index<'_>,
    step: &crate::engine::StepOutcome,
    seat: &crate::id::PersonId,
) -> Vec<String> {
    let line = |s: &crate::engine::Seat| {
        let word = words::decision(s.decision, 0).0.to_lowercase();
        format!("{}: {word}, on revision {}, {}", index.name(&s.person), s.revision, s.at.human())
    };
    step.seats.iter().filter(|s| s.person != *seat).map(line).collect()
}

/// The sentence with what is decided set apart.
fn sentence(record: &Record) -> [String; 3] {
    let meaning = &record.meaning;
    let words = match &record.body {
        Body::Decide(decide) => decision_in_sentence(decide.decision),
        _ => "",
    };
    // The last place where the words stand: a name before them could hold the same words.
    match meaning.rfind(words).filter(|_| !words.is_empty()) {
        Some(at) => {
            let end = at + words.len();
            [meaning[..at].to_owned(), words.to_owned(), meaning[end..].to_owned()]
        }
        None => [meaning.clone(), String::new(), String::new()],
    }
}

fn facts(index: &Index<'_>, reviewer: &Reviewer, statement: &Statement<'_>) -> Vec<Fact> {
    let record = statement.record;
    let mut out = Vec::new();
    let dossier = record.package().and_then(|id| index.register.packages.get(id));
    let what = decided(record);
    out.push(Fact::new("What you sign", what).link(Link::new(statement.change.clone(), "Change")));
    if let Some(subject) = &record.subject {
        out.push(Fact::new("Package", format!("{}, revision {}", subject.package, subject.revision)));
        out.push(Fact::hash("Package fingerprint (SHA-256)", &subject.digest));
    }
    if let (Some(step), Some(dossier)) = (&record.step, dossier)
        && let Some(revision) = dossier.current()
    {
        let chain = &revision.chain;
        let title = chain.step(step).map_or("", |s| s.title.as_str());
        let role = record.role.as_ref().map(words::role).unwrap_or_default();
        out.push(Fact::new("Your role", role));
        out.push(Fact::new(
            "Place in the chain",
            format!(
                "Step {} of {}, {title}, in \u{201c}{}\u{201d}",
                number(chain, step),
                chain.steps.len(),
                chain.title
            ),
        ));
        let judged = chain.step(step).map_or(&[][..], |s| &s.scope[..]);
        let sections: Vec<_> = judged.iter().filter(|s| chain.section(s).is_some()).collect();
        let read = sections
            .iter()
            .filter(|s| state(reviewer, &dossier.id, s, &revision.package).0.is_some())
            .count();
        out.push(
            Fact::new("Sections you judge, read", format!("{read} of {}", sections.len()))
                .link(Link::new("index.html", "Review the sections")),
        );
        let open = dossier.outcome.threads.iter().filter(|t| {
            matches!(t.state, crate::engine::ThreadState::Open | crate::engine::ThreadState::Answered)
        });
        let open = open.count();
        let said = dossier.outcome.threads.len();
        let threads = match (said, open) {
            (0, _) => "none".to_owned(),
            (n, 0) => format!("{}, every question closed", words::count(n, "thread")),
            (n, open) => format!("{}, {} open", words::count(n, "thread"), words::count(open, "question")),
        };
        out.push(Fact::new("Comments in the record", threads));
    }
    match &record.body {
        Body::Submit(submit) => submission(index, record, submit, &mut out),
        Body::Delegate(delegate) => delegation(index, delegate, &mut out),
        _ => {}
    }
    if let Body::Comment(comment) = &record.body {
        let kind = if comment.blocking {
            "Must be answered before the package can pass"
        } else {
            "No answer needed"
        };
        out.push(Fact::new("Kind", kind));
        let chain = dossier.and_then(Dossier::current).map(|r| &r.chain);
        let section = chain.and_then(|c| c.section(&comment.section));
        out.extend(section.map(|section| Fact::new("Section", section.title.clone())));
        if comment.anchor.is_none() && comment.about.is_none() {
            out.push(Fact::new("Passage", "The whole section"));
        }
    }
    if let Some(principal) = &record.signer.acting_for {
        out.push(Fact::new("In the place of", format!("{}, {principal}", index.name(principal))));
    }
    out.push(Fact::new("Signed as", format!("{}, {}", record.signer.name, record.signer.person)));
    out.push(Fact::mono("With the key", record.signer.key.to_string()));
    let ledger = match record.seen.size {
        0 => "Nothing in it yet".to_owned(),
        n => format!("Entry {}", n - 1),
    };
    out.push(Fact::new("Ledger verified to", ledger));
    out.push(Fact::new("Time", format!("{}, when this statement was drawn up", record.signed_at.human())));
    if record.assistance != "none" {
        out.push(Fact::new("Assistance declared", record.assistance.clone()));
    }
    if let Some((fate, outcome)) = statement.foreseen
        && words::in_effect(fate.code)
    {
        out.push(Fact::new("What follows", format!("The package is then {}.", outcome.state.words())));
    }
    out
}

/// Who wrote what is submitted: these people cannot approve it.
fn submission(index: &Index<'_>, record: &Record, submit: &Submit, out: &mut Vec<Fact>) {
    if let Some(subject) = &record.subject {
        out.push(Fact::new("Model", format!("{}, version {}", subject.model.name, subject.model.version)));
        let chain = index.register.chains.get(&subject.chain.id);
        out.push(Fact::new(
            "Approval chain",
            chain.map_or_else(|| subject.chain.id.to_string(), |chain| chain.title.clone()),
        ));
    }
    out.push(Fact::new("Files frozen", words::count(submit.manifest.lines().count(), "file")));
    out.push(Fact::new("Written by", words::list(&index.names(&submit.authors))));
    if !submit.contributors.is_empty() {
        out.push(Fact::new("Changed by", words::list(&index.names(&submit.contributors))));
    }
    if !submit.exceptions.is_empty() {
        out.push(Fact::new("Exceptions asked for", words::list(&submit.exceptions)));
    }
}

/// Who stands in for whom, with the names.
fn delegation(index: &Index<'_>, delegate: &Delegate, out: &mut Vec<Fact>) {
    out.push(Fact::new("Who is away", index.name(&delegate.principal)));
    out.push(Fact::new("Who decides in that place", index.name(&delegate.to)));
    let list =
        |all: Vec<String>, every: &str| if all.is_empty() { every.to_owned() } else { words::list(&all) };
    let titles = super::stand_in::steps(index.register);
    let title = |id: &crate::id::StepId| titles.get(id).cloned().unwrap_or_else(|| id.to_string());
    out.push(Fact::new("In the steps", list(delegate.steps.iter().map(title).collect(), "Every step")));
    let title = |id: &crate::id::PackageId| super::home::title(index.register.packages.get(id), id.as_str());
    out.push(Fact::new("For", list(delegate.packages.iter().map(title).collect(), "Every package")));
    out.push(Fact::new("From", delegate.from.human()));
    out.push(Fact::new("Until", delegate.until.human()));
}

/// What a record decides or says, in a few words.
pub(crate) fn decided(record: &Record) -> String {
    match &record.body {
        Body::Decide(Decide { decision: Decision::Approve, conditions, .. }) if conditions.is_empty() => {
            "Approve without conditions".to_owned()
        }
        Body::Decide(Decide { decision: Decision::Approve, conditions, .. }) => {
            format!("Approve with {}", words::count(conditions.len(), "condition"))
        }
        Body::Decide(Decide { decision: Decision::Reject, findings, severity, .. }) => format!(
            "Reject with {}{}",
            words::count(findings.len(), "finding"),
            if severity.is_some() { ", as final" } else { "" }
        ),
        Body::Decide(Decide { decision: Decision::Clarify, .. }) => "Request clarification".to_owned(),
        Body::Decide(Decide { decision: Decision::Abstain, .. }) => "Abstain".to_owned(),
        Body::Comment(comment) if comment.blocking => "A question".to_owned(),
        _ => words::kind(record.kind()).0.to_owned(),
    }
}

/// The whole act, in the first person: no tick box could say more.
fn button(index: &Index<'_>, record: &Record) -> String {
    let act = match &record.body {
        Body::Decide(d) => match d.decision {
            Decision::Approve if d.conditions.is_empty() => "I approve".to_owned(),
            Decision::Approve => format!("I approve with {}", words::count(d.conditions.len(), "condition")),
            Decision::Reject if d.severity.is_some() => {
                format!("I reject for good, with {}", words::count(d.findings.len(), "finding"))
            }
            Decision::Reject => format!("I reject with {}", words::count(d.findings.len(), "finding")),
            Decision::Clarify => "I ask for clarification".to_owned(),
            Decision::Abstain => "I abstain".to_owned(),
        },
        Body::Comment(c) if c.blocking => "I ask this question".to_owned(),
        Body::Delegate(d) if d.principal == record.signer.person => {
            format!("I let {} decide in my place", index.name(&d.to))
        }
        Body::Delegate(d) => {
            format!("I let {} decide in the place of {}", index.name(&d.to), index.name(&d.principal))
        }
        Body::Submit(_) => format!("I submit revision {}", record.revision().unwrap_or(0)),
        _ => match record.kind() {
            Kind::Comment => "I comment",
            Kind::Answer => "I answer",
            Kind::Resolve => "I close my question",
            Kind::Withdraw => "I take it back",
            Kind::Recuse => "I step aside",
            Kind::Object => "I object",
            Kind::Retract => "I take the revision out of review",
            Kind::Discharge => "I declare the condition met",
            Kind::Verify => "I have checked the condition",
            Kind::Waive => "I drop the condition",
            Kind::Confirm => "I confirm my approval",
            Kind::ResolveRejection => "I set the rejection aside",
            Kind::Override => "I answer for setting the steps aside",
            Kind::Certify => "I issue the certificate",
            Kind::Revoke => "I take the certificate out of force",
            Kind::Undelegate => "I end the delegation",
            _ => "I agree",
        }
        .to_owned(),
    };
    match &record.signer.acting_for {
        Some(principal) => format!("{act}, for {}: sign", index.name(principal)),
        None => format!("{act}: sign"),
    }
}
