//! The ledger as people use it.

use super::hand::{Desk, adaeze, approve, codes, comment, ines, submit, tomas};
use countersign::ledger::{self, Ledger, Pending};
use countersign::record::{Body, KeyState, PeopleChange, Reply};
use countersign::time::Timestamp;
use proptest::prelude::*;

pub fn story() -> Desk {
    let mut desk = Desk::founded();
    desk.say(&ines(), submit());
    desk.append();
    desk.say(&tomas(), comment("Which hold-out?"));
    desk.append();
    desk.say(&adaeze(), approve());
    desk
}

#[test]
fn a_good_ledger_verifies_and_gives_every_record_its_people() {
    let desk = story();
    let verdict = desk.verdict();
    assert_eq!(codes(&verdict), [""; 0]);
    assert_eq!(verdict.ineffective, []);
    assert_eq!((verdict.size, verdict.entries.len()), (4, 5));
    assert_eq!(verdict.root, desk.ledger.root());
    let last = verdict.entries.last().unwrap();
    assert!(last.pending && last.key_valid && last.held(&"model-risk".parse().unwrap()));
    assert_eq!((last.seq, last.prev), (4, desk.ledger.head()));
    assert!(verdict.entries[0].key_valid && verdict.entries[0].people.persons.is_empty());
    // The place a pending record is judged at is the place it gets.
    let mut appended = desk.clone();
    appended.append();
    assert_eq!(appended.ledger.lines()[4].hash(), last.hash);
    assert_eq!(appended.codes(), [""; 0]);
    assert_eq!(Ledger::parse(&appended.ledger.print()).unwrap(), appended.ledger);
}

#[test]
fn a_key_is_judged_at_its_position() {
    let mut desk = story();
    desk.append();
    let revoke = PeopleChange::RevokeKey {
        distrust_from: Some(4),
        key: adaeze().public().fingerprint(),
        person: adaeze().person.parse().unwrap(),
        reason: "laptop stolen".to_owned(),
    };
    desk.people(&ines(), vec![revoke]);
    desk.append();
    desk.say(&adaeze(), approve());
    desk.append();
    let stranger = super::hand::Hand { person: "nobody", name: "Nobody", ..adaeze().with_key(9) };
    desk.say(&stranger, comment("hello"));
    let verdict = desk.verdict();
    // A revoked key is not tampering: the record is shown and does not count. A key that was never anybody's
    // makes nobody's statement.
    assert_eq!(codes(&verdict), ["UNKNOWN_KEY"]);
    let valid: Vec<bool> = verdict.entries.iter().map(|e| e.key_valid).collect();
    assert_eq!(valid, [true, true, true, true, true, true, false, false]);
    let key = &verdict.people.person(&adaeze().person.parse().unwrap()).unwrap().keys[0];
    let reason = "laptop stolen".to_owned();
    assert_eq!(key.state, KeyState::Revoked { at: 5, reason, distrust_from: Some(4) });
}

#[test]
fn another_repository_name_time_and_history_are_breaks() {
    let base = story();
    let wrong = |change: &dyn Fn(&mut countersign::record::Record)| {
        let mut desk = base.clone();
        let mut record = desk.record(&tomas(), comment("x"));
        change(&mut record);
        desk.put(tomas().sign(record));
        desk.codes()
    };
    assert_eq!(wrong(&|_| ()), [""; 0]);
    assert_eq!(wrong(&|r| r.repository.0[0] ^= 1), ["WRONG_REPOSITORY"]);
    assert_eq!(wrong(&|r| r.signer.name = "Adaeze Okafor".to_owned()), ["WRONG_NAME"]);
    assert_eq!(wrong(&|r| r.parents[0].0[0] ^= 1), ["PARENT_MISSING"]);
    assert_eq!(wrong(&|r| r.seen.root.0[0] ^= 1), ["SEEN_MISMATCH"]);
    assert_eq!(wrong(&|r| r.seen.size += 1), ["SEEN_MISMATCH"]);
    let back = |seconds: i64| {
        move |r: &mut countersign::record::Record| {
            r.signed_at = Timestamp::from_seconds(r.signed_at.seconds() - seconds).unwrap();
        }
    };
    assert_eq!(wrong(&back(60 + 300)), [""; 0], "just as old as the skew allows");
    assert_eq!(wrong(&back(60 + 301)), ["TIME_BEFORE_PAST"]);
}

