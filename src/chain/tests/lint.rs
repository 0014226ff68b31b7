//! What the lint says of chains and people, and its proof against trying everything.

use super::super::fill::{Holders, fill};
use super::super::{Chain, Holder, Quorum, Share, Step, Tally, Tie, Way, lint, offices, parse, unused_roles};
use crate::diag::Diagnostics;
use crate::id::{PersonId, RoleId};
use crate::text::SourceFile;
use proptest::prelude::*;
use std::collections::BTreeMap;

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
    parse(&file, &mut out).unwrap_or_else(|| panic!("{out:?}"))
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
            "steps `one` and `two` need 3 different persons, but there are only `a` and `b`".to_owned()
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
    assert_eq!(found.iter().next().unwrap().message, "no step asks for the role `old` held by `a` and `b`");
}

/// A chain of steps given in TOML, under one section.
fn steps(text: &str) -> Chain {
    let mut all = String::from(
        "id = \"c\"\ntitle = \"C\"\n[[section]]\nid = \"s\"\ntitle = \"S\"\ncriterion = \"C.\"\n",
    );
    for (at, step) in text.split(";;").enumerate() {
        let meaning = "{name} {decision} {package} {revision}";
        all += &format!("[[step]]\nid = \"s{}\"\nmeaning = \"{meaning}\"\n{}\n", at + 1, step.trim());
    }
    let mut out = Diagnostics::new();
    let file = SourceFile::new("chains/c.toml".parse().unwrap(), all);
    parse(&file, &mut out).unwrap_or_else(|| panic!("{out:?}"))
}

#[test]
fn alternatives_are_tried_until_one_can_be_filled() {
    let chain =
        steps("any_of = [{ role = \"x\", approvals = 2 }, { role = \"y\" }] ;; role = \"x\"\napprovals = 2");
    let enough = people(&[("a", &["x"]), ("b", &["x"]), ("c", &["y", "x"]), ("d", &["y"])]);
    assert_eq!(codes(&chain, &enough), []);
    let few = people(&[("a", &["x"]), ("b", &["x"]), ("c", &["y"])]);
    let found = codes(&chain, &few);
    assert!(
        found.iter().any(|(code, text)| *code == "STEP_AUTHOR_BLOCKS" && text.contains("`c`")),
        "{found:?}"
    );
}

#[test]
fn a_quorum_needs_its_chair_its_presence_and_its_part_of_all() {
    let vote = |rule: &str| steps(&format!("role = \"x\"\nquorum = {{ {rule} }}"));
    let unreachable = |chain: &Chain, list: &[(&str, &[&str])]| {
        codes(chain, &people(list)).into_iter().any(|(code, _)| code == "STEP_UNREACHABLE")
    };
    let three: &[(&str, &[&str])] = &[("a", &["x"]), ("b", &["x"]), ("c", &["x"]), ("d", &["boss"])];
    assert!(!unreachable(&vote("present = 3, yes = 2"), three));
    assert!(unreachable(&vote("present = 4, yes = 2"), three));
    assert!(!unreachable(&vote("present = 1, yes = \"3/3\""), three));
    assert!(unreachable(&vote("present = 1, yes = 1, chair = \"boss\""), three), "the chair is no voter");
    let chaired: &[(&str, &[&str])] = &[("a", &["x"]), ("b", &["x", "boss"])];
    assert!(!unreachable(&vote("present = 2, yes = 2, chair = \"boss\""), chaired));
}

#[test]
fn escalation_adds_people() {
    let chain = steps("role = \"x\"\napprovals = 2\nescalate = [{ to = \"y\", after = \"2 days\" }]");
    let list = people(&[("a", &["x"]), ("b", &["x"]), ("c", &["y"])]);
    assert_eq!(codes(&chain, &list), []);
}

#[test]
fn steps_that_exclude_each_other_do_not_compete() {
    let apart = |second: &str| {
        steps(&format!(
            "role = \"z\" ;; role = \"x\"\nwhen = {{ meta = \"use\", in = [\"credit\"] }} ;; role = \"x\"\nwhen = {{ meta = \"use\", {second} }}"
        ))
    };
    let list = people(&[("a", &["x"]), ("b", &["x"]), ("c", &["z"]), ("d", &["z"])]);
    assert_eq!(codes(&apart("not_in = [\"credit\"]"), &list), []);
    let found = codes(&apart("in = [\"credit\", \"pricing\"]"), &list);
    assert_eq!(found.len(), 2, "either may write: {found:?}");
}

#[test]
fn too_many_alternatives_are_said_not_to_be_proven() {
    let ways = "any_of = [{ role = \"x\", approvals = 2 }, { role = \"y\", approvals = 2 }, { role = \"z\", approvals = 2 }]";
    let chain = steps(&vec![ways; 40].join(" ;; "));
    let names: Vec<String> = (0..70).map(|n| format!("p{n}")).collect();
    let list: Vec<(&str, &[&str])> = names.iter().map(|n| (n.as_str(), ["x", "y", "z"].as_slice())).collect();
    assert_eq!(codes(&chain, &people(&list)).last().unwrap().0, "STEP_NOT_PROVEN");
}

