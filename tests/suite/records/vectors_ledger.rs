//! Vectors about the ledger, what is pending and the people file.

use super::hand::{Desk, adaeze, approve, comment, ines, repository, tomas};
use super::kinds::{absent, delegate};
use super::vectors::Vector;
use countersign::ledger::{LEDGER, Line, PEOPLE, VerifyInput};
use countersign::record::{About, Body, Delegate, PeopleChange, Record};

fn vector(
    name: &'static str,
    about: &'static str,
    refused: Option<&'static str>,
    input: &VerifyInput,
) -> Vector {
    let mut parts =
        vec![(LEDGER.to_owned(), input.ledger_text.clone()), (PEOPLE.to_owned(), input.people_toml.clone())];
    parts.extend(input.pending.iter().map(|(path, bytes)| (path.to_string(), bytes.clone())));
    let headers = vec![
        ("repository", input.repository.to_string()),
        ("root-of-trust", input.root_of_trust.to_string()),
        ("skew-seconds", input.skew_seconds.to_string()),
    ];
    Vector { name, about, refused, headers, parts }
}

pub fn cases() -> Vec<Vector> {
    let desk = super::ledger::story();
    let good = desk.input();
    let mut empty = Desk::founded().input();
    empty.pending.clear();
    let mut all = vec![
        vector("good", "four lines and one pending record", None, &good),
        vector("good-people", "only people", None, &empty),
        good_race(),
    ];
    all.extend(bytes(&good));
    all.extend(people(&desk));
    all.extend(delegations());
    all.extend(records(&desk));
    all
}

/// A people record that came too late is history, not tampering.
fn good_race() -> Vector {
    let mut desk = Desk::founded();
    desk.people(&ines(), vec![tomas().grant("author"), tomas().grant("author")]);
    desk.append();
    vector(
        "good-without-effect",
        "a people record that does not fit has no effect as a whole",
        None,
        &desk.input(),
    )
}

fn bytes(good: &VerifyInput) -> Vec<Vector> {
    let text = String::from_utf8(good.ledger_text.clone()).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut all = Vec::new();
    let mut bad = |name, about, code, ledger: String| {
        let input = VerifyInput { ledger_text: ledger.into_bytes(), ..good.clone() };
        all.push(vector(name, about, Some(code), &input));
    };
    bad(
        "line-dropped",
        "a line in the middle is missing",
        "LEDGER_CHAIN",
        [lines[0], lines[1], lines[3]].concat(),
    );
    bad(
        "line-swapped",
        "two lines changed places",
        "LEDGER_CHAIN",
        [lines[0], lines[2], lines[1], lines[3]].concat(),
    );
    bad(
        "line-doubled",
        "a line stands twice",
        "DUPLICATE_RECORD",
        [lines[0], lines[1], lines[2], lines[3], lines[3]].concat(),
    );
    bad(
        "tail-dropped",
        "the last line is missing: a pending record had seen it",
        "SEEN_MISMATCH",
        lines[..3].concat(),
    );
    bad("empty-ledger", "no line at all", "ROOT_OF_TRUST", String::new());
    bad("crlf", "CR LF line ends", "LEDGER_FORM", text.replace('\n', "\r\n"));
    bad("bom", "a byte order mark", "LEDGER_FORM", format!("\u{feff}{text}"));
    bad("unterminated", "no line feed at the end", "LEDGER_FORM", text.trim_end().to_owned());
    bad("empty-line", "an empty line at the end", "LEDGER_FORM", format!("{text}\n"));
    bad("space", "a space in a line", "LEDGER_FORM", text.replacen("\"seq\":2", "\"seq\": 2", 1));
    bad("seq", "a wrong position", "LEDGER_CHAIN", text.replacen("\"seq\":2", "\"seq\":9", 1));
    bad(
        "prev",
        "a wrong hash of the line before",
        "LEDGER_CHAIN",
        text.replacen("\"prev\":\"0", "\"prev\":\"1", 1),
    );
    bad("uppercase", "a hash in uppercase", "LEDGER_FORM", {
        let (head, tail) = text.split_at(lines[0].len());
        let start = tail.find("\"prev\":\"").unwrap() + 8;
        format!("{head}{}{}{}", &tail[..start], tail[start..start + 64].to_uppercase(), &tail[start + 64..])
    });
    bad(
        "conflict",
        "conflict markers",
        "LEDGER_FORM",
        format!("<<<<<<< HEAD\n{text}=======\n>>>>>>> main\n"),
    );
    bad("key-order", "keys of a line in another order", "LEDGER_FORM", {
        let at = lines[0].find("\"prev\"").unwrap();
        let moved = format!("{{{},\"seq\":0{}", &lines[0][at..at + 73], &lines[0][at + 73..]);
        format!("{moved}{}", lines[1..].concat())
    });
    bad("id", "a record under another id", "RECORD_ID", {
        let line = Line::parse(lines[3].trim_end().as_bytes()).unwrap();
        text.replace(&format!("\"id\":\"{}\"", line.id), &format!("\"id\":\"{}\"", "0".repeat(64)))
    });
    bad(
        "record-changed",
        "a word of a signed record",
        "RECORD_ID",
        text.replacen("Which hold-out?", "Which hold-oat?", 1),
    );
    bad("record-rewritten", "a record changed, with its id and the chain made to fit", "BAD_SIGNATURE", {
        let line = Line::parse(lines[3].trim_end().as_bytes()).unwrap();
        let mut signed = line.signed;
        let mut record: Record = countersign::record::parse(&signed.record).unwrap();
        record.nonce.0[0] ^= 1;
        signed.record = countersign::record::print(&record);
        format!("{}{}\n", lines[..3].concat(), Line::new(3, line.prev, signed).print())
    });
    let mut pending = |name, about, path: String, bytes: Vec<u8>| {
        let input = VerifyInput { pending: vec![(path.parse().unwrap(), bytes)], ..good.clone() };
        all.push(vector(name, about, Some("LEDGER_FORM"), &input));
    };
    let (path, file) = (good.pending[0].0.to_string(), good.pending[0].1.clone());
    pending(
        "pending-name",
        "a pending file under another name",
        format!("chains/pending/{}.json", "0".repeat(64)),
        file.clone(),
    );
    pending(
        "pending-no-line-feed",
        "a pending file without its line feed",
        path.clone(),
        file[..file.len() - 1].to_vec(),
    );
    pending("pending-line", "a ledger line as a pending file", path, lines[3].as_bytes().to_vec());
    all
}

