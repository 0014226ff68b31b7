//! The MANIFEST: which files a package digest covers (SPEC section 1).
//!
//! In: the listing of a folder, or the text of a MANIFEST. Out: a [`Manifest`], or why not.

use super::diagnostics as say;
use super::target::section_of;
use super::{Manifest, ManifestEntry};
use crate::diag::Diagnostics;
use crate::digest::FileDigest;
use crate::text::{RepoPath, SourceFile};
use std::collections::BTreeMap;

/// Bytes package.toml, a section or a file of figures may have.
pub const MAX_TEXT: usize = 1024 * 1024;
/// Bytes a file of evidence may have: what the common forges take.
pub const MAX_EVIDENCE: u64 = 100 * 1024 * 1024;
/// Files a package may have.
pub const MAX_FILES: usize = 10_000;

/// A file as the folder lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its name relative to the package, `/`-separated, not judged yet.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes.
    pub digest: FileDigest,
}

/// All files of a folder, in any order.
pub type Listing = Vec<Listed>;

/// True for the names a digest covers: `package.toml`, `*.md` at the top, everything under `evidence/`.
pub fn is_covered(path: &str) -> bool {
    path == "package.toml" || path.starts_with("evidence/") || (path.ends_with(".md") && !path.contains('/'))
}

impl Manifest {
    /// The manifest of a folder. Everything refused is reported; what is left is returned, so that other
    /// checks can go on. Files under `revisions/` are no part of the package.
    pub fn build(listing: &[Listed], base: &RepoPath, out: &mut Diagnostics) -> Manifest {
        let own: Vec<&Listed> = listing.iter().filter(|f| !f.path.starts_with("revisions/")).collect();
        if own.len() > MAX_FILES {
            out.push(say::too_many_files(base, own.len(), MAX_FILES));
        }
        let mut files = Vec::new();
        for file in own.into_iter().take(MAX_FILES) {
            let path: RepoPath = match file.path.parse() {
                Ok(path) => path,
                Err(why) => {
                    out.push(say::bad_path(base, &why));
                    continue;
                }
            };
            let full = base.join(path.as_str()).expect("both parts are plain paths");
            if !is_covered(path.as_str()) {
                out.push(say::not_covered(&full));
                continue;
            }
            if path.as_str().ends_with(".md") && path.parent().is_none() && section_of(&path).is_none() {
                let name = path.as_str().trim_end_matches(".md");
                out.push(say::section_name(&full, name));
            }
            let most = if path.parent().is_none() { MAX_TEXT as u64 } else { MAX_EVIDENCE };
            if file.size > most {
                out.push(crate::diag::common::too_large(&full, file.size, most));
            }
            files.push(ManifestEntry { path, digest: file.digest, size: file.size });
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files.dedup_by(|a, b| a.path == b.path);
        collisions(&files, base, out);
        Manifest { files }
    }

    /// Reads a MANIFEST exactly as [`Manifest::text`] prints it; sizes, which it does not tell, are 0.
    /// `None` with messages where a byte differs from that form.
    pub fn parse(file: &SourceFile, out: &mut Diagnostics) -> Option<Manifest> {
        let mut found = Diagnostics::new();
        let mut files: Vec<ManifestEntry> = Vec::new();
        let text = file.text();
        for (position, line) in text.split_terminator('\n').enumerate() {
            let number = position + 1;
            if number > MAX_FILES {
                found.push(say::too_many_files(file.path(), number, MAX_FILES));
                break;
            }
            match entry(line) {
                Err(wrong) => found.push(say::manifest_syntax(file, number, wrong)),
                Ok(next) => {
                    if files.last().is_some_and(|last| last.path >= next.path) {
                        found.push(say::manifest_syntax(file, number, "is not in order"));
                    }
                    files.push(next);
                }
            }
            if found.errors() >= crate::diag::common::SHOWN {
                break;
            }
        }
        if !text.is_empty() && !text.ends_with('\n') {
            let last = file.line_of(text.len());
            found.push(say::manifest_syntax(file, last, "does not end in a newline"));
        }
        collisions(&files, file.path(), &mut found);
        let sound = found.is_empty();
        out.extend(found);
        sound.then_some(Manifest { files })
    }
}

fn entry(line: &str) -> Result<ManifestEntry, &'static str> {
    let (digest, path) = line.split_once("  ").ok_or("is not `<sha256>  <path>`")?;
    let digest = digest.parse().map_err(|_| "does not start with 64 lowercase hex digits")?;
    let path: RepoPath = path.parse().map_err(|_| "names no plain path")?;
    if !is_covered(path.as_str()) {
        return Err("names a file that no digest covers");
    }
    Ok(ManifestEntry { path, digest, size: 0 })
}

