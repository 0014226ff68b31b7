//! The packages of the small bank.

use super::world::*;
use crate::diag::{Code, Diagnostic};
use crate::dossier::{Break, Working};
use crate::engine::*;
use crate::id::{Model, SectionId};
use crate::package::{Exception, Figure, Meta, Package};
use crate::record::*;
use std::collections::BTreeMap;
use std::sync::Arc;

const TRAINING: &str = "# Training data provenance\n\nThe model was trained on three sources, extracted on 30 June 2026. Each is owned, authorized and in date. The lawful basis for all three is *performance of a contract*; see [the record](evidence/training-data/dga-2026-007.txt).\n\n| Source | Owner | Authorization | In force |\n|---|---|---|---|\n| Core lending ledger, 2019 to 2026 | Retail Lending Operations | DGA-2025-118 | 14 Mar 2025 to 13 Mar 2027 |\n| Credit bureau file | Vendor Management | DGA-2025-131 | 2 May 2025 to 1 May 2027 |\n| Open-banking cash flow | Customer Data Office | {DGA} | {FORCE} |\n\n## Extraction\n\nRecords were extracted once, by the data platform team, with the query kept as evidence. No record was added by hand. Rejected applications are included with the outcome of the reject-inference procedure described in [limitations](limitations.md#reject-inference).\n";
const EVALUATION: &str = "All measures are computed on the out-of-time sample and were not used to choose the model. {EXTRA}\n\n![Default rate by score band](evidence/evaluation/bands.svg)\n\n## How the sample was drawn\n\n1. All unsecured personal loan applications from July to December 2025.\n2. Performance observed for twelve months, bad defined as 90 days past due.\n3. Fraud and deceased removed, 412 accounts.\n";
const LIMITATIONS: &str = "Three limitations are declared by the model owner.\n\n| Limitation | Effect on decisions | Control |\n|---|---|---|\n| Thin-file applicants are under-represented | Default risk is understated by up to 0.4 percentage points | Manual referral (EX-2026-03) |\n| No data from a full credit cycle after 2022 | Behavior in a downturn is extrapolated | {CONTROL} |\n| Joint applications scored on the first applicant | May refuse sound joint applications | Second-look queue |\n\n## Reject inference\n\nRejected applications were given an inferred outcome by parceling. The effect on the ranking is small and is measured in [the evaluation](evaluation.md#how-the-sample-was-drawn).\n";
const DEPLOYMENT: &str = "The score recommends *approve*, *refer* or *decline*. A decline is always reviewed by an underwriter. If the service is unavailable, scorecard 3.1.4 is used, which is approved under [its own record](../collections-1/deployment.md).\n\n- [x] Fallback tested on 12 October 2026\n- [x] Monitoring alerts reach the model owner\n\n> The score must not be used to select customers for marketing.\n";
const IMPACT: &str = "The ratio compares the approval rate of each group with that of its reference group at the proposed cut-off. Less discriminatory alternatives were searched for; two were found and both lost more than 0.03 of AUC. The report is [on file](evidence/disparate-impact/report.html).\n";
const REGULATORY: &str = "| Requirement | Subject | Answered in |\n|---|---|---|\n| Regulation B, 12 CFR 1002.9 | Reasons given for adverse action | [Section 4](deployment.md) |\n| Regulation B, 12 CFR 1002.4 | Discrimination in credit transactions | [Section 5](disparate-impact.md) |\n| EU AI Act, article 10 | Data and data governance | [Section 1](training-data.md) |\n| EU AI Act, article 15 | Accuracy and robustness | [Section 2](evaluation.md) and [the act](https://eur-lex.europa.eu/eli/reg/2024/1689/oj) |\n";
const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 400 120' width='400' height='120'><rect width='400' height='120' fill='#fff'/><g fill='#1a3550'><rect x='20' y='20' width='40' height='90'/><rect x='90' y='45' width='40' height='65'/><rect x='160' y='66' width='40' height='44'/><rect x='230' y='84' width='40' height='26'/><rect x='300' y='97' width='40' height='13'/></g></svg>";

