//! Vectors about the kinds that came with the whole engine: each good once, and wrong in each of its rules.

use super::hand::{adaeze, approve};
use super::kinds::{
    OTHER, absent, certify, condition, confirm, delegate, good, outcome, record, rejection, resubmit,
    set_aside, with,
};
use super::vectors::Vector;
use super::vectors_record::vector;
use countersign::digest::RecordId;
use countersign::record::{
    About, Body, Certified, ClaimedClass, Condition, ConditionKind, Confirm, Decide, Decision, Delegate,
    Override, PeopleChange, Record, Severity, print,
};

type Bad<'a> = dyn FnMut(&'static str, &'static str, Record) + 'a;

pub fn cases() -> Vec<Vector> {
    let mut all: Vec<Vector> = good()
        .into_iter()
        .map(|(name, about, record)| vector(name, about, None, &adaeze().sign(record)))
        .collect();
    let mut texts = |name, about, text: String| {
        all.push(vector(name, about, Some("BAD_SCHEMA"), &adaeze().sign_text(text)));
    };
    texts("overrides-empty", "an empty `overrides` written out", {
        let mut outcome = outcome();
        outcome.steps.truncate(1);
        let text = print(&record(certify(outcome)));
        let to = "\"overrides\":[],\"state\":\"satisfied_with";
        text.replacen("\"state\":\"satisfied_with", to, 1)
    });
    texts("severity-approve", "an approval with a severity", {
        let text = print(&record(approve()));
        text.replacen("\"signed_at\"", "\"severity\":\"final\",\"signed_at\"", 1)
    });
    texts("severity-ordinary", "a severity that does not exist", {
        print(&record(rejection(Some(Severity::Final)))).replacen("\"final\"", "\"ordinary\"", 1)
    });
    texts("delegate-package", "a delegation that is about a package", {
        print(&record(Body::Delegate(delegate()))).replacen(
            "\"packages\"",
            "\"package\":\"credit\",\"packages\"",
            1,
        )
    });
    texts("object-no-role", "an objection without a role", {
        let (_, _, record) = good().swap_remove(1);
        print(&record).replacen("\"role\":\"model-risk\",", "", 1)
    });
    let mut bad = |name, about, record: Record| {
        all.push(vector(name, about, Some("BAD_SCHEMA"), &adaeze().sign_text(print(&record))));
    };
    reasons(&mut bad);
    seats(&mut bad);
    delegations(&mut bad);
    conditions(&mut bad);
    certificates(&mut bad);
    all
}

fn reasons(bad: &mut Bad<'_>) {
    let blank = || About { reason: " \n".to_owned(), record: OTHER };
    bad("reason-empty", "a certificate revoked without a reason", record(Body::Revoke(blank())));
    bad("undelegate-reason-empty", "a delegation ended without a reason", {
        record(Body::Undelegate(blank()))
    });
    let mut old = record(Body::Revoke(About { reason: "x".to_owned(), record: OTHER }));
    old.meaning = "I, Adaeze Okafor, revoke the certificate of another package.".to_owned();
    old.ceremony.shown = countersign::record::shown(&old);
    bad("revoke-meaning", "a revocation under another sentence", old);
    let away = |from: &str, until: &str| {
        let PeopleChange::Absent { person, reason, .. } = absent() else { unreachable!("it is one") };
        let (from, until) = (from.parse().unwrap(), until.parse().unwrap());
        record(Body::People(vec![PeopleChange::Absent { from, person, reason, until }]))
    };
    bad("absent-backwards", "away until a day before the first", away("2026-12-02", "2026-12-01"));
}

