//! The pages as files and over HTTP: the same bytes everywhere, nothing stale, nothing that runs, and a
//! preview that survives whatever a local process sends.

use crate::desk::{Desk, copy, program};
use countersign::store::{Workspace, publish};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Every file below a folder with its bytes; lock and manifest of the builder left out.
fn tree(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    let mut todo = vec![dir.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                todo.push(path);
            } else if !name.starts_with(".countersign-site") {
                out.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    out
}

/// R09: another folder, time zone, locale and number of threads: the same bytes.
#[test]
fn two_builds_of_one_input_are_identical() {
    let mut first = Desk::certified();
    let mut second = first.copied();
    let now = first.now();
    first
        .by_with(None, &["build"], |c| {
            c.env("COUNTERSIGN_NOW", &now)
                .env("TZ", "Pacific/Kiritimati")
                .env("LC_ALL", "C")
                .env("RAYON_NUM_THREADS", "1");
        })
        .exits(0);
    let out = second.beside("elsewhere/deep");
    second
        .by_with(None, &["build", "--out", out.to_str().unwrap()], |c| {
            c.env("COUNTERSIGN_NOW", &now)
                .env("TZ", "America/St_Johns")
                .env("LC_ALL", "tr_TR.UTF-8")
                .env("RAYON_NUM_THREADS", "4");
        })
        .exits(0);
    let (a, b) = (tree(&first.path("site/public")), tree(&out));
    assert!(a.len() > 20);
    assert_eq!(a.keys().collect::<Vec<_>>(), b.keys().collect::<Vec<_>>());
    for (name, bytes) in &a {
        assert_eq!(String::from_utf8_lossy(bytes), String::from_utf8_lossy(&b[name]), "{name}");
    }
}

/// R01 R32: no script, no form, no outside address, a strict policy on every page; figures carry their
/// threshold and verdict; nothing of a dashboard.
#[test]
fn pages_have_nothing_that_runs_and_no_dashboard() {
    let mut desk = Desk::certified();
    desk.run(&["build"]).exits(0);
    let pages = tree(&desk.path("site/public"));
    for (name, bytes) in pages.iter().filter(|(name, _)| name.ends_with(".html")) {
        let text = String::from_utf8(bytes.clone()).unwrap();
        let lower = text.to_lowercase();
        // Two scripts of ours: the check on certificates, the search on its own page. No other page has one.
        let own = match name.as_str() {
            "search.html" => Some("<script src=\"static/search-"),
            name if name.ends_with("/certificate.html") => Some("<script src=\"../../static/verify-"),
            _ => None,
        };
        assert_eq!(lower.matches("<script").count(), usize::from(own.is_some()), "{name}");
        assert!(own.is_none_or(|own| lower.contains(own)), "{name} has another script");
        assert_eq!(text.contains("script-src 'self';"), own.is_some(), "{name}");
        assert!(!text.contains("unsafe-"), "{name}");
        for banned in ["<form", "<iframe", "<object", "javascript:", " style=\"", " onclick", "http://"] {
            assert!(!lower.contains(banned), "{name} holds {banned}");
        }
        assert!(text.contains("default-src 'none'"), "{name} has no policy");
        for banned in ["learning rate", "loss curve", "run id"] {
            assert!(!lower.contains(banned), "{name} holds {banned}");
        }
        // As words: the letters of a signature can spell anything.
        for word in lower.split(|c: char| !c.is_alphanumeric()).filter(|word| word.len() < 10) {
            let banned = ["gpu", "sweep", "mlflow"].iter().find(|banned| word.starts_with(**banned));
            assert!(banned.is_none(), "{name} holds {word}");
        }
    }
    let page = String::from_utf8(pages["packages/scorecard/index.html"].clone()).unwrap();
    for part in ["0.791", "0.750", "Meets", "Every threshold of the policy is met.", "P-1, section 3"] {
        assert!(page.contains(part), "{part}");
    }
    let certificate = String::from_utf8(pages["packages/scorecard/certificate.html"].clone()).unwrap();
    for part in [
        "Tomasz Lindqvist",
        "Hana Sato",
        "Report the stability index each quarter",
        "SHA256:",
        "ssh-keygen",
        "1.0.0",
    ] {
        assert!(certificate.contains(part), "{part}");
    }
}

/// R18: two packages of one chain have the same sections in the same order.
#[test]
fn packages_of_one_chain_look_alike() {
    let mut desk = Desk::bank();
    copy(&desk.path("packages/scorecard"), &desk.path("packages/another"));
    desk.edit("packages/another/package.toml", "Desk scorecard", "Another scorecard");
    desk.run(&["build"]).exits(0);
    let ids = |package: &str| {
        let page = desk.read(&format!("site/public/packages/{package}/index.html"));
        let found =
            page.split("id=\"section-").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        found.filter(|id| !id.contains('.')).collect::<Vec<_>>()
    };
    assert_eq!(ids("scorecard"), ["training-data", "evaluation", "limitations"]);
    assert_eq!(ids("scorecard"), ids("another"));
}

fn edit(desk: &Desk, which: usize, n: u8) {
    match which {
        0 => desk.write("packages/scorecard/limitations.md", &format!("# Known limitations\n\nThe desk is small, number {n}, and its loans are alike. The model has never seen a recession, a joint application or an applicant without any history, and such applications go to a person who decides without the score.\n")),
        1 => desk.write("packages/scorecard/evidence/evaluation/evaluate.py", &format!("print({n})\n")),
        2 => {
            let copy_of = desk.path(&format!("packages/copy-{}", n % 3));
            if copy_of.exists() {
                std::fs::remove_dir_all(&copy_of).unwrap();
            } else {
                copy(&desk.path("packages/scorecard"), &copy_of);
                let _ = std::fs::remove_dir_all(copy_of.join("revisions"));
            }
        }
        3 => desk.write("packages/scorecard/training-data.md", &format!("# Training data provenance\n\nSee [the evaluation](evaluation.md) and [number {n}](../copy-1/limitations.md). All rows come from the desk's own ledger of invented loans, extracted under authorization D-7, which is in force until the end of the year after next.\n")),
        4 => {
            let text = desk.read("chains/desk-credit.toml");
            let line = text.lines().find(|l| l.starts_with("title")).unwrap().to_owned();
            desk.write("chains/desk-credit.toml", &text.replacen(&line, &format!("title = \"Credit {n}\""), 1));
        }
        _ => {
            let name = format!("packages/scorecard/evidence/limitations/note-{}.txt", n % 2);
            if desk.path(&name).exists() {
                std::fs::remove_file(desk.path(&name)).unwrap();
            } else {
                desk.write(&name, &format!("note {n}"));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]
    /// An incremental build equals a cold one, byte for byte, over any sequence of edits, and leaves
    /// foreign files alone.
    #[test]
    fn incremental_equals_cold(edits in prop::collection::vec((0usize..6, any::<u8>()), 1..5)) {
        let desk = Desk::approved();
        let out = desk.beside("out");
        std::fs::create_dir_all(&out).unwrap();
        std::fs::write(out.join("foreign.txt"), "not ours").unwrap();
        let now = "2027-01-01T00:00:00Z".parse().unwrap();
        for (n, (which, value)) in edits.into_iter().enumerate() {
            edit(&desk, which, value);
            let ws = Workspace::at(&desk.root()).unwrap();
            publish(&ws, &ws.load(now).unwrap(), &out, &|| ()).unwrap();
            // Elsewhere nothing is remembered: every fact is derived and every page rendered anew.
            let fresh = desk.copied();
            let there = Workspace::at(&fresh.root()).unwrap();
            let cold = fresh.beside(&format!("cold-{n}"));
            publish(&there, &there.load(now).unwrap(), &cold, &|| ()).unwrap();
            let mut warm = tree(&out);
            let foreign = warm.remove("foreign.txt");
            prop_assert_eq!(foreign.as_deref(), Some(&b"not ours"[..]));
            let cold = tree(&cold);
            prop_assert_eq!(warm.keys().collect::<Vec<_>>(), cold.keys().collect::<Vec<_>>());
            for (name, bytes) in &cold {
                prop_assert!(warm[name] == *bytes, "{} is stale", name);
            }
            let again = publish(&ws, &ws.load(now).unwrap(), &out, &|| ()).unwrap();
            prop_assert_eq!((again.rendered, again.written, again.removed), (0, 0, 0));
        }
    }
}

/// A preview that ends with the test.
struct Preview {
    child: Child,
    address: String,
}

impl Preview {
    fn start(desk: &Desk) -> Preview {
        let mut command = Command::new(program());
        command.arg("--root").arg(desk.root()).args(["serve", "--port", "0"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let mut said = String::new();
        let mut out = child.stdout.take().unwrap();
        let mut byte = [0];
        while !said.contains("by themselves") && out.read(&mut byte).unwrap() == 1 {
            said.push(char::from(byte[0]));
        }
        let address = said.split("http://").nth(1).unwrap().split('/').next().unwrap().to_owned();
        Preview { child, address }
    }

    fn raw(&self, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        let _ = stream.write_all(request);
        let mut out = Vec::new();
        let _ = stream.read_to_end(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    fn get(&self, path: &str) -> String {
        self.raw(
            format!("GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).as_bytes(),
        )
    }

    fn until(&self, path: &str, words: &str) -> Duration {
        let start = Instant::now();
        while !self.get(path).contains(words) {
            assert!(start.elapsed() < Duration::from_secs(20), "`{words}` never came to {path}");
            std::thread::sleep(Duration::from_millis(5));
        }
        start.elapsed()
    }
}

impl Drop for Preview {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A saved file is on its page, also when the editor saves by renaming; pages that show it follow.
#[test]
fn a_saved_file_is_served() {
    let desk = Desk::bank();
    let preview = Preview::start(&desk);
    let page = "/packages/scorecard/index.html";
    assert!(preview.get(page).contains("Every source is named"));
    desk.edit("packages/scorecard/limitations.md", "The desk is small", "The desk is tiny");
    preview.until(page, "The desk is tiny");
    let temp = desk.path("packages/scorecard/.limitations.md.swp");
    std::fs::write(&temp, desk.read("packages/scorecard/limitations.md").replace("tiny", "narrow")).unwrap();
    std::fs::rename(&temp, desk.path("packages/scorecard/limitations.md")).unwrap();
    preview.until(page, "The desk is narrow");
    desk.edit("packages/scorecard/package.toml", "Desk scorecard", "Renamed scorecard");
    preview.until("/index.html", "Renamed scorecard");
    desk.write(
        "packages/scorecard/limitations.md",
        "# Known limitations\n\n<b>bold</b> claims, and far too few words\n",
    );
    preview.until(page, "&lt;b&gt;");
}

/// Whatever a local process sends, the next reader is answered, and nothing outside the site is read.
#[test]
fn the_preview_survives_abuse() {
    let desk = Desk::bank();
    let preview = Preview::start(&desk);
    let host = preview.address.clone();
    assert!(preview.raw(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n").contains("403"));
    assert!(preview.raw(b"GET / HTTP/1.0\r\n\r\n").contains("403"));
    for path in [
        "/../../../etc/passwd",
        "/%2e%2e/%2e%2e/countersign.toml",
        "/packages/../countersign.toml",
        "/..%2f..%2fetc/passwd",
        "/%00",
        "/%zz",
    ] {
        let answer = preview.get(path);
        assert!(answer.contains(" 404 ") || answer.contains(" 400 "), "{path}: {answer}");
    }
    for length in ["1152921504606846976", "18446744073709551615", "5000"] {
        let answer = preview.raw(
            format!("POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\nabc").as_bytes(),
        );
        assert!(answer.contains("413") || answer.is_empty(), "{length}: {answer}");
    }
    preview.raw(
        format!("POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").as_bytes(),
    );
    assert!(
        preview
            .raw(format!("PUT / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())
            .contains("405")
    );
    let slow: Vec<TcpStream> = (0..200)
        .map(|_| {
            let mut stream = TcpStream::connect(&host).unwrap();
            let _ = stream.write_all(b"GET / HT");
            stream
        })
        .collect();
    let start = Instant::now();
    let answer = preview.get("/index.html");
    assert!(answer.contains("200 OK") && start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert!(answer.contains("Content-Security-Policy: default-src 'none'"));
    drop(slow);
    assert!(preview.get("/index.html").contains("200 OK"));
}