pub fn meta(title: &str, model: &str, version: &str, exceptions: bool) -> Meta {
    Meta {
        title: title.into(),
        chain: p("bank-credit"),
        owner: p("ines-moreau"),
        authors: vec![p("ines-moreau")],
        model: Model { name: model.into(), version: version.into() },
        registry: Some(format!("models:/{model}/11")),
        artifact: Some(format!("sha256:{}", "9b".repeat(32))),
        use_: "Unsecured personal loans up to 25,000, existing and new customers, online and branch".into(),
        not_for: "Mortgages, business lending, limit decreases, marketing selection".into(),
        environments: vec!["production".into()],
        meta: BTreeMap::from([("tier".into(), "high".into())]),
        exceptions: if exceptions {
            vec![Exception { id: "EX-2026-03".into(), section: p("evaluation"), figure: p("calibration-error"), group: Some("thin-file applicants".into()), reason: "Applicants with fewer than three credit lines are 6.1% of volume; the sample holds too few defaults to recalibrate.".into(), control: "They are referred to a manual underwriter and are not scored automatically until the measure is at or below 0.030 for two consecutive quarters.".into(), until: Some(p("2027-05-31")) }]
        } else {
            vec![]
        },
    }
}

pub fn figures(thin: bool) -> BTreeMap<SectionId, Vec<Figure>> {
    let f = |id: &str,
             value: &str,
             group: Option<&str>,
             interval: Option<(&str, &str)>,
             sample: &str,
             source: &str| Figure {
        id: p(id),
        value: p(value),
        group: group.map(Into::into),
        sample: sample.into(),
        low: interval.map(|i| p(i.0)),
        high: interval.map(|i| p(i.1)),
        source: p(source),
    };
    let oot = "Out-of-time sample, July to December 2025, 184,220 accounts";
    let py = "evidence/evaluation/evaluate.py";
    let mut e = vec![
        f("auc", "0.791", None, Some(("0.784", "0.798")), oot, py),
        f("brier", "0.071", None, None, oot, py),
        f("psi", "0.064", None, None, oot, py),
        f("calibration-error", "0.018", Some("all applicants"), None, oot, py),
        f("score-shift", "1.4", None, None, oot, py),
    ];
    if thin {
        e.insert(4, f("calibration-error", "0.034", Some("thin-file applicants"), None, oot, py));
    }
    let d = [("age 62 and over", "0.94"), ("women", "0.98"), ("recipients of public assistance", "0.86")];
    let d = d.map(|(g, v)| f("air", v, Some(g), None, oot, "evidence/disparate-impact/report.html"));
    BTreeMap::from([(p("evaluation"), e), (p("disparate-impact"), d.to_vec())])
}

pub fn files(second: bool) -> BTreeMap<String, Vec<u8>> {
    let put = |text: &str, pairs: &[(&str, &str)]| {
        pairs.iter().fold(text.to_owned(), |t, (a, b)| t.replace(a, b)).into_bytes()
    };
    let mut out = BTreeMap::from([
        (
            "training-data.md".to_owned(),
            put(
                TRAINING,
                &if second {
                    [("{DGA}", "DGA-2026-007"), ("{FORCE}", "11 Jun 2026 to 10 Jun 2027")]
                } else {
                    [("{DGA}", "DGA-2024-052"), ("{FORCE}", "1 Feb 2024 to 31 Jan 2026")]
                },
            ),
        ),
        (
            "evaluation.md".to_owned(),
            put(
                EVALUATION,
                &[(
                    "{EXTRA}",
                    if second {
                        "Calibration is reported for thin-file applicants separately, and an exception is requested for them."
                    } else {
                        "Calibration is reported in aggregate."
                    },
                )],
            ),
        ),
        (
            "limitations.md".to_owned(),
            put(
                LIMITATIONS,
                &[(
                    "{CONTROL}",
                    if second {
                        "Monthly overlay set by Credit Policy"
                    } else {
                        "Quarterly overlay set by Credit Policy"
                    },
                )],
            ),
        ),
        ("deployment.md".to_owned(), DEPLOYMENT.into()),
        ("disparate-impact.md".to_owned(), IMPACT.into()),
        ("regulatory.md".to_owned(), REGULATORY.into()),
        ("package.toml".to_owned(), format!("title = \"x\" # {second}").into_bytes()),
        ("evidence/evaluation/evaluate.py".to_owned(), b"print('0.791')\n".to_vec()),
        ("evidence/evaluation/bands.svg".to_owned(), SVG.into()),
        ("evidence/evaluation/figures.toml".to_owned(), format!("# {second}\n").into_bytes()),
        ("evidence/disparate-impact/report.html".to_owned(), b"<p>report</p>\n".to_vec()),
        ("evidence/training-data/lineage statement 2026-06-30.pdf".to_owned(), vec![b'x'; 48_213]),
    ]);
    if second {
        out.insert("evidence/training-data/dga-2026-007.txt".to_owned(), b"Authorization record\n".to_vec());
    }
    out
}

