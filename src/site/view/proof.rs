//! What a certificate's page carries so that a browser can check it with nothing else at hand: the signed
//! bytes of every record the certificate stands on, the records that say whose the keys are, and the
//! MANIFEST that was signed.

use super::Index;
use crate::digest::RecordId;
use crate::dossier::Dossier;
use crate::record::{Body, Certified, Entry, PeopleChange};
use crate::site::address::{self, SitePath};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The data and the script that reads them.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Proof {
    /// Address of the script.
    pub script: String,
    /// JSON, read by the script as text; nothing in it can run.
    pub data: String,
    /// Where the files of the certified revision lie in the repository.
    pub folder: String,
}

#[derive(Serialize)]
struct Data<'a> {
    certificate: RecordId,
    repository: String,
    root_of_trust: RecordId,
    manifest: String,
    records: Vec<One<'a>>,
}

#[derive(Serialize)]
struct One<'a> {
    id: RecordId,
    seq: u64,
    record: &'a str,
    sig: &'a str,
}

impl Proof {
    /// `None` when the frozen files of the revision cannot be read: there is nothing to hold the digest to.
    pub(crate) fn new(
        index: &Index<'_>,
        dossier: &Dossier,
        path: &SitePath,
        entry: &Entry,
        certified: &Certified,
        revision: u32,
    ) -> Option<Proof> {
        let frozen = dossier.revisions.iter().find(|r| r.number == revision)?;
        let mut wanted = BTreeSet::from([entry.id()]);
        for step in &certified.steps {
            wanted.extend(step.decisions.iter().map(|d| d.record));
            wanted.extend(&step.overrides);
        }
        wanted.extend(certified.conditions.iter().map(|c| c.record));
        for round in &certified.rounds {
            wanted.insert(round.submission);
            wanted.extend(&round.rejections);
        }
        let mut shown: BTreeMap<u64, &Entry> =
            wanted.iter().filter_map(|id| index.entry(id)).map(|e| (e.seq, e)).collect();
        with_enrolments(index, &mut shown);
        let data = Data {
            certificate: entry.id(),
            repository: index.register.repository.to_string(),
            root_of_trust: index.register.root_of_trust,
            manifest: frozen.package.manifest.text(),
            records: shown.values().map(|e| one(e)).collect(),
        };
        Some(Proof {
            script: address::href(&path.root(), &index.verifier, ""),
            data: serde_json::to_string(&data).expect("ids, numbers and strings"),
            folder: format!("packages/{}/revisions/{revision}", dossier.id),
        })
    }
}

fn one(entry: &Entry) -> One<'_> {
    let signed = entry.verified.signed();
    One { id: entry.id(), seq: entry.seq, record: &signed.record, sig: &signed.sig }
}

/// Adds the records by which the keys of what is shown were enrolled, back to the first one. An enrolment
/// lies before what the key signed, so one walk from the end finds them all.
fn with_enrolments<'a>(index: &Index<'a>, shown: &mut BTreeMap<u64, &'a Entry>) {
    let mut keys: BTreeSet<String> = shown.values().map(|e| e.record().signer.key.to_string()).collect();
    for entry in index.exporter.people().rev() {
        let Body::People(changes) = &entry.record().body else { continue };
        let enrols = changes.iter().any(|change| match change {
            PeopleChange::Enrol { key, .. } | PeopleChange::AddKey { key, .. } => {
                keys.contains(&key.fingerprint().to_string())
            }
            _ => false,
        });
        if enrols {
            keys.insert(entry.record().signer.key.to_string());
            shown.insert(entry.seq, entry);
        }
    }
}
