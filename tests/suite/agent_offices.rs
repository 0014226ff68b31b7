//! Conditions, final rejections, overrides and certificates in the review pages.

use crate::agent::Pages;
use crate::agent_stories::{grant, signed};
use crate::desk::Desk;

const DG: &str = "tomasz-lindqvist";
const MR: &str = "adaeze-okafor";
const AUTHOR: &str = "ines-moreau";
const PACKAGE: &str = "packages/scorecard/index.html";

/// The address of an act offered on the package's page, with what it is about.
#[track_caller]
fn offered(pages: &Pages, act: &str) -> (String, String) {
    let page = pages.get(PACKAGE);
    let start = format!("act.html?act={act}&amp;about=");
    let (_, rest) =
        page.body.split_once(&start).unwrap_or_else(|| panic!("{act} is not offered\n{}", page.body));
    let link = rest.split('"').next().unwrap();
    let (record, section) = link.split_once("&amp;section=").unwrap_or((link, ""));
    (record.to_owned(), section.to_owned())
}

/// R72, R74: a condition of each sort, declared met with a file, returned, checked by somebody else.
#[test]
fn r72_a_condition_is_set_met_returned_and_checked_in_the_pages() {
    let mut desk = Desk::submitted();
    desk.by(DG, &["decide", "scorecard", "approve", "--yes"]).exits(0);
    let pages = Pages::open(&desk, MR);
    pages.read(&["evaluation", "limitations"]);
    let form = pages.get("packages/scorecard/decide.html?step=model-risk");
    form.says("Before which step?").says("Who checks that it was met?").says("Step 3, AI committee");
    let terms = [
        ("decision", "approve"),
        ("condition-1-text", "File the report."),
        ("condition-1-owner", AUTHOR),
        ("condition-1-kind", "before_step"),
        ("condition-1-step", "ai-committee"),
        ("condition-1-verifier", "data-governance"),
    ];
    let check = pages.choose("model-risk", &terms).is(200).says("File the report.");
    let bytes = check.bytes();
    assert!(
        bytes.contains("\"step\":\"ai-committee\"")
            && bytes.contains("\"verifier_role\":\"data-governance\"")
    );
    signed(&pages, &check, MR);
    assert_eq!(desk.step("ai-committee"), "waiting", "the condition comes first");
    drop(pages);
    let said = |pages: &Pages, act: &str, more: &[(&str, &str)]| {
        let (record, section) = offered(pages, act);
        let input = [("act", act), ("about", record.as_str()), ("section", section.as_str())];
        pages.act(&[&input[..], more].concat())
    };
    let file = "evidence/evaluation/evaluate.py";
    for accepted in ["no", "yes"] {
        let pages = Pages::open(&desk, AUTHOR);
        let missing = [("text", "Filed."), ("x-evidence", "evidence/nothing.pdf")];
        said(&pages, "discharge", &missing).says("The package has no file evidence/nothing.pdf");
        let outside = [("text", "Filed."), ("x-evidence", "../../countersign.toml")];
        said(&pages, "discharge", &outside).says("The package has no file");
        let check = said(&pages, "discharge", &[("text", "Filed."), ("x-evidence", file)]);
        let digest = countersign::digest::sha256(desk.read(&format!("packages/scorecard/{file}")).as_bytes());
        let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
        assert!(check.bytes().contains(&hex));
        signed(&pages, &check, AUTHOR);
        drop(pages);
        let pages = Pages::open(&desk, DG);
        let (record, section) = offered(&pages, "verify");
        let page =
            pages.get(&format!("packages/scorecard/act.html?act=verify&about={record}&section={section}"));
        page.says("File the report.").says("Filed.");
        let check = said(&pages, "verify", &[("text", "I read it."), ("choice", accepted)]);
        signed(&pages, &check, DG);
    }
    assert_eq!(desk.status()["conditions"][0]["state"], "verified");
    assert_eq!(desk.step("ai-committee"), "open");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
}

/// The authority that set a condition drops it.
#[test]
fn a_condition_is_dropped_by_who_set_it() {
    let mut desk = Desk::submitted();
    let set = ["decide", "scorecard", "approve", "--condition", "Do it | ines-moreau | 2027-01-01", "--yes"];
    desk.by(DG, &set).exits(0);
    let pages = Pages::open(&desk, DG);
    let (record, section) = offered(&pages, "waive");
    let input =
        [("act", "waive"), ("about", record.as_str()), ("section", section.as_str()), ("text", "Moot.")];
    let check = pages.act(&input).says("I drop the condition: sign");
    signed(&pages, &check, DG);
    assert_eq!(desk.status()["conditions"][0]["state"], "waived");
}

/// R56: a final rejection is an explicit choice with its meaning beside it.
#[test]
fn r56_a_final_rejection_is_chosen_and_ends_the_package() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    let form = pages.get("packages/scorecard/decide.html?step=data-governance");
    form.says("How grave is it?")
        .says("no revision can mend it")
        .says("id=\"last-no\" value=\"no\" aria-describedby=\"last-hint\" checked");
    let finding = [
        ("decision", "reject"),
        ("finding-1-section", "training-data"),
        ("finding-1-concern", "The data may not be used at all."),
        ("finding-1-required", "Nothing could."),
        ("last", "yes"),
    ];
    let check = pages.choose("data-governance", &finding).says("I reject for good, with 1 finding: sign");
    signed(&pages, &check, DG);
    assert_eq!(desk.state(), "rejected");
}