fn mean(name: &str, role: &str, n: u32, id: &str, what: &str) -> String {
    format!("I, {name}, as {role}, have reviewed revision {n} of {id} and I {what}.")
}

fn submit(answers: Vec<Answer>, notes: Vec<Note>, package: &Package) -> Body {
    let diff = (!answers.is_empty()).then(|| p(&"d1".repeat(32)));
    Body::Submit(Submit {
        class: None,
        answers,
        authors: vec![p("ines-moreau")],
        contributors: vec![],
        diff,
        exceptions: vec![],
        manifest: package.manifest.text(),
        notes,
    })
}

fn approve(conditions: Vec<Condition>) -> Body {
    let (findings, decision) = (vec![], Decision::Approve);
    Body::Decide(Decide { severity: None, conditions, decision, findings, question: None })
}

fn reject(findings: Vec<Finding>) -> Body {
    let (conditions, decision) = (vec![], Decision::Reject);
    Body::Decide(Decide { severity: None, conditions, decision, findings, question: None })
}

fn advice(step: Option<&str>, missing: &str, who: &str, command: &str) -> Advice {
    let (missing, command, who) = (missing.to_owned(), command.to_owned(), vec![p(who)]);
    Advice { step: step.map(p), missing, who, command, due: None, read: None }
}

fn conditions() -> Vec<Condition> {
    vec![
        Condition { step: None, verifier_role: None, due: Some(p("2027-02-28")), id: p("c1"), kind: ConditionKind::PostMerge, owner: Some(p("ines-moreau")), text: "Thin-file applicants (fewer than three credit lines) are referred to a manual underwriter until calibration error is at or below 0.030 for two consecutive quarters.".into() },
        Condition { step: None, verifier_role: None, due: None, id: p("c2"), kind: ConditionKind::Standing, owner: None, text: "Use in unsecured personal lending only.".into() },
    ]
}

