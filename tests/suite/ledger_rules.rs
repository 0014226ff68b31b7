//! The ledger under attack and under Git: every byte, every merge order, every rule between base and head.

use crate::desk::{Desk, copy, git};
use countersign::digest::{FileDigest, sha256};
use countersign::dossier::{Facts, Input, build};
use countersign::store::Workspace;
use rayon::prelude::*;
use std::path::Path;

fn workspace(desk: &Desk) -> Workspace {
    Workspace::at(&desk.root()).unwrap()
}

/// Every break of an input, as (path, names a record).
fn breaks(ws: &Workspace, input: &Input) -> Vec<(String, bool)> {
    let (register, _) =
        build(input, &ws.sources(), &Facts::default(), "2027-01-01T00:00:00Z".parse().unwrap());
    register.ledger.breaks.iter().map(|b| (b.path.to_string(), b.record.is_some())).collect()
}

/// R29 R50: every byte, one at a time, of every file that a certificate rests on: ledger, pending records,
/// people file, frozen revision, its MANIFEST and its pinned chain.
#[test]
fn every_flipped_byte_is_found_and_named() {
    let desk = Desk::certified();
    let ws = workspace(&desk);
    let whole = ws.input().unwrap();
    assert_eq!(breaks(&ws, &whole), []);

    // A byte of the ledger, of a pending record or of the people file.
    let check = |what: &str, length: usize, change: &(dyn Fn(&mut Input, usize) + Sync)| {
        let missed: Vec<usize> = (0..length)
            .into_par_iter()
            .filter(|at| {
                let mut input = Input { packages: Vec::new(), ..whole.clone() };
                change(&mut input, *at);
                let found = input.verify().breaks;
                let file = found.iter().any(|b| b.path.as_str() == what);
                let record = found.iter().any(|b| b.record.is_some());
                !file || !(record || what.ends_with("people.toml"))
            })
            .collect();
        assert!(
            missed.is_empty(),
            "{what}: {} of {length} flips missed, at {:?}",
            missed.len(),
            &missed[..missed.len().min(5)]
        );
        length
    };
    let mut flips = 0;
    flips += check("chains/ledger.jsonl", whole.ledger.len(), &|i, at| i.ledger[at] ^= 1);
    flips += check("chains/people.toml", whole.people.len(), &|i, at| i.people[at] ^= 1);
    assert_eq!(whole.pending.len(), 1, "one record waits");
    let path = whole.pending[0].0.to_string();
    flips += check(&path, whole.pending[0].1.len(), &|i, at| i.pending[0].1[at] ^= 1);

    // A byte of a frozen revision: what the scan would find is its digest.
    let folder = &whole.packages[0];
    let frozen = &folder.frozen[0];
    for (n, listed) in frozen.files.iter().enumerate() {
        let path = format!("{}/{}", frozen.base, listed.path);
        let bytes = std::fs::read(desk.path(&path)).unwrap();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let digest = FileDigest(sha256(&changed));
            assert_ne!(digest, listed.digest);
            // One whole judgement a file is enough: every other digest takes the same path.
            if at == 0 {
                let mut input = whole.clone();
                input.packages[0].frozen[0].files[n].digest = digest;
                assert!(breaks(&ws, &input).contains(&(path.clone(), true)), "{path}");
            }
            flips += 1;
        }
    }
    for (name, bytes) in [("MANIFEST", frozen.manifest.clone()), ("chain.toml", frozen.chain.clone())] {
        let bytes = bytes.unwrap();
        let missed: Vec<usize> = (0..bytes.len())
            .into_par_iter()
            .filter(|at| {
                let mut input = whole.clone();
                let mut changed = bytes.clone();
                changed[*at] ^= 1;
                let frozen = &mut input.packages[0].frozen[0];
                if name == "MANIFEST" {
                    frozen.manifest = Some(changed);
                } else {
                    frozen.chain = Some(changed);
                }
                !breaks(&ws, &input).contains(&(format!("packages/scorecard/revisions/1/{name}"), true))
            })
            .collect();
        assert!(missed.is_empty(), "{name}: {missed:?}");
        flips += bytes.len();
    }
    println!("{flips} of {flips} flipped bytes found");
    assert!(flips > 30_000);
}

