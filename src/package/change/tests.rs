//! What each kind of edit is.

mod properties;

use super::{TextChange, change};

/// The class in short, and for a material change why.
fn said(old: &str, new: &str) -> String {
    match change(old, new) {
        TextChange::Same => "same".to_owned(),
        TextChange::Cosmetic => "cosmetic".to_owned(),
        TextChange::Minor { words } => format!("minor {words}"),
        TextChange::Material(why) => why.what,
    }
}

/// Both ways: the class is the same, and so is the number of words.
#[track_caller]
fn holds(cases: &[(&str, &str, &str)]) {
    for (old, new, want) in cases {
        assert_eq!(said(old, new), *want, "\n{old:?}\n{new:?}");
        let (there, back) = (change(old, new), change(new, old));
        match (there, back) {
            (TextChange::Material(_), TextChange::Material(_)) => {}
            (there, back) => assert_eq!(there, back, "\n{old:?}\n{new:?}"),
        }
    }
}

#[test]
fn what_the_page_does_not_show_is_cosmetic() {
    holds(&[
        ("", "", "same"),
        ("A model.", "A model.", "same"),
        ("A model.", "A model.\n", "cosmetic"),
        ("A model.\n", "A model.\r\n", "cosmetic"),
        ("One.\n\nTwo.\n", "One.\n\n\n\nTwo.\n", "cosmetic"),
        ("A line\nwrapped here.", "A line wrapped\nhere.", "cosmetic"),
        ("A line\nwrapped.", "A line wrapped.", "cosmetic"),
        ("A line.", "A  line.", "cosmetic"),
        ("A line.", "A\tline.", "cosmetic"),
        ("A line. \nNext.", "A line.\nNext.", "cosmetic"),
        ("Hard  \nbreak.", "Hard\\\nbreak.", "cosmetic"),
        ("- a\n- b\n", "* a\n* b\n", "cosmetic"),
        ("1. a\n2. b\n", "1) a\n2) b\n", "cosmetic"),
        ("- a\n  - b\n", "- a\n    - b\n", "cosmetic"),
        ("- [x] a\n", "- [X] a\n", "cosmetic"),
        ("*a* and __b__", "_a_ and **b**", "cosmetic"),
        ("Title\n=====\n", "# Title\n", "cosmetic"),
        ("## Part\n", "## Part ##\n", "cosmetic"),
        ("```\nx\n```\n", "~~~~\nx\n~~~~\n", "cosmetic"),
        ("```\nx\n```\n", "    x\n", "cosmetic"),
        ("---\n", "***\n", "cosmetic"),
        ("R&D", "R&amp;D", "cosmetic"),
        ("caf\u{e9}", "caf&eacute;", "cosmetic"),
        ("It \\(is\\).", "It (is).", "cosmetic"),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n", "|a|b|\n|-|:-|\n|1|2|\n", "cosmetic"),
        ("> a\n> b\n", "> a\nb\n", "cosmetic"),
        ("[a](#x)", "[a](<#x>)", "cosmetic"),
        ("[a](#x)", "[a][r]\n\n[r]: #x\n", "cosmetic"),
        ("H<sub>2</sub>O\nis", "H<sub>2</sub>O is", "cosmetic"),
    ]);
}

/// Corrections of prose, with the number of words.
#[test]
fn corrections_of_prose_are_minor() {
    holds(&[
        ("The modle is good.", "The model is good.", "minor 2"),
        ("The data is clean", "The data is clean.", "minor 1"),
        ("However the data is clean.", "However, the data is clean.", "minor 1"),
        ("A \"good\" fit.", "A \u{201c}good\u{201d} fit.", "minor 4"),
        ("The bank\u{2019}s model.", "The bank's model.", "minor 2"),
        ("the model is good", "The model is good", "minor 2"),
        ("- the modle\n- b\n", "- the model\n- b\n", "minor 2"),
        ("> the modle\n", "> the model\n", "minor 2"),
        ("A note.[^1]\n\n[^1]: A modle.\n", "A note.[^1]\n\n[^1]: A model.\n", "minor 2"),
        ("*A modle* is good.", "*A model* is good.", "minor 2"),
        ("The model was tested on data.", "The model was carefully tested on data.", "minor 1"),
        ("The modle `x` of [a](#b).", "The model `x` of [a](#b).", "minor 2"),
        ("A word ,and so on.", "A word, and so on.", "minor 1"),
        ("The data of the model.", "The data of model.", "minor 1"),
        ("In the 2024 sample, the modle holds.", "In the 2024 sample, the model holds.", "minor 2"),
        ("Der Kredit l\u{e4}uft.", "Der Kredit lief.", "minor 2"),
        ("A\u{a0}model.", "A model.", "minor 1"),
        ("The customer data.", "The customers data.", "minor 2"),
    ]);
}