/// Revision 1 rejected, revision 2 in review with a question open.
fn in_review(w: &mut World) {
    let (id, title) = ("retail-credit-pd", "Retail credit PD scorecard");
    let a = w.package(
        id,
        &format!("packages/{id}/revisions/1"),
        meta(title, id, "3.2.0", false),
        &files(false),
        figures(false),
    );
    let b = w.package(
        id,
        &format!("packages/{id}/revisions/2"),
        meta(title, id, "3.2.0", true),
        &files(true),
        figures(true),
    );
    let (a1, b2) = (Some((a.as_ref(), 1)), Some((b.as_ref(), 2)));
    let s1 = w.record(
        a1,
        "ines-moreau",
        "2026-10-28T09:00:00Z",
        None,
        "I submit revision 1 of retail-credit-pd for review.",
        submit(vec![], vec![], &a),
    );
    let early = w.record(
        a1,
        "a.okafor",
        "2026-10-28T10:00:00Z",
        Some("model-risk"),
        &mean("Adaeze Okafor", "model risk reviewer", 1, id, "approve it"),
        approve(vec![]),
    );
    let q1 = w.record(a1, "t.lindqvist", "2026-11-10T09:12:00Z", None, "I ask this about retail-credit-pd.", Body::Comment(Comment { about: None, anchor: Some(Anchor { quote: "Open-banking cash flow".into(), sha256: p(&"aa".repeat(32)) }), blocking: true, section: p("training-data"), text: "Revision 1 cites DGA-2024-052 for the open-banking source, which lapsed before extraction. Which authorization applied on 30 June 2026?".into() }));
    let an = w.record(a1, "ines-moreau", "2026-11-11T14:40:00Z", None, "I answer this.", Body::Answer(Reply { about: q1, text: "DGA-2026-007, in force from 11 June 2026. The record is now on file and the table is corrected in revision 2.".into() }));
    let cl = w.record(
        a1,
        "t.lindqvist",
        "2026-11-11T15:02:00Z",
        None,
        "I close this question.",
        Body::Resolve(Reply { about: q1, text: String::new() }),
    );
    let finding = Finding { concern: "Calibration is reported only in aggregate.".into(), figure: Some(p("calibration-error")), id: p("f1"), reason: Reason::Documentation, required: "Thin-file applicants are reported separately, with an exception and a compensating control if the threshold is not met.".into(), section: p("evaluation") };
    let f2 = Finding {
        concern: "The authorization of the open-banking source had lapsed.".into(),
        figure: None,
        id: p("f2"),
        reason: Reason::Authorization,
        required: "An authorization in force on the extraction date.".into(),
        section: p("training-data"),
    };
    let rj = w.record(
        a1,
        "a.okafor",
        "2026-11-12T16:25:00Z",
        Some("model-risk"),
        &mean("Adaeze Okafor", "model risk reviewer", 1, id, "reject it"),
        reject(vec![finding.clone(), f2.clone()]),
    );
    let ans = Answer { finding: p("f1"), how: "A row for thin-file applicants is added; exception EX-2026-03 is requested with manual referral as the control.".into(), sections: vec![p("evaluation")] };
    let ans2 = Answer {
        finding: p("f2"),
        how: "DGA-2026-007 replaces the lapsed authorization.".into(),
        sections: vec![p("training-data")],
    };
    let notes = vec![Note {
        section: p("limitations"),
        text: "The overlay is now set monthly, as Credit Policy asked.".into(),
    }];
    let s2 = w.record(
        b2,
        "ines-moreau",
        "2026-11-17T11:05:00Z",
        None,
        "I submit revision 2 of retail-credit-pd for review.",
        submit(vec![ans.clone(), ans2.clone()], notes, &b),
    );
    let ap = w.record(
        b2,
        "t.lindqvist",
        "2026-11-19T13:30:00Z",
        Some("data-governance"),
        &mean("Tomasz Lindqvist", "data governance reviewer", 2, id, "approve its training data provenance"),
        approve(vec![]),
    );
    let q2 = w.record(b2, "a.okafor", "2026-11-22T10:20:00Z", Some("model-risk"), &mean("Adaeze Okafor", "model risk reviewer", 2, id, "ask for clarification"), Body::Decide(Decide { severity: None, conditions: vec![], decision: Decision::Clarify, findings: vec![], question: Some(Question { section: p("evaluation"), text: "Who in Underwriting has agreed to carry the manual referrals, and is the volume within their capacity?".into() }) }));
    let nt = w.record(
        b2,
        "p.raman",
        "2026-11-22T10:40:00Z",
        None,
        "I note this on retail-credit-pd.",
        Body::Comment(Comment {
            about: None,
            anchor: None,
            blocking: false,
            section: p("disparate-impact"),
            text: "The search for less discriminatory alternatives is described well.".into(),
        }),
    );
    let steps = vec![
        step_outcome(
            &w.chain,
            "data-governance",
            StepState::Satisfied,
            vec![seat("t.lindqvist", Decision::Approve, ap, 2, "2026-11-19T13:30:00Z")],
            &["t.lindqvist"],
        ),
        step_outcome(&w.chain, "model-risk", StepState::Clarifying, vec![], &["a.okafor"]),
        step_outcome(&w.chain, "fair-lending", StepState::Open, vec![], &["p.raman"]),
        step_outcome(
            &w.chain,
            "ai-committee",
            StepState::Waiting,
            vec![],
            &["j.adeyemi", "m.castellanos", "s.whitfield"],
        ),
    ];
    let codes = [
        (s1, FateCode::Noted, ""),
        (early, FateCode::StepNotOpen, "Data governance had not approved when this was signed."),
        (q1, FateCode::Noted, ""),
        (an, FateCode::Noted, ""),
        (cl, FateCode::Noted, ""),
        (rj, FateCode::Superseded, "A later decision of Adaeze Okafor replaced it."),
        (s2, FateCode::Noted, ""),
        (ap, FateCode::Counted, ""),
        (q2, FateCode::OpenQuestion, ""),
        (nt, FateCode::Noted, ""),
    ];
    let fates = codes.iter().map(|(id, code, note)| fate(w, *id, *code, note)).collect();
    let parts = steps.iter().map(|s| s.why.clone()).collect();
    let revisions = vec![
        Revision { number: 1, package: a, chain: Arc::clone(&w.chain) },
        Revision { number: 2, package: Arc::clone(&b), chain: Arc::clone(&w.chain) },
    ];
    let d = w.dossier(id, Some(b), revisions);
    let o = &mut d.outcome;
    o.state = PackageState::ClarificationPending;
    (o.steps, o.fates) = (steps, fates);
    o.why.parts = parts;
    let thread = |id, section: &str, asker: &str, blocking, state, replies, outdated| Thread {
        id,
        section: p(section),
        asker: p(asker),
        blocking,
        state,
        replies,
        outdated,
    };
    o.threads = vec![
        thread(q1, "training-data", "t.lindqvist", true, ThreadState::Resolved, vec![an, cl], true),
        thread(q2, "evaluation", "a.okafor", true, ThreadState::Open, vec![], false),
        thread(nt, "disparate-impact", "p.raman", false, ThreadState::Note, vec![], false),
    ];
    let found = |finding: Finding, answer| FindingOutcome {
        record: rj,
        revision: 1,
        by: p("a.okafor"),
        step: p("model-risk"),
        finding,
        answer: Some((2, answer)),
        open: true,
    };
    o.findings = vec![found(finding, ans), found(f2, ans2)];
    let round = |revision, submission, rejections| Round { revision, submission, rejections };
    o.rounds = vec![round(1, s1, vec![rj]), round(2, s2, vec![])];
    let waits = "The question on “Evaluation results against policy benchmarks” waits for an answer.";
    o.advice = vec![
        advice(Some("model-risk"), waits, "ines-moreau", "countersign answer retail-credit-pd 8f2c"),
        advice(
            Some("fair-lending"),
            "Fair lending has not decided.",
            "p.raman",
            "countersign decide retail-credit-pd",
        ),
    ];
}