/// The same through the program, for a byte of each file, on the disk.
#[test]
fn the_program_exits_3_and_names_file_and_record() {
    let desk = Desk::certified();
    let mut files = Vec::new();
    list(&desk.root(), &desk.path("chains"), &mut files);
    list(&desk.root(), &desk.path("packages/scorecard/revisions"), &mut files);
    files.retain(|f| !f.ends_with("desk-credit.toml") && !f.ends_with(".gitkeep"));
    assert!(files.len() >= 10, "{files:?}");
    for file in files {
        let mut desk = desk.copied();
        let path = desk.path(&file);
        let mut bytes = std::fs::read(&path).unwrap();
        let at = bytes.len() / 3;
        bytes[at] ^= 4;
        std::fs::write(&path, bytes).unwrap();
        let answer = desk.run(&["verify"]).exits(3).says(&file);
        assert!(answer.out.contains("record") || file.ends_with("people.toml"), "{}", answer.out);
        desk.run(&["gate", "scorecard"]).exits(3);
        desk.by("hana-sato", &["comment", "scorecard", "--section", "evaluation", "--text", "x", "--yes"])
            .exits(3)
            .says("nothing can be signed");
        desk.run(&["build"]).exits(0).says("INVALID");
        assert!(desk.read("site/public/packages/scorecard/index.html").contains("INVALID"), "{file}");
    }
}

fn list(root: &Path, dir: &Path, out: &mut Vec<String>) {
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(root, &path, out);
        } else {
            out.push(path.strip_prefix(root).unwrap().to_str().unwrap().to_owned());
        }
    }
}

