//! Collects what was certified, and checks every byte of it against its digest once more: between the
//! register and now the disk may have changed.

use super::ExportError;
use crate::digest::{ChainDigest, FileDigest, RecordId, sha256};
use crate::dossier::Register;
use crate::engine::{FateCode, Revision};
use crate::id::{ChainId, PackageId};
use crate::ledger::{LEDGER, Ledger, PEOPLE};
use crate::record::{Body, Certified, Entry, Record};
use crate::text::{RepoPath, Sources};
use std::collections::BTreeMap;

/// What was certified, with everything it rests on.
pub(super) struct Gathered<'a> {
    pub register: &'a Register,
    pub package: PackageId,
    /// The certified revision.
    pub revision: &'a Revision,
    /// The chain it pinned.
    pub chain: (ChainId, ChainDigest),
    /// The certificate's entry.
    pub certificate: &'a Entry,
    /// The frozen outcome inside it.
    pub outcome: &'a Certified,
    /// Records about the package and about people, in ledger order.
    pub entries: Vec<&'a Entry>,
    /// Fates of the records about the package.
    pub fates: BTreeMap<RecordId, FateCode>,
    /// Frozen files, relative to the revision's folder, in MANIFEST order.
    pub files: Vec<(RepoPath, Vec<u8>)>,
    /// The pinned chain file.
    pub chain_toml: Vec<u8>,
    /// The whole ledger file.
    pub ledger: Vec<u8>,
    /// The people file.
    pub people: Vec<u8>,
}

impl Gathered<'_> {
    /// The certificate's record.
    pub fn record(&self) -> &Record {
        self.certificate.record()
    }
}

fn broken(message: impl Into<String>) -> ExportError {
    ExportError::Broken(message.into())
}

/// Collects and checks.
pub(super) fn gather<'a>(
    register: &'a Register,
    package: &PackageId,
    sources: &dyn Sources,
) -> Result<Gathered<'a>, ExportError> {
    let dossier = register.packages.get(package).ok_or_else(|| ExportError::NoPackage(package.clone()))?;
    if let Some(first) = register.ledger.breaks.first() {
        return Err(broken(format!("{}: {}", first.path, first.message)));
    }
    let outcome = &dossier.outcome;
    let not_certified = || ExportError::NotCertified {
        package: package.clone(),
        state: outcome.state.words().to_owned(),
        missing: outcome.advice.clone(),
    };
    let certificate = outcome.certificate.as_ref().ok_or_else(not_certified)?;
    if matches!(
        outcome.state,
        crate::engine::PackageState::IntegrityError | crate::engine::PackageState::Error
    ) {
        return Err(broken(format!("package {package} is {}", outcome.state.words())));
    }
    let entry = register.ledger.entries.iter().find(|e| e.id() == certificate.record);
    let entry = entry.filter(|e| !e.pending).ok_or_else(|| ExportError::NotAppended(package.clone()))?;
    let Body::Certify(certify) = &entry.record().body else { return Err(not_certified()) };
    let revision = dossier.revisions.iter().find(|r| r.number == certificate.revision);
    let revision =
        revision.ok_or_else(|| broken(format!("revision {} is not there", certificate.revision)))?;
    let folder = format!("packages/{package}/revisions/{}", revision.number);
    let (files, chain_toml) = frozen(revision, &folder, sources)?;
    if revision.package.manifest.digest() != certify.outcome.digest {
        return Err(broken(format!("{folder}/MANIFEST is not the one that was certified")));
    }
    let about = |e: &&Entry| {
        !e.pending && (!e.record().kind().about_package() || e.record().package() == Some(package))
    };
    let entries: Vec<&Entry> = register.ledger.entries.iter().filter(about).collect();
    for entry in &entries {
        let signer = &entry.record().signer;
        // A folder with a signature that no enrolled key explains could not prove itself.
        let owner = register.people.owner(&signer.key).map(|(person, _)| &person.id);
        if owner != Some(&signer.person) {
            let id = entry.id().short();
            return Err(broken(format!(
                "record {id} is signed with key {} that was never enrolled",
                signer.key
            )));
        }
    }
    Ok(Gathered {
        register,
        package: package.clone(),
        revision,
        chain: (revision.chain.id.clone(), revision.chain.digest),
        certificate: entry,
        outcome: &certify.outcome,
        entries,
        fates: outcome.fates.iter().map(|fate| (fate.id, fate.code)).collect(),
        files,
        chain_toml,
        ledger: ledger(register, sources)?,
        people: read(sources, PEOPLE)?,
    })
}

fn read(sources: &dyn Sources, path: &str) -> Result<Vec<u8>, ExportError> {
    let path: RepoPath = path.parse().map_err(|e| broken(format!("{e}")))?;
    sources.read(&path).map_err(broken)
}

type Files = Vec<(RepoPath, Vec<u8>)>;

fn frozen(revision: &Revision, folder: &str, sources: &dyn Sources) -> Result<(Files, Vec<u8>), ExportError> {
    let mut files = Vec::new();
    for entry in &revision.package.manifest.files {
        let path = format!("{folder}/{}", entry.path);
        let bytes = read(sources, &path)?;
        if FileDigest(sha256(&bytes)) != entry.digest {
            return Err(broken(format!("{path} has changed since it was frozen")));
        }
        files.push((entry.path.clone(), bytes));
    }
    let chain = format!("{folder}/chain.toml");
    let bytes = read(sources, &chain)?;
    if ChainDigest(sha256(&bytes)) != revision.chain.digest {
        return Err(broken(format!("{chain} has changed since it was pinned")));
    }
    Ok((files, bytes))
}

fn ledger(register: &Register, sources: &dyn Sources) -> Result<Vec<u8>, ExportError> {
    let bytes = read(sources, LEDGER)?;
    let text = std::str::from_utf8(&bytes).map_err(|e| broken(format!("{LEDGER}: {e}")))?;
    let ledger = Ledger::parse(text).map_err(|e| broken(e.to_string()))?;
    if ledger.size() != register.ledger.size || ledger.root() != register.ledger.root {
        return Err(broken(format!("{LEDGER} has changed meanwhile")));
    }
    Ok(bytes)
}
