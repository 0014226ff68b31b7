//! A package's page for one reader: what I am asked, what is still missing, my three options.

use super::Reviewer;
use super::act::author_side;
use super::home::opens_after;
use super::section::state;
use crate::chain::Voter;
use crate::dossier::{Dossier, Working};
use crate::engine::{self, ConditionState, PackageState, Revision, StepOutcome, StepState, ThreadState};
use crate::id::PersonId;
use crate::record::{Body, Decision};
use crate::site::view::stepper::number;
use crate::site::view::{Index, Link, When};
use crate::site::words;
use serde::Serialize;

/// What the reader may do with a package.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct PackageDesk {
    /// One for each step that is this reader's.
    pub steps: Vec<MyStep>,
    /// What this page is to the reader when no step is theirs to decide now.
    pub note: String,
    pub progress: String,
    /// What else waits for this reader here, each with where it stands.
    pub waiting: Vec<Link>,
    /// What this reader decided before, and where the change since is.
    pub before: Option<(String, Link)>,
    /// Sections that the steps of this reader judge.
    #[serde(skip)]
    pub required: Vec<crate::id::SectionId>,
    /// Rarer things to sign, each on a page of its own.
    pub acts: Vec<Link>,
}

/// A step of this reader.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MyStep {
    pub title: String,
    pub heading: String,
    /// Whose seat it is and until when, or who may fill this reader's.
    pub note: String,
    /// What is enough for the step to pass.
    pub rule: String,
    pub since: Option<When>,
    /// A small change to confirm instead of deciding anew.
    pub confirm: Option<Link>,
    /// Where the step stands for this reader.
    pub state: String,
    pub due: Option<When>,
    pub overdue: bool,
    /// The sections this step judges, in the chain's order.
    pub checklist: Vec<Item>,
    /// Why approving is not possible, when it is more than something missing.
    pub refusal: String,
    pub options: Vec<MyOption>,
}

/// A section to read before deciding.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Item {
    pub link: Link,
    pub word: &'static str,
    pub read: bool,
}

/// One of the three options.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MyOption {
    pub id: String,
    pub href: String,
    pub title: &'static str,
    pub consequence: String,
    /// Why it cannot be signed yet; empty if it can.
    pub blocked: String,
}

/// The line over the heading of every page of the ceremony.
pub(crate) fn eyebrow(dossier: &Dossier) -> String {
    let package = dossier.current().map(|r| r.package.as_ref()).or(dossier.package.as_deref());
    let model =
        package.map_or(String::new(), |p| format!("{}, version {}. ", p.meta.title, p.meta.model.version));
    match dossier.current() {
        Some(_) => format!("{model}Package {}, revision {}", dossier.id, dossier.outcome.revision),
        None => format!("{model}Package {}, not submitted", dossier.id),
    }
}

/// The same, where there may be no package.
pub(crate) fn eyebrow_of(index: &Index<'_>, dossier: Option<&Dossier>) -> String {
    dossier.map_or_else(|| index.register.name.clone(), eyebrow)
}

