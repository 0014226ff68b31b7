//! What changed between two revisions: answers to findings first, then a redline, section by section.

use super::files::Files;
use super::threads::{Message, Window};
use super::{Banner, Fact, Frame, Index, Link, Tag, figures, invalid};
use crate::dossier::Dossier;
use crate::engine::Revision;
use crate::id::SectionId;
use crate::package::Package;
use crate::record::Body;
use crate::site::address::{self, SitePath};
use crate::site::redline::{self, Compared};
use crate::site::render::View;
use crate::site::words;
use crate::text::Sources;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct DiffView {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: String,
    pub lede: Vec<String>,
    pub banners: Vec<Banner>,
    pub findings: Vec<FindingChange>,
    pub summary: Vec<Fact>,
    pub unchanged: Vec<String>,
    pub sections: Vec<SectionDiff>,
    pub fields: Vec<Change>,
    pub hashes: Vec<Fact>,
    pub recorded: String,
    /// What is compared before rendering; the key knows both by digest.
    #[serde(skip)]
    pub pair: Option<redline::Pair>,
}

/// A finding with its answer and whether the sections it names changed.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct FindingChange {
    pub section: String,
    pub message: Message,
    /// Where the change is; empty when nothing changed, which the page says.
    pub changed: Vec<Link>,
}

/// What changed in one section.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SectionDiff {
    #[serde(skip)]
    pub id: SectionId,
    pub number: usize,
    pub anchor: String,
    pub title: String,
    pub counts: String,
    pub note: Vec<String>,
    pub figures: Vec<Change>,
    pub files: Vec<Change>,
    /// The old and the new text, by digest until they are compared.
    pub text: Option<TextChange>,
}

/// The two texts of a section, by digest until they are compared.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TextChange {
    pub old_sha256: String,
    pub new_sha256: String,
    /// Where the new text can be read whole.
    pub whole: Option<Link>,
    /// Filled in before rendering.
    pub compared: Option<Compared>,
}

/// One thing that was added, removed or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Change {
    pub what: String,
    pub kind: Tag,
    pub old: String,
    pub new: String,
    /// `hash` for digests.
    pub class: &'static str,
}

impl View for DiffView {
    const TEMPLATE: &'static str = "diff.html";

    fn fill(&mut self, sources: &dyn Sources) -> bool {
        compare(self.pair.as_ref(), &mut self.sections, sources)
    }
}

/// Compares the texts, so that the words can be shown; false when one is not what its digest says.
pub(crate) fn compare(
    pair: Option<&redline::Pair>,
    sections: &mut [SectionDiff],
    sources: &dyn Sources,
) -> bool {
    let Some(mut compared) = pair.and_then(|pair| redline::compare(pair, sources)) else {
        return false;
    };
    for section in sections {
        if let Some(text) = &mut section.text {
            text.compared = compared.remove(&section.id);
        }
    }
    true
}

