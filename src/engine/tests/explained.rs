//! What a compliance officer reads.

use super::story::tell;
use crate::engine::explain;
use crate::id::PersonId;

fn told(chain: &str, story: &str) -> String {
    let desk = tell(chain, story);
    let name = |id: &PersonId| desk.people.person(id).map_or(id.to_string(), |p| p.name.clone());
    explain(&desk.outcome(), &name)
}

#[test]
fn nothing_submitted() {
    insta::assert_snapshot!(told("line", ""), @r#"
    credit is a draft, not submitted.

    [no]  Package credit is submitted for review; nothing was submitted yet

    Missing now:
    - nothing was submitted yet
      how: countersign submit credit
    "#);
}

#[test]
fn waiting_for_the_first() {
    insta::assert_snapshot!(told("wide", "ines submit\n dana approve data with=c1 due=2026-12-01\n milo approve model"), @r#"
    credit is in review.

    [no]  Revision 1 of credit passes every step of “Credit”; 1 of 2 steps passed; it is in review
      [yes] Data needs 1 approval by a data reviewer; Dana approved on 21 September 2026, 14:14 UTC, with 1 condition
        [yes] Dana approved revision 1 on 21 September 2026, 14:14 UTC; counts
          [no]  Condition c1: do it; overdue since 1 December 2026
      [no]  Model needs 2 approvals by different model reviewers; 1 of 2 approvals so far
        [yes] Data has passed; it is passed with conditions
        [yes] Milo approved revision 1 on 21 September 2026, 14:15 UTC; counts

    Missing now:
    - Model needs 2 approvals by different model reviewers: 1 approval more
      who: Bo (bo), Mara (mara), Max (max), Mo (mo)
      how: countersign decide credit approve --step model
    - condition c1 is to be met, due 1 December 2026: do it
      who: Ines (ines)
      how: countersign discharge credit c1 --how "..."
    "#);
}

#[test]
fn rejected_and_asked() {
    let story = "ines submit\n dana approve data\n milo reject model finding=f1,f2\n fay ask limits";
    insta::assert_snapshot!(told("bank", story), @r#"
    credit is rejected: changes are required.

    [no]  Revision 1 of credit passes every step of “Credit”; 1 of 4 steps passed; it is rejected: changes are required
      [yes] Data needs 1 approval by a data reviewer; Dana approved on 21 September 2026, 14:14 UTC
        [yes] Dana approved revision 1 on 21 September 2026, 14:14 UTC; counts
      [no]  Model needs 1 approval by a model reviewer; Milo rejected it
        [yes] Data has passed
        [no]  Milo rejected revision 1 on 21 September 2026, 14:15 UTC; stands, with 2 findings, until this person approves or takes it back
      [no]  Fair needs 1 approval by a fair reviewer; a question is open
        [yes] Data has passed
        [no]  No question on limits is open; Fay waits for an answer
      [no]  Committee needs 1 approval by a committee reviewer; it opens when Model and Fair have passed
        [no]  Model has passed; it is refused
        [no]  Fair has passed; it is held up by a question
        [no]  No question on limits is open; Fay waits for an answer

    Missing now:
    - Milo rejected revision 1: 2 findings to be answered by a new revision
      who: Ines (ines)
      how: countersign submit credit
    - the question by Fay on limits waits for an answer
      who: Ines (ines)
      how: countersign answer credit bfee665bd5a7
    - Fair needs 1 approval by a fair reviewer
      who: Fay (fay), Finn (finn)
      how: countersign decide credit approve --step fair
    "#);
}

#[test]
fn resubmitted() {
    let story = "ines submit\n dana approve data\n milo reject model finding=f1\n ines submit evaluation=new";
    insta::assert_snapshot!(told("line", story), @r#"
    credit is rejected: changes are required.

    [no]  Revision 2 of credit passes every step of “Credit”; 1 of 2 steps passed; it is rejected: changes are required
      [yes] Data needs 1 approval by a data reviewer; Dana approved on 21 September 2026, 14:14 UTC
        [yes] Dana approved revision 1 on 21 September 2026, 14:14 UTC; made on revision 1 and kept: no section it covers has changed
      [no]  Model needs 1 approval by a model reviewer; Milo rejected it
        [yes] Data has passed
        [no]  Milo rejected revision 1 on 21 September 2026, 14:15 UTC; stands, with 1 finding, until this person approves or takes it back

    Missing now:
    - Milo rejected revision 1 (1 finding) and has not looked at the new one
      who: Milo (milo)
      how: countersign decide credit approve --step model
    "#);
}

#[test]
fn fallen_back() {
    let story = "ines submit\n dana approve data\n milo approve model\n dana withdraw 1";
    insta::assert_snapshot!(told("line", story), @r#"
    credit is in review.

    [no]  Revision 1 of credit passes every step of “Credit”; 0 of 2 steps passed; it is in review
      [no]  Data needs 1 approval by a data reviewer; nobody has decided yet
      [no]  Model needs 1 approval by a model reviewer; approved by Milo, but it waits until Data has passed again
        [no]  Data has passed; it is open
        [no]  Milo approved revision 1 on 21 September 2026, 14:15 UTC; Data is not passed now; it counts again if that returns the same

    Missing now:
    - Data needs 1 approval by a data reviewer
      who: Bo (bo), Dana (dana), Drew (drew)
      how: countersign decide credit approve --step data
    "#);
    let story = "ines submit\n dana approve data\n milo approve model\n dana withdraw 1\n drew approve data";
    insta::assert_snapshot!(told("line", story), @r#"
    credit is in review.

    [no]  Revision 1 of credit passes every step of “Credit”; 1 of 2 steps passed; it is in review
      [yes] Data needs 1 approval by a data reviewer; Drew approved on 21 September 2026, 14:17 UTC
        [yes] Drew approved revision 1 on 21 September 2026, 14:17 UTC; counts
      [no]  Model needs 1 approval by a model reviewer; the approval by Milo no longer counts: Data has passed with another outcome since
        [yes] Data has passed
        [no]  Milo approved revision 1 on 21 September 2026, 14:15 UTC; Data has passed with another outcome since

    Missing now:
    - Model needs 1 approval by a model reviewer
      who: Bo (bo), Mara (mara), Max (max), Milo (milo), Mo (mo)
      how: countersign decide credit approve --step model
    "#);
}

#[test]
fn content_changed() {
    let story = "ines submit\n milo approve model\n ines submit evaluation=new";
    insta::assert_snapshot!(told("solo", story), @r#"
    credit is in review.

    [no]  Revision 2 of credit passes every step of “Credit”; 0 of 1 step passed; it is in review
      [no]  Model needs 1 approval by a model reviewer; the approval by Milo no longer counts: made on revision 1; section evaluation has changed: `first` was removed (line 1) since
        [no]  Milo approved revision 1 on 21 September 2026, 14:14 UTC; made on revision 1; section evaluation has changed: `first` was removed (line 1) since

    Missing now:
    - Model needs 1 approval by a model reviewer
      who: Bo (bo), Mara (mara), Max (max), Milo (milo), Mo (mo)
      how: countersign decide credit approve --step model
    "#);
}

#[test]
fn certified_and_objected_to() {
    let story = "ines submit\n milo approve model\n ivy certify\n mara reject model";
    insta::assert_snapshot!(told("solo", story), @r#"
    credit is certified, and due for a new review.

    [no]  Revision 1 of credit passes every step of “Credit”; 1 objection came after the certificate
      [yes] Model needs 1 approval by a model reviewer; Milo approved on 21 September 2026, 14:14 UTC
        [yes] Milo approved revision 1 on 21 September 2026, 14:14 UTC; counts
      [yes] Revision 1 was certified on 21 September 2026, 14:15 UTC; it holds until 21 September 2027
      [no]  Nothing was said against revision 1 since; 1 objection came after the certificate: a new review is due

    Missing now:
    - 1 objection against the certified revision: a new review is due
      who: Ines (ines)
      how: countersign submit credit
    "#);
}

#[test]
fn nobody_can() {
    let story = "people end milo model\n people end mara model\n people end mo model\n people end max model
                 ines submit by=bo";
    insta::assert_snapshot!(told("solo", story), @r#"
    credit is in review.

    [no]  Revision 1 of credit passes every step of “Credit”; 0 of 1 step passed; it is in review
      [no]  Model needs 1 approval by a model reviewer; nobody has decided yet

    Missing now:
    - Model needs 1 approval by a model reviewer; nobody who holds role model may decide this package: a registrar must grant it
      how: countersign decide credit approve --step model
    "#);
}
