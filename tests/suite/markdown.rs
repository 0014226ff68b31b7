//! HTML of hostile Markdown: whatever goes in, only known tags, attributes and addresses come out, and
//! nothing that was written vanishes without a message.

#![expect(clippy::disallowed_methods, reason = "tests of speed read the clock")]

#[path = "markdown_corpus.rs"]
mod corpus;

use corpus::PAYLOADS;
use countersign::diag::Diagnostics;
use countersign::id::SectionId;
use countersign::package::markdown::{HtmlOptions, MAX_SECTION, blocks, html, read, read_and_html};
use countersign::text::SourceFile;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn section() -> SectionId {
    "evaluation".parse().unwrap()
}

fn written(source: &str) -> String {
    written_with(source, &|url| Some(format!("../x/{}", url.replace(' ', "%20"))))
}

fn written_with(source: &str, resolve: &dyn Fn(&str) -> Option<String>) -> String {
    let section = section();
    let options = HtmlOptions { prefix: section.as_str(), title: Some("Evaluation"), shift: 1, resolve };
    html(source, &options).as_str().to_owned()
}

fn diagnostics(source: &str) -> Diagnostics {
    let mut out = Diagnostics::new();
    let file = SourceFile::new("packages/p/evaluation.md".parse().unwrap(), source.to_owned());
    countersign::diag::common::characters(&file, &mut out);
    read(&file, &section(), &mut out);
    out
}

/// Tags with the attributes each may have.
const TAGS: &[(&str, &[&str])] = &[
    ("a", &["href", "id", "rel", "role", "aria-label"]),
    ("aside", &["class"]),
    ("blockquote", &[]),
    ("br", &[]),
    ("code", &["class"]),
    ("del", &[]),
    ("div", &["class"]),
    ("em", &[]),
    ("h1", &["id"]),
    ("h2", &["id"]),
    ("h3", &["id"]),
    ("h4", &["id"]),
    ("h5", &["id"]),
    ("h6", &["id"]),
    ("hr", &[]),
    ("img", &["src", "alt", "loading"]),
    ("li", &["class", "id", "value"]),
    ("ol", &["start"]),
    ("p", &["class"]),
    ("pre", &["class", "tabindex"]),
    ("section", &["class", "aria-label"]),
    ("span", &["class", "role", "aria-label"]),
    ("strong", &[]),
    ("sub", &[]),
    ("sup", &["class"]),
    ("table", &["role"]),
    ("tbody", &["role"]),
    ("td", &["role", "class", "data-l"]),
    ("th", &["role", "class", "scope"]),
    ("thead", &["role"]),
    ("tr", &["role"]),
    ("ul", &[]),
];

/// Reads HTML tag by tag and panics at anything not on the list, at tags that do not balance, at ids that
/// are not unique, at links within links and at addresses that lead elsewhere.
fn scan(html: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut ids = BTreeSet::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        assert!(!rest[..at].contains('>'), "a bare > in {:?}", &rest[..at]);
        rest = &rest[at + 1..];
        let end = rest.find('>').unwrap_or_else(|| panic!("a tag without end: {rest:?}"));
        let tag = &rest[..end];
        rest = &rest[end + 1..];
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name), "in {html}");
            continue;
        }
        let (name, mut attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let allowed = TAGS.iter().find(|(t, _)| *t == name).unwrap_or_else(|| panic!("<{tag}> in {html}")).1;
        assert!(name != "a" || !open.contains(&"a"), "a link within a link: {html}");
        if !["br", "hr", "img"].contains(&name) {
            open.push(name);
        }
        while !attributes.is_empty() {
            let (attribute, tail) = attributes.split_once("=\"").unwrap_or_else(|| panic!("<{tag}>"));
            let (value, tail) = tail.split_once('"').unwrap_or_else(|| panic!("<{tag}>"));
            assert!(allowed.contains(&attribute), "<{tag}>");
            assert!(!value.contains(['<', '>']), "<{tag}>");
            match attribute {
                "id" => assert!(ids.insert(value.to_owned()), "id {value} twice in {html}"),
                "href" | "src" => address(value, attribute),
                _ => {}
            }
            attributes = tail.strip_prefix(' ').unwrap_or(tail);
        }
    }
    assert!(!rest.contains('>'));
    assert_eq!(open, Vec::<&str>::new(), "in {html}");
}

