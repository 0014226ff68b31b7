//! The pages of those who write and of those who keep the people: the first submission, who decides for
//! somebody absent, and sending what was signed.

use crate::agent::{Got, Pages, pending};
use crate::agent_stories::{grant, signed};
use crate::desk::{Desk, PASSPHRASE, git};

const DG: &str = "tomasz-lindqvist";
const AUTHOR: &str = "ines-moreau";
const REGISTRAR: &str = "nora-vance";
const PACKAGE: &str = "packages/scorecard/index.html";
const HOME: &str = "review/index.html";

/// R01, R58: an author finds a package that was never submitted, sees what is missing with its place, mends
/// it, and submits revision 1 in the browser.
#[test]
fn r58_the_first_revision_is_submitted_in_the_pages() {
    let mut desk = Desk::bank();
    desk.edit("packages/scorecard/package.toml", "use = \"Shadow scoring on the desk.\"", "use = \"\"");
    std::fs::remove_file(desk.path("packages/scorecard/limitations.md")).unwrap();
    let toml = "Not submitted yet: 1 thing is missing. The rest is checked once this is mended.";
    let home = Pages::open(&desk, AUTHOR).get(HOME).is(200).says("Your drafts").says(toml);
    home.says("packages/scorecard/package.toml:12:7").hides("act.html?act=submit");
    Pages::open(&desk, DG).get(HOME).hides("Your drafts");
    desk.edit("packages/scorecard/package.toml", "use = \"\"", "use = \"Shadow scoring.\"");
    let check = desk.run(&["check"]);
    assert_eq!(check.code, 1, "{}{}", check.out, check.err);
    let pages = Pages::open(&desk, AUTHOR);
    let home = pages.get(HOME).is(200).says("Your drafts").says("Not submitted yet: 1 thing is missing.");
    let home = home.says("limitations").hides("act.html?act=submit");
    // In the same words and places as the command line.
    let places: Vec<&str> =
        check.out.lines().chain(check.err.lines()).filter_map(|l| l.trim().strip_prefix("--> ")).collect();
    assert!(!places.is_empty(), "{}{}", check.out, check.err);
    for place in places {
        assert!(home.body.contains(place.trim()), "{place} is not in {}", home.body);
    }
    pages.get(PACKAGE).is(200).says("once the problems below are mended").hides("act=submit");
    let page = pages.get("packages/scorecard/act.html?act=submit").is(200).says("It cannot be submitted yet");
    page.says("limitations.md").hides("act-form");
    drop(pages);

    let fresh = Desk::bank();
    for file in ["package.toml", "training-data.md", "limitations.md"] {
        desk.write(&format!("packages/scorecard/{file}"), &fresh.read(&format!("packages/scorecard/{file}")));
    }
    // Nobody else is offered it.
    Pages::open(&desk, DG).get(HOME).hides("Your drafts");
    Pages::open(&desk, DG).get(PACKAGE).is(200).hides("act=submit").hides("countersign submit");
    let pages = Pages::open(&desk, AUTHOR);
    pages
        .get(HOME)
        .says("Not submitted yet. Ready to submit.")
        .says("packages/scorecard/act.html?act=submit");
    pages.get(PACKAGE).says("Submit revision 1 for review");
    let form = pages.get("packages/scorecard/act.html?act=submit").is(200);
    let form = form.says("not submitted").hides("revision 0").says("cannot approve it");
    let form = form.hides("How much has changed");
    let ticket = form.ticket();
    let check = pages.follow("packages/scorecard/act", &[("ticket", ticket.as_str()), ("act", "submit")]);
    let check = check.is(200).says("I submit revision 1: sign").hides("have no effect");
    let check = check.says("Written by").says("Ines Moreau").says("Credit, small").says("Files frozen");
    let before = pending(&desk);
    // A file saved in between stops it.
    desk.edit("packages/scorecard/training-data.md", "30 June 2026", "29 June 2026");
    let again = pages.sign(&check.ticket(), AUTHOR, PASSPHRASE).is(303);
    let again = pages.get(again.header("Location").unwrap()).says("or a file changed");
    assert_eq!(before, pending(&desk));
    assert!(!desk.path("packages/scorecard/revisions").exists());
    let done = signed(&pages, &again, AUTHOR).says("Recorded: ").says("revision 1");
    done.says("the record and the frozen revision").hides("revision 0");
    assert_eq!(desk.status()["revision"], 1);
    assert!(desk.read("packages/scorecard/revisions/1/training-data.md").contains("29 June 2026"));
    pages.get(HOME).hides("Your drafts");
    drop(pages);
    Pages::open(&desk, DG).get(HOME).says("Packages awaiting your review").says("packages/scorecard/");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
    // A change after it is a draft again, of revision 2.
    desk.edit("packages/scorecard/training-data.md", "29 June 2026", "28 June 2026");
    let home = Pages::open(&desk, AUTHOR).get(HOME);
    home.says("The files differ from revision 1. Ready to submit.").says("Submit revision 2 for review");
}