/// Deleted, reordered, duplicated, truncated lines; a file too many; a folder gone.
#[test]
fn what_is_missing_or_added_is_found_too() {
    type Change<'a> = &'a dyn Fn(&Desk);
    let cases: [(&str, Change<'_>); 8] = [
        ("a line removed", &|d| lines(d, |l| drop(l.remove(3)))),
        ("two lines swapped", &|d| lines(d, |l| l.swap(2, 3))),
        ("a line twice", &|d| lines(d, |l| l.insert(3, l[3].clone()))),
        ("the last line half", &|d| {
            let text = d.read("chains/ledger.jsonl");
            d.write("chains/ledger.jsonl", &text[..text.len() - 40]);
        }),
        ("the tail cut off, with a record that had seen it", &|d| lines(d, |l| l.truncate(l.len() - 1))),
        ("a frozen file more", &|d| {
            d.write("packages/scorecard/revisions/1/evidence/evaluation/new.txt", "x")
        }),
        ("a frozen file less", &|d| {
            std::fs::remove_file(d.path("packages/scorecard/revisions/1/limitations.md")).unwrap()
        }),
        ("the package gone", &|d| std::fs::remove_dir_all(d.path("packages/scorecard")).unwrap()),
    ];
    let desk = Desk::certified();
    for (what, change) in cases {
        let mut desk = desk.copied();
        change(&desk);
        let answer = desk.run(&["verify"]);
        assert_eq!(answer.code, 3, "{what}: {}{}", answer.out, answer.err);
    }
}

fn lines(desk: &Desk, change: impl Fn(&mut Vec<String>)) {
    let mut all: Vec<String> = desk.read("chains/ledger.jsonl").lines().map(str::to_owned).collect();
    change(&mut all);
    desk.write("chains/ledger.jsonl", &(all.join("\n") + "\n"));
}

fn committed(desk: &Desk) {
    desk.git(&["init", "-q"]).exits(0);
    desk.git(&["add", "-A"]).exits(0);
    desk.git(&["commit", "-qm", "base"]).exits(0);
}

/// Twenty branches from one base, two records each, merged in any order by plain Git: no conflict,
/// nothing lost, one valid ledger, and the same bytes whoever appends.
#[test]
fn twenty_branches_merge_in_any_order() {
    let mut desk = Desk::submitted();
    committed(&desk);
    let mut ids = Vec::new();
    for n in 0..20 {
        let name = format!("branch-{n}");
        desk.git(&["checkout", "-q", "-b", &name, "main"]).exits(0);
        for (who, text) in [("hana-sato", "one"), ("lucas-brandt", "two")] {
            let words = format!("{text} of {n}");
            desk.by(who, &["comment", "scorecard", "--section", "evaluation", "--text", &words, "--yes"])
                .exits(0);
        }
        desk.git(&["add", "-A"]).exits(0);
        desk.git(&["commit", "-qm", &name]).exits(0);
        let listed = desk.git(&["ls-tree", "-r", "--name-only", "HEAD", "chains/pending"]).exits(0).out;
        ids.extend(listed.lines().filter(|l| l.ends_with(".json")).map(|l| l[15..79].to_owned()));
    }
    ids.sort();
    ids.dedup();
    let mut ledgers = Vec::new();
    for (round, step) in [(0, 1), (7, 3), (19, 19)] {
        let branch = format!("merge-{round}");
        desk.git(&["checkout", "-q", "-b", &branch, "main"]).exits(0);
        for n in 0..20 {
            let name = format!("branch-{}", (round + n * step) % 20);
            desk.git(&["merge", "-q", "--no-edit", &name]).exits(0);
        }
        desk.run(&["verify", "--base", "main"]).exits(0);
        desk.run(&["append"]).exits(0);
        desk.run(&["verify", "--base", "main"]).exits(0);
        let ledger = desk.read("chains/ledger.jsonl");
        for id in &ids {
            assert!(ledger.contains(&format!("\"id\":\"{id}\"")), "{id} was lost");
        }
        ledgers.push(ledger);
        desk.git(&["add", "-A"]).exits(0);
        desk.git(&["commit", "-qm", "append"]).exits(0);
    }
    assert!(ledgers.windows(2).all(|pair| pair[0] == pair[1]), "the order of merges does not matter");
}

/// Two branches that both appended: Git's conflict is mended without a new signature.
#[test]
fn two_appended_branches_are_mended() {
    let mut desk = Desk::submitted();
    desk.run(&["append"]).exits(0);
    committed(&desk);
    for (name, who) in [("left", "hana-sato"), ("right", "lucas-brandt")] {
        desk.git(&["checkout", "-q", "-b", name, "main"]).exits(0);
        desk.by(who, &["comment", "scorecard", "--section", "evaluation", "--text", name, "--yes"]).exits(0);
        desk.run(&["append"]).exits(0);
        desk.git(&["add", "-A"]).exits(0);
        desk.git(&["commit", "-qm", name]).exits(0);
    }
    desk.git(&["checkout", "-q", "main"]).exits(0);
    desk.git(&["merge", "-q", "--no-edit", "left"]).exits(0);
    let base = desk.read("chains/ledger.jsonl");
    assert_ne!(desk.git(&["merge", "-q", "--no-edit", "right"]).code, 0, "both appended a line");
    assert!(desk.read("chains/ledger.jsonl").contains("<<<<<<<"));
    desk.run(&["verify"]).exits(3);
    desk.run(&["append"]).exits(0);
    let mended = desk.read("chains/ledger.jsonl");
    assert!(mended.starts_with(&base), "what had landed stays where it was");
    assert_eq!(mended.lines().count(), base.lines().count() + 1);
    desk.run(&["verify", "--base", "main"]).exits(0);
}

/// What the base has is still there, and new rules never judge the decisions of the same change.
#[test]
fn a_change_may_not_rewrite_its_base() {
    let mut base = Desk::approved();
    base.by("hana-sato", &["comment", "scorecard", "--section", "evaluation", "--text", "waits", "--yes"])
        .exits(0);
    committed(&base);
    let branch = |change: &dyn Fn(&mut Desk)| {
        let mut desk = base.copied();
        desk.git(&["checkout", "-q", "-b", "change"]).exits(0);
        change(&mut desk);
        desk.git(&["add", "-A"]).exits(0);
        desk.git(&["commit", "-qm", "change", "--allow-empty"]).exits(0);
        desk.run(&["verify", "--base", "main"])
    };
    branch(&|_| {}).exits(0);
    branch(&|d| {
        d.by("lucas-brandt", &["comment", "scorecard", "--section", "evaluation", "--text", "more", "--yes"])
            .exits(0);
    })
    .exits(0);
    branch(&|d| lines(d, |l| l.truncate(l.len() - 2))).exits(3).says("LEDGER_REWRITTEN");
    branch(&|d| {
        let pending = std::fs::read_dir(d.path("chains/pending")).unwrap().map(|e| e.unwrap().path());
        pending
            .filter(|p| p.extension().is_some_and(|e| e == "json"))
            .for_each(|p| std::fs::remove_file(p).unwrap());
    })
    .exits(3)
    .says("RECORD_REMOVED");
    branch(&|d| d.edit("packages/scorecard/revisions/1/limitations.md", "small", "large"))
        .exits(3)
        .says("BASE_REVISION_CHANGED");
    branch(&|d| d.edit("countersign.toml", "skew_seconds = 300", "skew_seconds = 900"))
        .exits(3)
        .says("BASE_CONFIG_CHANGED");
    // Rules alone, decisions alone: fine. Both: not.
    branch(&|d| d.edit("chains/desk-credit.toml", "approvals = 2", "approvals = 1")).exits(0);
    branch(&|d| {
        d.edit("chains/desk-credit.toml", "approvals = 2", "approvals = 1");
        d.by("lucas-brandt", &["comment", "scorecard", "--section", "evaluation", "--text", "x", "--yes"])
            .exits(0);
    })
    .exits(3)
    .says("RULES_AND_DECISIONS");
    branch(&|d| {
        d.by("nora-vance", &["people", "grant", "lucas-brandt", "model-risk", "--yes"]).exits(0);
        d.by("lucas-brandt", &["comment", "scorecard", "--section", "evaluation", "--text", "x", "--yes"])
            .exits(0);
    })
    .exits(3)
    .says("RULES_AND_DECISIONS");
    let mut desk = base.copied();
    desk.run(&["verify", "--base", "no-such-branch"]).exits(2).says("no commit");
}

/// R43: records do not travel: to another repository, or back from a copy.
#[test]
fn a_record_of_another_repository_does_not_count_here() {
    let mut here = Desk::submitted();
    let there = Desk::submitted();
    let other = there.copied();
    // The same people and records under another id.
    let id = other.read("countersign.toml").lines().find(|l| l.starts_with("repository")).unwrap().to_owned();
    let changed = id.replace(|c: char| c.is_ascii_digit(), "0");
    other.edit("countersign.toml", &id, &changed);
    let mut other = other;
    other.run(&["verify"]).exits(3).says("WRONG_REPOSITORY");
    // A record copied under another name is no record.
    let pending = std::fs::read_dir(here.path("chains/pending"))
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some())
        .unwrap();
    std::fs::copy(&pending, here.path(&format!("chains/pending/{}.json", "ab".repeat(32)))).unwrap();
    here.run(&["verify"]).exits(3);
}

