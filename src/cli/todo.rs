//! `todo`: what awaits me, what I wait for, who is waited for, what runs out soon.

use super::args::{self, Sign};
use super::context::{Context, name_of};
use super::out::{Exit, Failure, answer, answer_json, count};
use super::review::enrolled;
use super::sign;
use crate::dossier::{Dossier, Register};
use crate::engine::{ConditionOutcome, ConditionState, ThreadState};
use crate::id::{PackageId, PersonId, StepId};
use crate::record::{Kind, Person};
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// How far ahead is soon.
const DAYS: i64 = 14;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Task {
    package: PackageId,
    /// The step, if it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<StepId>,
    /// What is missing, in words.
    what: String,
    /// Who can do it; nobody if empty.
    who: BTreeSet<PersonId>,
    /// The command that does it; may be empty.
    command: String,
    /// The shortest change to read first.
    #[serde(skip_serializing_if = "Option::is_none")]
    read: Option<(u32, u32)>,
    /// By when.
    #[serde(skip_serializing_if = "Option::is_none")]
    due: Option<Timestamp>,
}

/// A day that comes, or has gone by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Due {
    at: Timestamp,
    package: PackageId,
    what: String,
    overdue: bool,
}

#[derive(Debug, Serialize)]
struct List<'a> {
    person: Option<&'a PersonId>,
    as_of: Timestamp,
    awaits_me: Vec<&'a Task>,
    i_wait_for: Vec<&'a Task>,
    waited_for: BTreeMap<String, Vec<&'a Task>>,
    due: &'a [Due],
}

/// Shows the list.
pub fn run(context: &Context, args: &args::Todo) -> Result<Exit, Failure> {
    let (ws, register) = context.load()?;
    let me = match &args.as_ {
        Some(id) => Some(enrolled(&register, id)?),
        None => {
            let sign = Sign { key: args.key.clone(), assistance: String::new(), yes: false };
            let key = sign::key_of(Some(&ws), &register.people, &sign).ok();
            key.and_then(|key| register.people.owner(&key.fingerprint())).map(|(person, _)| person)
        }
    };
    let tasks = tasks(&register);
    let due = due(&register);
    let list = list(&register, me, &tasks, &due);
    if context.json() {
        answer_json(&list);
    } else {
        answer(&human(&register, me, &list));
    }
    Ok(Exit::Yes)
}

/// Everything that would move a package on.
fn tasks(register: &Register) -> Vec<Task> {
    let mut all = Vec::new();
    for dossier in register.packages.values() {
        for advice in &dossier.outcome.advice {
            all.push(Task {
                package: dossier.id.clone(),
                step: advice.step.clone(),
                what: advice.missing.clone(),
                who: who_can(register, dossier, &advice.who),
                command: advice.command.clone(),
                read: advice.read,
                due: advice.due,
            });
        }
        for condition in &dossier.outcome.conditions {
            let task = condition_task(register, dossier, condition);
            // The engine may have advised it already.
            let known = |t: &Task| t.package == dossier.id && t.command.contains(condition.id().as_str());
            if let Some(task) = task.filter(|_| !all.iter().any(known)) {
                all.push(task);
            }
        }
    }
    let far = |task: &Task| task.due.map_or(i64::MAX, Timestamp::seconds);
    all.sort_by(|a, b| (far(a), &a.package).cmp(&(far(b), &b.package)));
    all
}

/// Who can do it. Of a draft the engine knows nobody yet: package.toml names who writes it.
fn who_can(register: &Register, dossier: &Dossier, told: &[PersonId]) -> BTreeSet<PersonId> {
    let writers = dossier.package.as_ref().filter(|_| dossier.outcome.revision == 0);
    let writers = writers.into_iter().flat_map(|package| &package.meta.authors);
    let enrolled = writers.filter(|id| register.people.person(id).is_some());
    told.iter().chain(enrolled).cloned().collect()
}

