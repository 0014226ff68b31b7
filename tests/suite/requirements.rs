//! The requirement checklist, where no story tells it: one test a line, named by its R-number.

use crate::desk::{Answer, Desk, copy, program, repository};
use countersign::record;
use std::process::{Command, Stdio};

const BANK: &str = "scorecard";

fn page(desk: &mut Desk, path: &str) -> String {
    desk.run(&["build"]).exits(0);
    desk.read(&format!("site/public/{path}"))
}

#[test]
fn r02_a_figure_without_a_threshold_and_a_threshold_without_a_figure_are_errors() {
    let mut desk = Desk::bank();
    let figures = "packages/scorecard/evidence/evaluation/figures.toml";
    let text = desk.read(figures);
    desk.write(figures, &(text.clone() + "\n[[figure]]\nid = \"loss\"\nvalue = \"0.1\"\nsample = \"x\"\nsource = \"evidence/evaluation/evaluate.py\"\n"));
    desk.run(&["check"]).exits(1).says("figures.toml").says("loss");
    desk.write(figures, "");
    desk.run(&["check"]).exits(1).says("auc");
    desk.write(figures, &text.replace("0.791", "0.749").replace("0.741", "0.700"));
    desk.run(&["check"]).exits(1).says("0.749");
    desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(1);
}

#[test]
fn r03_r04_r14_r15_the_page_says_what_to_review_in_which_order_against_what() {
    let mut desk = Desk::submitted();
    let html = page(&mut desk, "packages/scorecard/index.html");
    let at = |words: &str| html.find(words).unwrap_or_else(|| panic!("`{words}` is not on the page"));
    // The list of sections links to each, in the chain's order; each shows its criterion and citation.
    assert!(at("href=\"#section-training-data\"") < at("href=\"#section-evaluation\""));
    assert!(at("href=\"#section-evaluation\"") < at("href=\"#section-limitations\""));
    for (criterion, cite) in [
        ("Every source is named, authorized and in date.", "P-1, section 2"),
        ("Every threshold of the policy is met.", "P-1, section 3"),
        ("Each limitation is stated with its effect.", "P-1, section 4"),
    ] {
        assert!(at(criterion) < at(cite) + html.len());
    }
    for option in ["approve", "reject", "clarif"] {
        at(option);
    }
    // R16: what is possible now, and who can do it.
    at("Tomasz Lindqvist");
}

#[test]
fn r08_r68_a_package_is_about_one_model_version() {
    let mut desk = Desk::bank();
    let text = desk.read("packages/scorecard/package.toml");
    desk.write("packages/scorecard/package.toml", &text.replace("version = \"1.0.0\"\n", ""));
    desk.run(&["check"]).exits(1).says("version");
    desk.write(
        "packages/scorecard/package.toml",
        &text.replace("[scope]", "[model]\nname = \"b\"\nversion = \"2\"\n[scope]"),
    );
    desk.run(&["check"]).exits(1).says("package.toml");
}

#[test]
fn r10_r31_a_submission_pins_its_chain_and_freezes_its_bytes() {
    let mut desk = Desk::approved();
    let chain = desk.read("chains/desk-credit.toml");
    assert_eq!(desk.read("packages/scorecard/revisions/1/chain.toml"), chain);
    // New rules apply from the next submission on; what was approved stays approved under its own.
    desk.edit("chains/desk-credit.toml", "approvals = 2", "approvals = 3");
    desk.run(&["gate", BANK]).exits(0);
    desk.edit("packages/scorecard/revisions/1/evaluation.md", "tested once", "tested twice");
    desk.run(&["gate", BANK]).exits(3);
    // A package without a chain has no criteria and cannot be submitted.
    let mut desk = Desk::bank();
    desk.edit("packages/scorecard/package.toml", "desk-credit", "no-such-chain");
    desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(1).says("no-such-chain");
}

