//! Stories of the rarer statements: standing in, conditions, overrides, and what a deployment asks.

use crate::desk::{Answer, Desk};

const BANK: &str = "scorecard";
const MODEL: &str = "desk-pd@1.0.0";
const USE: &str = "Shadow scoring on the desk.";

/// The record a command signed, from its JSON answer.
fn record(answer: Answer) -> String {
    answer.exits(0).json()["record"].as_str().unwrap().to_owned()
}

fn grant(desk: &mut Desk, person: &str, role: &str) {
    desk.by("nora-vance", &["people", "grant", person, role, "--yes"]).exits(0);
}

/// R39: a delegate decides in the principal's seat, within the window, and both names are in the sentence.
#[test]
fn a_delegate_decides_while_somebody_is_away() {
    let mut desk = Desk::submitted();
    grant(&mut desk, "nora-vance", "data-governance");
    let args = ["decide", BANK, "approve", "--for", "tomasz-lindqvist", "--yes"];
    desk.by("nora-vance", &args).exits(1).says("DELEGATION_INVALID").says("signed");
    desk.by(
        "tomasz-lindqvist",
        &[
            "delegate",
            "tomasz-lindqvist",
            "--from",
            "2026-11-01",
            "--until",
            "2026-11-09",
            "--reason",
            "x",
            "--yes",
        ],
    )
    .exits(1)
    .says("DELEGATION_INVALID");
    desk.by(
        "hana-sato",
        &[
            "delegate",
            "lucas-brandt",
            "--for",
            "tomasz-lindqvist",
            "--from",
            "2026-11-01",
            "--until",
            "2026-11-09",
            "--reason",
            "x",
            "--yes",
        ],
    )
    .exits(1)
    .says("registrar");
    desk.by(
        "tomasz-lindqvist",
        &[
            "delegate",
            "nora-vance",
            "--from",
            "2026-11-01",
            "--until",
            "2026-10-09",
            "--reason",
            "x",
            "--yes",
        ],
    )
    .exits(2)
    .says("later than");
    let window = ["--from", "2026-11-01", "--until", "2026-11-09", "--reason", "on leave", "--yes"];
    let args =
        [&["--format", "json", "delegate", "nora-vance", "--step", "data-governance"][..], &window[..]]
            .concat();
    let delegation = record(desk.by("tomasz-lindqvist", &args));
    let todo = desk.by("nora-vance", &["todo"]).exits(0);
    assert!(
        todo.out.contains("await you, Nora Vance") || todo.out.contains("awaits you, Nora Vance"),
        "{}",
        todo.out
    );
    let args = ["decide", BANK, "approve", "--for", "tomasz-lindqvist", "--yes"];
    desk.by("nora-vance", &args)
        .exits(0)
        .says("I, Nora Vance, acting for Tomasz Lindqvist, as data-governance,");
    assert_eq!(desk.step("data-governance"), "satisfied");
    assert!(desk.codes().contains(&"COUNTED_AS".to_owned()), "{:?}", desk.codes());

    desk.by("hana-sato", &["undelegate", &delegation[..8], "--reason", "x", "--yes"])
        .exits(1)
        .says("ROLE_NOT_HELD");
    desk.by("tomasz-lindqvist", &["undelegate", &delegation[..8], "--reason", "back", "--yes"]).exits(0);
    assert_eq!(desk.step("data-governance"), "satisfied", "what was decided under it stands");
    desk.by("nora-vance", &["decide", BANK, "reject", "--for", "nobody", "--yes"]).exits(2).says("enrolled:");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
}

/// R41: a small change of prose keeps an approval once its signer has seen it and says so.
#[test]
fn an_approver_confirms_a_small_change() {
    let mut desk = Desk::bank();
    desk.edit(
        "chains/desk-credit.toml",
        "scope = [\"training-data\"]\ncarry = \"out_of_scope\"",
        "scope = [\"training-data\"]\ncarry = \"minor\"",
    );
    desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(0);
    desk.by("tomasz-lindqvist", &["confirm", BANK, "--yes"]).exits(1).says("no approval");
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.by("tomasz-lindqvist", &["confirm", BANK, "--yes"]).exits(1).says("nothing to confirm");
    desk.edit("packages/scorecard/training-data.md", "supplied any of them", "supplied any of these rows");
    desk.by(
        "ines-moreau",
        &["submit", BANK, "--class", "minor", "--note", "training-data: clearer", "--yes"],
    )
    .exits(0);
    assert_eq!(desk.step("data-governance"), "needs_confirm");
    desk.by("tomasz-lindqvist", &["todo"])
        .exits(0)
        .says("countersign confirm scorecard")
        .says("countersign diff scorecard 1 2");
    desk.by("tomasz-lindqvist", &["confirm", BANK, "--step", "data-governance", "--yes"])
        .exits(0)
        .says("these rows")
        .says("the approval of step data-governance stands");
    assert_eq!(desk.step("data-governance"), "satisfied");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
}

