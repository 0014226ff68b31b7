//! The review pages over plain HTTP: what awaits, choose, check, sign, recorded; and every way not to sign.

use crate::desk::{Desk, PASSPHRASE, program};
use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

/// The review pages of one person, with the cookie of one browser.
pub struct Pages {
    child: Child,
    pub host: String,
    /// `/<room>/`.
    pub room: String,
    pub cookie: String,
    pub opening: String,
}

impl Drop for Pages {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer in three parts.
#[derive(Debug)]
pub struct Got {
    pub status: u16,
    pub headers: String,
    pub body: String,
}

impl Got {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.headers.lines();
        lines.find_map(|l| l.split_once(": ").filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v))
    }

    #[track_caller]
    pub fn is(self, status: u16) -> Got {
        assert_eq!(self.status, status, "{}\n{}", self.headers, self.body);
        self
    }

    #[track_caller]
    pub fn says(self, words: &str) -> Got {
        assert!(self.body.contains(words), "`{words}` is not in\n{}", self.body);
        self
    }

    #[track_caller]
    pub fn hides(self, words: &str) -> Got {
        assert!(!self.body.contains(words), "`{words}` is in\n{}", self.body);
        self
    }

    /// Holds what is asked of every page: nothing runs, nothing is styled in place, no id twice.
    #[track_caller]
    fn sound(self) -> Got {
        for never in ["<script", " style=", " onclick", "javascript:"] {
            assert!(!self.body.contains(never), "{never} in {}", self.body);
        }
        let mut ids: Vec<&str> =
            self.body.split(" id=\"").skip(1).map(|r| r.split('"').next().unwrap()).collect();
        let all = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), all, "an id stands twice in {}", self.body);
        for label in self.body.split(" for=\"").skip(1).map(|r| r.split('"').next().unwrap()) {
            assert!(ids.contains(&label), "no field `{label}` in {}", self.body);
        }
        self
    }

    /// The ticket of the page's forms.
    #[track_caller]
    pub fn ticket(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"ticket\" value=\"").expect("a form");
        rest.split('"').next().unwrap().to_owned()
    }

    /// The exact bytes in the disclosure.
    #[track_caller]
    pub fn bytes(&self) -> String {
        let (_, rest) =
            self.body.split_once("aria-label=\"Exact text that is signed\">").expect("a check page");
        let text = rest.split("</pre>").next().unwrap();
        let text = text.replace("&quot;", "\"").replace("&#39;", "'").replace("&#x27;", "'");
        text.replace("&lt;", "<").replace("&gt;", ">").replace("&#x2F;", "/").replace("&amp;", "&")
    }
}

pub fn encode(fields: &[(&str, &str)]) -> String {
    let one = |text: &str| -> String {
        text.bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect()
    };
    fields.iter().map(|(n, v)| format!("{}={}", one(n), one(v))).collect::<Vec<_>>().join("&")
}

impl Pages {
    /// Starts the program for a person and opens the session.
    pub fn open(desk: &Desk, person: &str) -> Pages {
        Pages::open_with(desk, person, |_| {})
    }

    /// The same in a changed environment.
    pub fn open_with(desk: &Desk, person: &str, change: impl FnOnce(&mut Command)) -> Pages {
        let mut pages = Pages::closed(desk, person, change);
        let path = pages.opening.split_once(&pages.host).unwrap().1.to_owned();
        let got = pages.send("GET", &path, &[], "").is(200);
        let cookie = got.header("Set-Cookie").unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        pages.cookie = cookie.split(';').next().unwrap().to_owned();
        pages.room = cookie.split("Path=").nth(1).unwrap().split(';').next().unwrap().to_owned();
        pages
    }

