//! Diffs of revisions: golden ones, and what must hold for any two texts.

#![expect(clippy::disallowed_methods, reason = "tests of speed read the clock")]

use countersign::diag::Diagnostics;
use countersign::diff::{
    Change, PackageDiff, Side, Tag, canonical_json, digest, human, redline, revisions, touched_sections,
};
use countersign::digest::{FileDigest, sha256};
use countersign::package::{Listed, Package, parse};
use countersign::text::RepoPath;
use proptest::prelude::*;
use std::collections::BTreeMap;

const TOML: &str = r#"title = "Scorecard"
chain = "c"
owner = "ines"
authors = ["ines"]
[model]
name = "score"
version = "1"
[scope]
use = "Loans."
not_for = "Mortgages."
"#;

fn figure(id: &str, value: &str) -> String {
    format!("[[figure]]\nid = \"{id}\"\nvalue = \"{value}\"\nsample = \"s\"\nsource = \"evidence/e/x.py\"\n")
}

struct Revision {
    package: Package,
    sources: BTreeMap<RepoPath, Vec<u8>>,
}

impl Revision {
    fn new(files: &[(&str, &str)]) -> Self {
        let listing: Vec<Listed> = files
            .iter()
            .map(|(path, text)| Listed {
                path: (*path).to_owned(),
                size: text.len() as u64,
                digest: FileDigest(sha256(text.as_bytes())),
            })
            .collect();
        let base: RepoPath = "packages/p".parse().unwrap();
        let sources: BTreeMap<RepoPath, Vec<u8>> =
            files.iter().map(|(path, text)| (base.join(path).unwrap(), text.as_bytes().to_vec())).collect();
        let mut out = Diagnostics::new();
        let package = parse("p".parse().unwrap(), &listing, &base, &sources, &mut out);
        Revision { package: package.unwrap_or_else(|| panic!("{out:?}")), sources }
    }

    fn side(&self) -> Side<'_> {
        Side::load(&self.package, &"packages/p".parse().unwrap(), &self.sources).unwrap()
    }
}

fn diff(old: &[(&str, &str)], new: &[(&str, &str)]) -> PackageDiff {
    revisions(&Revision::new(old).side(), &Revision::new(new).side())
}

fn of_texts(old: &str, new: &str) -> PackageDiff {
    diff(&[("package.toml", TOML), ("e.md", old)], &[("package.toml", TOML), ("e.md", new)])
}

#[test]
fn everything_that_changed_is_classified() {
    let old_figures = figure("auc", "0.74") + &figure("ece", "0.02");
    let new_figures = figure("auc", "0.79") + &figure("ks", "0.4");
    let old = [
        ("package.toml", TOML),
        ("same.md", "The same."),
        ("gone.md", "It goes."),
        (
            "e.md",
            "## Results\n\nThe limit is 5 % of loans.\n\n| Metric | Value |\n|---|--:|\n| AUC | 0.74 |\n| KS | 0.4 |\n\nOld words here.\n",
        ),
        ("evidence/e/figures.toml", &old_figures),
        ("evidence/e/x.py", "1"),
        ("evidence/e/old.csv", "1"),
    ];
    let toml = TOML.replace("version = \"1\"", "version = \"2\"");
    let new = [
        ("package.toml", toml.as_str()),
        ("same.md", "The same."),
        ("come.md", "It comes."),
        (
            "e.md",
            "## Results\n\nThe limit is 6 % of loans.\n\n| Metric | Value |\n|---|--:|\n| AUC | 0.79 |\n| KS | 0.4 |\n\n- a new list\n",
        ),
        ("evidence/e/figures.toml", &new_figures),
        ("evidence/e/x.py", "2"),
        ("evidence/e/new.csv", "1"),
    ];
    let diff = diff(&old, &new);
    let names: Vec<String> = touched_sections(&diff).iter().map(ToString::to_string).collect();
    assert_eq!(names, ["come", "e", "gone", "package"]);
    assert_eq!(diff.unchanged.len(), 1);
    insta::assert_snapshot!("diff_human", human(&diff));
    insta::assert_snapshot!("diff_json", canonical_json(&diff));
    assert_eq!(digest(&diff).0, sha256(canonical_json(&diff).as_bytes()));
}

#[test]
fn layout_alone_is_said_to_be_layout() {
    let diff = of_texts("Some *words* here.", "Some words here.\n");
    let section = &diff.sections[0];
    assert!(section.formatting && section.blocks.is_empty());
    assert!(human(&diff).contains("formatting only"));
    let struck = of_texts("It is not safe.", "It is ~~not~~ safe.");
    assert_eq!(struck.sections[0].blocks[0].change, Change::Modified);
    let link = of_texts("[a](https://a.example)", "[a](https://b.example)");
    assert_eq!(link.sections[0].blocks[0].change, Change::Modified);
}