/// Names, and names of folders on the way, that are one name on some computers.
fn collisions(files: &[ManifestEntry], base: &RepoPath, out: &mut Diagnostics) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut said = 0;
    for file in files {
        let path = file.path.as_str();
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        for prefix in ends.map(|end| &path[..end]) {
            let first = *seen.entry(fold(prefix)).or_insert(prefix);
            // Below a folder that collides everything collides: the folder is said once.
            if first != prefix && said < crate::diag::common::SHOWN {
                said += 1;
                out.push(say::case_collision(base, first, prefix));
                break;
            }
        }
    }
}

/// Upper case first, so that `ß` and `SS` fold alike.
fn fold(name: &str) -> String {
    name.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(path: &str) -> Listed {
        Listed { path: path.to_owned(), size: 1, digest: FileDigest(crate::digest::sha256(path.as_bytes())) }
    }

    fn codes(paths: &[&str]) -> Vec<&'static str> {
        let mut out = Diagnostics::new();
        let listing: Listing = paths.iter().map(|p| listed(p)).collect();
        Manifest::build(&listing, &"packages/p".parse().unwrap(), &mut out);
        out.iter().map(|d| d.code.0).collect()
    }

    #[test]
    fn covers_what_is_signed_and_refuses_the_rest() {
        assert_eq!(codes(&["package.toml", "a.md", "evidence/a/x.csv", "revisions/1/MANIFEST"]), [""; 0]);
        assert_eq!(codes(&["notes.txt"]), ["FILE_NOT_COVERED"]);
        assert_eq!(codes(&["../x"]), ["BAD_PATH"]);
        assert_eq!(codes(&["README.md"]), ["SECTION_UNKNOWN"]);
        assert_eq!(codes(&["evidence/a/X", "evidence/a/x"]), ["CASE_COLLISION"]);
        assert_eq!(codes(&["evidence/A/x", "evidence/a/y"]), ["CASE_COLLISION"]);
        assert_eq!(codes(&["evidence/a/stra\u{df}e", "evidence/a/STRASSE"]), ["CASE_COLLISION"]);
    }

    #[test]
    fn text_and_manifest_are_one_to_one() {
        let mut out = Diagnostics::new();
        let listing = vec![listed("package.toml"), listed("evidence/a/x"), listed("a.md"), listed("a-b.md")];
        let built = Manifest::build(&listing, &"packages/p".parse().unwrap(), &mut out);
        let order: Vec<&str> = built.files.iter().map(|f| f.path.as_str()).collect();
        assert_eq!(order, ["a-b.md", "a.md", "evidence/a/x", "package.toml"]);
        let file = |text: String| SourceFile::new("packages/p/revisions/1/MANIFEST".parse().unwrap(), text);
        let parsed = Manifest::parse(&file(built.text()), &mut out).unwrap();
        assert_eq!(parsed.text(), built.text());
        assert!(out.is_empty());

        let good = built.text();
        let (first, rest) = good.split_once('\n').unwrap();
        let bad = [
            good.trim_end().to_owned(),
            format!("{rest}{first}\n"),
            format!("{first}\n{good}"),
            good.replacen("  ", " ", 1),
            good.replacen("  ", " *", 1),
            good.to_uppercase(),
            format!("{good}\n"),
            good.replacen("a-b.md", "b.txt", 1),
        ];
        for text in bad {
            assert_eq!(Manifest::parse(&file(text.clone()), &mut out), None, "{text}");
        }
    }

    #[test]
    fn the_example_of_the_specification() {
        let mut out = Diagnostics::new();
        let one = |path: &str, text: &[u8]| Listed {
            path: path.to_owned(),
            size: text.len() as u64,
            digest: FileDigest(crate::digest::sha256(text)),
        };
        let listing = vec![
            one("package.toml", b"title = \"x\"\n"),
            one("evaluation.md", b"Fine.\n"),
            one("evidence/evaluation/a.csv", b""),
        ];
        let built = Manifest::build(&listing, &"packages/p".parse().unwrap(), &mut out);
        assert_eq!(
            built.digest().to_string(),
            "8ecf7eb00197933fbe89131350e50bf84e2ac5db1b346df63c4e82b2a0542a77"
        );
        let section = |id: &str| built.section_digest(&id.parse().unwrap()).to_string();
        assert_eq!(section("evaluation"), "cb8063f443c1c04ac7484c63ac8c0ebe45e224aed507c5ce9bd7cf2fd146472f");
        assert_eq!(section("package"), "6673a092df7b324d5fff4d7368d7ccfc1893dcba52de1accc540162c0cf6e0dc");
    }
}