impl PackageDesk {
    pub(crate) fn new(
        index: &Index<'_>,
        reviewer: &Reviewer,
        dossier: &Dossier,
        revision: &Revision,
    ) -> PackageDesk {
        let outcome = &dossier.outcome;
        let me = &reviewer.person;
        let person = index.register.people.person(me);
        let own = |s: &&StepOutcome| {
            let step = revision.chain.step(&s.id);
            let holds = |role: &crate::id::RoleId| person.is_some_and(|p| p.roles.contains(role));
            let veto = |v: &Voter| match v {
                Voter::Role(role) => holds(role),
                Voter::Person(id) => id == me,
            };
            s.seats.iter().any(|seat| seat.person == *me)
                || s.escalated_to.iter().any(holds)
                || step.is_some_and(|step| step.roles().any(holds) || step.veto.iter().any(veto))
        };
        let others = |s: &&StepOutcome| !super::seats(index.register, dossier, s, me).is_empty();
        let mine = |s: &&StepOutcome| own(s) || others(s);
        let mut steps: Vec<MyStep> = Vec::new();
        for step in &outcome.steps {
            if own(&step) {
                steps.push(my_step(index, reviewer, dossier, revision, step, me));
            }
            for principal in super::seats(index.register, dossier, step, me) {
                steps.push(my_step(index, reviewer, dossier, revision, step, &principal));
            }
        }
        let author = author_side(index.register, dossier).contains(me);
        let note = if author {
            "You are on the author\u{2019}s side of this package. You answer questions and findings; you cannot \
             approve what you wrote."
        } else if steps.is_empty() {
            "No step of this package is yours to decide. You can read it and comment."
        } else {
            ""
        };
        let sections = &revision.chain.sections;
        let read = sections
            .iter()
            .filter(|s| state(reviewer, &dossier.id, &s.id, &revision.package).0.is_some())
            .count();
        let judged = outcome.steps.iter().filter(mine).filter_map(|s| revision.chain.step(&s.id));
        PackageDesk {
            required: judged.flat_map(|step| step.scope.iter().cloned()).collect(),
            steps,
            note: note.to_owned(),
            progress: format!("You have read {read} of {}.", words::count(sections.len(), "section")),
            waiting: waiting(reviewer, dossier, revision, author),
            before: before(index, reviewer, dossier),
            acts: acts(index, reviewer, dossier, author),
        }
    }
}

impl PackageDesk {
    /// A package that was never submitted: its authors submit it from here.
    pub(crate) fn draft(index: &Index<'_>, reviewer: &Reviewer, dossier: &Dossier) -> PackageDesk {
        // Of a draft that cannot be read, anybody may be the author.
        let author = dossier.package.is_none() || super::drafts::writes(index, dossier, &reviewer.person);
        let ready = dossier.package.is_some() && !dossier.diagnostics.has_errors();
        let note = match (author, ready) {
            (false, _) => "This package has not been submitted for review. Nothing is asked of you.",
            (true, true) => {
                "You are on the author\u{2019}s side of this package. Nothing is missing: it can be submitted for review."
            }
            (true, false) => {
                "This package has not been submitted for review. It can be once the problems below are mended."
            }
        };
        let submit = Link::new("act.html?act=submit", "Submit revision 1 for review");
        PackageDesk {
            steps: Vec::new(),
            note: note.to_owned(),
            progress: String::new(),
            waiting: if author && ready { vec![submit] } else { Vec::new() },
            before: None,
            required: Vec::new(),
            acts: Vec::new(),
        }
    }
}

/// Questions to answer or to close, and findings that a new revision must answer.
fn waiting(reviewer: &Reviewer, dossier: &Dossier, revision: &Revision, author: bool) -> Vec<Link> {
    let link = |section: &crate::id::SectionId, text: String| {
        Link::new(format!("#{}", crate::site::address::section_anchor(section)), text)
    };
    let title = |id: &crate::id::SectionId| {
        revision.chain.section(id).map_or_else(|| id.to_string(), |s| format!("\u{201c}{}\u{201d}", s.title))
    };
    let mut out = Vec::new();
    for thread in &dossier.outcome.threads {
        let section = &thread.section;
        if author && thread.state == ThreadState::Open {
            out.push(link(section, format!("Answer the question on {}", title(section))));
        }
        if thread.asker == reviewer.person && thread.state == ThreadState::Answered {
            let text = format!("Your question on {} was answered: close it, or ask on", title(section));
            out.push(link(section, text));
        }
    }
    if author {
        for finding in dossier.outcome.findings.iter().filter(|f| f.open) {
            let section = &finding.finding.section;
            let text =
                format!("Finding {} on {}: answer it with a new revision", finding.id(), title(section));
            out.push(link(section, text));
        }
        if matches!(dossier.working, Working::Unsubmitted { .. }) {
            let next = dossier.outcome.revision + 1;
            let text = format!(
                "The files differ from revision {}: submit revision {next}",
                dossier.outcome.revision
            );
            out.push(Link::new("act.html?act=submit", text));
        }
    }
    out
}

