//! What a pull request may do to the ledger of its base: add, and nothing else (SPEC section 4.6).

use super::diagnostics::{about, broken, broken_line};
use super::line::{Ledger, Pending};
use super::verify::{LEDGER, PENDING_FOLDER, path};
use crate::digest::RecordId;
use crate::record::{Break, Signed};
use std::collections::BTreeMap;

/// Finds every line and pending record of the base that is missing or changed in the head. A pending
/// record may have become a line; a line is never anything else again.
pub fn extends(base: (&Ledger, &[Pending]), head: (&Ledger, &[Pending])) -> Vec<Break> {
    let file = path(LEDGER);
    let mut breaks = Vec::new();
    let same =
        base.0.lines().iter().zip(head.0.lines()).take_while(|(old, new)| old.hash() == new.hash()).count();
    if same < base.0.lines().len() {
        let message = format!(
            "from line {} on, the ledger is not the one of the base branch: {} lines were changed or removed",
            same + 1,
            base.0.lines().len() - same
        );
        breaks.push(broken_line("LEDGER_REWRITTEN", &file, Some(same as u64 + 1), message));
    }
    let lines = head.0.lines().iter().map(|line| (line.id, &line.signed));
    let there: BTreeMap<RecordId, &Signed> =
        lines.chain(head.1.iter().map(|pending| (pending.id, &pending.signed))).collect();
    for pending in base.1 {
        // The signature counts too: a record may wait for its token, so only `tst` may be added.
        let kept = there.get(&pending.id).is_some_and(|signed| {
            signed.sig == pending.signed.sig
                && (pending.signed.tst.is_none() || signed.tst == pending.signed.tst)
        });
        if !kept {
            let gone = path(&format!("{PENDING_FOLDER}/{}", pending.file_name()));
            let message = "this pending record of the base branch was removed or changed";
            breaks.push(about(broken("RECORD_REMOVED", &gone, message), pending.id, &pending.record));
        }
    }
    breaks
}
