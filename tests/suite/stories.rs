//! Whole stories, told with the real program as people would use it.

use crate::desk::{Desk, PASSPHRASE, copy, keygen};
use std::process::{Child, Command, Stdio};

const BANK: &str = "scorecard";

/// A process that ends with the test, however that ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// R05 R06 R17 R34 R36 R44 R68 R69 R70 R71 R75: from submission to certificate.
#[test]
fn a_package_is_submitted_decided_in_order_and_certified() {
    let mut desk = Desk::submitted();
    assert_eq!(desk.state(), "in_review");
    assert_eq!(desk.step("data-governance"), "open");
    assert_eq!(desk.step("model-risk"), "waiting");
    desk.run(&["gate", BANK]).exits(1).says("IN_REVIEW").says("Tomasz Lindqvist");
    desk.by("nora-vance", &["certify", BANK, "--yes"]).exits(1);

    let said = desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    assert!(said.err.contains("I, Tomasz Lindqvist, as data-governance, have read revision 1 of scorecard and I approve its training data provenance."), "{}", said.err);
    assert_eq!(desk.step("model-risk"), "open");
    let condition = "Report the stability index each quarter | ines-moreau | 2027-06-30";
    desk.by("adaeze-okafor", &["decide", BANK, "approve", "--condition", condition, "--yes"]).exits(0);
    desk.by("hana-sato", &["decide", BANK, "approve", "--yes"]).exits(0);
    assert_eq!(desk.step("ai-committee"), "open", "two of them must approve");
    desk.by("lucas-brandt", &["decide", BANK, "approve", "--yes"]).exits(0);
    assert_eq!(desk.state(), "approved_with_conditions");
    desk.run(&["gate", BANK]).exits(0);

    // What a certificate rests on must be in the ledger first.
    desk.by("nora-vance", &["certify", BANK, "--yes"]).exits(1).says("countersign append");
    desk.run(&["append"]).exits(0).says("5 records appended");
    desk.by("ines-moreau", &["certify", BANK, "--yes"]).exits(1).says("ROLE_NOT_HELD");
    desk.by("nora-vance", &["certify", BANK, "--yes"]).exits(0);
    desk.run(&["append"]).exits(0);
    assert_eq!(desk.state(), "certified");
    desk.run(&["verify"]).exits(0).says("Everything holds");
    desk.run(&["gate", BANK]).exits(0);

    let log = desk.run(&["--format", "json", "log", BANK]).exits(0).json();
    let kinds: Vec<&str> = log.as_array().unwrap().iter().map(|r| r["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["submit", "decide", "decide", "decide", "decide", "certify"]);
    // Each line follows the one before.
    for pair in log.as_array().unwrap().windows(2) {
        assert_eq!(pair[1]["prev"], pair[0]["hash"]);
    }
    // The certificate runs out by itself: twelve months later the gate is shut.
    desk.wait_days(366);
    assert_eq!(desk.state(), "expired");
    desk.run(&["gate", BANK]).exits(1).says("CERTIFICATE_EXPIRED");
}

/// R55 R56 R57 R58 R60 R61 R63 R64 R65 R66: a rejection is answered, with the diff in the record.
#[test]
fn a_rejected_package_is_revised_and_every_finding_is_answered() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.by("adaeze-okafor", &["decide", BANK, "reject", "--yes"]).exits(2).says("at least one finding");
    let finding = "evaluation | One split says little | Report the spread over other splits";
    desk.by("adaeze-okafor", &["decide", BANK, "reject", "--finding", finding, "--yes"]).exits(0);
    assert_eq!(desk.state(), "changes_required");
    desk.run(&["gate", BANK]).exits(1).says("CHANGES_REQUIRED");
    desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(1).says("nothing changed");

    desk.edit(
        "packages/scorecard/evaluation.md",
        "No other test was made, and the\nsample is small.",
        "Over 20 other splits the figure\nruns from 0.747 to 0.839.",
    );
    desk.run(&["gate", BANK]).exits(1).says("UNSUBMITTED_CHANGES");
    let refused = desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(1);
    assert!(refused.err.contains("a note on the changed section `evaluation`"), "{}", refused.err);
    assert!(refused.err.contains("an answer to finding `model-risk-f1-1`"), "{}", refused.err);
    assert!(!desk.path("packages/scorecard/revisions/2").exists(), "nothing was half-written");
    let wrong = [
        "submit",
        BANK,
        "--note",
        "evaluation: spread added",
        "--note",
        "limitations: none",
        "--answer",
        "model-risk-f1-1: done",
        "--yes",
    ];
    desk.by("ines-moreau", &wrong).exits(1).says("section `limitations` did not change");
    let right = [
        "submit",
        BANK,
        "--note",
        "evaluation: spread added",
        "--answer",
        "model-risk-f1-1: spread over 20 splits reported",
        "--yes",
    ];
    desk.by("ines-moreau", &right).exits(0);

    assert_eq!(desk.state(), "changes_required", "the rejection stands until its seat looks again");
    let codes = desk.codes();
    assert!(codes.contains(&"CARRIED".to_owned()), "the provenance did not change: {codes:?}");
    assert!(codes.contains(&"STANDING_REJECTION".to_owned()), "{codes:?}");
    // The signed digest of the diff can be made again by anybody.
    let diff = desk.run(&["--format", "json", "diff", BANK, "1", "2"]).exits(0).out;
    let digest = countersign::digest::hex(&countersign::digest::sha256(diff.trim_end().as_bytes()));
    let pending: String = std::fs::read_dir(desk.path("chains/pending"))
        .unwrap()
        .map(|e| std::fs::read_to_string(e.unwrap().path()).unwrap())
        .collect();
    assert!(pending.contains(&digest), "the submission names {digest}");

    desk.by("adaeze-okafor", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.by("hana-sato", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.by("lucas-brandt", &["decide", BANK, "approve", "--yes"]).exits(0);
    assert_eq!(desk.state(), "approved");
    let status = desk.status();
    assert_eq!(status["findings"][0]["open"], false);
    assert_eq!(status["findings"][0]["answer"][0], 2, "answered in revision 2");
}

/// R16 R24 R25 R26: a question is part of the record and holds up the approval.
#[test]
fn a_question_holds_up_its_asker_until_it_is_answered_and_closed() {
    let mut desk = Desk::submitted();
    let ask =
        ["comment", BANK, "--section", "training-data", "--question", "--text", "Who signed D-7?", "--yes"];
    desk.by("tomasz-lindqvist", &ask).exits(0);
    assert_eq!(desk.state(), "clarification_pending");
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(1);
    let thread = desk.status()["threads"][0]["id"].as_str().unwrap()[..10].to_owned();
    desk.by("tomasz-lindqvist", &["answer", BANK, &thread, "--yes"]).exits(2).says("needs words");
    desk.by("ines-moreau", &["answer", BANK, &thread, "--text", "The data office, in May.", "--yes"])
        .exits(0);
    desk.by("ines-moreau", &["resolve", BANK, &thread, "--yes"]).exits(1).says("only Tomasz Lindqvist");
    desk.by("tomasz-lindqvist", &["resolve", BANK, &thread, "--yes"]).exits(0);
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    assert_eq!(desk.step("data-governance"), "satisfied");
    let quote = [
        "comment",
        BANK,
        "--section",
        "evaluation",
        "--quote",
        "words that are not there",
        "--text",
        "x",
        "--yes",
    ];
    desk.by("hana-sato", &quote).exits(2).says("does not say that");
}

/// R34 R37 R43: out of turn, self-approval, two seats: refused before anything is signed.
#[test]
fn what_would_not_count_is_refused_and_nothing_is_written() {
    let mut desk = Desk::submitted();
    let before = std::fs::read_dir(desk.path("chains/pending")).unwrap().count();
    desk.by("adaeze-okafor", &["decide", BANK, "approve", "--yes"])
        .exits(1)
        .says("STEP_NOT_OPEN")
        .says("nothing has been signed");
    desk.by("ines-moreau", &["decide", BANK, "approve", "--step", "data-governance", "--yes"])
        .exits(1)
        .says("ROLE_NOT_HELD");
    assert_eq!(std::fs::read_dir(desk.path("chains/pending")).unwrap().count(), before);

    desk.by("nora-vance", &["people", "grant", "ines-moreau", "data-governance", "--yes"]).exits(0);
    desk.by("nora-vance", &["people", "grant", "tomasz-lindqvist", "model-risk", "--yes"]).exits(0);
    desk.by("ines-moreau", &["decide", BANK, "approve", "--yes"]).exits(1).says("SOD_AUTHOR");
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--step", "data-governance", "--yes"]).exits(0);
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--step", "model-risk", "--yes"])
        .exits(1)
        .says("SOD_ONE_STEP");
}

/// R30: a decision is taken back by a new record; the seat is empty then.
#[test]
fn a_withdrawal_leaves_the_seat_empty_and_the_record_in_place() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    let id = desk.status()["records"][1]["id"].as_str().unwrap()[..8].to_owned();
    desk.by("hana-sato", &["withdraw", BANK, &id, "--reason", "not mine", "--yes"])
        .exits(1)
        .says("only Tomasz Lindqvist");
    desk.by("tomasz-lindqvist", &["decide", BANK, "reject", "--finding", "training-data | a | b", "--yes"])
        .exits(1);
    desk.by("tomasz-lindqvist", &["withdraw", BANK, &id, "--reason", "read the wrong file", "--yes"])
        .exits(0);
    assert_eq!(desk.step("data-governance"), "open");
    assert_eq!(desk.codes()[1], "WITHDRAWN");
    desk.run(&["log", BANK]).exits(0).says("WITHDRAWN");
}

/// R20 R22 R53: missing sections are named; a changed file shuts the gate and the page says so.
#[test]
fn a_changed_working_copy_is_not_what_was_signed() {
    for file in ["evaluation.md", "evidence/evaluation/evaluate.py", "package.toml"] {
        let mut desk = Desk::approved();
        desk.run(&["gate", BANK]).exits(0);
        let path = format!("packages/scorecard/{file}");
        let text = desk.read(&path);
        desk.write(&path, &format!("{text}\n"));
        desk.run(&["gate", BANK]).exits(1).says("UNSUBMITTED_CHANGES").says(file);
        desk.run(&["verify"]).exits(0);
        desk.run(&["build"]).exits(0);
        let page = desk.read("site/public/packages/scorecard/index.html");
        assert!(page.contains("The signatures below are not for this text"), "{file}");
        assert!(page.contains(file), "the page names {file}");
    }
    let mut desk = Desk::bank();
    for section in ["training-data", "evaluation", "limitations"] {
        let path = desk.path(&format!("packages/scorecard/{section}.md"));
        let text = std::fs::read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        desk.run(&["check", BANK]).exits(1).says(section);
        desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(1);
        std::fs::write(path, text).unwrap();
    }
}

/// No command waits for a prompt when nobody can answer: it says what is missing and exits 2.
#[test]
fn nothing_waits_for_a_prompt_without_a_terminal() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve"]).exits(2).says("--yes");
    let without = |c: &mut Command| {
        c.env_remove("COUNTERSIGN_PASSPHRASE_FILE");
    };
    let args = ["decide", BANK, "approve", "--yes"];
    desk.by_with(Some("tomasz-lindqvist"), &args, without).exits(2).says("COUNTERSIGN_PASSPHRASE_FILE");
    desk.run(&args).exits(2).says("no signing key");
    std::fs::write(desk.beside("passphrase"), "wrong").unwrap();
    desk.by("tomasz-lindqvist", &args).exits(2).says("nothing has been signed");
    std::fs::write(desk.beside("passphrase"), PASSPHRASE).unwrap();
    // A key nobody enrolled, and one without a passphrase.
    keygen(&desk.beside("keys/stranger"));
    desk.by("stranger", &args).exits(1).says("not enrolled");
    let bare = desk.beside("keys/bare");
    let made =
        Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(&bare).status().unwrap();
    assert!(made.success());
    let request = desk.beside("bare.toml");
    let args = [
        "people",
        "request",
        "--person",
        "b",
        "--name",
        "B",
        "--email",
        "b@example.test",
        "--out",
        request.to_str().unwrap(),
    ];
    desk.by("bare", &args).exits(2).says("not encrypted");
}

/// R27: a signature by a real ssh-agent, found without naming a key.
#[test]
fn an_ssh_agent_signs() {
    let mut desk = Desk::submitted();
    let socket = desk.beside("agent.sock");
    let mut agent = Command::new("ssh-agent");
    agent.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).stderr(Stdio::null());
    let _agent = Running(agent.spawn().unwrap());
    for _ in 0..500 {
        if socket.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    let askpass = desk.beside("askpass");
    std::fs::write(&askpass, format!("#!/bin/sh\necho '{PASSPHRASE}'\n")).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&askpass, std::fs::Permissions::from_mode(0o700)).unwrap();
    let key = desk.key("tomasz-lindqvist");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut add = Command::new("ssh-add");
    add.arg("-q").arg(&key).env("SSH_AUTH_SOCK", &socket).env("SSH_ASKPASS", &askpass);
    add.env("SSH_ASKPASS_REQUIRE", "force").env("DISPLAY", "x").stdin(Stdio::null());
    // The agent may not listen yet, and a script just written may still be open in a child of another test.
    let added = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(40));
        add.status().unwrap().success()
    });
    assert!(added, "ssh-add");
    let answer = desk.by_with(None, &["decide", BANK, "approve", "--yes"], |c| {
        c.env("SSH_AUTH_SOCK", &socket).env_remove("COUNTERSIGN_PASSPHRASE_FILE");
    });
    answer.exits(0);
    assert_eq!(desk.step("data-governance"), "satisfied");
    desk.run(&["append"]).exits(0);
    assert!(desk.read("chains/ledger.jsonl").contains("\\\"unlock\\\":\\\"agent\\\""));
}

