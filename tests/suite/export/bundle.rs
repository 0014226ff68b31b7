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

type Forgery<'a> = &'a dyn Fn(&mut Files);

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
    let answers = out.lines().filter(|line| line.starts_with("yes  ") || line.starts_with("NO   ")).count();
    assert_eq!(answers, 5, "{out}{errors}");
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

/// One byte of every file, at its start, middle and end. The first command alone notices all of them.
#[test]
fn one_changed_byte_is_noticed() {
    let files = folder();
    let script = String::from_utf8(files["verify.sh"].clone()).unwrap();
    let first = script.split("\nif\n").nth(1).unwrap().split("\nthen ").next().unwrap();
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &files);
    let holds = || {
        let run = Command::new("sh").args(["-c", first]).current_dir(folder.path()).output().unwrap();
        run.status.success()
    };
    assert!(holds());
    for (path, bytes) in &files {
        for at in [0, bytes.len() / 2, bytes.len() - 1] {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            std::fs::write(folder.path().join(path), changed).unwrap();
            assert!(!holds(), "{path}, byte {at}");
        }
        std::fs::write(folder.path().join(path), bytes).unwrap();
    }
    assert!(holds());
    std::fs::write(folder.path().join("package/more.md"), "More.").unwrap();
    assert!(!holds(), "a file more");
    std::fs::remove_file(folder.path().join("package/more.md")).unwrap();
    std::fs::remove_file(folder.path().join("people.toml")).unwrap();
    assert!(!holds(), "a file less");
}

/// The same by somebody who also writes SHA256SUMS anew: each file is anchored in something signed.
/// Only what is for reading (people.toml, the schema, this tool's own text) is not.
#[test]
fn one_changed_byte_is_noticed_even_if_covered_up() {
    let files = folder();
    let reading = ["VERIFY.txt", "verify.sh", "SHA256SUMS", "people.toml", "certificate.schema.json"];
    let anchored = files.iter().filter(|(path, _)| !reading.contains(&path.as_str()));
    for (turn, (path, bytes)) in anchored.enumerate() {
        // The start of one file, the middle of the next, the end of the third: a run takes half a second.
        let at = [1, bytes.len() / 2, bytes.len() - 2][turn % 3];
        let mut changed = files.clone();
        changed.get_mut(path).unwrap()[at] ^= 1;
        cover_up(&mut changed);
        let found = failed(&changed);
        assert!(found.iter().any(|command| *command != 1), "{path}, byte {at}: {found:?}");
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
    let forgeries: [(&str, u32, Forgery); 11] = [
        ("another registry", 4, &|f| change(f, "certificate.json", "models:/pd/11", "models:/pd/12")),
        ("another ledger entry", 4, &|f| {
            let text = String::from_utf8(f["certificate.json"].clone()).unwrap();
            let entry = text.split("\"entry\": \"").nth(1).unwrap()[..64].to_owned();
            change(f, "certificate.json", &entry, &"0".repeat(64));
        }),
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
            f.insert("ledger.jsonl".to_owned(), text.as_bytes()[..end].to_vec());
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
