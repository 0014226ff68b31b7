//! Evidence that leaves the repository: the certificate as one JSON document, or as a folder that proves
//! itself with `sha256sum`, `ssh-keygen` and `jq`.
//!
//! In: the [`Register`], a package and a way to read the frozen files. Out: files as bytes, or why there
//! is no evidence to give. `facts` finds the certificate and the records it stands among, `document` is the
//! JSON (its schema is published with it), `gather` adds the frozen files and checks them against their
//! digests once more, `bundle` is the folder, `commands` the five commands that check the folder without
//! this program. The site publishes the same document, drawn up by the same [`Exporter`].
//!
//! *Invariant:* nothing is exported that is not certified; everything here is a projection of signed
//! records, so nothing new is said, and the same records give the same bytes.

mod bundle;
mod commands;
pub mod diagnostics;
mod document;
mod facts;
mod gather;

pub use document::{
    Document, End, Ended, FORMAT, Head, Issued, LedgerReference, ModelVersion, PackageVersion, PinnedChain,
    RecordInFull, Reviewer, SCHEMA,
};
pub use facts::Exporter;

use crate::dossier::Register;
use crate::engine::Advice;
use crate::id::PackageId;
use crate::text::{RepoPath, Sources};

/// The forms of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// The certificate as one JSON document, with its schema.
    Json,
    /// A folder with package, records, ledger and the means to check them.
    Bundle,
}

/// Why there is no evidence to give.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExportError {
    /// The register has no such package.
    #[error("there is no package {0}")]
    NoPackage(PackageId),
    /// Nothing certified it yet.
    #[error("package {package} has no certificate: it is {state}")]
    NotCertified {
        /// The package.
        package: PackageId,
        /// Its state in words.
        state: String,
        /// What is missing.
        missing: Vec<Advice>,
    },
    /// The certificate or a record before it still waits in `chains/pending/`.
    #[error("the certificate of package {0} is not in the ledger yet")]
    NotAppended(PackageId),
    /// The repository does not hold; evidence of it would be worth nothing.
    #[error("{0}")]
    Broken(String),
}

/// Draws up evidence of a package's certificate.
///
/// # Errors
/// When there is none, or when what was certified is not there as it was.
pub fn build(
    format: Format,
    register: &Register,
    package: &PackageId,
    sources: &dyn Sources,
) -> Result<Vec<(RepoPath, Vec<u8>)>, ExportError> {
    let facts = Exporter::new(register).facts(package)?;
    let document = document::document(&facts);
    let gathered = gather::gather(facts, sources)?;
    match format {
        Format::Json => Ok(vec![
            (path("certificate.json"), document.print()),
            (path("certificate.schema.json"), SCHEMA.as_bytes().to_vec()),
        ]),
        Format::Bundle => Ok(bundle::bundle(&gathered, &document)),
    }
}

impl<'a> Exporter<'a> {
    /// The document of a package's certificate. Nothing is read from disk: the register says whether the
    /// frozen files held when it was built.
    ///
    /// # Errors
    /// When there is no certificate, or when the ledger or a frozen file does not hold.
    pub fn document(&self, package: &PackageId) -> Result<Document<'a>, ExportError> {
        Ok(document::document(&self.facts(package)?))
    }
}

fn path(text: &str) -> RepoPath {
    text.parse().expect("the product's own paths and digests are plain")
}