/// A package with one revision, approved by everyone and certified.
pub fn certified(w: &mut World, id: &str, title: &str, terms: bool) {
    let b = w.package(
        id,
        &format!("packages/{id}/revisions/1"),
        meta(title, id, "1.4.0", true),
        &files(true),
        figures(true),
    );
    let b1 = Some((b.as_ref(), 1));
    let s1 = w.record(
        b1,
        "ines-moreau",
        "2026-09-01T09:00:00Z",
        None,
        "I submit revision 1 for review.",
        submit(vec![], vec![], &b),
    );
    let mut steps = Vec::new();
    let (mut fates, mut frozen, mut held) = (vec![fate(w, s1, FateCode::Noted, "")], Vec::new(), Vec::new());
    let who: [(&str, &[&str]); 4] = [
        ("data-governance", &["t.lindqvist"]),
        ("model-risk", &["a.okafor"]),
        ("fair-lending", &["p.raman"]),
        ("ai-committee", &["j.adeyemi", "m.castellanos"]),
    ];
    for (n, (step, persons)) in who.iter().enumerate() {
        let (mut seats, mut decisions) = (Vec::new(), Vec::new());
        for (m, person) in persons.iter().enumerate() {
            let at = format!("2026-09-{:02}T1{m}:47:12Z", 4 + n * 3);
            let c = if terms && *step == "model-risk" { conditions() } else { vec![] };
            let name = w.people.person(&p(person)).unwrap().name.clone();
            let meaning = mean(
                &name,
                &format!("{} reviewer", step.replace('-', " ")),
                1,
                id,
                if c.is_empty() { "approve it" } else { "approve it with 2 conditions" },
            );
            let r = w.record(b1, person, &at, Some(step), &meaning, approve(c.clone()));
            seats.push(seat(person, Decision::Approve, r, 1, &at));
            fates.push(fate(w, r, FateCode::Counted, ""));
            held.extend(c.into_iter().map(|condition| (r, condition)));
            decisions.push(CertifiedDecision {
                acting_for: None,
                at: p(&at),
                code: "COUNTED".into(),
                decision: Decision::Approve,
                meaning,
                name,
                person: p(person),
                record: r,
                role: p(step),
            });
        }
        steps.push(step_outcome(&w.chain, step, StepState::Satisfied, seats, persons));
        frozen.push(CertifiedStep {
            due: None,
            overrides: Vec::new(),
            decisions,
            state: "satisfied".into(),
            step: p(step),
        });
    }
    let rounds = vec![CertifiedRound { rejections: vec![], revision: 1, submission: s1 }];
    let listed = held.iter().map(|(record, condition)| CertifiedCondition {
        state: None,
        condition: condition.clone(),
        record: *record,
    });
    let outcome = Certified {
        supersedes: None,
        artifact: b.meta.artifact.clone(),
        chain: w.chain.digest,
        conditions: listed.collect(),
        digest: b.digest(),
        rounds,
        review_by: Some(p("2027-09-20")),
        state: "approved".into(),
        steps: frozen,
    };
    let c = w.record(
        b1,
        "r.haddad",
        "2026-09-20T08:00:00Z",
        None,
        "I certify the outcome of this review.",
        Body::Certify(Box::new(Certify { outcome })),
    );
    fates.push(fate(w, c, FateCode::Counted, ""));
    let revisions = vec![Revision { number: 1, package: Arc::clone(&b), chain: Arc::clone(&w.chain) }];
    let d = w.dossier(id, Some(b), revisions);
    let o = &mut d.outcome;
    o.state = PackageState::Certified;
    (o.steps, o.fates) = (steps, fates);
    o.conditions = held
        .into_iter()
        .map(|(record, condition)| ConditionOutcome {
            state: ConditionState::Open,
            records: Vec::new(),
            record,
            step: p("model-risk"),
            condition,
            overdue: false,
        })
        .collect();
    o.rounds = vec![Round { revision: 1, submission: s1, rejections: vec![] }];
    o.certificate = Some(CertificateOutcome {
        revoked: None,
        record: c,
        revision: 1,
        at: p("2026-09-20T08:00:00Z"),
        review_by: Some(p("2027-09-20")),
    });
    (o.why.holds, o.why.because) = (true, "Every step has approved.".into());
}

