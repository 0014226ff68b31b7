//! What the pages say about everything the engine knows: delegation, deadlines, overrides, small changes,
//! conditions, and every way in which a review can end.

use crate::desk::{Answer, Desk};

const BANK: &str = "scorecard";

fn record(answer: Answer) -> String {
    let text = answer.exits(0).json();
    text["id"].as_str().or_else(|| text["record"].as_str()).unwrap_or_else(|| panic!("{text}")).to_owned()
}

fn grant(desk: &mut Desk, person: &str, role: &str) {
    desk.by("nora-vance", &["people", "grant", person, role, "--yes"]).exits(0);
}

/// A file of the site, built now.
fn built(desk: &mut Desk, path: &str) -> String {
    desk.run(&["build"]).exits(0);
    desk.read(&format!("site/public/{path}"))
}

fn package(desk: &mut Desk) -> String {
    built(desk, "packages/scorecard/index.html")
}

#[track_caller]
fn says(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(page.contains(part), "the page does not say `{part}`");
    }
}

#[track_caller]
fn says_not(page: &str, parts: &[&str]) {
    for part in parts {
        assert!(!page.contains(part), "the page says `{part}`");
    }
}

/// The part of a page about one step: what it looks like, and its words.
fn step(page: &str, number: usize) -> &str {
    let part = page.split("<div class=\"step ").nth(number).unwrap_or_else(|| panic!("no step {number}"));
    part.split("</ol>").next().unwrap()
}

/// The chain of the desk with more rules in one step.
fn rules(desk: &Desk, after: &str, rules: &str) {
    desk.edit("chains/desk-credit.toml", after, &format!("{after}\n{rules}"));
}

/// R33 R34 R35 R36 R37: each step says who, what is enough, what it waits for and where it stands.
#[test]
fn each_step_says_its_rule_and_its_state() {
    let mut desk = Desk::submitted();
    let page = package(&mut desk);
    assert!(step(&page, 1).starts_with("now\" aria-current=\"step\""));
    says(
        step(&page, 1),
        &["Open now", "Needs 1 approval by a data-governance reviewer", "Waits for Tomasz Lindqvist"],
    );
    says(step(&page, 2), &["Opens after step 1", "Opens later"]);
    says(step(&page, 3), &["Needs 2 approvals by different ai-committee reviewers", "0 of 2 approvals"]);
    // The drawing says the same to those who look and to those who listen.
    says(
        &page,
        &[
            "<svg class=\"chainpic\" role=\"img\"",
            "1. Data governance: Open now; 2. Model risk: Opens later",
            "countersign review scorecard",
        ],
    );
}

