//! The JSON document: its schema holds, it says what was signed, and there is none without a certificate.

use super::world::World;
use countersign::export::{ExportError, Format, SCHEMA, build};
use serde_json::Value;

fn document(world: &mut World) -> Value {
    let register = world.register();
    let files = build(Format::Json, &register, &"credit".parse().unwrap(), &world.sources).unwrap();
    let names: Vec<&str> = files.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(names, ["certificate.json", "certificate.schema.json"]);
    serde_json::from_slice(&files[0].1).unwrap()
}

#[test]
fn the_document_keeps_its_schema() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let document = document(&mut World::certified());
    let errors: Vec<String> = validator.iter_errors(&document).map(|e| e.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
    // And the schema would notice: every key it asks for, every key it does not know.
    for key in document.as_object().unwrap().keys() {
        let mut without = document.clone();
        without.as_object_mut().unwrap().remove(key);
        assert_eq!(validator.is_valid(&without), key == "review_by", "{key}");
    }
    let mut more = document.clone();
    more["score"] = 5.into();
    assert!(!validator.is_valid(&more));
    let mut worse = document;
    worse["package"]["sha256"] = "AB".into();
    assert!(!validator.is_valid(&worse));
}

#[test]
fn it_names_what_a_regulator_asks_for() {
    let mut world = World::certified();
    let lines: Vec<String> = world.ledger.print().lines().map(str::to_owned).collect();
    let document = document(&mut world);
    let hash = |line: &str| countersign::digest::hex(&countersign::digest::sha256(line.as_bytes()));
    assert_eq!(document["model"]["name"], "pd");
    assert_eq!(document["model"]["version"], "2.1.0");
    assert_eq!(document["model"]["registry"], "models:/pd/11");
    assert_eq!(document["package"]["revision"], 2);
    assert_eq!(document["package"]["sha256"], world.revisions[1].package.digest().to_string());
    assert_eq!(document["state"], "approved_with_conditions");
    let reviewers = document["reviewers"].as_array().unwrap();
    let people: Vec<&str> = reviewers.iter().map(|r| r["person"].as_str().unwrap()).collect();
    assert_eq!(people, ["adaeze", "ben"]);
    assert_eq!(reviewers[0]["code"], "CARRIED");
    assert_eq!(reviewers[1]["meaning"], "I, BEN Ødegård, as risk, approve revision 2 of credit.");
    assert_eq!(document["conditions"][0]["condition"]["due"], "2027-05-31");
    assert_eq!(document["rounds"][0]["rejections"].as_array().unwrap().len(), 1);
    let index = usize::try_from(document["ledger"]["index"].as_u64().unwrap()).unwrap();
    assert!(lines[index].contains("certify"));
    assert_eq!(document["ledger"]["entry"], hash(&lines[index]));
    assert_eq!(document["ledger"]["previous"], hash(&lines[index - 1]));
    assert_eq!(document["ledger"]["head"], hash(lines.last().unwrap()));
    assert_eq!(document["ledger"]["root_of_trust"], world.ledger.lines()[0].id.to_string());
    let records = document["records"].as_array().unwrap();
    assert_eq!(records.len(), lines.len(), "every record is about people or about the package");
    for (record, line) in records.iter().zip(world.ledger.lines()) {
        assert_eq!(record["record"], line.signed.record);
        assert_eq!(record["signature"], line.signed.sig);
        assert_eq!(record["entry"], line.hash().to_string());
    }
}

#[test]
fn there_is_no_evidence_without_a_certificate() {
    let mut world = World::approved();
    let register = world.register();
    for format in [Format::Json, Format::Bundle] {
        let error = build(format, &register, &"credit".parse().unwrap(), &world.sources).unwrap_err();
        let ExportError::NotCertified { state, missing, .. } = &error else { panic!("{error:?}") };
        assert_eq!(state, "approved with conditions");
        assert_eq!(missing[0].command, "countersign certify credit");
        let diagnostic: countersign::diag::Diagnostic = error.into();
        assert!(diagnostic.help.contains("countersign certify credit"), "{}", diagnostic.help);
    }
    let error = build(Format::Json, &register, &"other".parse().unwrap(), &world.sources).unwrap_err();
    assert_eq!(error, ExportError::NoPackage("other".parse().unwrap()));
}

#[test]
fn what_has_changed_on_disk_is_not_exported() {
    let mut world = World::certified();
    let register = world.register();
    for path in [
        "packages/credit/revisions/2/evaluation.md",
        "packages/credit/revisions/2/chain.toml",
        "chains/ledger.jsonl",
    ] {
        let mut sources = world.sources.clone();
        sources.get_mut(&path.parse().unwrap()).unwrap()[3] ^= 1;
        let error = build(Format::Bundle, &register, &"credit".parse().unwrap(), &sources).unwrap_err();
        assert!(matches!(error, ExportError::Broken(_)), "{path}: {error:?}");
        let mut sources = world.sources.clone();
        sources.remove(&path.parse().unwrap());
        assert!(build(Format::Json, &register, &"credit".parse().unwrap(), &sources).is_err(), "{path}");
    }
}