#[test]
fn r13_r21_every_section_has_a_criterion_and_a_step_that_judges_it() {
    let mut desk = Desk::bank();
    desk.edit("chains/desk-credit.toml", "scope = [\"*\"]", "scope = [\"evaluation\"]");
    desk.edit(
        "chains/desk-credit.toml",
        "scope = [\"evaluation\", \"limitations\"]",
        "scope = [\"evaluation\"]",
    );
    desk.run(&["check"]).exits(1).says("limitations").says("desk-credit.toml");
    let mut desk = Desk::bank();
    desk.edit("chains/desk-credit.toml", "criterion = \"Each limitation is stated with its effect.\"\n", "");
    desk.run(&["check"]).exits(1).says("criterion");
}

#[test]
fn r19_r20_a_section_of_links_is_no_section() {
    let mut desk = Desk::bank();
    desk.write("packages/scorecard/limitations.md", "# Known limitations\n\n[the run](https://example.test/run/1) [the script](evidence/evaluation/evaluate.py)\n");
    let answer = desk.run(&["check"]).exits(1);
    assert!(answer.out.contains("limitations.md"), "{}", answer.out);
    // Everything wrong is said at once, as text, JSON, SARIF and annotations.
    desk.write("packages/scorecard/evaluation.md", "# Evaluation\n\n<script>alert(1)</script>\n");
    let json = desk.run(&["--format", "json", "check"]).exits(1).json();
    let files: Vec<&str> =
        json.as_array().unwrap().iter().filter_map(|d| d["place"]["path"].as_str()).collect();
    assert!(
        files.iter().any(|f| f.ends_with("limitations.md"))
            && files.iter().any(|f| f.ends_with("evaluation.md"))
    );
    let sarif = desk.run(&["--format", "sarif", "check"]).exits(1).json();
    assert_eq!(sarif["version"], "2.1.0");
    assert!(desk.run(&["--format", "github", "check"]).exits(1).out.contains("::error title="));
}

#[test]
fn r23_a_comment_is_bound_to_the_section_it_was_made_on() {
    let mut desk = Desk::submitted();
    desk.by(
        "hana-sato",
        &[
            "comment",
            BANK,
            "--section",
            "evaluation",
            "--quote",
            "the\nsample is small",
            "--text",
            "How small?",
            "--yes",
        ],
    )
    .exits(0);
    let html = page(&mut desk, "packages/scorecard/index.html");
    let section = html
        .split("id=\"section-evaluation\"")
        .nth(1)
        .unwrap()
        .split("id=\"section-limitations\"")
        .next()
        .unwrap();
    assert!(section.contains("How small?") && section.contains("Hana Sato"));
    let pending: String = pending(&desk).concat();
    assert!(pending.contains("\\\"anchor\\\":{\\\"quote\\\":"));
}

fn pending(desk: &Desk) -> Vec<String> {
    let files = std::fs::read_dir(desk.path("chains/pending")).unwrap().map(|e| e.unwrap().path());
    files
        .filter(|p| p.extension().is_some_and(|e| e == "json"))
        .map(|p| std::fs::read_to_string(p).unwrap())
        .collect()
}

#[test]
fn r28_another_signer_package_or_decision_breaks_the_signature() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    let line = pending(&desk).into_iter().find(|t| t.contains("\\\"kind\\\":\\\"decide\\\"")).unwrap();
    let value: serde_json::Value = serde_json::from_str(&line).unwrap();
    let (bytes, sig) = (value["record"].as_str().unwrap(), value["sig"].as_str().unwrap());
    let signed = |record: String| record::verify(record::Signed { record, sig: sig.to_owned(), tst: None });
    assert!(signed(bytes.to_owned()).is_ok());
    for (old, new) in [
        ("\"person\":\"tomasz-lindqvist\"", "\"person\":\"hana-sato\""),
        ("\"package\":\"scorecard\"", "\"package\":\"scorecarp\""),
        ("\"decision\":\"approve\"", "\"decision\":\"abstain\""),
        ("\"revision\":1", "\"revision\":2"),
        ("\"step\":\"data-governance\"", "\"step\":\"model-risk\""),
    ] {
        assert!(bytes.contains(old), "{old}");
        assert!(signed(bytes.replace(old, new)).is_err(), "{new}");
    }
    // R47: a name without a signature is no record.
    assert!(
        record::verify(record::Signed { record: bytes.to_owned(), sig: String::new(), tst: None }).is_err()
    );
}