/// The diff page of two revisions.
pub(crate) fn page(
    index: &Index<'_>,
    dossier: &Dossier,
    path: &SitePath,
    old: &Revision,
    new: &Revision,
) -> DiffView {
    let root = path.root();
    let (a, b) = (old.package.as_ref(), new.package.as_ref());
    let heading = format!("What changed from revision {} to revision {}", old.number, new.number);
    let mut frame =
        index.frame(path, format!("{heading}: {}, version {}", b.meta.title, b.meta.model.version));
    frame.crumbs = vec![
        Link::new(frame.home.clone(), "All models"),
        Link::new(address::href(&root, &address::package(&dossier.id), ""), b.meta.title.clone()),
    ];
    frame.printed = format!(
        "countersign \u{b7} {} revision {} to {} \u{b7} sha256 {}",
        dossier.id,
        old.number,
        new.number,
        words::ends(&b.digest())
    );
    frame.footer = vec![format!("Package {}, revision {} to {}", dossier.id, old.number, new.number)];
    let submit = index.entries_of(dossier).find_map(|e| match &e.record().body {
        Body::Submit(s) if e.record().revision() == Some(new.number) => Some((e, s)),
        _ => None,
    });
    let notes: BTreeMap<&SectionId, &str> =
        submit.iter().flat_map(|(_, s)| s.notes.iter()).map(|n| (&n.section, n.text.as_str())).collect();
    let ids: Vec<SectionId> = new.chain.sections.iter().map(|s| s.id.clone()).collect();
    let gone = old.chain.sections.iter().filter(|s| !ids.contains(&s.id)).map(|s| s.id.clone());
    let all: Vec<SectionId> = ids.iter().cloned().chain(gone).collect();
    let changed: BTreeSet<&SectionId> =
        all.iter().filter(|id| a.manifest.section_digest(id) != b.manifest.section_digest(id)).collect();
    let title = |id: &SectionId| {
        let section = new.chain.section(id).or_else(|| old.chain.section(id));
        section.map_or(id.to_string(), |s| s.title.clone())
    };
    let pair = Pair { dossier, root: &root, old, new };
    let sections: Vec<SectionDiff> = all
        .iter()
        .enumerate()
        .filter(|(_, id)| changed.contains(id))
        .map(|(at, id)| pair.section(at + 1, id, title(id), notes.get(id).copied().unwrap_or("")))
        .collect();
    let unchanged: Vec<String> = all.iter().filter(|id| !changed.contains(id)).map(title).collect();
    let fields = fields(a, b);
    let window = Window { index, dossier, root: &root, only: None };
    let findings = dossier.outcome.findings.iter().filter(|f| f.revision == old.number).map(|f| {
        let named: Vec<SectionId> = match &f.answer {
            Some((revision, answer)) if *revision == new.number => answer.sections.clone(),
            _ => Vec::new(),
        };
        let package = SectionId::package_itself();
        let links = named.iter().filter(|id| changed.contains(id) || (**id == package && !fields.is_empty()));
        FindingChange {
            section: title(&f.finding.section),
            message: window.finding(f),
            changed: links
                .map(|id| Link::new(format!("#{}", address::section_anchor(id)), title(id)))
                .collect(),
        }
    });
    let recorded = submit.and_then(|(e, s)| {
        // What was signed is the comparison with the revision just before.
        let digest = s.diff.filter(|_| old.number + 1 == new.number)?;
        Some(format!(
            "This comparison is part of the record: its digest {} was signed by {} with the submission of revision {}.",
            words::grouped(&digest), e.record().signer.name, new.number
        ))
    });
    DiffView {
        eyebrow: format!("{}, version {}. Package {}", b.meta.title, b.meta.model.version, dossier.id),
        lede: rejections(index, dossier, old.number),
        banners: invalid(index, &root, dossier).into_iter().collect(),
        findings: findings.collect(),
        summary: vec![
            Fact::new("Sections changed", format!("{} of {}", changed.len(), all.len())),
            Fact::new("Fields of package.toml changed", fields.len().to_string()),
            Fact::new(
                "Approval chain",
                if old.chain.digest == new.chain.digest {
                    "The same".to_owned()
                } else {
                    "Changed: the new revision is judged by another version of the chain".to_owned()
                },
            ),
        ],
        unchanged,
        sections,
        fields,
        hashes: vec![
            Fact::hash(&format!("Revision {} (SHA-256)", old.number), &a.digest()),
            Fact::hash(&format!("Revision {} (SHA-256)", new.number), &b.digest()),
        ],
        recorded: recorded.unwrap_or_default(),
        pair: redline::Pair::new(&dossier.id, old, new),
        heading,
        frame,
    }
}

fn rejections(index: &Index<'_>, dossier: &Dossier, revision: u32) -> Vec<String> {
    let round = dossier.outcome.rounds.iter().find(|r| r.revision == revision);
    let rejections = round.map_or(&[][..], |r| &r.rejections);
    let out: Vec<String> = rejections
        .iter()
        .filter_map(|id| index.entry(id))
        .map(|e| {
            let record = e.record();
            let findings = match &record.body {
                Body::Decide(d) => d.findings.len(),
                _ => 0,
            };
            format!(
                "{} rejected revision {revision} on {} with {}.",
                record.signer.name,
                record.signed_at.human(),
                words::count(findings, "finding")
            )
        })
        .collect();
    if out.is_empty() { vec![format!("Revision {revision} was not rejected.")] } else { out }
}

struct Pair<'a> {
    dossier: &'a Dossier,
    root: &'a str,
    old: &'a Revision,
    new: &'a Revision,
}

