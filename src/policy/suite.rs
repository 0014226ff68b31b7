//! A test file: the chain, the people, the package, and the cases (format: SPEC section 12).

use super::diagnostics as say;
use super::event::Line;
use super::phrases;
use super::scene::Scene;
use super::stage::enrolled;
use super::wishes::Wishes;
use crate::chain::{self, Chain};
use crate::diag::toml::{At, Table, read};
use crate::diag::{Diagnostics, common};
use crate::id::{PersonId, RoleId};
use crate::record::People;
use crate::text::{RepoPath, SourceFile, Sources, Span};
use crate::time::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes a test file may have.
pub const MAX_FILE: usize = 1024 * 1024;
/// Cases one file may have.
const MAX_CASES: usize = 1000;
/// Lines of one story.
const MAX_LINES: usize = 500;
/// Monday, nine o'clock.
const START: &str = "2026-03-02T09:00:00Z";

/// One file.
#[derive(Debug)]
pub(super) struct Suite<'f> {
    pub file: &'f SourceFile,
    pub chains: BTreeMap<String, Arc<Chain>>,
    pub people: People,
    pub start: Timestamp,
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug)]
pub(super) struct Case {
    pub name: String,
    pub span: Span,
    /// The chain at the beginning.
    pub chain: Arc<Chain>,
    /// Where it is from, for the coverage: a file, or this one.
    pub origin: String,
    /// The package at the beginning.
    pub scene: Scene,
    pub story: Vec<Told>,
    pub wishes: Vec<Wishes>,
}

/// One line of a story with its place in the file.
#[derive(Debug, Clone)]
pub(super) struct Told {
    pub line: Line,
    pub span: Span,
}

/// Reads a test file; `None` if anything in it is wrong.
pub(super) fn suite<'f>(
    file: &'f SourceFile,
    sources: &dyn Sources,
    out: &mut Diagnostics,
) -> Option<Suite<'f>> {
    if file.text().len() > MAX_FILE {
        out.push(common::too_large(file.path(), file.text().len() as u64, MAX_FILE as u64));
        return None;
    }
    let mut found = Diagnostics::new();
    common::characters(file, &mut found);
    let suite = read(file, "the test", &mut found, |t| top(t, file, sources)).flatten();
    let sound = !found.has_errors();
    out.extend(found);
    suite.filter(|_| sound)
}

fn top<'f>(t: &Table<'_>, file: &'f SourceFile, sources: &dyn Sources) -> Option<Suite<'f>> {
    let main = main_chain(t, sources);
    let chains = t.table("chains", false, |below| {
        let names = below.names();
        let all = names.iter().filter_map(|name| {
            let text = below.string(&name.value)?;
            let chain = if text.value.contains('\n') {
                inline(below, "a chain", &text)?
            } else {
                named(below, &text, sources)?.0
            };
            Some((name.value.clone(), chain))
        });
        all.collect::<BTreeMap<_, _>>()
    });
    let chains = chains.unwrap_or_default();
    let people = t.table("people", true, people).unwrap_or_default();
    let scene = t.table("package", false, scene).unwrap_or_default();
    let start = t.maybe("start").and_then(|at| {
        let found = phrases::parse_instant(&at.value);
        if found.is_none() {
            t.report(common::bad_value(
                file,
                at.span,
                "start",
                "a day and time such as 2026-03-02 09:00 is wanted",
            ));
        }
        found
    });
    let before = t.maybe("before").map(|at| story(t, "before", &at)).unwrap_or_default();
    let mut names = BTreeMap::new();
    let mut count = 0;
    let cases = t.tables("case", |t| {
        count += 1;
        if count == MAX_CASES + 1 {
            t.report(say::too_large(file, t.span(), "cases", MAX_CASES));
        }
        let case = case(t, main.as_ref(), &chains, &scene, &before)?;
        if names.insert(case.name.clone(), ()).is_some() {
            t.report(say::duplicate(file, case.span, &case.name));
        }
        Some(case)
    });
    if cases.is_empty() {
        t.report(say::no_case(file));
    }
    Some(Suite {
        file,
        chains,
        people,
        start: start.or_else(|| START.parse().ok())?,
        cases: cases.into_iter().flatten().collect(),
    })
}

type Named = (Arc<Chain>, String);

fn main_chain(t: &Table<'_>, sources: &dyn Sources) -> Option<Named> {
    let (bare, given) = (t.maybe("chain"), t.maybe("chain_toml"));
    if let Some(text) = given {
        let origin = format!("chain_toml of {}", t.file().path());
        return Some((inline(t, "chain_toml", &text)?, origin));
    }
    let Some(name) = bare else {
        t.report(say::no_chain(t.file()));
        return None;
    };
    named(t, &name, sources)
}

/// A chain in a file of its own, and where it is.
fn named(t: &Table<'_>, name: &At<String>, sources: &dyn Sources) -> Option<Named> {
    // A path is meant from the test file's folder; a bare name is a chain of the workspace.
    let folder = t.file().path().parent().unwrap_or("chains/tests");
    let path = if name.value.ends_with(".toml") {
        format!("{folder}/{}", name.value)
    } else {
        format!("chains/{}.toml", name.value)
    };
    let path: RepoPath = match path.parse() {
        Ok(path) => path,
        Err(why) => {
            t.report(common::bad_value(t.file(), name.span, "chain", &format!("{why}")));
            return None;
        }
    };
    let bytes = match sources.read(&path) {
        Ok(bytes) => bytes,
        Err(why) => {
            t.report(say::chain_unreadable(t.file(), name.span, &path, &why));
            return None;
        }
    };
    let mut found = Diagnostics::new();
    let source = common::text(&path, bytes, chain::MAX_CHAIN, &mut found);
    let parsed = source.and_then(|source| chain::parse(&source, &mut found));
    keep_errors(t, found);
    if parsed.is_none() {
        t.report(say::chain_wrong(t.file(), name.span, path.as_str()));
    }
    Some((Arc::new(parsed?), path.to_string()))
}