fn rejected(w: &mut World) {
    let id = "fraud-screen";
    let b = w.package(
        id,
        &format!("packages/{id}/revisions/1"),
        meta("Card fraud screen", id, "7.0.1", false),
        &files(false),
        figures(true),
    );
    let b1 = Some((b.as_ref(), 1));
    let s1 = w.record(
        b1,
        "ines-moreau",
        "2026-11-02T09:00:00Z",
        None,
        "I submit revision 1 for review.",
        submit(vec![], vec![], &b),
    );
    let finding = Finding {
        concern:
            "Calibration error for thin-file applicants is above the maximum and no exception is requested."
                .into(),
        figure: Some(p("calibration-error")),
        id: p("f1"),
        reason: Reason::Threshold,
        required: "Meet the threshold, or request an exception with a compensating control.".into(),
        section: p("evaluation"),
    };
    let rj = w.record(
        b1,
        "t.lindqvist",
        "2026-11-09T16:25:00Z",
        Some("data-governance"),
        &mean("Tomasz Lindqvist", "data governance reviewer", 1, id, "reject it"),
        reject(vec![finding.clone()]),
    );
    let fates = vec![fate(w, s1, FateCode::Noted, ""), fate(w, rj, FateCode::StandingRejection, "")];
    let steps = vec![step_outcome(
        &w.chain,
        "data-governance",
        StepState::Refused,
        vec![seat("t.lindqvist", Decision::Reject, rj, 1, "2026-11-09T16:25:00Z")],
        &["t.lindqvist"],
    )];
    let revisions = vec![Revision { number: 1, package: Arc::clone(&b), chain: Arc::clone(&w.chain) }];
    let o = &mut w.dossier(id, Some(b), revisions).outcome;
    (o.state, o.steps, o.fates) = (PackageState::ChangesRequired, steps, fates);
    o.findings = vec![FindingOutcome {
        record: rj,
        revision: 1,
        by: p("t.lindqvist"),
        step: p("data-governance"),
        finding,
        answer: None,
        open: true,
    }];
    o.rounds = vec![Round { revision: 1, submission: s1, rejections: vec![rj] }];
    o.advice = vec![advice(
        None,
        "A revision 2 that answers finding f1.",
        "ines-moreau",
        "countersign submit fraud-screen",
    )];
}