/// R48: keys are rotated and revoked; what a revoked key signs afterward counts for nothing.
#[test]
fn a_revoked_key_signs_no_more_and_its_past_stands() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    let people = desk.run(&["--format", "json", "people"]).exits(0).json();
    let tomasz = people.as_array().unwrap().iter().find(|p| p["id"] == "tomasz-lindqvist").unwrap();
    let key = tomasz["keys"][0]["fingerprint"].as_str().unwrap().to_owned();
    desk.by("hana-sato", &["people", "revoke", "tomasz-lindqvist", &key, "--reason", "x", "--yes"])
        .exits(1)
        .says("registrar");
    desk.by(
        "nora-vance",
        &["people", "revoke", "tomasz-lindqvist", &key, "--reason", "laptop lost", "--yes"],
    )
    .exits(0);
    desk.run(&["verify"]).exits(0);
    assert_eq!(desk.step("data-governance"), "satisfied", "authority is judged where the record stands");
    desk.by("tomasz-lindqvist", &["comment", BANK, "--section", "evaluation", "--text", "x", "--yes"])
        .exits(1)
        .says("revoked");
    keygen(&desk.beside("keys/second"));
    let request = desk.beside("second.toml");
    let request = request.to_str().unwrap();
    let args = [
        "people",
        "request",
        "--person",
        "tomasz-lindqvist",
        "--name",
        "Tomasz Lindqvist",
        "--email",
        "t@example.test",
        "--out",
        request,
    ];
    desk.by("second", &args).exits(0);
    desk.by("nora-vance", &["people", "rotate", request, "--yes"]).exits(0);
    desk.by("second", &["comment", BANK, "--section", "evaluation", "--text", "with the new key", "--yes"])
        .exits(0);
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
}

