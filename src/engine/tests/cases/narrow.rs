//! Narrow cases: each is there because without it one rule could be taken out and nothing would notice.

use super::Case;

#[rustfmt::skip]
pub const CASES: &[Case] = &[
    // --- what the signer had not seen
    ("set aside by two, of whom the signer had seen one", "line",
        "ines submit\n olga override data\n omar override data second=1\n milo approve model seen=2",
        "in_review | overridden open | NOTED COUNTED COUNTED STEP_NOT_OPEN"),
    ("a question asked again stops no clock of who had not seen that", "solo model.lapse=48h",
        "ines submit\n mara ask evaluation\n ines answer 1\n mara note evaluation about=1\n time 3d\n milo approve model seen=3",
        "clarification_pending | clarifying | NOTED OPEN_QUESTION NOTED NOTED STEP_NOT_OPEN"),
    ("of who had, it does", "solo model.lapse=48h",
        "ines submit\n mara ask evaluation\n ines answer 1\n mara note evaluation about=1\n time 3d\n milo approve model",
        "clarification_pending | clarifying | NOTED OPEN_QUESTION NOTED NOTED COUNTED"),
    ("a note stops no clock", "solo model.lapse=48h", "ines submit\n mara note evaluation\n time 3d\n milo approve model",
        "lapsed | open | NOTED NOTED STEP_NOT_OPEN"),

    // --- small changes
    ("confirmed from an older revision than the one approved", "solo model.carry=minor",
        "ines submit evaluation=The_model_is_good\n milo approve model\n ines submit evaluation=The_model_is_fine
         ines submit evaluation=The_model_is_nice\n milo confirm model\n milo approve model rev=2",
        "in_review | needs_confirm | NOTED SUPERSEDED NOTED NOTED NOTED NEEDS_CONFIRM"),
    ("confirmed by one whose own approval is of a newer revision now", "two model.carry=minor",
        "ines submit evaluation=The_model_is_good\n milo approve model\n mara approve model
         ines submit evaluation=The_model_is_fine\n milo confirm model\n milo approve model",
        "in_review | needs_confirm | NOTED SUPERSEDED NEEDS_CONFIRM NOTED NOTED COUNTED"),

    // --- terms and certificates
    ("a term of an approval that never counted", "line",
        "ines submit\n milo approve data with=c1\n ines discharge 1 c1\n dana waive 1 c1 as=data",
        "in_review | open waiting | NOTED ROLE_NOT_HELD NOT_APPLICABLE NOT_APPLICABLE"),
    ("a rejection that was outvoted, set aside after the certificate", "two model.reject=2 model.deadline=24h model.resolve=resolver",
        "ines submit\n max reject model\n ines submit evaluation=new\n milo approve model\n mara approve model
         time 2d\n ivy certify\n reto overrule model 1 as=resolver",
        "certified | satisfied | NOTED COUNTED NOTED COUNTED COUNTED NOTED POST_CERTIFICATE"),
    ("a late rejection of what was certified before says nothing of what is certified now", "solo",
        "ines submit\n milo approve model\n ivy certify\n mara reject model\n ines submit evaluation=new
         milo approve model\n ivy certify",
        "certified | satisfied | NOTED SUPERSEDED NOTED POST_CERTIFICATE NOTED COUNTED NOTED"),
    ("certified with a stolen key", "solo", "ines submit\n milo approve model\n ivy certify\n people distrust ivy 2",
        "approved | satisfied | NOTED COUNTED NOTED"),
    ("certified before the key was stolen", "solo", "ines submit\n milo approve model\n ivy certify\n people distrust ivy 3",
        "certified | satisfied | NOTED COUNTED NOTED"),
    ("nobody certifies the same revision once more", "solo",
        "people grant reto issuer\n ines submit\n milo approve model\n ivy certify\n people distrust ivy 2\n reto certify",
        "approved | satisfied | NOTED COUNTED NOTED POST_CERTIFICATE"),
    ("the next one", "solo",
        "people grant reto issuer\n ines submit\n milo approve model\n ivy certify\n people distrust ivy 2\n ines submit\n reto certify",
        "certified | satisfied | NOTED CARRIED NOTED NOTED NOTED"),
];
