//! The export page: what the file says that leaves the repository, and how whoever keeps it can check it.

use super::certificate::{self, Command, Force, Issued};
use super::{Banner, Fact, Frame, Index, Link};
use crate::digest::{hex, sha256};
use crate::dossier::Dossier;
use crate::export::{Document, End, ExportError, FORMAT, Head, Reviewer};
use crate::record::{CertifiedCondition, ConditionEnd, Decision};
use crate::site::address::{self, SitePath};
use crate::site::render::View;
use crate::site::words;
use crate::text::Sources;
use serde::Serialize;
use std::sync::OnceLock;

/// The document of one package. It is printed only when its page or its file has changed, and once for both.
pub(crate) struct Paper<'a> {
    pub document: Document<'a>,
    printed: OnceLock<Vec<u8>>,
}

impl<'a> Paper<'a> {
    pub(crate) fn new(document: Document<'a>) -> Paper<'a> {
        Paper { document, printed: OnceLock::new() }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.printed.get_or_init(|| self.document.print())
    }
}

/// The whole page.
#[derive(Serialize)]
pub(crate) struct ExportView<'a> {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: String,
    pub stamp: &'static str,
    pub banners: Vec<Banner>,
    pub file: Option<FileView<'a>>,
    /// Why there is no file.
    pub missing: String,
    pub schema: Link,
    pub format: &'static str,
    pub changes: Vec<String>,
    pub certificate: Link,
    pub package: Link,
}

/// The file, and what it says.
#[derive(Serialize)]
pub(crate) struct FileView<'a> {
    pub link: Link,
    pub facts: Vec<Fact>,
    pub rows: Vec<Row>,
    pub commands: Vec<Command>,
    /// Stands for the bytes in the key of the page.
    key: String,
    #[serde(skip)]
    paper: &'a Paper<'a>,
    #[serde(skip)]
    id: String,
}

/// One field of the document.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Row {
    pub field: &'static str,
    pub says: &'static str,
    pub values: Vec<Value>,
}

/// What a field says here.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Value {
    pub text: String,
    /// `hash` for hex, `mono` for addresses, else empty.
    pub class: &'static str,
}

impl View for ExportView<'_> {
    const TEMPLATE: &'static str = "export.html";

    fn fill(&mut self, _sources: &dyn Sources) -> bool {
        if let Some(file) = &mut self.file {
            let bytes = file.paper.bytes();
            let sum = hex(&sha256(bytes));
            file.facts.extend([
                Fact::new("Size", size(bytes.len())),
                Fact { class: "hash whole", ..Fact::new("SHA-256", sum.clone()) },
            ]);
            file.commands = commands(&file.link.text, &sum, &file.id);
        }
        true
    }
}

/// The page of the export; `None` when no certificate was ever issued: then there is nothing to export, and
/// nothing leads here.
pub(crate) fn page<'a>(
    index: &Index<'_>,
    dossier: &Dossier,
    path: &SitePath,
    paper: Result<&'a Paper<'a>, &ExportError>,
) -> Option<ExportView<'a>> {
    let issued = certificate::issued(index, dossier)?;
    let Issued { found, entry, certified, title, heading, .. } = &issued;
    let root = path.root();
    let mut frame = index.frame(path, format!("Export: {heading}"));
    let package = address::href(&root, &address::package(&dossier.id), "");
    let record = address::href(&root, &address::certificate(&dossier.id), "");
    frame.crumbs = vec![
        Link::new(frame.home.clone(), "All models"),
        Link::new(package.clone(), title.clone()),
        Link::new(record.clone(), "Certificate"),
    ];
    frame.printed = format!(
        "countersign export of certificate {} \u{b7} {} revision {} \u{b7} sha256 {}",
        words::ends(&entry.id()),
        dossier.id,
        found.revision,
        words::ends(&certified.digest)
    );
    frame.footer = vec![
        format!("Export of package {}, revision {}", dossier.id, found.revision),
        format!("Record {}", words::ends(&entry.id())),
    ];
    let force = Force::of(index, dossier, found);
    if force != Force::Holds {
        frame.title = format!("{}: {}", force.stamp(), frame.title);
        frame.printed = format!("{}, NOT IN FORCE \u{b7} {}", force.stamp().to_uppercase(), frame.printed);
    }
    let schema = address::href(&root, &address::schema(), "");
    let (file, missing) = match paper {
        Ok(paper) => (Some(file(index, dossier, paper, force, &root)), String::new()),
        Err(why) => (None, none(why)),
    };
    Some(ExportView {
        eyebrow: format!("Export of the approval record of package {}", dossier.id),
        heading: heading.clone(),
        stamp: force.stamp(),
        banners: certificate::banners(index, &root, dossier, found, force),
        changes: paper.map_or(Vec::new(), |p| changes(&p.document.head, &dossier.id.to_string())),
        file,
        missing,
        schema: Link::new(schema, "certificate.schema.json"),
        format: FORMAT,
        certificate: Link::new(record, "Read the certificate"),
        package: Link::new(package, "Read the package"),
        frame,
    })
}

