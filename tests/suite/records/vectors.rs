//! Test vectors for any implementation (`tests/vectors/README.md` says how they are written).
//!
//! `COUNTERSIGN_BLESS=1 cargo test vectors` writes them anew; otherwise the committed files must be what
//! the generators give, and each must be taken or refused as it says.

use super::{vectors_kinds, vectors_ledger, vectors_record, vectors_signature};
use countersign::ledger::{self, VerifyInput};
use countersign::record::{Signed, verify};
use std::path::{Path, PathBuf};

/// One input that shows one thing.
pub struct Vector {
    pub name: &'static str,
    pub about: &'static str,
    /// The code it is refused with; `None` if it is accepted.
    pub refused: Option<&'static str>,
    /// Further headers.
    pub headers: Vec<(&'static str, String)>,
    pub parts: Vec<(String, Vec<u8>)>,
}

impl Vector {
    fn print(&self) -> Vec<u8> {
        let expect = self.refused.map_or("accept".to_owned(), |code| format!("refuse {code}"));
        let mut head =
            format!("countersign-vector/v1\nname: {}\nabout: {}\nexpect: {expect}\n", self.name, self.about);
        for (key, value) in &self.headers {
            head += &format!("{key}: {value}\n");
        }
        for (name, bytes) in &self.parts {
            head += &format!("part: {name} {}\n", bytes.len());
        }
        let mut out = (head + "\n").into_bytes();
        self.parts.iter().for_each(|(_, bytes)| out.extend_from_slice(bytes));
        out
    }
}

/// A vector as read from its file.
struct Read {
    headers: Vec<(String, String)>,
    parts: Vec<(String, Vec<u8>)>,
}

impl Read {
    fn parse(bytes: &[u8]) -> Read {
        let end = bytes.windows(2).position(|w| w == b"\n\n").expect("a header ends with an empty line");
        let (head, mut body) = (str::from_utf8(&bytes[..end]).unwrap(), &bytes[end + 2..]);
        let mut lines = head.lines();
        assert_eq!(lines.next(), Some("countersign-vector/v1"));
        let all: Vec<(&str, &str)> = lines.map(|l| l.split_once(": ").unwrap()).collect();
        let mut parts = Vec::new();
        for (_, part) in all.iter().filter(|(key, _)| *key == "part") {
            let (name, size) = part.rsplit_once(' ').unwrap();
            let (bytes, rest) = body.split_at(size.parse().unwrap());
            parts.push((name.to_owned(), bytes.to_vec()));
            body = rest;
        }
        assert!(body.is_empty(), "nothing follows the last part");
        let headers = all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Read { headers, parts }
    }
    fn header(&self, key: &str) -> &str {
        self.headers.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str()).unwrap()
    }
    fn part(&self, name: &str) -> Option<Vec<u8>> {
        self.parts.iter().find(|(n, _)| n == name).map(|(_, bytes)| bytes.clone())
    }

    /// The codes it is refused with.
    fn judge(&self) -> Vec<String> {
        let Some(record) = self.part("record") else {
            return self.judge_ledger();
        };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).ok();
        let Some(record) = text(record) else {
            return vec!["BAD_SCHEMA".to_owned()];
        };
        let sig = text(self.part("sig").unwrap()).unwrap();
        let tst = self.part("tst").map(|tst| text(tst).unwrap());
        verify(Signed { record, sig, tst }).err().map(|e| e.code().to_owned()).into_iter().collect()
    }

    fn judge_ledger(&self) -> Vec<String> {
        let pending = self.parts.iter().filter(|(name, _)| name.starts_with("chains/pending/"));
        let input = VerifyInput {
            repository: self.header("repository").parse().unwrap(),
            root_of_trust: self.header("root-of-trust").parse().unwrap(),
            skew_seconds: self.header("skew-seconds").parse().unwrap(),
            ledger_text: self.part(ledger::LEDGER).unwrap(),
            people_toml: self.part(ledger::PEOPLE).unwrap(),
            pending: pending.map(|(name, bytes)| (name.parse().unwrap(), bytes.clone())).collect(),
        };
        ledger::verify(&input).breaks.iter().map(|b| b.code.to_owned()).collect()
    }
}

/// The committed vectors of an area: the name of each and the text of its record or ledger.
pub fn committed(area: &str) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder(area)).unwrap();
    let mut paths: Vec<PathBuf> = files.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = paths.iter().map(|path| {
        let read = Read::parse(&std::fs::read(path).unwrap());
        let part = read.part("record").or_else(|| read.part(ledger::LEDGER)).unwrap_or_default();
        (read.header("name").to_owned(), String::from_utf8_lossy(&part).into_owned())
    });
    read.collect()
}

fn folder(area: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors").join(area)
}

fn generated() -> Vec<(&'static str, Vec<Vector>)> {
    let mut records = vectors_record::cases();
    records.extend(vectors_kinds::cases());
    records.extend(vectors_signature::cases());
    vec![("record", records), ("ledger", vectors_ledger::cases())]
}

#[test]
fn vectors_are_as_generated() {
    let bless = std::env::var_os("COUNTERSIGN_BLESS").is_some();
    for (area, vectors) in generated() {
        let folder = folder(area);
        let mut names: Vec<String> = vectors.iter().map(|v| format!("{}.vec", v.name)).collect();
        if bless {
            std::fs::create_dir_all(&folder).unwrap();
            vectors
                .iter()
                .for_each(|v| std::fs::write(folder.join(format!("{}.vec", v.name)), v.print()).unwrap());
        }
        for vector in &vectors {
            let there = std::fs::read(folder.join(format!("{}.vec", vector.name))).unwrap();
            assert!(there == vector.print(), "{area}/{}.vec is not as generated", vector.name);
        }
        let mut there: Vec<String> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        there.sort();
        assert_eq!(there, names, "no vector without a generator, and none twice");
    }
}

#[test]
fn vectors_are_taken_and_refused_as_they_say() {
    let mut seen = 0;
    for area in ["record", "ledger"] {
        for entry in std::fs::read_dir(folder(area)).unwrap() {
            let path = entry.unwrap().path();
            let vector = Read::parse(&std::fs::read(&path).unwrap());
            let codes = vector.judge();
            match vector.header("expect").split_once(' ') {
                None => assert!(codes.is_empty(), "{}: {codes:?}", path.display()),
                Some((_, code)) => assert!(codes.iter().any(|c| c == code), "{}: {codes:?}", path.display()),
            }
            seen += 1;
        }
    }
    assert!(seen > 80, "{seen} vectors");
}

#[test]
fn every_code_has_a_vector_and_every_vector_a_documented_code() {
    // These two compare two states of a repository; a vector holds one.
    let compared = ["LEDGER_REWRITTEN", "RECORD_REMOVED"];
    let rows = countersign::record::diagnostics::CODES.iter().chain(ledger::diagnostics::CODES);
    let mut documented: Vec<&str> =
        rows.map(|(code, _, _)| *code).filter(|c| !compared.contains(c)).collect();
    let mut shown: Vec<&str> =
        generated().iter().flat_map(|(_, all)| all.iter().filter_map(|v| v.refused)).collect();
    documented.sort_unstable();
    shown.sort_unstable();
    shown.dedup();
    assert_eq!(shown, documented);
}
