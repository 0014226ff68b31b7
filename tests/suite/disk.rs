//! What lies on the disk and was put there by somebody else: links, forged caches, odd names; and a preview
//! that anybody may talk to.

use crate::desk::{Desk, program};
use std::ffi::OsStr;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const PAGE: &str = "packages/scorecard/index.html";

fn published(desk: &Desk) -> String {
    desk.read(&format!("site/public/{PAGE}"))
}

/// Builds the site, and what the builder said of it.
fn build(desk: &mut Desk) -> serde_json::Value {
    desk.run(&["--format", "json", "build"]).exits(0).json()
}

/// Facts are kept in the user's cache; what a commit brings is not believed.
#[test]
fn facts_in_the_repository_are_not_read() {
    let mut desk = Desk::bank();
    desk.run(&["check"]).exits(0);
    assert!(!desk.path(".countersign").exists());
    let cache = desk.beside(".cache/countersign");
    let folder = std::fs::read_dir(&cache).unwrap().next().unwrap().unwrap().path().join("facts");
    for shard in std::fs::read_dir(&folder).unwrap() {
        let shard = shard.unwrap();
        let text = std::fs::read_to_string(shard.path()).unwrap();
        assert!(text.contains("Desk scorecard"));
        let forged = text.replace("Desk scorecard", "Forged scorecard");
        let name = shard.file_name();
        desk.write(&format!(".countersign/facts/{}", name.to_str().unwrap()), &forged);
    }
    std::fs::remove_dir_all(&cache).unwrap();
    build(&mut desk);
    assert!(published(&desk).contains("Desk scorecard") && !published(&desk).contains("Forged"));
    // Without a home there is no cache, and everything still works.
    desk.by_with(None, &["build"], |c| {
        c.env_remove("HOME");
    })
    .exits(0);
}

/// A committed manifest removes nothing; a forged page of equal length is rendered again.
#[test]
fn the_site_folder_is_not_trusted() {
    let mut desk = Desk::bank();
    let victim = desk.beside("victim.txt");
    std::fs::write(&victim, "precious").unwrap();
    let size = desk.read("chains/people.toml").len();
    let key = "0".repeat(64);
    desk.write(
        "site/public/.countersign-site.json",
        &serde_json::json!({"files": {
            victim.to_str().unwrap(): [key, 8],
            "../../chains/people.toml": [key, size],
        }})
        .to_string(),
    );
    build(&mut desk);
    assert!(victim.exists() && desk.path("chains/people.toml").exists());

    // The same in the user's own cache is refused as well.
    let mut forged = 0;
    for folder in std::fs::read_dir(desk.beside(".cache/countersign")).unwrap() {
        let manifest = folder.unwrap().path().join("site.json");
        if let Ok(text) = std::fs::read_to_string(&manifest) {
            let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
            let files = value["files"].as_object_mut().unwrap();
            let row = files[PAGE].clone();
            files.insert("../../chains/people.toml".to_owned(), row.clone());
            files.insert(victim.to_str().unwrap().to_owned(), row);
            std::fs::write(&manifest, value.to_string()).unwrap();
            forged += 1;
        }
    }
    assert_eq!(forged, 1);
    build(&mut desk);
    assert!(victim.exists() && desk.path("chains/people.toml").exists());

    let page = published(&desk);
    desk.write(&format!("site/public/{PAGE}"), &page.replace("Desk", "Evil"));
    build(&mut desk);
    assert_eq!(published(&desk), page);
    let again = build(&mut desk);
    assert_eq!((again["rendered"].as_u64(), again["written"].as_u64()), (Some(0), Some(0)));
}

