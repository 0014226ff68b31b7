//! Stories of the review pages: standing in, confirming, submitting, committing. Each signs a real record over
//! HTTP and looks at what the engine makes of it.

use crate::agent::{Got, Pages, pending};
use crate::desk::{Desk, PASSPHRASE};

const DG: &str = "tomasz-lindqvist";
const AUTHOR: &str = "ines-moreau";
const PACKAGE: &str = "packages/scorecard/index.html";

pub fn grant(desk: &mut Desk, person: &str, role: &str) {
    desk.by("nora-vance", &["people", "grant", person, role, "--yes"]).exits(0);
}

/// Signs what a check page of the package shows, and goes on to the record.
#[track_caller]
pub fn signed(pages: &Pages, check: &Got, person: &str) -> Got {
    let done = pages.sign(&check.ticket(), person, PASSPHRASE).is(303);
    pages.get(done.header("Location").unwrap()).is(200).says("Recorded: ")
}

/// Fills in a form about people and signs it.
#[track_caller]
fn about_people(pages: &Pages, page: &str, person: &str, fields: &[(&str, &str)]) -> Got {
    let ticket = pages.get(page).is(200).ticket();
    let check = pages.follow("review/act", &[&[("ticket", ticket.as_str())][..], fields].concat()).is(200);
    let ticket = check.ticket();
    let fields = [("ticket", ticket.as_str()), ("reviewer", person), ("passphrase", PASSPHRASE)];
    let done = pages.post("review/sign", &fields).is(303);
    pages.get(done.header("Location").unwrap()).is(200)
}

/// R39: somebody is away; the other decides in that seat, and the sentence and the record name both.
#[test]
fn r39_a_delegate_decides_in_the_pages_and_both_are_named() {
    let mut desk = Desk::submitted();
    grant(&mut desk, "nora-vance", "data-governance");
    let pages = Pages::open(&desk, DG);
    let form =
        pages.get("review/act.html?act=delegate").says("I will be away").says("Who decides in your place?");
    let ticket = form.ticket();
    let empty = [("ticket", ticket.as_str()), ("act", "delegate"), ("text", "")];
    let wrong =
        pages.follow("review/act", &empty).says("<title>Error: ").says("Choose who decides in your place");
    wrong.says("Say why").says("The last day must be a real date");
    let days = [
        ("x-from-day", "1"),
        ("x-from-month", "11"),
        ("x-from-year", "2026"),
        ("x-until-day", "9"),
        ("x-until-month", "11"),
        ("x-until-year", "2026"),
    ];
    let terms = [
        ("act", "delegate"),
        ("x-to", "nora-vance"),
        ("x-steps-data-governance", "yes"),
        ("text", "On leave <until> the 9th."),
    ];
    let fields = [&terms[..], &days[..]].concat();
    let done = about_people(&pages, "review/act.html?act=delegate", DG, &fields);
    done.says("On leave &lt;until&gt; the 9th.").says("Recorded: ");
    pages.get("review/index.html").says("Nora Vance decides in your place").says("End this");
    pages.get(PACKAGE).says("Nora Vance may decide in your place");
    drop(pages);
    desk.run(&["verify"]).exits(0);

    let pages = Pages::open(&desk, "nora-vance");
    let home = pages
        .get("review/index.html")
        .says("Packages awaiting your review")
        .says("In place of Tomasz Lindqvist");
    home.says("You decide in the place of Tomasz Lindqvist");
    let package = pages.get(PACKAGE).says("In place of Tomasz Lindqvist, step 1").says("On leave");
    package.says("id=\"decide-data-governance-for-tomasz-lindqvist-approve\"");
    pages.read(&["training-data"]);
    let choose = pages.get("packages/scorecard/decide.html?step=data-governance&for=tomasz-lindqvist");
    choose
        .says("In whose seat do you decide?")
        .says("id=\"seat-tomasz-lindqvist\" value=\"tomasz-lindqvist\" checked");
    // Nobody stands in for somebody who did not ask for it.
    let forged = [("decision", "approve"), ("seat", "adaeze-okafor")];
    pages.choose("data-governance", &forged).says("Nobody of that name has let you decide");
    let check = pages.choose("data-governance", &[("decision", "approve"), ("seat", DG)]).is(200);
    let check =
        check.says("Nora Vance, acting for Tomasz Lindqvist").says("I approve, for Tomasz Lindqvist: sign");
    assert!(check.bytes().contains("\"acting_for\":\"tomasz-lindqvist\""));
    let done =
        signed(&pages, &check, "nora-vance").says("In the place of").says("acting for Tomasz Lindqvist");
    drop(done);
    assert_eq!(desk.step("data-governance"), "satisfied");
    assert_eq!(desk.codes().last().map(String::as_str), Some("COUNTED_AS"));
    drop(pages);

    // Back again: it ends, and what was decided stands.
    let pages = Pages::open(&desk, DG);
    let home = pages.get("review/index.html");
    let (_, link) = home.body.split_once("act.html?act=undelegate&amp;about=").unwrap();
    let record = link.split('"').next().unwrap().to_owned();
    let page = format!("review/act.html?act=undelegate&about={record}");
    let fields = [("act", "undelegate"), ("about", record.as_str()), ("text", "Back early.")];
    about_people(&pages, &page, DG, &fields).says("Recorded: ");
    pages.get("review/index.html").hides("Nora Vance decides in your place");
    assert_eq!(desk.step("data-governance"), "satisfied");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
}