/// A chain written inside the test. Its text is moved down to where it stands, so that messages about it
/// name the right line.
fn inline(t: &Table<'_>, key: &str, at: &At<String>) -> Option<Arc<Chain>> {
    let Some(start) = start_of(t.file(), at) else {
        t.report(say::story(t.file(), at.span, key));
        return None;
    };
    let above = t.file().line_of(start).saturating_sub(1);
    let text = "\n".repeat(above) + &at.value;
    let mut found = Diagnostics::new();
    let chain = chain::parse(&SourceFile::new(t.file().path().clone(), text), &mut found);
    keep_errors(t, found);
    if chain.is_none() {
        t.report(say::chain_wrong(t.file(), at.span, key));
    }
    chain.map(Arc::new)
}

fn keep_errors(t: &Table<'_>, found: Diagnostics) {
    for diagnostic in found.iter().filter(|d| d.severity == crate::diag::Severity::Error) {
        t.report(diagnostic.clone());
    }
}

/// Where the text of a string begins in the file, if it stands there just so.
fn start_of(file: &SourceFile, at: &At<String>) -> Option<usize> {
    let raw = file.text().get(at.span.start..at.span.end)?;
    let quote = ["'''", "\"\"\"", "'", "\""].into_iter().find(|quote| raw.starts_with(quote))?;
    let inner = &raw[quote.len()..];
    let skipped = usize::from(quote.len() == 3 && inner.starts_with('\n'));
    inner[skipped..].starts_with(&at.value).then_some(at.span.start + quote.len() + skipped)
}

fn people(t: &Table<'_>) -> People {
    let mut people = People::default();
    for name in t.names() {
        let roles = t.list::<RoleId>(&name.value);
        match name.value.parse::<PersonId>() {
            Ok(id) => {
                let person = enrolled(&id, roles.into_iter().map(|role| role.value).collect());
                people.persons.insert(id, person);
            }
            Err(why) => t.report(common::bad_value(t.file(), name.span, "people", &why.to_string())),
        }
    }
    people
}

fn scene(t: &Table<'_>) -> Scene {
    let texts = |t: &Table<'_>| {
        let mut all = BTreeMap::new();
        for name in t.names() {
            let Some(text) = t.maybe(&name.value) else { continue };
            match name.value.parse() {
                Ok(section) => _ = all.insert(section, text.value),
                Err(_) => t.report(common::bad_value(t.file(), name.span, &name.value, "this is no section")),
            }
        }
        all
    };
    let meta = t.table("meta", false, |t| {
        let names = t.names();
        names.iter().filter_map(|n| Some((n.value.clone(), t.string(&n.value)?.value))).collect()
    });
    Scene {
        id: t.maybe_form("id").map(|id| id.value),
        authors: t.list("authors").into_iter().map(|a| a.value).collect(),
        sections: t.table("sections", false, texts).unwrap_or_default(),
        evidence: t.table("evidence", false, texts).unwrap_or_default(),
        meta: meta.unwrap_or_default(),
        use_: t.maybe("use").map(|u| u.value),
    }
}

fn case(
    t: &Table<'_>,
    main: Option<&Named>,
    chains: &BTreeMap<String, Arc<Chain>>,
    usual: &Scene,
    before: &[Told],
) -> Option<Case> {
    let name = t.string("name");
    let _why = t.maybe("why");
    let chosen = match t.maybe("chain") {
        None => main.cloned(),
        Some(at) => {
            let found = chains.get(&at.value);
            if found.is_none() {
                t.report(say::chain_not_given(t.file(), at.span, &at.value, chains.keys()));
            }
            let origin = format!("{} of {}", at.value, t.file().path());
            found.map(|chain| (chain.clone(), origin))
        }
    };
    let scene = t.table("package", false, scene).unwrap_or_else(|| usual.clone());
    let chain = chosen.as_ref().map(|(chain, _)| &**chain);
    let told = t.maybe("story").map(|at| story(t, "story", &at)).unwrap_or_default();
    let mut wishes: Vec<Wishes> = t.table("expect", false, |t| Wishes::read(t, chain)).into_iter().collect();
    wishes.extend(t.tables("at", |t| {
        let wishes = Wishes::read(t, chain);
        if wishes.nothing() {
            t.report(say::expects_nothing(t.file(), t.span()));
        }
        wishes
    }));
    let name = name?;
    if wishes.iter().all(Wishes::nothing) {
        t.report(say::expects_nothing(t.file(), name.span));
    }
    let story = before.iter().cloned().chain(told).collect();
    let (chain, origin) = chosen?;
    Some(Case { name: name.value, span: name.span, chain, origin, scene, story, wishes })
}

fn story(t: &Table<'_>, key: &str, at: &At<String>) -> Vec<Told> {
    let file = t.file();
    let Some(mut start) = start_of(file, at) else {
        t.report(say::story(file, at.span, key));
        return Vec::new();
    };
    let mut told = Vec::new();
    for text in at.value.split_inclusive('\n') {
        let line = text.trim_end();
        match phrases::line(line) {
            Ok(Some(read)) => {
                let indent = line.len() - line.trim_start().len();
                told.push(Told { line: read, span: Span { start: start + indent, end: start + line.len() } });
            }
            Ok(None) => {}
            Err(wrong) => t.report(say::event(file, start, &wrong)),
        }
        start += text.len();
        if told.len() > MAX_LINES {
            t.report(say::too_large(file, at.span, "lines in this story", MAX_LINES));
            break;
        }
    }
    told
}
