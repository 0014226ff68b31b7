//! A passage is chosen in the pages without a script, stands beside the thread, and is called outdated once it
//! is gone.

use crate::agent::Pages;
use crate::agent_stories::signed;
use crate::desk::Desk;

const DG: &str = "tomasz-lindqvist";
const AUTHOR: &str = "ines-moreau";
const PACKAGE: &str = "packages/scorecard/index.html";
const FORM: &str = "packages/scorecard/act.html?act=comment&section=training-data";
const SECOND: &str = "Nobody outside the desk supplied any of them, and no row describes a living person.";

fn comment<'a>(section: &'a str, passage: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("act", "comment"),
        ("section", section),
        ("choice", "ask"),
        ("text", "Who says so?"),
        ("x-passage", passage),
    ]
}

/// R23, R24: the passages of a section are listed in order; what is chosen is the anchor of the record, and
/// stands beside the thread in the pages and in the built site.
#[test]
fn r23_a_passage_is_chosen_from_a_list_and_stands_beside_the_thread() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    pages.get(PACKAGE).says("act.html?act=comment&amp;section=training-data&amp;passage=list");
    pages.get(&format!("{FORM}&passage=list")).says("<details id=\"passages\" open>");
    let form = pages.get(FORM).is(200).says("The whole section").says("The whole paragraph");
    let order = ["passage-whole", "The whole paragraph", "\"passage-2\"", "\"passage-3\"", "passage-other"];
    let places: Vec<usize> = order.iter().map(|words| form.body.find(words).expect(words)).collect();
    assert!(places.is_sorted(), "{places:?}");
    assert!(form.body.contains("id=\"passage-whole\" value=\"whole\" checked"));
    // A link leads to the form with a passage chosen.
    let deep = pages.get(&format!("{FORM}&passage=3"));
    let chosen = deep.body.split("id=\"passage-3\"").nth(1).unwrap().split("</label>").next().unwrap();
    assert!(chosen.contains("checked") && chosen.contains(SECOND), "{chosen}");
    let check = pages.act(&comment("training-data", &format!(":{SECOND}"))).is(200);
    let check = check.says(&format!("<blockquote><p>{SECOND}</p>"));
    let bytes = check.bytes();
    let anchor = format!("\"anchor\":{{\"quote\":\"{SECOND}\",\"sha256\":\"");
    assert!(bytes.contains(&anchor), "{bytes}");
    signed(&pages, &check, DG);
    let thread = pages.get(PACKAGE).says(&format!("<blockquote><p>{SECOND}</p></blockquote>"));
    thread.hides("Outdated").hides("The section changed since");
    drop(pages);

    // A change elsewhere in the section leaves the passage where it stands.
    let site = |desk: &mut Desk| {
        desk.run(&["build"]).exits(0);
        desk.read(&format!("site/public/{PACKAGE}"))
    };
    desk.edit("packages/scorecard/training-data.md", "30 June 2026", "29 June 2026");
    desk.by(AUTHOR, &["submit", "scorecard", "--note", "training-data: the day", "--yes"]).exits(0);
    let still = "The section changed since; the passage still stands";
    Pages::open(&desk, DG).get(PACKAGE).says(still).says(SECOND).hides("Outdated");
    assert!(site(&mut desk).contains(still));
    // The passage itself is changed: it is shown as it was, and called outdated.
    desk.edit("packages/scorecard/training-data.md", "supplied any of them", "sent in any of them");
    desk.by(AUTHOR, &["submit", "scorecard", "--note", "training-data: a word", "--yes"]).exits(0);
    let gone = "Outdated: the passage is gone or was changed";
    let pages = Pages::open(&desk, DG);
    pages.get(PACKAGE).says(gone).says(&format!("<blockquote><p>{SECOND}</p></blockquote>")).hides(still);
    let built = site(&mut desk);
    assert!(built.contains(gone) && built.contains(&format!("<blockquote><p>{SECOND}</p></blockquote>")));
    let thread = desk.status()["threads"][0]["id"].as_str().unwrap().to_owned();
    pages.get(&format!("packages/scorecard/act.html?act=resolve&about={thread}")).says(gone);
    // The round it was asked on still shows it in its place.
    let round = pages.get("packages/scorecard/r1.html");
    round.hides(gone).says(SECOND);
}