fn seats(bad: &mut Bad<'_>) {
    let acting = |person: &'static str| {
        move |record: &mut Record| record.signer.acting_for = Some(person.parse().unwrap())
    };
    bad("acting-comment", "a comment for somebody else", {
        with(super::hand::comment("x"), acting("ines-moreau"))
    });
    bad("acting-override", "an override for somebody else", {
        with(Body::Override(set_aside()), acting("ines-moreau"))
    });
    bad("acting-self", "an approval for oneself", with(approve(), acting("adaeze-okafor")));
    bad("confirm-material", "a large change confirmed", confirm(ClaimedClass::Material, 1, 2));
    bad("confirm-since-zero", "since revision 0", confirm(ClaimedClass::Minor, 0, 2));
    bad("confirm-since-same", "since the revision it is about", confirm(ClaimedClass::Minor, 2, 2));
    bad("confirm-scope-empty", "a confirmation that was shown nothing", {
        let diff = countersign::digest::DiffDigest([3; 32]);
        with(Body::Confirm(Confirm { class: ClaimedClass::Minor, diff, since: 1 }), |r| {
            r.subject.as_mut().unwrap().revision = 2;
            r.scope.clear();
        })
    });
    bad("class-first", "the first revision says how much changed", {
        resubmit(Some(ClaimedClass::Cosmetic), 1)
    });
    let aside = |steps: &[&str]| {
        let steps = steps.iter().map(|s| s.parse().unwrap()).collect();
        record(Body::Override(Override { steps, ..set_aside() }))
    };
    bad("override-no-step", "an override of nothing", aside(&[]));
    bad("override-unsorted", "steps out of order", aside(&["model-risk", "fair-lending"]));
    bad("override-twice", "a step twice", aside(&["model-risk", "model-risk"]));
}

fn delegations(bad: &mut Bad<'_>) {
    let said = |change: &dyn Fn(&mut Delegate)| {
        let mut body = delegate();
        change(&mut body);
        record(Body::Delegate(body))
    };
    bad("delegate-self", "to oneself", said(&|d| d.to = d.principal.clone()));
    bad("delegate-no-time", "a window of no length", said(&|d| d.until = d.from));
    bad("delegate-backwards", "a window that ends before it starts", {
        said(&|d| std::mem::swap(&mut d.from, &mut d.until))
    });
    bad("delegate-long", "a second more than 366 days", {
        said(&|d| d.until = d.from.plus_seconds(366 * 86_400 + 1))
    });
    bad("delegate-steps-unsorted", "steps out of order", said(&|d| d.steps.reverse()));
    bad("delegate-packages-twice", "a package twice", {
        said(&|d| d.packages = vec!["credit".parse().unwrap(), "credit".parse().unwrap()])
    });
}

fn conditions(bad: &mut Bad<'_>) {
    let said = |condition: Condition| {
        let conditions = vec![condition];
        let (decision, findings) = (Decision::Approve, vec![]);
        record(Body::Decide(Decide { conditions, decision, findings, question: None, severity: None }))
    };
    bad("condition-step", "a step in a condition of another kind", {
        said(Condition { step: Some("legal".parse().unwrap()), ..condition(ConditionKind::PreMerge) })
    });
    bad("condition-verifier", "somebody who verifies what is never met", {
        said(Condition {
            verifier_role: Some("audit".parse().unwrap()),
            ..condition(ConditionKind::Standing)
        })
    });
}

fn certificates(bad: &mut Bad<'_>) {
    let said = |change: &dyn Fn(&mut Certified)| {
        let mut outcome = outcome();
        change(&mut outcome);
        record(certify(outcome))
    };
    bad("certify-state", "a state that is no approval", said(&|o| o.state = "in_review".to_owned()));
    bad("certify-step-state", "a step that did not pass", {
        said(&|o| o.steps[0].state = "open".to_owned())
    });
    bad("certify-not-applicable", "a decision in a step that is not for the package", {
        said(&|o| o.steps[1].decisions = o.steps[0].decisions.clone())
    });
    bad("certify-override-bare", "a step set aside by nothing", said(&|o| o.steps[2].overrides.clear()));
    bad("certify-override-twice", "a step set aside by one record twice", {
        said(&|o| o.steps[2].overrides = vec![OTHER, OTHER])
    });
    bad("certify-override-passed", "overrides of a step that passed", {
        said(&|o| o.steps[0].overrides = vec![OTHER, RecordId([1; 32])])
    });
    bad("certify-code", "a decision that did not count", {
        said(&|o| o.steps[0].decisions[0].code = "STALE_CONTENT".to_owned())
    });
    bad("certify-question", "a request for clarification that counted", {
        said(&|o| o.steps[0].decisions[0].decision = Decision::Clarify)
    });
    bad("certify-counted-as", "counted in a seat that is not named", {
        said(&|o| o.steps[0].decisions[0].acting_for = None)
    });
    bad("certify-acting-self", "counted in one's own seat as another's", {
        said(&|o| o.steps[0].decisions[0].acting_for = Some("tomas-lind".parse().unwrap()))
    });
}
