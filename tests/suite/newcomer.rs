//! What someone meets who uses the program for the first time: the words, and the mistakes they make.

use crate::desk::Desk;
use std::process::Command;

const BANK: &str = "scorecard";

fn init(desk: &mut Desk, more: &[&str]) -> crate::desk::Answer {
    let args = ["init", "--person", "nora-vance", "--person-name", "Nora Vance", "--yes"];
    let email = ["--email", "nora-vance@example.test"];
    desk.by("nora-vance", &[&args[..], &email[..], more].concat())
}

#[test]
fn the_skeleton_is_not_content_as_it_is() {
    let mut desk = Desk::empty();
    init(&mut desk, &["--chain", "bank-credit"]).exits(0);
    let found = desk.run(&["check"]).exits(1);
    assert_eq!(found.out.matches("error[PLACEHOLDER]").count(), 12, "{}", found.out);
    assert!(found.out.contains("package.toml:"), "{}", found.out);
    for noise in ["BAD_VALUE", "MISSING_KEY", "FIGURE_MISSING"] {
        assert!(!found.out.contains(noise), "{noise}: {}", found.out);
    }
    found.says("FIGURE_EMPTY").says("is not filled in");
    desk.by("nora-vance", &["submit", "first-package", "--yes"]).exits(1).says("PLACEHOLDER");
}

#[test]
fn whoever_committed_or_is_named_as_co_author_contributed() {
    let mut desk = Desk::bank();
    desk.git(&["init", "-q"]).exits(0);
    desk.git(&["add", "-A"]).exits(0);
    let words = "Write the package\n\nCo-authored-by: Hana Sato <hana-sato@example.test>\n";
    let mut commit = Command::new("git");
    commit.arg("-C").arg(desk.root()).args(["-c", "commit.gpgsign=false", "commit", "-q", "-m", words]);
    commit.env("GIT_AUTHOR_NAME", "Ines").env("GIT_AUTHOR_EMAIL", "ines-moreau@example.test");
    commit.env("GIT_COMMITTER_NAME", "Lucas").env("GIT_COMMITTER_EMAIL", "lucas-brandt@example.test");
    commit.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    assert!(commit.status().unwrap().success());
    desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(0);
    for person in ["hana-sato", "lucas-brandt"] {
        desk.by(person, &["decide", BANK, "approve", "--yes"]).exits(1).says("CONTRIBUTOR");
    }
}

#[test]
fn a_file_name_shows_what_it_is() {
    let mut desk = Desk::bank();
    desk.write("packages/scorecard/evidence/evaluation/a\u{202e}vsc.md", "x");
    desk.run(&["check"]).exits(1).says("cannot be seen").says("202e");
}

const TEXT: &str = "\nThe model ranks invented parcels by the hour they are likely to arrive, for the people who plan the \
routes of one depot; they may overrule it, and nothing else may be decided with it. It was fitted on the \
parcels of 2024 and tested on those of 2025, which it had never seen.\n";

/// The README's way, from an empty folder to the evidence.
#[test]
fn the_starter_chain_leads_from_init_to_a_certificate() {
    let mut desk = Desk::empty();
    init(&mut desk, &[]).exits(0).says("git config countersign.key").says("git add -A && git commit");
    let request = desk.beside("grace.toml");
    let request = request.to_str().unwrap();
    let args = ["people", "request", "--person", "hana-sato", "--name", "Hana Sato", "--out", request];
    desk.by("hana-sato", &[&args[..], &["--email", "hana-sato@example.test"]].concat()).exits(0);
    let enrol = ["people", "enrol", request, "--identity", "in person", "--yes"];
    desk.by("nora-vance", &enrol).exits(0);
    for section in ["purpose", "training-data", "evaluation", "limitations"] {
        desk.write(&format!("packages/first-package/{section}.md"), TEXT);
    }
    let toml = "packages/first-package/package.toml";
    desk.edit(toml, "State the permitted use in one sentence.", "Plan the routes of one depot.");
    desk.edit(toml, "State what it must not be used for.", "Judging drivers.");
    let figures = "packages/first-package/evidence/evaluation/figures.toml";
    desk.edit(figures, "value = \"\"", "value = \"0.91\"");
    desk.edit(figures, "sample = \"\"", "sample = \"parcels of 2025\"");
    desk.edit(figures, "source = \"\"", "source = \"evidence/evaluation/test.py\"");
    desk.write("packages/first-package/evidence/evaluation/test.py", "print(0.91)\n");
    desk.run(&["check"]).exits(0).says("1 package, 1 chain: nothing is wrong");
    desk.by("nora-vance", &["submit", "first-package", "--yes"]).exits(0);
    // Nobody may decide yet, so a decision is not what is advised.
    let status = desk.run(&["status"]).exits(0).says("0 of 1 approval,");
    assert!(!status.out.contains("countersign decide"), "{}", status.out);
    status.says("countersign people grant PERSON reviewer");
    desk.by("nora-vance", &["people", "grant", "hana-sato", "reviewer", "--yes"]).exits(0);
    desk.by("hana-sato", &["decide", "first-package", "approve", "--yes"])
        .exits(0)
        .says("Your decision counts.");
    desk.run(&["append"]).exits(0);
    desk.by("nora-vance", &["certify", "first-package", "--yes"]).exits(0);
    let json = desk.run(&["--format", "json", "append"]).exits(0).json();
    assert_eq!((&json["appended"], &json["lines"]), (&1.into(), &6.into()), "{json}");
    let json = desk.run(&["--format", "json", "append"]).exits(0).json();
    assert_eq!(json["appended"], 0, "{json}");
    desk.run(&["verify"]).exits(0).says("6 ledger lines").says("1 frozen revision,").says("2 people.");
    let out = desk.beside("evidence");
    let out = out.to_str().unwrap();
    desk.run(&["--format", "bundle", "export", "first-package", "--out", out]).exits(0);
}

