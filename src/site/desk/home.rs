//! What awaits this reader, what waits for others, what was decided lately.

use super::Reviewer;
use super::absent::Late;
use super::act::author_side;
use super::drafts::Draft;
use crate::dossier::{Dossier, Register};
use crate::engine::{Advice, PackageState, StepState, ThreadState};
use crate::record::Body;
use crate::site::address;
use crate::site::render::View;
use crate::site::view::panels;
use crate::site::view::{Banner, Frame, Index, Link, Signature, Tag, When, broken};
use crate::site::words;
use crate::text::Sources;
use crate::time::Timestamp;
use serde::Serialize;

/// Decisions shown as recent.
const RECENT: usize = 10;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct HomeView {
    pub frame: Frame,
    pub name: String,
    pub banners: Vec<Banner>,
    /// Decisions this reader may make now.
    pub awaiting: Vec<Row>,
    /// Whatever else waits for this reader: answers, closings, a new revision, a certificate.
    pub asked: Vec<Row>,
    pub unsigned: Vec<Begun>,
    pub others: Vec<Wait>,
    pub recent: Vec<Recent>,
    /// What this reader writes and has not submitted.
    pub drafts: Vec<Draft>,
    pub away: Vec<Away>,
    /// For registrars: deadlines of people who are away.
    pub late: Vec<Late>,
    pub registrar: bool,
    pub ledger: String,
    pub ledger_link: String,
    pub action: String,
    pub ticket: String,
}

impl View for HomeView {
    const TEMPLATE: &'static str = "agent-home.html";
}

/// A package that waits for the reader.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub link: Link,
    pub id: String,
    pub revision: String,
    pub asked: Vec<String>,
    /// What changed since this reader decided last.
    pub changed: Option<Link>,
    pub role: String,
    /// In whose place, if in another's.
    pub place: String,
    pub since: Option<When>,
    pub due: Option<When>,
    pub overdue: bool,
    #[serde(skip)]
    order: (bool, bool, Option<Timestamp>, Option<Timestamp>),
}

/// Something begun and not signed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Begun {
    pub link: Link,
    pub package: String,
    pub name: String,
    pub at: When,
}

/// Something that waits for somebody else.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Wait {
    pub link: Link,
    pub what: String,
    pub who: String,
}

/// A delegation by the reader, or to the reader.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Away {
    pub text: String,
    /// Where the reader ends it, if it is theirs to end.
    pub end: Option<Link>,
}

/// A decision of the reader.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Recent {
    pub link: Link,
    pub decision: Tag,
    pub by: Signature,
    pub revision: u32,
    pub fate: String,
}

pub(crate) fn page(index: &Index<'_>, sources: &dyn Sources, reviewer: &Reviewer) -> HomeView {
    let path = address::awaiting();
    let root = path.root();
    let mut frame = index.frame(&path, "Your reviews".to_owned());
    frame.here = "awaiting";
    let register = index.register;
    let (mut awaiting, mut asked, mut others, mut recent) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for dossier in register.packages.values() {
        let mine = |a: &&Advice| a.who.contains(&reviewer.person);
        let (decide, rest): (Vec<_>, Vec<_>) =
            dossier.outcome.advice.iter().filter(mine).partition(|a| decides(a));
        awaiting.extend(row(index, reviewer, dossier, &root, &decide));
        asked.extend(row(index, reviewer, dossier, &root, &rest));
        others.extend(waits(index, reviewer, dossier, &root, decide.is_empty()));
        recent.extend(decisions(index, reviewer, dossier, &root));
    }
    awaiting.sort_by_key(|row| row.order);
    asked.sort_by_key(|row| row.order);
    recent.sort_by_key(|(at, _): &(Timestamp, Recent)| std::cmp::Reverse(*at));
    recent.truncate(RECENT);
    let registrar = super::absent::is_registrar(index, &reviewer.person);
    let breaks = &register.ledger.breaks;
    let banners = if breaks.is_empty() {
        Vec::new()
    } else {
        vec![Banner {
            tone: "bad",
            heading: "The ledger does not verify".to_owned(),
            text: format!("Nothing can be signed until this is explained. {}", whom_to_call(register)),
            items: breaks.iter().take(20).map(broken).collect(),
            link: Some(Link::new(frame.ledger.clone(), "What was checked in the ledger")),
        }]
    };
    let begun = reviewer.unsigned.iter().map(|u| Begun {
        link: Link::new(begun(&root, u), u.what.clone()),
        package: match &u.package {
            Some(id) => title(register.packages.get(id), id.as_str()),
            None => "About people".to_owned(),
        },
        name: u.name.clone(),
        at: u.at.into(),
    });
    HomeView {
        name: index.name(&reviewer.person),
        banners,
        awaiting,
        asked,
        unsigned: begun.collect(),
        others,
        drafts: super::drafts::all(index, sources, &reviewer.person, &root),
        away: away(index, reviewer, registrar),
        late: if registrar { super::absent::late(index, &root) } else { Vec::new() },
        registrar,
        recent: recent.into_iter().map(|(_, r)| r).collect(),
        ledger: match (breaks.is_empty(), register.ledger.size) {
            (false, _) => "The ledger does not verify.".to_owned(),
            (true, 0) => "The ledger is empty.".to_owned(),
            (true, n) => {
                let pending = register.ledger.entries.iter().filter(|e| e.pending).count();
                let more = match pending {
                    0 => String::new(),
                    n => format!(" {} not in it yet.", words::count(n, "signed record")),
                };
                format!("Ledger verified to entry {}, {}.{more}", n - 1, register.as_of.human())
            }
        },
        ledger_link: frame.ledger.clone(),
        action: "do".to_owned(),
        ticket: reviewer.ticket.clone(),
        frame,
    }
}