/// R72 R74 R75: a condition is typed, declared met, checked by somebody else; the gate minds it meanwhile.
#[test]
fn a_condition_is_discharged_and_verified() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    let bad = ["decide", BANK, "approve", "--condition", "Do it | ines-moreau | kind=sometime", "--yes"];
    desk.by("adaeze-okafor", &bad).exits(2).says("kind=pre_merge");
    let set = [
        "decide",
        BANK,
        "approve",
        "--condition",
        "File the report | ines-moreau | 2026-12-31 | kind=pre_merge",
        "--yes",
    ];
    desk.by("adaeze-okafor", &set).exits(0);
    desk.by("hana-sato", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.by("lucas-brandt", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.run(&["gate", BANK]).exits(1).says("CONDITION_OPEN");
    let condition = desk.status()["conditions"][0]["condition"]["id"].as_str().unwrap().to_owned();
    desk.by("ines-moreau", &["todo"]).exits(0).says(&format!("countersign discharge scorecard {condition}"));
    // Too early to check, and not hers to declare.
    let met = ["verify-condition", BANK, &condition, "--met", "--reason", "I read it.", "--yes"];
    desk.by("adaeze-okafor", &met).exits(1).says("NOT_APPLICABLE");
    let report = desk.beside("report.txt");
    std::fs::write(&report, "the report").unwrap();
    let how =
        ["discharge", BANK, &condition, "--how", "Filed.", "--evidence", report.to_str().unwrap(), "--yes"];
    desk.by("hana-sato", &how).exits(1).says("NOT_APPLICABLE");
    desk.by("ines-moreau", &["discharge", BANK, "no-such", "--how", "x", "--yes"]).exits(2).says(&condition);
    desk.by("ines-moreau", &how).exits(0).says("declare that condition");
    desk.run(&["gate", BANK]).exits(1).says("CONDITION_OPEN");
    desk.by("adaeze-okafor", &["todo"]).exits(0).says("countersign verify-condition");
    let not_met =
        ["verify-condition", BANK, &condition, "--not-met", "--reason", "A page is missing.", "--yes"];
    desk.by("adaeze-okafor", &not_met).exits(0);
    desk.by("ines-moreau", &how).exits(0);
    desk.by("hana-sato", &met).exits(1).says("ROLE_NOT_HELD");
    desk.by("adaeze-okafor", &met).exits(0);
    assert_eq!(desk.status()["conditions"][0]["state"], "verified");
    desk.run(&["gate", BANK]).exits(0);
    desk.by("adaeze-okafor", &["waive", BANK, &condition, "--reason", "x", "--yes"])
        .exits(1)
        .says("NOT_APPLICABLE");
}

/// Two people set a step aside; neither one alone, and not the author.
#[test]
fn two_people_override_a_step() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    let ask = [
        "--format",
        "json",
        "override",
        BANK,
        "--step",
        "model-risk",
        "--until",
        "2026-12-31",
        "--review",
        "2026-12-01",
        "--reason",
        "Outage.",
        "--yes",
    ];
    desk.by("lucas-brandt", &ask).exits(1).says("ROLE_NOT_HELD");
    for person in ["nora-vance", "lucas-brandt"] {
        grant(&mut desk, person, "override");
    }
    let request = record(desk.by("nora-vance", &ask));
    assert_eq!(desk.step("model-risk"), "open");
    let second = ["override", BANK, "--second", &request[..8], "--reason", "I agree.", "--yes"];
    desk.by("nora-vance", &second).exits(0).says("OVERRIDE_NEEDS_SECOND");
    desk.by("lucas-brandt", &["todo"]).exits(0).says("--second");
    desk.by("lucas-brandt", &second).exits(0);
    assert_eq!(desk.step("model-risk"), "overridden");
    desk.by(
        "hana-sato",
        &[
            "override",
            BANK,
            "--step",
            "no-such",
            "--until",
            "2026-12-31",
            "--review",
            "2026-12-01",
            "--reason",
            "x",
            "--yes",
        ],
    )
    .exits(2)
    .says("steps:");
}

