//! Whether people can pass a chain: each seat of each step filled with a person of its own.
//!
//! One person fills one step of a package, and an author fills none. So "enough people hold each role" is
//! not enough: two steps may count on the same person. Whether every seat can be filled at once is a
//! matching of seats to persons; where it fails, the seats reached by the search are exactly those that
//! compete for too few persons, and the message names them. Steps with several ways to pass are tried
//! way by way.

use super::{Step, Tally, Way};
use crate::id::{PersonId, RoleId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Ways of steps tried before the search gives up: choosing among alternatives is hard in the worst case.
const MOST_TRIES: u32 = 2_000;

/// Who holds each role.
pub(super) type Holders<'a> = BTreeMap<&'a RoleId, BTreeSet<&'a PersonId>>;

/// Why seats stay empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unfilled {
    /// There are too few persons.
    Short(Short),
    /// There are too many alternatives to say.
    TooMany,
}

/// Steps that compete for too few persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Short {
    steps: Vec<String>,
    roles: Vec<String>,
    wanted: usize,
    persons: Vec<String>,
}

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (steps, verb) = match self.steps.as_slice() {
            [one] => (format!("step `{one}`"), "needs"),
            _ => (format!("steps {}", names(&self.steps)), "need"),
        };
        if self.wanted == 1 {
            write!(f, "{steps} {verb} a person")?;
        } else {
            write!(f, "{steps} {verb} {} different persons", self.wanted)?;
        }
        match self.persons.as_slice() {
            [] => f.write_str(", but nobody is left"),
            [one] => write!(f, ", but there is only `{one}`"),
            some => write!(f, ", but there are only {}", names(some)),
        }
    }
}

impl Short {
    pub(super) fn help(&self) -> String {
        let more = self.missing();
        let persons = if more == 1 { "person" } else { "persons" };
        let roles = names(&self.roles).replace(" and ", " or ");
        format!("grant {roles} to {more} more {persons}")
    }

    fn missing(&self) -> usize {
        self.wanted.saturating_sub(self.persons.len())
    }
}

/// `a`, `b` and `c`.
pub(super) fn names(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// So many seats of a step, for the same people.
#[derive(Debug)]
struct Need<'a> {
    step: &'a Step,
    role: &'a RoleId,
    persons: BTreeSet<&'a PersonId>,
    count: usize,
}

/// Who may decide by a way: holders of its role and, after a while, those it is escalated to.
pub(super) fn voters<'a>(step: &'a Step, way: &'a Way, holders: &Holders<'a>) -> BTreeSet<&'a PersonId> {
    let roles = step.escalate.iter().map(|e| &e.to).chain([&way.role]);
    roles.flat_map(|role| holders.get(role).into_iter().flatten().copied()).collect()
}

/// The seats of a way, without `author`. A chair is a voter who holds the chair's role too.
fn needs<'a>(
    step: &'a Step,
    way: &'a Way,
    holders: &Holders<'a>,
    author: Option<&PersonId>,
) -> Vec<Need<'a>> {
    let mut persons = voters(step, way, holders);
    persons.retain(|person| Some(*person) != author);
    let need = |role, persons, count: u32| Need { step, role, persons, count: count as usize };
    match &way.tally {
        Tally::Approvals(count) => vec![need(&way.role, persons, (*count).max(1))],
        Tally::Quorum(quorum) => {
            let pool = u32::try_from(persons.len()).unwrap_or(u32::MAX);
            let seats = quorum.present.max(quorum.yes.of(pool)).max(1);
            let Some(chair) = &quorum.chair else {
                return vec![need(&way.role, persons, seats)];
            };
            let empty = BTreeSet::new();
            let chairs = holders.get(chair).unwrap_or(&empty).intersection(&persons).copied().collect();
            vec![need(chair, chairs, 1), need(&way.role, persons, seats - 1)]
        }
    }
}

/// Fills every seat of every step with a person of its own, without `author`; the persons used, or why
/// that cannot be.
pub(super) fn fill<'a>(
    steps: &[&'a Step],
    holders: &Holders<'a>,
    author: Option<&PersonId>,
) -> Result<BTreeSet<&'a PersonId>, Unfilled> {
    let mut search = Search { holders, author, tries: 0, nearest: None, filled: Vec::new() };
    match search.from(steps, BTreeMap::new()) {
        Some(seats) => Ok(seats.into_keys().collect()),
        None if search.tries > MOST_TRIES => Err(Unfilled::TooMany),
        None => Err(search.nearest.map_or(Unfilled::TooMany, Unfilled::Short)),
    }
}