/// Whom to call when the record is broken or a key is lost.
pub fn whom_to_call(register: &Register) -> String {
    let people = register.people.persons.values();
    let registrars: Vec<String> = people
        .filter(|p| p.roles.iter().any(|r| r.as_str() == "registrar"))
        .map(|p| format!("{} ({})", p.name, p.email))
        .collect();
    if registrars.is_empty() {
        "Tell the people who keep this repository.".to_owned()
    } else {
        format!("Tell a registrar: {}.", words::list(&registrars))
    }
}

fn begun(root: &str, unsigned: &super::Unsigned) -> String {
    match &unsigned.package {
        Some(id) => format!("{root}packages/{id}/{}", unsigned.page),
        None => unsigned.page.clone(),
    }
}

/// Who decides in this reader's place, and whose place this reader fills.
fn away(index: &Index<'_>, reviewer: &Reviewer, registrar: bool) -> Vec<Away> {
    let now = index.register.as_of;
    let mine = index.register.people.delegations.iter().filter(|d| {
        now < d.until && (registrar || d.principal == reviewer.person || d.delegate == reviewer.person)
    });
    let say = |d: &crate::record::Delegation| {
        let me = d.principal == reviewer.person;
        let who = match d.delegate == reviewer.person {
            true => "You decide".to_owned(),
            false => format!("{} decides", index.name(&d.delegate)),
        };
        let whose = match me {
            true => "your place".to_owned(),
            false => format!("the place of {}", index.name(&d.principal)),
        };
        let steps: Vec<String> = d.steps.iter().map(ToString::to_string).collect();
        let packages: Vec<String> = d.packages.iter().map(ToString::to_string).collect();
        let mut only = String::new();
        if !steps.is_empty() {
            only.push_str(&format!(", in {}", words::list(&steps)));
        }
        if !packages.is_empty() {
            only.push_str(&format!(", for {}", words::list(&packages)));
        }
        Away {
            text: format!(
                "{who} in {whose} from {} until {}{only}. {}",
                d.from.human(),
                d.until.human(),
                sentence(&d.reason)
            ),
            end: (me || registrar)
                .then(|| Link::new(format!("act.html?act=undelegate&about={}", d.record), "End this")),
        }
    };
    mine.map(say).collect()
}

pub(crate) fn title(dossier: Option<&Dossier>, id: &str) -> String {
    let package = dossier.and_then(|d| d.current().map(|r| &r.package).or(d.package.as_ref()));
    package.map_or_else(|| id.to_owned(), |p| format!("{}, version {}", p.meta.title, p.meta.model.version))
}

/// True for advice that asks for a decision in a step.
fn decides(advice: &Advice) -> bool {
    ["countersign decide", "countersign confirm"].iter().any(|start| advice.command.starts_with(start))
}

fn row(
    index: &Index<'_>,
    reviewer: &Reviewer,
    dossier: &Dossier,
    root: &str,
    all: &[&Advice],
) -> Option<Row> {
    if all.is_empty() {
        return None;
    }
    let steps: Vec<_> = all
        .iter()
        .filter_map(|a| dossier.outcome.steps.iter().find(|s| Some(&s.id) == a.step.as_ref()))
        .collect();
    let chain = dossier.current().map(|r| &r.chain);
    let named = |id| chain.map_or(0, |c| crate::site::view::stepper::number(c, id));
    let due = all.iter().filter_map(|a| a.due).chain(steps.iter().filter_map(|s| s.due)).min();
    let since = steps.iter().filter_map(|s| s.opened).min();
    let overdue = due.is_some_and(|due| due < index.register.as_of) || steps.iter().any(|s| s.overdue);
    let mut role: Vec<String> = steps.iter().map(|s| format!("Step {}, {}", named(&s.id), s.title)).collect();
    role.dedup();
    let place = places(index, reviewer, dossier, &steps);
    Some(Row {
        link: Link::new(
            address::href(root, &address::package(&dossier.id), ""),
            title(Some(dossier), dossier.id.as_str()),
        ),
        id: dossier.id.to_string(),
        revision: format!("Revision {}", dossier.outcome.revision),
        changed: changed(index, reviewer, dossier, root, all),
        asked: all.iter().map(|a| sentence(&a.missing)).collect(),
        role: words::list(&role),
        place: if place.is_empty() { String::new() } else { format!("In place of {place}") },
        since: since.map(When::from),
        due: due.map(When::from),
        overdue,
        order: (!overdue, due.is_none(), due, since),
    })
}