/// A submitter takes a revision out of review; a reviewer steps aside; an objection is heard early.
#[test]
fn people_step_aside_object_and_retract() {
    let mut desk = Desk::submitted();
    desk.by(
        "hana-sato",
        &["object", BANK, "--reason", "The sample is stale.", "--section", "evaluation", "--yes"],
    )
    .exits(0);
    assert_eq!(desk.state(), "changes_required");
    desk.by("lucas-brandt", &["recuse", BANK, "--reason", "I advised the vendor.", "--yes"]).exits(0);
    desk.by("lucas-brandt", &["decide", BANK, "abstain", "--yes"]).exits(1).says("RECUSED");
    // An objection is never refused: whoever stepped aside is only told.
    desk.by("lucas-brandt", &["object", BANK, "--reason", "Still.", "--yes"])
        .exits(0)
        .says("would not count");
    desk.by("hana-sato", &["retract", BANK, "--reason", "x", "--yes"]).exits(1).says("NOT_APPLICABLE");
    desk.by("ines-moreau", &["retract", BANK, "--reason", "The data were wrong.", "--yes"]).exits(0);
    assert_eq!(desk.state(), "withdrawn");
    desk.run(&["gate", BANK]).exits(1).says("WITHDRAWN_FROM_REVIEW");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
}

/// A final rejection is shut for good, and says so.
#[test]
fn a_final_rejection_is_final() {
    let mut desk = Desk::submitted();
    let finding = "training-data | a source is missing | name it";
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--final", "--yes"])
        .exits(2)
        .says("only a rejection");
    desk.by("tomasz-lindqvist", &["decide", BANK, "reject", "--final", "--finding", finding, "--yes"])
        .exits(0);
    assert_eq!(desk.state(), "rejected");
    desk.run(&["gate", MODEL, "--use", USE, "--env", "shadow"]).exits(1).says("NOT_CERTIFIED");
    desk.run(&["status", MODEL]).exits(0).says("is rejected");
    let id =
        desk.status()["records"].as_array().unwrap().iter().find(|r| r["kind"] == "decide").unwrap()["id"]
            .as_str()
            .unwrap()[..8]
            .to_owned();
    desk.by("hana-sato", &["resolve-rejection", BANK, &id, "--reason", "x", "--yes"])
        .exits(1)
        .says("lets nobody");
}

/// R74 R75 R78: a deployment asks for use, environment and artefact, and until when; on any day.
#[test]
fn a_deployment_is_answered_by_the_certificate() {
    let mut desk = Desk::certified();
    let may = ["gate", MODEL, "--use", USE, "--env", "shadow"];
    desk.run(&may).exits(0).says("may be deployed").says("holds until");
    let artifact = format!("sha256:{}", "a".repeat(64));
    let other = format!("sha256:{}", "b".repeat(64));
    desk.run(&[&may[..], &["--artifact", &artifact]].concat()).exits(0);
    desk.run(&[&may[..], &["--artifact", &other]].concat()).exits(1).says("ARTIFACT_NOT_APPROVED");
    desk.run(&["gate", MODEL, "--use", USE, "--env", "production"]).exits(1).says("ENVIRONMENT_NOT_APPROVED");
    desk.run(&["gate", MODEL, "--env", "shadow"]).exits(1).says("USE_NOT_APPROVED");
    desk.run(&["gate", MODEL, "--use", "pricing", "--env", "shadow"]).exits(1).says("cannot be matched");
    desk.run(&["gate", "desk-pd@9", "--use", USE, "--env", "shadow"]).exits(1).says("UNKNOWN_MODEL");
    desk.run(&["gate", BANK, "--env", "shadow"]).exits(2).says("MODEL@VERSION");
    let json = desk.run(&[&["--format", "json"][..], &may].concat()).exits(0).json();
    assert_eq!(json["passes"], true);
    assert_eq!(json["packages"][0]["certificate"]["record"].as_str().unwrap().len(), 64);
    let status = desk.run(&["--format", "json", "status", MODEL]).exits(0).json();
    assert_eq!(
        (&status["state"], &status["packages"][0]["environments"][0]),
        (&"approved".into(), &"shadow".into())
    );
    desk.run(&["status", "desk-pd@9"]).exits(1).says("unknown");
    // The day before the certificate, and the day after its condition was due.
    desk.run(&["--as-of", "2026-10-31", "status", MODEL]).exits(0).says("a draft");
    desk.run(&[&["--as-of", "2027-06-30"][..], &may].concat()).exits(0);
    desk.run(&[&["--as-of", "2027-07-01"][..], &may].concat()).exits(1).says("CONDITION_OVERDUE");
    desk.run(&[&["--as-of", "2028-01-01"][..], &may].concat()).exits(1).says("CERTIFICATE_EXPIRED");
    desk.by("hana-sato", &["--as-of", "2026-11-01", "withdraw", BANK, "0000", "--reason", "x", "--yes"])
        .exits(2)
        .says("only read");
    // A new revision under review does not take the certificate out of force.
    desk.edit("packages/scorecard/limitations.md", "The desk is small", "The desk is quite small");
    desk.by("ines-moreau", &["submit", BANK, "--note", "limitations: one word", "--yes"]).exits(0);
    assert_eq!(desk.state(), "in_review");
    desk.run(&may).exits(0);
    // A revocation does.
    desk.by("nora-vance", &["revoke", BANK, "--reason", "A defect.", "--yes"]).exits(1).says("ROLE_NOT_HELD");
    grant(&mut desk, "nora-vance", "revoker");
    desk.by("nora-vance", &["revoke", BANK, "--reason", "A defect.", "--yes"]).exits(0);
    desk.run(&may).exits(1).says("REVOKED");
    desk.by("nora-vance", &["revoke", BANK, "--reason", "Again.", "--yes"])
        .exits(1)
        .says("no certificate in force");
}