impl Pair<'_> {
    fn section(&self, number: usize, id: &SectionId, title: String, note: &str) -> SectionDiff {
        let text = self.text(id);
        let figures = self.figures(id);
        let files = self.files(id);
        let mut counts = Vec::new();
        if text.is_some() {
            counts.push("text changed".to_owned());
        }
        for (n, what) in [(figures.len(), "figure"), (files.len(), "evidence file")] {
            if n > 0 {
                counts.push(format!("{} changed", words::count(n, what)));
            }
        }
        SectionDiff {
            id: id.clone(),
            number,
            anchor: address::section_anchor(id),
            title,
            counts: words::list(&counts),
            note: super::threads::paragraphs(note),
            figures,
            files,
            text,
        }
    }

    fn text(&self, id: &SectionId) -> Option<TextChange> {
        let digest = |revision: &Revision| {
            let facts = revision.package.sections.get(id)?;
            revision.package.manifest.files.iter().find(|f| f.path == facts.path).map(|f| f.digest)
        };
        let (old, new) = (digest(self.old), digest(self.new));
        if old == new {
            return None;
        }
        let current = self.dossier.current().is_some_and(|r| r.number == self.new.number);
        let page = if current {
            address::package(&self.dossier.id)
        } else {
            address::round(&self.dossier.id, self.new.number)
        };
        let whole = address::href(self.root, &page, &address::section_anchor(id));
        let print = |d: Option<crate::digest::FileDigest>| d.map_or(String::new(), |d| d.to_string());
        Some(TextChange {
            old_sha256: print(old),
            new_sha256: print(new),
            whole: self.new.chain.section(id).map(|_| Link::new(whole, "Read the whole section")),
            compared: None,
        })
    }

    fn figures(&self, id: &SectionId) -> Vec<Change> {
        let read = |revision: &Revision| -> BTreeMap<(String, String), String> {
            let figures = revision.package.figures.get(id).map_or(&[][..], Vec::as_slice);
            figures
                .iter()
                .map(|f| {
                    let threshold = revision.chain.thresholds_of(id).find(|t| t.figure == f.id);
                    let label = threshold.map_or(f.id.to_string(), |t| t.label.clone());
                    let bound = threshold.map_or(String::new(), |t| format!(" ({})", figures::bound(t)));
                    ((label, f.group.clone().unwrap_or_default()), format!("{}{bound}", f.value))
                })
                .collect()
        };
        let name = |(label, group): &(String, String)| {
            if group.is_empty() { label.clone() } else { format!("{label}, {group}") }
        };
        changes(&read(self.old), &read(self.new), name, "")
    }

    fn files(&self, id: &SectionId) -> Vec<Change> {
        let read = |revision: &Revision| -> BTreeMap<String, String> {
            let files = Files::new(&self.dossier.id, &revision.package, self.root);
            files.evidence(&revision.package, id).into_iter().map(|f| (f.path, f.sha256)).collect()
        };
        changes(&read(self.old), &read(self.new), |path| path.clone(), "hash")
    }
}

/// The fields of package.toml, flat.
fn fields(a: &Package, b: &Package) -> Vec<Change> {
    let read = |p: &Package| -> BTreeMap<String, String> {
        let (m, mut out) = (&p.meta, BTreeMap::new());
        let mut put = |key: &str, value: String| {
            if !value.is_empty() {
                out.insert(key.to_owned(), value);
            }
        };
        let ids = |ids: &[crate::id::PersonId]| {
            words::list(&ids.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        put("Title", m.title.clone());
        put("Chain", m.chain.to_string());
        put("Owner", m.owner.to_string());
        put("Authors", ids(&m.authors));
        put("Model", m.model.name.clone());
        put("Model version", m.model.version.clone());
        put("Model registry", m.registry.clone().unwrap_or_default());
        put("Model artifact", m.artifact.clone().unwrap_or_default());
        put("Permitted use", m.use_.clone());
        put("Not permitted", m.not_for.clone());
        put("Environments", words::list(&m.environments));
        for (key, value) in &m.meta {
            put(&format!("Field {key}"), value.clone());
        }
        for e in &m.exceptions {
            let until = e.until.map_or(String::new(), |d| format!(" Until {}.", d.human()));
            put(&format!("Exception {}", e.id), format!("{} Control: {}{until}", e.reason, e.control));
        }
        out
    };
    changes(&read(a), &read(b), |key| key.clone(), "")
}

fn changes<K: Ord>(
    old: &BTreeMap<K, String>,
    new: &BTreeMap<K, String>,
    name: impl Fn(&K) -> String,
    class: &'static str,
) -> Vec<Change> {
    let keys: BTreeSet<&K> = old.keys().chain(new.keys()).collect();
    let differing = keys.into_iter().filter(|k| old.get(k) != new.get(k));
    differing
        .map(|k| {
            let kind = match (old.get(k), new.get(k)) {
                (None, _) => Tag::new("info", "plus", "Added"),
                (_, None) => Tag::new("info", "dash", "Removed"),
                _ => Tag::new("info", "change", "Changed"),
            };
            let text = |side: &BTreeMap<K, String>| side.get(k).cloned().unwrap_or_default();
            Change { what: name(k), kind, old: text(old), new: text(new), class }
        })
        .collect()
}
