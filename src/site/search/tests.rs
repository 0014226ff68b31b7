//! Words, lists and what finds what.

use super::call::call;
use super::index::Layout;
use super::pages::HELP;
use super::words::{bucket, cut};
use crate::site::tests::bank::{bank, files};
use crate::site::tests::world::{World, p};
use crate::site::{Assets, PageKeys, Site, build};
use crate::text::fold;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn words(text: &str) -> Vec<String> {
    let mut folded = String::new();
    fold(text, &mut folded);
    let mut out = Vec::new();
    cut(&folded, |from, to| out.push(folded[from..to].to_owned()));
    out
}

#[test]
fn words_are_folded_and_cut() {
    for (text, wanted) in [
        ("The Desk-scorecard v2.1, for Éva’s (loans)", "the desk scorecard v2 1 for eva s loans"),
        ("STRASSE Straße ŁÓDŹ Ærø", "strasse strasse lodz aero"),
        ("ΟΔΟΣ οδός İstanbul ﬁt ½", "οδοσ οδοσ istanbul fit 1 2"),
        ("e\u{301}te\u{301} été", "ete ete"),
        ("模型 model モデル", "模 型 model モ テ ル"),
        ("a\u{2028}b\u{0}c\u{202e}d <script>", "a b c d script"),
        ("— · …", ""),
    ] {
        assert_eq!(words(text).join(" "), wanted, "{text}");
    }
    assert_eq!(words(&"x".repeat(1000)), ["x".repeat(64)], "the beginning of an endless word");
    assert_eq!(words(&format!("{} y", "é".repeat(70))), ["e".repeat(64), "y".to_owned()]);
}

#[test]
fn what_begins_alike_lies_in_one_bucket() {
    for buckets in [8, 16, 64] {
        assert_eq!(bucket("drift", buckets), bucket("drifting", buckets));
        assert_eq!(bucket("δρ", buckets), bucket("δρόμος", buckets));
        assert!(bucket("x", buckets) < buckets && bucket("", buckets) == 0);
    }
}

#[test]
fn the_layout_depends_on_the_number_of_packages_and_seldom_changes() {
    for (packages, groups, buckets) in [
        (0, 1, 8),
        (32, 1, 8),
        (33, 2, 8),
        (1000, 32, 8),
        (2000, 32, 16),
        (10_000, 32, 64),
        (100_000, 32, 64),
    ] {
        assert_eq!(Layout::new(packages), Layout { groups, buckets }, "{packages}");
    }
}

#[test]
fn no_text_leaves_its_string() {
    let evil = "</script><script>alert(1)</script>\"'\\\u{2028}\u{2029}<!--é\u{0}\u{7f}𝄞`${x}";
    let bytes = call("text", &(evil, 1));
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.is_ascii() && !text.contains(['<', '>', '&']), "{text}");
    assert_eq!(text.bytes().filter(|b| *b < b' ').count(), 1, "one line: {text}");
    let inner = text.strip_prefix("countersign.text(").unwrap().strip_suffix(");\n").unwrap();
    assert_eq!(serde_json::from_str::<(String, u8)>(inner).unwrap(), (evil.to_owned(), 1));
}

#[test]
fn the_headings_of_the_help_are_those_of_its_page() {
    let assets = Assets::embedded();
    let (_, help) = assets.templates().find(|(name, _)| *name == "help.html").unwrap();
    let written: Vec<_> =
        help.split("<h2 id=\"").skip(1).map(|rest| rest.split_once("</h2>").unwrap().0).collect();
    let listed: Vec<_> = HELP.iter().map(|(anchor, heading)| format!("{anchor}\">{heading}")).collect();
    assert_eq!(written, listed);
}

fn built(world: &World) -> Site {
    build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap()
}

/// The one argument of a file's call.
fn data(site: &Site, path: &str) -> Value {
    let page = site.pages.iter().find(|page| page.path.as_str() == path);
    let text = String::from_utf8(page.unwrap_or_else(|| panic!("no {path}")).bytes.clone().unwrap()).unwrap();
    let (_, rest) = text.split_once('(').unwrap();
    serde_json::from_str(rest.strip_suffix(");\n").unwrap()).unwrap()
}

