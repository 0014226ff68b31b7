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

/// The commands that `countersign --help` lists.
fn commands() -> Vec<String> {
    let help = Answer::from(Command::new(program()).arg("--help").output().unwrap()).exits(0).out;
    let list = help.lines().take_while(|line| *line != "Options:");
    let named = list.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let names: Vec<String> =
        named.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    assert!(names.len() > 30, "{names:?}");
    names
}

#[test]
fn every_command_explains_itself() {
    for name in commands() {
        let answer = Answer::from(Command::new(program()).args([&name, "--help"]).output().unwrap()).exits(0);
        assert!(answer.out.contains("Usage:"), "{name}");
        assert!(answer.out.contains(&format!("\n  countersign {name}")), "{name} has no example");
    }
}

#[test]
fn the_list_of_commands_fits_a_page() {
    let help = Answer::from(Command::new(program()).arg("--help").output().unwrap()).exits(0).out;
    for heading in ["Write a package:", "Review a package:", "People:", "Policy:"] {
        assert!(help.lines().any(|line| line == heading), "{heading}\n{help}");
    }
    assert!(help.lines().all(|line| line.chars().count() <= 100), "{help}");
}

#[test]
fn completions_know_every_command() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script =
            Answer::from(Command::new(program()).args(["completions", shell]).output().unwrap()).exits(0).out;
        for name in commands() {
            assert!(script.contains(&name), "{shell} does not know {name}");
        }
    }
    Answer::from(Command::new(program()).args(["completions", "abacus"]).output().unwrap()).exits(2);
}

#[test]
fn there_is_a_manual_page_for_every_command() {
    let dir = tempfile::tempdir().unwrap();
    let pages = dir.path().join("share/man1");
    let answer = Answer::from(Command::new(program()).arg("man").arg(&pages).output().unwrap()).exits(0);
    let count = std::fs::read_dir(&pages).unwrap().count();
    assert!(answer.out.starts_with(&format!("{count} manual pages in ")), "{}", answer.out);
    let first = std::fs::read_to_string(pages.join("countersign.1")).unwrap();
    for name in commands() {
        let page = std::fs::read_to_string(pages.join(format!("countersign-{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS") && page.contains("Example"), "{name}: {page}");
        assert!(first.contains(&name.replace('-', "\\-")), "{name} is not named on the first page");
    }
    assert!(pages.join("countersign-people-enrol.1").is_file(), "also what is below a command");
    // A file where the folder should be.
    std::fs::write(dir.path().join("file"), "").unwrap();
    let file = dir.path().join("file");
    Answer::from(Command::new(program()).arg("man").arg(&file).output().unwrap()).exits(2).says("file");
}

#[test]
fn nothing_is_drawn_where_nobody_sits() {
    let mut desk = crate::desk::Desk::bank();
    for command in ["verify", "build", "status"] {
        let answer = desk.run(&[command]);
        assert!(!answer.err.contains('\u{1b}') && !answer.err.contains("verifying"), "{}", answer.err);
        assert!(!answer.out.contains('\u{1b}'), "{}", answer.out);
    }
}