    /// Starts the program and opens nothing yet.
    fn closed(desk: &Desk, person: &str, change: impl FnOnce(&mut Command)) -> Pages {
        let mut command = Command::new(program());
        command.arg("--root").arg(desk.root()).args(["review", "--no-open", "--port", "0"]);
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", desk.beside("")).env("COUNTERSIGN_NOW", desk.now());
        command.env("COUNTERSIGN_KEY", desk.key(person)).env("GIT_CONFIG_NOSYSTEM", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        change(&mut command);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let opening = line[line.find("http://").expect("an address")..].trim().to_owned();
        let host = opening["http://".len()..].split('/').next().unwrap().to_owned();
        Pages { child, host, room: String::new(), cookie: String::new(), opening }
    }

    /// Writes bytes and reads the answer.
    pub fn raw(&self, bytes: &[u8]) -> Got {
        let mut stream = TcpStream::connect(&self.host).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(30))).unwrap();
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let text = String::from_utf8_lossy(&answer).into_owned();
        let (headers, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = headers.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
        Got { status, headers: headers.to_owned(), body: body.to_owned() }
    }

    /// A request with the cookie of this browser and more headers; a later one replaces an earlier.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Got {
        let mut all = BTreeMap::from([("Host", self.host.clone())]);
        if !self.cookie.is_empty() {
            all.insert("Cookie", self.cookie.clone());
        }
        if method == "POST" {
            all.insert("Origin", format!("http://{}", self.host));
            all.insert("Content-Type", "application/x-www-form-urlencoded".to_owned());
            all.insert("Content-Length", body.len().to_string());
        }
        all.extend(headers.iter().map(|(n, v)| (*n, (*v).to_owned())));
        let lines: String =
            all.iter().filter(|(_, v)| !v.is_empty()).map(|(n, v)| format!("{n}: {v}\r\n")).collect();
        self.raw(format!("{method} {path} HTTP/1.1\r\n{lines}\r\n{body}").as_bytes())
    }

    /// A page, by its address below the room; redirects are followed.
    pub fn get(&self, page: &str) -> Got {
        let path = if page.starts_with('/') { page.to_owned() } else { format!("{}{page}", self.room) };
        let got = self.send("GET", path.split('#').next().unwrap(), &[], "");
        match got.header("Location").map(str::to_owned) {
            Some(to) if got.status == 303 => self.get(&to),
            _ => got.sound(),
        }
    }

    /// Sends a form; says where it leads.
    pub fn post(&self, page: &str, fields: &[(&str, &str)]) -> Got {
        self.send("POST", &format!("{}{page}", self.room), &[], &encode(fields))
    }

    /// Sends a form and follows where it leads.
    pub fn follow(&self, page: &str, fields: &[(&str, &str)]) -> Got {
        let got = self.post(page, fields);
        match got.header("Location").map(str::to_owned) {
            Some(to) if got.status == 303 => self.get(&to),
            _ => got,
        }
    }

    pub fn read(&self, sections: &[&str]) {
        for section in sections {
            let ticket = self.get("packages/scorecard/index.html").ticket();
            let fields = [("ticket", ticket.as_str()), ("section", section), ("read", "yes")];
            self.post("packages/scorecard/mark", &fields).is(303);
        }
    }

    /// Fills in the decision and goes on to the check page.
    pub fn choose(&self, step: &str, fields: &[(&str, &str)]) -> Got {
        let ticket = self.get(&format!("packages/scorecard/decide.html?step={step}")).is(200).ticket();
        let fields = [&[("ticket", ticket.as_str()), ("step", step)][..], fields].concat();
        self.follow("packages/scorecard/decide", &fields)
    }

    pub fn act(&self, fields: &[(&str, &str)]) -> Got {
        let ticket = self.get("packages/scorecard/index.html").ticket();
        self.follow("packages/scorecard/act", &[&[("ticket", ticket.as_str())][..], fields].concat())
    }

    /// Tries to sign; the statement is shown again with what is wrong.
    pub fn refused(&self, ticket: &str, person: &str, passphrase: &str) -> Got {
        let to = self.sign(ticket, person, passphrase).is(303).header("Location").unwrap().to_owned();
        assert!(to.contains("check.html?try="), "{to}");
        self.get(&to).is(200).says("Nothing has been signed")
    }

    pub fn sign(&self, ticket: &str, person: &str, passphrase: &str) -> Got {
        let fields = [("ticket", ticket), ("reviewer", person), ("passphrase", passphrase)];
        self.post("packages/scorecard/sign", &fields)
    }
}

