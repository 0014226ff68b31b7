//! Adds the files to the facts, and checks every byte of them against its digest once more: between the
//! register and now the disk may have changed.

use super::ExportError;
use super::facts::{Facts, broken};
use crate::digest::{ChainDigest, FileDigest, sha256};
use crate::engine::Revision;
use crate::ledger::{LEDGER, Ledger, PEOPLE};
use crate::text::{RepoPath, Sources};

/// What was certified, with everything it rests on.
pub(super) struct Gathered<'a> {
    pub facts: Facts<'a>,
    /// Frozen files, relative to the revision's folder, in MANIFEST order.
    pub files: Vec<(RepoPath, Vec<u8>)>,
    /// The pinned chain file.
    pub chain_toml: Vec<u8>,
    /// The ledger file, up to the last line that matters here.
    pub ledger: Vec<u8>,
    /// The people file.
    pub people: Vec<u8>,
}

/// Collects and checks.
pub(super) fn gather<'a>(facts: Facts<'a>, sources: &dyn Sources) -> Result<Gathered<'a>, ExportError> {
    let folder = format!("packages/{}/revisions/{}", facts.package, facts.revision.number);
    let (files, chain_toml) = frozen(facts.revision, &folder, sources)?;
    let ledger = ledger(&facts, sources)?;
    Ok(Gathered { files, chain_toml, ledger, people: read(sources, PEOPLE)?, facts })
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

fn ledger(facts: &Facts<'_>, sources: &dyn Sources) -> Result<Vec<u8>, ExportError> {
    let bytes = read(sources, LEDGER)?;
    let text = std::str::from_utf8(&bytes).map_err(|e| broken(format!("{LEDGER}: {e}")))?;
    let ledger = Ledger::parse(text).map_err(|e| broken(e.to_string()))?;
    let known = &facts.register.ledger;
    if ledger.size() != known.size || ledger.root() != known.root {
        return Err(broken(format!("{LEDGER} has changed meanwhile")));
    }
    let size = usize::try_from(facts.size).unwrap_or(usize::MAX);
    Ok(text.split_inclusive('\n').take(size).collect::<String>().into_bytes())
}
