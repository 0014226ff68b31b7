//! Everything a person can sign beside a decision: one form each, in place or as a page.

use super::delta::Delta;
use super::passage::{Pick, quotable};
use super::{Field, Problem, Reviewer, Summary};
use crate::digest::RecordId;
use crate::dossier::{Dossier, Register};
use crate::id::{PackageId, PersonId, SectionId};
use crate::record::Body;
use crate::site::address;
use crate::site::render::View;
use crate::site::view::panels::{self, Problems};
use crate::site::view::threads::Message;
use crate::site::view::{Frame, Index, Link};
use crate::text::Sources;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What was filled into a form, as it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActInput {
    /// `comment`, `answer`, `resolve`, ...
    pub act: String,
    /// About which package; none for what is about people.
    #[serde(default)]
    pub package: Option<PackageId>,
    /// The record it is about, in hex; may be empty.
    #[serde(default)]
    pub about: String,
    /// The section; may be empty.
    #[serde(default)]
    pub section: String,
    /// The passage quoted; may be empty.
    #[serde(default)]
    pub quote: String,
    /// One of the options of the form; may be empty.
    #[serde(default)]
    pub choice: String,
    /// The words.
    #[serde(default)]
    pub text: String,
    /// What the rarer acts ask besides, by the names of their fields.
    #[serde(default)]
    pub more: BTreeMap<String, String>,
}

impl ActInput {
    /// The name a draft of it is kept under.
    pub fn name(&self) -> String {
        let about: String = self.about.chars().take(16).collect();
        let place = self.package.as_ref().map_or("review", PackageId::as_str);
        format!("{place}/{}/{about}{}", self.act, self.section)
    }
}

/// A form for one act.
#[derive(Debug, Clone, Serialize)]
pub struct ActForm {
    pub(crate) id: String,
    pub(crate) act: &'static str,
    pub(crate) about: String,
    pub(crate) section: String,
    pub(crate) summary: String,
    /// The words, of acts that have some.
    pub(crate) text: Option<Field>,
    /// What it asks before them.
    pub(crate) fields: Vec<Field>,
    pub(crate) quote: Option<Field>,
    /// Where a passage is chosen from a list, in place of `quote`.
    pub(crate) pick: Option<Pick>,
    /// Where the page with that list is, on a form without it.
    pub(crate) list: String,
    pub(crate) choice: Option<Field>,
    pub(crate) button: String,
    pub(crate) ticket: String,
}