/// Names of the records that wait.
pub fn pending(desk: &Desk) -> Vec<String> {
    let mut names: Vec<String> = std::fs::read_dir(desk.path("chains/pending"))
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.ends_with(".json"))
        .collect();
    names.sort();
    names
}

const DG: &str = "tomasz-lindqvist";

/// R03, R05, R06, R14 to R17: from what awaits to a signature that counts, without a terminal.
#[test]
fn r17_a_reviewer_reads_decides_checks_signs_and_sees_the_record() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    pages.get("").says("Packages awaiting your review").says("packages/scorecard/index.html").says("Step 1");
    let package = pages.get("packages/scorecard/index.html").is(200);
    let package = package.says("approve, reject or request clarification").says("Not read: yours to judge");
    let package = package.says("Not yet: 1 section to read and mark as read.").hides("countersign decide");
    assert!(
        package
            .header("Content-Security-Policy")
            .unwrap()
            .starts_with("default-src 'none'; style-src 'self'")
    );
    assert!(!package.body.contains("<script"));
    // Unread: an approval goes no further, and what was typed is kept.
    let unread =
        pages.choose("data-governance", &[("decision", "approve"), ("condition-1-text", "Renew it.")]);
    let unread =
        unread.says("<title>Error: ").says("You have not marked").says("index.html#section-training-data");
    unread.says("Nothing has been signed").says("Renew it.");
    pages.read(&["training-data"]);
    pages.get("packages/scorecard/index.html").says("Read by you");
    let terms = [
        ("decision", "approve"),
        ("condition-1-text", "Renew it <soon>.\r\nThen \"tell\" us."),
        ("condition-1-owner", "ines-moreau"),
        ("condition-1-kind", "post_merge"),
        ("condition-1-day", "31"),
        ("condition-1-month", "3"),
        ("condition-1-year", "2027"),
        // Fields of other decisions are not looked at.
        ("finding-1-concern", "left over"),
        ("question-text", "left over"),
    ];
    let check = pages.choose("data-governance", &terms).is(200).says("I approve with 1 condition: sign");
    let check = check.says("<em>approve</em>").says("autocomplete=\"current-password\"").hides("left over");
    let before = pending(&desk);
    let wrong = pages.refused(&check.ticket(), DG, "no such passphrase").says("<title>Error: ");
    let wrong = wrong.says("That passphrase does not open your signing key").says("4 more tries");
    let wrong =
        wrong.says("Nothing has been signed").says(&format!("value=\"{DG}\"")).hides("no such passphrase");
    assert_eq!(before, pending(&desk));
    assert_eq!(check.bytes(), wrong.bytes(), "the statement is still the same one");
    let other = pages.refused(&wrong.ticket(), "hana-sato", PASSPHRASE).says("is not the reviewer ID");
    let ticket = other.ticket();
    let signed = pages.sign(&ticket, DG, PASSPHRASE).is(303);
    let to = signed.header("Location").unwrap().to_owned();
    // Sent twice: the first record, and no second one.
    let twice = pages.sign(&ticket, DG, PASSPHRASE).is(303);
    assert_eq!(twice.header("Location"), Some(to.as_str()));
    // Who goes back sees the record, not the form.
    let back = "packages/scorecard/check.html?draft=scorecard/decide/data-governance";
    pages.get(back).says("Recorded: approved with 1 condition");
    let after = pending(&desk);
    assert_eq!(after.len(), before.len() + 1);
    let new = after.iter().find(|n| !before.contains(n)).unwrap();
    let stored: serde_json::Value =
        serde_json::from_str(&desk.read(&format!("chains/pending/{new}"))).unwrap();
    assert_eq!(stored["record"].as_str().unwrap(), check.bytes(), "what was shown is what was signed");
    pages
        .get(&to)
        .is(200)
        .says("Recorded: approved with 1 condition")
        .says("not yet approved for deployment");
    pages.get("review/index.html").says("Nothing awaits your review").says("Approved with 1 condition");
    assert_eq!(desk.step("data-governance"), "satisfied_with_conditions");
    desk.run(&["verify"]).exits(0);
}