#[test]
fn a_lie_about_time_reaches_through_the_causal_past() {
    let mut desk = story();
    // Tomas answers with a clock one hour fast; who builds on that is measured against it, two steps on.
    let root = desk.pending[0].id;
    let mut early = desk.record(&tomas(), Body::Answer(Reply { about: root, text: "yes".to_owned() }));
    early.signed_at = early.signed_at.plus_seconds(3600);
    desk.put(tomas().sign(early));
    let mut next = desk.record(&ines(), comment("a"));
    next.signed_at = next.signed_at.plus_seconds(3600);
    desk.put(ines().sign(next));
    assert_eq!(desk.codes(), [""; 0]);
    desk.say(&ines(), comment("b"));
    assert_eq!(desk.codes(), ["TIME_BEFORE_PAST"]);
}

#[test]
fn lines_dropped_swapped_doubled_and_cut_are_breaks() {
    let mut desk = story();
    desk.append();
    let good = desk.input();
    let lines: Vec<&[u8]> = good.ledger_text.split_inclusive(|b| *b == b'\n').collect();
    let broken = |order: &[usize]| {
        let mut input = good.clone();
        input.ledger_text = order.iter().flat_map(|i| lines[*i]).copied().collect();
        codes(&ledger::verify(&input))
    };
    assert_eq!(broken(&[0, 1, 2, 3, 4]), [""; 0]);
    assert!(broken(&[0, 1, 3, 4]).contains(&"LEDGER_CHAIN"));
    assert!(broken(&[0, 2, 1, 3, 4]).contains(&"LEDGER_CHAIN"));
    assert!(broken(&[0, 1, 2, 3, 4, 4]).contains(&"DUPLICATE_RECORD"));
    assert!(broken(&[1, 2, 3, 4]).contains(&"ROOT_OF_TRUST"));
    assert!(broken(&[]).contains(&"ROOT_OF_TRUST"));
    // Later lines still verify: the rest of the ledger is reported on, not given up.
    let mut input = good.clone();
    input.ledger_text =
        lines.iter().enumerate().flat_map(|(i, l)| if i == 2 { &b"{}\n"[..] } else { l }).copied().collect();
    let verdict = ledger::verify(&input);
    assert_eq!(verdict.entries.len(), 4);
    let form = verdict.breaks.iter().find(|b| b.code == "LEDGER_FORM").unwrap();
    assert_eq!((form.path.as_str(), form.line), ("chains/ledger.jsonl", Some(3)));
    let seen = verdict.breaks.iter().find(|b| b.code == "SEEN_MISMATCH").unwrap();
    assert_eq!(seen.package.as_ref().unwrap().as_str(), "credit");
}

#[test]
fn append_refuses_what_would_not_verify() {
    let desk = story();
    let orphan = desk.pending[0].clone();
    let mut base = Desk::founded();
    base.pending.push(orphan);
    let error = ledger::append(&base.ledger, base.pending.clone()).unwrap_err().to_string();
    assert!(error.contains("builds on"), "{error}");
}

#[test]
fn a_pending_file_has_one_name_and_one_spelling() {
    let desk = story();
    let one = &desk.pending[0];
    let (name, text) = (one.file_name(), one.print());
    assert_eq!(Pending::parse(&name, text.as_bytes()).unwrap(), *one);
    assert!(Pending::parse("a.json", text.as_bytes()).is_err());
    assert!(Pending::parse(&name, text.trim_end().as_bytes()).is_err());
    assert!(Pending::parse(&name, (text.clone() + "\n").as_bytes()).is_err());
    assert!(Pending::parse(&name, text.replacen(':', ": ", 1).as_bytes()).is_err());
    // A leftover of an append is no break; the same record under another signature is.
    let mut appended = desk.clone();
    appended.append();
    appended.pending.push(one.clone());
    assert_eq!(appended.codes(), [""; 0]);
    let mut other = one.clone();
    other.signed.tst = None;
    other.signed.sig = adaeze().with_key(8).armor("countersign-record", other.signed.record.as_bytes());
    appended.pending = vec![other];
    assert_eq!(appended.codes(), ["WRONG_KEY"]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn append_does_not_depend_on_the_order_of_files(order in Just((0..8usize).collect::<Vec<_>>()).prop_shuffle()) {
        let mut desk = story();
        for n in 0..7 {
            let mut record = desk.record(&tomas(), comment(&format!("remark {n}")));
            // Some build on the last one, some on the first: siblings, whose tie only the id can break.
            if n % 3 != 0 {
                record.parents = vec![desk.pending[0].id];
            }
            desk.put(tomas().sign(record));
        }
        let sorted = ledger::append(&desk.ledger, desk.pending.clone()).unwrap();
        let shuffled = order.iter().map(|i| desk.pending[*i].clone()).collect();
        prop_assert_eq!(ledger::append(&desk.ledger, shuffled).unwrap(), sorted);
    }
}
