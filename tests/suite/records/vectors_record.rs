//! Vectors about the bytes of a record: each is signed well, and wrong in one thing.

use super::hand::{Desk, Hand, adaeze, approve, comment, ines, submit};
use super::vectors::Vector;
use countersign::record::{Record, Signed, print, shown, wording};

pub fn vector(
    name: &'static str,
    about: &'static str,
    refused: Option<&'static str>,
    signed: &Signed,
) -> Vector {
    let mut parts = vec![
        ("record".to_owned(), signed.record.clone().into_bytes()),
        ("sig".to_owned(), signed.sig.clone().into_bytes()),
    ];
    parts.extend(signed.tst.clone().map(|tst| ("tst".to_owned(), tst.into_bytes())));
    Vector { name, about, refused, headers: Vec::new(), parts }
}

/// Adaeze's approval, ready to be spoiled.
pub fn approval() -> Record {
    wording::complete(Desk::founded().record(&adaeze(), approve()))
}

fn good(name: &'static str, about: &'static str, hand: &Hand, record: Record) -> Vector {
    vector(name, about, None, &hand.sign(record))
}

fn said(text: &str) -> Record {
    Desk::founded().record(&adaeze(), comment(text))
}

pub fn cases() -> Vec<Vector> {
    let mut all = vec![
        good("good-decide", "an approval with a condition", &adaeze(), approval()),
        good("good-submit", "a submission", &ines(), Desk::founded().record(&ines(), submit())),
        good("good-people", "the first people record", &ines(), {
            Desk::default().record(&ines(), countersign::record::Body::People(vec![ines().enrol()]))
        }),
        good("good-text", "every escape a record can hold, and letters that need none", &adaeze(), {
            said("quote \" backslash \\ slash / line\nfeed, tab\t, delta \u{3b4}, face \u{1f600}, e\u{301}")
        }),
        good("good-empty-lists", "parents may be empty", &adaeze(), {
            let mut record = approval();
            record.parents.clear();
            record
        }),
    ];
    all.extend(spelling());
    all.extend(values());
    all
}

/// The same record in other spellings.
fn spelling() -> Vec<Vector> {
    let text = print(&approval());
    let digest = approval().subject.unwrap().digest.to_string();
    let mut slashed = approval();
    slashed.assistance = "n/a".to_owned();
    let slashed = print(&wording::complete(slashed));
    let mut all = Vec::new();
    let mut bad = |name, about, record: String| {
        assert_ne!(record, text, "{name} changes something");
        all.push(vector(name, about, Some("BAD_SCHEMA"), &adaeze().sign_text(record)));
    };
    let swap = |from: &str, to: &str| text.replacen(from, to, 1);
    bad("unknown-key", "a key that no kind has", swap("\"assistance\"", "\"aaa\":1,\"assistance\""));
    bad(
        "duplicate-key",
        "a key twice, with the same value",
        swap("\"kind\":\"decide\"", "\"kind\":\"decide\",\"kind\":\"decide\""),
    );
    bad("duplicate-key-differs", "a key twice: readers differ in which one counts", {
        swap("\"decision\":\"approve\"", "\"decision\":\"abstain\",\"decision\":\"approve\"")
    });
    bad("nested-unknown-key", "an unknown key inside an object", swap("\"seen\":{", "\"seen\":{\"a\":1,"));
    bad("nested-duplicate-key", "a key twice inside an object", swap("\"size\":2", "\"size\":2,\"size\":2"));
    bad("unsorted-keys", "two keys in the wrong order", {
        swap("\"revision\":1,\"role\":\"model-risk\"", "\"role\":\"model-risk\",\"revision\":1")
    });
    bad("nested-unsorted-keys", "two keys of an object in the wrong order", {
        swap(
            "{\"name\":\"consumer-credit-pd\",\"version\":\"2.1.0\"}",
            "{\"version\":\"2.1.0\",\"name\":\"consumer-credit-pd\"}",
        )
    });
    bad("space", "a space after a colon", swap("\"revision\":1", "\"revision\": 1"));
    bad("leading-space", "a space before the object", format!(" {text}"));
    bad("trailing-line-feed", "a line feed after the object", format!("{text}\n"));
    bad("trailing-crlf", "CR LF after the object", format!("{text}\r\n"));
    bad("trailing-object", "a second object after the first", format!("{text}{{}}"));
    bad("trailing-nul", "a NUL after the object", format!("{text}\0"));
    bad("bom", "a byte order mark before the object", format!("\u{feff}{text}"));
    bad("float", "an integer written as 1.0", swap("\"revision\":1", "\"revision\":1.0"));
    bad("exponent", "an integer written as 1e0", swap("\"revision\":1", "\"revision\":1e0"));
    bad("leading-zero", "an integer written as 01", swap("\"revision\":1", "\"revision\":01"));
    bad("minus-zero", "zero written as -0", swap("\"size\":2", "\"size\":-0"));
    bad("integer-string", "an integer written as a string", swap("\"revision\":1", "\"revision\":\"1\""));
    bad("integer-2-53", "an integer of 2^53", swap("\"size\":2", "\"size\":9007199254740992"));
    bad("integer-2-64", "an integer of 2^64", swap("\"size\":2", "\"size\":18446744073709551616"));
    bad("escaped-slash", "an escape that is not needed", slashed.replace("n/a", "n\\/a"));
    bad("escaped-letter", "a letter written as \\u0067", swap("monitoring", "monitorin\\u0067"));
    bad("escaped-line-feed", "a line feed written as \\u000a", swap("monthly.\\n", "monthly.\\u000a"));
    bad("raw-line-feed", "a line feed that is not escaped", swap("monthly.\\n", "monthly.\n"));
    bad("lone-surrogate", "half of a surrogate pair", swap("monthly.", "monthly.\\ud800"));
    bad("null", "an absent key written as null", swap("\"conditions\"", "\"change\":null,\"conditions\""));
    bad("uppercase-hex", "a digest in uppercase", swap(&digest, &digest.to_uppercase()));
    bad("short-hex", "a digest of 31 bytes", swap(&"09".repeat(32), &"09".repeat(31)));
    bad("time-offset", "a time with +00:00", swap("Z\",\"signer\"", "+00:00\",\"signer\""));
    bad("time-fraction", "a time with a fraction", swap("Z\",\"signer\"", ".0Z\",\"signer\""));
    bad("fingerprint-bits", "a fingerprint whose last digit has stray bits", swap("WHD+G4\"", "WHD+G5\""));
    bad("unknown-kind", "a kind that does not exist", swap("\"kind\":\"decide\"", "\"kind\":\"bless\""));
    bad("uppercase-kind", "a kind in other letters", swap("\"kind\":\"decide\"", "\"kind\":\"Decide\""));
    bad(
        "unknown-decision",
        "a decision that does not exist",
        swap("\"decision\":\"approve\"", "\"decision\":\"waive\""),
    );
    bad("another-version", "record/v2", swap("record/v1", "record/v2"));
    bad(
        "another-kind",
        "the same bytes said to be a comment",
        swap("\"kind\":\"decide\"", "\"kind\":\"comment\""),
    );
    bad("missing-step", "a decision without a step", swap("\"step\":\"model-risk\",", ""));
    bad("missing-nonce", "no nonce", swap(&format!("\"nonce\":\"{}\",", approval().nonce), ""));
    bad(
        "surplus-text",
        "a decision with a key of comments",
        swap("\"upstream\"", "\"text\":\"x\",\"upstream\""),
    );
    bad(
        "surplus-findings",
        "an approval with findings, though none",
        swap("\"kind\":\"decide\"", "\"findings\":[],\"kind\":\"decide\""),
    );
    bad("array", "an array", format!("[{text}]"));
    bad("empty", "nothing at all", String::new());
    bad("empty-object", "an object without keys", "{}".to_owned());
    bad("deep", "ten thousand opening brackets", "[".repeat(10_000));
    bad("cut", "the last byte is missing", text[..text.len() - 1].to_owned());
    let mut latin = print(&said("caf\u{e9}")).into_bytes();
    let at = latin.windows(2).position(|w| w == "\u{e9}".as_bytes()).unwrap();
    latin.splice(at..at + 2, [0xe9]);
    let mut not_utf8 =
        vector("not-utf8", "a letter in Latin-1", Some("BAD_SCHEMA"), &adaeze().sign_text(text.clone()));
    not_utf8.parts[0].1.clone_from(&latin);
    not_utf8.parts[1].1 = adaeze().armor(countersign::record::NAMESPACE, &latin).into_bytes();
    all.push(not_utf8);
    all
}