fn condition_task(register: &Register, dossier: &Dossier, c: &ConditionOutcome) -> Option<Task> {
    let (package, id) = (&dossier.id, c.id());
    let (what, who, command) = match c.state {
        ConditionState::Open | ConditionState::Returned => {
            let owner = c.condition.owner.clone().into_iter().collect();
            let command = format!("countersign discharge {package} {id} --how '...'");
            (format!("condition {id} is to be met: {}", c.condition.text), owner, command)
        }
        ConditionState::Discharged => {
            let entries = || dossier.entries.iter().map(|at| &register.ledger.entries[*at]);
            let declared: BTreeSet<&PersonId> = entries()
                .filter(|e| e.record().kind() == Kind::Discharge && c.records.contains(&e.id()))
                .map(|e| &e.record().signer.person)
                .collect();
            let setter = entries().find(|e| e.id() == c.record).and_then(|e| e.record().role.clone());
            let role = c.condition.verifier_role.clone().or(setter)?;
            let holders = register.people.holders(&role).map(|p| &p.id);
            let who = holders.filter(|id| !declared.contains(id)).cloned().collect();
            let command = format!("countersign verify-condition {package} {id} --met --reason '...'");
            (format!("condition {id} is said to be met, to be checked: {}", c.condition.text), who, command)
        }
        ConditionState::Verified | ConditionState::Waived => return None,
    };
    let due = c.condition.due.map(|day| day.start().plus_seconds(86_399));
    Some(Task { package: package.clone(), step: Some(c.step.clone()), what, who, command, read: None, due })
}

/// What comes within two weeks, or is overdue.
fn due(register: &Register) -> Vec<Due> {
    let (now, end) = (register.as_of, register.as_of.plus_seconds(DAYS * 86_400));
    let mut all: BTreeSet<Due> = BTreeSet::new();
    let mut put = |at: Timestamp, package: &PackageId, what: String| {
        if at <= end {
            all.insert(Due { at, package: package.clone(), what, overdue: at < now });
        }
    };
    for dossier in register.packages.values() {
        let outcome = &dossier.outcome;
        for condition in outcome.conditions.iter().filter(|c| !c.state.ended()) {
            if let Some(day) = condition.condition.due {
                let at = day.start().plus_seconds(86_399);
                put(at, &dossier.id, format!("condition {}: {}", condition.id(), condition.condition.text));
            }
        }
        for step in &outcome.steps {
            if let Some(at) = step.due {
                put(at, &dossier.id, format!("{} is to be decided", step.title));
            }
            if let Some(at) = step.lapses {
                put(at, &dossier.id, format!("the review lapses unless {} passes", step.title));
            }
        }
        let review = outcome.certificate.as_ref().and_then(|c| c.review_by);
        if let Some(day) = review {
            put(day.start().plus_seconds(86_399), &dossier.id, "the certificate runs out".to_owned());
        }
    }
    let mut all: Vec<Due> = all.into_iter().collect();
    // What the engine sees run out next and was not named above.
    for dossier in register.packages.values() {
        if let Some((at, what)) = &dossier.outcome.next
            && *at <= end
            && !all.iter().any(|d| d.package == dossier.id && (d.at.seconds() - at.seconds()).abs() <= 86_400)
        {
            all.push(Due { at: *at, package: dossier.id.clone(), what: what.clone(), overdue: *at < now });
        }
    }
    all.sort();
    all
}

