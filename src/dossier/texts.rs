//! Texts of frozen sections, for the engine to see how much a revision changed them.

use crate::digest::{FileDigest, sha256};
use crate::engine::{Revision, Texts};
use crate::id::SectionId;
use crate::package::markdown::MAX_SECTION;
use crate::text::{RepoPath, Sources};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Bytes of text kept for one package. What exceeds it counts as changed materially.
const MAX_TEXTS: usize = 16 * 1024 * 1024;

/// The sections whose Markdown is not the same in every revision; the others need no comparing.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct FrozenTexts {
    places: BTreeMap<(u32, SectionId), FileDigest>,
    texts: BTreeMap<FileDigest, Arc<str>>,
}

impl FrozenTexts {
    /// Reads what differs between revisions from `<base>/revisions/<n>/`. A file that is not the one that
    /// was listed, or is too large, is left out.
    pub(super) fn read(revisions: &[Revision], base: &RepoPath, sources: &dyn Sources) -> FrozenTexts {
        let mut found = FrozenTexts::default();
        if revisions.len() < 2 {
            return found;
        }
        // What every revision says of a section; a section that is not there says None.
        let ids: BTreeSet<&SectionId> = revisions.iter().flat_map(|r| r.package.sections.keys()).collect();
        let listed = |revision: &Revision, id: &SectionId| {
            let path = &revision.package.sections.get(id)?.path;
            let files = &revision.package.manifest.files;
            files
                .iter()
                .find(|file| file.path == *path)
                .map(|file| (file.path.clone(), file.digest, file.size))
        };
        let mut left = MAX_TEXTS;
        for id in ids {
            let all: Vec<_> = revisions.iter().map(|revision| listed(revision, id)).collect();
            let digests: BTreeSet<_> =
                all.iter().map(|file| file.as_ref().map(|(_, digest, _)| *digest)).collect();
            if digests.len() < 2 {
                continue;
            }
            for (revision, file) in revisions.iter().zip(all) {
                let Some((path, digest, size)) = file else { continue };
                let size = usize::try_from(size).unwrap_or(usize::MAX);
                if let std::collections::btree_map::Entry::Vacant(place) = found.texts.entry(digest) {
                    if size > MAX_SECTION.min(left) {
                        continue;
                    }
                    let folder = base.join(&format!("revisions/{}/{path}", revision.number));
                    let Some(text) = folder.ok().and_then(|path| exact(&path, digest, sources)) else {
                        continue;
                    };
                    left -= text.len().min(left);
                    place.insert(text);
                }
                found.places.insert((revision.number, id.clone()), digest);
            }
        }
        found
    }

    /// True if there is nothing to compare.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

/// The text of a file, if it still is the one that was listed.
fn exact(path: &RepoPath, digest: FileDigest, sources: &dyn Sources) -> Option<Arc<str>> {
    let bytes = sources.read(path).ok()?;
    if FileDigest(sha256(&bytes)) != digest {
        return None;
    }
    String::from_utf8(bytes).ok().map(Arc::from)
}

impl Texts for FrozenTexts {
    fn section(&self, revision: u32, section: &SectionId) -> Option<String> {
        let digest = self.places.get(&(revision, section.clone()))?;
        self.texts.get(digest).map(|text| text.to_string())
    }
}
