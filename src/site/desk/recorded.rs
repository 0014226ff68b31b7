//! Step 3 of the ceremony: what was recorded, what it means, what it does not mean, who is next.

use super::check::decided;
use super::package::eyebrow_of;
use super::{Reviewer, home};
use crate::digest::RecordId;
use crate::engine::PackageState;
use crate::record::Body;
use crate::site::address;
use crate::site::render::View;
use crate::site::view::panels;
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
    /// The passage it is about.
    pub quote: String,
    pub said: Vec<String>,
    pub facts: Vec<Fact>,
    /// What is missing now, and whom it waits for.
    pub next: Vec<(String, String)>,
    pub links: Vec<Link>,
    pub shelf: ShelfView,
}

impl View for RecordedView {
    const TEMPLATE: &'static str = "agent-recorded.html";
}

/// Where a record lies in Git, as far as this copy of the repository knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shelf {
    /// The branch that is checked out; none when there is no Git here, or no branch.
    pub branch: Option<String>,
    /// True if there is a Git work tree at all.
    pub git: bool,
    /// The files of the record, as a commit would take them.
    pub files: Vec<String>,
    /// True if they are committed as they are.
    pub committed: bool,
    /// Where the branch is sent: the name of the remote, and of the branch there.
    pub upstream: Option<(String, String)>,
    /// True if the files are there, as they are.
    pub sent: bool,
    /// Commits that are not there yet.
    pub ahead: usize,
    /// Why the last try failed, if it did.
    pub failed: Option<ShelfFailure>,
}

/// What Git would not do, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfFailure {
    /// Commit the record.
    Commit(String),
    /// Send the branch.
    Push(String),
}

/// What to do with the record in Git.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ShelfView {
    pub heading: &'static str,
    pub lines: Vec<String>,
    /// What failed, and what that means.
    pub failed: &'static str,
    /// What Git said.
    pub said: String,
    pub help: &'static str,
    pub commands: String,
    /// `commit` or `push`.
    pub act: &'static str,
    /// The words on the button; empty when there is nothing to do.
    pub button: String,
    pub record: String,
    pub ticket: String,
}

fn shelf(reviewer: &Reviewer, id: &RecordId, pending: bool, shelf: &Shelf) -> ShelfView {
    let branch = shelf.branch.clone().unwrap_or_default();
    let files = match shelf.files.len() {
        0 | 1 => "the record",
        _ => "the record and the frozen revision",
    };
    let commands = format!("git add -- {0}\ngit commit --only -- {0}\n", shelf.files.join(" "));
    let mut view = ShelfView {
        heading: "Recorded on this computer, not yet with the others",
        lines: Vec::new(),
        failed: "",
        said: String::new(),
        help: "",
        commands: String::new(),
        act: "commit",
        button: String::new(),
        record: id.to_string(),
        ticket: reviewer.ticket.clone(),
    };
    match &shelf.failed {
        Some(ShelfFailure::Commit(said)) if !shelf.committed => {
            view.failed =
                "It could not be committed. Your record is signed and kept; only the commit is missing.";
            view.help = "Try again once the cause is mended. You do not sign again.";
            view.said.clone_from(said);
        }
        Some(ShelfFailure::Push(said)) if !shelf.sent => {
            view.failed = "It could not be sent. Your record is signed, kept and committed on this computer; it is not yet posted.";
            view.help = refused(said);
            view.said.clone_from(said);
        }
        _ => {}
    }
    if !pending {
        view.heading = "It is in the ledger";
        view.lines
            .push("It reaches the others with the branch it is on. Nothing more is asked of you.".to_owned());
    } else if !shelf.git {
        view.lines.push(format!(
            "This folder is not under Git. Hand {files} (see where it is, above) to whoever keeps the repository; the \
             signature is in it."
        ));
    } else if let (true, Some((remote, there))) = (shelf.committed, &shelf.upstream) {
        if shelf.sent {
            view.heading = "Sent";
            view.lines.push(format!(
                "It is on the branch {there} of {remote}: {files}. Open or update its pull request if there is one. Nothing \
                 more is asked of you."
            ));
        } else {
            view.heading = "Committed, not yet sent";
            let more = match shelf.ahead {
                0 | 1 => String::new(),
                n => format!(
                    " The branch has {} that {remote} does not have; all of them are sent.",
                    words::count(n, "commit")
                ),
            };
            view.lines.push(format!(
                "It is committed on the branch {branch}: {files}. Send the branch to {remote}, and the others see \
                 it.{more} Nothing more is asked of your key."
            ));
            view.commands = "git push\n".to_owned();
            view.act = "push";
            view.button = format!("Send it to {remote} (git push)");
        }
    } else if shelf.committed {
        view.heading = "Committed, not yet sent";
        view.lines.push(format!(
            "It is committed on the branch {branch}: {files}. Push the branch and open or update its pull request; then \
             the others see it. Nothing more is asked of your key."
        ));
        view.commands = "git push\n".to_owned();
    } else if shelf.branch.is_none() {
        view.lines.push(
            "No branch is checked out here, so nothing is committed for you. Check one out, then:".to_owned(),
        );
        view.commands = commands;
    } else {
        view.lines.push(format!(
            "Commit {files} on the branch {branch}, then push the branch and open a pull request. The button commits \
             exactly that and nothing else; it never pushes."
        ));
        view.commands = commands;
        view.button = format!("Commit it on {branch}");
    }
    view
}