/// A package.toml that cannot be read names nobody; its author finds it all the same.
#[test]
fn a_draft_that_cannot_be_read_is_not_lost() {
    let desk = Desk::bank();
    desk.write("packages/scorecard/package.toml", "title = \n");
    let home = Pages::open(&desk, AUTHOR).get(HOME).is(200);
    home.says("It cannot be read, so nobody is named as its author yet").says("package.toml:1");
}

/// Fills in the form about people that is at `page` and goes on to the check page.
fn about_people(pages: &Pages, page: &str, fields: &[(&str, &str)]) -> Got {
    let ticket = pages.get(page).is(200).ticket();
    pages.follow("review/act", &[&[("ticket", ticket.as_str())][..], fields].concat())
}

/// R39, R40: a registrar sees a deadline of somebody who is away, and lets somebody decide in that place; the
/// sentence and the record name all three.
#[test]
fn r39_a_registrar_delegates_for_somebody_absent_in_the_pages() {
    let mut desk = Desk::bank();
    let old = "role = \"data-governance\"\n";
    desk.edit("chains/desk-credit.toml", old, &format!("{old}deadline = \"5 days\"\n"));
    desk.by(AUTHOR, &["submit", "scorecard", "--yes"]).exits(0);
    grant(&mut desk, "lucas-brandt", "data-governance");
    let pages = Pages::open(&desk, REGISTRAR);
    pages.get(HOME).hides("Due while somebody is away").says("id=\"delegate-for\"");
    drop(pages);
    let today = desk.now()[..10].to_owned();
    let away =
        ["people", "absent", DG, "--from", &today, "--until", "2026-11-20", "--reason", "ill", "--yes"];
    desk.by(REGISTRAR, &away).exits(0);
    Pages::open(&desk, AUTHOR).get(HOME).hides("Due while somebody is away").hides("delegate-for");
    let pages = Pages::open(&desk, REGISTRAR);
    let home = pages.get(HOME).says("Due while somebody is away").says("away until 20 November 2026: Ill.");
    let home = home.says("step 1, Data governance").says("It can also be decided by Lucas Brandt.");
    let (_, link) = home.body.split_once("id=\"late\"").unwrap();
    let link = link.split("href=\"").find(|l| l.starts_with("act.html?act=delegate&amp;x-for=")).unwrap();
    let page = format!("review/{}", link.split('"').next().unwrap().replace("&amp;", "&"));
    // What is known is filled in.
    let form = pages.get(&page).is(200).says("Somebody is away").says("Who is away?");
    let form = form.says(&format!("<option value=\"{DG}\" selected>")).says("Who decides in their place?");
    form.says("name=\"x-until-day\" value=\"20\"").says("value=\"yes\" checked").says("as a registrar");
    let days = [
        ("x-from-day", "1"),
        ("x-from-month", "11"),
        ("x-from-year", "2026"),
        ("x-until-day", "20"),
        ("x-until-month", "11"),
        ("x-until-year", "2026"),
    ];
    let empty = about_people(&pages, &page, &[("act", "delegate"), ("x-for", "")]);
    let empty =
        empty.says("<title>Error: ").says("Choose who is away").says("Choose who decides in their place");
    empty.says("Say why").says("Who is away?");
    let same =
        [&[("act", "delegate"), ("x-for", DG), ("x-to", DG), ("text", "Ill.")][..], &days[..]].concat();
    about_people(&pages, &page, &same).says("Choose somebody else than the person who is away");
    // Somebody without the role is said beforehand to have no say.
    let vain = [("act", "delegate"), ("x-for", DG), ("x-to", "hana-sato"), ("text", "Ill.")];
    let vain = about_people(&pages, &page, &[&vain[..], &days[..]].concat()).is(200);
    vain.says("Hana Sato holds no role that may stand in for Tomasz Lindqvist in");
    let terms = [
        ("act", "delegate"),
        ("x-for", DG),
        ("x-to", "lucas-brandt"),
        ("x-steps-data-governance", "yes"),
        ("text", "Ill, and the step is due."),
    ];
    let check = about_people(&pages, &page, &[&terms[..], &days[..]].concat()).is(200);
    let check =
        check.says("I, Nora Vance, let lucas-brandt decide for tomasz-lindqvist in step data-governance");
    let check = check.says("I let Lucas Brandt decide in the place of Tomasz Lindqvist: sign");
    let check = check.says("Who is away").hides("would have no effect");
    let ticket = check.ticket();
    let fields = [("ticket", ticket.as_str()), ("reviewer", REGISTRAR), ("passphrase", PASSPHRASE)];
    let done = pages.post("review/sign", &fields).is(303);
    pages.get(done.header("Location").unwrap()).is(200).says("Recorded: ").says("Ill, and the step is due.");
    let home = pages.get(HOME).hides("Due while somebody is away");
    home.says("Lucas Brandt decides in the place of Tomasz Lindqvist").says("End this");
    drop(pages);
    Pages::open(&desk, DG).get(HOME).says("Lucas Brandt decides in your place").says("End this");
    let pages = Pages::open(&desk, "lucas-brandt");
    pages.get(HOME).says("You decide in the place of Tomasz Lindqvist").hides("End this");
    // Who is no registrar cannot do it, whatever is sent.
    let forged = [&terms[..], &days[..]].concat();
    let forged = about_people(&pages, "review/act.html?act=delegate", &forged);
    forged.says("Only a registrar can do this for somebody else");
    drop(pages);
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
}