/// A draft waits for whoever writes it, not for a registrar; and the key is named so that it is found from
/// every folder.
#[test]
fn after_init_the_first_package_awaits_its_author() {
    let mut desk = Desk::empty();
    let said = init(&mut desk, &[]).exits(0);
    let key = said.out.lines().find_map(|line| line.split_once("git config countersign.key ")).unwrap().1;
    assert!(std::path::Path::new(key).is_absolute(), "{key}");
    let todo = desk.by("nora-vance", &["todo"]).exits(0);
    assert!(todo.out.starts_with("1 thing awaits you, Nora Vance\n"), "{}", todo.out);
    assert!(todo.out.contains("countersign submit first-package"), "{}", todo.out);
    assert!(!todo.out.contains("registrar must grant"), "{}", todo.out);
}

#[test]
fn bare_init_speaks_of_no_package() {
    let mut desk = Desk::empty();
    let said = init(&mut desk, &["--bare"]).exits(0).says("countersign.key");
    assert!(!said.out.contains("first-package"), "{}", said.out);
    let workflow = desk.read(".github/workflows/countersign.yml");
    assert!(!workflow.contains("cargo install countersign"), "{workflow}");
    // What a branch is called reaches no script but through the environment.
    assert_eq!(workflow.matches("github.base_ref").count(), 1, "{workflow}");
}

#[test]
fn status_shows_what_was_found_and_has_no_shape_for_files() {
    let mut desk = Desk::submitted();
    let finding = "training-data | the license is missing | name the license";
    desk.by("tomasz-lindqvist", &["decide", BANK, "reject", "--finding", finding, "--yes"]).exits(0);
    let status = desk.run(&["status"]).exits(0);
    let at = status.out.find("  ! data-governance-f1-1 in training-data (by Tomasz Lindqvist)").unwrap();
    let rest = &status.out[at..];
    assert!(rest.contains("the license is missing") && rest.contains("required: name the license"), "{rest}");
    for shape in ["sarif", "github"] {
        desk.run(&["--format", shape, "status"]).exits(2).says("--format json");
    }
}

#[test]
fn a_condition_needs_an_owner_who_is_enrolled() {
    let mut desk = Desk::submitted();
    let args = ["decide", BANK, "approve", "--condition", "Do it | nobody", "--yes"];
    desk.by("tomasz-lindqvist", &args).exits(2).says("nobody is enrolled as `nobody`").says("hana-sato");
    assert_eq!(desk.codes().len(), 1);
}

#[test]
fn a_fingerprint_and_a_file_name_may_be_given_bare() {
    let mut desk = Desk::bank();
    let root = desk.root();
    let request = ["people", "request", "--person", "hana-sato", "--name", "Hana Sato", "--out", "hana.toml"];
    let args = [&request[..], &["--email", "hana-sato@example.test"]].concat();
    desk.by_with(Some("hana-sato"), &args, |command| {
        command.current_dir(root);
    })
    .exits(0);
    assert!(desk.path("hana.toml").is_file());
    let people = desk.run(&["--format", "json", "people"]).exits(0).json();
    let hana = people.as_array().unwrap().iter().find(|p| p["id"] == "hana-sato").unwrap();
    let whole = hana["keys"][0]["fingerprint"].as_str().unwrap();
    let bare = whole.strip_prefix("SHA256:").unwrap();
    let args = ["people", "revoke", "hana-sato", bare, "--reason", "lost", "--yes"];
    desk.by("nora-vance", &args).exits(0);
    desk.run(&["people"]).exits(0).says("revoked: lost");
}