/// A workspace copied elsewhere is the same workspace: nothing rests on where it lies.
#[test]
fn a_copy_verifies_wherever_it_lies() {
    let desk = Desk::certified();
    let elsewhere = tempfile::tempdir().unwrap();
    copy(&desk.root(), &elsewhere.path().join("a b/ü"));
    let ws = Workspace::at(&elsewhere.path().join("a b/ü")).unwrap();
    assert_eq!(breaks(&ws, &ws.input().unwrap()), []);
    git(elsewhere.path(), &["--version"]).exits(0);
}

/// A record's file, signed with someone's key by the real ssh-keygen: what an attacker with write access
/// could add without this program.
fn forge(desk: &Desk, key: &str, like: &str, change: impl Fn(String) -> String) {
    let ledger = desk.read("chains/ledger.jsonl");
    let lines = ledger.lines().map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap());
    let mut records = lines.map(|l| l["record"].as_str().unwrap().to_owned());
    let model = records.find(|r| r.contains(like)).unwrap();
    let public = std::fs::read_to_string(desk.key(key).with_extension("pub")).unwrap();
    let mut words = public.split_whitespace();
    let text = format!("{} {}", words.next().unwrap(), words.next().unwrap());
    let fingerprint = text.parse::<countersign::record::PublicKey>().unwrap().fingerprint();
    let old = model.split("\"key\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let nonce = &model.split("\"nonce\":\"").nth(1).unwrap()[..32];
    let bytes = change(model.replace(&old, fingerprint.as_str()).replace(nonce, &"ab".repeat(16)));
    let file = desk.beside("forged");
    std::fs::write(&file, &bytes).unwrap();
    let askpass = desk.beside("forger");
    std::fs::write(&askpass, format!("#!/bin/sh\necho '{}'\n", crate::desk::PASSPHRASE)).unwrap();
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(&askpass, std::fs::Permissions::from_mode(0o700)).unwrap();
    std::fs::set_permissions(desk.key(key), std::fs::Permissions::from_mode(0o600)).unwrap();
    let _ = std::fs::remove_file(desk.beside("forged.sig"));
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-Y", "sign", "-n", "countersign-record", "-f"])
        .arg(desk.key(key))
        .arg(&file)
        .env("SSH_ASKPASS", &askpass)
        .env("SSH_ASKPASS_REQUIRE", "force")
        .env("DISPLAY", "x")
        .stdin(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(made.success());
    let sig = std::fs::read_to_string(desk.beside("forged.sig")).unwrap();
    let id = countersign::digest::hex(&sha256(bytes.as_bytes()));
    let text = format!(
        "{{\"id\":\"{id}\",\"record\":{},\"sig\":{}}}\n",
        serde_json::to_string(&bytes).unwrap(),
        serde_json::to_string(&sig).unwrap()
    );
    desk.write(&format!("chains/pending/{id}.json"), &text);
}

