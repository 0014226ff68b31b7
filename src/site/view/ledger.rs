//! The ledger: whether it holds, its newest entries, and every entry with all that is needed to check it.

use super::{EntryLink, Fact, Frame, Index, Link, Signature, Tag, broken};
use crate::record::{Body, Entry};
use crate::site::address::{self, LEDGER_PAGE, SitePath};
use crate::site::render::View;
use crate::site::words;
use serde::Serialize;

/// Entries on the ledger's front page.
const NEWEST: usize = 50;

/// The front page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LedgerView {
    pub frame: Frame,
    pub verdict: String,
    pub holds: bool,
    pub broken: Vec<String>,
    pub facts: Vec<Fact>,
    pub newest: Vec<Line>,
    pub segments: Vec<Link>,
}

/// A page of up to 500 entries.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SegmentView {
    pub frame: Frame,
    pub heading: String,
    pub entries: Vec<EntryView>,
    pub previous: Option<Link>,
    pub next: Option<Link>,
}

/// An entry as one line.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Line {
    pub entry: EntryLink,
    pub what: String,
    pub by: Signature,
    pub package: Option<Link>,
}

/// An entry with everything in it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EntryView {
    pub anchor: String,
    pub line: Line,
    pub kind: Tag,
    pub facts: Vec<Fact>,
    pub texts: Vec<Text>,
    pub bytes: usize,
    pub record: String,
    pub sig: String,
    pub tst: String,
    pub key_valid: bool,
}

/// Words of the record that are not in its meaning.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Text {
    pub term: String,
    pub paragraphs: Vec<String>,
}

impl View for LedgerView {
    const TEMPLATE: &'static str = "ledger.html";
}

impl View for SegmentView {
    const TEMPLATE: &'static str = "segment.html";
}

/// The front page of the ledger.
pub(crate) fn front(index: &Index<'_>, path: &SitePath) -> LedgerView {
    let ledger = &index.register.ledger;
    let root = path.root();
    let mut frame = index.frame(path, "Ledger".to_owned());
    frame.here = "ledger";
    frame.printed =
        format!("countersign \u{b7} {} \u{b7} ledger of {} entries", index.register.name, ledger.size);
    let pending = ledger.entries.iter().filter(|e| e.pending).count();
    let holds = ledger.breaks.is_empty();
    let entries = words::count(usize::try_from(ledger.size).unwrap_or(usize::MAX), "entry");
    let waiting = match pending {
        0 => String::new(),
        n => format!(" {} signed and waiting to be appended.", words::count(n, "record")),
    };
    let verdict = if holds {
        format!(
            "{entries}, unbroken. Every line names the one before it, and every signature is good.{waiting}"
        )
    } else {
        format!("The ledger does not hold. {}.", words::count(ledger.breaks.len(), "problem"))
    };
    let last = ledger.entries.len() as u64;
    let segments = (0..last.div_ceil(LEDGER_PAGE)).map(|n| {
        let (from, to) = (n * LEDGER_PAGE, ((n + 1) * LEDGER_PAGE).min(last) - 1);
        Link::new(address::href(&root, &address::segment(from), ""), format!("Entries {from} to {to}"))
    });
    LedgerView {
        verdict,
        holds,
        broken: ledger.breaks.iter().map(broken).collect(),
        facts: vec![
            Fact::hash("Ledger root (RFC 6962)", &ledger.root),
            Fact::mono("Repository", index.register.repository.to_string()),
            Fact::hash("Root of trust: the first record", &index.register.root_of_trust),
        ],
        newest: ledger.entries.iter().rev().take(NEWEST).map(|e| line(index, e, &root)).collect(),
        segments: segments.collect(),
        frame,
    }
}

/// One page of entries, starting at `from`.
pub(crate) fn segment(index: &Index<'_>, path: &SitePath, from: u64) -> SegmentView {
    let all = &index.register.ledger.entries;
    let root = path.root();
    let start = usize::try_from(from).unwrap_or(usize::MAX).min(all.len());
    let end = start.saturating_add(500).min(all.len());
    let heading = format!("Ledger entries {from} to {}", end.saturating_sub(1));
    let mut frame = index.frame(path, heading.clone());
    frame.here = "ledger";
    frame.crumbs = vec![Link::new(frame.ledger.clone(), "Ledger")];
    frame.printed = format!("countersign \u{b7} {} \u{b7} {heading}", index.register.name);
    let neighbor = |at: u64, text: &str| Link::new(address::href(&root, &address::segment(at), ""), text);
    SegmentView {
        entries: all[start..end].iter().map(|e| view(index, e, &root)).collect(),
        previous: from.checked_sub(LEDGER_PAGE).map(|at| neighbor(at, "Earlier entries")),
        next: (end < all.len()).then(|| neighbor(from + LEDGER_PAGE, "Later entries")),
        heading,
        frame,
    }
}

