//! Documentation that cannot drift: DIAGNOSTICS.md is made from the tables in the code, and the commands
//! in README.md exist.

use crate::desk::{Answer, program, repository};
use countersign::{chain, diag, dossier, engine, export, ledger, package, policy, record, store};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

type Rows = &'static [(&'static str, &'static str, &'static str)];

/// Where a code belongs, for the reader.
const AREAS: &[(&str, &str, Rows)] = &[
    ("The workspace", "what lies around the packages", store::CODES),
    ("Files and text", "any file", diag::common::CODES),
    ("Packages", "what `check` says of a package", package::diagnostics::CODES),
    ("Chains", "what `check` and `lint` say of a chain", chain::diagnostics::CODES),
    ("Records", "why a signed statement is refused", record::diagnostics::CODES),
    ("Ledger and people", "what `verify` says of the ledger", ledger::diagnostics::CODES),
    ("Time and the main branch", "what `verify` and `append` say besides", countersign::cli::CODES),
    ("Frozen revisions", "what `verify` says of revisions", dossier::CODES),
    ("Certificates", "what `check` says of two packages for one model version", dossier::CERTIFICATE_CODES),
    ("Base and head", "what `verify --base` says of a change", store::BASE_CODES),
    ("The gate", "why `gate` says not yet", dossier::GATE_CODES),
    ("Deployments", "why `gate MODEL@VERSION` says no", dossier::DEPLOYMENT_CODES),
    ("What became of a record", "codes in `status`, `log` and on the pages", engine::diagnostics::CODES),
    ("Policy tests", "what `test` and `simulate` say of a story", policy::diagnostics::CODES),
    ("Exports", "why there is no evidence to give", export::diagnostics::CODES),
];

fn diagnostics() -> String {
    let mut text =
        "# Diagnostics\n\nEvery code, what it means and what to do. Made from the tables in the code; \
        `COUNTERSIGN_BLESS=1 cargo test --test suite docs` writes it anew.\n"
            .to_owned();
    for (area, what, rows) in AREAS {
        let _ = write!(text, "\n## {area}\n\n{}{}.\n", what[..1].to_uppercase(), &what[1..]);
        for (code, means, todo) in *rows {
            let _ = write!(text, "\n### {code}\n\n{means}\n\n{todo}\n");
        }
    }
    text
}

#[test]
fn diagnostics_md_is_what_the_code_says() {
    let file = repository("DIAGNOSTICS.md");
    let want = diagnostics();
    if std::env::var_os("COUNTERSIGN_BLESS").is_some() {
        std::fs::write(&file, &want).unwrap();
    }
    let have = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(have == want, "DIAGNOSTICS.md is not current: COUNTERSIGN_BLESS=1 cargo test --test suite docs");
}

#[test]
fn every_code_is_documented_once_with_words() {
    let mut seen = BTreeSet::new();
    for (area, _, rows) in AREAS {
        // A ledger break and the fate of a record may share a name; within an area each stands once.
        let mut own = BTreeSet::new();
        for (code, means, todo) in *rows {
            assert!(own.insert(*code), "{area}: {code} stands twice");
            seen.insert(*code);
            assert!(means.len() > 10 && todo.len() > 5, "{area}: {code} needs words");
        }
    }
    for code in engine::FateCode::ALL {
        assert!(seen.contains(code.as_str()), "{} is not documented", code.as_str());
    }
}

/// Every `countersign x` in the README is a command there is.
#[test]
fn the_commands_of_the_readme_exist() {
    let readme = std::fs::read_to_string(repository("README.md")).unwrap();
    let help = Answer::from(Command::new(program()).arg("--help").output().unwrap()).exits(0).out;
    let mut found = 0;
    let fenced = readme.split("```").skip(1).step_by(2);
    for line in fenced.flat_map(str::lines) {
        let Some(rest) = line.trim_start().strip_prefix("countersign ") else { continue };
        let command = rest.split_whitespace().next().unwrap();
        assert!(
            help.lines().any(|l| l.trim_start().starts_with(&format!("{command} "))),
            "{command} in {line}"
        );
        found += 1;
    }
    assert!(found >= 8, "{found} commands were found");
}

#[test]
fn every_command_explains_itself() {
    let help = Answer::from(Command::new(program()).arg("--help").output().unwrap()).exits(0).out;
    let commands = help.lines().skip_while(|l| *l != "Commands:").skip(1).take_while(|l| !l.is_empty());
    let named = commands.filter(|l| l.starts_with("  ") && !l.starts_with("   "));
    let names: Vec<&str> = named.filter_map(|l| l.split_whitespace().next()).collect();
    assert!(names.len() > 15, "{names:?}");
    for name in names.iter().filter(|n| **n != "help") {
        let answer = Answer::from(Command::new(program()).args([name, "--help"]).output().unwrap()).exits(0);
        assert!(answer.out.contains("Usage:"), "{name}");
    }
}