/// What the reader decided on an earlier revision, with the page that shows what changed since.
pub(crate) fn before(index: &Index<'_>, reviewer: &Reviewer, dossier: &Dossier) -> Option<(String, Link)> {
    let now = dossier.current()?.number;
    let mine = index.entries_of(dossier).filter(|e| e.record().signer.person == reviewer.person);
    let (decide, revision) = mine
        .filter_map(|e| match &e.record().body {
            Body::Decide(decide) => Some((decide, e.record().revision()?)),
            _ => None,
        })
        .last()?;
    if revision >= now {
        return None;
    }
    let (word, _, _) = words::decision(decide.decision, decide.conditions.len());
    let page = super::delta::page_of(revision, now);
    let link = Link::new(page, format!("See exactly what changed since revision {revision}"));
    Some((format!("You decided on revision {revision}: {}.", word.to_lowercase()), link))
}

fn my_step(
    index: &Index<'_>,
    reviewer: &Reviewer,
    dossier: &Dossier,
    revision: &Revision,
    step: &StepOutcome,
    seat: &PersonId,
) -> MyStep {
    let me = &reviewer.person;
    let acting = seat != me;
    let case = dossier.case(index.register);
    let case = case.get();
    let may = |decision| engine::may_decide(&case, seat, &step.id, decision);
    let no = number(&revision.chain, &step.id);
    let mut out = MyStep {
        title: step.title.clone(),
        heading: match acting {
            false => format!("Your decision, step {no}: {}", step.title),
            true => format!("In place of {}, step {no}: {}", index.name(seat), step.title),
        },
        note: match acting {
            false => super::stand_in::handed_on(index, reviewer, dossier, step),
            true => super::stand_in::until(index, dossier, step, seat, me),
        },
        rule: if step.rule.is_empty() { String::new() } else { format!("It takes {}.", step.rule) },
        since: step.opened.filter(|_| !step.state.passed()).map(When::from),
        confirm: None,
        state: String::new(),
        due: step.due.map(When::from),
        overdue: step.overdue,
        checklist: Vec::new(),
        refusal: String::new(),
        options: Vec::new(),
    };
    out.checklist = checklist(reviewer, dossier, revision, &step.id);
    if !index.register.ledger.breaks.is_empty() {
        out.state = "The ledger does not verify, so nothing can be signed.".to_owned();
        return out;
    }
    if step.state == StepState::Waiting {
        let (after, who) = opens_after(index, dossier, &step.id);
        let who = if who.is_empty() { String::new() } else { format!(", which waits for {who}") };
        out.state = format!("Opens after {after}{who}. You can read and comment now, and decide then.");
        return out;
    }
    let (approve, reject) = (may(Decision::Approve), may(Decision::Reject));
    if let Err(refusal) = &reject {
        out.state = super::home::sentence(&refusal.words);
        return out;
    }
    if let Err(refusal) = &approve {
        out.refusal = super::home::sentence(&refusal.words);
    }
    out.state = words::step_state(step.state).0.to_owned() + ".";
    let left = out.checklist.iter().filter(|item| !item.read).count();
    let blocked = match (left, out.refusal.is_empty()) {
        (_, false) => out.refusal.clone(),
        (0, true) => String::new(),
        (n, true) => format!("Not yet: {} to read and mark as read.", words::count(n, "section")),
    };
    let (place, by) = match acting {
        false => (String::new(), String::new()),
        true => (format!("-for-{seat}"), format!("&for={seat}")),
    };
    let option = |word: &str, title, consequence: &str| MyOption {
        id: format!("decide-{}{place}-{word}", step.id),
        href: format!("decide.html?step={}&choice={word}{by}", step.id),
        title,
        consequence: consequence.to_owned(),
        blocked: if word == "approve" { blocked.clone() } else { String::new() },
    };
    let next: Vec<&str> = revision
        .chain
        .steps
        .iter()
        .filter(|s| s.after.contains(&step.id))
        .map(|s| s.title.as_str())
        .collect();
    let opens = match next.as_slice() {
        [] => "It is the last step.".to_owned(),
        [one] => format!("The next step, {one}, can open."),
        many => format!("The next steps, {}, can open.", many.join(" and ")),
    };
    out.confirm = confirm(reviewer, dossier, step).filter(|_| !acting);
    out.options = vec![
        option(
            "approve",
            "Approve",
            &format!("Records that the package meets your criterion, with any conditions you set. {opens}"),
        ),
        option(
            "reject",
            "Reject",
            &format!(
                "Records what does not meet the criterion and what would need to change. The authors can submit \
                 revision {}.",
                revision.number + 1
            ),
        ),
        option(
            "clarify",
            "Request clarification",
            "Sends your question to the authors. The review pauses; nothing is approved or rejected.",
        ),
    ];
    let quorum = revision
        .chain
        .step(&step.id)
        .is_some_and(|s| s.ways.iter().any(|way| matches!(way.tally, crate::chain::Tally::Quorum(_))));
    if quorum {
        out.options.push(option("abstain", "Abstain", "Counts you as present, without a vote."));
    }
    out
}

