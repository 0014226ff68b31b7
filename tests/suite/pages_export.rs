//! The export page: the file beside the certificate is what the command writes, the page says what it says,
//! and nothing is offered that is not certified.

use crate::agent::Pages;
use crate::desk::Desk;
use countersign::digest::{hex, sha256};
use countersign::export::SCHEMA;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

const PAGE: &str = "site/public/packages/scorecard/export.html";
const FILE: &str = "site/public/packages/scorecard/scorecard-r1-certificate.json";

/// What the command writes, byte for byte.
fn exported(desk: &mut Desk, package: &str) -> String {
    let out = desk.beside("out.json");
    let _ = std::fs::remove_file(&out);
    desk.run(&["export", package, "--format", "json", "--out", out.to_str().unwrap()]).exits(0);
    std::fs::read_to_string(&out).unwrap()
}

fn built(desk: &mut Desk) -> (String, String) {
    desk.run(&["build"]).exits(0);
    (desk.read(PAGE), desk.read(FILE))
}

/// Which records a document holds.
fn summary(file: &str) -> String {
    let document: Value = serde_json::from_str(file).unwrap();
    let records = document["records"].as_array().unwrap().iter();
    records.map(|r| format!("{} {} {}\n", r["index"], r["kind"], r["fate"])).collect()
}

/// Grants a role, and puts everything that waits into the ledger.
fn grant(desk: &mut Desk, person: &str, role: &str) {
    desk.by("nora-vance", &["people", "grant", person, role, "--yes"]).exits(0);
    desk.run(&["append"]).exits(0);
}

/// R80 R81: the site offers the bytes of `export json` with their SHA-256, size, form and schema, and says
/// every fact in them in words; certificate and package lead there.
#[test]
fn r80_the_site_offers_the_very_bytes_that_the_command_writes() {
    let mut desk = Desk::certified();
    let (page, file) = built(&mut desk);
    assert!(file == exported(&mut desk, "scorecard"));
    let schema: Value = serde_json::from_str(&desk.read("site/public/certificate.schema.json")).unwrap();
    assert_eq!(desk.read("site/public/certificate.schema.json"), SCHEMA);
    let document: Value = serde_json::from_str(&file).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&document));
    for field in document.as_object().unwrap().keys() {
        assert!(page.contains(&format!("<code>{field}</code>")), "{field} is not told");
    }
    let grouped = |hash: &Value| {
        let hash = hash.as_str().unwrap().as_bytes();
        hash.chunks(8).map(|part| std::str::from_utf8(part).unwrap()).collect::<Vec<_>>().join(" ")
    };
    let ledger = &document["ledger"];
    let told = [
        hex(&sha256(file.as_bytes())),
        "<a class=\"btn btn--main\" href=\"../../packages/scorecard/scorecard-r1-certificate.json\" \
         download=\"scorecard-r1-certificate.json\">"
            .to_owned(),
        "href=\"../../certificate.schema.json\"".to_owned(),
        document["format"].as_str().unwrap().to_owned(),
        "Approved with conditions".to_owned(),
        document["conditions"][0]["condition"]["text"].as_str().unwrap().to_owned(),
        grouped(&document["package"]["sha256"]),
        grouped(&document["chain"]["sha256"]),
        grouped(&ledger["entry"]),
        grouped(&ledger["previous"]),
        grouped(&ledger["root"]),
        format!("Entry {}.", ledger["index"]),
        format!("first {} lines", ledger["size"]),
    ];
    let reviewers = document["reviewers"].as_array().unwrap().iter();
    for part in told.into_iter().chain(reviewers.map(|r| r["name"].as_str().unwrap().to_owned())) {
        assert!(page.contains(&part), "{part}");
    }
    let bytes = file.len().to_string();
    let size = format!("{},{} bytes", &bytes[..bytes.len() - 3], &bytes[bytes.len() - 3..]);
    assert!(page.contains(&size), "{size}");
    for from in ["index.html", "certificate.html"] {
        let from = desk.read(&format!("site/public/packages/scorecard/{from}"));
        assert!(from.contains("href=\"../../packages/scorecard/export.html\""));
    }
}

/// The commands on the page as a reader would paste them.
fn commands(page: &str) -> Vec<String> {
    let parts = page.split("<pre class=\"command\" tabindex=\"0\"><code>").skip(1);
    let plain = |text: &str| {
        [("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&gt;", ">"), ("&lt;", "<"), ("&amp;", "&")]
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
    };
    parts.map(|part| plain(part.split("</code>").next().unwrap())).collect()
}

