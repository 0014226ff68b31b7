//! Tests of policy: our own stories, and what somebody who writes one badly is told.

use crate::desk::{Answer, Desk, program, repository};
use countersign::diag::{Format, render};
use countersign::policy::{self, Report};
use countersign::text::{RepoPath, SourceFile, Sources};
use std::collections::BTreeMap;
use std::process::Command;

/// The files of this repository's chains.
fn sources() -> BTreeMap<RepoPath, Vec<u8>> {
    let mut all = BTreeMap::new();
    for folder in ["chains", "chains/tests", "chains/tests/chains"] {
        for entry in std::fs::read_dir(repository(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "toml") {
                let name = format!("{folder}/{}", path.file_name().unwrap().to_str().unwrap());
                all.insert(name.parse().unwrap(), std::fs::read(&path).unwrap());
            }
        }
    }
    all
}

fn ours() -> Report {
    let sources = sources();
    let tests = sources.iter().filter(|(path, _)| path.parent() == Some("chains/tests"));
    let file = |(path, bytes): (&RepoPath, &Vec<u8>)| {
        SourceFile::new(path.clone(), String::from_utf8(bytes.clone()).unwrap())
    };
    let files: Vec<SourceFile> = tests.map(file).collect();
    policy::run(&files, &sources, None)
}

#[test]
fn r33_to_r44_every_story_of_policy_ends_as_expected() {
    let report = ours();
    assert!(!report.problems.has_errors(), "{}", render(&report.problems, Format::Human, false));
    assert!(report.cases.len() >= 120, "{} cases", report.cases.len());
    let first: String =
        report.human().lines().take_while(|l| !l.starts_with("Reached")).collect::<Vec<_>>().join("\n");
    assert_eq!(report.failed(), 0, "{first}");
}

#[test]
fn every_state_and_every_code_is_reached() {
    for reach in ours().coverage.reach() {
        if ["package states", "step states", "codes"].contains(&reach.what.as_str()) {
            assert!(reach.missed.is_empty(), "{}: {:?}", reach.what, reach.missed);
        }
    }
}

/// The rows of the design's table of what other systems get wrong, each told at least once.
#[test]
fn every_row_of_what_others_get_wrong_is_told() {
    let text = std::fs::read_to_string(repository("chains/tests/wrong-elsewhere.toml")).unwrap();
    for row in 1..=20 {
        assert!(text.contains(&format!("why = \"Row {row}: ")), "row {row}");
    }
}

#[test]
fn r35_the_chain_that_ships_for_a_bank_passes_its_own_tests() {
    let report = ours();
    let own: Vec<_> =
        report.cases.iter().filter(|c| c.path.as_str() == "chains/tests/bank-credit.toml").collect();
    assert!(own.len() >= 5);
    assert!(own.iter().all(|case| case.failures.is_empty()));
}

const CHAIN: &str = r#"
chain_toml = '''
id = "solo"
title = "Solo"

[[section]]
id = "evaluation"
title = "Evaluation"
criterion = "The figures meet the policy."

[[step]]
id = "model"
role = "model"
meaning = "I, {name}, as {role}, {decision} revision {revision} of {package}."
'''

[people]
ines = []
milo = ["model"]

"#;

/// Runs one test of a chain with a single step.
fn told(cases: &str) -> Report {
    let file = SourceFile::new("chains/tests/t.toml".parse().unwrap(), format!("{CHAIN}{cases}"));
    policy::run(&[file], &BTreeMap::new() as &dyn Sources, None)
}

/// The messages, without excerpts.
fn messages(report: &Report) -> Vec<String> {
    let line = |d: &countersign::diag::Diagnostic| {
        let place = d.place.as_ref().unwrap();
        // Lines are counted from the end of the chain, so that the chain may change.
        let line = place.line - CHAIN.lines().count();
        format!("{}:{} {} {} / {}", line, place.column, d.code.0, d.message, d.help)
    };
    report.problems.sorted().into_iter().map(line).collect()
}