/// Where this reader confirms a small change, if that is asked in the step.
fn confirm(reviewer: &Reviewer, dossier: &Dossier, step: &StepOutcome) -> Option<Link> {
    let mut asked = dossier.outcome.advice.iter().filter(|a| {
        a.step.as_ref() == Some(&step.id)
            && a.who.contains(&reviewer.person)
            && step.state == StepState::NeedsConfirm
    });
    let (from, to) = asked.next()?.read?;
    let text = format!("Read the change from revision {from} to {to} and confirm your approval");
    Some(Link::new(format!("act.html?act=confirm&section={}", step.id), text))
}

fn checklist(
    reviewer: &Reviewer,
    dossier: &Dossier,
    revision: &Revision,
    step: &crate::id::StepId,
) -> Vec<Item> {
    let Some(step) = revision.chain.step(step) else { return Vec::new() };
    let sections = revision.chain.sections.iter().enumerate().filter(|(_, s)| step.scope.contains(&s.id));
    sections
        .map(|(n, section)| {
            let (mark, changed) = state(reviewer, &dossier.id, &section.id, &revision.package);
            Item {
                link: Link::new(
                    format!("#{}", crate::site::address::section_anchor(&section.id)),
                    format!("{}. {}", n + 1, section.title),
                ),
                word: match (mark, changed) {
                    (Some(_), _) => "Read",
                    (None, true) => "Changed, not read",
                    (None, false) => "Not read",
                },
                read: mark.is_some(),
            }
        })
        .collect()
}

/// Sections the step judges that the reader has not marked as read.
pub(crate) fn unread(
    reviewer: &Reviewer,
    dossier: &Dossier,
    revision: &Revision,
    step: &crate::id::StepId,
) -> Vec<crate::id::SectionId> {
    let Some(step) = revision.chain.step(step) else { return Vec::new() };
    let read = |id| state(reviewer, &dossier.id, id, &revision.package).0.is_some();
    step.scope.iter().filter(|id| revision.chain.section(id).is_some() && !read(*id)).cloned().collect()
}

/// Rarer things this reader could sign. The engine says on the next page whether it would count.
fn acts(index: &Index<'_>, reviewer: &Reviewer, dossier: &Dossier, author: bool) -> Vec<Link> {
    let outcome = &dossier.outcome;
    let me = &reviewer.person;
    let mut out = Vec::new();
    let link = |act: &str, more: String, text: String| Link::new(format!("act.html?act={act}{more}"), text);
    for seat in outcome.steps.iter().flat_map(|s| &s.seats).filter(|seat| seat.person == *me) {
        let word = match seat.decision {
            Decision::Approve => "approval",
            Decision::Reject => "rejection",
            Decision::Clarify => "request for clarification",
            Decision::Abstain => "abstention",
        };
        out.push(link(
            "withdraw",
            format!("&about={}", seat.record),
            format!("Take back your {word} of revision {}", seat.revision),
        ));
    }
    let running =
        !matches!(outcome.state, PackageState::Certified | PackageState::Superseded | PackageState::Draft);
    let waiting = |s: &&StepOutcome| s.state == StepState::Waiting && s.eligible.contains(me);
    if running {
        if outcome.steps.iter().any(|s| waiting(&s)) {
            out.push(link("object", String::new(), "Object before your step opens".to_owned()));
        }
        if outcome.steps.iter().any(|s| s.eligible.contains(me)) {
            out.push(link("recuse", String::new(), "Step aside from this review".to_owned()));
        }
        if author {
            out.push(link("retract", String::new(), "Take this revision out of review".to_owned()));
        }
    }
    out.extend(about_conditions(index, reviewer, dossier, author));
    out.extend(by_office(index, reviewer, dossier));
    out
}

