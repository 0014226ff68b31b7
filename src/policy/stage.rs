//! Where events are played: time, people, revisions and records, one after the other.

use super::event::{Clock, Edit, Event, Line, Said, Seen, Turn, What, Which};
use super::scene::Scene;
use crate::chain::Chain;
use crate::digest::{LineHash, RecordId, RepositoryId, sha256};
use crate::engine::{Case, Outcome, Revision, Texts, evaluate};
use crate::id::{PackageId, PersonId, SectionId};
use crate::record::{
    Body, Delegation, Entry, Key, KeyState, People, Person, Record, Verified, rehearsal_key, rehearse,
};
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Seconds from one record to the next, unless the story says otherwise.
const PACE: i64 = 60;

/// A story so far.
#[derive(Debug)]
pub(super) struct Stage<'a> {
    pub package: PackageId,
    pub repository: RepositoryId,
    pub scene: Scene,
    /// The scene at each revision.
    past: Vec<(Scene, Arc<Chain>)>,
    pub revisions: Vec<Revision>,
    /// Every record in order, those about people too.
    pub entries: Vec<Entry>,
    pub people: Arc<People>,
    dead_keys: BTreeSet<PersonId>,
    /// The chain file as it is now.
    pub chain: Arc<Chain>,
    chains: BTreeMap<String, Arc<Chain>>,
    /// From which record on the chain file was which.
    rules: Vec<(usize, Arc<Chain>)>,
    superseded: Option<(usize, RecordId)>,
    pub clock: Timestamp,
    labels: BTreeMap<String, usize>,
    /// Texts of revisions that the story did not make.
    given: Option<&'a dyn Texts>,
    /// False where the story only goes on from a real package.
    may_submit: bool,
}

impl Texts for Stage<'_> {
    fn section(&self, revision: u32, section: &SectionId) -> Option<String> {
        if let Some(given) = self.given {
            return given.section(revision, section);
        }
        let (scene, chain) = self.past.get((revision as usize).checked_sub(1)?)?;
        scene.text(chain, section)
    }
}

impl<'a> Stage<'a> {
    /// An empty stage.
    pub fn new(
        scene: Scene,
        chain: Arc<Chain>,
        chains: BTreeMap<String, Arc<Chain>>,
        people: People,
        clock: Timestamp,
    ) -> Self {
        Stage {
            package: scene.package(),
            repository: RepositoryId([7; 16]),
            scene,
            past: Vec::new(),
            revisions: Vec::new(),
            entries: Vec::new(),
            people: Arc::new(people),
            dead_keys: BTreeSet::new(),
            rules: vec![(0, chain.clone())],
            chain,
            chains,
            superseded: None,
            clock,
            labels: BTreeMap::new(),
            given: None,
            may_submit: true,
        }
    }

    /// A stage on which a real package already stands.
    pub fn upon(case: &Case<'a>, chain: Arc<Chain>) -> Self {
        let mut stage = Stage::new(Scene::default(), chain, BTreeMap::new(), People::default(), case.as_of);
        stage.package = case.package.clone();
        stage.repository = case.repository;
        stage.revisions = case.revisions.to_vec();
        stage.entries = case.entries.iter().map(|entry| (*entry).clone()).collect();
        stage.people = case.people.clone();
        stage.rules = case.rules.iter().map(|rules| (0, rules.clone())).collect();
        stage.superseded = case.superseded_by.map(|by| (0, by));
        stage.given = Some(case.texts);
        stage.may_submit = false;
        stage
    }

    /// Judges the first `count` records (those about people are no part of a case).
    pub fn judge(&self, count: usize, as_of: Timestamp) -> Outcome {
        let seen: Vec<usize> = (0..count.min(self.entries.len())).collect();
        self.with(&seen, as_of, evaluate)
    }

