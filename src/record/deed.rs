//! The deed: the plain text a signer is shown before signing (SPEC section 2.5).
//!
//! It is a pure function of the record, and every record carries its SHA-256 in `ceremony.shown`, so
//! anyone can print again what the signer read, and a tool that showed something else could not have
//! made the record. A value's second and later lines are indented by four spaces; labels stand at the
//! left edge, so no text inside a value can pass for a label.

use super::Record;
use super::body::{About, Body, Certified, Condition, Finding, Recuse, Retract, Severity, Submit};
use super::people::PeopleChange;
use super::wording::{class_word, condition_kind, decision_word, end_word, kind_word, reason_word};
use crate::digest::{ShownDigest, sha256};

/// The digest of the deed, as `ceremony.shown` must have it.
pub fn shown(record: &Record) -> ShownDigest {
    ShownDigest(sha256(deed(record).as_bytes()))
}

struct Deed(String);

impl Deed {
    fn put(&mut self, label: &str, value: impl AsRef<str>) {
        self.0.push_str(label);
        self.0.push(':');
        for (i, line) in value.as_ref().split('\n').enumerate() {
            self.0.push_str(if i == 0 { " " } else { "\n    " });
            self.0.push_str(line);
        }
        self.0.push('\n');
    }
    fn show(&mut self, label: &str, value: impl std::fmt::Display) {
        self.put(label, value.to_string());
    }
    fn maybe(&mut self, label: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.show(label, value);
        }
    }
}

/// The text shown before signing. It leaves out `ceremony` (which holds its digest), `nonce`,
/// `signed_at`, `parents`, `seen`, the manifest (its digest stands for it) and proofs of possession.
pub fn deed(record: &Record) -> String {
    let mut deed = Deed(format!("{}\n\n", record.meaning));
    deed.put("record", kind_word(record.kind()));
    if let Some(subject) = &record.subject {
        deed.show("package", &subject.package);
        deed.show("revision", subject.revision);
        deed.show("package digest", subject.digest);
        deed.put("model", &subject.model.name);
        deed.put("version", &subject.model.version);
        deed.show("chain", &subject.chain.id);
        deed.show("chain digest", subject.chain.sha256);
    }
    deed.maybe("step", record.step.as_ref());
    deed.maybe("role", record.role.as_ref());
    body(&mut deed, &record.body);
    for entry in &record.scope {
        deed.show("shown", format_args!("{} {}", entry.section, entry.sha256));
    }
    deed.maybe("earlier steps", record.upstream);
    deed.show("person", &record.signer.person);
    deed.put("name", &record.signer.name);
    deed.maybe("acting for", record.signer.acting_for.as_ref());
    deed.show("key", &record.signer.key);
    deed.put("assistance", &record.assistance);
    deed.show("repository", record.repository);
    if let Some(change) = &record.change {
        deed.put("forge", &change.forge);
        deed.put("forge repository", &change.repository_id);
        deed.show("pull request", change.pull_request);
        deed.put("head", &change.head);
    }
    deed.0
}

fn body(deed: &mut Deed, body: &Body) {
    match body {
        Body::People(changes) => changes.iter().for_each(|c| people_change(deed, c)),
        Body::Submit(submit) => submission(deed, submit),
        Body::Comment(comment) => {
            deed.show("section", &comment.section);
            deed.maybe("about", comment.about);
            deed.put("must be answered", if comment.blocking { "yes" } else { "no" });
            if let Some(anchor) = &comment.anchor {
                deed.put("quote", &anchor.quote);
                deed.show("quoted section", anchor.sha256);
            }
            deed.put("text", &comment.text);
        }
        Body::Answer(reply) | Body::Resolve(reply) => {
            deed.show("about", reply.about);
            deed.put("text", &reply.text);
        }
        Body::Decide(decide) => {
            deed.put("decision", decision_word(decide.decision));
            deed.maybe("severity", decide.severity.map(|Severity::Final| "final"));
            decide.conditions.iter().for_each(|c| condition(deed, c));
            decide.findings.iter().for_each(|f| finding(deed, f));
            if let Some(question) = &decide.question {
                deed.show("question", &question.section);
                deed.put("text", &question.text);
            }
        }
        Body::Withdraw(withdraw) => {
            deed.show("takes back", withdraw.record);
            deed.put("reason", &withdraw.reason);
        }
        Body::Certify(certify) => certificate(deed, &certify.outcome),
        Body::Retract(Retract { reason }) | Body::Recuse(Recuse { reason }) => deed.put("reason", reason),
        Body::Object(object) => {
            deed.maybe("section", object.section.as_ref());
            deed.put("reason", &object.reason);
        }
        Body::Confirm(confirm) => {
            deed.show("since revision", confirm.since);
            deed.put("class", class_word(confirm.class));
            deed.show("diff", confirm.diff);
        }
        Body::ResolveRejection(about) => said_about(deed, "rejection", about),
        Body::Undelegate(about) => said_about(deed, "delegation", about),
        Body::Revoke(about) => said_about(deed, "certificate", about),
        Body::Delegate(delegate) => {
            deed.show("principal", &delegate.principal);
            deed.show("delegate", &delegate.to);
            // An empty list is the widest grant there is; left out, it would look like the narrowest.
            every(deed, "for step", &delegate.steps);
            every(deed, "for package", &delegate.packages);
            deed.show("from", delegate.from);
            deed.show("until", delegate.until);
            deed.put("reason", &delegate.reason);
        }
        Body::Discharge(discharge) => {
            deed.show("condition", &discharge.condition);
            deed.show("set by", discharge.record);
            deed.maybe("evidence", discharge.evidence);
            deed.put("reason", &discharge.reason);
        }
        Body::Verify(verify) => {
            deed.show("condition", &verify.condition);
            deed.show("set by", verify.record);
            deed.put("met", if verify.accepted { "yes" } else { "no" });
            deed.put("reason", &verify.reason);
        }
        Body::Waive(waive) => {
            deed.show("condition", &waive.condition);
            deed.show("set by", waive.record);
            deed.put("reason", &waive.reason);
        }
        Body::Override(set_aside) => {
            deed.maybe("seconds", set_aside.about);
            set_aside.steps.iter().for_each(|s| deed.show("sets aside", s));
            deed.show("holds through", set_aside.expires);
            deed.show("review by", set_aside.review);
            deed.put("reason", &set_aside.reason);
        }
    }
}

