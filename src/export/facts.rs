//! What an export is drawn up from: one certificate and the records it stands among. Nothing is read from
//! disk here.

use super::ExportError;
use crate::digest::{ChainDigest, LedgerRoot, LineHash, RecordId};
use crate::dossier::{Dossier, Register};
use crate::engine::{CertificateOutcome, FateCode, PackageState, Revision};
use crate::id::{ChainId, PackageId};
use crate::record::{Body, Certified, Entry, Kind, Record};
use std::collections::{BTreeMap, BTreeSet};

/// Draws up exports of one register. What all of them share is looked up once: a register of ten thousand
/// packages must not walk its ledger ten thousand times.
#[derive(Debug)]
pub struct Exporter<'a> {
    register: &'a Register,
    /// Positions of the records about people.
    people: Vec<usize>,
    /// Positions of the records that issue a certificate or end one.
    certificates: BTreeMap<RecordId, usize>,
}

/// One certificate with everything an export says of it.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
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
    /// The record that ended it, if one did.
    pub ended: Option<&'a Entry>,
    /// Records about the package and about people, in ledger order.
    pub entries: Vec<&'a Entry>,
    /// Fates of the records about the package.
    pub fates: BTreeMap<RecordId, FateCode>,
    /// The ledger up to the last line that matters here: its size, last hash and root. Later lines are about
    /// other packages; with them, every export would change whenever anybody signs anything.
    pub size: u64,
    pub head: LineHash,
    pub root: LedgerRoot,
}

impl Facts<'_> {
    /// The certificate's record.
    pub fn record(&self) -> &Record {
        self.certificate.record()
    }
}

pub(super) fn broken(message: impl Into<String>) -> ExportError {
    ExportError::Broken(message.into())
}

impl<'a> Exporter<'a> {
    /// An exporter of this register.
    pub fn new(register: &'a Register) -> Exporter<'a> {
        let mut exporter = Exporter { register, people: Vec::new(), certificates: BTreeMap::new() };
        for (at, entry) in register.ledger.entries.iter().enumerate() {
            match entry.record().kind() {
                // What still waits to be appended is no part of the ledger yet.
                Kind::Certify | Kind::Revoke if entry.pending => {}
                Kind::Certify | Kind::Revoke => _ = exporter.certificates.insert(entry.id(), at),
                kind if !kind.about_package() => exporter.people.push(at),
                _ => {}
            }
        }
        exporter
    }

    /// Every record about people in ledger order, those that wait to be appended last.
    pub(crate) fn people(&self) -> impl DoubleEndedIterator<Item = &'a Entry> {
        self.people.iter().filter_map(|at| self.register.ledger.entries.get(*at))
    }

    /// The certificate of a package, as far as the register knows it.
    ///
    /// # Errors
    /// When there is none, or when the ledger or a frozen file does not hold.
    pub(crate) fn facts(&self, package: &PackageId) -> Result<Facts<'a>, ExportError> {
        let register = self.register;
        let dossier =
            register.packages.get(package).ok_or_else(|| ExportError::NoPackage(package.clone()))?;
        // A key that was never enrolled is a break too, so no signature here is anybody's but its signer's.
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
        if matches!(outcome.state, PackageState::IntegrityError | PackageState::Error) {
            return Err(broken(format!("package {package} is {}", outcome.state.words())));
        }
        let own = || dossier.entries.iter().filter_map(|at| register.ledger.entries.get(*at));
        let entry = own().find(|e| e.id() == certificate.record).filter(|e| !e.pending);
        let entry = entry.ok_or_else(|| ExportError::NotAppended(package.clone()))?;
        let Body::Certify(certify) = &entry.record().body else { return Err(not_certified()) };
        let revision = dossier.revisions.iter().find(|r| r.number == certificate.revision);
        let revision =
            revision.ok_or_else(|| broken(format!("revision {} is not there", certificate.revision)))?;
        if revision.package.manifest.digest() != certify.outcome.digest {
            let n = revision.number;
            return Err(broken(format!(
                "packages/{package}/revisions/{n}/MANIFEST is not the one that was certified"
            )));
        }
        let positions: BTreeSet<usize> = self.people.iter().chain(&dossier.entries).copied().collect();
        let entries: Vec<&Entry> = positions
            .iter()
            .filter_map(|at| register.ledger.entries.get(*at))
            .filter(|e| !e.pending)
            .collect();
        let ended = self.ended(dossier, certificate);
        let last = entries.last().copied().into_iter().chain(ended).max_by_key(|e| e.seq).unwrap_or(entry);
        let size = last.seq + 1;
        Ok(Facts {
            register,
            package: package.clone(),
            revision,
            chain: (revision.chain.id.clone(), revision.chain.digest),
            certificate: entry,
            outcome: &certify.outcome,
            ended,
            entries,
            fates: outcome.fates.iter().map(|fate| (fate.id, fate.code)).collect(),
            size,
            head: last.hash,
            root: *register
                .ledger
                .roots
                .get(&size)
                .ok_or_else(|| broken(format!("no root is known of the first {size} lines of the ledger")))?,
        })
    }

    /// The record that revoked the certificate, or the certificate of another package that took its place.
    fn ended(&self, dossier: &Dossier, found: &CertificateOutcome) -> Option<&'a Entry> {
        let by = found.revoked.or(dossier.told.superseded_by)?;
        self.certificates.get(&by).and_then(|at| self.register.ledger.entries.get(*at))
    }
}