/// R33: what turns a meaning is never taken for a correction.
#[test]
fn r33_words_and_numbers_that_turn_a_meaning_are_material() {
    holds(&[
        ("It is not safe.", "It is safe.", "`not` was removed"),
        ("It is safe.", "It is never safe.", "`never` was added"),
        ("It must be kept.", "It may be kept.", "`must` became `may`"),
        ("You must stop.", "You MUST stop.", "`must` became `MUST`"),
        ("It doesn\u{2019}t drift.", "It drifts.", "`doesn\u{2019}t` was removed"),
        ("Loans or cards.", "Loans and cards.", "`or` was removed"),
        ("All loans.", "Most loans.", "`All` became `Most`"),
        ("It is safe.", "It is unsafe.", "a word became its opposite (`safe`, `unsafe`)"),
        ("A harmless one.", "A harmful one.", "a word became its opposite (`harmless`, `harmful`)"),
        ("It is safe.", "It is safe?", "`?` was added"),
        ("It is sаfe.", "It is safe.", "a word in letters that are not Latin changed (`sаfe`)"),
        (
            "It is safe.",
            "It is n\u{43e}t safe.",
            "a word in letters that are not Latin changed (`n\u{43e}t`)",
        ),
        ("It is not safe.", "It is n\u{43e}t safe.", "`not` was removed"),
        ("The limit is 5 %.", "The limit is 6 %.", "a number changed (5 % to 6 %)"),
        ("The limit is 5 %.", "The limit is 5%.", "a number changed (5 % to 5%)"),
        ("A loss of 5 EUR.", "A loss of 5 USD.", "a number changed (5 EUR to 5 USD)"),
        ("A loss of 5.", "A loss of -5.", "a number changed (5 to -5)"),
        ("A loss of 5.", "A loss of - 5.", "a number changed (5 to - 5)"),
        ("A loss of 5.", "A loss of (5).", "a number changed (5 to (5))"),
        ("A loss of 1.5 EUR.", "A loss of 1,5 EUR.", "a number changed (1.5 EUR to 1,5 EUR)"),
        ("**5** days pass.", "**5** weeks pass.", "a number changed (5 days to 5 weeks)"),
        ("See table 5.", "See figure 5.", "a word beside a number changed (5)"),
        ("See annex IV.", "See annex III.", "a number changed (IV to III)"),
        ("It grew in May.", "It grew in June.", "`May` became `June`"),
        ("Two runs.", "Three runs.", "`Two` became `Three`"),
        ("We ran it.", "We ran it 5 times.", "a number was added (5 times)"),
        ("a < b", "a > b", "a number changed (< b to > b)"),
        ("cafe\u{301} rules", "caf\u{e9} rules", "a number was removed (cafe\u{301} rules)"),
        ("The lender pays the borrower.", "The borrower pays the lender.", "words changed places"),
        ("It is clearly. It is good.", "It is good. It is clearly.", "words changed places"),
        ("It drifts slowly.\n\nIt stops.", "It drifts.\n\nIt stops slowly.", "words changed places"),
        ("It is not good, and bad.", "It is good, and not bad.", "words changed places"),
    ]);
}