fn every(deed: &mut Deed, label: &str, items: &[impl std::fmt::Display]) {
    if items.is_empty() {
        deed.put(label, "every one");
    }
    items.iter().for_each(|item| deed.show(label, item));
}

fn said_about(deed: &mut Deed, what: &str, about: &About) {
    deed.show(what, about.record);
    deed.put("reason", &about.reason);
}

fn condition(deed: &mut Deed, condition: &Condition) {
    deed.show("condition", &condition.id);
    deed.put("kind", condition_kind(condition.kind));
    deed.maybe("owner", condition.owner.as_ref());
    deed.maybe("due", condition.due);
    deed.maybe("before step", condition.step.as_ref());
    deed.maybe("verifier role", condition.verifier_role.as_ref());
    deed.put("text", &condition.text);
}

fn finding(deed: &mut Deed, finding: &Finding) {
    deed.show("finding", &finding.id);
    deed.show("section", &finding.section);
    deed.put("reason", reason_word(finding.reason));
    deed.maybe("figure", finding.figure.as_ref());
    deed.put("concern", &finding.concern);
    deed.put("required", &finding.required);
}

fn submission(deed: &mut Deed, submit: &Submit) {
    submit.authors.iter().for_each(|p| deed.show("author", p));
    submit.contributors.iter().for_each(|p| deed.show("contributor", p));
    submit.exceptions.iter().for_each(|e| deed.put("exception", e));
    deed.maybe("diff", submit.diff);
    deed.maybe("class", submit.class.map(class_word));
    for answer in &submit.answers {
        deed.show("answer to", &answer.finding);
        answer.sections.iter().for_each(|s| deed.show("section", s));
        deed.put("text", &answer.how);
    }
    for note in &submit.notes {
        deed.show("changed", &note.section);
        deed.put("text", &note.text);
    }
}

fn people_change(deed: &mut Deed, change: &PeopleChange) {
    deed.put("change", change.op());
    deed.show("person", change.person());
    match change {
        PeopleChange::Enrol { email, identity, key, name, .. } => {
            deed.put("name", name);
            deed.put("email", email);
            deed.put("identity", identity);
            deed.put("public key", key.as_str());
        }
        PeopleChange::AddKey { key, .. } => deed.put("public key", key.as_str()),
        PeopleChange::RevokeKey { distrust_from, key, reason, .. } => {
            deed.show("key", key);
            deed.put("reason", reason);
            deed.maybe("distrust from", *distrust_from);
        }
        PeopleChange::Grant { role, .. } => deed.show("role", role),
        PeopleChange::End { reason, role, .. } => {
            deed.show("role", role);
            deed.put("reason", reason);
        }
        PeopleChange::Absent { from, reason, until, .. } => {
            deed.show("away from", from);
            deed.show("through", until);
            deed.put("reason", reason);
        }
    }
}

fn certificate(deed: &mut Deed, outcome: &Certified) {
    deed.put("state", &outcome.state);
    deed.maybe("artifact", outcome.artifact.as_ref());
    deed.maybe("review by", outcome.review_by);
    deed.maybe("supersedes", outcome.supersedes);
    for step in &outcome.steps {
        deed.show("step", format_args!("{} {}", step.step, step.state));
        deed.maybe("due", step.due);
        step.overrides.iter().for_each(|r| deed.show("set aside by", r));
        for d in &step.decisions {
            deed.show("decision", format_args!("{} {}", decision_word(d.decision), d.code));
            deed.show("by", format_args!("{} {} {}", d.person, d.role, d.name));
            deed.maybe("acting for", d.acting_for.as_ref());
            deed.show("at", d.at);
            deed.show("by record", d.record);
            deed.put("meaning", &d.meaning);
        }
    }
    for c in &outcome.conditions {
        condition(deed, &c.condition);
        deed.show("by record", c.record);
        deed.maybe("ended", c.state.map(end_word));
    }
    for round in &outcome.rounds {
        deed.show("round", round.revision);
        deed.show("by record", round.submission);
        round.rejections.iter().for_each(|r| deed.show("rejected by", r));
    }
}