/// Runs commands in one shell; what they print.
fn shell(folder: &Path, commands: &[String]) -> String {
    let run = Command::new("sh").args(["-c", &commands.join("\n")]).current_dir(folder).output().unwrap();
    String::from_utf8_lossy(&run.stdout).into_owned()
}

/// R82 R83: the commands on the page hold in an empty folder with nothing but the file, and each notices
/// what it is there to notice.
#[test]
fn r82_the_commands_on_the_page_check_the_file_alone() {
    let mut desk = Desk::certified();
    let (page, file) = built(&mut desk);
    let commands = commands(&page);
    assert_eq!(commands.len(), 5);
    let alone = tempfile::tempdir().unwrap();
    let check = |text: &str| {
        std::fs::write(alone.path().join("scorecard-r1-certificate.json"), text).unwrap();
        let said = shell(alone.path(), &commands[..3]);
        let good = said.lines().filter(|line| line.starts_with("Good ")).count();
        let sum = said.contains("scorecard-r1-certificate.json: OK");
        (sum, good, said.lines().last() == Some("true"))
    };
    let document: Value = serde_json::from_str(&file).unwrap();
    let records = document["records"].as_array().unwrap().len();
    assert_eq!(check(&file), (true, records, true));
    // The outcome beside the records is changed: the issuer signed another one.
    let state = file.replacen("\"state\": \"approved_with_conditions\"", "\"state\": \"approved\"", 1);
    assert_ne!(state, file);
    assert_eq!(check(&state), (false, records, false));
    // A signed record is changed.
    let record = file.replacen("Report the stability index", "Forget the stability index", 9);
    assert_ne!(record, file);
    let (sum, good, _) = check(&record);
    assert!(!sum && good < records, "{good} of {records}");
}

/// R84: whoever archives the file gets it again only when something about this package or about people was
/// recorded. What happens to other packages, and time, change nothing in it.
#[test]
fn r84_other_packages_and_time_change_nothing_in_the_file() {
    let mut desk = Desk::certified();
    // A comment on this package waits: it is part of the file from here on.
    desk.run(&["append"]).exits(0);
    let (page, file) = built(&mut desk);
    desk.approve_second();
    desk.wait_days(40);
    let (same_page, same) = built(&mut desk);
    assert!(same == file, "{}", summary(&same));
    assert!(same_page == page && exported(&mut desk, "scorecard") == file);
    grant(&mut desk, "hana-sato", "revoker");
    let (_, more) = built(&mut desk);
    assert!(more != file && exported(&mut desk, "scorecard") == more);
}

/// R32 R75: a certificate that was replaced or revoked is exported as such, and page and file say so first.
#[test]
fn a_certificate_out_of_force_is_never_exported_as_if_it_held() {
    let mut desk = Desk::certified();
    desk.approve_second();
    let old = desk.status()["certificate"]["record"].as_str().unwrap().to_owned();
    desk.by("nora-vance", &["certify", "second", "--supersedes", &old[..12], "--yes"]).exits(0);
    desk.run(&["append"]).exits(0);
    let (page, file) = built(&mut desk);
    let document: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(document["ended"]["how"], "superseded");
    assert!(exported(&mut desk, "scorecard") == file);
    let newer: Value =
        serde_json::from_str(&desk.read("site/public/packages/second/second-r1-certificate.json")).unwrap();
    assert_eq!(newer["supersedes"], old);
    assert_eq!(newer["issued"]["record"], document["ended"]["record"]);
    let says = |page: &str, parts: &[&str]| {
        for part in parts {
            assert!(page.contains(part), "{part}");
        }
    };
    says(
        &page,
        &["Superseded: not in force", "data-printed=\"SUPERSEDED, NOT IN FORCE", "It is not in force now."],
    );
    says(&page, &["Replaced by the certificate of another package, "]);
    grant(&mut desk, "nora-vance", "revoker");
    desk.by("nora-vance", &["revoke", "second", "--reason", "The labels were wrong.", "--yes"]).exits(0);
    desk.run(&["append"]).exits(0);
    desk.run(&["build"]).exits(0);
    let page = desk.read("site/public/packages/second/export.html");
    says(&page, &["<p class=\"stamp\">Revoked: not in force</p>", "The labels were wrong.", "by Nora Vance"]);
    let file = desk.read("site/public/packages/second/second-r1-certificate.json");
    let document: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(document["ended"]["how"], "revoked");
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&document));
    let folder = desk.beside("evidence");
    desk.run(&["export", "second", "--format", "bundle", "--out", folder.to_str().unwrap()]).exits(0);
    assert!(!shell(&folder, &["sh verify.sh".to_owned()]).contains("NO "), "the folder proves itself");
}