    /// Hands a case of these records to `judge`.
    pub fn with<T>(&self, seen: &[usize], as_of: Timestamp, judge: impl FnOnce(&Case<'_>) -> T) -> T {
        let count = seen.last().map_or(0, |last| last + 1);
        let about = |entry: &&Entry| entry.record().kind().about_package();
        let entries: Vec<&Entry> = seen.iter().map(|at| &self.entries[*at]).filter(about).collect();
        let rules = self.rules.iter().rev().find(|(from, _)| *from <= count).map(|(_, chain)| chain.clone());
        let people = self.entries.get(count).map_or_else(|| self.people.clone(), |next| next.people.clone());
        judge(&Case {
            package: self.package.clone(),
            repository: self.repository,
            revisions: &self.revisions,
            entries: &entries,
            people,
            as_of,
            texts: self,
            rules,
            superseded_by: self.superseded.filter(|(from, _)| *from <= count).map(|(_, by)| by),
        })
    }

    /// How many records had been signed at an instant.
    pub fn signed_by(&self, instant: Timestamp) -> usize {
        self.entries.iter().take_while(|entry| entry.record().signed_at <= instant).count()
    }

    /// The position of a record that the story names.
    pub fn position(&self, which: &Which) -> Option<usize> {
        let by_id = |text: &str| {
            let long = text.len() >= 6;
            self.entries.iter().position(|entry| long && entry.id().to_string().starts_with(text))
        };
        match which {
            Which::Number(number) => number
                .checked_sub(1)
                .filter(|at| *at < self.entries.len())
                .or_else(|| by_id(&number.to_string())),
            Which::Label(label) => self.labels.get(label).copied().or_else(|| by_id(label)),
            Which::Last => None,
        }
    }

    /// What a record's signer had seen: everything, unless the story says otherwise.
    pub fn seen(&self, seen: Option<&Seen>) -> Result<Vec<usize>, String> {
        match seen {
            None => Ok((0..self.entries.len()).collect()),
            Some(Seen::First(count)) if *count <= self.entries.len() => Ok((0..*count).collect()),
            Some(Seen::First(count)) => {
                Err(format!("there are {} records so far, not {count}", self.entries.len()))
            }
            Some(Seen::These(list)) => {
                let mut wanted = BTreeSet::new();
                for which in list {
                    wanted.insert(self.position(which).ok_or_else(|| no_record(which))?);
                }
                for at in (0..self.entries.len()).rev().filter(|at| *at < self.entries.len()) {
                    if wanted.contains(&at) {
                        let parents = &self.entries[at].record().parents;
                        wanted.extend((0..at).filter(|i| parents.contains(&self.entries[*i].id())));
                    }
                }
                Ok(wanted.into_iter().collect())
            }
        }
    }

    /// Plays one line.
    pub fn play(&mut self, line: &Line) -> Result<(), String> {
        match &line.event {
            Event::Clock(clock) => self.move_clock(*clock),
            Event::People(person, turn) => self.turn(person, turn),
            Event::Rules(name) => {
                let known: Vec<&str> = self.chains.keys().map(String::as_str).collect();
                let chain = self.chains.get(name).cloned().ok_or_else(|| {
                    format!("there is no chain `{name}` under [chains]; known: {}", known.join(", "))
                })?;
                self.rules.push((self.entries.len(), chain.clone()));
                self.chain = chain;
                Ok(())
            }
            Event::Replaced => {
                self.superseded = Some((self.entries.len(), RecordId(sha256(b"another certificate"))));
                Ok(())
            }
            Event::Record(person, said) => {
                self.say(person, said)?;
                if let Some(label) = &line.label
                    && self.labels.insert(label.clone(), self.entries.len() - 1).is_some()
                {
                    return Err(format!("the name `{label}` is taken"));
                }
                Ok(())
            }
        }
    }

    fn move_clock(&mut self, clock: Clock) -> Result<(), String> {
        let to = match clock {
            Clock::Plus(seconds) => self.clock.plus_seconds(seconds),
            Clock::Business(days) => business_days(&self.chain.calendar, self.clock, days),
            Clock::At(instant) => instant,
        };
        let last = self.entries.last().map(|entry| entry.record().signed_at);
        if last.is_some_and(|last| to < last) {
            return Err(format!("time cannot go back to {}", to.human()));
        }
        self.clock = to;
        Ok(())
    }

    fn turn(&mut self, person: &PersonId, turn: &Turn) -> Result<(), String> {
        let mut people = (*self.people).clone();
        if let Turn::Joins(roles) = turn {
            if people.persons.contains_key(person) {
                return Err(format!("{person} is enrolled already"));
            }
            people.persons.insert(person.clone(), enrolled(person, roles.iter().cloned().collect()));
        } else {
            let found = people.persons.get_mut(person).ok_or_else(|| format!("nobody is called {person}"))?;
            match turn {
                Turn::Gains(role) => _ = found.roles.insert(role.clone()),
                Turn::Loses(role) => {
                    if !found.roles.remove(role) {
                        return Err(format!("{person} does not hold the role {role}"));
                    }
                }
                Turn::KeyRevoked(from) => {
                    if let Some(which) = from {
                        let from = self.position(which).ok_or_else(|| no_record(which))?;
                        found.keys.push(distrusted(person, from as u64, self.entries.len() as u64)?);
                    }
                    self.dead_keys.insert(person.clone());
                }
                Turn::KeyRenewed => _ = self.dead_keys.remove(person),
                Turn::Joins(_) => {}
            }
        }
        self.people = Arc::new(people);
        Ok(())
    }

    fn say(&mut self, person: &PersonId, said: &Said) -> Result<(), String> {
        if let What::Submit { edits, .. } = &said.what {
            if !self.may_submit {
                return Err("here nobody can submit: there is no text to freeze".to_owned());
            }
            self.freeze(person, edits)?;
        }
        if let What::Repeat(which) = &said.what {
            let at = self.position(which).ok_or_else(|| no_record(which))?;
            let again = self.entries[at].verified.clone();
            self.put(again, person, false);
            return Ok(());
        }
        let record: Record = self.make(person, said)?;
        let verified = rehearse(record).map_err(|refusal| format!("nobody could sign this: {refusal}"))?;
        self.put(verified, person, said.how.pending);
        self.delegations();
        Ok(())
    }

    fn freeze(&mut self, submitter: &PersonId, edits: &[Edit]) -> Result<(), String> {
        for edit in edits {
            match edit {
                Edit::BackTo(number) => {
                    let index = (*number as usize).wrapping_sub(1);
                    let (scene, _) =
                        self.past.get(index).ok_or_else(|| format!("there is no revision {number}"))?;
                    self.scene = scene.clone();
                }
                Edit::Section(section, _) | Edit::Evidence(section, _)
                    if self.chain.section(section).is_none() =>
                {
                    let known: Vec<&str> = self.chain.sections.iter().map(|s| s.id.as_str()).collect();
                    return Err(format!("there is no section `{section}`; known: {}", known.join(", ")));
                }
                edit => self.scene.edit(edit),
            }
        }
        if self.scene.authors.is_empty() {
            self.scene.authors.push(submitter.clone());
        }
        let package = Arc::new(self.scene.freeze(&self.chain, submitter)?);
        let number = u32::try_from(self.revisions.len()).map_err(|e| e.to_string())? + 1;
        self.past.push((self.scene.clone(), self.chain.clone()));
        self.revisions.push(Revision { number, package, chain: self.chain.clone() });
        Ok(())
    }

    fn put(&mut self, verified: Verified, signer: &PersonId, pending: bool) {
        let seq = self.entries.len() as u64;
        let hash = |n: u64| LineHash(sha256(format!("line {n}").as_bytes()));
        self.entries.push(Entry {
            seq,
            hash: hash(seq + 1),
            prev: if seq == 0 { LineHash::ZERO } else { hash(seq) },
            pending,
            verified,
            people: self.people.clone(),
            key_valid: !self.dead_keys.contains(signer),
        });
        self.clock = self.clock.plus_seconds(PACE);
    }

    /// Lets the last record change who decides for whom. Who may is asked here as a ledger asks it: the
    /// principal or a registrar.
    fn delegations(&mut self) {
        let Some(entry) = self.entries.last() else { return };
        let signer = &entry.record().signer.person;
        let registrar = self
            .people
            .person(signer)
            .is_some_and(|person| person.roles.iter().any(|role| role.as_str() == "registrar"));
        let known = |person: &PersonId| self.people.person(person).is_some();
        if !entry.key_valid || !known(signer) {
            return;
        }
        let mut people = (*self.people).clone();
        match &entry.record().body {
            Body::Delegate(said) if !known(&said.principal) || !known(&said.to) => return,
            Body::Delegate(said) if registrar || *signer == said.principal => {
                people.delegations.push(Delegation {
                    record: entry.id(),
                    principal: said.principal.clone(),
                    delegate: said.to.clone(),
                    steps: said.steps.clone(),
                    packages: said.packages.clone(),
                    from: said.from,
                    until: said.until,
                    reason: said.reason.clone(),
                });
            }
            Body::Undelegate(about) => {
                people
                    .delegations
                    .retain(|d| d.record != about.record || !(registrar || *signer == d.principal));
            }
            _ => return,
        }
        self.people = Arc::new(people);
    }
}

/// That a story names a record it has not made.
pub(super) fn no_record(which: &Which) -> String {
    match which {
        Which::Number(number) => format!("there is no record {number} so far"),
        Which::Label(label) => format!("no record so far is called `{label}`"),
        Which::Last => "there is no record so far that this could be about".to_owned(),
    }
}

/// A person as a story enrols one.
pub(super) fn enrolled(id: &PersonId, roles: BTreeSet<crate::id::RoleId>) -> Person {
    let mut name = id.as_str().to_owned();
    if let Some(first) = name.get(..1).map(str::to_uppercase) {
        name.replace_range(..1, &first);
    }
    Person {
        id: id.clone(),
        name,
        email: format!("{id}@example.org"),
        identity: "told in a story".to_owned(),
        roles,
        keys: Vec::new(),
        absences: BTreeMap::new(),
    }
}

/// A person's key, revoked at a position and disputed from an earlier one on.
fn distrusted(person: &PersonId, from: u64, at: u64) -> Result<Key, String> {
    let public = rehearsal_key(person).map_err(|e| e.to_string())?;
    let state = KeyState::Revoked { at, reason: "stolen".to_owned(), distrust_from: Some(from) };
    Ok(Key { fingerprint: public.fingerprint(), public, from: 0, state })
}

/// The same time of day, so many business days later.
fn business_days(calendar: &crate::time::Calendar, from: Timestamp, days: u32) -> Timestamp {
    let mut at = from;
    let mut left = days.min(3000);
    while left > 0 {
        let next = at.plus_seconds(86_400);
        if next == at {
            break;
        }
        at = next;
        left -= u32::from(calendar.is_business_day(calendar.day(at)));
    }
    at
}
