//! People records: who may change whom, and the file they add up to.

use super::hand::{Desk, Hand, adaeze, codes, comment, ines, tomas};
use countersign::ledger;
use countersign::record::{ENROL_NAMESPACE, PeopleChange, enrol_statement};

fn last_refusal(desk: &Desk) -> String {
    let verdict = desk.verdict();
    let mut found = codes(&verdict);
    found.retain(|code| *code != "UNKNOWN_KEY");
    assert_eq!(found, ["PEOPLE_REFUSED"], "{:?}", verdict.breaks);
    verdict.breaks.iter().find(|b| b.code == "PEOPLE_REFUSED").unwrap().message.clone()
}

fn refused(hand: &Hand, changes: Vec<PeopleChange>) -> String {
    let mut desk = Desk::founded();
    desk.people(hand, changes);
    last_refusal(&desk)
}

fn newcomer() -> Hand {
    Hand { person: "new-one", name: "New One", ..ines().with_key(40) }
}

#[test]
fn only_a_registrar_changes_people() {
    assert!(refused(&adaeze(), vec![adaeze().grant("registrar")]).contains("role `registrar`"));
    assert!(refused(&newcomer(), vec![newcomer().enrol()]).contains("key that is not valid"));
    let impostor = ines().with_key(41);
    assert!(refused(&impostor, vec![tomas().grant("author")]).contains("key that is not valid"));
}

#[test]
fn ids_and_keys_are_never_used_again() {
    let again = Hand { person: "tomas-lind", name: "Tomás Lind", ..ines().with_key(42) };
    assert!(refused(&ines(), vec![again.enrol()]).contains("used before"));
    let second_account = Hand { person: "adaeze-two", name: "Adaeze Two", ..adaeze() };
    assert!(
        refused(&ines(), vec![second_account.enrol()]).contains("belongs or belonged to `adaeze-okafor`")
    );
    // Also not after the key was revoked.
    let revoke = |hand: &Hand, reason: &str| PeopleChange::RevokeKey {
        distrust_from: None,
        key: hand.public().fingerprint(),
        person: hand.person.parse().unwrap(),
        reason: reason.to_owned(),
    };
    let other = Hand { person: "new-one", name: "New One", ..adaeze() };
    assert!(refused(&ines(), vec![revoke(&adaeze(), "lost"), other.enrol()]).contains("belonged"));
    assert!(refused(&ines(), vec![revoke(&adaeze().with_key(1), "x")]).contains("no valid key"));
    assert!(refused(&ines(), vec![revoke(&ines(), "x")]).contains("nobody with a valid key"));
}

#[test]
fn a_key_is_enrolled_only_by_whoever_holds_it() {
    let other = tomas().with_key(43);
    let mut borrowed = newcomer().enrol();
    if let PeopleChange::Enrol { proof, .. } = &mut borrowed {
        *proof = other.proof();
    }
    assert!(refused(&ines(), vec![borrowed]).contains("proof"));
    // A proof made for one person does not enrol the key for another.
    let person = "adaeze-okafor".parse().unwrap();
    let statement = enrol_statement(super::hand::repository(), &person, &newcomer().public());
    let mut stolen = newcomer().enrol();
    if let PeopleChange::Enrol { proof, .. } = &mut stolen {
        *proof = newcomer().armor(ENROL_NAMESPACE, statement.as_bytes());
    }
    assert!(refused(&ines(), vec![stolen]).contains("proof"));
    let mut wrong_purpose = newcomer().enrol();
    if let PeopleChange::Enrol { proof, .. } = &mut wrong_purpose {
        *proof = newcomer().armor("countersign-record", statement.as_bytes());
    }
    assert!(refused(&ines(), vec![wrong_purpose]).contains("namespace"));
}

#[test]
fn a_people_record_takes_effect_as_a_whole_or_not_at_all() {
    let mut desk = Desk::founded();
    let before = desk.verdict().people;
    desk.people(&ines(), vec![tomas().grant("author"), tomas().grant("author")]);
    assert!(last_refusal(&desk).contains("already"));
    assert_eq!(desk.verdict().people, before);
    // In the ledger it is history without effect: two registrars may have raced.
    desk.append();
    let verdict = desk.verdict();
    assert_eq!(codes(&verdict), [""; 0]);
    assert_eq!(verdict.ineffective.len(), 1);
    assert_eq!((verdict.ineffective[0].line, verdict.people), (Some(3), before));
}

#[test]
fn the_root_of_trust_enrols_its_own_signer() {
    let good = Desk::founded();
    let mut input = good.input();
    input.root_of_trust = good.ledger.lines()[1].id;
    assert!(codes(&ledger::verify(&input)).contains(&"ROOT_OF_TRUST"));
    for changes in [vec![tomas().enrol(), tomas().grant("registrar")], vec![ines().enrol()]] {
        let mut desk = Desk::default();
        desk.people(&ines(), changes);
        desk.append();
        assert!(desk.codes().contains(&"ROOT_OF_TRUST"));
    }
}

#[test]
fn the_people_file_is_what_the_records_add_up_to() {
    let mut desk = Desk::founded();
    desk.say(&tomas(), comment("x"));
    let add = PeopleChange::AddKey {
        key: adaeze().with_key(44).public(),
        person: adaeze().person.parse().unwrap(),
        proof: adaeze().with_key(44).proof(),
    };
    let revoke = PeopleChange::RevokeKey {
        distrust_from: Some(1),
        key: adaeze().public().fingerprint(),
        person: adaeze().person.parse().unwrap(),
        reason: "a \"lost\" laptop".to_owned(),
    };
    let end = PeopleChange::End {
        person: ines().person.parse().unwrap(),
        reason: "moved".to_owned(),
        role: "author".parse().unwrap(),
    };
    desk.people(&ines(), vec![add, revoke, end]);
    let people = desk.verdict().people;
    let text = ledger::people::print(&people);
    let table: toml::Table = text.parse().unwrap();
    let adaeze_there = &table["person"][0];
    assert_eq!(adaeze_there["name"].as_str(), Some("Adaeze Okafor"));
    assert_eq!(adaeze_there["key"].as_array().unwrap().len(), 2);
    assert!(text.contains("reason = \"a \\\"lost\\\" laptop\"\ndistrust_from = 1\n"), "{text}");
    let signers = ledger::people::allowed_signers(&people);
    assert_eq!(signers.lines().count(), 3);
    assert!(!signers.contains(adaeze().public().as_str()), "a revoked key is not allowed");
    // The file does not change when another branch appends first.
    let mut input = desk.input();
    assert_eq!(codes(&ledger::verify(&input)), [""; 0]);
    input.people_toml = text.replace("role", "rule").into_bytes();
    assert_eq!(codes(&ledger::verify(&input)), ["PEOPLE_FILE"]);
    desk.append();
    assert_eq!(ledger::people::print(&desk.verdict().people), text);
}
