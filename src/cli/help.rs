//! Help: every command under a heading, with an example. Completions and manual pages are made of the same.
//!
//! The table below is what `countersign --help` lists; a test holds that each command stands in it once and
//! that each example can be given as it stands.

use super::args::{self, Cli};
use super::out::{Exit, Failure, answer, count};
use clap::{Command, CommandFactory as _};
use std::fmt::Write as _;

/// A command with its examples.
type Entry = (&'static str, &'static [&'static str]);

/// Headings, and the commands below them in the order of their use.
const GROUPS: &[(&str, &[Entry])] = &[
    (
        "Start",
        &[
            ("demo", &["demo", "demo ./bank --no-serve"]),
            (
                "init",
                &[
                    "init --person ada --person-name 'Ada Example' --email ada@example.test --key ~/.ssh/id_ed25519",
                    "init --chain bank-credit --person ada --person-name 'Ada Example' --email ada@example.test",
                ],
            ),
        ],
    ),
    (
        "See where things stand",
        &[
            ("todo", &["todo", "todo --as ada"]),
            ("status", &["status", "status credit", "status credit-pd@2.1.0 --as-of 2026-06-30"]),
            ("explain", &["explain credit"]),
            ("diff", &["diff credit", "diff credit 1 2"]),
            ("log", &["log credit"]),
        ],
    ),
    (
        "Write a package",
        &[
            ("check", &["check", "check credit", "check --format github"]),
            (
                "submit",
                &[
                    "submit credit",
                    "submit credit --answer 'model-risk-f1-1: refitted on 2025' --note 'evaluation: new figures'",
                ],
            ),
            ("answer", &["answer credit 3fa9c1 --text 'Section 2 says so.'"]),
            ("retract", &["retract credit --reason 'The data were wrong.'"]),
        ],
    ),
    (
        "Review a package",
        &[
            ("review", &["review", "review credit --as grace"]),
            (
                "decide",
                &[
                    "decide credit approve",
                    "decide credit approve --condition 'Report drift | ada | 2027-03-31 | kind=post_merge'",
                    "decide credit reject --finding 'evaluation | misses its bound | retrain'",
                    "decide credit clarify --question 'evaluation | Which sample is this?'",
                    "decide credit approve --for grace",
                ],
            ),
            (
                "comment",
                &[
                    "comment credit --section evaluation --text 'A typo in the last line.'",
                    "comment credit --section evaluation --question --text 'Which sample is this?'",
                ],
            ),
            ("resolve", &["resolve credit 3fa9c1 --text 'Thank you.'"]),
            ("confirm", &["confirm credit --step model-risk"]),
            ("object", &["object credit --step model-risk --reason 'The sample is stale.'"]),
            ("withdraw", &["withdraw credit 3fa9c1 --reason 'I read the wrong revision.'"]),
            ("recuse", &["recuse credit --reason 'I advised the vendor.'"]),
        ],
    ),
    (
        "Meet conditions",
        &[
            ("discharge", &["discharge credit model-risk-c1-1 --how 'Report filed.' --evidence report.pdf"]),
            (
                "verify-condition",
                &[
                    "verify-condition credit model-risk-c1-1 --met --reason 'I read the report.'",
                    "verify-condition credit model-risk-c1-1 --not-met --reason 'Two months are missing.'",
                ],
            ),
            ("waive", &["waive credit model-risk-c1-1 --reason 'The policy has changed.'"]),
        ],
    ),
    (
        "Make exceptions",
        &[
            (
                "override",
                &[
                    "override credit --step fair-lending --until 2027-01-31 --review 2027-01-15 --reason 'Outage.'",
                    "override credit --second 3fa9c1 --reason 'I agree.'",
                ],
            ),
            (
                "resolve-rejection",
                &["resolve-rejection credit 3fa9c1 --reason 'Answered in revision 2; its signer has left.'"],
            ),
            ("revoke", &["revoke credit --reason 'A defect was found.'"]),
        ],
    ),
    (
        "People",
        &[
            (
                "people",
                &[
                    "people",
                    "people request --person grace --name 'Grace Example' --email grace@example.test --out grace.toml",
                    "people enrol grace.toml --role reviewer --identity 'in person, 2026-11-20'",
                    "people absent grace --from 2026-12-21 --until 2027-01-03 --reason leave",
                ],
            ),
            (
                "delegate",
                &[
                    "delegate grace --from 2026-12-21 --until 2027-01-04 --reason 'on leave' --step model-risk",
                ],
            ),
            ("undelegate", &["undelegate 3fa9c1 --reason 'back early'"]),
        ],
    ),
    (
        "Ledger, gate and certificate",
        &[
            ("append", &["append"]),
            ("verify", &["verify", "verify --base origin/main", "verify --merged"]),
            ("gate", &["gate credit", "gate credit-pd@2.1.0 --use credit --env production"]),
            ("certify", &["certify credit"]),
            (
                "export",
                &[
                    "export credit --format bundle --out ./evidence",
                    "export credit --format json --out certificate.json",
                ],
            ),
        ],
    ),
    (
        "Policy",
        &[
            ("lint", &["lint"]),
            ("test", &["test", "test chains/tests/credit.toml --filter away"]),
            ("simulate", &["simulate credit 'grace approves model-risk' '+10 days'"]),
        ],
    ),
    (
        "Pages and shell",
        &[
            ("build", &["build", "build --out ./pages"]),
            ("serve", &["serve --open", "serve --port 0"]),
            ("completions", &["completions bash > ~/.local/share/bash-completion/completions/countersign"]),
            ("man", &["man ~/.local/share/man/man1"]),
        ],
    ),
];

/// Below the list.
const AFTER: &str = "\
Exit codes: 0 yes, 1 no, 2 could not answer, 3 tampered.
Start with `countersign demo`, or `countersign init` in a repository of yours.
`countersign COMMAND --help` explains a command, with an example.";

/// The whole command line, as it is parsed and shown.
pub fn command() -> Command {
    let mut command = Cli::command();
    for (name, examples) in GROUPS.iter().flat_map(|(_, entries)| *entries) {
        let mut text = if examples.len() == 1 { "Example:" } else { "Examples:" }.to_owned();
        for example in *examples {
            let _ = write!(text, "\n  countersign {example}");
        }
        command = command.mut_subcommand(name, |command| command.after_help(text));
    }
    let list = list(&command);
    let header = command.get_styles().get_header();
    let options = format!("{header}Options:{header:#}\n{{options}}{{after-help}}");
    command
        .help_template(format!("{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{list}{options}"))
        .after_help(AFTER)
}

/// Columns of the list on the page.
const WIDTH: usize = 96;

/// The commands below their headings, each with what it does.
fn list(command: &Command) -> String {
    let entries = || GROUPS.iter().flat_map(|(_, entries)| *entries);
    let column = entries().map(|(name, _)| name.len()).max().unwrap_or(0) + 4;
    let (header, literal) = (command.get_styles().get_header(), command.get_styles().get_literal());
    let mut out = String::new();
    for (heading, entries) in GROUPS {
        let _ = writeln!(out, "{header}{heading}:{header:#}");
        for (name, _) in *entries {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = write!(out, "  {literal}{name}{literal:#}{:1$}", "", column - 2 - name.len());
            let mut at = column;
            for word in about.split_whitespace() {
                if at + word.len() > WIDTH {
                    let _ = write!(out, "\n{:1$}", "", column);
                    at = column;
                }
                let _ = write!(out, "{}{word}", if at == column { "" } else { " " });
                at += word.len() + 1;
            }
            out.push('\n');
        }
        out.push('\n');
    }
    out
}

/// Prints what a shell completes commands with.
pub fn completions(args: &args::Completions) -> Exit {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "countersign", &mut text);
    answer(&String::from_utf8_lossy(&text));
    Exit::Yes
}

/// Writes a manual page for each command.
pub fn man(args: &args::Man) -> Result<Exit, Failure> {
    let cannot = |error: std::io::Error| Failure::cannot(format!("{}: {error}", args.dir.display()));
    std::fs::create_dir_all(&args.dir).map_err(cannot)?;
    clap_mangen::generate_to(command(), &args.dir).map_err(cannot)?;
    let pages = count(1 + below(&command()), "manual page");
    answer(&format!("{pages} in {0}; `man -l {0}/countersign.1` shows the first.\n", args.dir.display()));
    Ok(Exit::Yes)
}

/// How many commands there are below one.
fn below(command: &Command) -> usize {
    command.get_subcommands().map(|sub| 1 + below(sub)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// An example in words, as a shell would cut it.
    fn words(example: &str) -> Vec<String> {
        let mut out = vec!["countersign".to_owned()];
        for (at, part) in example.split('\'').enumerate() {
            if at % 2 == 1 {
                out.push(part.to_owned());
            } else {
                out.extend(part.split_whitespace().take_while(|word| *word != ">").map(str::to_owned));
            }
        }
        out
    }

    #[test]
    fn every_command_stands_once_under_a_heading() {
        let listed: Vec<&str> = GROUPS.iter().flat_map(|(_, e)| *e).map(|(name, _)| *name).collect();
        let cli = Cli::command();
        let there: BTreeSet<&str> = cli.get_subcommands().map(Command::get_name).collect();
        assert_eq!(listed.iter().copied().collect::<BTreeSet<_>>(), there);
        assert_eq!(listed.len(), there.len(), "one stands twice");
    }

    #[test]
    fn every_example_is_understood() {
        command().debug_assert();
        for (name, examples) in GROUPS.iter().flat_map(|(_, entries)| *entries) {
            assert!(!examples.is_empty(), "{name} has no example");
            for example in *examples {
                assert!(example.starts_with(name), "{example}");
                if let Err(error) = command().try_get_matches_from(words(example)) {
                    panic!("{example}: {error}");
                }
            }
        }
    }

    #[test]
    fn every_command_and_argument_says_what_it_is_for() {
        fn look(command: &Command, path: &str) {
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(about.len() > 8, "{path} says nothing");
            for arg in command.get_arguments() {
                let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.len() > 5, "{path}: {} says nothing", arg.get_id());
            }
            for sub in command.get_subcommands() {
                look(sub, &format!("{path} {}", sub.get_name()));
            }
        }
        look(&command(), "countersign");
    }
}
