//! Two branches both appended.

use super::hand::{Desk, adaeze, approve, comment, ines, submit, tomas};
use countersign::ledger::{Ledger, extends, mend, read_conflict};

/// A base, a branch of it that appended two records, and the base branch moved on by one.
fn branches() -> (Desk, Desk) {
    let mut base = Desk::founded();
    base.say(&ines(), submit());
    base.append();
    let mut branch = base.clone();
    branch.say(&tomas(), comment("on the branch"));
    branch.say(&adaeze(), approve());
    branch.append();
    base.say(&tomas(), comment("meanwhile"));
    base.append();
    (base, branch)
}

fn conflicted(base: &Ledger, branch: &Ledger, ancestor: bool, end: &str) -> String {
    let (ours, theirs) = (branch.print(), base.print());
    let ours: Vec<&str> = ours.split_inclusive('\n').collect();
    let theirs: Vec<&str> = theirs.split_inclusive('\n').collect();
    let same = ours.iter().zip(&theirs).take_while(|(a, b)| a == b).count();
    let middle = if ancestor { format!("||||||| merged common ancestors{end}") } else { String::new() };
    format!(
        "{}<<<<<<< HEAD{end}{}{middle}======={end}{}>>>>>>> main{end}",
        ours[..same].concat(),
        ours[same..].concat(),
        theirs[same..].concat()
    )
}

#[test]
fn lines_that_are_not_on_the_base_are_appended_anew_without_a_signature() {
    let (base, branch) = branches();
    let mended = mend(&base.ledger, &[branch.ledger.lines().to_vec()]).unwrap();
    assert_eq!(mended.moved.len(), 2);
    assert_eq!(mended.ledger.size(), base.ledger.size() + 2);
    assert_eq!(mended.ledger.lines()[..4], *base.ledger.lines());
    let desk = Desk { ledger: mended.ledger.clone(), ..base.clone() };
    assert_eq!(desk.codes(), [""; 0]);
    // Mending again changes nothing.
    let again = mend(&mended.ledger, &[branch.ledger.lines().to_vec()]).unwrap();
    assert_eq!((again.ledger, again.moved), (mended.ledger, vec![]));
}

#[test]
fn a_ledger_in_conflict_state_is_read() {
    let (base, branch) = branches();
    let wanted = mend(&base.ledger, &[branch.ledger.lines().to_vec()]).unwrap();
    for (ancestor, end) in [(false, "\n"), (true, "\n"), (true, "\r\n")] {
        let sides = read_conflict(&conflicted(&base.ledger, &branch.ledger, ancestor, end)).unwrap();
        assert_eq!(sides[0], branch.ledger.lines());
        assert_eq!(sides[1], base.ledger.lines());
        assert_eq!(mend(&base.ledger, &sides).unwrap(), wanted);
    }
    let good = conflicted(&base.ledger, &branch.ledger, true, "\n");
    for bad in [
        good.replace("=======\n", ""),
        good.replace(">>>>>>> main\n", ""),
        good.replace("<<<<<<< HEAD\n", ""),
        good.replace("\"seq\"", "\"sea\""),
    ] {
        assert!(read_conflict(&bad).is_err());
    }
}

#[test]
fn a_record_whose_signer_had_seen_the_moving_lines_must_be_signed_again() {
    let (base, mut branch) = branches();
    let moved = branch.ledger.lines()[3].id;
    let covering = branch.say(&adaeze(), approve());
    branch.append();
    let error = mend(&base.ledger, &[branch.ledger.lines().to_vec()]).unwrap_err().to_string();
    assert!(error.contains(&moved.to_string()) && error.contains(&covering.to_string()), "{error}");
    assert!(error.contains("sign"), "{error}");
}

#[test]
fn a_branch_may_add_to_its_base_and_nothing_else() {
    let base = super::ledger::story();
    let found = |head: &Desk| -> Vec<_> {
        let breaks = extends((&base.ledger, &base.pending), (&head.ledger, &head.pending));
        breaks.iter().map(|b| (b.code, b.line)).collect()
    };
    let mut head = base.clone();
    head.say(&ines(), comment("more"));
    assert_eq!(found(&head), []);
    head.append();
    assert_eq!(found(&head), []);
    let mut dropped = base.clone();
    dropped.pending.clear();
    assert_eq!(found(&dropped), [("RECORD_REMOVED", None)]);
    let mut stamped = base.clone();
    stamped.pending[0].signed.tst = Some("token".to_owned());
    assert_eq!(found(&stamped), []);
    stamped.pending[0].signed.sig.push(' ');
    assert_eq!(found(&stamped), [("RECORD_REMOVED", None)]);
    let (other, _) = branches();
    let shorter = Desk { pending: base.pending.clone(), ..Desk::founded() };
    assert_eq!(found(&shorter), [("LEDGER_REWRITTEN", Some(3))]);
    let moved = Desk { pending: base.pending.clone(), ..other };
    assert_eq!(found(&moved), [("LEDGER_REWRITTEN", Some(4))]);
}