/// The kinds of act there are: name, heading, label of the words, hint, button.
const ACTS: &[(&str, &str, &str, &str, &str)] = &[
    ("comment", "Comment or ask for clarification", "Your comment", RECORD, "Check what you will sign"),
    ("reply", "Reply", "Your reply", RECORD, "Check what you will sign"),
    (
        "answer",
        "Answer",
        "Your answer, for the author\u{2019}s side",
        "It becomes part of the approval record. Who asked decides whether it settles the question.",
        "Check what you will sign",
    ),
    (
        "resolve",
        "Close the question",
        "Closing word (may be empty)",
        "It says that your question is settled. The question and its answers stay in the record.",
        "Check what you will sign",
    ),
    (
        "withdraw",
        "Take back",
        "Why do you take it back?",
        "Both stay in the record: what you signed, and that you took it back.",
        "Check what you will sign",
    ),
    (
        "recuse",
        "Step aside from this review",
        "Why do you step aside?",
        "Nothing you approved or approve in this package counts any more. A rejection of yours stays.",
        "Check what you will sign",
    ),
    (
        "object",
        "Object before your step opens",
        "What do you object to?",
        "It holds the package up until you approve your step or take it back.",
        "Check what you will sign",
    ),
    (
        "retract",
        "Take this revision out of review",
        "Why does it leave review?",
        "Reviewers can no longer approve this revision. A new one can be submitted.",
        "Check what you will sign",
    ),
    (
        "discharge",
        "Declare the condition met",
        "How was it met, and where is that shown?",
        "Somebody else checks it before it counts as met.",
        "Check what you will sign",
    ),
    (
        "verify",
        "Check whether the condition is met",
        "On what grounds?",
        "You may not check what you declared met yourself.",
        "Check what you will sign",
    ),
    (
        "waive",
        "Drop the condition",
        "Why is it dropped?",
        "The condition stays in the record, with your reason.",
        "Check what you will sign",
    ),
    (
        "confirm",
        "Confirm your approval after a small change",
        "",
        "",
        "I have read the change: check what I will sign",
    ),
    (
        "set-aside",
        "Set a rejection aside",
        "Why is it set aside?",
        "For a rejection that its signer does not look at again. It stays in the record, with your reason.",
        "Check what you will sign",
    ),
    (
        "override",
        "Ask to set steps aside",
        "Why can this not wait for the steps?",
        "A second person must sign the same before it has any effect. The record shows for ever that the steps were set \
         aside, by whom and why.",
        "Check what you will sign",
    ),
    (
        "second",
        "Second the request to set steps aside",
        "Why do you agree?",
        "You answer for it together with the person who asked.",
        "Check what you will sign",
    ),
    ("certify", "Issue the certificate", "", "", "Check what you will sign"),
    (
        "revoke",
        "Take the certificate out of force",
        "Why does it no longer hold?",
        "The model is then not approved any more. The certificate stays in the record.",
        "Check what you will sign",
    ),
    (
        "delegate",
        "I will be away",
        "Why? For example: on leave",
        "It becomes part of the record and is shown beside whatever is decided in that place.",
        "Check what you will sign",
    ),
    (
        "undelegate",
        "End a delegation",
        "Why does it end?",
        "What was decided under it stands.",
        "Check what you will sign",
    ),
    ("submit", "Submit a revision for review", "", "", "Check what you will sign"),
];

/// What an act means, said before the form.
fn explained(input: &ActInput) -> &'static str {
    match input.act.as_str() {
        "delegate" if input.more.contains_key("x-for") => {
            "You do this as a registrar, for somebody who is away and cannot. The record names you both. Whoever was away \
             can end it at any time, and what they decide themselves stands over it."
        }
        "confirm" => {
            "You approved before the change below. If you stand by your approval for the text as it is now, confirm it; if \
             not, go back and decide anew."
        }
        "submit" => {
            "The files as they are on this computer become the revision under review. It is frozen: what is reviewed and \
             signed from then on is exactly that text. Whoever wrote or submits it cannot approve it."
        }
        "certify" => {
            "The certificate freezes the outcome: every decision, condition and round. It is what others rely on."
        }
        "override" => {
            "An override lets the package pass without the decision of the steps you name. It is for emergencies."
        }
        "delegate" => "Somebody else decides in your place while you are away. You can end it at any time.",
        _ => "",
    }
}

const RECORD: &str =
    "It becomes part of the approval record and cannot be deleted. You can add a correction later.";

impl ActForm {
    /// The form of an act; `None` if there is no such act.
    pub(crate) fn new(
        act: &str,
        id: &str,
        ticket: &str,
        filled: &ActInput,
        problems: &[Problem],
    ) -> Option<ActForm> {
        let (act, summary, label, hint, button) = *ACTS.iter().find(|a| a.0 == act)?;
        let name = |field: &str| if id.is_empty() { field.to_owned() } else { format!("{id}-{field}") };
        let field = |what: &str, label: &str, value: &str| Field {
            error: Problem::of(problems, what),
            ..Field::new(name(what), label, value, &[])
        };
        let choice = match act {
            "comment" => Some(
                field("choice", "What kind of comment is it?", &filled.choice).among([
                    (
                        "ask".to_owned(),
                        "Request for clarification: the authors must answer before the package can pass"
                            .to_owned(),
                    ),
                    ("note".to_owned(), "Note for the record: no answer needed".to_owned()),
                ]),
            ),
            "verify" => Some(field("choice", "Is it met?", &filled.choice).among([
                ("yes".to_owned(), "Yes, the condition is met".to_owned()),
                ("no".to_owned(), "No, it goes back to its owner".to_owned()),
            ])),
            _ => None,
        };
        let quote = (act == "comment").then(|| {
            field("quote", "Passage it is about (optional)", &filled.quote)
                .hint("Copy the words from the text above and paste them here.")
        });
        Some(ActForm {
            id: if id.is_empty() { "act".to_owned() } else { id.to_owned() },
            act,
            about: filled.about.clone(),
            section: filled.section.clone(),
            summary: summary.to_owned(),
            text: (!label.is_empty()).then(|| field("text", label, &filled.text).hint(hint)),
            fields: Vec::new(),
            quote,
            pick: None,
            list: String::new(),
            choice,
            button: button.to_owned(),
            ticket: ticket.to_owned(),
        })
    }