/// What this reader may say about the terms of approvals.
fn about_conditions(index: &Index<'_>, reviewer: &Reviewer, dossier: &Dossier, author: bool) -> Vec<Link> {
    let me = &reviewer.person;
    let roles = index.register.people.person(me).map(|p| &p.roles);
    let holds =
        |role: Option<&crate::id::RoleId>| role.is_some_and(|role| roles.is_some_and(|r| r.contains(role)));
    let mut out = Vec::new();
    for condition in dossier.outcome.conditions.iter().filter(|c| !c.state.ended()) {
        let about = format!("&about={}&section={}", condition.record, condition.id());
        let link = |act: &str, text: String| Link::new(format!("act.html?act={act}{about}"), text);
        let set = index.entry(&condition.record).and_then(|e| e.record().role.as_ref());
        let checks = condition.condition.verifier_role.as_ref().or(set);
        let owner = condition.condition.owner.as_ref();
        let declared = condition.state == ConditionState::Discharged;
        if (owner == Some(me) || owner.is_none() && author) && !declared {
            out.push(link("discharge", format!("Declare condition {} met", condition.id())));
        }
        let by_me = |id| index.entry(id).is_some_and(|e| e.record().signer.person == *me);
        if declared && holds(checks) && !condition.records.last().is_some_and(by_me) {
            out.push(link("verify", format!("Check whether condition {} is met", condition.id())));
        }
        if holds(set) {
            out.push(link("waive", format!("Drop condition {}", condition.id())));
        }
    }
    out
}

/// What holders of the special roles may sign.
fn by_office(index: &Index<'_>, reviewer: &Reviewer, dossier: &Dossier) -> Vec<Link> {
    let outcome = &dossier.outcome;
    let roles = index.register.people.person(&reviewer.person).map(|p| &p.roles);
    let holds = |name: &str| roles.is_some_and(|roles| roles.iter().any(|r| r.as_str() == name));
    let mut out = Vec::new();
    let link = |act: &str, more: String, text: String| Link::new(format!("act.html?act={act}{more}"), text);
    if holds("issuer") && outcome.state.passes() && outcome.certificate.is_none() {
        out.push(link("certify", String::new(), "Issue the certificate".to_owned()));
    }
    if holds("revoker") && outcome.certificate.as_ref().is_some_and(|c| c.revoked.is_none()) {
        out.push(link("revoke", String::new(), "Take the certificate out of force".to_owned()));
    }
    let Some(current) = dossier.current() else { return out };
    if holds("override") && current.chain.overridable {
        let waits = outcome.overrides.iter().filter(|o| o.code == engine::FateCode::OverrideNeedsSecond);
        for aside in waits {
            let by_me =
                index.entry(&aside.record).is_some_and(|e| e.record().signer.person == reviewer.person);
            if !by_me {
                let about = format!("&about={}", aside.record);
                out.push(link("second", about, "Second the request to set steps aside".to_owned()));
            }
        }
        if !outcome.state.passes() && outcome.steps.iter().any(|s| !s.state.passed()) {
            out.push(link("override", String::new(), "Ask to set steps aside".to_owned()));
        }
    }
    for step in &outcome.steps {
        let role = current.chain.step(&step.id).and_then(|s| s.resolve_rejection.as_ref());
        // Only a rejection that a new revision has answered can be set aside.
        let rejections = step
            .seats
            .iter()
            .filter(|s| s.code == engine::FateCode::StandingRejection && s.revision < current.number);
        for seat in rejections.filter(|_| role.is_some_and(|role| holds(role.as_str()))) {
            let text = format!("Set the rejection by {} aside", index.name(&seat.person));
            out.push(link("set-aside", format!("&about={}", seat.record), text));
        }
    }
    out
}