/// R34, R37: who comes after an open step sees for whom it waits, and a forged form is refused.
#[test]
fn r37_a_later_step_has_no_form_and_a_forged_one_is_refused() {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, "adaeze-okafor");
    pages.get("review/index.html").says("Nothing awaits your review").says("Tomasz Lindqvist");
    let package = pages.get("packages/scorecard/index.html").says("Opens after step 1, Data governance");
    let package = package.hides("decide.html?step=model-risk");
    pages.get("packages/scorecard/decide.html?step=model-risk").is(403).says("not open yet").says("Tomasz");
    let before = pending(&desk);
    let ticket = package.ticket();
    let fields = [("ticket", ticket.as_str()), ("step", "model-risk"), ("decision", "approve")];
    pages.post("packages/scorecard/decide", &fields).is(403).says("Nothing has been signed");
    let fields = [("ticket", ticket.as_str()), ("step", "data-governance"), ("decision", "approve")];
    pages.post("packages/scorecard/decide", &fields).is(403).says("does not hold");
    assert_eq!(before, pending(&desk));
}

/// R56 to R58: a rejection says what, why, and what would change that; typed words are kept.
#[test]
fn r58_a_rejection_without_what_must_change_goes_no_further() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    pages
        .choose("data-governance", &[])
        .says("Choose approve, reject or request clarification")
        .says("Error: ");
    let concern = ("finding-1-concern", "The register ends in June.");
    let half = [("decision", "reject"), ("finding-1-section", "training-data"), concern];
    let page = pages.choose("data-governance", &half).says("The register ends in June.");
    let words = "Say what would need to change for it to be approvable";
    assert_eq!(page.body.matches(words).count(), 2, "at the top and beside the field");
    let whole = [&half[..], &[("finding-1-required", "Cite the record in force.")]].concat();
    // A rejection needs no read marks.
    let check = pages.choose("data-governance", &whole).says("I reject with 1 finding: sign");
    pages.sign(&check.ticket(), DG, PASSPHRASE).is(303);
    assert_eq!(desk.state(), "changes_required");
}

/// R23 to R26: a question on a passage, answered, closed; all of it signed in the pages.
#[test]
fn r26_a_thread_is_asked_answered_and_closed_in_the_pages() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    let ask = [("act", "comment"), ("section", "training-data"), ("choice", "ask")];
    pages.act(&ask).says("Write your comment or question").says("Error: ");
    let text = ("text", "Who issued D-7?");
    pages.act(&[&ask[..], &[text, ("quote", "it never said that")]].concat()).says("does not say that");
    let ask = [&ask[..], &[text, ("quote", "under authorization D-7,\nwhich is in force")]].concat();
    let check = pages.act(&ask).says("I ask this question: sign").says("under authorization D-7");
    pages.sign(&check.ticket(), DG, PASSPHRASE).is(303);
    assert_eq!(desk.state(), "clarification_pending");
    let thread = desk.status()["threads"][0]["id"].as_str().unwrap().to_owned();
    // Approving is refused while the own question is open; the page says so.
    pages.read(&["training-data"]);
    pages.choose("data-governance", &[("decision", "approve")]).says("A question of yours is open");
    pages.get("packages/scorecard/index.html").says("Who issued D-7?").hides("Answer</summary>");
    pages.get("review/index.html").says("Your question waits for an answer").says("Ines Moreau");

    let author = Pages::open(&desk, "ines-moreau");
    author.get("review/index.html").says("Waiting for your answer or action").says("waits for an answer");
    author.get("packages/scorecard/index.html").says("author\u{2019}s side").says("Answer</summary>");
    let check = author.act(&[("act", "answer"), ("about", &thread), ("text", "The data office, in June.")]);
    author.sign(&check.says("I answer: sign").ticket(), "ines-moreau", PASSPHRASE).is(303);
    // Somebody else cannot close it.
    let check = author.act(&[("act", "resolve"), ("about", &thread)]);
    let check = check.says("it will have no effect");
    drop(check);

    let page = pages.get("packages/scorecard/index.html").says("The data office, in June.");
    drop(page.says("Close the question"));
    let check = pages.act(&[("act", "resolve"), ("about", &thread), ("text", "Settled.")]);
    pages.sign(&check.ticket(), DG, PASSPHRASE).is(303);
    assert_eq!(desk.state(), "in_review");
    desk.run(&["verify"]).exits(0);
}

