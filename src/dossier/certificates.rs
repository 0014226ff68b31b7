//! Certificates of different packages for one model version: which replaced which.
//!
//! A later certificate replaces an earlier one by naming it. One that does not name it leaves both as they
//! are, and that is an error: nobody could say which of them speaks for the model.

use super::Dossier;
use super::case::Ground;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::digest::RecordId;
use crate::engine::{FateCode, Outcome, PackageState, Revision, evaluate};
use crate::id::{Model, PackageId};
use crate::record::{Body, Entry};
use crate::text::RepoPath;
use std::collections::BTreeMap;

/// A certificate that stands, as other packages see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// Position of the record in the ledger.
    pub at: usize,
    pub record: RecordId,
    pub model: Model,
    /// The certificate it names as replaced.
    pub names: Option<RecordId>,
    /// True for the package's own last one.
    pub last: bool,
}

/// Code, what it means, what to do.
pub const CERTIFICATE_CODES: &[(&str, &str, &str)] = &[(
    "CERTIFICATE_CONFLICT",
    "Two packages hold a certificate for the same model version, and the later one does not name the earlier.",
    "Certify the later package again with `countersign certify <package> --supersedes <record>`, or have one of the two certificates revoked.",
)];

/// The certificates of one package that stand, by what its records alone add up to.
pub(super) fn claims(
    outcome: &Outcome,
    revisions: &[Revision],
    entries: &[Entry],
    positions: &[usize],
) -> Vec<Claim> {
    let Some(last) = &outcome.certificate else { return Vec::new() };
    let stands = |code: FateCode| matches!(code, FateCode::Noted | FateCode::Counted | FateCode::Superseded);
    let fates: BTreeMap<RecordId, FateCode> = outcome.fates.iter().map(|fate| (fate.id, fate.code)).collect();
    let claim = |at: &usize| {
        let entry = &entries[*at];
        let Body::Certify(certify) = &entry.record().body else { return None };
        let record = entry.id();
        if record != last.record && !fates.get(&record).copied().is_some_and(stands) {
            return None;
        }
        let number = entry.record().revision()?;
        let revision = revisions.iter().find(|revision| revision.number == number)?;
        Some(Claim {
            at: *at,
            record,
            model: revision.package.meta.model.clone(),
            names: certify.outcome.supersedes,
            last: record == last.record,
        })
    };
    positions.iter().filter_map(claim).collect()
}

/// The certificates of a model version over all packages, in ledger order.
type ByModel<'a> = BTreeMap<(&'a str, &'a str), Vec<(&'a PackageId, &'a Claim)>>;

fn by_model<'a>(packages: &'a BTreeMap<PackageId, Dossier>) -> ByModel<'a> {
    let mut all = ByModel::new();
    for dossier in packages.values() {
        for claim in &dossier.told.certificates {
            let key = (claim.model.name.as_str(), claim.model.version.as_str());
            all.entry(key).or_default().push((&dossier.id, claim));
        }
    }
    all.retain(|_, claims| claims.len() > 1);
    for claims in all.values_mut() {
        claims.sort_by_key(|(_, claim)| claim.at);
    }
    all
}

/// Which package's last certificate was replaced by which record of another package.
fn replaced(claims: &[(&PackageId, &Claim)]) -> BTreeMap<PackageId, RecordId> {
    let last: BTreeMap<RecordId, (&PackageId, usize)> =
        claims.iter().filter(|(_, c)| c.last).map(|(id, c)| (c.record, (*id, c.at))).collect();
    let mut out = BTreeMap::new();
    for (by, claim) in claims {
        let Some((id, at)) = claim.names.and_then(|named| last.get(&named)) else { continue };
        // The first that replaced it did; what comes later finds nothing left to replace.
        if id != by && *at < claim.at {
            out.entry((*id).clone()).or_insert(claim.record);
        }
    }
    out
}

/// Judges those packages anew whose certificate another one replaced, or does so no more. With `only`, no
/// other package is looked at.
pub(super) fn supersede(
    packages: &mut BTreeMap<PackageId, Dossier>,
    ground: Ground<'_>,
    only: Option<&PackageId>,
) {
    let mut by: BTreeMap<PackageId, RecordId> = BTreeMap::new();
    for claims in by_model(packages).into_values() {
        by.extend(replaced(&claims));
    }
    for (id, dossier) in packages.iter_mut().filter(|(id, _)| only.is_none_or(|only| *id == only)) {
        let superseded_by = by.get(id).copied();
        if dossier.told.superseded_by != superseded_by {
            dossier.told.superseded_by = superseded_by;
            let case = ground.case(&dossier.id, &dossier.revisions, &dossier.entries, &dossier.told);
            dossier.outcome = evaluate(&case.get());
        }
    }
}

/// Certificates of one model version of which none replaced the other. It is said of the register and not
/// of the package: a package with errors cannot be submitted, and submitting is one way out.
pub(super) fn conflicts(packages: &BTreeMap<PackageId, Dossier>, out: &mut Diagnostics) {
    let in_force = |id: &PackageId| {
        let dossier = &packages[id];
        let over = matches!(
            dossier.outcome.state,
            PackageState::Expired | PackageState::Revoked | PackageState::Superseded
        );
        !over && dossier.told.superseded_by.is_none()
    };
    for ((name, version), claims) in by_model(packages) {
        let left: Vec<_> = claims.into_iter().filter(|(id, claim)| claim.last && in_force(id)).collect();
        for pair in left.windows(2) {
            let ((earlier, old), (later, new)) = (pair[0], pair[1]);
            let path: RepoPath =
                format!("packages/{later}/package.toml").parse().expect("an id is a plain name");
            let message = format!(
                "certificate {} of {later} and certificate {} of {earlier} are both in force for {name} {version}; \
                 the later certificate must name what it supersedes",
                new.record.short(),
                old.record.short()
            );
            let help = format!("`countersign certify {later} --supersedes {}`", old.record);
            out.push(Diagnostic::error(Code(CERTIFICATE_CODES[0].0), message).in_file(&path).help(help));
        }
    }
}