/// What to do when a branch was not taken, as far as Git's words say why.
fn refused(said: &str) -> &'static str {
    if said.contains("fetch first") || said.contains("non-fast-forward") {
        "Somebody else sent something to this branch before you. Fetch it and put your commits on top (git pull --rebase), \
         then send again. You do not sign again."
    } else if said.contains("hook declined") || said.contains("protected") {
        "Whoever keeps the repository does not let this branch be changed directly. Push to a branch of your own and open \
         a pull request, or ask them. You do not sign again."
    } else {
        "Try again once the cause is mended. You do not sign again."
    }
}

pub(crate) fn page(
    index: &Index<'_>,
    reviewer: &Reviewer,
    id: &RecordId,
    lies: &Shelf,
) -> Option<RecordedView> {
    let entry = index.entry(id)?;
    let record = entry.record();
    let dossier = match record.package() {
        Some(id) => Some(index.register.packages.get(id)?),
        None => None,
    };
    let path = address::ceremony(record.package(), "recorded.html");
    let root = path.root();
    let what = match &record.body {
        Body::Decide(decide) => words::decision(decide.decision, decide.conditions.len()).0,
        _ => decided(record),
    };
    let heading = format!("Recorded: {}", what.to_lowercase());
    let mut frame = index.frame(&path, heading.clone());
    frame.crumbs = vec![Link::new(address::href(&root, &address::awaiting(), ""), "Your reviews")];
    frame.crumbs.extend(dossier.map(|_| Link::new("index.html", "The package")));
    frame.printed = format!("countersign \u{b7} record {}", words::ends(id));
    let fate = dossier.and_then(|d| d.outcome.fates.iter().find(|f| f.id == *id));
    let mut banners = Vec::new();
    if let Some(dossier) = dossier.filter(|d| d.outcome.state != PackageState::Certified)
        && matches!(record.body, Body::Decide(_) | Body::Confirm(_))
    {
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
    let mut facts = vec![Fact::hash("Record", id)];
    if let Some(principal) = &record.signer.acting_for {
        facts.push(Fact::new("In the place of", index.name(principal)));
    }
    if let Some(subject) = &record.subject {
        facts.push(Fact::new("Package", format!("{}, revision {}", subject.package, subject.revision)));
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
    facts.push(Fact::new("Signed with", panels::sentence(words::unlock(record.ceremony.unlock))));
    facts.push(if entry.pending {
        Fact::mono("Where it is", format!("chains/pending/{id}.json"))
    } else {
        Fact::new("Where it is", format!("Ledger entry {}", entry.seq))
    });
    if let Some(dossier) = dossier {
        facts.push(Fact::new("State of the package", words::state(dossier.outcome.state).word));
    }
    let mut links = vec![Link::new(address::href(&root, &address::awaiting(), ""), "What awaits you next")];
    links.extend(dossier.map(|_| Link::new("index.html#decisions", "The package with your record")));
    links.push(Link::new(
        address::href(&root, &address::segment(entry.seq), &format!("entry-{}", entry.seq)),
        "The ledger entry with its exact bytes",
    ));
    let next = dossier
        .iter()
        .flat_map(|d| &d.outcome.advice)
        .map(|a| (home::sentence(&a.missing), words::list(&index.names(&a.who))))
        .collect();
    Some(RecordedView {
        eyebrow: eyebrow_of(index, dossier),
        shelf: shelf(reviewer, id, entry.pending, lies),
        lede: format!("{}.", crate::record::wording::event(record)),
        heading,
        banners,
        quote: match &record.body {
            Body::Comment(comment) => comment.anchor.as_ref().map(|a| a.quote.clone()).unwrap_or_default(),
            _ => String::new(),
        },
        said: paragraphs(said(&record.body)),
        by: Signature::new(&root, entry),
        facts,
        next,
        links,
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