fn file<'a>(
    index: &Index<'_>,
    dossier: &Dossier,
    paper: &'a Paper<'a>,
    force: Force,
    root: &str,
) -> FileView<'a> {
    let to = address::document(&dossier.id, paper.document.head.package.revision);
    let name = to.as_str().rsplit('/').next().unwrap_or_default().to_owned();
    FileView {
        facts: vec![Fact { class: "mono", ..Fact::new("File", name.clone()) }],
        link: Link::new(address::href(root, &to, ""), name),
        rows: rows(index, &paper.document, force),
        commands: Vec::new(),
        key: hex(&paper.document.key()),
        paper,
        id: dossier.id.to_string(),
    }
}

/// Why there is no file, and what comes next.
fn none(why: &ExportError) -> String {
    match why {
        ExportError::NotAppended(_) => {
            "The certificate has no place in the ledger yet. The file appears here as \
             soon as it has."
                .to_owned()
        }
        ExportError::Broken(what) => format!(
            "The ledger or a file of this repository does not hold, so nothing is exported from it until that is \
             explained. What was found first: {what}."
        ),
        _ => "There is no certificate to give evidence of.".to_owned(),
    }
}

/// `84,113 bytes (82 KiB)`.
fn size(bytes: usize) -> String {
    let digits = bytes.to_string();
    let mut exact = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            exact.push(',');
        }
        exact.push(digit);
    }
    match bytes {
        0..1024 => format!("{exact} bytes"),
        _ => format!("{exact} bytes ({})", words::size(bytes as u64)),
    }
}

fn text(text: impl Into<String>) -> Value {
    Value { text: text.into(), class: "" }
}

fn hash(of: &impl std::fmt::Display) -> Value {
    Value { text: words::grouped(of), class: "hash" }
}

fn mono(text: impl Into<String>) -> Value {
    Value { text: text.into(), class: "mono" }
}

/// The fields as somebody reads a record: what was decided, on what, by whom, and where it can be found.
fn rows(index: &Index<'_>, document: &Document<'_>, force: Force) -> Vec<Row> {
    let head = &document.head;
    let row = |field, says, values| Row { field, says, values };
    let (issued, model, ledger) = (&head.issued, &head.model, &head.ledger);
    let mut out = vec![
        row("state", "The outcome that was certified", outcome(head, force)),
        row("review_by", "The last day on which it holds", vec![text(until(head, force))]),
        row("ended", "What took it out of force before that day", ended(head, force)),
        row("model", "The model version", {
            let mut values = vec![text(format!("{} {}", model.name, model.version))];
            values.extend(model.registry.as_ref().map(|uri| mono(uri.clone())));
            let artifact = model.artifact.as_deref().map(|a| a.strip_prefix("sha256:").unwrap_or(a));
            values.extend(artifact.map(|a| hash(&a)));
            values
        }),
        row("package", "The documentation that was reviewed, with the SHA-256 of its MANIFEST", {
            let package = &head.package;
            vec![text(format!("{}, revision {}", package.id, package.revision)), hash(&package.sha256)]
        }),
        row("chain", "The approval chain it went through, with the SHA-256 of its file", {
            vec![text(head.chain.id.to_string()), hash(&head.chain.sha256)]
        }),
        row(
            "reviewers",
            "Each decision that counted, with the sentence that was signed, the key and the record",
            head.reviewers.iter().map(|r| reviewer(index, r)).collect(),
        ),
        row("conditions", "The terms, word for word, each with the record that set it", conditions(head)),
        row("rounds", "Each revision that was submitted, with the rejections it met", {
            let round = |r: &crate::record::CertifiedRound| {
                let met = match r.rejections.len() {
                    0 => "no rejection".to_owned(),
                    n => words::count(n, "rejection"),
                };
                text(format!("Revision {}: {met}", r.revision))
            };
            head.rounds.iter().map(round).collect()
        }),
        row("issued", "Who signed the certificate, when, with which key", {
            vec![text(format!("{}, {}", issued.name, issued.at.human())), mono(issued.key.to_string())]
        }),
        row("ledger", "Where the certificate stands in the hash chain", {
            vec![
                text(format!("Entry {}. Its hash:", ledger.index)),
                hash(&ledger.entry),
                text("Hash of the entry before:"),
                hash(&ledger.previous),
                text(format!("Root over the first {}:", words::count(size_of(ledger.size), "line"))),
                hash(&ledger.root),
            ]
        }),
        row("records", "Every signed record behind all this, word for word, with its signature", {
            let (all, own) = (document.records.len(), document.about_package());
            vec![
                text(format!("{} about this package", words::count(own, "record"))),
                text(format!("{} about people and their keys", words::count(all - own, "record"))),
            ]
        }),
        row("format", "Name and version of the form", vec![mono(head.format)]),
    ];
    if let Some(id) = &head.supersedes {
        let replaced =
            row("supersedes", "The certificate of another package that this one replaces", vec![hash(id)]);
        out.insert(3, replaced);
    }
    out
}

fn size_of(n: u64) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