/// Somebody who was never enrolled adds records: they are named and nothing is appended.
#[test]
fn a_stranger_cannot_add_a_record() {
    let mut desk = Desk::certified();
    crate::desk::keygen(&desk.beside("keys/stranger"));
    forge(&desk, "stranger", "\"kind\":\"submit\"", |bytes| bytes);
    let before = desk.read("chains/ledger.jsonl");
    desk.run(&["verify"]).exits(3).says("chains/pending");
    desk.run(&["append"]).exits(3).says("nothing was written");
    desk.run(&["gate", "scorecard"]).exits(3);
    assert_eq!(desk.read("chains/ledger.jsonl"), before);
}

/// A clock far ahead would freeze a package for ever: such a record is neither stored nor appended.
#[test]
fn a_record_from_the_future_is_refused() {
    let mut desk = Desk::submitted();
    let args = ["comment", "scorecard", "--section", "evaluation", "--text", "from then", "--yes"];
    desk.by_with(Some("hana-sato"), &args, |c| {
        c.env("COUNTERSIGN_NOW", "2999-01-01T00:00:00Z");
    });
    desk.run(&["verify"]).exits(3).says("SIGNED_IN_FUTURE");
    desk.run(&["append"]).exits(3).says("2999-01-01");
}

/// After merges both ways a record may stand on only one side of the base: it is missed all the same.
#[test]
fn a_criss_cross_merge_hides_nothing() {
    let mut desk = Desk::submitted();
    committed(&desk);
    desk.git(&["checkout", "-q", "-b", "a"]).exits(0);
    desk.git(&["commit", "-q", "--allow-empty", "-m", "a"]).exits(0);
    desk.git(&["checkout", "-q", "-b", "b", "main"]).exits(0);
    let finding = "training-data | a source is missing | name it";
    desk.by("tomasz-lindqvist", &["decide", "scorecard", "reject", "--finding", finding, "--yes"]).exits(0);
    desk.git(&["add", "-A"]).exits(0);
    desk.git(&["commit", "-qm", "b"]).exits(0);
    desk.git(&["checkout", "-q", "-b", "trunk", "a"]).exits(0);
    desk.git(&["merge", "-q", "--no-edit", "b"]).exits(0);
    desk.git(&["checkout", "-q", "-b", "evil", "a"]).exits(0);
    desk.git(&["merge", "-q", "--no-edit", "-s", "ours", "b"]).exits(0);
    desk.run(&["verify", "--base", "trunk"]).exits(3).says("RECORD_REMOVED");
}

/// A revocation that waits is appended before any decision it did not follow.
#[test]
fn a_waiting_revocation_comes_first() {
    let mut desk = Desk::submitted();
    desk.run(&["append"]).exits(0);
    let fork = desk.copied();
    let people = desk.run(&["--format", "json", "people"]).exits(0).json();
    let tomasz = people.as_array().unwrap().iter().find(|p| p["id"] == "tomasz-lindqvist").unwrap().clone();
    let key = tomasz["keys"][0]["fingerprint"].as_str().unwrap();
    desk.by("nora-vance", &["people", "revoke", "tomasz-lindqvist", key, "--reason", "stolen", "--yes"])
        .exits(0);
    // Signed elsewhere, without having seen the revocation; whatever its id, it comes after.
    let mut thief = fork;
    thief.by("tomasz-lindqvist", &["decide", "scorecard", "approve", "--yes"]).exits(0);
    copy(&thief.path("chains/pending"), &desk.path("chains/pending"));
    desk.run(&["append"]).exits(0);
    assert_eq!(desk.codes().last().map(String::as_str), Some("KEY_NOT_VALID"));
}