/// The fixed shape that scripts rely on.
#[test]
fn status_as_json_keeps_its_contract() {
    let mut desk = Desk::certified();
    let status = desk.status();
    assert_eq!(status["package"], "scorecard");
    assert_eq!(status["model"]["name"], "desk-pd");
    assert_eq!(status["model"]["version"], "1.0.0");
    assert_eq!(status["revision"], 1);
    assert_eq!(status["state"], "certified");
    for step in status["steps"].as_array().unwrap() {
        assert!(step["id"].is_string() && step["state"].is_string());
    }
    for record in status["records"].as_array().unwrap() {
        assert!(
            record["id"].as_str().unwrap().len() == 64
                && record["kind"].is_string()
                && record["code"].is_string()
        );
    }
    desk.run(&["status", "nothing"]).exits(2).says("there is no package `nothing`").says("scorecard");
    desk.run(&["frobnicate"]).exits(2);
    let allowed = desk.run(&["people", "--allowed-signers"]).exits(0).out;
    assert_eq!(allowed.lines().count(), 6);
    assert!(allowed.lines().all(|l| l.contains("namespaces=\"countersign-record\" ssh-ed25519 ")));
}

/// The README's first command.
#[test]
fn the_demonstration_plays_to_its_end() {
    let mut desk = Desk::empty();
    let dir = desk.beside("demo");
    let path = dir.to_str().unwrap();
    let clean = |c: &mut Command| {
        c.env_remove("COUNTERSIGN_NOW").env_remove("COUNTERSIGN_PASSPHRASE_FILE");
    };
    desk.by_with(None, &["demo", path, "--no-serve"], clean)
        .exits(0)
        .says("Everything holds")
        .says("may pass");
    let ask = |args: &[&str]| {
        let mut command = Command::new(crate::desk::program());
        command
            .arg("--root")
            .arg(&dir)
            .args(args)
            .env_remove("COUNTERSIGN_NOW")
            .output()
            .map(crate::desk::Answer::from)
            .unwrap()
    };
    ask(&["verify"]).exits(0);
    let status = ask(&["--format", "json", "status", "consumer-credit-scorecard"]).exits(0).json();
    assert_eq!(status["revision"], 2);
    let rounds = status["findings"].as_array().unwrap().len();
    assert_eq!(rounds, 2, "two findings were answered");
    // A second time into the same folder would destroy the first.
    desk.by_with(None, &["demo", path, "--no-serve"], clean).exits(1).says("not empty");
    // One byte changed, as the demonstration suggests.
    let ledger = dir.join("chains/ledger.jsonl");
    let mut bytes = std::fs::read(&ledger).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    std::fs::write(&ledger, bytes).unwrap();
    ask(&["verify"]).exits(3).says("TAMPERED").says("chains/ledger.jsonl");
}