fn address(value: &str, attribute: &str) {
    let plain = value.replace("&amp;", "&").replace("&quot;", "\"").replace("&#39;", "'");
    let lower = plain.to_ascii_lowercase();
    assert!(!plain.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\'), "{attribute} {value}");
    let web = ["http://", "https://", "mailto:", "#evaluation"].iter().any(|p| lower.starts_with(p));
    let own = lower.starts_with("../x/") && !lower["../x/".len()..].starts_with('/');
    assert!(own || (attribute == "href" && web), "{attribute} {value}");
}

#[test]
fn no_payload_gets_through() {
    assert!(PAYLOADS.len() >= 100, "{}", PAYLOADS.len());
    for payload in PAYLOADS {
        for source in [
            (*payload).to_owned(),
            format!("> {payload}"),
            format!("- a\n- {payload}"),
            format!("| a | b |\n|---|---|\n| {} | x |\n", payload.replace('\n', " ")),
            format!("text[^1]\n\n[^1]: {payload}\n"),
            format!("**{payload}**"),
        ] {
            scan(&written(&source));
        }
    }
}

#[test]
fn a_resolver_at_fault_makes_no_script() {
    for bad in ["javascript:alert(1)", "//evil.example", "data:text/html,x", "a b", "\\\\evil", "x:y#/"] {
        let html = written_with("[a](other.md) ![b](evidence/evaluation/b.png)", &|_| Some(bad.to_owned()));
        assert!(!html.contains("href") && !html.contains("src="), "{html}");
    }
    let html = written_with("[a](other.md)", &|_| None);
    assert_eq!(html, "<p><span class=\"nolink\">a (<code>other.md</code>)</span></p>\n");
}

#[test]
fn what_is_not_rendered_is_an_error_and_shown_as_source() {
    for source in ["<script>alert(1)</script>", "a <b>c</b>", "<!-- x -->", "<sub>open", "<BR>", "<br/>"] {
        assert!(diagnostics(source).has_errors(), "{source}");
        let html = written(source);
        assert!(html.contains("&lt;"), "{html}");
    }
    let html = written("H<sub>2</sub>O and x<sup>2</sup><br>y");
    assert_eq!(html, "<p>H<sub>2</sub>O and x<sup>2</sup><br>y</p>\n");
    assert!(!diagnostics("H<sub>2</sub>O<br>\n\n<br>\n").has_errors());
}

#[test]
fn a_table_is_read_by_ear_and_on_a_phone() {
    let html = written("| Group | Rate |  |\n|---|--:|:-:|\n| Women & men | 61.7 % | x |\n| | 2 | |\n");
    scan(&html);
    assert_eq!(
        html,
        "<div class=\"tbl\"><table role=\"table\">\n\
         <thead role=\"rowgroup\"><tr role=\"row\"><th role=\"columnheader\" scope=\"col\">Group</th>\
         <th role=\"columnheader\" scope=\"col\" class=\"num\">Rate</th><td role=\"cell\" class=\"mid\"></td></tr></thead>\n\
         <tbody role=\"rowgroup\">\n\
         <tr role=\"row\"><th role=\"rowheader\" scope=\"row\">Women &amp; men</th>\
         <td role=\"cell\" data-l=\"Rate\" class=\"num\">61.7 %</td><td role=\"cell\" class=\"mid\">x</td></tr>\n\
         <tr role=\"row\"><td role=\"cell\" data-l=\"Group\"></td>\
         <td role=\"cell\" data-l=\"Rate\" class=\"num\">2</td><td role=\"cell\" class=\"mid\"></td></tr>\n\
         </tbody></table></div>\n"
    );
}

#[test]
fn headings_lists_notes_and_code() {
    let source = "# Evaluation\n\n## Known limits\n\n- [x] done\n- [ ] not\n\n3. a\n7. b\n\nOne[^n] two[^n].\n\n\
                  [^n]: The note.\n\n```python\nif a < b:\n```\n\n## Known limits\n";
    let html = written(source);
    scan(&html);
    for part in [
        "<h3 id=\"evaluation.known-limits\">Known limits</h3>",
        "<h3 id=\"evaluation.known-limits-1\">",
        "<li class=\"task\"><span role=\"img\" aria-label=\"Done\">\u{2611}</span> done</li>",
        "<ol start=\"3\">\n<li>a</li>\n<li value=\"7\">b</li>",
        "<a href=\"#evaluation..fn1\" id=\"evaluation..ref1\" role=\"doc-noteref\">1</a>",
        "<li id=\"evaluation..fn1\"><p>The note.</p>",
        "<pre tabindex=\"0\"><code>if a &lt; b:\n</code></pre>",
    ] {
        assert!(html.contains(part), "{part} in\n{html}");
    }
    assert!(!html.contains("<h2"), "the section's title is written by the page: {html}");
}

#[test]
fn facts_and_html_agree_on_anchors() {
    let source = "## A\n\n[^1]: x\n\n    ## A\n\n## A\n\ny[^1]\n";
    let file = SourceFile::new("e.md".parse().unwrap(), source.to_owned());
    let section = section();
    let options = HtmlOptions { prefix: section.as_str(), title: None, shift: 1, resolve: &|_| None };
    let (facts, html) = read_and_html(&file, &section, &options, &mut Diagnostics::new());
    let anchors: Vec<&str> = facts.headings.iter().map(|h| h.anchor.as_str()).collect();
    assert_eq!(anchors, ["a", "a-1", "a-2"]);
    let last = html.as_str().find("id=\"evaluation.a-1\"").unwrap();
    assert!(html.as_str().find("id=\"evaluation.a-2\"").unwrap() < last, "the note is written last");
}

#[test]
fn bombs_stay_cheap_and_within_the_bound() {
    let wide = format!("|{}\n|{}\n{}", "a|".repeat(1000), "-|".repeat(1000), "|x|\n".repeat(1000));
    let bombs = [
        "> ".repeat(50_000),
        "- ".repeat(50_000),
        "*a **a ".repeat(50_000),
        "[".repeat(100_000),
        "![".repeat(50_000),
        "[a](".repeat(50_000),
        "<b>".repeat(100_000),
        "<sub>".repeat(100_000),
        "`".repeat(100_000),
        format!("{}[^1]: x", "[^1]".repeat(100_000)),
        (0..20_000).map(|n| format!("[^{n}] \n\n[^{n}]: x\n\n")).collect(),
        "\\[a]:".repeat(100_000),
        "[a]: b\n".repeat(50_000),
        "```\n```\n".repeat(50_000),
        "#\n".repeat(100_000),
        "a@b.c ".repeat(100_000),
        "[x](#y) ".repeat(100_000),
        "&#8203;".repeat(100_000),
        "\u{202e}".repeat(200_000),
        wide,
    ];
    for bomb in bombs {
        assert!(bomb.len() <= MAX_SECTION);
        let html = written(&bomb);
        assert!(html.len() <= 32 * bomb.len() + 1024 * 1024, "{} from {}", html.len(), bomb.len());
        scan(&html);
        let said = diagnostics(&bomb);
        assert!(said.iter().count() < 200);
        if html.contains("class=\"refused\"") {
            assert!(said.has_errors(), "{:?} is shown as source and nobody is told", &bomb[..20]);
        }
    }
}

#[test]
fn a_page_is_parsed_and_written_in_no_time() {
    let paragraph =
        "The model was **evaluated** on [loans](https://example.org) it had not seen, see `auc`.\n\n";
    let table = "| a | b | c |\n|---|--:|---|\n| x | 0.79 | y |\n| z | 0.81 | w |\n\n";
    let source = format!("## Heading\n\n{}{table}- one\n- two\n\n", paragraph.repeat(8)).repeat(18);
    assert!(source.len() > 12_000);
    let file = SourceFile::new("e.md".parse().unwrap(), source);
    let section = section();
    let options = HtmlOptions { prefix: section.as_str(), title: None, shift: 1, resolve: &|_| None };
    let start = std::time::Instant::now();
    let runs = 20;
    for _ in 0..runs {
        let mut out = Diagnostics::new();
        read_and_html(&file, &section, &options, &mut out);
        assert!(out.is_empty());
    }
    // Ten times what an unoptimized build takes, so that only a change of kind fails here.
    assert!(start.elapsed().as_millis() / runs < 60, "{:?} for {runs}", start.elapsed());
}

/// Pieces of Markdown that mean something next to each other.
const PIECES: &[&str] = &[
    "\n",
    "\n\n",
    " ",
    "    ",
    "\t",
    "> ",
    "- ",
    "1. ",
    "7) ",
    "- [ ] ",
    "- [x] ",
    "## ",
    "### ",
    "*",
    "**",
    "_",
    "~~",
    "`",
    "```\n",
    "\n```\n",
    "|",
    " | ",
    "\n|-|-|\n",
    "\n\n| a | b |\n|---|--:|\n| ",
    "[",
    "](",
    ")",
    "!",
    "<sub>",
    "</sub>",
    "<br>",
    "&amp;",
    "&",
    "\\",
    "[^1]",
    "\n\n[^1]: ",
    "(#x)",
    "(https://a.example/)",
    "https://b.example",
    "www.c.example",
    "d@e.example",
    "\n---\n",
    "é",
    "漢",
    "\"",
    "'",
    "%",
    "x:y",
    "(other.md)",
    "\n- a\n  - b\n",
    "<https://f.example>",
];

/// Pieces that are an error wherever they stand as what they are.
const BAD: &[&str] = &[
    "<",
    ">",
    "<b>",
    "</b>",
    "<!--",
    "-->",
    "&#8203;",
    "[^2]: ",
    "[a]: ",
    "]:",
    "(javascript:x)",
    "# ",
    "\n===\n",
    "\u{202e}",
    "\r",
    "\0",
    "<script>",
    "![",
    "(evidence/evaluation/f.png)",
    "(//x)",
];

fn of(pieces: Vec<&'static str>) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(pieces).prop_map(str::to_owned),
        1 => (0..60u8).prop_map(|n| format!("zq{n}w"))
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn document() -> impl Strategy<Value = String> {
    of([PIECES, BAD].concat())
}

fn decent() -> impl Strategy<Value = String> {
    of(PIECES.to_vec())
}

/// The words of a document that are its own.
fn tokens(source: &str) -> BTreeSet<String> {
    let found = source.match_indices("zq").filter_map(|(at, _)| {
        let end = source[at..].find('w')?;
        let token = &source[at..=at + end];
        token[2..token.len() - 1].bytes().all(|b| b.is_ascii_digit()).then(|| token.to_owned())
    });
    found.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn anything_becomes_safe_html(source in document()) {
        let html = written(&source);
        scan(&html);
        prop_assert!(html.len() <= 32 * source.len() + 1024 * 1024);
        let _ = blocks(&source);
    }

    #[test]
    fn nothing_vanishes_without_an_error(source in decent()) {
        let errors = diagnostics(&source).has_errors();
        let html = written(&source);
        let compared = serde_json::to_string(&blocks(&source)).unwrap();
        for token in tokens(&source) {
            // The language of a code block is the one word that is not shown.
            let fence = |l: &str| l.contains("```") || l.contains("~~~");
            let language = source.lines().any(|l| fence(l) && l.contains(&token));
            prop_assert!(errors || language || html.contains(&token), "{token} of {source:?} not in {html}");
            prop_assert!(errors || compared.contains(&token), "{token} of {source:?} not in {compared}");
        }
    }

    #[test]
    fn any_text_at_all(source in "\\PC*") {
        scan(&written(&source));
        diagnostics(&source);
    }
}
