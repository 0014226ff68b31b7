//! The evidence folder proves itself with sha256sum, ssh-keygen and jq, and notices every changed byte.

use super::world::World;
use countersign::digest::{hex, sha256};
use countersign::export::{Format, build};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

type Files = BTreeMap<String, Vec<u8>>;

fn folder() -> Files {
    let mut world = World::certified();
    let register = world.register();
    let package = "credit".parse().unwrap();
    let files = build(Format::Bundle, &register, &package, &world.sources).unwrap();
    let again = build(Format::Bundle, &register, &package, &world.sources).unwrap();
    assert_eq!(files, again);
    files.into_iter().map(|(path, bytes)| (path.to_string(), bytes)).collect()
}

fn write(folder: &Path, files: &Files) {
    for (path, bytes) in files {
        let file = folder.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
}

/// Runs verify.sh; the numbers of the commands that failed.
fn failed(files: &Files) -> Vec<u32> {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), files);
    let run = Command::new("sh").arg("verify.sh").current_dir(folder.path()).output().unwrap();
    let out = String::from_utf8_lossy(&run.stdout).into_owned();
    let number = |line: &str| line.strip_prefix("NO   ")?.split('.').next()?.parse().ok();
    let failed: Vec<u32> = out.lines().filter_map(number).collect();
    let errors = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.success(), failed.is_empty(), "{out}{errors}");
    assert_eq!(out.lines().count(), 5, "{out}{errors}");
    failed
}

/// Writes SHA256SUMS anew, as whoever changes a file would.
fn cover_up(files: &mut Files) {
    let sums: String = files
        .iter()
        .filter(|(path, _)| *path != "SHA256SUMS")
        .map(|(path, bytes)| format!("{}  {path}\n", hex(&sha256(bytes))))
        .collect();
    files.insert("SHA256SUMS".to_owned(), sums.into_bytes());
}

fn change(files: &mut Files, path: &str, from: &str, to: &str) {
    let text = String::from_utf8(files[path].clone()).unwrap();
    assert!(text.contains(from), "{path} does not hold {from}");
    files.insert(path.to_owned(), text.replacen(from, to, 1).into_bytes());
}

#[test]
fn an_untouched_folder_proves_itself() {
    let files = folder();
    assert_eq!(failed(&files), [0; 0]);
    let names: Vec<&str> = files.keys().map(String::as_str).filter(|n| !n.starts_with("records/")).collect();
    let expected = [
        "SHA256SUMS",
        "VERIFY.txt",
        "allowed_signers",
        "certificate.json",
        "certificate.schema.json",
        "ledger.jsonl",
        "package/MANIFEST",
        "package/chain.toml",
        "package/data.md",
        "package/evaluation.md",
        "package/evidence/evaluation/a b.csv",
        "package/package.toml",
        "people.toml",
        "verify.sh",
    ];
    assert_eq!(names, expected);
    let text = String::from_utf8(files["VERIFY.txt"].clone()).unwrap();
    let script = String::from_utf8(files["verify.sh"].clone()).unwrap();
    let commands: Vec<&str> =
        script.split("\nif\n").skip(1).map(|s| s.split("\nthen ").next().unwrap()).collect();
    assert_eq!(commands.len(), 5);
    assert!(commands.iter().all(|command| text.contains(command)), "the text and the script say the same");
}

/// One byte of every file, at its start, middle and end.
#[test]
fn one_changed_byte_is_noticed() {
    let files = folder();
    for (path, bytes) in &files {
        if matches!(path.as_str(), "VERIFY.txt" | "verify.sh") {
            continue;
        }
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = files.clone();
            changed.get_mut(path).unwrap()[at] ^= 1;
            assert!(!failed(&changed).is_empty(), "{path}, byte {at}");
        }
    }
}

/// The same by somebody who also writes SHA256SUMS anew: each file is anchored in something signed.
/// Only what is for reading (people.toml, the schema, this tool's own text) is not.
#[test]
fn one_changed_byte_is_noticed_even_if_covered_up() {
    let files = folder();
    for (path, bytes) in &files {
        let reading = ["VERIFY.txt", "verify.sh", "SHA256SUMS", "people.toml", "certificate.schema.json"];
        if reading.contains(&path.as_str()) {
            continue;
        }
        for at in [1, bytes.len() / 3, bytes.len() - 2] {
            let mut changed = files.clone();
            changed.get_mut(path).unwrap()[at] ^= 1;
            cover_up(&mut changed);
            assert!(!failed(&changed).is_empty(), "{path}, byte {at}");
        }
    }
}

#[test]
fn a_forger_who_covers_up_is_noticed() {
    let files = folder();
    let record = |kind: &str| -> String {
        let kind = format!("\"kind\":\"{kind}\"");
        let holds = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains(&kind);
        let found = files.iter().rfind(|(path, bytes)| path.starts_with("records/") && holds(bytes));
        found.unwrap().0.trim_end_matches(".json").to_owned()
    };
    let forgeries: [(&str, u32, &dyn Fn(&mut Files)); 9] = [
        ("another reviewer", 4, &|f| change(f, "certificate.json", "\"BEN Ødegård\"", "\"Ben Other\"")),
        ("another key", 4, &|f| {
            let other = "AAAAC3NzaC1lZDI1NTE5AAAAIH";
            change(f, "allowed_signers", "AAAAC3NzaC1lZDI1NTE5AAAAI", other);
        }),
        ("a further signer", 4, &|f| {
            let line = String::from_utf8(f["allowed_signers"].clone()).unwrap();
            let line = line.lines().next().unwrap().replacen("adaeze", "mallory", 1);
            f.get_mut("allowed_signers").unwrap().extend(format!("{line}\n").into_bytes());
        }),
        ("no condition", 4, &|f| change(f, "certificate.json", "Report drift monthly.", "Report drift.")),
        ("another revision", 4, &|f| {
            change(
                f,
                "certificate.json",
                "\"revision\": 2,\n    \"sha256\"",
                "\"revision\": 1,\n    \"sha256\"",
            )
        }),
        ("a record left out", 4, &|f| {
            let name = record("decide");
            f.remove(&format!("{name}.json"));
            f.remove(&format!("{name}.sig"));
        }),
        ("a file of the package left out", 2, &|f| {
            f.remove("package/data.md");
            change(f, "package/MANIFEST", "  data.md", "  gone.md");
        }),
        ("a file more in the package", 2, &|f| {
            _ = f.insert("package/more.md".to_owned(), b"More.\n".to_vec())
        }),
        ("the last line of the ledger dropped", 5, &|f| {
            let text = String::from_utf8(f["ledger.jsonl"].clone()).unwrap();
            let end = text.trim_end().rfind('\n').unwrap() + 1;
            f.insert("ledger.jsonl".to_owned(), text[..end].as_bytes().to_vec());
        }),
    ];
    for (forgery, command, forge) in forgeries {
        let mut changed = files.clone();
        forge(&mut changed);
        assert_eq!(failed(&changed).first(), Some(&1), "{forgery}");
        cover_up(&mut changed);
        let found = failed(&changed);
        assert!(found.contains(&command) && !found.contains(&1), "{forgery}: {found:?}");
    }
}