#[test]
fn a_terminal_is_not_written_to() {
    let diff = of_texts("a", "\u{1b}[2Jb");
    assert!(!human(&diff).contains('\u{1b}'));
}

#[test]
fn keys_are_sorted_at_every_level() {
    let diff = of_texts("| a |\n|---|\n| b |\n", "| a | c |\n|---|---|\n| b | 1 |\n| d | 2 |\n");
    let json = canonical_json(&diff);
    // serde_json without `preserve_order` sorts the keys of a value: printing it again must change nothing.
    let again: BTreeMap<String, serde_json::Value> = serde_json::from_str(&json).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), json);
}

#[test]
fn long_sections_are_compared_in_no_time() {
    let text = |word: &str| -> String {
        (0..14_000)
            .map(|n| format!("Paragraph {n} of {word} says something that nobody reads.\n\n"))
            .collect()
    };
    let one = "word ".repeat(200_000);
    let start = std::time::Instant::now();
    let pairs = [
        (text("x"), text("y")),
        (text("x"), format!("First.\n\n{}Last.\n", text("x"))),
        (one.clone(), one.replace("word", "other")),
        ("- a\n".repeat(200_000), "- b\n".repeat(200_000)),
        (
            format!("| a |\n|---|\n{}", "| x |\n".repeat(100_000)),
            format!("| a |\n|---|\n{}", "| y |\n".repeat(100_000)),
        ),
    ];
    for (old, new) in pairs {
        let diff = of_texts(&old, &new);
        assert!(!diff.sections[0].blocks.is_empty());
        human(&diff);
    }
    // A minute is far above what an unoptimized build takes, far below anything quadratic.
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}

fn document() -> impl Strategy<Value = String> {
    let block = prop::sample::select(vec![
        "One paragraph.",
        "Another paragraph with words.",
        "## A",
        "## B",
        "- x\n- y",
        "- x\n- z",
        "1. a",
        "> quote",
        "| k | v |\n|---|---|\n| a | 1 |",
        "| k | v |\n|---|---|\n| a | 2 |\n| a | 3 |\n| b |",
        "| v |\n|---|\n| 2 |",
        "```\ncode\n```",
        "---",
        "x[^1]\n\n[^1]: note",
        "- [x] t",
        "- [ ] t",
        "![i](evidence/e/i.png)",
        "<b>raw</b>",
        "> - a\n>   - b",
        "a\nb",
    ]);
    prop::collection::vec(block, 0..10).prop_map(|blocks| blocks.join("\n\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn nothing_differs_from_itself(text in document()) {
        let diff = of_texts(&text, &text);
        prop_assert!(diff.sections.is_empty() && touched_sections(&diff).is_empty());
        prop_assert_eq!(human(&diff), "nothing changed\n");
    }

    #[test]
    fn added_and_removed_change_places_when_sides_do(old in document(), new in document()) {
        let (there, back) = (of_texts(&old, &new), of_texts(&new, &old));
        prop_assert_eq!(there.sections.len(), back.sections.len());
        prop_assert_eq!(digest(&there), digest(&of_texts(&old, &new)));
        for (a, b) in there.sections.iter().zip(&back.sections) {
            let balance = |s: &countersign::diff::SectionDiff| -> i64 {
                s.blocks.iter().map(|c| match c.change {
                    Change::Added => 1,
                    Change::Removed => -1,
                    Change::Modified => 0,
                }).sum()
            };
            prop_assert_eq!(balance(a), -balance(b));
            prop_assert_eq!(a.formatting, b.formatting);
        }
    }

    /// Each block of either text is in exactly one change or unchanged: what went and what came accounts
    /// for the difference in number.
    #[test]
    fn the_counts_add_up(old in document(), new in document()) {
        let count = |text: &str| -> i64 {
            let all = of_texts("", text);
            all.sections.first().map_or(0, |s| i64::try_from(s.blocks.len()).unwrap())
        };
        let diff = of_texts(&old, &new);
        let balance: i64 = diff.sections.iter().flat_map(|s| &s.blocks).map(|c| match c.change {
            Change::Added => 1,
            Change::Removed => -1,
            Change::Modified => 0,
        }).sum();
        prop_assert_eq!(count(&new) - count(&old), balance);
    }

    #[test]
    fn any_two_texts(old in "\\PC*", new in "\\PC*") {
        let diff = of_texts(&old, &new);
        let _ = (human(&diff), canonical_json(&diff));
        let runs = redline(&old, &new);
        let kept = |without: Tag| -> String {
            runs.iter().filter(|r| r.tag != without).map(|r| r.text.as_str()).collect()
        };
        prop_assert_eq!(kept(Tag::Added), old);
        prop_assert_eq!(kept(Tag::Removed), new);
    }
}