    /// An empty form about a record of a package.
    pub(crate) fn about(
        act: &str,
        reviewer: &Reviewer,
        package: &PackageId,
        record: &RecordId,
    ) -> Option<ActForm> {
        let input = ActInput { about: record.to_string(), ..ActInput::empty(act, Some(package)) };
        ActForm::new(act, &format!("{act}-{}", record.short()), &reviewer.ticket, &input, &[])
    }

    /// The same form under other words.
    pub(crate) fn titled(self, summary: String) -> ActForm {
        ActForm { summary, ..self }
    }
}

impl ActInput {
    /// Nothing filled in yet.
    pub fn empty(act: &str, package: Option<&PackageId>) -> ActInput {
        ActInput {
            act: act.to_owned(),
            package: package.cloned(),
            about: String::new(),
            section: String::new(),
            quote: String::new(),
            choice: String::new(),
            text: String::new(),
            more: BTreeMap::new(),
        }
    }
}

/// Who stands on the author's side of a package: whoever submitted, wrote or changed a revision.
pub fn author_side(register: &Register, dossier: &Dossier) -> Vec<PersonId> {
    let mut people = BTreeSet::new();
    for entry in dossier.entries.iter().filter_map(|at| register.ledger.entries.get(*at)) {
        if let Body::Submit(submit) = &entry.record().body {
            people.insert(entry.record().signer.person.clone());
            people.extend(submit.authors.iter().chain(&submit.contributors).cloned());
        }
    }
    people.into_iter().collect()
}

/// One act as a page of its own.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ActView {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: String,
    pub summary: Summary,
    /// What it is about, as it stands in the record.
    pub context: Vec<Message>,
    pub lines: Vec<String>,
    pub form: ActForm,
    pub action: String,
    pub back: Link,
    /// What changed, where the act is about that.
    pub delta: Option<Delta>,
    /// What must be mended before the act is possible; then there is no form.
    pub problems: Option<Problems>,
}

impl View for ActView {
    const TEMPLATE: &'static str = "agent-act.html";

    fn fill(&mut self, sources: &dyn Sources) -> bool {
        self.delta.as_mut().is_none_or(|delta| delta.fill(sources))
    }
}

