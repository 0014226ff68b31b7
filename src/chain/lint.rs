//! What is legal in a chain but cannot work with the people there are.
//!
//! One person fills one step of a package, and an author fills none. So "enough people hold each role"
//! is not enough: two steps may count on the same person. Whether every step can be filled at once is a
//! matching of approvals to persons; where it fails, the steps reached by the search are exactly those
//! that compete for too few persons, and the message names them.

use super::diagnostics as say;
use super::{Chain, Step};
use crate::diag::Diagnostics;
use crate::id::{PersonId, RoleId};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A person with the roles held.
pub type Holder = (PersonId, BTreeSet<RoleId>);

/// Judges a chain against the people. For roles that no chain at all uses, see [`unused_roles`].
pub fn lint(chain: &Chain, people: &[Holder]) -> Diagnostics {
    let mut out = Diagnostics::new();
    let mut holders: BTreeMap<&RoleId, Vec<&PersonId>> = BTreeMap::new();
    for (person, roles) in people {
        for role in roles {
            holders.entry(role).or_default().push(person);
        }
    }
    let mut seen = BTreeSet::new();
    for step in &chain.steps {
        match holders.get(step.role()).map_or(&[][..], Vec::as_slice) {
            [] => out.push(say::role_not_held(&chain.id, step.id.as_str(), step.role().as_str())),
            [one] if seen.insert(step.role()) => {
                out.push(say::one_holder(&chain.id, step.role().as_str(), one.as_str()));
            }
            _ => {}
        }
    }
    // A role nobody holds was reported already; the rest is judged among the others.
    let steps: Vec<&Step> = chain.steps.iter().filter(|s| holders.contains_key(s.role())).collect();
    match fill(&steps, &holders, None) {
        Err(short) => out.push(say::unreachable(&chain.id, &short)),
        Ok(needed) => {
            // Only a person the filling relied on can be missed.
            for author in needed {
                if let Err(short) = fill(&steps, &holders, Some(author)) {
                    out.push(say::author_blocks(&chain.id, author.as_str(), &short));
                }
            }
        }
    }
    out
}

/// Warns of roles that are held and that no step of any of the chains asks for.
pub fn unused_roles<'a>(chains: impl IntoIterator<Item = &'a Chain>, people: &[Holder]) -> Diagnostics {
    let used: BTreeSet<&RoleId> =
        chains.into_iter().flat_map(|c| c.steps.iter().flat_map(Step::roles)).collect();
    let mut idle: BTreeMap<&RoleId, Vec<&str>> = BTreeMap::new();
    for (person, roles) in people {
        for role in roles.iter().filter(|r| !used.contains(r)) {
            idle.entry(role).or_default().push(person.as_str());
        }
    }
    idle.iter().map(|(role, who)| say::role_not_used(role.as_str(), &names(who))).collect()
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
            write!(f, "{steps} {verb} a person, but ")?;
        } else {
            write!(f, "{steps} {verb} {} persons, one for each approval, but ", self.wanted)?;
        }
        match self.persons.as_slice() {
            [] => f.write_str("nobody is left"),
            [one] => write!(f, "there is only `{one}`"),
            some => write!(f, "there are only {}", names(some)),
        }
    }
}

impl Short {
    pub(super) fn help(&self) -> String {
        let more = self.wanted - self.persons.len();
        let persons = if more == 1 { "person" } else { "persons" };
        let roles = names(&self.roles).replace(" and ", " or ");
        format!("grant {roles} to {more} more {persons}")
    }
}

/// `a`, `b` and `c`.
fn names(names: &[impl AsRef<str>]) -> String {
    let quoted: Vec<String> = names.iter().map(|n| format!("`{}`", n.as_ref())).collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Fills every approval of every step with a person of its own, without `author`; the persons used, or
/// the steps that come short.
fn fill<'a>(
    steps: &[&'a Step],
    holders: &BTreeMap<&'a RoleId, Vec<&'a PersonId>>,
    author: Option<&PersonId>,
) -> Result<Vec<&'a PersonId>, Short> {
    let mut seats: BTreeMap<&PersonId, usize> = BTreeMap::new();
    for (position, step) in steps.iter().enumerate() {
        for _ in 0..step.needed() {
            let mut reached = BTreeSet::from([position]);
            if !seat(steps, holders, author, &mut seats, position, &mut reached) {
                return Err(short(steps, holders, author, &reached));
            }
        }
    }
    Ok(seats.into_keys().collect())
}