/// What changes between the check and the signature stops the signature; drafts and marks are kept.
#[test]
fn a_resubmission_or_another_record_stops_a_signature() {
    let mut desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    pages.read(&["training-data"]);
    let terms =
        [("decision", "approve"), ("condition-1-text", "Keep this."), ("condition-1-kind", "standing")];
    let check = pages.choose("data-governance", &terms).is(200);
    // Somebody comments meanwhile: the statement is drawn up anew and must be checked again.
    let words = ["--section", "training-data", "--text", "Noted.", "--yes"];
    desk.by("hana-sato", &[&["comment", "scorecard"][..], &words[..]].concat()).exits(0);
    let before = pending(&desk);
    let again = pages.sign(&check.ticket(), DG, PASSPHRASE).is(303);
    let again = pages.get(again.header("Location").unwrap()).says("Something was recorded after");
    assert_ne!(again.bytes(), check.bytes());
    assert_eq!(before, pending(&desk));
    // A new revision: nothing signed for the old one.
    let prose = desk.read("packages/scorecard/limitations.md") + "\nOne more limitation.\n";
    desk.write("packages/scorecard/limitations.md", &prose);
    desk.by("ines-moreau", &["submit", "scorecard", "--note", "limitations: one more", "--yes"]).exits(0);
    let stale =
        pages.sign(&again.ticket(), DG, PASSPHRASE).is(409).says("changed while you were reviewing it");
    stale.says("Nothing has been signed").says("Known limitations").says("diff-1-2.html");
    let package = pages.get("packages/scorecard/index.html").says("Read by you");
    assert_eq!(
        package.body.matches("Read by you").count(),
        1,
        "the section that did not change is still read"
    );
    pages.get("packages/scorecard/decide.html?step=data-governance").says("Keep this.");
    drop(pages);
    // Drafts and marks outlive the program.
    let pages = Pages::open(&desk, DG);
    pages.get("packages/scorecard/index.html").says("Read by you");
    pages.get("review/index.html").says("Begun and not signed").says("Your decision in step data-governance");
    let check = pages.choose("data-governance", &terms).is(200).says("revision 2");
    pages.sign(&check.ticket(), DG, PASSPHRASE).is(303);
    pages.get("review/index.html").hides("Begun and not signed");
    assert_eq!(desk.step("data-governance"), "satisfied_with_conditions");
}

/// R53: a broken ledger is said on the first page, and nothing can be signed on top of it.
#[test]
fn nothing_is_signed_on_a_broken_ledger() {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    pages.read(&["training-data"]);
    let check = pages.choose("data-governance", &[("decision", "approve")]).is(200);
    let ledger = desk.read("chains/ledger.jsonl");
    desk.write("chains/ledger.jsonl", &ledger.replacen("Tomasz", "Thomas", 1));
    let before = pending(&desk);
    pages.sign(&check.ticket(), DG, PASSPHRASE).is(409).says("The ledger does not verify").says("registrar");
    assert_eq!(before, pending(&desk));
    pages.get("review/index.html").says("Nothing can be signed until this is explained").says("Nora Vance");
}

#[test]
fn five_wrong_passphrases_pause_signing() {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    pages.read(&["training-data"]);
    let mut page = pages.choose("data-governance", &[("decision", "approve")]);
    for _ in 0..5 {
        page = pages.refused(&page.ticket(), DG, "wrong");
    }
    let page = page.says("paused for 10 minutes");
    let page = pages.refused(&page.ticket(), DG, PASSPHRASE).says("Signing is paused");
    assert!(page.body.contains("Nothing has been signed"));
}