#[test]
fn a_failure_says_where_what_was_expected_what_came_and_why() {
    let report = told(
        "[[case]]\nname = \"Milo approves\"\nstory = '''\nines submits\nmilo rejects model finding f1 \"no\"\n'''\n\
         expect = { state = \"approved\", steps = { model = \"satisfied\" }, codes = [\"NOTED\", \"COUNTED\"], missing = [\"tea\"] }\n",
    );
    assert_eq!(report.failed(), 1);
    let text = report.human();
    let line = CHAIN.lines().count() + 2;
    assert!(text.contains(&format!("chains/tests/t.toml:{line}: NOT AS EXPECTED: Milo approves")), "{text}");
    for words in [
        "state       approved   changes_required",
        "step model  satisfied  refused",
        "record 2    COUNTED    STANDING_REJECTION  (Milo rejected revision 1 in step model, with 1 finding)",
        "missing     … tea …",
        "2  STANDING_REJECTION       Milo rejected",
        "[no]  model needs 1 approval by a model reviewer",
    ] {
        assert!(text.contains(words), "`{words}` is not in\n{text}");
    }
    let json = report.json();
    assert_eq!(json["failed"], 1);
    assert_eq!(json["cases"][0]["failures"][0]["mismatches"][0]["expected"], "approved");
}

#[test]
fn everything_wrong_with_a_test_is_said_at_once_with_its_place() {
    let report = told(
        "[[case]]\nname = \"a\"\nstory = '''\nines submits\n  milo aproves model\nmilo approves model maybe\n'''\n\
         expect = { state = \"aproved\", stats = 1 }\n\
         [[case]]\nname = \"a\"\nstory = \"ines submits\"\nexpect = { codes = [\"COUNTD\"], steps = { modle = \"open\" } }\n\
         [[case]]\nname = \"b\"\nstory = \"ines submits\"\n",
    );
    assert_eq!(report.cases.len(), 0);
    let all = messages(&report);
    for wanted in [
        "5:8 POLICY_EVENT `aproves` is nothing that people do / did you mean `approves`?",
        "6:21 POLICY_EVENT these words mean nothing here / ",
        "8:20 POLICY_EXPECT there is no state `aproved` / did you mean `approved`?",
        "8:31 UNKNOWN_KEY [expect] has no key `stats` / did you mean `state`?",
        "10:8 POLICY_DUPLICATE another case is called \"a\" already / ",
        "12:22 POLICY_EXPECT there is no code `COUNTD` / did you mean `COUNTED`?",
        "14:8 POLICY_EMPTY the case expects nothing, so it cannot fail / add expect = { state = \"...\" }",
    ] {
        assert!(all.iter().any(|m| m == wanted), "`{wanted}` is not in {all:#?}");
    }
    assert!(all.iter().any(|m| m.contains("there is no step `modle` / did you mean `model`?")), "{all:#?}");
}

#[test]
fn what_cannot_happen_is_said_at_its_line() {
    let one = |story: &str| {
        let case =
            format!("[[case]]\nname = \"a\"\nstory = '''\n{story}\n'''\nexpect = {{ gate = false }}\n");
        messages(&told(&case)).join("\n")
    };
    for (story, wanted) in [
        ("milo approves model", "4:1 POLICY_PLAY this cannot happen here: nothing was submitted yet"),
        (
            "ines submits\nmilo approves modal",
            "5:1 POLICY_PLAY this cannot happen here: chain solo has no step `modal`",
        ),
        (
            "ines submits\nmilo withdraws 7",
            "5:1 POLICY_PLAY this cannot happen here: there is no record 7 so far",
        ),
        ("ines submits\nat 2020-01-01", "5:1 POLICY_PLAY this cannot happen here: time cannot go back"),
        (
            "ines submits\nines revises evluation \"x\"",
            "5:1 POLICY_PLAY this cannot happen here: there is no section `evluation`",
        ),
        (
            "the chain becomes x",
            "4:1 POLICY_PLAY this cannot happen here: there is no chain `x` under [chains]",
        ),
        ("zed loses role model", "4:1 POLICY_PLAY this cannot happen here: nobody is called zed"),
        (
            "ines submits\nmilo approves model seen=9",
            "5:1 POLICY_PLAY this cannot happen here: there are 1 records so far, not 9",
        ),
    ] {
        assert!(one(story).starts_with(wanted), "{story}: {}", one(story));
    }
}

