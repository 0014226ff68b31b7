//! What holds for every page: it resolves, runs nothing, and says its policy.

use super::bank::bank;
use crate::site::{Assets, PageKeys, build};
use std::collections::{BTreeMap, BTreeSet};

const CSP: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; \
                   font-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'\">";

/// The bank with the tampered text put back: a text that is not shown has no headings to lead to.
fn pages() -> BTreeMap<String, Vec<u8>> {
    let mut world = bank();
    let text = super::bank::files(true)["evaluation.md"].clone();
    world.sources.insert(super::world::p("packages/limit-increase/revisions/1/evaluation.md"), text);
    let site = build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap();
    site.pages.into_iter().map(|page| (page.path.to_string(), page.bytes.unwrap())).collect()
}

fn html() -> BTreeMap<String, String> {
    let pages = pages().into_iter().filter(|(path, _)| path.ends_with(".html"));
    pages.map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}

/// Every start tag with its attributes, as written.
fn tags(html: &str) -> Vec<(&str, Vec<(&str, &str)>)> {
    let mut out = Vec::new();
    for piece in html.split('<').skip(1) {
        let Some((tag, _)) = piece.split_once('>') else { panic!("unclosed tag in {piece}") };
        let name = tag.split([' ', '\n']).next().unwrap();
        let mut attributes = Vec::new();
        let mut rest = tag[name.len()..].trim_start();
        while let Some((key, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"').unwrap();
            attributes.push((key.trim().rsplit(' ').next().unwrap(), value));
            rest = after;
        }
        out.push((name, attributes));
    }
    out
}

fn ids(html: &str) -> Vec<&str> {
    tags(html).into_iter().flat_map(|(_, a)| a).filter(|(key, _)| *key == "id").map(|(_, id)| id).collect()
}

fn decoded(href: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = href.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).unwrap()
}