#[test]
fn r33_r35_r42_the_shipped_chains_hold_and_differ() {
    let mut desk = Desk::bank();
    for chain in ["bank-credit", "clinical", "eu-ai-act-high-risk"] {
        std::fs::copy(
            repository(&format!("chains/{chain}.toml")),
            desk.path(&format!("chains/{chain}.toml")),
        )
        .unwrap();
    }
    desk.run(&["check"]).exits(0);
    let bank = std::fs::read_to_string(repository("chains/bank-credit.toml")).unwrap();
    let steps: Vec<usize> = ["data-governance", "model-risk", "fair-lending", "ai-committee"]
        .iter()
        .map(|s| bank.find(&format!("[[step]]\nid = \"{s}\"")).unwrap())
        .collect();
    assert!(steps.is_sorted());
    // The same package under a chain that asks less has another outcome.
    let mut desk = Desk::bank();
    desk.edit("chains/desk-credit.toml", "approvals = 2", "approvals = 1");
    desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(0);
    for who in ["tomasz-lindqvist", "adaeze-okafor", "hana-sato"] {
        desk.by(who, &["decide", BANK, "approve", "--yes"]).exits(0);
    }
    assert_eq!(desk.state(), "approved");
}

#[test]
fn r41_a_correction_voids_only_the_approvals_whose_sections_it_touches() {
    let mut desk = Desk::approved();
    desk.edit("packages/scorecard/training-data.md", "invented loans", "loans that were invented");
    desk.by("ines-moreau", &["submit", BANK, "--note", "training-data: wording", "--yes"]).exits(0);
    assert_eq!(desk.step("data-governance"), "stale", "its section changed");
    let codes = desk.codes();
    assert!(codes.contains(&"STALE_CONTENT".to_owned()), "{codes:?}");
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    // Model risk carries changes outside its sections; the committee carries nothing.
    assert_eq!(desk.step("model-risk"), "satisfied_with_conditions");
    assert_ne!(desk.step("ai-committee"), "satisfied");
    desk.run(&["gate", BANK]).exits(1);
}

#[test]
fn r52_the_signed_digest_is_what_sha256sum_says() {
    let desk = Desk::submitted();
    let dir = desk.path("packages/scorecard/revisions/1");
    let check =
        Command::new("sha256sum").args(["-c", "--quiet", "MANIFEST"]).current_dir(&dir).output().unwrap();
    Answer::from(check).exits(0);
    let digest = Answer::from(Command::new("sha256sum").arg("MANIFEST").current_dir(&dir).output().unwrap())
        .exits(0)
        .out;
    assert!(pending(&desk).concat().contains(&digest[..64]), "the submission signs {digest}");
}

#[test]
fn r59_a_finding_about_a_threshold_names_one_that_is_missed() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    let finding = ["--finding", "evaluation | below policy | retrain", "--reason", "threshold", "--yes"];
    desk.by("adaeze-okafor", &[&["decide", BANK, "reject"][..], &finding[..]].concat())
        .exits(2)
        .says("every threshold is met");
    desk.by("adaeze-okafor", &[&["decide", BANK, "reject", "--figure", "auc"][..], &finding[..]].concat())
        .exits(2);
    let empty = ["decide", BANK, "reject", "--finding", "evaluation | below policy | ", "--yes"];
    assert_ne!(
        desk.by("adaeze-okafor", &empty).code,
        0,
        "R58: what would make it approvable is not optional"
    );
}