#[test]
fn a_story_with_escapes_and_a_chain_that_is_wrong_are_refused() {
    let report = told(
        "[[case]]\nname = \"a\"\nstory = \"ines submits\\nmilo approves model\"\nexpect = { gate = true }\n",
    );
    assert_eq!(
        messages(&report),
        [
            "3:9 POLICY_STORY `story` is not written line by line / write it between ''' and ''', without escapes"
        ]
    );

    let file = |text: &str| SourceFile::new("chains/tests/t.toml".parse().unwrap(), text.to_owned());
    let run = |text: &str| policy::run(&[file(text)], &sources() as &dyn Sources, None);
    let case = "[people]\n[[case]]\nname = \"a\"\nexpect = { gate = false }\n";
    for (chain, code) in [
        ("chain = \"nowhere\"\n", "POLICY_CHAIN"),
        ("chain = \"../x.toml\"\n", "BAD_VALUE"),
        ("", "POLICY_CHAIN"),
        ("chain_toml = '''\nid = \"x\"\n'''\n", "MISSING_KEY"),
    ] {
        let report = run(&format!("{chain}{case}"));
        assert!(report.problems.iter().any(|d| d.code.0 == code), "{chain}: {:?}", report.problems);
        assert!(report.cases.is_empty());
    }
    // A message about a chain written inside a test names the line of the test.
    let report = run(&format!("chain_toml = '''\nid = \"x\"\nbad = 1\n'''\n{case}"));
    let bad = report.problems.iter().find(|d| d.code.0 == "UNKNOWN_KEY").unwrap();
    assert_eq!(bad.place.as_ref().unwrap().line, 3);
    assert!(run("chain = \"bank-credit\"\n[people]\n").problems.iter().any(|d| d.code.0 == "POLICY_EMPTY"));
}

fn countersign(root: &std::path::Path, args: &[&str]) -> Answer {
    Answer::from(Command::new(program()).arg("--root").arg(root).args(args).output().unwrap())
}

#[test]
fn the_command_answers_with_its_exit_code() {
    let desk = Desk::bank();
    countersign(&desk.root(), &["test"]).exits(2).says("there are no policy tests");
    let good = "chain = \"desk-credit\"\n[people]\nines = []\n[[case]]\nname = \"It opens\"\nstory = \"ines submits\"\nexpect = { state = \"in_review\" }\n";
    std::fs::create_dir_all(desk.path("chains/tests")).unwrap();
    desk.write("chains/tests/good.toml", good);
    countersign(&desk.root(), &["test"])
        .exits(0)
        .says("1 cases, all as expected")
        .says("chains/desk-credit.toml");
    desk.write("chains/tests/bad.toml", &good.replace("in_review", "approved"));
    countersign(&desk.root(), &["test"]).exits(1).says("chains/tests/bad.toml:5: NOT AS EXPECTED: It opens");
    countersign(&desk.root(), &["test", "--filter", "good.toml"]).exits(0);
    countersign(&desk.root(), &["test", "--filter", "no such case"]).exits(2);
    countersign(&desk.root(), &["test", "chains/tests/good.toml"]).exits(0);
    countersign(&desk.root(), &["test", "chains/tests/none.toml"]).exits(2);
    let json = countersign(&desk.root(), &["test", "--format", "json"]).exits(1).json();
    assert_eq!((&json["passed"], &json["failed"]), (&1.into(), &1.into()));
    desk.write("chains/tests/bad.toml", &good.replace("ines submits", "ines sbmits"));
    countersign(&desk.root(), &["test"]).exits(2).says("did you mean `submits`?").says("bad.toml:6:15");
}

#[test]
fn simulate_says_what_would_be_and_writes_nothing() {
    let mut desk = Desk::submitted();
    let before = desk.read("chains/ledger.jsonl");
    let files = || {
        let mut all: Vec<_> =
            std::fs::read_dir(desk.path("chains/pending")).unwrap().map(|e| e.unwrap().path()).collect();
        all.sort();
        all
    };
    let pending = files();
    let events = ["tomasz-lindqvist approves data-governance", "adaeze-okafor approves model-risk"];
    let args = ["simulate", "scorecard", events[0], events[1]];
    let now = desk.now();
    let run = |args: &[&str]| {
        let mut command = Command::new(program());
        command.arg("--root").arg(desk.root()).env("COUNTERSIGN_NOW", &now).args(args);
        Answer::from(command.output().unwrap())
    };
    run(&args).exits(1).says("nothing is written").says("COUNTED").says("→").says("Then still missing");
    let json = run(&[&args[..], &["--format", "json"]].concat()).exits(1).json();
    assert_eq!(json["records"][0]["code"], "COUNTED");
    assert_eq!(json["before"]["steps"][0]["state"], "open");
    assert_eq!(json["after"]["steps"][0]["state"], "satisfied");
    run(&["simulate", "scorecard", "adaeze-okafor approves model-risk"]).exits(1).says("STEP_NOT_OPEN");
    run(&["simulate", "scorecard", "hana-sato aproves x"]).exits(2).says("did you mean `approves`?");
    run(&["simulate", "scorecard", "ines-moreau resubmits"]).exits(2).says("nobody can submit");
    assert_eq!(files(), pending);
    assert_eq!(desk.read("chains/ledger.jsonl"), before);
    assert_eq!(desk.state(), "in_review");
}