#[test]
fn offices_are_no_idle_roles_and_override_takes_two() {
    let chain = steps("role = \"x\"");
    let said = |list: &[(&str, &[&str])]| -> Vec<String> {
        let people = people(list);
        let found = [unused_roles([&chain], &people), offices([&chain], &people)];
        found.iter().flat_map(Diagnostics::iter).map(|d| d.message.clone()).collect()
    };
    let none: [&str; 0] = [];
    assert_eq!(said(&[("a", &["x", "issuer", "registrar", "revoker"])]), none);
    assert_eq!(said(&[("a", &["issuer", "override"]), ("b", &["override"])]), none);
    assert_eq!(
        said(&[("a", &["x", "override"])]),
        [
            "nobody holds the role `issuer`: no certificate can be issued",
            "only `a` holds the role `override`: an override takes two persons"
        ]
    );
}

/// True if each person can be given to one step or none so that every step has enough: every choice tried.
fn tried(steps: &[&Step], holders: &Holders<'_>, persons: &[&PersonId]) -> bool {
    let choices = steps.len() + 1;
    (0..choices.pow(u32::try_from(persons.len()).unwrap())).any(|code| {
        let mut code = code;
        let mut given: Vec<Vec<&PersonId>> = vec![Vec::new(); choices];
        for person in persons {
            given[code % choices].push(person);
            code /= choices;
        }
        steps
            .iter()
            .zip(&given)
            .all(|(step, given)| step.ways.iter().any(|way| passes(way, given, persons, holders)))
    })
}

fn passes(way: &Way, given: &[&PersonId], persons: &[&PersonId], holders: &Holders<'_>) -> bool {
    let holds = |role: &RoleId, person: &PersonId| holders.get(role).is_some_and(|h| h.contains(person));
    let voters: Vec<&&PersonId> = given.iter().filter(|p| holds(&way.role, p)).collect();
    match &way.tally {
        Tally::Approvals(n) => voters.len() >= *n as usize,
        Tally::Quorum(q) => {
            let pool = persons.iter().filter(|p| holds(&way.role, p)).count();
            voters.len() >= q.present as usize
                && voters.len() >= q.yes.of(u32::try_from(pool).unwrap()) as usize
                && q.chair.as_ref().is_none_or(|chair| voters.iter().any(|p| holds(chair, p)))
        }
    }
}

fn ways() -> impl Strategy<Value = Way> {
    let role = || (0..3_u8).prop_map(|n| format!("r{n}").parse::<RoleId>().unwrap());
    let share = prop_oneof![
        (1..4_u32).prop_map(Share::Count),
        (1..4_u32).prop_map(|numerator| Share::Fraction { numerator, denominator: 3 })
    ];
    let quorum = (1..4_u32, share, prop::option::of(role())).prop_map(|(present, yes, chair)| {
        Tally::Quorum(Quorum { present, yes, chair, tie: Tie::Fail, no_is_present: false })
    });
    (role(), prop_oneof![(1..3_u32).prop_map(Tally::Approvals), quorum])
        .prop_map(|(role, tally)| Way { role, tally })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]
    #[test]
    fn the_proof_agrees_with_trying_everything(
        list in prop::collection::vec(prop::collection::vec(ways(), 1..3), 1..4),
        people in prop::collection::vec(prop::collection::btree_set(0..3_u8, 0..4), 1..6),
    ) {
        let steps: Vec<Step> = list
            .into_iter()
            .enumerate()
            .map(|(at, ways)| Step { ways, ..Step::plain(format!("s{at}").parse().unwrap(), "r0".parse().unwrap(), 1) })
            .collect();
        let steps: Vec<&Step> = steps.iter().collect();
        let people: Vec<Holder> = people
            .into_iter()
            .enumerate()
            .map(|(at, roles)| {
                (format!("p{at}").parse().unwrap(), roles.iter().map(|n| format!("r{n}").parse().unwrap()).collect())
            })
            .collect();
        let mut holders: Holders<'_> = BTreeMap::new();
        for (person, roles) in &people {
            for role in roles {
                holders.entry(role).or_default().insert(person);
            }
        }
        let persons: Vec<&PersonId> = people.iter().map(|(person, _)| person).collect();
        let whole = fill(&steps, &holders, None);
        prop_assert_eq!(whole.is_ok(), tried(&steps, &holders, &persons));
        for author in &persons {
            let others: Vec<&PersonId> = persons.iter().copied().filter(|p| p != author).collect();
            let without = fill(&steps, &holders, Some(author));
            prop_assert_eq!(without.is_ok(), tried(&steps, &holders, &others));
            // The shortcut of the lint: nobody else can be missed.
            if let Ok(used) = &whole {
                prop_assert!(without.is_ok() || used.contains(author));
            }
        }
    }
}