/// The whole bank.
pub fn bank() -> World {
    let mut w = World::new();
    w.record(
        None,
        "r.haddad",
        "2026-05-04T08:00:00Z",
        None,
        "I enroll the first registrar.",
        Body::People(vec![PeopleChange::Grant { person: p("r.haddad"), role: p("registrar") }]),
    );
    in_review(&mut w);
    certified(&mut w, "churn-retention", "Customer churn model", true);
    certified(&mut w, "collections-1", "Collections priority model", false);
    certified(&mut w, "limit-increase", "Limit increase model", false);
    certified(&mut w, "overdraft-2", "Overdraft pricing model", false);
    rejected(&mut w);
    w.register.packages.get_mut(&p::<crate::id::PackageId>("collections-1")).unwrap().working =
        Working::Unsubmitted { files: vec![p("deployment.md"), p("evidence/evaluation/figures.toml")] };
    w.register.packages.get_mut(&p::<crate::id::PackageId>("overdraft-2")).unwrap().outcome.state =
        PackageState::Expired;
    let broken = w.register.packages[&p::<crate::id::PackageId>("limit-increase")]
        .entries
        .last()
        .map(|at| w.register.ledger.entries[*at].id());
    w.register.ledger.breaks = vec![Break {
        code: "frozen-revision-changed",
        path: p("packages/limit-increase/revisions/1/evaluation.md"),
        line: None,
        record: broken,
        package: Some(p("limit-increase")),
        message: "the file's SHA-256 is not the one the submission signed".into(),
    }];
    w.sources.insert(p("packages/limit-increase/revisions/1/evaluation.md"), b"AUC is now 0.999.\n".to_vec());
    let draft = w.package(
        "affordability",
        "packages/affordability",
        meta("Affordability estimate", "affordability", "0.3.0", true),
        &files(true),
        figures(true),
    );
    w.dossier("affordability", Some(draft), vec![]);
    let mut some = files(true);
    some.remove("regulatory.md");
    let broken = w.package(
        "income-verify",
        "packages/income-verify",
        meta("Income verification", "income-verify", "0.1.0", false),
        &some,
        figures(true),
    );
    let d = w.dossier("income-verify", Some(broken), vec![]);
    d.diagnostics.push(
        Diagnostic::error(Code("section-missing"), "the section `regulatory` has no file")
            .in_file(&p("packages/income-verify/regulatory.md"))
            .help("write packages/income-verify/regulatory.md, at least 30 words"),
    );
    d.diagnostics.push(Diagnostic::error(Code("threshold-not-met"), "calibration-error of thin-file applicants is 0.034, above the maximum 0.030, and no exception is written").in_file(&p("packages/income-verify/package.toml")).help("add an [[exception]] or meet the threshold"));
    w.dossier("unreadable", None, vec![]).diagnostics.push(
        Diagnostic::error(Code("toml-syntax"), "package.toml is not TOML")
            .in_file(&p("packages/unreadable/package.toml")),
    );
    w
}