/// Seats one more person in a step, moving others between steps if need be (an augmenting path). `reached` collects the steps the search came to.
fn seat<'a>(
    steps: &[&'a Step],
    holders: &BTreeMap<&'a RoleId, Vec<&'a PersonId>>,
    author: Option<&PersonId>,
    seats: &mut BTreeMap<&'a PersonId, usize>,
    wanted: usize,
    reached: &mut BTreeSet<usize>,
) -> bool {
    // For each person the search came to, the step that wants that person; for each step it came to, the
    // person seated there who would leave.
    let mut wanted_by: BTreeMap<&'a PersonId, usize> = BTreeMap::new();
    let mut leaves: BTreeMap<usize, &'a PersonId> = BTreeMap::new();
    let mut queue = vec![wanted];
    while let Some(step) = queue.pop() {
        for person in holders[steps[step].role()].iter().copied() {
            if Some(person) == author || wanted_by.contains_key(person) {
                continue;
            }
            wanted_by.insert(person, step);
            if let Some(elsewhere) = seats.get(person) {
                if reached.insert(*elsewhere) {
                    leaves.insert(*elsewhere, person);
                    queue.push(*elsewhere);
                }
                continue;
            }
            let (mut person, mut to) = (person, step);
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

fn short(
    steps: &[&Step],
    holders: &BTreeMap<&RoleId, Vec<&PersonId>>,
    author: Option<&PersonId>,
    reached: &BTreeSet<usize>,
) -> Short {
    let persons: BTreeSet<&PersonId> = reached
        .iter()
        .flat_map(|i| holders[steps[*i].role()].iter().copied())
        .filter(|p| Some(*p) != author)
        .collect();
    let roles: BTreeSet<&RoleId> = reached.iter().map(|i| steps[*i].role()).collect();
    Short {
        steps: reached.iter().map(|i| steps[*i].id.to_string()).collect(),
        roles: roles.iter().map(|r| r.to_string()).collect(),
        wanted: reached.iter().map(|i| steps[*i].needed() as usize).sum(),
        persons: persons.iter().map(|p| p.to_string()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceFile;

    fn chain(steps: &[(&str, &str, u32)]) -> Chain {
        let mut text = String::from(
            "id = \"c\"\ntitle = \"C\"\n[[section]]\nid = \"s\"\ntitle = \"S\"\ncriterion = \"C.\"\n",
        );
        for (id, role, approvals) in steps {
            text += &format!(
                "[[step]]\nid = \"{id}\"\nrole = \"{role}\"\napprovals = {approvals}\n\
                 meaning = \"{{name}} {{decision}} {{package}} {{revision}}\"\n"
            );
        }
        let mut out = Diagnostics::new();
        let file = SourceFile::new("chains/c.toml".parse().unwrap(), text);
        super::super::parse(&file, &mut out).unwrap_or_else(|| panic!("{out:?}"))
    }

    fn people(list: &[(&str, &[&str])]) -> Vec<Holder> {
        list.iter()
            .map(|(p, roles)| (p.parse().unwrap(), roles.iter().map(|r| r.parse().unwrap()).collect()))
            .collect()
    }

    fn codes(chain: &Chain, people: &[Holder]) -> Vec<(&'static str, String)> {
        lint(chain, people).iter().map(|d| (d.code.0, d.message.clone())).collect()
    }

    #[test]
    fn moves_people_between_steps_before_it_complains() {
        // Greedy seating would put a in `one` and leave `two` empty.
        let chain = chain(&[("one", "x", 1), ("two", "y", 1), ("three", "x", 1)]);
        let enough =
            people(&[("a", &["x", "y"]), ("b", &["x"]), ("c", &["x"]), ("d", &["y"]), ("e", &["x", "y"])]);
        assert_eq!(codes(&chain, &enough), []);
        let tight = people(&[("a", &["x", "y"]), ("b", &["x"]), ("c", &["x", "y"])]);
        let found = codes(&chain, &tight);
        assert!(found.iter().all(|(code, _)| *code == "STEP_AUTHOR_BLOCKS"), "{found:?}");
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn names_the_steps_that_compete_and_the_persons_there_are() {
        let chain = chain(&[("one", "x", 2), ("two", "y", 1), ("free", "z", 1)]);
        let few = people(&[("a", &["x"]), ("b", &["x", "y"]), ("c", &["z"]), ("d", &["z"])]);
        let found = codes(&chain, &few);
        assert_eq!(
            found.last().unwrap(),
            &(
                "STEP_UNREACHABLE",
                "steps `one` and `two` need 3 persons, one for each approval, but there are only `a` and `b`"
                    .to_owned()
            )
        );
    }

    #[test]
    fn a_role_nobody_holds_is_said_once() {
        let chain = chain(&[("one", "x", 1), ("two", "y", 1)]);
        let found = codes(&chain, &people(&[("a", &["y"]), ("b", &["y"])]));
        assert_eq!(found, [("ROLE_NOT_HELD", "nobody holds the role `x` of step `one`".to_owned())]);
    }

    #[test]
    fn idle_roles_are_named_with_their_holders() {
        let chain = chain(&[("one", "x", 1)]);
        let found = unused_roles([&chain], &people(&[("a", &["x", "old"]), ("b", &["old"])]));
        assert_eq!(
            found.iter().next().unwrap().message,
            "no step asks for the role `old` held by `a` and `b`"
        );
    }
}