/// Without a certificate there is neither page nor file nor a link to them; where the repository does not
/// hold, the page says why there is no file, and the old file is gone.
#[test]
fn nothing_is_offered_that_is_not_certified() {
    let mut desk = Desk::approved();
    desk.run(&["build"]).exits(0);
    assert!(!desk.path(PAGE).exists() && !desk.path(FILE).exists());
    assert!(!desk.read("site/public/packages/scorecard/index.html").contains("export.html"));

    let mut desk = Desk::certified();
    built(&mut desk);
    desk.edit("packages/scorecard/revisions/1/limitations.md", "The desk is small", "The desk is large");
    desk.run(&["build"]).exits(0);
    let page = desk.read(PAGE);
    assert!(!desk.path(FILE).exists());
    for part in ["There is no file to download.", "INVALID", "does not hold"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("scorecard-r1-certificate.json"), "no dead link");
    assert!(desk.read("site/public/packages/scorecard/certificate.html").contains("export.html"));
}

/// The page and the file that are built after a change are those that a build from nothing makes.
#[test]
fn an_incremental_build_of_exports_equals_a_cold_one() {
    let mut desk = Desk::certified();
    built(&mut desk);
    desk.approve_second();
    grant(&mut desk, "hana-sato", "revoker");
    let warm = built(&mut desk);
    let cold = desk.beside("cold");
    desk.run(&["build", "--out", cold.to_str().unwrap()]).exits(0);
    let cold =
        |path: &str| std::fs::read_to_string(cold.join(path.strip_prefix("site/public/").unwrap())).unwrap();
    assert!(warm == (cold(PAGE), cold(FILE)));
    let again = desk.run(&["build"]).exits(0).out;
    assert!(again.contains(" 0 rendered, 0 written, 0 removed"), "{again}");
}

/// The review pages show the same page and offer the same bytes.
#[test]
fn the_review_pages_offer_the_same_file() {
    let mut desk = Desk::certified();
    let (page, file) = built(&mut desk);
    let pages = Pages::open(&desk, "adaeze-okafor");
    let got = pages.get("packages/scorecard/export.html").is(200);
    let sum = hex(&sha256(file.as_bytes()));
    assert!(page.contains(&sum) && got.body.contains(&sum));
    assert_eq!(pages.get("packages/scorecard/scorecard-r1-certificate.json").is(200).body, file);
    assert_eq!(pages.get("certificate.schema.json").is(200).body, SCHEMA);
    pages.get("packages/scorecard/certificate.html").is(200).says("export.html");
}

/// R39 R70: a decision in another's seat leaves the repository with both names, and the folder proves it.
#[test]
fn r70_who_acted_for_whom_leaves_with_the_file() {
    let mut desk = Desk::submitted();
    grant(&mut desk, "nora-vance", "data-governance");
    let window = ["--from", "2026-11-01", "--until", "2026-11-09", "--reason", "on leave", "--yes"];
    desk.by("tomasz-lindqvist", &[&["delegate", "nora-vance"][..], &window[..]].concat()).exits(0);
    let instead = ["decide", "scorecard", "approve", "--for", "tomasz-lindqvist", "--yes"];
    desk.by("nora-vance", &instead).exits(0);
    for person in ["adaeze-okafor", "hana-sato", "lucas-brandt"] {
        desk.by(person, &["decide", "scorecard", "approve", "--yes"]).exits(0);
    }
    desk.run(&["append"]).exits(0);
    desk.by("nora-vance", &["certify", "scorecard", "--yes"]).exits(0);
    desk.run(&["append"]).exits(0);
    let (page, file) = built(&mut desk);
    let document: Value = serde_json::from_str(&file).unwrap();
    assert_eq!(document["reviewers"][0]["person"], "nora-vance");
    assert_eq!(document["reviewers"][0]["acting_for"], "tomasz-lindqvist");
    assert!(page.contains("Nora Vance, data governance in the seat of Tomasz Lindqvist: approved"));
    let folder = desk.beside("evidence");
    desk.run(&["export", "scorecard", "--format", "bundle", "--out", folder.to_str().unwrap()]).exits(0);
    let said = shell(&folder, &["sh verify.sh".to_owned()]);
    assert!(said.contains("yes  4.") && !said.contains("NO "), "{said}");
}
