//! What the pages say about a package in each state.

use super::bank::bank;
use crate::site::{Assets, PageKeys, build};

fn page(path: &str) -> String {
    let world = bank();
    let site = build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap();
    let page = site.pages.into_iter().find(|page| page.path.as_str() == path);
    String::from_utf8(page.unwrap_or_else(|| panic!("no {path}")).bytes.unwrap()).unwrap()
}

fn has(path: &str, parts: &[&str]) {
    let text = page(path);
    for part in parts {
        assert!(text.contains(part), "{path} does not say {part}");
    }
}

#[test]
fn a_package_in_review_shows_criteria_figures_threads_and_options() {
    has(
        "packages/retail-credit-pd/index.html",
        &[
            "approve, reject, or request clarification",
            "Not met",
            "Exception EX-2026-03",
            "1 of 6 thresholds not met",
            "0.004 above the maximum",
            "Clarification, waits for the authors",
            "Reason for rejecting revision 1",
            "Answered in revision 2",
            "countersign decide retail-credit-pd approve",
            "Opens after steps 2 and 3",
            "Does not count: earlier steps had not passed",
            "Data governance had not approved when this was signed.",
            "I, Tomasz Lindqvist, as data governance reviewer",
            "19 November 2026, 13:30 UTC",
        ],
    );
}

#[test]
fn rounds_keep_their_text_and_their_decisions() {
    has("packages/retail-credit-pd/r1.html", &["DGA-2024-052", "Earlier round", "Rejected 12 November 2026"]);
    assert!(!page("packages/retail-credit-pd/index.html").contains("1 Feb 2024"));
}

#[test]
fn the_diff_answers_each_finding_and_shows_words_and_cells() {
    has(
        "packages/retail-credit-pd/diff-1-2.html",
        &[
            "A row for thin-file applicants is added",
            "<strong>Changed:</strong>",
            "added: </span>Monthly",
            "removed: </span>Quarterly",
            "Unchanged: Deployment scope, Disparate impact analysis, Regulatory cross-references",
            "0.034 (at most 0.030)",
            "The overlay is now set monthly",
        ],
    );
}

#[test]
fn a_broken_record_is_said_on_every_page_and_nothing_there_reads_as_approved() {
    for path in ["index.html", "certificate.html", "history.html"] {
        has(
            &format!("packages/limit-increase/{path}"),
            &["INVALID", "Signature does not match this package", "revisions/1/evaluation.md"],
        );
    }
    let text = page("packages/limit-increase/index.html");
    for words in ["Revision 1 is approved", "Certified</", "in force.</p>"] {
        assert!(!text.contains(words), "reads as approved: {words}");
    }
    assert!(!text.contains("0.999"), "shows a text that nobody signed");
    has("index.html", &["INVALID: Signature does not match this package: packages/limit-increase"]);
}

#[test]
fn changed_files_are_said_and_the_signed_text_is_shown() {
    has(
        "packages/collections-1/index.html",
        &[
            "The files of this package changed after revision 1 was submitted",
            "The signatures below are not for this text.",
            "evidence/evaluation/figures.toml",
        ],
    );
    has(
        "packages/collections-1/certificate.html",
        &["The files of this package changed after it was certified"],
    );
}

#[test]
fn a_certificate_names_everything_it_rests_on() {
    has(
        "packages/churn-retention/certificate.html",
        &[
            "approved with 2 conditions",
            "churn-retention 1.4.0",
            "Joanna Adeyemi",
            "ai committee",
            "(2026-09-07T10:47:12Z)",
            "Use in unsecured personal lending only.",
            "Hash of the entry before",
            "ssh-keygen -Y verify",
            "sha256sum -c MANIFEST",
            "20 September 2027",
        ],
    );
    has("packages/overdraft-2/certificate.html", &["This certificate has run out"]);
    let world = bank();
    let site = build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap();
    let count = site.pages.iter().filter(|p| p.path.as_str().ends_with("/certificate.html")).count();
    assert_eq!(count, 4, "a package without a certificate has no such page");
}

#[test]
fn drafts_list_their_problems() {
    has(
        "packages/income-verify/index.html",
        &[
            "2 problems to mend before submitting",
            "packages/income-verify/regulatory.md",
            "This section is missing.",
        ],
    );
    has("packages/unreadable/index.html", &["package.toml is not TOML"]);
}

#[test]
fn no_page_shows_what_a_reviewer_must_not_weigh() {
    let world = bank();
    let site = build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap();
    for page in site.pages.iter().filter(|p| p.path.as_str().ends_with(".html")) {
        let text = String::from_utf8(page.bytes.clone().unwrap()).unwrap().to_lowercase();
        for word in
            ["epoch", "gpu", "learning rate", "sweep", "mlflow", "% compliant", "recommended decision"]
        {
            assert!(!text.contains(word), "{} says {word}", page.path);
        }
    }
}

#[test]
fn the_register_turns_its_pages() {
    let mut world = bank();
    for n in 0..450 {
        world.dossier(&format!("draft-{n:03}"), None, vec![]);
    }
    let site = build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap();
    let lists: Vec<_> = site
        .pages
        .iter()
        .filter(|p| p.path.as_str().starts_with("inventory-"))
        .map(|p| p.path.as_str())
        .collect();
    for wanted in ["inventory-2.html", "inventory-3.html", "inventory-draft.html", "inventory-draft-3.html"] {
        assert!(lists.contains(&wanted), "{lists:?}");
    }
    let largest = site
        .pages
        .iter()
        .filter_map(|p| p.bytes.as_ref().filter(|_| p.path.as_str().ends_with(".html")))
        .map(Vec::len)
        .max();
    assert!(largest.unwrap() < 400_000);
}

#[test]
fn a_package_is_found_by_word_and_by_owner_without_a_script() {
    has("find/index.html", &["find/words-re.html", "find/words-pd.html"]);
    has(
        "find/words-re.html",
        &["<dt>retail</dt>", "Retail credit PD scorecard, version 3.2.0", "in the title", "Question open"],
    );
    has("owners.html", &["owners/ines-moreau/index.html", "Ines Moreau"]);
    has("owners/ines-moreau/index.html", &["Models: owned by Ines Moreau", "Retail credit PD scorecard"]);
    has("index.html", &["owners/ines-moreau/index.html", "By owner"]);
}

#[test]
fn pictures_have_a_title_a_description_and_no_color_alone() {
    has(
        "packages/retail-credit-pd/index.html",
        &[
            "<figcaption class=\"small muted\">Adverse impact ratio by group, against the policy: at least 0.80</figcaption>",
            "age 62 and over 0.94, meets; women 0.98, meets",
            "thin-file applicants 0.034, not met",
            "<title>Calibration error, thin-file applicants: reported 0.034, policy at most 0.030</title>",
            "1. Data governance: Approved; 2. Model risk management: Question open",
        ],
    );
    has("packages/retail-credit-pd/history.html", &["Revision 1: rejected: 16 days"]);
    let world = bank();
    let site = build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap();
    for page in site.pages.iter().filter(|p| p.path.as_str().ends_with(".html")) {
        let text = String::from_utf8(page.bytes.clone().unwrap()).unwrap();
        for picture in text.split("<svg ").skip(1).filter(|p| p.contains("role=\"img\"")) {
            let picture = picture.split("</svg>").next().unwrap();
            if picture.split('>').next().unwrap().contains("role=\"img\"") {
                assert!(picture.contains("<title"), "{}: a picture without a title", page.path);
            }
        }
    }
}