/// R41: the page shows exactly what changed since the approval, and the confirmation signs its digest.
#[test]
fn r41_a_small_change_is_read_and_confirmed_in_the_pages() {
    let mut desk = Desk::bank();
    let old = "scope = [\"training-data\"]\ncarry = \"out_of_scope\"";
    desk.edit("chains/desk-credit.toml", old, "scope = [\"training-data\"]\ncarry = \"minor\"");
    desk.by(AUTHOR, &["submit", "scorecard", "--yes"]).exits(0);
    desk.by(DG, &["decide", "scorecard", "approve", "--yes"]).exits(0);
    desk.edit("packages/scorecard/training-data.md", "supplied any of them", "supplied any of these rows");
    let note = ["submit", "scorecard", "--class", "minor", "--note", "training-data: clearer", "--yes"];
    desk.by(AUTHOR, &note).exits(0);
    assert_eq!(desk.step("data-governance"), "needs_confirm");
    let pages = Pages::open(&desk, DG);
    pages.get("review/index.html").says("diff-1-2.html");
    pages.get(PACKAGE).says("act.html?act=confirm&amp;section=data-governance");
    let page = pages.get("packages/scorecard/act.html?act=confirm&section=data-governance").is(200);
    let page = page.says("What changed from revision 1 to revision 2").says("<ins>").says("these rows");
    page.says("Unchanged: Evaluation, Known limitations");
    let check = pages.act(&[("act", "confirm"), ("section", "data-governance")]).is(200);
    let check = check.says("these rows").says("I confirm my approval: sign");
    signed(&pages, &check, DG);
    assert_eq!(desk.step("data-governance"), "satisfied");
    let json = desk.run(&["--format", "json", "diff", "scorecard", "1", "2"]).exits(0);
    let digest = countersign::digest::sha256(json.out.trim_end().as_bytes());
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    assert!(check.bytes().contains(&format!("\"diff\":\"{hex}\"")), "{}", check.bytes());
    // Nothing is left to confirm.
    pages.act(&[("act", "confirm"), ("section", "data-governance")]).is(409).says("Nothing has been signed");
    desk.run(&["verify"]).exits(0);
}

