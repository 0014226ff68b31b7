//! Step 3 of the ceremony: what was recorded, what it means, what it does not mean, who is next.

use super::check::decided;
use super::package::eyebrow;
use super::{Reviewer, home};
use crate::digest::RecordId;
use crate::engine::PackageState;
use crate::record::Body;
use crate::site::address;
use crate::site::render::View;
use crate::site::view::threads::paragraphs;
use crate::site::view::{Banner, Fact, Frame, Index, Link, Signature};
use crate::site::words;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct RecordedView {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: String,
    pub lede: String,
    pub banners: Vec<Banner>,
    pub by: Signature,
    pub said: Vec<String>,
    pub facts: Vec<Fact>,
    /// What is missing now, and whom it waits for.
    pub next: Vec<(String, String)>,
    pub links: Vec<Link>,
}

impl View for RecordedView {
    const TEMPLATE: &'static str = "agent-recorded.html";
}

pub(crate) fn page(index: &Index<'_>, _: &Reviewer, id: &RecordId) -> Option<RecordedView> {
    let entry = index.entry(id)?;
    let record = entry.record();
    let dossier = record.package().and_then(|id| index.register.packages.get(id))?;
    let path = address::ceremony(&dossier.id, "recorded.html");
    let root = path.root();
    let what = match &record.body {
        Body::Decide(decide) => words::decision(decide.decision, decide.conditions.len()).0,
        _ => decided(record),
    };
    let heading = format!("Recorded: {}", what.to_lowercase());
    let mut frame = index.frame(&path, heading.clone());
    frame.crumbs = vec![
        Link::new(address::href(&root, &address::awaiting(), ""), "Your reviews"),
        Link::new("index.html", "The package"),
    ];
    frame.printed = format!("countersign \u{b7} record {}", words::ends(id));
    let fate = dossier.outcome.fates.iter().find(|f| f.id == *id);
    let mut banners = Vec::new();
    let state = dossier.outcome.state;
    let words_of = words::state(state);
    let in_force = matches!(state, PackageState::Certified);
    if matches!(record.body, Body::Decide(_)) && !in_force {
        let left: Vec<String> =
            dossier.outcome.steps.iter().filter(|s| !s.state.passed()).map(|s| s.title.clone()).collect();
        let left = if left.is_empty() {
            " The certificate has not been issued yet.".to_owned()
        } else {
            format!(" Steps that have not passed: {}.", words::list(&left))
        };
        banners.push(Banner {
            tone: "info",
            heading: "The model is not yet approved for deployment".to_owned(),
            text: format!("What this does not mean: your signature alone releases nothing.{left}"),
            items: Vec::new(),
            link: None,
        });
    }
    if let Some(fate) = fate
        && let Some(what) = words::fate(fate.code).filter(|_| !words::in_effect(fate.code))
    {
        banners.push(Banner {
            tone: "warn",
            heading: what.to_owned(),
            text: home::sentence(&fate.note),
            items: Vec::new(),
            link: None,
        });
    }
    let mut facts = vec![
        Fact::hash("Record", id),
        Fact::new("Package", format!("{}, revision {}", dossier.id, record.revision().unwrap_or(0))),
    ];
    if let Some(subject) = &record.subject {
        facts.push(Fact::hash("Package fingerprint (SHA-256)", &subject.digest));
    }
    facts.push(Fact::new(
        "Signature",
        if entry.key_valid {
            "Good: it verifies with your enrolled key"
        } else {
            "It verifies, but the key is not valid any more"
        },
    ));
    facts.push(Fact::mono("Key", record.signer.key.to_string()));
    facts.push(Fact::new("Signed with", words::unlock(record.ceremony.unlock)));
    facts.push(if entry.pending {
        Fact::mono("Where it is", format!("chains/pending/{id}.json"))
    } else {
        Fact::new("Where it is", format!("Ledger entry {}", entry.seq))
    });
    facts.push(Fact::new("State of the package", words_of.word));
    let next = dossier
        .outcome
        .advice
        .iter()
        .map(|a| (home::sentence(&a.missing), words::list(&index.names(&a.who))))
        .collect();
    Some(RecordedView {
        eyebrow: eyebrow(dossier),
        lede: format!("{}.", crate::record::wording::event(record)),
        heading,
        banners,
        said: paragraphs(said(&record.body)),
        by: Signature::new(&root, entry),
        facts,
        next,
        links: vec![
            Link::new(address::href(&root, &address::awaiting(), ""), "What awaits you next"),
            Link::new("index.html#decisions", "The package with your record"),
            Link::new(
                address::href(&root, &address::segment(entry.seq), &format!("entry-{}", entry.seq)),
                "The ledger entry with its exact bytes",
            ),
        ],
        frame,
    })
}

/// The words that were signed besides the meaning, where a record has some of its own.
fn said(body: &Body) -> &str {
    match body {
        Body::Comment(comment) => &comment.text,
        Body::Answer(reply) | Body::Resolve(reply) => &reply.text,
        _ => body.reason().unwrap_or_default(),
    }
}
