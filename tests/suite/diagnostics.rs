//! Every message of chains and packages, raised by a case under tests/diagnostics/.
//!
//! A case is several files in one, the expected messages among them:
//! ```text
//! -- packages/p/a.md --
//! text
//! -- expected --
//! error[CODE]: ...
//! ```
//! Files of `base.txt` are there unless a case replaces them. After the name may stand `| escaped` (the
//! text has `\u{202e}` and `\xff`), `| repeat 1000 x`, `| files 1000` (that many, numbered at `{}`), `| remove`, `| stale` (changed after it was
//! listed) or `| unreadable`. `people` lists persons with roles, for the lint. With `UPDATE=1` in the
//! environment the expected messages are written anew: read the difference before you commit it.

#![expect(clippy::disallowed_methods, reason = "tests read their cases from disk")]

use countersign::chain::{self, Chain, Holder};
use countersign::diag::{Diagnostics, Format, render};
use countersign::digest::{FileDigest, sha256};
use countersign::id::PackageId;
use countersign::package::{self, Listed, Package};
use countersign::text::{RepoPath, SourceFile};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Default)]
struct Case {
    files: BTreeMap<String, Vec<u8>>,
    stale: BTreeSet<String>,
    unreadable: BTreeSet<String>,
    expected: String,
}

impl Case {
    fn read(&mut self, text: &str) {
        let mut name: Option<(String, String)> = None;
        let mut body = String::new();
        for line in text.split_inclusive('\n').chain(["-- end --\n"]) {
            let header = line.strip_prefix("-- ").and_then(|l| l.trim_end().strip_suffix(" --"));
            let Some(header) = header else {
                body.push_str(line);
                continue;
            };
            if let Some((path, how)) = name.take() {
                self.file(path, &how, std::mem::take(&mut body));
            }
            body.clear();
            let (path, how) = header.split_once(" | ").unwrap_or((header, ""));
            name = Some((path.to_owned(), how.to_owned()));
        }
    }

    fn file(&mut self, path: String, how: &str, body: String) {
        if path == "expected" {
            self.expected = body;
            return;
        }
        let bytes = match how.split_once(' ').unwrap_or((how, "")) {
            ("remove", _) => {
                self.files.remove(&path);
                return;
            }
            ("escaped", _) => unescaped(&body),
            ("repeat", what) => {
                let (count, piece) = what.split_once(' ').expect("| repeat 1000 text");
                let piece = String::from_utf8(unescaped(piece)).unwrap();
                (body + &piece.repeat(count.parse().unwrap())).into_bytes()
            }
            ("files", count) => {
                for n in 0..count.parse().unwrap() {
                    let n: u32 = n;
                    self.files.insert(path.replace("{}", &format!("{n:05}")), Vec::new());
                }
                return;
            }
            ("stale", _) => {
                self.stale.insert(path.clone());
                body.into_bytes()
            }
            ("unreadable", _) => {
                self.unreadable.insert(path.clone());
                body.into_bytes()
            }
            ("", _) => body.into_bytes(),
            other => panic!("unknown directive {other:?}"),
        };
        self.files.insert(path, bytes);
    }

    fn run(&self) -> Diagnostics {
        let mut out = Diagnostics::new();
        let mut sources: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
        for (name, bytes) in &self.files {
            if let Ok(path) = name.parse()
                && !self.unreadable.contains(name)
            {
                sources.insert(path, bytes.clone());
            }
        }
        let mut chains: BTreeMap<String, Chain> = BTreeMap::new();
        for (path, bytes) in sources.iter().filter(|(p, _)| p.parent() == Some("chains")) {
            let text = String::from_utf8(bytes.clone()).unwrap();
            if let Some(chain) = chain::parse(&SourceFile::new(path.clone(), text), &mut out) {
                chains.insert(chain.id.to_string(), chain);
            }
        }
        if let Some(people) = self.files.get("people") {
            let people = people_of(std::str::from_utf8(people).unwrap());
            for chain in chains.values() {
                out.extend(chain::lint(chain, &people));
            }
            out.extend(chain::unused_roles(chains.values(), &people));
            out.extend(chain::offices(chains.values(), &people));
        }
        let ids: BTreeSet<&str> = self
            .files
            .keys()
            .filter_map(|name| name.strip_prefix("packages/")?.split_once('/').map(|(id, _)| id))
            .collect();
        let mut packages: BTreeMap<PackageId, Package> = BTreeMap::new();
        for id in ids {
            let base: RepoPath = format!("packages/{id}").parse().unwrap();
            let listing = self.listing(&format!("packages/{id}/"));
            for file in listing.iter().filter(|f| f.path.ends_with("/MANIFEST")) {
                let text = String::from_utf8(self.files[&format!("packages/{id}/{}", file.path)].clone());
                let file = SourceFile::new(base.join(&file.path).unwrap(), text.unwrap());
                let _ = package::Manifest::parse(&file, &mut out);
            }
            let id: PackageId = id.parse().unwrap();
            if let Some(package) = package::parse(id.clone(), &listing, &base, &sources, &mut out) {
                packages.insert(id, package);
            }
        }
        for package in packages.values() {
            let base: RepoPath = format!("packages/{}", package.id).parse().unwrap();
            match chains.get(package.meta.chain.as_str()) {
                Some(chain) => package::check(package, chain, &base, &packages, &sources, &mut out),
                None if self.files.contains_key(&format!("chains/{}.toml", package.meta.chain)) => {}
                None => {
                    let known: Vec<&str> = chains.keys().map(String::as_str).collect();
                    out.push(package::chain_missing(package, &base, &sources, &known));
                }
            }
        }
        out
    }