#[test]
fn every_address_and_anchor_resolves() {
    let all = pages();
    let html = html();
    let anchors: BTreeMap<&str, BTreeSet<&str>> =
        html.iter().map(|(p, h)| (p.as_str(), ids(h).into_iter().collect())).collect();
    let mut checked = 0;
    for (path, text) in &html {
        for (tag, attributes) in tags(text) {
            for (_, value) in attributes.iter().filter(|(key, _)| matches!(*key, "href" | "src")) {
                if value.starts_with("https:") || value.starts_with("data:image/svg+xml") {
                    continue;
                }
                assert!(
                    !value.is_empty() && !value.starts_with('/') && !value.contains("://"),
                    "{path}: <{tag}> {value}"
                );
                let (file, anchor) = value.split_once('#').unwrap_or((value, ""));
                let mut parts: Vec<String> = path.split('/').map(str::to_owned).collect();
                if !file.is_empty() {
                    parts.pop();
                    for part in file.split('/') {
                        if part == ".." {
                            parts.pop().expect("inside the site");
                        } else {
                            parts.push(decoded(part))
                        }
                    }
                }
                let target = parts.join("/");
                assert!(all.contains_key(&target), "{path}: {value} leads nowhere ({target})");
                if !anchor.is_empty() {
                    assert!(
                        anchors[target.as_str()].contains(decoded(anchor).as_str()),
                        "{path}: {value} has no anchor"
                    );
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 800, "only {checked} links were found");
}

#[test]
fn ids_are_unique_and_labels_exist() {
    for (path, text) in html() {
        let all = ids(&text);
        let set: BTreeSet<&str> = all.iter().copied().collect();
        assert_eq!(all.len(), set.len(), "{path} repeats an id");
        for (_, attributes) in tags(&text) {
            for (_, all) in attributes.iter().filter(|(key, _)| *key == "aria-labelledby") {
                for id in all.split(' ') {
                    assert!(set.contains(id), "{path}: nothing has the id {id}");
                }
            }
        }
    }
}

#[test]
fn nothing_runs_and_nothing_is_styled_in_place() {
    for (path, text) in html() {
        // Two scripts, each from a file of its own on pages of its own; the policy of no other page admits one.
        let source = match path.as_str() {
            "search.html" => Some("static/search-"),
            path if path.ends_with("/certificate.html") => Some("../../static/verify-"),
            _ => None,
        };
        let script = source.is_some();
        let policy =
            if script { CSP.replace(" data:;", " data:; script-src 'self';") } else { CSP.to_owned() };
        assert!(text.contains(&policy), "{path} has no policy");
        let scripts: Vec<_> = tags(&text).into_iter().filter(|(tag, _)| *tag == "script").collect();
        assert_eq!(scripts.len(), usize::from(script), "{path}");
        for (_, attributes) in scripts {
            let src = attributes.iter().find(|(key, _)| *key == "src").map(|(_, value)| *value);
            assert!(src.zip(source).is_some_and(|(src, own)| src.starts_with(own)), "{path}: {src:?}");
            assert!(text.contains(" defer></script>"), "{path}: the script has a body");
        }
        for (tag, attributes) in tags(&text) {
            assert!(
                !matches!(tag, "style" | "iframe" | "object" | "embed" | "form" | "base"),
                "{path}: <{tag}>"
            );
            for (key, value) in attributes {
                assert!(key != "style" && !key.starts_with("on"), "{path}: {key} on <{tag}>");
                assert!(!value.trim_start().to_lowercase().starts_with("javascript:"), "{path}: {value}");
            }
        }
    }
    for (path, bytes) in &pages() {
        let script = |name| path.starts_with(name) && path.ends_with(".js");
        let index = path.starts_with("search/")
            || path.split('/').count() == 3 && path.starts_with("packages/") && path.ends_with("/search.js");
        if index {
            // The files of the index are one call each, with data that no text can leave.
            let text = std::str::from_utf8(bytes).unwrap();
            let (name, data) = text.strip_prefix("countersign.").unwrap().split_once('(').unwrap();
            assert!(["list", "words", "text", "pages"].contains(&name), "{path}");
            let data = data.strip_suffix(");\n").unwrap();
            assert!(data.is_ascii() && !data.contains(['<', '>', '&']), "{path}");
            serde_json::from_str::<serde_json::Value>(data).unwrap();
        }
        let ours = index || script("static/verify-") || script("static/search-");
        let runs =
            !ours && [".svg", ".htm", ".xml", ".js", ".xhtml", ".mjs"].iter().any(|s| path.ends_with(s));
        let evidence = path.contains("/evidence/");
        let page = path.ends_with(".html");
        assert!(!runs, "{path} would run");
        assert!(!evidence || !page, "{path} would be shown as a page");
    }
}

#[test]
fn headings_are_in_order_and_each_page_has_one_title() {
    for (path, text) in html() {
        let levels: Vec<u8> =
            tags(&text).iter().filter_map(|(t, _)| t.strip_prefix('h')?.parse().ok()).collect();
        assert_eq!(levels.iter().filter(|l| **l == 1).count(), 1, "{path}");
        for pair in levels.windows(2) {
            assert!(pair[1] <= pair[0] + 1, "{path}: h{} follows h{}", pair[1], pair[0]);
        }
        for part in [
            "<html lang=\"en\"",
            "class=\"skip\" href=\"#main\"",
            "<main id=\"main\"",
            "<footer",
            "<header class=\"masthead\"",
        ] {
            assert!(text.contains(part), "{path} has no {part}");
        }
    }
}

#[test]
fn only_one_place_in_the_templates_prints_without_escaping() {
    let assets = Assets::embedded();
    let places: Vec<_> = assets.templates().flat_map(|(n, t)| t.matches("safe").map(move |_| n)).collect();
    assert_eq!(places, ["section.html"]);
    assert!(assets.templates().all(|(name, text)| name.ends_with(".html") && !text.contains("set_escape")));
}

#[test]
fn words_of_users_are_never_markup() {
    let mut world = bank();
    let evil = "<script>alert(1)</script>\"'&<img src=x onerror=x>";
    world.register.name = evil.into();
    for dossier in world.register.packages.values_mut() {
        dossier.outcome.why.because = evil.into();
        for finding in &mut dossier.outcome.findings {
            finding.finding.concern = evil.into();
            finding.finding.required = evil.into();
        }
        if let Some(package) = &mut dossier.package {
            std::sync::Arc::make_mut(package).meta.title = evil.into();
        }
        for revision in &mut dossier.revisions {
            std::sync::Arc::make_mut(&mut revision.package).meta.use_ = evil.into();
        }
    }
    let site = build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap();
    let mut seen = 0;
    for page in site.pages.iter().filter(|p| p.path.as_str().ends_with(".html")) {
        let text = String::from_utf8(page.bytes.clone().unwrap()).unwrap();
        assert!(!text.contains("<script>") && !text.contains("<img src=x"), "{}", page.path);
        seen += text.matches("&lt;script&gt;").count();
    }
    assert!(seen > 50);
}

#[test]
fn a_template_that_tera_would_not_escape_is_refused() {
    let world = bank();
    let assets = Assets::embedded().with_template("extra.txt", "{{ x }}");
    let refused = build(&world.register, &assets, &world.sources, &PageKeys::new()).unwrap_err();
    assert!(refused.to_string().contains("extra.txt"), "{refused}");
}