fn people(desk: &Desk) -> Vec<Vector> {
    let good = desk.input();
    let mut all = Vec::new();
    let mut edited = |name, about, from: &str, to: &str| {
        let text = String::from_utf8(good.people_toml.clone()).unwrap();
        assert!(text.contains(from));
        let people_toml = text.replacen(from, to, 1).into_bytes();
        all.push(vector(name, about, Some("PEOPLE_FILE"), &VerifyInput { people_toml, ..good.clone() }));
    };
    edited("people-role", "a role given by hand", "roles = []", "roles = [\"model-risk\"]");
    edited("people-comment", "a comment changed", "# Written", "# Typed");
    let mut root = good.clone();
    root.root_of_trust.0[0] ^= 1;
    all.push(vector("root-of-trust", "another root of trust", Some("ROOT_OF_TRUST"), &root));
    let mut refused = |name, about, hand: &super::hand::Hand, changes: Vec<PeopleChange>| {
        let mut desk = Desk::founded();
        desk.people(hand, changes);
        all.push(vector(name, about, Some("PEOPLE_REFUSED"), &desk.input()));
    };
    refused("not-registrar", "roles given by someone who may not", &adaeze(), vec![tomas().grant("author")]);
    let second = super::hand::Hand { person: "second", name: "Second", ..adaeze() };
    refused("key-twice", "a key enrolled for a second person", &ines(), vec![second.enrol()]);
    let again = super::hand::Hand { secret: ines().with_key(50).secret, ..tomas() };
    refused("person-twice", "a person id used again", &ines(), vec![again.enrol()]);
    let mut unproven = super::hand::Hand { person: "second", name: "Second", ..again.clone() }.enrol();
    if let PeopleChange::Enrol { proof, .. } = &mut unproven {
        *proof = again.proof();
    }
    refused("proof", "a proof of possession made for another person", &ines(), vec![unproven]);
    all
}