fn line(index: &Index<'_>, entry: &Entry, root: &str) -> Line {
    let package = entry.record().package();
    Line {
        entry: EntryLink::new(root, entry),
        what: index.event(entry.record()),
        by: Signature::new(root, entry),
        package: package
            .filter(|id| index.register.packages.contains_key(id))
            .map(|id| Link::new(address::href(root, &address::package(id), ""), id.to_string())),
    }
}

fn view(index: &Index<'_>, entry: &Entry, root: &str) -> EntryView {
    let record = entry.record();
    let signed = entry.verified.signed();
    let (word, icon) = words::kind(record.kind());
    let mut facts = Vec::new();
    if let Some(s) = &record.subject {
        facts.push(Fact::new("Model version", format!("{} {}", s.model.name, s.model.version)));
        facts.push(Fact::new("Package", format!("{}, revision {}", s.package, s.revision)));
        facts.push(Fact::hash("Package fingerprint", &s.digest));
        facts.push(Fact::new("Chain", s.chain.id.to_string()));
        facts.push(Fact::hash("Chain fingerprint", &s.chain.sha256));
    }
    facts.extend(record.step.as_ref().map(|s| Fact::new("Step", s.to_string())));
    facts.extend(
        record.change.as_ref().map(|c| Fact::new("Pull request", format!("{} {}", c.forge, c.pull_request))),
    );
    let scope: Vec<String> = record.scope.iter().map(|s| s.section.to_string()).collect();
    if !scope.is_empty() {
        facts.push(Fact::new("Shown to the signer", words::list(&scope)));
    }
    facts.push(Fact::mono("Key", record.signer.key.to_string()));
    facts.push(Fact::new("Signed with", words::unlock(record.ceremony.unlock)));
    facts.push(Fact::new("Assistance declared", record.assistance.clone()));
    facts.push(Fact::hash("Record (SHA-256)", &entry.id()));
    facts.push(Fact::hash("Hash of this entry", &entry.hash));
    facts.push(Fact::hash("Hash of the entry before", &entry.prev));
    EntryView {
        anchor: format!("entry-{}", entry.seq),
        line: line(index, entry, root),
        kind: Tag::new("quiet", icon, word),
        facts,
        texts: texts(&record.body),
        bytes: signed.record.len(),
        record: signed.record.clone(),
        sig: signed.sig.clone(),
        tst: signed.tst.clone().unwrap_or_default(),
        key_valid: entry.key_valid,
    }
}

fn texts(body: &Body) -> Vec<Text> {
    let text = |term: &str, words: &str| Text {
        term: term.to_owned(),
        paragraphs: super::threads::paragraphs(words),
    };
    let mut out = match body {
        Body::Comment(c) => vec![text(if c.blocking { "Question" } else { "Comment" }, &c.text)],
        Body::Answer(r) => vec![text("Answer", &r.text)],
        Body::Resolve(r) => vec![text("Closing word", &r.text)],
        Body::Submit(s) => {
            let answers = s.answers.iter().map(|a| text(&format!("Answer to {}", a.finding), &a.how));
            let notes = s.notes.iter().map(|n| text(&format!("Change note on {}", n.section), &n.text));
            answers.chain(notes).collect()
        }
        Body::Decide(d) => {
            let conditions = d.conditions.iter().map(|c| text(&format!("Condition {}", c.id), &c.text));
            let findings = d.findings.iter().flat_map(|f| {
                [
                    text(&format!("Finding {} on {}", f.id, f.section), &f.concern),
                    text(&format!("What would make {} approvable", f.section), &f.required),
                ]
            });
            let question = d.question.iter().map(|q| text(&format!("Question on {}", q.section), &q.text));
            conditions.chain(findings).chain(question).collect()
        }
        _ => body.reason().map(|reason| text("Reason", reason)).into_iter().collect(),
    };
    out.retain(|t| !t.paragraphs.is_empty());
    out
}
