//! Delegations and absences: who may make and end them, and what they leave behind.

use super::hand::{Desk, Hand, adaeze, approve, codes, comment, ines, tomas};
use super::kinds::{absent, delegate};
use countersign::digest::RecordId;
use countersign::ledger;
use countersign::record::{About, Body, Delegate, PeopleChange, Verified, rehearse, verify};

fn end(record: RecordId) -> Body {
    Body::Undelegate(About { reason: "back at the desk".to_owned(), record })
}

fn said(desk: &Desk) -> (Vec<&'static str>, String) {
    let verdict = desk.verdict();
    let words = verdict.breaks.iter().map(|b| b.message.clone()).collect::<Vec<_>>().join("; ");
    (codes(&verdict), words)
}

fn refused(hand: &Hand, body: Body) -> String {
    let mut desk = Desk::founded();
    desk.say(hand, body);
    let (codes, words) = said(&desk);
    assert_eq!(codes, ["PEOPLE_REFUSED"], "{words}");
    words
}

#[test]
fn r39_a_seat_is_given_away_by_its_holder_or_a_registrar() {
    for hand in [adaeze(), ines()] {
        let mut desk = Desk::founded();
        let id = desk.say(&hand, Body::Delegate(delegate()));
        let verdict = desk.verdict();
        assert_eq!(codes(&verdict), [""; 0]);
        let [made] = &verdict.people.delegations[..] else { panic!("{:?}", verdict.people.delegations) };
        assert_eq!((made.record, made.delegate.as_str()), (id, "tomas-lind"));
        assert!(!ledger::people::print(&verdict.people).contains("fair-lending"), "it is no file's business");
    }
    assert!(refused(&tomas(), Body::Delegate(delegate())).contains("neither `adaeze-okafor` nor"));
    let stolen = adaeze().with_key(61);
    let mut desk = Desk::founded();
    desk.say(&stolen, Body::Delegate(delegate()));
    assert!(said(&desk).1.contains("a key that is not valid"));
    let stranger = Delegate { to: "nobody".parse().unwrap(), ..delegate() };
    assert!(refused(&adaeze(), Body::Delegate(stranger)).contains("`nobody` is not enrolled"));
    let stranger = Delegate { principal: "nobody".parse().unwrap(), ..delegate() };
    assert!(refused(&ines(), Body::Delegate(stranger)).contains("`nobody` is not enrolled"));
}

#[test]
fn r39_a_delegation_ends_for_everything_after_and_nothing_before() {
    let mut desk = Desk::founded();
    let id = desk.say(&adaeze(), Body::Delegate(delegate()));
    desk.append();
    desk.say(&tomas(), comment("before"));
    desk.append();
    let meddled = {
        let mut desk = desk.clone();
        desk.say(&tomas(), end(id));
        said(&desk)
    };
    assert_eq!(meddled.0, ["PEOPLE_REFUSED"], "{}", meddled.1);
    desk.say(&adaeze(), end(id));
    desk.append();
    desk.say(&tomas(), comment("after"));
    let verdict = desk.verdict();
    assert_eq!(codes(&verdict), [""; 0]);
    let standing: Vec<usize> = verdict.entries.iter().map(|e| e.people.delegations.len()).collect();
    assert_eq!(standing, [0, 0, 0, 1, 1, 0]);
    assert!(verdict.people.delegations.is_empty());
    // It ends once; a second end, in the ledger, is history without effect.
    desk.pending.clear();
    desk.say(&ines(), end(id));
    assert!(said(&desk).1.contains("no delegation"));
    desk.append();
    let verdict = desk.verdict();
    assert_eq!((codes(&verdict), verdict.ineffective.len()), (vec![], 1));
}

#[test]
fn a_revocation_goes_before_a_delegation_and_that_before_a_decision() {
    // The ids cannot decide: whatever the nonce, the order is the same.
    for nonce in 0..16 {
        let mut desk = Desk::founded();
        let revoke = PeopleChange::RevokeKey {
            distrust_from: None,
            key: adaeze().public().fingerprint(),
            person: adaeze().person.parse().unwrap(),
            reason: "stolen".to_owned(),
        };
        for (hand, body) in [
            (adaeze(), approve()),
            (adaeze(), Body::Delegate(delegate())),
            (ines(), Body::People(vec![revoke])),
        ] {
            let mut record = desk.record(&hand, body);
            record.nonce.0[1] = nonce;
            record.parents.clear();
            desk.put(hand.sign(record));
        }
        let verdict = desk.verdict();
        let last: Vec<String> =
            verdict.entries[2..].iter().map(|e| format!("{:?}", e.record().kind())).collect();
        assert_eq!(last, ["People", "Delegate", "Decide"]);
        assert_eq!(codes(&verdict), ["PEOPLE_REFUSED"], "the thief's delegation has no effect");
    }
}

#[test]
fn an_absence_is_in_the_people_file_and_gives_nothing() {
    let mut desk = Desk::founded();
    let before = desk.verdict().people;
    desk.people(&ines(), vec![absent()]);
    desk.append();
    let away = |until: &str| {
        let PeopleChange::Absent { from, person, .. } = absent() else { unreachable!("it is one") };
        PeopleChange::Absent { from, person, reason: "back early".to_owned(), until: until.parse().unwrap() }
    };
    desk.people(&ines(), vec![away("2026-12-10")]);
    let verdict = desk.verdict();
    assert_eq!(codes(&verdict), [""; 0]);
    let text = ledger::people::print(&verdict.people);
    let entry =
        "\n[[person.absence]]\nfrom = \"2026-12-01\"\nuntil = \"2026-12-10\"\nreason = \"back early\"\n";
    assert_eq!(text.matches(entry).count(), 1, "the same first day again is a correction: {text}");
    assert_eq!(text.matches("[[person.absence]]").count(), 1);
    let parsed: toml::Table = text.parse().unwrap();
    assert_eq!(parsed["person"][0]["absence"][0]["until"].as_str(), Some("2026-12-10"));
    let id = adaeze().person.parse().unwrap();
    let (was, is) = (before.person(&id).unwrap(), verdict.people.person(&id).unwrap());
    assert_eq!((&was.roles, &was.keys), (&is.roles, &is.keys));
    assert!(verdict.people.delegations.is_empty());
    let PeopleChange::Absent { from, reason, until, .. } = absent() else { unreachable!("it is one") };
    let nobody = PeopleChange::Absent { from, person: "nobody".parse().unwrap(), reason, until };
    assert!(refused(&ines(), Body::People(vec![nobody])).contains("not enrolled"));
    assert!(refused(&adaeze(), Body::People(vec![absent()])).contains("role `registrar`"));
}

#[test]
fn a_rehearsed_record_verifies_and_no_ledger_takes_it() {
    let mut desk = Desk::founded();
    let record = desk.record(&adaeze(), approve());
    let rehearsed: Verified = rehearse(record.clone()).unwrap();
    assert_eq!(verify(rehearsed.signed().clone()).unwrap(), rehearsed);
    assert_eq!(
        (&rehearsed.record().body, &rehearsed.record().signer.person),
        (&record.body, &record.signer.person)
    );
    assert_ne!(rehearsed.record().signer.key, record.signer.key);
    assert_eq!(rehearse(record.clone()).unwrap(), rehearsed, "a function of the record alone");
    desk.put(rehearsed.signed().clone());
    assert_eq!(desk.codes(), ["UNKNOWN_KEY"]);
    // It is held to the rules of its kind like any other.
    let mut unfit = record;
    unfit.scope.clear();
    assert!(rehearse(unfit).unwrap_err().to_string().contains("`scope` is empty"));
}