#[test]
fn a_key_of_somebody_else_or_of_nobody_opens_nothing() {
    let mut desk = Desk::submitted();
    desk.by(DG, &["review", "--no-open", "--as", "hana-sato"]).exits(1).says("not of hana-sato");
    crate::desk::keygen(&desk.beside("keys/stranger"));
    desk.by("stranger", &["review", "--no-open"]).exits(1).says("is not enrolled here");
}

/// A program that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// R27: with a real ssh-agent the page asks for no passphrase; the record says who held the key.
#[test]
fn r27_an_ssh_agent_signs_when_it_is_chosen() {
    use std::os::unix::fs::PermissionsExt as _;
    let mut desk = Desk::submitted();
    let socket = desk.beside("agent.sock");
    let mut agent = Command::new("ssh-agent");
    agent.arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).stderr(Stdio::null());
    let _agent = Running(agent.spawn().unwrap());
    let askpass = desk.beside("askpass");
    std::fs::write(&askpass, format!("#!/bin/sh\necho '{PASSPHRASE}'\n")).unwrap();
    std::fs::set_permissions(&askpass, std::fs::Permissions::from_mode(0o700)).unwrap();
    let key = desk.key(DG);
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    let mut add = Command::new("ssh-add");
    add.arg("-q").arg(&key).env("SSH_AUTH_SOCK", &socket).env("SSH_ASKPASS", &askpass);
    add.env("SSH_ASKPASS_REQUIRE", "force").env("DISPLAY", "x").stdin(Stdio::null()).stderr(Stdio::null());
    // The agent may not listen yet.
    let added = (0..100).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(40));
        add.status().unwrap().success()
    });
    assert!(added, "ssh-add");
    let pages = Pages::open_with(&desk, DG, |c| {
        c.env("SSH_AUTH_SOCK", &socket);
    });
    pages.read(&["training-data"]);
    let check = pages.choose("data-governance", &[("decision", "approve")]);
    let check = check.says("id=\"passphrase\"").says("Sign with your SSH agent instead");
    drop(check);
    let page = "packages/scorecard/check.html?draft=scorecard/decide/data-governance&with=agent";
    let check = pages.get(page).hides("id=\"passphrase\"").says("&quot;unlock&quot;:&quot;agent&quot;");
    pages.refused(&check.ticket(), "somebody", "").says("is not the reviewer ID");
    let check = pages.get(page);
    let signed = pages.sign(&check.ticket(), DG, "").is(303);
    pages.get(signed.header("Location").unwrap()).says("Key held by an SSH agent");
    assert_eq!(desk.step("data-governance"), "satisfied");
}

/// The rarer acts lead through the same check and the same signature.
#[test]
fn a_decision_is_taken_back_in_the_pages() {
    let mut desk = Desk::submitted();
    desk.by(DG, &["decide", "scorecard", "approve", "--yes"]).exits(0);
    let pages = Pages::open(&desk, DG);
    let page = pages.get("packages/scorecard/index.html").says("Take back your approval of revision 1");
    let (_, link) = page.body.split_once("act.html?act=withdraw&amp;about=").unwrap();
    let record = link.split('"').next().unwrap().to_owned();
    pages
        .get(&format!("packages/scorecard/act.html?act=withdraw&about={record}"))
        .says("Why do you take it back?");
    let input = [("act", "withdraw"), ("about", record.as_str())];
    pages.act(&input).says("Say why").says("Error: ");
    let check = pages.act(&[&input[..], &[("text", "I misread the term.")]].concat());
    let signed = pages.sign(&check.says("I take it back: sign").ticket(), DG, PASSPHRASE).is(303);
    pages.get(signed.header("Location").unwrap()).says("Recorded: withdrawal").says("I misread the term.");
    assert_eq!(desk.step("data-governance"), "open");
    // Nobody takes back what somebody else signed.
    let other = Pages::open(&desk, "hana-sato");
    other
        .act(&[&input[..], &[("text", "Not mine.")]].concat())
        .says("Only Tomasz Lindqvist can take this back");
}