/// R39: a delegate is named beside the person whose seat it is, on the package, the people page and the
/// certificate.
#[test]
fn a_delegate_is_named_with_the_principal() {
    let mut desk = Desk::submitted();
    grant(&mut desk, "nora-vance", "data-governance");
    let window = ["--from", "2026-11-01", "--until", "2026-11-09", "--reason", "on leave", "--yes"];
    let args = [&["delegate", "nora-vance", "--step", "data-governance"][..], &window[..]].concat();
    desk.by("tomasz-lindqvist", &args).exits(0);
    let away = ["people", "absent", "hana-sato", "--from", "2026-11-02", "--until", "2026-11-06"];
    desk.by("nora-vance", &[&away[..], &["--reason", "training", "--yes"]].concat()).exits(0);
    desk.by("nora-vance", &["decide", BANK, "approve", "--for", "tomasz-lindqvist", "--yes"]).exits(0);
    says(
        &package(&mut desk),
        &["by Nora Vance, acting for Tomasz Lindqvist", "Counts in the seat of the person it was signed for"],
    );
    says(
        &built(&mut desk, "people.html"),
        &[
            "Nora Vance decides for Tomasz Lindqvist",
            "In force",
            "For data governance, in every package. Reason: on leave",
            "the end of 9 November 2026",
            "2 November 2026 to 6 November 2026: training",
        ],
    );
    desk.by("adaeze-okafor", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.by("hana-sato", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.by("lucas-brandt", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.run(&["append"]).exits(0);
    desk.by("nora-vance", &["certify", BANK, "--yes"]).exits(0);
    let certificate = built(&mut desk, "packages/scorecard/certificate.html");
    says(&certificate, &["<strong>Nora Vance</strong>, acting for <strong>Tomasz Lindqvist</strong>"]);
    desk.wait_days(20);
    says_not(&built(&mut desk, "people.html"), &["decides for", "Away"]);
}

/// R40: deadline, lateness, escalation and the day the review lapses; then that it has.
#[test]
fn a_deadline_is_shown_before_at_and_after_it() {
    let mut desk = Desk::bank();
    let late = "deadline = \"3 business days\"\nescalate = [{ to = \"ai-committee\", after = \"5 business days\" }]\nlapse = \"40 days\"";
    rules(&desk, "id = \"data-governance\"", late);
    desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(0);
    let page = package(&mut desk);
    says(&page, &["Due by: ", "The review lapses after: ", "Next date: ", "the deadline of Data governance"]);
    says_not(&page, &["Overdue", "Escalated"]);
    desk.wait_days(10);
    let page = package(&mut desk);
    says(&page, &["Overdue: 1 step", "Escalated to ai committee", "Open now. Overdue"]);
    says(&built(&mut desk, "index.html"), &["<span class=\"sub\">Overdue</span>"]);
    desk.wait_days(40);
    let page = package(&mut desk);
    says(
        &page,
        &["Lapsed", "ended without an approval", "had to pass by", "Next: the authors submit a new revision"],
    );
    says_not(&page, &["notice--ok", "decide scorecard approve"]);
}

/// R41: a small change waits for a confirmation; the page counts the words and links what changed. R66:
/// the earlier round keeps the states of its time.
#[test]
fn a_small_change_waits_for_a_confirmation() {
    let mut desk = Desk::bank();
    desk.edit(
        "chains/desk-credit.toml",
        "scope = [\"training-data\"]\ncarry = \"out_of_scope\"",
        "scope = [\"training-data\"]\ncarry = \"minor\"",
    );
    desk.by("ines-moreau", &["submit", BANK, "--yes"]).exits(0);
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.edit("packages/scorecard/training-data.md", "supplied any of them", "supplied any of these rows");
    let note = ["--class", "minor", "--note", "training-data: clearer", "--yes"];
    desk.by("ines-moreau", &[&["submit", BANK][..], &note[..]].concat()).exits(0);
    let page = package(&mut desk);
    let now = step(&page, 1);
    says(
        now,
        &[
            "To be confirmed: the wording changed a little",
            "on revision 1",
            "Waits for Tomasz Lindqvist",
            "<a href=\"../../packages/scorecard/diff-1-2.html\">Read what changed from revision 1 to revision 2</a>",
        ],
    );
    assert!(now.starts_with("now"));
    says(&page, &["3 words of prose", "countersign confirm scorecard --step data-governance"]);
    let before = desk.read("site/public/packages/scorecard/r1.html");
    assert!(step(&before, 1).starts_with("done\""), "{}", step(&before, 1));
    says(step(&before, 1), &["Approved 1 November 2026 by Tomasz Lindqvist"]);
    assert!(step(&before, 2).starts_with("now\""), "it was open when revision 2 came");
    desk.by("tomasz-lindqvist", &["confirm", BANK, "--step", "data-governance", "--yes"]).exits(0);
    let page = package(&mut desk);
    assert!(step(&page, 1).starts_with("done\""));
    says(&page, &["Confirmed the small change since revision 1"]);
}

/// R43: an override is always shown, with both names, reason and dates, and never looks like an approval;
/// the certificate names the step that nobody approved.
#[test]
fn an_override_never_looks_like_an_approval() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    ["nora-vance", "ines-moreau"].iter().for_each(|p| grant(&mut desk, p, "override"));
    grant(&mut desk, "tomasz-lindqvist", "override");
    let dates = ["--until", "2026-12-31", "--review", "2026-12-01", "--reason", "Outage of the risk system."];
    let ask = ["--format", "json", "override", BANK, "--step", "model-risk"];
    let request = record(desk.by("nora-vance", &[&ask[..], &dates[..], &["--yes"]].concat()));
    let page = package(&mut desk);
    says(&page, &["No effect yet: a second person must sign", "<strong>Seconded by</strong> nobody"]);
    assert!(step(&page, 2).starts_with("now\""));
    grant(&mut desk, "lucas-brandt", "override");
    let second = ["override", BANK, "--second", &request[..8], "--reason", "I agree.", "--yes"];
    desk.by("lucas-brandt", &second).exits(0);
    let page = package(&mut desk);
    let aside = step(&page, 2);
    assert!(aside.starts_with("aside\""), "{aside}");
    says(aside, &["Set aside by two people: nobody approved it"]);
    says(
        &page,
        &[
            "A step was set aside, not approved",
            "By Nora Vance and Lucas Brandt. It holds until 31 December 2026 and must be looked back on by 1 December 2026.",
            "Reason: Outage of the risk system.",
            "node node--aside",
        ],
    );
    says(&built(&mut desk, "index.html"), &["A step was set aside, not approved"]);
    desk.wait_days(70);
    let page = package(&mut desk);
    assert!(!step(&page, 2).starts_with("aside\""), "it has ended");
    says(&page, &["It has no effect now.", "It was asked to set “Model risk” aside."]);
}

/// R38 R44: objections, recusals and a revision taken back stand on the page with their reasons.
#[test]
fn whoever_objects_or_steps_aside_is_heard_on_the_page() {
    let mut desk = Desk::submitted();
    let objection = ["object", BANK, "--reason", "The sample is stale.", "--section", "evaluation", "--yes"];
    desk.by("hana-sato", &objection).exits(0);
    desk.by("lucas-brandt", &["recuse", BANK, "--reason", "I advised the vendor.", "--yes"]).exits(0);
    let page = package(&mut desk);
    says(
        &page,
        &[
            "Objected",
            "Reason: The sample is stale.",
            "Stepped aside",
            "Reason: I advised the vendor.",
            "Nobody there is could bring “AI committee” to pass",
            "Somebody objects to this version",
        ],
    );
    let history = built(&mut desk, "packages/scorecard/history.html");
    says(&history, &["Objection", "“The sample is stale.”", "Recusal", "Submission"]);
    desk.by("ines-moreau", &["retract", BANK, "--reason", "The data were wrong.", "--yes"]).exits(0);
    let page = package(&mut desk);
    says(
        &page,
        &[
            "Ines Moreau took this revision out of review on 1 November 2026.",
            "Reason: The data were wrong.",
            "Next: the authors submit a new revision",
        ],
    );
    says_not(&page, &["decide scorecard approve"]);
}

/// R38: a final rejection says who, why, and that nothing sets it aside.
#[test]
fn a_final_rejection_says_that_it_is_final() {
    let mut desk = Desk::submitted();
    let finding = "training-data | a source is missing | name it";
    desk.by("tomasz-lindqvist", &["decide", BANK, "reject", "--final", "--finding", finding, "--yes"])
        .exits(0);
    says(
        &package(&mut desk),
        &[
            "Tomasz Lindqvist rejected this package for good",
            "Nobody can override that",
            "only the reviewer who rejected it can take it back",
            "<li>a source is missing</li>",
        ],
    );
}

/// R72 R78: a condition shows its kind, owner, day and state, and every record about it; past its day the
/// package is due for a new review, and says so.
#[test]
fn a_condition_shows_where_it_stands() {
    let mut desk = Desk::submitted();
    desk.by("tomasz-lindqvist", &["decide", BANK, "approve", "--yes"]).exits(0);
    let first = "File the report | ines-moreau | 2026-12-31 | kind=pre_merge";
    let second = "Report the index | ines-moreau | 2027-03-31";
    let set = ["decide", BANK, "approve", "--condition", first, "--condition", second, "--yes"];
    desk.by("adaeze-okafor", &set).exits(0);
    desk.by("hana-sato", &["decide", BANK, "approve", "--yes"]).exits(0);
    desk.by("lucas-brandt", &["decide", BANK, "approve", "--yes"]).exits(0);
    let id = desk.status()["conditions"][0]["condition"]["id"].as_str().unwrap().to_owned();
    desk.by("ines-moreau", &["discharge", BANK, &id, "--how", "Filed.", "--yes"]).exits(0);
    says(
        &package(&mut desk),
        &[
            "Said to be met, not checked yet",
            "To be done before the package merges, by <time datetime=\"2026-12-31\">",
            "Owner: Ines Moreau. Set by Adaeze Okafor.",
            "“Filed.”",
            "Due by <time datetime=\"2027-01-01T00:00:00Z\">the end of 31 December 2026</time>",
        ],
    );
    let answer = ["verify-condition", BANK, &id, "--not-met", "--reason", "A page is missing.", "--yes"];
    desk.by("adaeze-okafor", &answer).exits(0);
    says(&package(&mut desk), &["Checked and not met", "Checked: not met, given back", "A page is missing."]);
    desk.by("ines-moreau", &["discharge", BANK, &id, "--how", "Filed whole.", "--yes"]).exits(0);
    desk.by("adaeze-okafor", &["verify-condition", BANK, &id, "--met", "--reason", "Read.", "--yes"])
        .exits(0);
    says(&package(&mut desk), &["Met and checked"]);
    desk.run(&["append"]).exits(0);
    desk.by("nora-vance", &["certify", BANK, "--yes"]).exits(0);
    desk.run(&["append"]).exits(0);
    let certificate = built(&mut desk, "packages/scorecard/certificate.html");
    says(&certificate, &["approved with 2 conditions", "Met and checked", "“Filed whole.”"]);
    says_not(&certificate, &["class=\"stamp\"", "not in force"]);
    desk.wait_days(200);
    says(
        &package(&mut desk),
        &[
            "Re-review due",
            "is overdue since 31 March 2027: Report the index",
            "Overdue. Open",
            "Overdue: 1 condition",
        ],
    );
    let certificate = desk.read("site/public/packages/scorecard/certificate.html");
    says(&certificate, &["Re-review due"]);
    says_not(&certificate, &["class=\"stamp\""]);
    desk.wait_days(400);
    says(&package(&mut desk), &["Certificate expired", "Its certificate held until"]);
    says(&desk.read("site/public/packages/scorecard/certificate.html"), &["Run out: not in force"]);
}

/// A replaced certificate and a revoked one look so, on the screen and printed; nothing on them is green.
#[test]
fn a_certificate_out_of_force_looks_so() {
    let mut desk = Desk::certified();
    desk.approve_second();
    let old = desk.status()["certificate"]["record"].as_str().unwrap().to_owned();
    desk.by("nora-vance", &["certify", "second", "--supersedes", &old[..12], "--yes"]).exits(0);
    desk.run(&["append"]).exits(0);
    let page = package(&mut desk);
    says(&page, &["Superseded", "Read the certificate of second, revision 1"]);
    let certificate = desk.read("site/public/packages/scorecard/certificate.html");
    says(
        &certificate,
        &[
            "Superseded: not in force",
            "Replaced by the certificate",
            "data-printed=\"SUPERSEDED, NOT IN FORCE",
        ],
    );
    let newer = desk.read("site/public/packages/second/certificate.html");
    says(&newer, &["Replaces the certificate", "scorecard, revision 1"]);
    says_not(&newer, &["class=\"stamp\"", "deed void"]);
    grant(&mut desk, "nora-vance", "revoker");
    desk.by("nora-vance", &["revoke", "second", "--reason", "The labels were wrong.", "--yes"]).exits(0);
    let page = built(&mut desk, "packages/second/index.html");
    says(
        &page,
        &[
            "Nora Vance revoked the certificate on",
            "Reason: The labels were wrong.",
            "Read the revoked certificate",
        ],
    );
    says_not(&page, &["notice--ok", "is approved</h2>"]);
    let revoked = desk.read("site/public/packages/second/certificate.html");
    says(
        &revoked,
        &[
            "<p class=\"stamp\">Revoked: not in force</p>",
            "class=\"deed void\"",
            "data-printed=\"REVOKED, NOT IN FORCE",
            "<title>Revoked: Certificate",
            "The labels were wrong.",
            "What was approved then, and does not hold any more",
        ],
    );
}

/// R44 R66 R67: the history shows every round in time, neutrally, in a drawing and in words; and help says
/// what can become of any record.
#[test]
fn rounds_are_shown_in_time_and_every_fate_in_words() {
    let mut desk = Desk::submitted();
    let finding = "training-data | a source is missing | name it";
    desk.wait_days(3);
    desk.by("tomasz-lindqvist", &["decide", BANK, "reject", "--finding", finding, "--yes"]).exits(0);
    desk.wait_days(4);
    desk.edit(
        "packages/scorecard/training-data.md",
        "Nobody outside",
        "See [the test](evaluation.md): nobody outside",
    );
    let id = desk.status()["findings"][0]["finding"]["id"].as_str().unwrap().to_owned();
    let answer = format!("{id}: named");
    let note = ["--note", "training-data: named", "--answer", &answer, "--yes"];
    desk.by("ines-moreau", &[&["submit", BANK][..], &note[..]].concat()).exits(0);
    let history = built(&mut desk, "packages/scorecard/history.html");
    says(
        &history,
        &[
            "Rounds in time",
            "role=\"img\" aria-labelledby=\"rounds-picture-t rounds-picture-d\"",
            "Revision 1: rejected: 4 days",
            "Rejected: revision 2 after 1 rejection.",
        ],
    );
    let round = desk.read("site/public/packages/scorecard/r1.html");
    assert!(step(&round, 1).starts_with("bad\""));
    says(step(&round, 1), &["Rejected 4 November 2026 by Tomasz Lindqvist"]);
    // A change is shown in words, not in Markdown.
    let diff = desk.read("site/public/packages/scorecard/diff-1-2.html");
    says(&diff, &["the test (leads to evaluation.md)"]);
    says_not(&diff, &["](", "## "]);
    let help = desk.read("site/public/help.html");
    for code in countersign::engine::FateCode::ALL {
        says(&help, &[&format!("<dt class=\"mono\">{code}</dt>")]);
    }
}