pub(crate) fn page(
    index: &Index<'_>,
    sources: &dyn Sources,
    reviewer: &Reviewer,
    input: &ActInput,
    problems: &[Problem],
) -> Option<ActView> {
    let dossier = match &input.package {
        Some(id) => Some(index.register.packages.get(id)?),
        None => None,
    };
    let people = matches!(input.act.as_str(), "delegate" | "undelegate");
    if people == dossier.is_some() {
        return None;
    }
    let path = address::ceremony(input.package.as_ref(), "act.html");
    let root = path.root();
    let mut form = ActForm::new(&input.act, "", &reviewer.ticket, input, problems)?;
    if form.act == "delegate" && input.more.contains_key("x-for") {
        form.summary = "Somebody is away".to_owned();
    }
    if let (Some(number), "submit") = (dossier.and_then(super::drafts::next), form.act) {
        form.summary = format!("Submit revision {number} for review");
    }
    let section = input.section.parse::<SectionId>().ok();
    let titled =
        section.as_ref().and_then(|id| dossier?.current()?.chain.section(id)).map(|s| s.title.clone());
    let heading = match &titled {
        Some(title) => format!("{}: {title}", form.summary),
        None => form.summary.clone(),
    };
    let mut frame = index.frame(&path, heading.clone());
    let whole = if dossier.is_some() { "the package" } else { "your reviews" };
    frame.crumbs = vec![Link::new("index.html", format!("Back to {whole}"))];
    if !problems.is_empty() {
        frame.title = format!("Error: {}", frame.title);
    }
    let mut context = Vec::new();
    let mut lines = Vec::new();
    if let Some(id) = index.record_starting(&input.about) {
        let thread = dossier.and_then(|d| Some((d, d.outcome.threads.iter().find(|t| t.id == id)?)));
        match thread {
            Some((dossier, thread)) => {
                let window = crate::site::view::threads::Window { index, dossier, root: &root, only: None };
                context.extend(window.message(thread));
            }
            None => lines.extend(
                index.entry(&id).map(|e| super::home::sentence(&crate::record::wording::event(e.record()))),
            ),
        }
    }
    for message in &mut context {
        message.acts.clear();
        let found = dossier.zip(message.section.as_ref()).filter(|_| message.to_find);
        if let Some(quotable) = found.and_then(|(dossier, id)| quotable(dossier, id, sources)) {
            message.find(&quotable);
        }
    }
    if matches!(input.act.as_str(), "discharge" | "verify" | "waive") {
        let conditions = dossier.iter().flat_map(|d| &d.outcome.conditions);
        let mut conditions = conditions.filter(|c| c.id().as_str() == input.section);
        lines = Vec::new();
        if let Some(found) = conditions.next() {
            lines.push(found.condition.text.clone());
            for entry in found.records.iter().filter_map(|id| index.entry(id)) {
                let said = entry.record();
                let reason = said.body.reason().unwrap_or_default();
                lines.push(format!(
                    "{}: \u{201c}{reason}\u{201d}",
                    super::home::sentence(&crate::record::wording::event(said))
                ));
            }
        }
    }
    let explained = explained(input);
    if !explained.is_empty() {
        lines.insert(0, explained.to_owned());
    }
    if let (Some(dossier), Some(section), "comment") = (dossier, &section, form.act) {
        let mut pick = Pick::new(input, section.clone(), problems);
        if pick.fill(dossier, sources) {
            (form.pick, form.quote) = (Some(pick), None);
        }
    }
    let asked = super::fields::Asked { index, dossier, input, problems };
    form.fields = asked.all();
    let delta = dossier.and_then(|dossier| match input.act.as_str() {
        "confirm" => {
            let step = dossier.outcome.steps.iter().find(|s| s.id.as_str() == input.section)?;
            let mine = |a: &&crate::engine::Advice| {
                a.step.as_ref() == Some(&step.id) && a.who.contains(&reviewer.person)
            };
            let (from, to) = dossier.outcome.advice.iter().filter(mine).find_map(|a| a.read)?;
            Delta::new(index, dossier, from, Some(to))
        }
        "submit" => Delta::new(index, dossier, dossier.current()?.number, None),
        _ => None,
    });
    let stopped =
        dossier.filter(|d| form.act == "submit" && (d.package.is_none() || d.diagnostics.has_errors()));
    if stopped.is_some() {
        lines = vec![
            "It cannot be submitted yet. Mend these in the files of the package, then open this page again."
                .to_owned(),
        ];
    }
    Some(ActView {
        problems: stopped.and_then(panels::problems),
        eyebrow: super::package::eyebrow_of(index, dossier),
        heading,
        summary: Summary::new(problems, ""),
        context,
        lines,
        form,
        action: "act".to_owned(),
        back: Link::new("index.html", format!("Return to {whole} without signing")),
        delta,
        frame,
    })
}