/// A folder of the site that became a link is not written through.
#[test]
fn no_page_goes_through_a_link() {
    let mut desk = Desk::bank();
    let other = desk.beside("other");
    std::fs::create_dir_all(other.join("scorecard")).unwrap();
    std::fs::create_dir_all(desk.path("site/public")).unwrap();
    symlink(&other, desk.path("site/public/packages")).unwrap();
    let answer = desk.run(&["build"]);
    assert_ne!(answer.code, 0);
    answer.says("plain folder");
    assert_eq!(std::fs::read_dir(other.join("scorecard")).unwrap().count(), 0);
    std::fs::remove_dir_all(desk.path("site/public")).unwrap();
    symlink(&other, desk.path("site/public")).unwrap();
    assert_ne!(desk.run(&["build"]).code, 0);
    assert_eq!(std::fs::read_dir(&other).unwrap().count(), 1);
}

/// Links and FIFOs anywhere a command reads: refused with the name, never followed, never waited for.
#[test]
fn nothing_is_read_through_a_link() {
    let secret = "-----SECRET-OF-THIS-MACHINE-----";
    for place in [
        "chains/ledger.jsonl",
        "chains/people.toml",
        "chains/extra.toml",
        "chains/pending/x.json",
        "countersign.toml",
        "site/static/secret.txt",
        "templates/package.html",
    ] {
        for fifo in [false, true] {
            let mut desk = Desk::bank();
            let file = desk.beside("secret");
            std::fs::write(&file, secret).unwrap();
            let link = desk.path(place);
            std::fs::create_dir_all(link.parent().unwrap()).unwrap();
            let _ = std::fs::remove_file(&link);
            if fifo {
                assert!(Command::new("mkfifo").arg(&link).status().unwrap().success());
            } else {
                symlink(&file, &link).unwrap();
            }
            let answer = desk.run(&["build"]);
            assert_ne!(answer.code, 0, "{place}");
            let answer = answer.says("is not a plain file");
            assert!(!format!("{}{}", answer.out, answer.err).contains(secret), "{place}");
        }
    }
    for place in ["chains", "packages", "chains/pending"] {
        let mut desk = Desk::submitted();
        std::fs::rename(desk.path(place), desk.beside("moved")).unwrap();
        symlink(desk.beside("moved"), desk.path(place)).unwrap();
        let answer = desk.run(&["build"]);
        assert_ne!(answer.code, 0, "{place}");
        answer.says("plain folder");
    }
}

/// A package, its revisions or one of them that is a link is a problem, and nothing in it counts.
#[test]
fn no_package_is_a_link() {
    for (place, words) in [
        ("packages/scorecard", "packages/scorecard is a symbolic link"),
        ("packages/scorecard/revisions", "packages/scorecard/revisions is in the place of a folder"),
        ("packages/scorecard/revisions/1", "packages/scorecard/revisions/1 is not a folder"),
    ] {
        let mut desk = Desk::submitted();
        std::fs::rename(desk.path(place), desk.beside("moved")).unwrap();
        symlink(desk.beside("moved"), desk.path(place)).unwrap();
        let said = [desk.run(&["check"]), desk.run(&["verify"])];
        assert!(said.iter().any(|a| a.code == 1 || a.code == 3), "{place}: {said:?}");
        let said: String = said.iter().map(|a| format!("{}{}", a.out, a.err)).collect();
        assert!(said.contains(words), "{place}: {said}");
    }
}

/// Names that are not UTF-8, reserved names and hidden strays are said, not stumbled over.
#[test]
fn odd_names_are_diagnostics() {
    let mut desk = Desk::submitted();
    std::fs::write(desk.path("packages/scorecard").join(OsStr::from_bytes(b"no\xffte.md")), "x").unwrap();
    desk.run(&["check"]).exits(1).says("NOT_A_FILE").says("not UTF-8");
    desk.run(&["status"]).exits(0);

    let mut desk = Desk::submitted();
    std::fs::create_dir_all(desk.path("packages/con")).unwrap();
    std::fs::create_dir_all(desk.path("packages").join(OsStr::from_bytes(b"b\xff"))).unwrap();
    desk.run(&["check"]).exits(1).says("BAD_PACKAGE_NAME").says("packages/con");

    let mut desk = Desk::submitted();
    desk.write("packages/scorecard/revisions/.tmp-abc/x", "interrupted");
    desk.run(&["verify"]).exits(0);
    desk.write("packages/scorecard/revisions/.hidden/x", "smuggled");
    desk.run(&["verify"]).exits(3).says("FROZEN_REVISION_UNSIGNED");
}