/// Every word of the index with the packages and anchors it stands in, and how well.
fn index(site: &Site) -> BTreeMap<String, BTreeSet<(String, String, u64)>> {
    let mut out: BTreeMap<String, BTreeSet<(String, String, u64)>> = BTreeMap::new();
    let lists = site
        .pages
        .iter()
        .map(|page| page.path.as_str())
        .filter(|path| path.starts_with("search/") && path.len() == "search/00.js".len());
    for path in lists {
        let list = data(site, path);
        let mut places = Vec::new();
        for document in list[2].as_array().unwrap() {
            let id = document[0].as_str().unwrap();
            let text = data(site, &format!("packages/{id}/search.js"));
            let all = text[2]["places"].as_array().unwrap().clone();
            assert_eq!(document[1], all.len());
            places.extend(all.iter().map(|place| (id.to_owned(), place[0].as_str().unwrap().to_owned())));
        }
        let group = path.trim_end_matches(".js");
        let shards = site.pages.iter().filter(|page| page.path.as_str().starts_with(&format!("{group}-")));
        for shard in shards {
            let shard = data(site, shard.path.as_str());
            for pair in shard[2].as_array().unwrap().chunks(2) {
                let mut place = 0;
                for number in pair[1].as_array().unwrap() {
                    place += number.as_u64().unwrap() / 4;
                    let (id, anchor) = places[usize::try_from(place).unwrap()].clone();
                    let word = pair[0].as_str().unwrap().to_owned();
                    out.entry(word).or_default().insert((id, anchor, number.as_u64().unwrap() % 4));
                }
            }
        }
    }
    out
}

#[test]
fn every_word_of_a_page_finds_its_package_and_its_place() {
    let world = bank();
    let index = index(&built(&world));
    let at = |word: &str, id: &str, anchor: &str| {
        let found = index.get(word).and_then(|all| all.iter().find(|(i, a, _)| i == id && a == anchor));
        found.unwrap_or_else(|| panic!("{word} is not found at {id}#{anchor}: {:?}", index.get(word))).2
    };
    let pd = "retail-credit-pd";
    assert_eq!(at("scorecard", pd, "what-title"), 3, "a word of the title");
    assert_eq!(at("limitations", pd, "section-limitations"), 2, "a word of a section's heading");
    assert_eq!(at("calibration", pd, "section-evaluation"), 1, "the label of a figure, more than twice");
    assert_eq!(at("ines", pd, "what-title"), 1, "the owner, author and submitter: three times");
    at("tomasz", pd, "decisions");
    assert_eq!(at("unsecured", "churn-retention", "conditions"), 0, "the words of a condition");
    assert_eq!(at("2024", pd, "section-training-data"), 0);
    // What was said stands at the section it was said about.
    let said = &world.register.packages[&p::<crate::id::PackageId>(pd)].outcome.findings[0].finding;
    for word in words(&said.concern) {
        at(&word, pd, &format!("section-{}", said.section));
    }
    // Every word of a section's text, whatever markup it has; the address of a link is none.
    let text = String::from_utf8(files(true)["limitations.md"].clone()).unwrap();
    let mut pieces = text.trim_start_matches("# Known limitations").split("](");
    let shown: Vec<_> =
        pieces.next().into_iter().chain(pieces.filter_map(|p| Some(p.split_once(')')?.1))).collect();
    let all = words(&shown.join(" "));
    assert!(all.len() > 30);
    for word in all {
        at(&word, pd, "section-limitations");
    }
    // A text that is not the one that was signed is not found: its page does not show it.
    assert!(
        !index.contains_key("0999")
            && !index.get("999").is_some_and(|all| all.iter().any(|(i, ..)| i == "limit-increase"))
    );
}

#[test]
fn chains_people_and_help_are_searched_too() {
    let pages = data(&built(&bank()), "search/pages.js").to_string();
    for part in [
        "Credit decisioning, standard",
        "Disparate impact analysis",
        "Priya Raman",
        "person-p.raman",
        "Whom to ask",
    ] {
        assert!(pages.contains(part), "{part}");
    }
}

#[test]
fn one_changed_package_changes_its_own_group_and_few_files() {
    let mut world = bank();
    let package = world.register.packages[&p::<crate::id::PackageId>("affordability")].package.clone();
    for n in 0..200 {
        world.dossier(&format!("draft-{n:03}"), package.clone(), vec![]);
    }
    let before = built(&world);
    let id: crate::id::PackageId = p("draft-007");
    let dossier = world.register.packages.get_mut(&id).unwrap();
    let package = dossier.package.as_mut().expect("a draft");
    std::sync::Arc::make_mut(package).meta.title = "Zebra".into();
    let now = build(&world.register, &Assets::embedded(), &world.sources, &before.keys()).unwrap();
    let changed: Vec<_> = now
        .pages
        .iter()
        .filter(|page| page.bytes.is_some())
        .map(|page| page.path.as_str())
        .filter(|path| path.ends_with("search.js") || path.starts_with("search/"))
        .filter(|path| !path.contains("limit-increase"))
        .collect();
    let group = Layout::new(world.register.packages.len()).group(&id);
    assert!(changed.contains(&"packages/draft-007/search.js"), "{changed:?}");
    assert!(changed.contains(&format!("search/{group:02}.js").as_str()), "{changed:?}");
    let others = changed.iter().filter(|p| p.starts_with("search/") && p.len() > "search/00.js".len());
    assert!(others.clone().all(|path| path.starts_with(&format!("search/{group:02}-"))), "{changed:?}");
    assert!(others.count() <= 4, "the words of a title lie in few buckets: {changed:?}");
    let fresh = built(&world);
    assert_eq!(now.keys(), fresh.keys());
}