/// R56 to R58: the author's side answers every finding and submits the next revision in the browser.
#[test]
fn r58_findings_are_answered_and_the_next_revision_is_submitted_in_the_pages() {
    let mut desk = Desk::submitted();
    let finding = "training-data | The extract is not dated | Give the day";
    desk.by(DG, &["decide", "scorecard", "reject", "--finding", finding, "--yes"]).exits(0);
    let pages = Pages::open(&desk, AUTHOR);
    // Nothing has changed yet.
    pages.act(&[("act", "submit")]).is(409).says("Nothing changed since revision 1");
    desk.edit("packages/scorecard/training-data.md", "30 June 2026", "30 June 2026 at noon");
    pages.get(PACKAGE).says("submit revision 2").says("act.html?act=submit");
    let form = pages.get("packages/scorecard/act.html?act=submit").is(200).says("at noon").says("<ins>");
    let form = form.says("The extract is not dated").says("Give the day");
    let id = form.body.split("label for=\"x-answer-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let answer = format!("x-answer-{id}");
    let lacking = pages.act(&[("act", "submit"), ("x-note-training-data", "The hour.")]).is(200);
    lacking.says("<title>Error: ").says(&format!("Answer finding {id}")).says("The hour.");
    let before = pending(&desk);
    let all = [("act", "submit"), ("x-note-training-data", "The hour."), (&answer, "It is dated <now>.")];
    let check = pages
        .act(&all)
        .is(200)
        .says("It is dated &lt;now&gt;.")
        .says("I submit revision 2: sign")
        .hides("have no effect");
    // A file saved in between stops it: what was shown is what is signed.
    desk.edit("packages/scorecard/training-data.md", "at noon", "at one");
    let again = pages.sign(&check.ticket(), AUTHOR, PASSPHRASE).is(303);
    let again = pages.get(again.header("Location").unwrap()).says("or a file changed").says("at one");
    assert_eq!(before, pending(&desk));
    assert!(!desk.path("packages/scorecard/revisions/2").exists());
    signed(&pages, &again, AUTHOR).says("the record and the frozen revision");
    assert_eq!(desk.status()["revision"], 2);
    assert!(desk.read("packages/scorecard/revisions/2/training-data.md").contains("at one"));
    assert_eq!(desk.status()["findings"][0]["answer"][1]["how"], "It is dated <now>.");
    desk.run(&["append"]).exits(0);
    desk.run(&["verify"]).exits(0);
    drop(pages);
    // Who rejected is led to exactly that change, and approves the new revision.
    let pages = Pages::open(&desk, DG);
    pages.get("review/index.html").says("diff-1-2.html");
    pages.read(&["training-data"]);
    let check = pages.choose("data-governance", &[("decision", "approve")]).is(200);
    signed(&pages, &check, DG);
    assert_eq!(desk.step("data-governance"), "satisfied");
}

/// The change over several revisions is shown on one page, and a stale page shows it in full.
#[test]
fn a_change_over_several_revisions_is_one_page() {
    let mut desk = Desk::submitted();
    let finding = "training-data | The extract is not dated | Give the day";
    desk.by(DG, &["decide", "scorecard", "reject", "--finding", finding, "--yes"]).exits(0);
    let pages = Pages::open(&desk, DG);
    pages.read(&["training-data"]);
    let check =
        pages.act(&[("act", "comment"), ("section", "evaluation"), ("choice", "note"), ("text", "Seen.")]);
    for (n, (old, new)) in
        [("30 June 2026", "29 June 2026"), ("29 June 2026", "28 June 2026")].iter().enumerate()
    {
        desk.edit("packages/scorecard/training-data.md", old, new);
        let id = desk.status()["findings"][0]["finding"]["id"].as_str().unwrap().to_owned();
        let answer = format!("{id}: dated {n}");
        let note = "training-data: the day";
        desk.by(AUTHOR, &["submit", "scorecard", "--note", note, "--answer", &answer, "--yes"]).exits(0);
    }
    let stale = pages.sign(&check.ticket(), DG, PASSPHRASE).is(409).says("Nothing has been signed");
    stale.says("What changed from revision 1 to revision 3").says("28").says("<del>");
    pages.get("review/index.html").says("changes.html?from=1");
    let page = pages.get("packages/scorecard/changes.html?from=1").is(200).says("<ins>");
    page.says("Go on to your decision").hides("29 June");
    let path = format!("{}packages/scorecard/changes.html?from=3", pages.room);
    pages.send("GET", &path, &[], "").is(404);
}

/// The button commits exactly the record, says what is left to do, and shows what Git says when it will not.
#[test]
fn a_record_is_committed_from_the_page_and_nothing_else_is() {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    let comment = [("act", "comment"), ("section", "evaluation"), ("choice", "note"), ("text", "Seen.")];
    let check = pages.act(&comment);
    signed(&pages, &check, DG).says("not under Git").hides("id=\"commit\"");
    desk.git(&["init", "-q"]).exits(0);
    desk.git(&["config", "user.name", "Desk"]).exits(0);
    desk.git(&["config", "user.email", "desk@example.test"]).exits(0);
    desk.git(&["add", "."]).exits(0);
    desk.git(&["commit", "-q", "-m", "all"]).exits(0);
    let other = [("act", "comment"), ("section", "evaluation"), ("choice", "note"), ("text", "Seen twice.")];
    let check = pages.act(&other);
    let done = signed(&pages, &check, DG).says("Commit it on main").says("it never pushes");
    let record =
        done.body.split("name=\"record\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    // Something else is staged; it stays staged and uncommitted.
    desk.write("packages/scorecard/notes.txt", "mine\n");
    desk.git(&["add", "packages/scorecard/notes.txt"]).exits(0);
    let commit = |got: &Got| {
        let ticket = got.ticket();
        pages.follow("packages/scorecard/commit", &[("ticket", ticket.as_str()), ("record", record.as_str())])
    };
    std::fs::create_dir_all(desk.path(".git/hooks")).unwrap();
    desk.write(".git/hooks/pre-commit", "#!/bin/sh\necho 'the hook says no <b>' >&2\nexit 1\n");
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(desk.path(".git/hooks/pre-commit"), mode).unwrap();
    let failed = commit(&done).says("It could not be committed").says("the hook says no &lt;b&gt;");
    assert_eq!(desk.git(&["log", "--format=%s"]).out.trim(), "all");
    std::fs::remove_file(desk.path(".git/hooks/pre-commit")).unwrap();
    let done = commit(&failed).says("Committed, not yet sent").hides("It could not be committed");
    done.says("git push").hides("id=\"commit\"");
    let files = desk.git(&["show", "--name-only", "--format="]).out;
    assert_eq!(files.trim(), format!("chains/pending/{record}.json"));
    assert_eq!(desk.git(&["diff", "--cached", "--name-only"]).out.trim(), "packages/scorecard/notes.txt");
    // A forged name commits nothing.
    let ticket = pages.get(PACKAGE).ticket();
    pages.post("packages/scorecard/commit", &[("ticket", ticket.as_str()), ("record", "../../x")]).is(303);
    assert_eq!(desk.git(&["rev-list", "--count", "HEAD"]).out.trim(), "2");
}

/// Deadlines stand where they are looked for.
#[test]
fn r37_since_when_and_by_when_is_said_on_the_first_page_and_in_the_package() {
    let mut desk = Desk::bank();
    desk.edit(
        "chains/desk-credit.toml",
        "role = \"data-governance\"\n",
        "role = \"data-governance\"\ndeadline = \"2 days\"\n",
    );
    desk.by(AUTHOR, &["submit", "scorecard", "--yes"]).exits(0);
    let pages = Pages::open(&desk, DG);
    pages.get("review/index.html").hides("not recorded").hides("no deadline").hides("Overdue");
    pages.get(PACKAGE).says("Waiting since").says("Due ").says("It takes ");
    drop(pages);
    desk.wait_days(30);
    let pages = Pages::open(&desk, DG);
    pages.get("review/index.html").says("Overdue");
    pages.get("packages/scorecard/decide.html?step=data-governance").says("overdue");
}