    fn listing(&self, folder: &str) -> Vec<Listed> {
        let own =
            self.files.iter().filter_map(|(name, bytes)| Some((name.strip_prefix(folder)?, name, bytes)));
        own.map(|(path, name, bytes)| {
            let listed: &[u8] = if self.stale.contains(name) { b"before" } else { bytes };
            Listed { path: path.to_owned(), size: bytes.len() as u64, digest: FileDigest(sha256(listed)) }
        })
        .collect()
    }
}

fn people_of(text: &str) -> Vec<Holder> {
    text.lines()
        .map(|line| {
            let (person, roles) = line.split_once(':').unwrap();
            (person.parse().unwrap(), roles.split_whitespace().map(|r| r.parse().unwrap()).collect())
        })
        .collect()
}

fn unescaped(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix("u{") {
            let (code, tail) = tail.split_once('}').unwrap();
            let c = char::from_u32(u32::from_str_radix(code, 16).unwrap()).unwrap();
            bytes.extend(c.to_string().as_bytes());
            rest = tail;
        } else if let Some(tail) = rest.strip_prefix('x') {
            bytes.push(u8::from_str_radix(&tail[..2], 16).unwrap());
            rest = &tail[2..];
        } else if let Some(tail) = rest.strip_prefix('n') {
            bytes.push(b'\n');
            rest = tail;
        } else {
            bytes.push(b'\\');
        }
    }
    bytes.extend(rest.as_bytes());
    bytes
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

fn cases() -> Vec<(PathBuf, Case)> {
    let base = fs::read_to_string(folder().join("base.txt")).unwrap();
    let mut paths: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.retain(|p| p.extension().is_some_and(|e| e == "case"));
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let mut case = Case::default();
            case.read(&base);
            case.read(&fs::read_to_string(&path).unwrap());
            (path, case)
        })
        .collect()
}

#[test]
fn each_case_says_what_it_expects() {
    let mut wrong = Vec::new();
    for (path, case) in cases() {
        let said = render(&case.run(), Format::Human, false);
        // Trailing spaces of excerpts would be lost in editors.
        let said: String = said.lines().map(|l| l.trim_end().to_owned() + "\n").collect();
        if said == case.expected {
            continue;
        }
        if std::env::var_os("UPDATE").is_some() {
            let text = fs::read_to_string(&path).unwrap();
            let kept = text.split("-- expected --\n").next().unwrap();
            fs::write(&path, format!("{kept}-- expected --\n{said}")).unwrap();
        } else {
            wrong.push(format!("{}\n--- expected\n{}--- said\n{said}", path.display(), case.expected));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// A file with a stretch of it replaced by anything is reported, never a panic.
    #[test]
    fn no_bytes_make_it_panic(
        file in 0..8usize,
        at in 0.0..1.0f64,
        length in 0..12usize,
        piece in prop_oneof![
            prop::collection::vec(any::<u8>(), 0..6),
            "[\\[\\]{}\"'=#,.:0-9a-e\n|*<>` \\\\-]{0,12}".prop_map(String::into_bytes),
        ],
    ) {
        let mut case = Case::default();
        case.read(&fs::read_to_string(folder().join("base.txt")).unwrap());
        case.file(
            "packages/q/evidence/evaluation/figures.json".to_owned(),
            "",
            r#"[{"id": "auc", "value": 0.7500, "sample": "s", "source": "x"}]"#.to_owned(),
        );
        case.file(
            "packages/q/evidence/data/figures.csv".to_owned(),
            "",
            "id,value,group,sample,low,high,source\nauc,0.8,,\"a, b\",0.7,0.9,x\n".to_owned(),
        );
        case.file(
            "packages/q/revisions/1/MANIFEST".to_owned(),
            "",
            format!("{}  a.md\n{}  package.toml\n", "0".repeat(64), "f".repeat(64)),
        );
        let name = case.files.keys().nth(file % case.files.len()).unwrap().clone();
        let bytes = case.files.get_mut(&name).unwrap();
        let start = ((bytes.len() as f64) * at) as usize;
        let end = (start + length).min(bytes.len());
        bytes.splice(start..end, piece);
        // The harness itself reads chains and manifests as text.
        if String::from_utf8(bytes.clone()).is_ok() || !(name.starts_with("chains") || name.ends_with("MANIFEST")) {
            render(&case.run(), Format::Human, false);
        }
    }
}

#[test]
fn every_code_is_documented_and_raised_by_a_case() {
    let raised: BTreeSet<String> = cases()
        .iter()
        .flat_map(|(_, c)| c.run().iter().map(|d| d.code.0.to_owned()).collect::<Vec<_>>())
        .collect();
    let all =
        [countersign::diag::common::CODES, chain::diagnostics::CODES, package::diagnostics::CODES].concat();
    let mut known: Vec<&str> = all.iter().map(|(code, _, _)| *code).collect();
    let missing: Vec<&&str> = known.iter().filter(|code| !raised.contains(**code)).collect();
    assert!(missing.is_empty(), "no case raises {missing:?}");
    for code in &raised {
        assert!(known.contains(&code.as_str()), "{code} is not in CODES");
    }
    known.sort_unstable();
    let count = known.len();
    known.dedup();
    assert_eq!(known.len(), count, "a code stands twice");
}
