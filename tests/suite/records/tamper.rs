//! Any changed byte is found.

use super::hand::{Desk, codes, comment, ines, submit};
use countersign::ledger;

/// The smallest ledger with everything in it: this test runs `verify` some ten thousand times.
fn small() -> Desk {
    let mut desk = Desk::default();
    desk.people(&ines(), vec![ines().enrol(), ines().grant("registrar")]);
    desk.append();
    desk.say(&ines(), submit());
    desk.append();
    desk.say(&ines(), comment("x"));
    desk
}

#[test]
fn every_changed_byte_of_ledger_pending_and_people_is_a_break() {
    let desk = small();
    let good = desk.input();
    assert_eq!(codes(&ledger::verify(&good)), [""; 0]);
    let check = |what: &str, at: usize, input: &ledger::VerifyInput| {
        assert!(!ledger::verify(input).breaks.is_empty(), "{what}: byte {at} can be changed");
    };
    // One bit high, one bit low: the low one turns letters into letters and digits into digits.
    let mut input = good.clone();
    for at in 0..good.ledger_text.len() {
        let mask = if at % 2 == 0 { 1 } else { 0x20 };
        input.ledger_text[at] ^= mask;
        check("ledger", at, &input);
        input.ledger_text[at] ^= mask;
    }
    for at in 0..good.pending[0].1.len() {
        for mask in [1, 0x20] {
            input.pending[0].1[at] ^= mask;
            check("pending", at, &input);
            input.pending[0].1[at] ^= mask;
        }
    }
    for at in 0..good.people_toml.len() {
        input.people_toml[at] ^= 1;
        check("people", at, &input);
        input.people_toml[at] ^= 1;
    }
    assert_eq!(codes(&ledger::verify(&input)), [""; 0]);
}

#[test]
fn every_cut_and_added_byte_is_a_break() {
    let desk = small();
    let good = desk.input();
    let mut input = good.clone();
    for at in (0..good.ledger_text.len()).step_by(7) {
        // A whole number of lines is a shorter ledger; what follows it then misses its past.
        input.ledger_text.truncate(at);
        assert!(!ledger::verify(&input).breaks.is_empty(), "cut at {at}");
        input.ledger_text.clone_from(&good.ledger_text);
    }
    for at in (0..=good.ledger_text.len()).step_by(7) {
        for byte in *b"\n \r0}" {
            input.ledger_text.insert(at, byte);
            assert!(!ledger::verify(&input).breaks.is_empty(), "{byte} added at {at}");
            input.ledger_text.remove(at);
        }
    }
    for junk in [&b"\xef\xbb\xbf"[..], b"\0", b"\xff"] {
        input.ledger_text = [junk, &good.ledger_text].concat();
        assert!(!ledger::verify(&input).breaks.is_empty());
    }
}