/// R23: a figure with its threshold, a row of a table and a file of evidence can be pointed at too.
#[test]
fn r24_a_figure_a_row_and_a_file_of_evidence_can_be_asked_about() {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    let form = pages.get("packages/scorecard/act.html?act=comment&section=evaluation").is(200);
    let value = |words: &str| {
        let at = form.body.find(words).unwrap_or_else(|| panic!("{words} is not in {}", form.body));
        let start = form.body[..at].rfind("value=\":").unwrap() + "value=\"".len();
        form.body[start..].split('"').next().unwrap().replace("&#x2F;", "/").replace("&amp;", "&")
    };
    for words in ["Discrimination (AUC): reported ", "kept aside | 300", "evidence/evaluation/evaluate.py"] {
        let chosen = value(words.split('/').next_back().unwrap());
        assert!(chosen.contains(words), "{chosen}");
        let check = pages.act(&comment("evaluation", &chosen)).is(200).says("<blockquote>");
        assert!(check.bytes().contains(words), "{}", check.bytes());
        signed(&pages, &check, DG).says("Recorded: a question");
    }
}

/// What stands twice is offered with the words around it; pasted, it is refused with a clear sentence.
#[test]
fn r23_a_passage_that_stands_twice_is_told_apart_or_refused() {
    let mut desk = Desk::bank();
    let twice = "# Training data provenance\n\nThe first source is the ledger of the desk. It was checked.\n\n\
                 The second source is the register of the desk. It was checked.\n\n| Source | Result |\n|---|---|\n\
                 | ledger | good |\n| ledger | good |\n";
    desk.write("packages/scorecard/training-data.md", twice);
    desk.by(AUTHOR, &["submit", "scorecard", "--yes"]).exits(0);
    let pages = Pages::open(&desk, DG);
    let form = pages.get(FORM).is(200).says("With the words around it, because it stands more than once.");
    let first = "The first source is the ledger of the desk. It was checked.";
    let second = "The second source is the register of the desk. It was checked.";
    for words in [first, second] {
        assert!(
            form.body.matches(words).count() >= 2,
            "as a paragraph and as a sentence told apart: {words}"
        );
        pages.act(&comment("training-data", &format!(":{words}"))).is(200).says("<blockquote>");
    }
    let said = "These words stand more than once in this section of revision 1";
    let refused = pages.act(&comment("training-data", ":It was checked."));
    refused.says("<title>Error: ").says(said).says("Who says so?").says("Nothing has been signed");
    let typed = [&comment("training-data", "other")[..], &[("quote", "It was checked.")]].concat();
    pages.act(&typed).says(said).says("id=\"passage-other\" value=\"other\" checked");
    let empty = pages.act(&comment("training-data", "other"));
    empty.says("Copy the words here, or choose the whole section");
    let invented = pages.act(&comment("training-data", ":It was never checked."));
    invented.says("does not say that");
    pages.act(&comment("training-data", "whole")).is(200).hides("<blockquote>");
    drop(pages);
    // The command line says the same.
    let args = ["comment", "scorecard", "--section", "training-data", "--text", "?", "--quote"];
    desk.by(DG, &[&args[..], &["It was checked.", "--yes"]].concat())
        .exits(2)
        .says("says that more than once");
}

/// What was chosen before a resubmission is kept, to be looked at again.
#[test]
fn a_chosen_passage_that_went_away_before_signing_is_kept_as_typed_words() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    pages.act(&comment("training-data", &format!(":{SECOND}"))).is(200);
    desk.edit("packages/scorecard/training-data.md", "supplied any of them", "sent in any of them");
    desk.by(AUTHOR, &["submit", "scorecard", "--note", "training-data: a word", "--yes"]).exits(0);
    let draft = "draft=scorecard/comment/training-data";
    pages.get(&format!("packages/scorecard/check.html?{draft}")).is(409).says("Nothing has been signed");
    let again = pages.get(&format!("packages/scorecard/act.html?{draft}")).is(200).says("Who says so?");
    again.says("id=\"passage-other\" value=\"other\" checked").says(&format!("\n{SECOND}</textarea>"));
}