#[test]
fn r67_the_history_lists_rounds_and_keeps_no_score() {
    let mut desk = Desk::submitted();
    desk.by(
        "tomasz-lindqvist",
        &["decide", BANK, "reject", "--finding", "training-data | a source is missing | name it", "--yes"],
    )
    .exits(0);
    desk.edit("packages/scorecard/training-data.md", "invented loans", "loans that were invented");
    desk.by(
        "ines-moreau",
        &[
            "submit",
            BANK,
            "--note",
            "training-data: wording",
            "--answer",
            "data-governance-f1-1: named",
            "--yes",
        ],
    )
    .exits(0);
    let html = page(&mut desk, "packages/scorecard/history.html");
    assert!(html.contains("Revision 1") && html.contains("Revision 2") && html.contains("rejected"));
    for word in ["score", "days to", "average", "%"] {
        let text = html.split("<main").nth(1).unwrap().replace("scorecard", "").replace("Scorecard", "");
        assert!(!text.to_lowercase().contains(word), "{word}");
    }
    // R62: who rejected is led to the comparison; R24: each answer stands beside its finding.
    let html = page(&mut desk, "packages/scorecard/diff-1-2.html");
    for words in ["a source is missing", "name it", "named", "<ins", "<del"] {
        assert!(html.contains(words), "{words}");
    }
    assert!(page(&mut desk, "packages/scorecard/index.html").contains("diff-1-2.html"));
    assert!(
        page(&mut desk, "packages/scorecard/r1.html").contains("invented loans"),
        "R66: every round is kept"
    );
}

#[test]
fn r73_r76_r77_r82_the_evidence_proves_itself_and_is_complete() {
    let mut desk = Desk::certified();
    let out = desk.beside("evidence");
    desk.run(&["export", BANK, "--format", "bundle", "--out", out.to_str().unwrap()]).exits(0);
    let verify = |dir: &std::path::Path| -> Answer {
        Command::new("sh").arg("verify.sh").current_dir(dir).stdin(Stdio::null()).output().unwrap().into()
    };
    verify(&out).exits(0);
    let steps = std::fs::read_to_string(out.join("VERIFY.txt")).unwrap();
    for word in ["sha256sum", "ssh-keygen", "jq"] {
        assert!(steps.contains(word), "{word}");
    }
    let json = desk.beside("certificate.json");
    desk.run(&["export", BANK, "--format", "json", "--out", json.to_str().unwrap()]).exits(0);
    let certificate: serde_json::Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    let schema: serde_json::Value = serde_json::from_str(countersign::export::SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&certificate));
    let text = certificate.to_string();
    for id in desk.status()["records"].as_array().unwrap().iter().filter(|r| r["kind"] != "comment") {
        assert!(text.contains(id["id"].as_str().unwrap()), "every record before the certificate is in it");
    }
    // One changed byte anywhere is found.
    let mut files = Vec::new();
    let mut todo = vec![out.clone()];
    while let Some(dir) = todo.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { todo.push(path) } else { files.push(path) }
        }
    }
    let signed = files
        .iter()
        .filter(|f| !["VERIFY.txt", "verify.sh"].contains(&f.file_name().unwrap().to_str().unwrap()));
    for file in signed {
        let again = desk.beside("again");
        let _ = std::fs::remove_dir_all(&again);
        copy(&out, &again);
        let target = again.join(file.strip_prefix(&out).unwrap());
        let mut bytes = std::fs::read(&target).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        std::fs::write(&target, bytes).unwrap();
        assert_ne!(verify(&again).code, 0, "{}", target.display());
    }
    // Nothing is exported that is not certified.
    let mut open = Desk::approved();
    let out = open.beside("none");
    open.run(&["export", BANK, "--format", "bundle", "--out", out.to_str().unwrap()])
        .exits(1)
        .says("certify");
    assert!(!out.exists());
}

#[test]
fn the_version_and_help_are_answers() {
    let run = |args: &[&str]| Answer::from(Command::new(program()).args(args).output().unwrap());
    run(&["--version"]).exits(0).says("countersign 0.");
    run(&["--help"]).exits(0).says("0 yes, 1 no, 2 could not answer, 3 tampered");
    run(&[]).exits(2);
}