/// The desk under Git with a bare remote beside it, and the review pages with a committed note.
fn with_remote() -> (Desk, Pages, Got) {
    let desk = Desk::submitted();
    let bare = desk.beside("remote.git");
    std::fs::create_dir_all(&bare).unwrap();
    git(&bare, &["init", "-q", "--bare"]).exits(0);
    desk.git(&["init", "-q"]).exits(0);
    desk.git(&["config", "user.name", "Desk"]).exits(0);
    desk.git(&["config", "user.email", "desk@example.test"]).exits(0);
    desk.git(&["add", "."]).exits(0);
    desk.git(&["commit", "-q", "-m", "all"]).exits(0);
    desk.git(&["remote", "add", "origin", bare.to_str().unwrap()]).exits(0);
    desk.git(&["push", "-q", "-u", "origin", "main"]).exits(0);
    let pages = Pages::open(&desk, DG);
    let note = [("act", "comment"), ("section", "evaluation"), ("choice", "note"), ("text", "Seen.")];
    let check = pages.act(&note);
    let done = signed(&pages, &check, DG).says("not yet with the others").hides("id=\"push\"");
    let done = sent(&pages, "commit", &done).says("Committed, not yet sent");
    (desk, pages, done)
}

fn sent(pages: &Pages, act: &str, got: &Got) -> Got {
    let record = got.body.split("name=\"record\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let ticket = got.ticket();
    pages.follow(&format!("packages/scorecard/{act}"), &[("ticket", &ticket), ("record", record)])
}

/// A record is sent with the branch it was committed on, to where that branch goes, and no other branch is.
#[test]
fn a_record_is_sent_from_the_page_to_a_real_remote() {
    let (desk, pages, done) = with_remote();
    desk.git(&["branch", "private"]).exits(0);
    let done = done.says("Send it to origin (git push)");
    let bare = desk.beside("remote.git");
    let head = || git(&bare, &["rev-parse", "main"]).out;
    assert_ne!(head(), desk.git(&["rev-parse", "HEAD"]).out);
    sent(&pages, "push", &done).says("<h2 id=\"git-title\">Sent</h2>").hides("id=\"push\"");
    assert_eq!(head(), desk.git(&["rev-parse", "HEAD"]).out);
    assert_eq!(git(&bare, &["branch", "--format=%(refname:short)"]).out.trim(), "main");
}

/// A remote that refuses: what Git says, that the record is kept and nothing is signed again; then it works.
#[test]
fn a_push_that_is_refused_is_said_in_words_and_tried_again() {
    let (desk, pages, done) = with_remote();
    let bare = desk.beside("remote.git");
    let hook = bare.join("hooks/pre-receive");
    std::fs::create_dir_all(bare.join("hooks")).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho 'not to <main>' >&2\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let before = pending(&desk);
    let refused = sent(&pages, "push", &done).is(200).says("It could not be sent");
    let refused = refused.says("signed, kept and committed on this computer; it is not yet posted");
    let refused = refused.says("not to &lt;main&gt;").says("You do not sign again").says("id=\"push\"");
    let refused = refused.hides("name=\"passphrase\"").says("open a pull request");
    assert_eq!(before, pending(&desk));
    // It is still said when the page is opened later.
    std::fs::remove_file(&hook).unwrap();
    // Somebody else was faster.
    let other = desk.beside("other");
    std::fs::create_dir_all(&other).unwrap();
    git(&other, &["clone", "-q", bare.to_str().unwrap(), "."]).exits(0);
    git(&other, &["commit", "-q", "--allow-empty", "-m", "mine"]).exits(0);
    git(&other, &["push", "-q", "origin", "HEAD:main"]).exits(0);
    let late = sent(&pages, "push", &refused).says("It could not be sent").says("git pull --rebase");
    desk.git(&["pull", "-q", "--rebase"]).exits(0);
    sent(&pages, "push", &late).says("<h2 id=\"git-title\">Sent</h2>").hides("It could not be sent");
    assert_eq!(git(&bare, &["rev-parse", "main"]).out, desk.git(&["rev-parse", "HEAD"]).out);
    // A forged name sends nothing, and a remote that is gone is an answer too.
    let ticket = pages.get(PACKAGE).ticket();
    pages.post("packages/scorecard/push", &[("ticket", ticket.as_str()), ("record", "../../x")]).is(303);
    let note = [("act", "comment"), ("section", "evaluation"), ("choice", "note"), ("text", "Again.")];
    let check = pages.act(&note);
    let done = sent(&pages, "commit", &signed(&pages, &check, DG));
    std::fs::remove_dir_all(&bare).unwrap();
    sent(&pages, "push", &done).says("It could not be sent").says("Try again once the cause is mended");
}

/// Without a remote nothing is offered to be sent.
#[test]
fn without_an_upstream_nothing_is_sent() {
    let (desk, pages, done) = with_remote();
    desk.git(&["branch", "--unset-upstream"]).exits(0);
    let record = done.body.split("name=\"record\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let page = pages.get(&format!("packages/scorecard/recorded.html?record={record}"));
    page.says("Committed, not yet sent").says("Push the branch and open").hides("id=\"push\"");
}