fn list<'a>(register: &Register, me: Option<&'a Person>, tasks: &'a [Task], due: &'a [Due]) -> List<'a> {
    let mine = |task: &&Task| me.is_some_and(|me| task.who.contains(&me.id));
    let asked: BTreeSet<&PackageId> = register
        .packages
        .values()
        .filter(|d| me.is_some_and(|me| asks(register, d, &me.id)))
        .map(|d| &d.id)
        .collect();
    let mut waited_for: BTreeMap<String, Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        for person in &task.who {
            waited_for.entry(person.to_string()).or_default().push(task);
        }
        if task.who.is_empty() {
            waited_for.entry(String::new()).or_default().push(task);
        }
    }
    List {
        person: me.map(|me| &me.id),
        as_of: register.as_of,
        awaits_me: tasks.iter().filter(mine).collect(),
        i_wait_for: tasks.iter().filter(|t| !mine(t) && asked.contains(&t.package)).collect(),
        waited_for,
        due,
    }
}

/// True if a person has set something going in a package: wrote or submitted it, or asked about it.
fn asks(register: &Register, dossier: &Dossier, me: &PersonId) -> bool {
    let wrote = dossier.package.as_ref().is_some_and(|p| p.meta.authors.contains(me) || p.meta.owner == *me);
    let mut entries = dossier.entries.iter().map(|at| register.ledger.entries[*at].record());
    let threads = &dossier.outcome.threads;
    wrote
        || entries.any(|r| r.kind() == Kind::Submit && r.signer.person == *me)
        || threads.iter().any(|t| t.blocking && t.asker == *me && t.state == ThreadState::Open)
}

fn human(register: &Register, me: Option<&Person>, list: &List<'_>) -> String {
    let mut text = String::new();
    match me {
        None => text += "Who you are is not known: say --as PERSON, or name your key with --key.\n",
        Some(me) if list.awaits_me.is_empty() => {
            let _ = writeln!(text, "Nothing awaits you, {}.", me.name);
        }
        Some(me) => {
            let _ = writeln!(text, "{} you, {}", awaits(list.awaits_me.len()), me.name);
            for task in &list.awaits_me {
                text += &one(task);
            }
        }
    }
    if !list.i_wait_for.is_empty() {
        text += "\nYou wait for others\n";
        for task in &list.i_wait_for {
            let _ = writeln!(text, "  {}: {} ({})", task.package, task.what, who(register, task));
        }
    }
    if !list.waited_for.is_empty() {
        text += "\nWho is waited for\n";
        for (person, tasks) in &list.waited_for {
            let name = match person.parse() {
                Ok(id) => name_of(register, &id),
                Err(_) => "nobody can".to_owned(),
            };
            let about: Vec<String> = tasks.iter().map(|t| place(t)).collect();
            let _ = writeln!(text, "  {name:<24} {}", about.join(", "));
        }
    }
    if !list.due.is_empty() {
        let _ = writeln!(text, "\nDue within {DAYS} days");
        for due in list.due {
            let mark = if due.overdue { "OVERDUE " } else { "" };
            let _ = writeln!(text, "  {mark}{}  {}: {}", due.at.date().human(), due.package, due.what);
        }
    }
    text
}

fn awaits(n: usize) -> String {
    if n == 1 { "1 thing awaits".to_owned() } else { format!("{} await", count(n, "thing")) }
}

fn one(task: &Task) -> String {
    let mut text = format!("  {}\n    {}\n", place(task), task.what);
    if let Some(due) = task.due {
        let _ = writeln!(text, "    by {}", due.human());
    }
    if let Some((from, to)) = task.read {
        let _ = writeln!(text, "    read what changed: countersign diff {} {from} {to}", task.package);
    }
    if !task.command.is_empty() {
        let _ = writeln!(text, "    {}", task.command);
    }
    text
}

fn place(task: &Task) -> String {
    match &task.step {
        Some(step) => format!("{} ({step})", task.package),
        None => task.package.to_string(),
    }
}

fn who(register: &Register, task: &Task) -> String {
    let names: Vec<String> = task.who.iter().map(|id| name_of(register, id)).collect();
    match (names.is_empty(), &task.step) {
        (false, _) => names.join(" or "),
        (true, Some(_)) => "nobody can: a registrar must grant the role".to_owned(),
        (true, None) => "nobody enrolled can".to_owned(),
    }
}