/// Persons with the need each is seated for.
type Seats<'a> = BTreeMap<&'a PersonId, usize>;

struct Search<'s, 'a> {
    holders: &'s Holders<'a>,
    author: Option<&'s PersonId>,
    tries: u32,
    /// Of all that failed, what lacked the fewest persons.
    nearest: Option<Short>,
    /// The needs filled so far.
    filled: Vec<Need<'a>>,
}

impl<'a> Search<'_, 'a> {
    /// Fills the steps that are left, given who is seated already.
    fn from(&mut self, steps: &[&'a Step], seats: Seats<'a>) -> Option<Seats<'a>> {
        let mut seats = seats;
        for (at, step) in steps.iter().copied().enumerate() {
            if let [way] = step.ways.as_slice() {
                if !self.take(step, way, &mut seats) {
                    return None;
                }
                continue;
            }
            let before = self.filled.len();
            for way in &step.ways {
                self.tries += 1;
                if self.tries > MOST_TRIES {
                    return None;
                }
                let mut taken = seats.clone();
                if self.take(step, way, &mut taken)
                    && let Some(seats) = self.from(&steps[at + 1..], taken)
                {
                    return Some(seats);
                }
                self.filled.truncate(before);
            }
            return None;
        }
        Some(seats)
    }

    /// Fills the seats of one way.
    fn take(&mut self, step: &'a Step, way: &'a Way, seats: &mut Seats<'a>) -> bool {
        for need in needs(step, way, self.holders, self.author) {
            let position = self.filled.len();
            let count = need.count;
            self.filled.push(need);
            for _ in 0..count {
                let mut reached = BTreeSet::from([position]);
                if !seat(&self.filled, seats, position, &mut reached) {
                    let short = short(&self.filled, &reached);
                    if self.nearest.as_ref().is_none_or(|other| short.missing() < other.missing()) {
                        self.nearest = Some(short);
                    }
                    return false;
                }
            }
        }
        true
    }
}

/// Seats one more person for a need, moving others between needs if need be (an augmenting path).
/// `reached` collects the needs the search came to.
fn seat<'a>(needs: &[Need<'a>], seats: &mut Seats<'a>, wanted: usize, reached: &mut BTreeSet<usize>) -> bool {
    // For each person the search came to, the need that wants that person; for each need it came to, the
    // person seated there who would leave.
    let mut wanted_by: BTreeMap<&'a PersonId, usize> = BTreeMap::new();
    let mut leaves: BTreeMap<usize, &'a PersonId> = BTreeMap::new();
    let mut queue = vec![wanted];
    while let Some(at) = queue.pop() {
        for person in needs[at].persons.iter().copied() {
            if wanted_by.contains_key(person) {
                continue;
            }
            wanted_by.insert(person, at);
            if let Some(elsewhere) = seats.get(person) {
                if reached.insert(*elsewhere) {
                    leaves.insert(*elsewhere, person);
                    queue.push(*elsewhere);
                }
                continue;
            }
            let (mut person, mut to) = (person, at);
            loop {
                seats.insert(person, to);
                let Some(leaver) = leaves.get(&to) else {
                    return true;
                };
                person = leaver;
                to = wanted_by[person];
            }
        }
    }
    false
}

fn short(needs: &[Need<'_>], reached: &BTreeSet<usize>) -> Short {
    let reached: Vec<&Need<'_>> = reached.iter().map(|at| &needs[*at]).collect();
    let mut steps: Vec<String> = reached.iter().map(|need| need.step.id.to_string()).collect();
    steps.dedup();
    let roles: BTreeSet<&RoleId> = reached.iter().map(|need| need.role).collect();
    let persons: BTreeSet<&PersonId> = reached.iter().flat_map(|need| need.persons.iter().copied()).collect();
    Short {
        steps,
        roles: roles.iter().map(|r| r.to_string()).collect(),
        wanted: reached.iter().map(|need| need.count).sum(),
        persons: persons.iter().map(|p| p.to_string()).collect(),
    }
}
