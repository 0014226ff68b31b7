//! Who does what, and when. The words are those of the committed example of the same name.

use std::path::Path;

/// The package of the story.
pub const PACKAGE: &str = "consumer-credit-scorecard";
/// The last instant of the story.
pub const END: &str = "2026-11-20T15:40:00Z";

/// One of the invented people.
pub struct Player {
    pub id: &'static str,
    pub name: &'static str,
    /// What they are, in the audience's words.
    pub part: &'static str,
}

/// Everyone in the story.
pub const PEOPLE: &[Player] = &[
    Player { id: "nora-vance", name: "Nora Vance", part: "registrar and issuer" },
    Player { id: "ines-moreau", name: "Ines Moreau", part: "ML team" },
    Player { id: "tomasz-lindqvist", name: "Tomasz Lindqvist", part: "data governance" },
    Player { id: "adaeze-okafor", name: "Adaeze Okafor", part: "model risk" },
    Player { id: "priya-raman", name: "Priya Raman", part: "fair lending" },
    Player { id: "hana-sato", name: "Hana Sato", part: "AI committee" },
    Player { id: "lucas-brandt", name: "Lucas Brandt", part: "AI committee" },
];

/// Something a person does.
pub enum Act {
    /// Says to the audience what this is about.
    Tell(&'static str),
    /// Runs a command that need not be shown.
    Quiet(&'static [&'static str]),
    /// Edits the package into the files of a revision.
    Files(usize),
    /// Writes a file beside the keys.
    Text(&'static str, &'static str),
    /// Runs a command.
    Run(&'static [&'static str]),
    /// Runs a command about the open question.
    Reply(&'static str, &'static [&'static str]),
    /// Commits everything.
    Commit(&'static str),
}

/// What a person does on one occasion.
pub struct Scene {
    pub at: &'static str,
    pub who: &'static str,
    pub acts: &'static [Act],
}

/// True for commands that sign, which are told not to ask.
pub fn signs(words: &[String]) -> bool {
    let first = words.first().map(String::as_str);
    matches!(
        first,
        Some(
            "init"
                | "people"
                | "submit"
                | "comment"
                | "answer"
                | "resolve"
                | "decide"
                | "withdraw"
                | "certify"
        )
    )
}

/// A word as a person would type it; long ones are cut for the reader.
pub fn shown(word: &str, hidden: &Path) -> String {
    const LONGEST: usize = 72;
    let mut word = word.replace(&hidden.display().to_string(), "…");
    if word.chars().count() > LONGEST {
        word = word.chars().take(LONGEST).chain(['…']).collect();
    }
    if word.chars().any(|c| c.is_whitespace() || matches!(c, '|' | ';' | '"' | '(' | ')')) {
        format!("'{}'", word.replace('\'', "’"))
    } else {
        word
    }
}

macro_rules! enrol {
    ($at:literal, $id:literal, $name:literal, $($role:literal)?) => {
        [
            Scene {
                at: concat!("2026-10-19T0", $at, ":10Z"),
                who: $id,
                acts: &[Act::Quiet(&[
                    "people", "request", "--person", $id, "--name", $name,
                    "--email", concat!($id, "@example.test"), "--out", concat!("{demo}/", $id, ".toml"),
                ])],
            },
            Scene {
                at: concat!("2026-10-19T0", $at, ":40Z"),
                who: "nora-vance",
                acts: &[Act::Quiet(&[
                    "people", "enrol", concat!("{demo}/", $id, ".toml"),
                    "--identity", "staff card checked in person by Nora Vance, 19 October 2026",
                    $("--role", $role,)?
                ])],
            },
        ]
    };
}

static ENROLMENT: [[Scene; 2]; 6] = [
    enrol!("8:05", "ines-moreau", "Ines Moreau",),
    enrol!("8:10", "tomasz-lindqvist", "Tomasz Lindqvist", "data-governance"),
    enrol!("8:15", "adaeze-okafor", "Adaeze Okafor", "model-risk"),
    enrol!("8:20", "priya-raman", "Priya Raman", "fair-lending"),
    enrol!("8:25", "hana-sato", "Hana Sato", "ai-committee"),
    enrol!("8:30", "lucas-brandt", "Lucas Brandt", "ai-committee"),
];

const ANSWERS: &str = include_str!("answers.toml");

const REVIEW: &[Scene] = &[
    Scene {
        at: "2026-10-20T09:00:00Z",
        who: "ines-moreau",
        acts: &[
            Act::Tell("The package is written, checked and submitted: revision 1 is frozen."),
            Act::Files(1),
            Act::Run(&["check", PACKAGE]),
            Act::Run(&["submit", PACKAGE]),
            Act::Commit("submit the consumer credit scorecard"),
        ],
    },
    Scene {
        at: "2026-10-22T09:12:00Z",
        who: "tomasz-lindqvist",
        acts: &[
            Act::Tell(
                "A question on one passage. It is part of the record and holds up the review until it is answered.",
            ),
            Act::Run(&[
                "comment",
                PACKAGE,
                "--section",
                "training-data",
                "--question",
                "--quote",
                "AUTH-2024-118, issued 2024-06-17 by Data Governance, valid to 2026-06-30",
                "--text",
                "This authorization ended on 2026-06-30. Was the card fitted before that date, and is there a successor that covers the shadow run?",
            ]),
            Act::Commit("ask about the data authorization"),
        ],
    },
    Scene {
        at: "2026-10-23T14:40:00Z",
        who: "ines-moreau",
        acts: &[
            Act::Reply(
                "answer",
                &[
                    "--text",
                    "The card was fitted on 2026-06-12, within the term. AUTH-2026-041 was issued on 2026-09-14 and covers development and shadow use to 2027-12-31. The section still names the old record; I will replace it in the next revision.",
                ],
            ),
            Act::Commit("answer the question about the data authorization"),
        ],
    },
    Scene {
        at: "2026-10-26T08:30:00Z",
        who: "tomasz-lindqvist",
        acts: &[
            Act::Reply(
                "resolve",
                &[
                    "--text",
                    "The use is covered by AUTH-2026-041. The section must name it in the next revision.",
                ],
            ),
            Act::Run(&["decide", PACKAGE, "approve", "--step", "data-governance"]),
            Act::Run(&["append"]),
            Act::Commit("data governance approves revision 1"),
        ],
    },
    Scene {
        at: "2026-11-03T16:25:00Z",
        who: "adaeze-okafor",
        acts: &[
            Act::Tell("A rejection: two findings, each with what would make the section approvable."),
            Act::Run(&[
                "decide",
                PACKAGE,
                "reject",
                "--step",
                "model-risk",
                "--finding",
                "evaluation | Calibration is shown for the hold-out as a whole only. A ratio near one can be the sum of overstated and understated groups, and the criterion asks for each group the use depends on. A single hold-out is also reported without any sign of how much another split would change it. | Report observed over predicted bad rate with intervals by age band (including 62 and over), checking account, credit file and amount, on a sample large enough for these groups. Claim an exception for each group outside 0.80 to 1.20. Report the spread of the AUC over other splits.",
                "--finding",
                "training-data | The package of record cites a data authorization that ended on 2026-06-30; the answer to a question does not amend it. Equal totals do not show that the copy is the source's copy: rows can be exchanged within a column. The figure for women and men rests on one such column. | Cite the authorization in force. Compare the copy row by row with a second copy that keeps the original codes, report every column that differs, and withdraw or recompute each figure that used it.",
            ]),
            Act::Run(&["append"]),
            Act::Commit("model risk rejects revision 1"),
        ],
    },
    Scene {
        at: "2026-11-10T11:05:00Z",
        who: "ines-moreau",
        acts: &[
            Act::Tell(
                "Revision 2 answers both findings and says what changed in each section. The comparison is signed with it.",
            ),
            Act::Files(2),
            Act::Text("answers.toml", ANSWERS),
            Act::Run(&["submit", PACKAGE, "--from", "{demo}/answers.toml"]),
            Act::Commit("resubmit with both findings answered"),
        ],
    },
    Scene {
        at: "2026-11-11T10:00:00Z",
        who: "tomasz-lindqvist",
        acts: &[
            Act::Tell(
                "The provenance changed, so the first approval does not carry over. He reads what changed and decides again.",
            ),
            Act::Run(&["decide", PACKAGE, "approve", "--step", "data-governance"]),
        ],
    },
    Scene {
        at: "2026-11-13T10:47:00Z",
        who: "adaeze-okafor",
        acts: &[
            Act::Tell("The finding is answered. The approval comes with a condition, an owner and a date."),
            Act::Run(&[
                "comment",
                PACKAGE,
                "--section",
                "evaluation",
                "--quote",
                "The hold-out is a favorable draw, and 0.791 is the figure to expect.",
                "--text",
                "Agreed, and I will quote the out-of-fold value in the inventory, not the hold-out.",
            ]),
            Act::Run(&[
                "decide",
                PACKAGE,
                "approve",
                "--step",
                "model-risk",
                "--condition",
                "Report the input mapping on live forms: unknown categories per input and month, the stability index of the score, and the meaning of the checking, savings, credit history, property and housing codes settled on the bank's own accounts. | ines-moreau | 2027-05-14",
            ]),
            Act::Run(&["append"]),
            Act::Commit("model risk approves revision 2 with a condition"),
        ],
    },
    Scene {
        at: "2026-11-17T09:30:00Z",
        who: "priya-raman",
        acts: &[
            Act::Run(&[
                "comment",
                PACKAGE,
                "--section",
                "fairness",
                "--quote",
                "of the **good** loans, the card approves 72.7% at age 18 to 24 and 88.9% at age 40 to 61",
                "--text",
                "This gap matters more to me than the ratio. I ask for the same line in every quarterly report once outcomes exist.",
            ]),
            Act::Run(&[
                "decide",
                PACKAGE,
                "approve",
                "--step",
                "fair-lending",
                "--condition",
                "Compare the card with the cards without Housing and without Credit history on the applications of the shadow run, by age band, and propose which one goes forward before any decision use. | ines-moreau | 2027-10-15",
            ]),
            Act::Commit("fair lending approves with a condition"),
        ],
    },
    Scene {
        at: "2026-11-19T13:00:00Z",
        who: "hana-sato",
        acts: &[
            Act::Tell("Two members of the committee must approve."),
            Act::Run(&["decide", PACKAGE, "approve", "--step", "ai-committee"]),
        ],
    },
    Scene {
        at: "2026-11-19T13:20:00Z",
        who: "lucas-brandt",
        acts: &[
            Act::Run(&["decide", PACKAGE, "approve", "--step", "ai-committee"]),
            Act::Run(&["append"]),
            Act::Commit("the AI committee approves"),
        ],
    },
    Scene {
        at: "2026-11-20T15:30:00Z",
        who: "nora-vance",
        acts: &[
            Act::Tell("The outcome is frozen as the certificate."),
            Act::Run(&["certify", PACKAGE]),
            Act::Run(&["append"]),
            Act::Commit("certify the consumer credit scorecard"),
        ],
    },
];

/// The first scene: a workspace with its root of trust.
const START: Scene = Scene {
    at: "2026-10-19T08:00:00Z",
    who: "nora-vance",
    acts: &[
        Act::Tell("A repository gets its first registrar. The id of this first record is the root of trust."),
        Act::Run(&[
            "init",
            "--name",
            "Northbank model sign-off",
            "--chain",
            "bank-credit",
            "--bare",
            "--person",
            "nora-vance",
            "--person-name",
            "Nora Vance",
            "--email",
            "nora-vance@example.test",
        ]),
    ],
};

const ENROLLED: Scene = Scene {
    at: "2026-10-19T08:40:00Z",
    who: "nora-vance",
    acts: &[
        Act::Tell(
            "Six colleagues have enrolled: each made a request signed with a key of their own, she checked who they are.",
        ),
        Act::Run(&["append"]),
        Act::Commit("enrol the reviewers of Northbank"),
    ],
};

/// The whole story.
pub fn scenes() -> impl Iterator<Item = &'static Scene> {
    std::iter::once(&START).chain(ENROLMENT.iter().flatten()).chain(std::iter::once(&ENROLLED)).chain(REVIEW)
}
