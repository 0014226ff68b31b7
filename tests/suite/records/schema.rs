//! The published schema of records: it takes every record there is, and refuses what is none.

use super::vectors::committed;
use countersign::record::SCHEMA;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn validator() -> jsonschema::Validator {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    assert!(jsonschema::meta::is_valid(&schema));
    jsonschema::validator_for(&schema).unwrap()
}

fn told(validator: &jsonschema::Validator, record: &str) -> Vec<String> {
    match serde_json::from_str(record) {
        Ok(value) => validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect(),
        Err(e) => vec![e.to_string()],
    }
}

/// The records in a ledger's text.
fn lines(ledger: &str) -> Vec<String> {
    let record = |line: &str| serde_json::from_str::<Value>(line).ok()?["record"].as_str().map(str::to_owned);
    ledger.lines().filter_map(record).collect()
}

#[test]
fn r11_every_record_validates_against_the_published_schema() {
    let validator = validator();
    let mut kinds = BTreeSet::new();
    let mut decisions = BTreeSet::new();
    let mut take = |from: &str, record: &str| {
        assert_eq!(told(&validator, record), Vec::<String>::new(), "{from}: {record}");
        let value: Value = serde_json::from_str(record).unwrap();
        kinds.insert(value["kind"].as_str().unwrap().to_owned());
        decisions.extend(value["decision"].as_str().map(str::to_owned));
    };
    // Every vector that is taken.
    for (name, record) in committed("record") {
        if name.starts_with("good") {
            take(&name, &record);
        }
    }
    for (name, ledger) in committed("ledger").into_iter().filter(|(name, _)| name.starts_with("good")) {
        lines(&ledger).iter().for_each(|record| take(&name, record));
    }
    // A whole review with a question, a rejection and a certificate, as the demo plays it.
    let folder = tempfile::tempdir().unwrap();
    let mut demo = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"));
    demo.arg("demo").arg(folder.path()).arg("--no-serve").env("HOME", folder.path());
    let out = demo.output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let ledger = std::fs::read_to_string(folder.path().join("chains/ledger.jsonl")).unwrap();
    let played = lines(&ledger);
    assert!(played.len() > 10);
    played.iter().for_each(|record| take("the demo", record));
    // And this repository's own.
    let own = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("chains/ledger.jsonl");
    lines(&std::fs::read_to_string(own).unwrap()).iter().for_each(|record| take("this repository", record));

    let all = [
        "answer",
        "certify",
        "comment",
        "confirm",
        "decide",
        "delegate",
        "discharge",
        "object",
        "override",
        "people",
        "recuse",
        "resolve",
        "resolve_rejection",
        "retract",
        "revoke",
        "submit",
        "undelegate",
        "verify",
        "waive",
        "withdraw",
    ];
    // No vector takes a decision back; the record that retracts a revision is that but for one key.
    let retract = committed("record").into_iter().find(|(name, _)| name == "good-retract").unwrap().1;
    let mut withdraw: Value = serde_json::from_str(&retract).unwrap();
    withdraw["kind"] = "withdraw".into();
    assert!(!validator.is_valid(&withdraw));
    withdraw["record"] = "0".repeat(64).into();
    take("a withdrawal", &withdraw.to_string());
    let missing: Vec<_> = all.iter().filter(|kind| !kinds.contains(**kind)).collect();
    assert!(missing.is_empty(), "no record of {missing:?} was looked at");
    for decision in ["approve", "reject"] {
        assert!(decisions.contains(decision), "{decision}");
    }
}

/// What the reader refuses for a key, a type or a form, the schema refuses too. Rules between values and the
/// one spelling of bytes are not a schema's.
#[test]
fn r11_the_schema_refuses_what_is_no_record() {
    let validator = validator();
    let committed: BTreeMap<String, String> = committed("record").into_iter().collect();
    let names = "acting-comment acting-override another-kind another-version array certify-code \
        certify-override-twice certify-question certify-state certify-step-state confirm-material \
        confirm-scope-empty confirm-since-zero delegate-package delegate-packages-twice empty-object integer-2-53 \
        integer-2-64 integer-string missing-nonce missing-step nested-unknown-key null object-no-role \
        override-no-step override-twice overrides-empty parents-twice reason-empty revision-zero scope-empty \
        severity-approve severity-ordinary short-hex surplus-findings surplus-text text-empty time-fraction \
        time-offset undelegate-reason-empty unknown-decision unknown-key unknown-kind uppercase-hex uppercase-kind";
    for name in names.split_whitespace() {
        assert!(!told(&validator, &committed[name]).is_empty(), "{name} passes");
    }
    // Each key it asks for is asked for, and the decision has the four values and no other.
    let good: Value = serde_json::from_str(&committed["good-decide"]).unwrap();
    for key in good.as_object().unwrap().keys() {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(key);
        assert!(!validator.is_valid(&without), "{key}");
    }
    let section = "evaluation";
    let all = [
        ("approve", "conditions", serde_json::json!([])),
        (
            "reject",
            "findings",
            serde_json::json!([{ "concern": "c", "id": "f1", "reason": "other", "required": "r", "section": section }]),
        ),
        ("clarify", "question", serde_json::json!({ "section": section, "text": "which?" })),
        ("abstain", "", Value::Null),
        ("later", "", Value::Null),
    ];
    for (decision, _, _) in &all {
        for (fits, key, terms) in &all {
            let mut other = good.clone();
            let record = other.as_object_mut().unwrap();
            record.remove("conditions");
            record.insert("decision".to_owned(), (*decision).into());
            if !key.is_empty() {
                record.insert((*key).to_owned(), terms.clone());
            }
            let right =
                *decision != "later" && (decision == fits || (*decision == "abstain" && key.is_empty()));
            assert_eq!(validator.is_valid(&other), right, "{decision} with `{key}`");
        }
    }
}