/// A name without a folder is a place like any other.
#[test]
fn writes_into_the_current_folder() {
    use countersign::store::{write_atomic, write_new, write_new_folder};
    if std::env::var_os("COUNTERSIGN_TEST_HERE").is_some() {
        write_atomic("a".as_ref(), b"1").unwrap();
        write_new("b".as_ref(), b"2").unwrap();
        write_new_folder("c".as_ref(), &[("d/e".to_owned(), b"3".to_vec())]).unwrap();
        return;
    }
    // The current folder belongs to the whole process, so this test runs itself in another.
    let dir = tempfile::TempDir::new().unwrap();
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "disk::writes_into_the_current_folder"])
        .env("COUNTERSIGN_TEST_HERE", "1")
        .current_dir(dir.path())
        .stdout(Stdio::null())
        .status();
    assert!(status.unwrap().success());
    for (name, text) in [("a", "1"), ("b", "2"), ("c/d/e", "3")] {
        assert_eq!(std::fs::read_to_string(dir.path().join(name)).unwrap(), text);
    }
}

struct Preview(Child, String);

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Preview {
    fn start(desk: &Desk) -> Preview {
        let mut command = Command::new(program());
        command.arg("--root").arg(desk.root()).args(["serve", "--port", "0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (mut said, mut byte) = (String::new(), [0]);
        let out = child.stdout.as_mut().unwrap();
        while !said.contains("by themselves") && out.read(&mut byte).unwrap() == 1 {
            said.push(char::from(byte[0]));
        }
        let address = said.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Preview(child, address)
    }

    fn send(&self, request: &str) -> TcpStream {
        let mut stream = TcpStream::connect(&self.1).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let _ = stream.write_all(request.replace("HOST", &self.1).as_bytes());
        stream
    }

    fn ask(&self, request: &str) -> String {
        let mut out = Vec::new();
        let _ = self.send(request).read_to_end(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[track_caller]
    fn answers(&self) {
        let start = Instant::now();
        let answer = self.ask("GET /index.html HTTP/1.1\r\nHost: HOST\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\nConnection: close\r\n"), "{answer:.300}");
        assert!(answer.trim_end().ends_with("</html>"));
        assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    }
}

/// Thousands of bodies, half-open connections and readers that never read leave it answering at once.
#[test]
fn the_preview_outlives_floods() {
    let desk = Desk::bank();
    let preview = Preview::start(&desk);
    preview.answers();
    let post = "POST / HTTP/1.1\r\nHost: HOST\r\nContent-Length: 5000\r\n\r\nabc";
    assert!(preview.ask(post).starts_with("HTTP/1.1 413"));
    for _ in 0..5000 {
        drop(preview.send(post));
    }
    preview.answers();
    let fonts = "GET /static/style.css HTTP/1.1\r\nHost: HOST\r\n\r\n";
    let deaf: Vec<TcpStream> = (0..40).map(|_| preview.send(fonts)).collect();
    preview.answers();
    let half: Vec<TcpStream> = (0..200).map(|_| preview.send("GET / HT")).collect();
    preview.answers();
    let huge = format!("GET / HTTP/1.1\r\nHost: HOST\r\nX: {}\r\n\r\n", "x".repeat(100_000));
    assert!(!preview.ask(&huge).contains(" 200 "));
    assert!(preview.ask("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").starts_with("HTTP/1.1 403"));
    assert!(preview.ask("GET  /\r\n\r\n").starts_with("HTTP/1.1 400"));
    let head = preview.ask("HEAD /index.html HTTP/1.1\r\nHost: HOST\r\n\r\n");
    assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head:.300}");
    preview.answers();
    let descriptors = format!("/proc/{}/fd", preview.0.id());
    drop((deaf, half));
    std::thread::sleep(Duration::from_secs(1));
    if let Ok(open) = std::fs::read_dir(descriptors) {
        assert!(open.count() < 100, "descriptors leak");
    }
}