fn outcome(head: &Head, force: Force) -> Vec<Value> {
    let said = match head.state.as_str() {
        "approved" => "Approved",
        "approved_with_conditions" => "Approved with conditions",
        "approved_by_override" => "Approved by override: a step was set aside, and nobody approved it",
        other => other,
    };
    let mut out = vec![text(said)];
    if force != Force::Holds {
        out.push(text("That is what was certified then. It is not in force now."));
    }
    out
}

fn until(head: &Head, force: Force) -> String {
    match head.review_by {
        None => "Not in the file: the chain sets no day".to_owned(),
        Some(day) if force == Force::Expired => format!("{} (has passed)", day.human()),
        Some(day) => day.human(),
    }
}

fn ended(head: &Head, force: Force) -> Vec<Value> {
    let Some(ended) = &head.ended else {
        return vec![text(match force {
            Force::Revoked | Force::Superseded => {
                "Not in the file yet: the record that did it waits to be appended to the ledger"
            }
            _ => "Not in the file: it was neither revoked nor replaced",
        })];
    };
    let how = match ended.how {
        End::Revoked => "Revoked",
        End::Superseded => "Replaced by the certificate of another package",
    };
    vec![text(format!("{how}, {}, by {}", ended.at.human(), ended.name)), hash(&ended.record)]
}

fn reviewer(index: &Index<'_>, r: &Reviewer) -> Value {
    let seat =
        r.acting_for.as_ref().map_or(String::new(), |id| format!(" in the seat of {}", index.name(id)));
    let decision = match r.decision {
        Decision::Approve => "approved",
        _ => "abstained",
    };
    text(format!("{}, {}{seat}: {decision}, {}", r.name, words::role(&r.role), r.at.human()))
}

fn conditions(head: &Head) -> Vec<Value> {
    let one = |c: &CertifiedCondition| {
        let due = c.condition.due.map_or(String::new(), |day| format!(", due {}", day.human()));
        let state = match c.state {
            Some(ConditionEnd::Verified) => ", met and checked before the certificate",
            Some(ConditionEnd::Waived) => ", dropped before the certificate by those who set it",
            None => "",
        };
        text(format!("{}{due}{state}: {}", c.condition.id, c.condition.text))
    };
    match head.conditions.as_slice() {
        [] => vec![text("None")],
        all => all.iter().map(one).collect(),
    }
}

/// Checks that need nothing of ours, and two that do. The first one names the file for all of them.
fn commands(name: &str, sum: &str, id: &str) -> Vec<Command> {
    let keys = r#".records[] | select(.kind == "people") | .record | fromjson | .changes[]
  | select(.op == "enrol" or .op == "add_key") | "\(.person) namespaces=\"countersign-record\" \(.key)""#;
    vec![
        Command {
            shows: "The copy you have is the file that is offered here.",
            text: format!("f={name}\necho \"{sum}  $f\" | sha256sum -c"),
        },
        Command {
            shows: "Every record in it was signed with the key of the person it names. Each line must say Good.",
            text: format!(
                "jq -r '{keys}' $f > allowed_signers\n\
                 for n in $(jq '.records | keys[]' $f); do\n  \
                   jq -j \".records[$n].record\" $f > record.json\n  \
                   jq -j \".records[$n].signature\" $f > record.sig\n  \
                   ssh-keygen -Y verify -f allowed_signers -I \"$(jq -r .signer.person record.json)\" \\\n    \
                     -n countersign-record -s record.sig < record.json\ndone"
            ),
        },
        Command {
            shows: "What it says of the outcome is what the issuer signed. The answer must be true.",
            text: "jq '(.issued.record as $id | .records[] | select(.id == $id) | .record | fromjson) as $signed\n  \
                     | [.state, .review_by, .conditions, .package.sha256, .chain.sha256]\n    \
                       == ($signed.outcome | [.state, .review_by, .conditions, .digest, .chain])' $f"
                .to_owned(),
        },
        Command {
            shows: "In a copy of the repository: the ledger holds, and the file drawn up anew has the same bytes.",
            text: format!(
                "countersign verify\ncountersign export {id} --format json --out again.json\ncmp again.json $f"
            ),
        },
        Command {
            shows: "The same with the files of the package and the whole chain of hashes, to keep and to check without \
                    countersign.",
            text: format!("countersign export {id} --format bundle --out evidence\nsh evidence/verify.sh"),
        },
    ]
}

/// What becomes of the file when something happens.
fn changes(head: &Head, id: &str) -> Vec<String> {
    let runs_out = head.review_by.map(|day| {
        format!("After {} the certificate has run out. The file itself does not change by that.", day.human())
    });
    let others = [
        "When the certificate is revoked, or replaced by one of another package, the file is drawn up anew. Its field \
         “ended” then names the record that did it, and this page says so in front."
            .to_owned(),
        "When a newer revision of this package is certified, that one is offered here in place of this one. This one \
         stays in the history of the repository."
            .to_owned(),
        "A new record about this package, or about people and their keys, is added to the file, so its SHA-256 changes. \
         What happens to other packages does not change it."
            .to_owned(),
        format!(
            "A copy that was archived is not called back by any of this. Before relying on one, look here again, or ask: \
             countersign status {id}"
        ),
    ];
    runs_out.into_iter().chain(others).collect()
}