/// The shortest change to read before what is asked: the engine's, else since what this reader decided.
fn changed(
    index: &Index<'_>,
    reviewer: &Reviewer,
    dossier: &Dossier,
    root: &str,
    all: &[&Advice],
) -> Option<Link> {
    let place = |page: &str| format!("{root}packages/{}/{page}", dossier.id);
    if let Some((from, to)) = all.iter().filter_map(|a| a.read).max() {
        let text = format!("See exactly what changed since revision {from}");
        return Some(Link::new(place(&super::delta::page_of(from, to)), text));
    }
    let (_, link) = super::package::before(index, reviewer, dossier)?;
    Some(Link::new(place(&link.href), link.text))
}

/// The people whose place this reader fills in the steps of some advice.
fn places(
    index: &Index<'_>,
    reviewer: &Reviewer,
    dossier: &Dossier,
    steps: &[&crate::engine::StepOutcome],
) -> String {
    let mut names: Vec<String> = Vec::new();
    for step in steps {
        for principal in super::seats(index.register, dossier, step, &reviewer.person) {
            let name = index.name(&principal);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    words::list(&names)
}

/// With a capital (if it is no name of a file) and a full stop.
pub fn sentence(text: &str) -> String {
    let mut out = panels::sentence(text);
    if !out.ends_with(['.', '?', '!']) {
        out.push('.');
    }
    out
}

/// Questions of the reader that wait for an answer, and steps of the reader that are not open yet.
fn waits(
    index: &Index<'_>,
    reviewer: &Reviewer,
    dossier: &Dossier,
    root: &str,
    nothing_awaits: bool,
) -> Vec<Wait> {
    let name = title(Some(dossier), dossier.id.as_str());
    let link =
        |anchor: &str| Link::new(address::href(root, &address::package(&dossier.id), anchor), name.clone());
    let mut out = Vec::new();
    for thread in &dossier.outcome.threads {
        if thread.asker == reviewer.person && thread.state == ThreadState::Open {
            out.push(Wait {
                link: link(&address::section_anchor(&thread.section)),
                what: "Your question waits for an answer".to_owned(),
                who: words::list(&index.names(&author_side(index.register, dossier))),
            });
        }
    }
    let moving = matches!(
        dossier.outcome.state,
        PackageState::InReview | PackageState::ClarificationPending | PackageState::ChangesRequired
    );
    if moving && nothing_awaits {
        for step in &dossier.outcome.steps {
            if step.state == StepState::Waiting && step.eligible.contains(&reviewer.person) {
                let (after, who) = opens_after(index, dossier, &step.id);
                let what = format!("Your step, {}, opens after {after}", step.title);
                out.push(Wait { link: link(""), what, who });
            }
        }
    }
    out
}

/// After which steps a step opens, and for whom those wait.
pub(crate) fn opens_after(
    index: &Index<'_>,
    dossier: &Dossier,
    step: &crate::id::StepId,
) -> (String, String) {
    let Some(chain) = dossier.current().map(|r| &r.chain) else { return (String::new(), String::new()) };
    let number = |id| crate::site::view::stepper::number(chain, id);
    let ancestors = chain.ancestors(step);
    let before: Vec<_> = dossier
        .outcome
        .steps
        .iter()
        .filter(|s| !s.state.passed() && ancestors.iter().any(|a| a.id == s.id))
        .collect();
    let steps: Vec<String> = before.iter().map(|s| format!("step {}, {}", number(&s.id), s.title)).collect();
    let mut who: Vec<String> = Vec::new();
    for advice in &dossier.outcome.advice {
        let here = advice.step.as_ref().is_none_or(|s| before.iter().any(|b| b.id == *s));
        for name in index.names(&advice.who).into_iter().filter(|_| here) {
            if !who.contains(&name) {
                who.push(name);
            }
        }
    }
    (words::list(&steps), words::list(&who))
}

fn decisions(
    index: &Index<'_>,
    reviewer: &Reviewer,
    dossier: &Dossier,
    root: &str,
) -> Vec<(Timestamp, Recent)> {
    let mine = index.entries_of(dossier).filter(|e| e.record().signer.person == reviewer.person);
    mine.filter_map(|entry| {
        let record = entry.record();
        let Body::Decide(decide) = &record.body else { return None };
        let (word, tone, icon) = words::decision(decide.decision, decide.conditions.len());
        let fate = dossier.outcome.fates.iter().find(|f| f.id == entry.id());
        Some((
            record.signed_at,
            Recent {
                link: Link::new(
                    address::href(root, &address::package(&dossier.id), "decisions"),
                    title(Some(dossier), dossier.id.as_str()),
                ),
                decision: Tag::new(tone, icon, word),
                by: Signature::new(root, entry),
                revision: record.revision().unwrap_or(0),
                fate: fate.and_then(|f| words::fate(f.code)).unwrap_or_default().to_owned(),
            },
        ))
    })
    .collect()
}
