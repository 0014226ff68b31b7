//! What the register knows of one package beyond its records: its older texts, its rules as they are now,
//! and the certificates of others.

use crate::desk::{Desk, copy};
use countersign::dossier::{Facts, Register, build};
use countersign::store::Workspace;

fn register(desk: &Desk, known: &Facts) -> (Register, Facts) {
    let ws = Workspace::at(&desk.root()).unwrap();
    build(&ws.input().unwrap(), &ws.sources(), known, desk.now().parse().unwrap())
}

#[test]
fn the_engine_is_told_the_texts_that_differ_and_the_rules_as_they_are_now() {
    let mut desk = Desk::submitted();
    desk.edit("packages/scorecard/evaluation.md", "the\nsample is small", "the\nsample was small");
    desk.by("ines-moreau", &["submit", "scorecard", "--note", "evaluation: A word.", "--yes"]).exits(0);
    desk.edit("chains/desk-credit.toml", "title = \"", "title = \"Newer: ");

    let (cold, facts) = register(&desk, &Facts::default());
    let dossier = &cold.packages[&"scorecard".parse().unwrap()];
    let owned = dossier.case(&cold);
    let case = owned.get();
    let text = |revision, section: &str| case.texts.section(revision, &section.parse().unwrap());
    assert!(text(1, "evaluation").unwrap().contains("sample is small"));
    assert!(text(2, "evaluation").unwrap().contains("sample was small"));
    assert_eq!((text(1, "limitations"), text(3, "evaluation")), (None, None));
    let rules = case.rules.as_ref().unwrap();
    assert!(rules.title.starts_with("Newer: "));
    assert_ne!(rules.digest, dossier.current().unwrap().chain.digest);
    assert_eq!(case.superseded_by, None);

    // What an earlier run remembered holds no texts, and they are there all the same.
    let (warm, again) = register(&desk, &facts);
    assert_eq!(facts, again);
    let other = &warm.packages[&"scorecard".parse().unwrap()];
    assert_eq!(dossier.told, other.told);
    assert_eq!(dossier.outcome, other.outcome);
}

/// R33: two certificates for one model version, and the later one does not name the earlier.
#[test]
fn r33_two_packages_certified_for_one_model_version_are_a_conflict() {
    let mut desk = Desk::certified();
    copy(&desk.path("packages/scorecard"), &desk.path("packages/second"));
    std::fs::remove_dir_all(desk.path("packages/second/revisions")).unwrap();
    desk.run(&["check"]).exits(0);
    desk.by("ines-moreau", &["submit", "second", "--yes"]).exits(0);
    for person in ["tomasz-lindqvist", "adaeze-okafor", "hana-sato", "lucas-brandt"] {
        desk.by(person, &["decide", "second", "approve", "--yes"]).exits(0);
    }
    desk.run(&["append"]).exits(0);
    desk.run(&["check"]).exits(0);
    // The program issues none that does not say what it replaces; a hand-made one is told of by the tests of
    // the register.
    desk.by("nora-vance", &["certify", "second", "--yes"])
        .exits(1)
        .says("CERTIFICATE_CONFLICT")
        .says("--supersedes RECORD");
    assert_eq!(desk.state(), "certified");
    desk.run(&["verify"]).exits(0);
    // When the first has run out, there is nothing to choose between.
    desk.wait_days(800);
    desk.by("nora-vance", &["certify", "second", "--yes"]).exits(0);
    desk.run(&["append"]).exits(0);
    desk.run(&["check"]).exits(0);
}
