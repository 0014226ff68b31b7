//! The export page: what the file says that leaves the repository, and how whoever keeps it can check it.

use super::certificate::{self, Command, Force, Issued};
use super::exported::{self, Row};
use super::{Banner, Fact, Frame, Index, Link};
use crate::digest::{hex, sha256};
use crate::dossier::Dossier;
use crate::export::{Document, ExportError, FORMAT, Head};
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
        rows: exported::rows(index, &paper.document, force),
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