/// Two people set a step aside; who has no such role is not even shown it.
#[test]
fn an_override_is_asked_for_and_seconded_in_the_pages() {
    let mut desk = Desk::submitted();
    desk.by(DG, &["decide", "scorecard", "approve", "--yes"]).exits(0);
    Pages::open(&desk, "lucas-brandt").get(PACKAGE).hides("Ask to set steps aside");
    for person in ["nora-vance", "lucas-brandt"] {
        grant(&mut desk, person, "override");
    }
    let pages = Pages::open(&desk, "nora-vance");
    pages.get(PACKAGE).says("Ask to set steps aside");
    pages
        .get("packages/scorecard/act.html?act=override")
        .says("It is for emergencies")
        .says("Step 2, Model risk");
    pages.act(&[("act", "override"), ("text", "Outage.")]).says("Choose at least one step");
    let terms = [
        ("act", "override"),
        ("text", "Outage."),
        ("x-steps-model-risk", "yes"),
        ("x-until-day", "31"),
        ("x-until-month", "12"),
        ("x-until-year", "2026"),
        ("x-review-day", "1"),
        ("x-review-month", "12"),
        ("x-review-year", "2026"),
    ];
    let check = pages.act(&terms);
    signed(&pages, &check, "nora-vance");
    assert_eq!(desk.step("model-risk"), "open");
    drop(pages);
    let pages = Pages::open(&desk, "lucas-brandt");
    pages.get("review/index.html").says("a second person must sign");
    let (record, _) = offered(&pages, "second");
    let check = pages.act(&[("act", "second"), ("about", &record), ("text", "I agree.")]);
    signed(&pages, &check, "lucas-brandt");
    assert_eq!(desk.step("model-risk"), "overridden");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
}

/// A rejection that nobody looks at again is set aside by the role the chain names, where it names one.
#[test]
fn a_rejection_is_set_aside_where_the_chain_lets_somebody() {
    let mut desk = Desk::bank();
    let old = "role = \"data-governance\"\n";
    desk.edit(
        "chains/desk-credit.toml",
        old,
        &format!("{old}resolve_rejection = \"ai-committee\"\ndeadline = \"5 days\"\n"),
    );
    desk.by(AUTHOR, &["submit", "scorecard", "--yes"]).exits(0);
    let finding = "training-data | a source is missing | name it";
    desk.by(DG, &["decide", "scorecard", "reject", "--finding", finding, "--yes"]).exits(0);
    // Before a new revision answers it, there is nothing to set aside.
    Pages::open(&desk, "hana-sato").get(PACKAGE).hides("act.html?act=set-aside");
    desk.edit("packages/scorecard/training-data.md", "30 June 2026", "30 June 2026 at noon");
    let id = desk.status()["findings"][0]["finding"]["id"].as_str().unwrap().to_owned();
    let answer = format!("{id}: named");
    let words = ["--note", "training-data: named", "--answer", &answer, "--yes"];
    desk.by(AUTHOR, &[&["submit", "scorecard"][..], &words[..]].concat()).exits(0);
    desk.wait_days(60);
    let pages = Pages::open(&desk, "hana-sato");
    let (record, _) = offered(&pages, "set-aside");
    let check = pages.act(&[("act", "set-aside"), ("about", &record), ("text", "He has left.")]);
    let check = check.is(200).says("I set the rejection aside: sign");
    signed(&pages, &check, "hana-sato");
    assert_eq!(desk.codes().last().map(String::as_str), Some("NOTED"));
    assert_eq!(desk.step("data-governance"), "open");
}

/// R74: the certificate is issued in the pages, and taken out of force there.
#[test]
fn r74_a_certificate_is_issued_and_revoked_in_the_pages() {
    let mut desk = Desk::approved();
    let pages = Pages::open(&desk, "nora-vance");
    pages.get(PACKAGE).says("Issue the certificate").hides("out of force");
    let check = pages.act(&[("act", "certify")]).is(200).says("I issue the certificate: sign");
    signed(&pages, &check, "nora-vance");
    assert_eq!(desk.state(), "certified");
    // Again, or by somebody else, nothing is issued.
    pages.act(&[("act", "certify")]).is(409).says("Nothing has been signed");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
    grant(&mut desk, "nora-vance", "revoker");
    let pages = Pages::open(&desk, "nora-vance");
    pages.get(PACKAGE).says("Take the certificate out of force");
    pages.act(&[("act", "revoke")]).says("Say why");
    let check = pages.act(&[("act", "revoke"), ("text", "A defect.")]);
    signed(&pages, &check, "nora-vance").says("A defect.");
    assert_eq!(desk.state(), "revoked");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
}

/// Who holds another of a step's roles signs in that one.
#[test]
fn r41_a_step_with_several_roles_is_signed_in_the_role_held() {
    let mut desk = Desk::bank();
    desk.edit(
        "chains/desk-credit.toml",
        "role = \"model-risk\"\nafter = [\"data-governance\"]",
        "any_of = [{ role = \"model-risk\" }, { role = \"ai-committee\" }]\nafter = [\"data-governance\"]",
    );
    desk.by(AUTHOR, &["submit", "scorecard", "--yes"]).exits(0);
    desk.by(DG, &["decide", "scorecard", "approve", "--yes"]).exits(0);
    let pages = Pages::open(&desk, "hana-sato");
    pages.read(&["evaluation", "limitations"]);
    let check = pages.choose("model-risk", &[("decision", "approve")]).is(200).says("as ai-committee");
    signed(&pages, &check, "hana-sato");
    assert_eq!(desk.step("model-risk"), "satisfied");
}
