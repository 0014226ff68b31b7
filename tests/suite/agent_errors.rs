//! Every way in which a signature does not come about: nothing has been signed, why, what to do next, and what
//! was written is kept.

use crate::agent::{Got, Pages, pending};
use crate::agent_stories::grant;
use crate::desk::{Desk, PASSPHRASE};

const DG: &str = "tomasz-lindqvist";
const AUTHOR: &str = "ines-moreau";
const REGISTRAR: &str = "nora-vance";
const HOME: &str = "review/index.html";

/// A rejection that is filled in and waits for its signature.
fn rejection(pages: &Pages) -> Got {
    let terms = [
        ("decision", "reject"),
        ("finding-1-section", "training-data"),
        ("finding-1-concern", "The extract is not dated."),
        ("finding-1-required", "Give the day."),
    ];
    pages.choose("data-governance", &terms).is(200).says("I reject with 1 finding: sign")
}

/// The page says that nothing was signed and what was written is kept, and it is.
#[track_caller]
fn kept(desk: &Desk, pages: &Pages, got: Got, before: &[String]) -> Got {
    assert_eq!(before, pending(desk), "something was recorded");
    let got = got.says("Nothing has been signed").says("What you wrote is kept").says("What to do");
    pages.get(HOME).says("Begun and not signed").says("Your decision in step data-governance");
    got
}

/// R38: somebody else decided the step between the form and the signature: the page says who, and that
/// nothing of this reader was signed.
#[test]
fn r38_somebody_else_decided_the_step_first() {
    let mut desk = Desk::submitted();
    grant(&mut desk, "lucas-brandt", "data-governance");
    let pages = Pages::open(&desk, DG);
    pages.read(&["training-data"]);
    let check =
        pages.choose("data-governance", &[("decision", "approve"), ("condition-1-text", "Renew it.")]);
    let check = check.is(200).hides("decided this step first");
    desk.by("lucas-brandt", &["decide", "scorecard", "approve", "--step", "data-governance", "--yes"])
        .exits(0);
    let before = pending(&desk);
    let again = pages.sign(&check.ticket(), DG, PASSPHRASE).is(303);
    let again = pages.get(again.header("Location").unwrap()).is(200);
    let again = again
        .says("Something was recorded after this statement was drawn up")
        .says("nothing has been signed");
    let again =
        again.says("Somebody else decided this step first").says("Lucas Brandt: approved, on revision 1");
    again.says("Renew it.");
    assert_eq!(before, pending(&desk));
    let choose = pages.get("packages/scorecard/decide.html?step=data-governance").is(200);
    choose.says("Decided in this step so far").says("Lucas Brandt: approved").says("Renew it.");
}

/// R27, R34: the role was taken away between the form and the signature, and on the form itself.
#[test]
fn r34_a_role_that_is_not_held_any_more_signs_nothing() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    let check = rejection(&pages);
    let form = pages.get("packages/scorecard/decide.html?step=data-governance").is(200);
    let end = ["people", "end", DG, "data-governance", "--reason", "moved", "--yes"];
    desk.by(REGISTRAR, &end).exits(0);
    let before = pending(&desk);
    let refused = pages.sign(&check.ticket(), DG, PASSPHRASE);
    let refused = match refused.header("Location").map(str::to_owned) {
        Some(to) => pages.get(&to),
        None => refused,
    };
    kept(&desk, &pages, refused.says("does not hold"), &before);
    // What is typed on a form that was open meanwhile is kept as well.
    let ticket = form.ticket();
    let typed = [
        ("ticket", ticket.as_str()),
        ("step", "data-governance"),
        ("decision", "reject"),
        ("finding-1-concern", "Typed at the very last."),
    ];
    let refused =
        pages.follow("packages/scorecard/decide", &typed).is(403).says("You cannot decide this step");
    kept(&desk, &pages, refused, &before);
    desk.by(REGISTRAR, &["people", "grant", DG, "data-governance", "--yes"]).exits(0);
    pages.get("packages/scorecard/decide.html?step=data-governance").is(200).says("Typed at the very last.");
}

/// R27: a key that was revoked signs nothing, and the page says whom to ask.
#[test]
fn r27_a_revoked_key_signs_nothing() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    let check = rejection(&pages);
    let at = check.body.find("SHA256:").map(|_| check.body.rfind("SHA256:").unwrap()).unwrap();
    let key: String = check.body[at..].chars().take("SHA256:".len() + 43).collect();
    let key = key.replace("&#x2F;", "/");
    let revoke = ["people", "revoke", DG, &key, "--reason", "lost", "--yes"];
    desk.by(REGISTRAR, &revoke).exits(0);
    let before = pending(&desk);
    let refused = pages.sign(&check.ticket(), DG, PASSPHRASE).is(403);
    let refused =
        refused.says("Your key is not valid here any more").says("Ask a registrar to enrol a new key");
    assert_eq!(before, pending(&desk));
    refused.says("Nothing has been signed").says("What you wrote is kept").says("help.html#ask-title");
}

/// R53: a ledger that does not verify names whom to call; the draft is kept.
#[test]
fn r53_a_broken_ledger_names_whom_to_call() {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    let check = rejection(&pages);
    desk.edit("chains/ledger.jsonl", "Tomasz Lindqvist", "Tomasz Lindqwist");
    let before = pending(&desk);
    let refused = pages.sign(&check.ticket(), DG, PASSPHRASE).is(409).says("The ledger does not verify");
    kept(&desk, &pages, refused.says("Tell a registrar: Nora Vance (nora-vance@example.test)."), &before);
}

/// A form of pages that were started again leads back to what was begun.
#[test]
fn an_old_form_is_refused_and_leads_back_to_the_draft() {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    rejection(&pages);
    let before = pending(&desk);
    let refused = pages.sign(&"0".repeat(32), DG, PASSPHRASE).is(409).says("This form is too old");
    let refused = refused.says("What you wrote before is kept").says("Nothing has been signed");
    refused.says("what you have begun");
    assert_eq!(before, pending(&desk));
    pages.get(HOME).says("Begun and not signed");
}

/// A package that is changed by a resubmission shows the change in full and keeps the draft.
#[test]
fn a_package_that_changed_since_it_was_opened_keeps_the_draft() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    let check = rejection(&pages);
    desk.edit("packages/scorecard/training-data.md", "30 June 2026", "29 June 2026");
    desk.by(AUTHOR, &["submit", "scorecard", "--note", "training-data: the day", "--yes"]).exits(0);
    let before = pending(&desk);
    let stale = pages.sign(&check.ticket(), DG, PASSPHRASE).is(409);
    kept(&desk, &pages, stale.says("The package changed while you were reviewing it").says("<del>"), &before);
    pages
        .get("packages/scorecard/decide.html?step=data-governance")
        .is(200)
        .says("The extract is not dated.");
}