#[test]
fn whatever_is_no_prose_is_material() {
    holds(&[
        ("# Titel\n", "# Title\n", "a heading changed"),
        ("## Part\n", "### Part\n", "the level of a heading changed"),
        ("## A part\n", "## A  part\n", "a heading changed"),
        ("|a|\n|-|\n|modle|\n", "|a|\n|-|\n|model|\n", "a table changed"),
        ("|a|\n|-|\n|x|\n", "|a|\n|-:|\n|x|\n", "a table changed"),
        ("```\nx\n```\n", "```\ny\n```\n", "a code block changed"),
        ("```r\nx\n```\n", "```py\nx\n```\n", "a code block changed"),
        ("Run `x` now.", "Run `y` now.", "a code changed"),
        ("See [a](#b).", "See [a](#c).", "a link changed"),
        ("See [modle](#b).", "See [model](#b).", "a link changed"),
        ("See a.", "See [a](#b).", "a link was added"),
        ("![a](evidence/e/a.png)", "![a](evidence/e/b.png)", "an image changed"),
        ("![a](evidence/e/a.png)", "![b](evidence/e/a.png)", "an image changed"),
        ("It is **good**.", "It is good.", "an emphasis was removed"),
        ("It is *good*.", "It is **good**.", "an emphasis changed"),
        ("It is *very* good.", "It is *good* very.", "words changed places"),
        ("It ~~is~~ good.", "It ~~was~~ good.", "a struck-out text changed"),
        ("t<sub>mean</sub>", "t<sub>mode</sub>", "a raised or lowered text changed"),
        ("A <b>b</b>", "A <i>b</i>", "an HTML changed"),
        ("A word.", "A word.<!-- hidden -->", "an HTML was added"),
        ("<!-- a -->\n", "<!-- b -->\n", "an HTML block changed"),
        ("One\ntwo.", "One  \ntwo.", "a line break was added"),
        ("One.\n\nTwo.", "One.\n\nMore.\n\nTwo.", "a paragraph was added"),
        ("One.\n\nTwo.", "One.", "a paragraph was removed"),
        ("One.\n\nTwo.", "One.\nTwo.", "a paragraph was removed"),
        ("- a\n- b\n", "- a\n", "a list item was removed"),
        ("- a\n- b\n", "- a\n\n- b\n", "the numbering or the spacing of a list changed"),
        ("1. a\n2. b\n", "1. a\n3. b\n", "the number of a list item changed"),
        ("1. a\n", "- a\n", "the numbering or the spacing of a list changed"),
        ("- [ ] a\n", "- [x] a\n", "a task was ticked, or its tick removed"),
        ("A note.", "A note.[^1]\n\n[^1]: More.\n", "a footnote was added"),
        ("A.[^1] B.\n\n[^1]: C.\n", "A. B.[^1]\n\n[^1]: C.\n", "words changed places"),
        ("A cat.\n\nA dog.", "A dog.\n\nA cat.", "the order or the nesting of the blocks changed"),
        ("- a cat\n- a dog\n", "- a dog\n- a mouse\n", "the order or the nesting of the blocks changed"),
        ("# A\n\nText.\n", "Text.\n\n# A\n", "the order or the nesting of the blocks changed"),
        ("> One.\n\nTwo.", "One.\n\n> Two.", "the order or the nesting of the blocks changed"),
        ("One.", "> One.", "a quotation was added"),
        ("One.\n\n---\n\nTwo.", "One.\n\nTwo.", "a line across was removed"),
        ("[r]\n\n[r]: #a\n", "[r]\n\n[r]: #b\n", "a link changed"),
        ("[r]\n", "[r]\n\n[r]: #b\n", "a link was added"),
        ("", "One.", "a paragraph was added"),
        ("---\nowner: a\n---\n", "---\nowner: b\n---\n", "a heading changed"),
    ]);
}

/// R33: corrections are counted from the text that was signed, so they cannot hide a large change.
#[test]
fn r33_many_small_corrections_add_up() {
    let revision = |n: usize| -> String {
        let words = (0..30).map(|at| format!("{}{}", if at < 2 * n { "better" } else { "word" }, letter(at)));
        format!("{}.\n", words.collect::<Vec<_>>().join(" "))
    };
    for n in 0..10 {
        assert_eq!(change(&revision(n), &revision(n + 1)), TextChange::Minor { words: 4 });
    }
    assert_eq!(change(&revision(0), &revision(10)), TextChange::Minor { words: 40 });
}

fn letter(at: usize) -> String {
    char::from(b'a' + u8::try_from(at % 26).unwrap()).to_string().repeat(at / 26 + 1)
}

#[test]
fn the_line_is_that_of_the_new_text() {
    let line = |old: &str, new: &str| match change(old, new) {
        TextChange::Material(why) => why.line,
        other => panic!("{other:?}"),
    };
    assert_eq!(line("# A\n\nOne.\n\n5 %.\n", "# A\n\nOne.\n\n\n6 %.\n"), 6);
    assert_eq!(line("One.\n\nTwo.\n", "One.\n\nMore.\n\nTwo.\n"), 3);
    assert_eq!(line("One.\n\nTwo.\n", "One.\n"), 1);
}

#[test]
fn what_cannot_be_compared_is_material() {
    let limit = "the text is too large or too complex to compare";
    let (deep, large) = ("> ".repeat(200), "word ".repeat(300_000));
    assert_eq!(said(&deep, &format!("{deep} ")), limit);
    assert_eq!(said(&large, &format!("{large} ")), limit);
    let many = |word: &str| format!("{word} ").repeat(600);
    assert_eq!(said(&many("clean"), &many("tidy")), "too many words changed to count as a correction");
    // The most work within the size: two long paragraphs that have much in common and no end to align.
    let (a, b) = ("a b c ".repeat(80_000), "c a a b ".repeat(60_000));
    assert_eq!(said(&a, &b), "too many words changed to count as a correction");
}