/// R74: two packages cannot both answer for one model version; the later names what it replaces.
#[test]
fn a_second_package_names_the_certificate_it_replaces() {
    let mut desk = Desk::certified();
    desk.approve_second();
    let old = desk.status()["certificate"]["record"].as_str().unwrap().to_owned();
    desk.by("nora-vance", &["certify", "second", "--yes"])
        .exits(1)
        .says("CERTIFICATE_CONFLICT")
        .says(&old[..8]);
    desk.by("nora-vance", &["certify", "second", "--supersedes", "0000", "--yes"]).exits(1).says("in force");
    desk.by("nora-vance", &["certify", "second", "--supersedes", &old[..12], "--yes"]).exits(0);
    assert_eq!(desk.state(), "superseded");
    desk.run(&["gate", MODEL, "--use", USE, "--env", "shadow"]).exits(0).says("second");
    let status = desk.run(&["--format", "json", "status", MODEL]).exits(0).json();
    let states: Vec<&str> =
        status["packages"].as_array().unwrap().iter().map(|p| p["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["approved", "superseded"]);
}

/// R39: an absence is said by a registrar and gives nobody any authority.
#[test]
fn an_absence_is_recorded() {
    let mut desk = Desk::submitted();
    let away = ["people", "absent", "tomasz-lindqvist", "--from", "2026-12-21", "--until", "2027-01-04"];
    let args = [&away[..], &["--reason", "on leave", "--yes"]].concat();
    desk.by("hana-sato", &args).exits(1).says("registrar");
    desk.by("nora-vance", &args).exits(0);
    assert!(desk.read("chains/people.toml").contains("on leave"));
    desk.run(&["verify"]).exits(0);
    let back = ["people", "absent", "tomasz-lindqvist", "--from", "2026-12-21", "--until", "2026-12-20"];
    desk.by("nora-vance", &[&back[..], &["--reason", "x", "--yes"]].concat()).exits(2).says("before");
}

/// What a day that has gone looked like: the records signed by then, and nothing else.
#[test]
fn a_past_day_is_what_was_signed_by_then() {
    let mut desk = Desk::submitted();
    let before = desk.now();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    assert_eq!(desk.step("data-governance"), "satisfied");
    let then = desk.run(&["--as-of", &before, "--format", "json", "status", BANK]).exits(0).json();
    assert_eq!(then["records"].as_array().unwrap().len(), 1);
    assert_eq!(then["steps"][0]["state"], "open");
    let draft = desk.run(&["--as-of", "2026-10-01", "--format", "json", "status", BANK]).exits(0).json();
    assert_eq!((&draft["revision"], &draft["state"]), (&0.into(), &"draft".into()));
    desk.run(&["--as-of", "yesterday", "status"]).exits(2).says("2026-11-22");
}

/// What awaits whom, for a tired person and for scripts.
#[test]
fn todo_names_what_awaits_whom() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["todo"])
        .exits(0)
        .says("1 thing awaits you, Tomasz Lindqvist")
        .says("countersign decide scorecard approve --step data-governance");
    desk.by("ines-moreau", &["todo"])
        .exits(0)
        .says("Nothing awaits you, Ines Moreau.")
        .says("You wait for others")
        .says("Tomasz Lindqvist");
    desk.run(&["todo"]).exits(0).says("--as PERSON").says("Who is waited for");
    let json = desk.run(&["--format", "json", "todo", "--as", "tomasz-lindqvist"]).exits(0).json();
    assert_eq!(json["awaits_me"][0]["package"], BANK);
    assert_eq!(json["waited_for"]["tomasz-lindqvist"][0]["step"], "data-governance");
    desk.run(&["todo", "--as", "nobody"]).exits(2).says("enrolled:");
    let mut desk = Desk::certified();
    desk.run(&["--as-of", "2027-06-20", "todo"])
        .exits(0)
        .says("Due within 14 days")
        .says("Report the stability index");
    desk.run(&["--as-of", "2027-07-05", "todo"]).exits(0).says("OVERDUE");
}