/// Values that no honest tool writes, in canonical spelling.
fn values() -> Vec<Vector> {
    let mut all = Vec::new();
    let mut bad = |name, about, record: &Record| {
        all.push(vector(name, about, Some("BAD_SCHEMA"), &adaeze().sign_text(print(record))));
    };
    let with = |change: &dyn Fn(&mut Record)| {
        let mut record = approval();
        change(&mut record);
        wording::complete(record)
    };
    bad(
        "parents-unsorted",
        "parents not in order",
        &with(&|r| {
            r.parents = vec![countersign::digest::RecordId([2; 32]), countersign::digest::RecordId([1; 32])];
        }),
    );
    bad(
        "parents-twice",
        "a parent twice",
        &with(&|r| r.parents = vec![countersign::digest::RecordId([2; 32]); 2]),
    );
    bad("scope-twice", "a section twice in scope", &with(&|r| r.scope.push(r.scope[0].clone())));
    bad("scope-empty", "a decision that was shown nothing", &with(&|r| r.scope.clear()));
    bad("revision-zero", "revision 0", &with(&|r| r.subject.as_mut().unwrap().revision = 0));
    bad("name-line-feed", "a name of two lines", &with(&|r| r.signer.name = "Adaeze\nOkafor".to_owned()));
    bad("meaning-empty", "an empty sentence", &with(&|r| r.meaning = " ".to_owned()));
    bad("bidi", "a direction override in a comment", &wording::complete(said("approve\u{202e}ton")));
    bad("zero-width", "a zero-width space in a comment", &wording::complete(said("not\u{200b}able")));
    bad("text-empty", "a comment without words", &wording::complete(said(" \n ")));
    let mut record = approval();
    record.ceremony.shown.0[31] ^= 1;
    bad("shown", "the digest of another deed", &record);
    let mut record = wording::complete(said("x"));
    record.meaning = "I, Adaeze Okafor, approve.".to_owned();
    record.ceremony.shown = shown(&record);
    bad("meaning", "a comment under the sentence of an approval", &record);
    let mut record = Desk::founded().record(&adaeze(), submit());
    record.subject.as_mut().unwrap().digest.0[0] ^= 1;
    bad("manifest", "a manifest that is not the one of the digest", &wording::complete(record));
    all
}