/// A kill between two writes leaves either the old state or the new one.
#[test]
fn traces_of_an_interruption_are_cleaned_up() {
    let mut desk = Desk::approved();
    // Between the ledger's rename and the removal of pending files.
    let desk_before = Desk::submitted();
    let pending: Vec<_> =
        std::fs::read_dir(desk_before.path("chains/pending")).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(!pending.is_empty());
    let ledger = desk.read("chains/ledger.jsonl");
    let line: serde_json::Value = serde_json::from_str(ledger.lines().last().unwrap()).unwrap();
    let name = format!("chains/pending/{}.json", line["id"].as_str().unwrap());
    // Keys in their order, as the format has them.
    let text = format!("{{\"id\":{},\"record\":{},\"sig\":{}}}\n", line["id"], line["record"], line["sig"]);
    desk.write(&name, &text);
    desk.run(&["verify"]).exits(0);
    desk.run(&["append"]).exits(0);
    assert_eq!(desk.read("chains/ledger.jsonl"), ledger);
    assert!(!desk.path(&name).exists());
    // Between the frozen folder and its record: the next submission replaces the folder.
    copy(&desk.path("packages/scorecard/revisions/1"), &desk.path("packages/scorecard/revisions/2"));
    desk.run(&["verify"]).exits(0);
    desk.edit("packages/scorecard/limitations.md", "The desk is small", "The desk is quite small");
    desk.by("ines-moreau", &["submit", BANK, "--note", "limitations: one word", "--yes"]).exits(0);
    desk.run(&["verify"]).exits(0);
    assert!(desk.read("packages/scorecard/revisions/2/limitations.md").contains("quite small"));
}