/// R43: what got onto the main branch past its gate is found there.
#[test]
fn a_merge_past_the_gate_is_reported() {
    let mut desk = Desk::submitted();
    desk.run(&["verify"]).exits(0);
    desk.run(&["verify", "--merged"])
        .exits(1)
        .says("UNCERTIFIED_MERGE")
        .says("Ines Moreau")
        .says("revision 1");
    let json = desk.run(&["--format", "json", "verify", "--merged"]).exits(1).json();
    assert_eq!((&json["holds"], &json["merged"][0]["code"]), (&true.into(), &"UNCERTIFIED_MERGE".into()));
    Desk::approved().run(&["verify", "--merged"]).exits(0);
    let mut desk = Desk::certified();
    desk.wait_days(400);
    desk.run(&["verify", "--merged"]).exits(0);
}

/// R43: rules and packages change apart, and rules only to what was approved under the chain `policy`.
#[test]
fn rules_change_on_their_own_and_by_approval() {
    let mut base = Desk::bank();
    let commit = |desk: &Desk, words: &str| {
        desk.git(&["add", "-A"]).exits(0);
        desk.git(&["commit", "-qm", words]).exits(0);
    };
    base.git(&["init", "-q"]).exits(0);
    commit(&base, "base");
    let looser = |desk: &Desk| desk.edit("chains/desk-credit.toml", "approvals = 2", "approvals = 1");
    // Without a chain `policy` it is only said.
    let mut desk = base.copied();
    desk.git(&["checkout", "-q", "-b", "change"]).exits(0);
    looser(&desk);
    commit(&desk, "looser");
    desk.run(&["verify", "--base", "main"]).exits(0).says("RULES_UNJUDGED");
    desk.edit("packages/scorecard/limitations.md", "The desk is small", "The desk is quite small");
    desk.run(&["verify", "--base", "main"]).exits(3).says("RULES_AND_PACKAGE");

    // With one, the new bytes must have been approved.
    let policy = base.read("chains/desk-credit.toml").replace("id = \"desk-credit\"", "id = \"policy\"");
    base.write("chains/policy.toml", &policy);
    commit(&base, "a chain for chains");
    let mut desk = base.copied();
    desk.git(&["checkout", "-q", "-b", "change"]).exits(0);
    looser(&desk);
    commit(&desk, "looser");
    desk.run(&["verify", "--base", "main"]).exits(3).says("RULES_NOT_APPROVED");
    desk.git(&["checkout", "-q", "main"]).exits(0);
    std::fs::remove_file(desk.path("chains/policy.toml")).unwrap();
    desk.run(&["verify", "--base", "main"]).exits(3).says("RULES_NOT_APPROVED").says("removed");

    let new = base.read("chains/desk-credit.toml").replace("approvals = 2", "approvals = 1");
    base.edit("packages/scorecard/package.toml", "chain = \"desk-credit\"", "chain = \"policy\"");
    base.write("packages/scorecard/evidence/limitations/desk-credit.toml", &new);
    base.by("ines-moreau", &["submit", BANK, "--yes"]).exits(0);
    for person in ["tomasz-lindqvist", "adaeze-okafor", "hana-sato"] {
        base.by(person, &["decide", BANK, "approve", "--yes"]).exits(0);
    }
    commit(&base, "not yet approved");
    let mut desk = base.copied();
    desk.git(&["checkout", "-q", "-b", "change"]).exits(0);
    desk.write("chains/desk-credit.toml", &new);
    desk.run(&["verify", "--base", "main"]).exits(3).says("RULES_NOT_APPROVED");
    base.by("lucas-brandt", &["decide", BANK, "approve", "--yes"]).exits(0);
    commit(&base, "approved");
    base.git(&["checkout", "-q", "-b", "change"]).exits(0);
    base.write("chains/desk-credit.toml", &new);
    base.run(&["verify", "--base", "main"]).exits(0);
    base.write("chains/desk-credit.toml", &format!("{new}# one more byte\n"));
    base.run(&["verify", "--base", "main"]).exits(3).says("RULES_NOT_APPROVED");
}
