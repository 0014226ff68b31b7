//! What must hold for any texts and any edits.

use super::super::distance::{MOST_STEPS, distance};
use super::super::{TextChange, change};
use crate::package::markdown::{HtmlOptions, html};
use proptest::prelude::*;

/// Pieces of Markdown that meet in every way; neighbors often stand for the same thing.
const PARTS: &[&str] = &[
    "word",
    "another",
    "word",
    "The",
    " ",
    " ",
    "  ",
    "\t",
    "\n",
    "\n",
    "\n\n",
    "  \n",
    "\\\n",
    "\r\n",
    "*",
    "_",
    "**",
    "__",
    "~~",
    "`",
    "``",
    "- ",
    "* ",
    "+ ",
    "1. ",
    "1) ",
    "2. ",
    "- [ ] ",
    "- [x] ",
    "- [X] ",
    "> ",
    "# ",
    "## ",
    " ##",
    "===\n",
    "---\n",
    "***\n",
    "```\n",
    "~~~\n",
    "```r\n",
    "    ",
    "|a|b|\n|-|-|\n",
    "|a|b|\n|:-|-:|\n",
    "|",
    "[a](#x)",
    "[a](<#x>)",
    "[a](#x \"t\")",
    "[r]",
    "[r]: #x\n",
    "[r]: #y\n",
    "![a](evidence/e/a.png)",
    "[^1]",
    "[^2]",
    "[^1]: ",
    "[^2]: ",
    "<br>",
    "<sub>",
    "</sub>",
    "<sup>",
    "</sup>",
    "<b>",
    "<!-- c -->",
    "&",
    "&amp;",
    "&eacute;",
    "\u{e9}",
    "e\u{301}",
    "&#10;",
    "&#32;",
    "&nbsp;",
    "\u{a0}",
    "5 %",
    "5",
    "not",
    "\\*",
    "*",
    "https://example.org",
    "<https://example.org>",
    "\0",
    ",",
    ".",
];

fn parts() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(prop::sample::select(PARTS), 0..14)
}

/// A text, and the same after a few pieces were exchanged, added or removed.
fn edit() -> impl Strategy<Value = (String, String)> {
    let step = (any::<prop::sample::Index>(), prop::sample::select(PARTS), 0..3u8);
    (parts(), prop::collection::vec(step, 1..3)).prop_map(|(old, steps)| {
        let mut new = old.clone();
        for (at, part, how) in steps {
            let at = at.index(new.len() + 1);
            match how {
                0 if at < new.len() => new[at] = part,
                1 if at < new.len() => {
                    new.remove(at);
                }
                _ => new.insert(at, part),
            }
        }
        (old.concat(), new.concat())
    })
}

/// The page, where a browser shows every run of blanks as one; code blocks keep theirs.
fn page(source: &str) -> String {
    let resolve = |url: &str| Some(url.to_owned());
    let options = HtmlOptions { prefix: "s", title: None, shift: 1, resolve: &resolve };
    let html = html(source, &options);
    let mut out = String::new();
    for (at, part) in html.as_str().split("<pre").enumerate() {
        let (code, rest) = if at == 0 { ("", part) } else { part.split_once("</pre>").unwrap() };
        out.push_str(code);
        for c in rest.chars() {
            let c = if matches!(c, '\n' | '\t') { ' ' } else { c };
            if c != ' ' || !out.ends_with(' ') {
                out.push(c);
            }
        }
    }
    out
}

fn prose() -> impl Strategy<Value = String> {
    const WORDS: &[&str] = &["the", "model", "modle", "is", "clean", "tidy", "data", "good", ",", "sound"];
    prop::collection::vec(prop::sample::select(WORDS), 1..9).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cosmetic_means_that_the_page_is_the_same((old, new) in edit()) {
        match change(&old, &new) {
            TextChange::Same => prop_assert_eq!(&old, &new),
            TextChange::Cosmetic => prop_assert_eq!(page(&old), page(&new)),
            TextChange::Minor { words } => prop_assert!(words > 0),
            TextChange::Material(why) => prop_assert!(!why.what.is_empty() && why.line > 0),
        }
    }

    #[test]
    fn the_class_is_the_same_both_ways((old, new) in edit()) {
        match (change(&old, &new), change(&new, &old)) {
            (TextChange::Material(_), TextChange::Material(_)) => {}
            (there, back) => prop_assert_eq!(there, back),
        }
        prop_assert_eq!(change(&old, &old), TextChange::Same);
    }

    #[test]
    fn a_digit_more_is_never_minor(old in parts(), at in any::<prop::sample::Index>(), digit in 0..10u8) {
        let old = old.concat();
        // A digit within an entity is none on the page.
        prop_assume!(!old.contains("&#"));
        let mut at = at.index(old.len() + 1);
        while !old.is_char_boundary(at) {
            at -= 1;
        }
        let new = format!("{}{digit}{}", &old[..at], &old[at..]);
        let minor = matches!(change(&old, &new), TextChange::Minor { .. });
        prop_assert!(!minor, "{:?} {:?}", old, new);
    }

    #[test]
    fn a_negation_more_is_never_minor(words in prose(), at in any::<prop::sample::Index>()) {
        let old: Vec<&str> = words.split(' ').collect();
        let mut new = old.clone();
        new.insert(at.index(old.len() + 1), "not");
        let material = matches!(change(&words, &new.join(" ")), TextChange::Material(_));
        prop_assert!(material);
    }

    #[test]
    fn words_obey_the_triangle((a, b, c) in (prose(), prose(), prose())) {
        let words = |old: &str, new: &str| match change(old, new) {
            TextChange::Same | TextChange::Cosmetic => Some(0),
            TextChange::Minor { words } => Some(words),
            TextChange::Material(_) => None,
        };
        if let (Some(ab), Some(bc), Some(ac)) = (words(&a, &b), words(&b, &c), words(&a, &c)) {
            prop_assert!(ac <= ab + bc, "{} {} {}", ab, bc, ac);
        }
    }

    #[test]
    fn the_distance_is_the_shortest(
        a in prop::collection::vec(0..4u32, 0..12),
        b in prop::collection::vec(0..4u32, 0..12),
    ) {
        let mut table = vec![vec![0usize; b.len() + 1]; a.len() + 1];
        for i in 0..=a.len() {
            for j in 0..=b.len() {
                table[i][j] = match (i, j) {
                    (0, j) => j,
                    (i, 0) => i,
                    (i, j) if a[i - 1] == b[j - 1] => table[i - 1][j - 1],
                    (i, j) => 1 + table[i - 1][j].min(table[i][j - 1]),
                };
            }
        }
        let mut steps = MOST_STEPS;
        prop_assert_eq!(distance(&a, &b, &mut steps), Some(table[a.len()][b.len()]));
    }
}