/// Seats given away and taken back, and who may not.
fn delegations() -> Vec<Vector> {
    let made = |hand: &super::hand::Hand| {
        let mut desk = Desk::founded();
        let id = desk.say(hand, Body::Delegate(delegate()));
        (desk, id)
    };
    let end = |record| Body::Undelegate(About { reason: "back at the desk".to_owned(), record });
    let mut all = Vec::new();
    let mut put = |name, about, refused, desk: &Desk| all.push(vector(name, about, refused, &desk.input()));
    let (mut desk, id) = made(&adaeze());
    desk.append();
    desk.say(&tomas(), comment("x"));
    desk.append();
    desk.say(&ines(), end(id));
    put("good-delegation", "a seat given away, and taken back by a registrar", None, &desk);
    let mut twice = desk.clone();
    twice.say(&adaeze(), end(id));
    put("undelegate-twice", "a delegation ended twice at once", Some("PEOPLE_REFUSED"), &twice);
    twice.append();
    put("good-undelegate-twice", "the same in the ledger: the second has no effect", None, &twice);
    let (mut desk, id) = made(&ines());
    desk.append();
    put("good-delegation-registrar", "a seat given away by a registrar", None, &desk);
    desk.say(&tomas(), end(id));
    put("undelegate-delegate", "ended by the delegate, who may not", Some("PEOPLE_REFUSED"), &desk);
    put(
        "delegate-stranger",
        "a seat taken by whom it is given to",
        Some("PEOPLE_REFUSED"),
        &made(&tomas()).0,
    );
    put(
        "delegate-key",
        "a seat given away with another key",
        Some("PEOPLE_REFUSED"),
        &made(&adaeze().with_key(52)).0,
    );
    let mut desk = Desk::founded();
    desk.say(&adaeze(), Body::Delegate(Delegate { to: "nobody".parse().unwrap(), ..delegate() }));
    put("delegate-nobody", "a seat given to someone not enrolled", Some("PEOPLE_REFUSED"), &desk);
    let revoke = PeopleChange::RevokeKey {
        distrust_from: Some(1),
        key: adaeze().public().fingerprint(),
        person: adaeze().person.parse().unwrap(),
        reason: "stolen".to_owned(),
    };
    let (mut desk, _) = made(&adaeze());
    let mut record = desk.record(&ines(), Body::People(vec![revoke]));
    record.parents.clear();
    desk.put(ines().sign(record));
    let about = "a revocation goes before a delegation, whatever their ids";
    put("delegate-revoked", about, Some("PEOPLE_REFUSED"), &desk);
    let mut desk = Desk::founded();
    desk.people(&ines(), vec![absent()]);
    desk.append();
    put("good-absent", "somebody is away", None, &desk);
    let PeopleChange::Absent { from, reason, until, .. } = absent() else { unreachable!("it is one") };
    let person = "nobody".parse().unwrap();
    desk.people(&ines(), vec![PeopleChange::Absent { from, person, reason, until }]);
    put("absent-nobody", "someone not enrolled is away", Some("PEOPLE_REFUSED"), &desk);
    all
}

fn records(base: &Desk) -> Vec<Vector> {
    let mut all = Vec::new();
    let mut bad = |name, about, code, change: &dyn Fn(&mut Record)| {
        let mut desk = base.clone();
        desk.pending.clear();
        let mut record = desk.record(&tomas(), comment("x"));
        change(&mut record);
        desk.put(tomas().sign(record));
        all.push(vector(name, about, Some(code), &desk.input()));
    };
    bad("repository", "made in a fork", "WRONG_REPOSITORY", &|r| r.repository.0[0] ^= 1);
    bad("name", "under another person's name", "WRONG_NAME", &|r| r.signer.name = adaeze().name.to_owned());
    bad("parent", "builds on a record that is not there", "PARENT_MISSING", &|r| r.parents[0].0[0] ^= 1);
    bad("seen-root", "its signer had seen another ledger", "SEEN_MISMATCH", &|r| r.seen.root.0[0] ^= 1);
    bad("seen-future", "its signer had seen more lines than there are", "SEEN_MISMATCH", &|r| {
        r.seen.size += 1
    });
    bad("backdated", "an hour before what it builds on", "TIME_BEFORE_PAST", &|r| {
        r.signed_at = r.signed_at.plus_seconds(-3600);
    });
    let mut desk = base.clone();
    desk.append();
    let revoke = PeopleChange::RevokeKey {
        distrust_from: None,
        key: adaeze().public().fingerprint(),
        person: adaeze().person.parse().unwrap(),
        reason: "lost".to_owned(),
    };
    desk.people(&ines(), vec![revoke]);
    desk.append();
    desk.say(&adaeze(), approve());
    assert_eq!(desk.input().repository, repository());
    let mut strange = desk.clone();
    let stranger = super::hand::Hand { person: "nobody", name: "Nobody", ..tomas().with_key(51) };
    strange.say(&stranger, comment("x"));
    let about = "signed by a key that was never enrolled";
    all.push(vector("unknown-key", about, Some("UNKNOWN_KEY"), &strange.input()));
    all.push(vector(
        "good-revoked-key",
        "a record by a revoked key is kept and does not count",
        None,
        &desk.input(),
    ));
    all
}
