//! Histories made up from numbers; most of what people do in them makes sense.

use crate::engine::tests::desk::Desk;
use crate::engine::tests::story::{act, tell};
use crate::record::{Body, Condition};
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Something somebody does, by numbers.
#[derive(Debug, Clone)]
pub struct Deed {
    verb: usize,
    who: usize,
    what: usize,
    seen: Option<Vec<usize>>,
    old: bool,
}

pub fn deeds(most: usize) -> impl Strategy<Value = Vec<Deed>> {
    let seen = prop::option::weighted(0.25, prop::collection::vec(0usize..16, 1..3));
    let deed = (0usize..64, 0usize..WHO.len(), 0usize..24, seen, prop::bool::weighted(0.1));
    let deed = deed.prop_map(|(verb, who, what, seen, old)| Deed { verb, who, what, seen, old });
    prop::collection::vec(deed, 0..most)
}

/// Who decides where; those at the front of a chain more often.
pub const WHO: [(&str, &str); 14] = [
    ("dana", "data"),
    ("milo", "model"),
    ("dana", "data"),
    ("milo", "model"),
    ("mara", "model"),
    ("mara", "model"),
    ("drew", "data"),
    ("bo", "model"),
    ("fay", "fair"),
    ("cory", "committee"),
    ("chad", "committee"),
    ("cleo", "committee"),
    ("bo", "data"),
    ("max", "model"),
];

/// The chains, with every key of the engine in some.
pub const CHAINS: [&str; 26] = [
    "solo",
    "two",
    "line",
    "wide",
    "identical",
    "never",
    "bank",
    "line data.carry=minor model.carry=cosmetic minor=4",
    "two model.carry=minor minor=3",
    "flat data.carry=minor model.carry=minor model.fresh=9 minor=4",
    "line data.fresh=6 model.fresh=12 model.lapse=9d",
    "line data.deadline=48h model.deadline=24h model.resolve=resolver data.resolve=resolver",
    "solo model.deadline=24h model.lapse=72h model.escalate=lead:24h",
    "bank data.lapse=4d fair.lapse=3d data.fresh=8",
    "two model.reject=2 model.veto=head,@mara",
    "line data.reject=2 model.reject=2 model.veto=head model.vetoable model.resolve=resolver model.deadline=4h",
    "bank committee.quorum=2,2,chair,tie committee.reject=2",
    "bank committee.quorum=2,2/3 committee.reject=3 committee.carry=minor",
    "solo model.quorum=2,1,tie model.reject=2",
    "two model.or=data:1 model.carry=scope",
    "line model.when=use:credit model.unaided",
    "bank fair.when=use!credit data.delegates=fair",
    "line data.fresh=5 data.carry=minor minor=9 model.lapse=6d",
    "line rigid data.reject=2",
    "bank fair.deadline=1d model.fresh=3 fair.escalate=lead:2d",
    "solo model.veto=head model.delegates=lead model.approvals=2",
];

const TEXTS: [&str; 6] = [
    "The_model_is_good_for_the_book",
    "The_model_is_fine_for_the_book",
    "The_model_is_good_for_the_book~",
    "The_model_is_not_good_for_the_book",
    "The_model_is_sound_for_this_one_big_book",
    "first",
];

/// The line of a story that a deed is, if it makes any sense on this chain.
pub fn line(desk: &Desk, deed: &Deed) -> Option<String> {
    let (mut person, mut step) = WHO[deed.who];
    if desk.chain.step(&step.parse().unwrap()).is_none() {
        step = "model";
        let outsiders = desk.chain.steps.iter().any(|s| !s.veto.is_empty() || !s.escalate.is_empty());
        let others = if outsiders { ["hugh", "lena"] } else { ["milo", "mara"] };
        person = ["milo", "mara", "max", "bo", others[0], others[1]][deed.who % 6];
    }
    let count = desk.entries.len();
    let target = deed.what % count;
    let last = |fits: &dyn Fn(usize) -> bool| (0..count).rev().find(|i| fits(*i)).unwrap_or(target);
    let body = |i: usize| &desk.entries[i].record().body;
    let signer = |i: usize| desk.entries[i].record().signer.person.as_str();
    let decision = |b: &Body| matches!(b, Body::Decide(_) | Body::Object(_) | Body::Comment(_));
    let mine = last(&|i| signer(i) == person && decision(body(i)));
    let section = ["training-data", "evaluation", "limits", "evaluation", "training-data", "package"]
        [deed.what / 3 % 6];
    let text = TEXTS[deed.what % TEXTS.len()];
    let terms = |i: usize| match body(i) {
        Body::Decide(d) => d.conditions.first(),
        _ => None,
    };
    let approval = last(&|i| terms(i).is_some());
    let term: Option<&Condition> = terms(approval);
    let term_id = || term.map(|c| c.id.to_string());
    let kind = ["post", "pre", "before", "standing"][deed.what % 4];
    let with = format!("with=c{} kind={kind} due=2026-10-0{}", deed.what % 2, 1 + deed.what % 5);
    let role = match person {
        "hugh" => "head",
        "lena" => "lead",
        _ => step,
    };
    let role = &format!(" as={role}");
    let stand_in = [("dana", "drew"), ("milo", "mara"), ("mara", "bo"), ("drew", "bo"), ("milo", "lena")];
    let (principal, delegate) = stand_in[deed.what % stand_in.len()];
    let seat = if ["dana", "drew"].contains(&principal) { "data" } else { "model" };
    let asker = ["olga", "omar"][deed.what % 2];
    let request = last(&|i| matches!(body(i), Body::Override(o) if o.about.is_none()));
    let mut forks = true;
    let mut line = match deed.verb {
        0..=15 => format!("{person} approve {step}{role}"),
        16..=18 => format!("{person} approve {step}{role} {with}"),
        19 => {
            let before = ["committee", "model"][deed.what / 4 % 2];
            format!("{person} approve {step}{role} with=c0 kind=before before={before}")
        }
        20..=22 => format!("{person} reject {step}{role} finding=f{count}"),
        23 => format!("{person} reject {step}{role} finding=f{count} final"),
        24 => format!("{person} clarify {step}{role}"),
        25 | 26 => format!("{person} abstain {step}{role}"),
        27 => format!("{person} object {step}{role}"),
        28 | 29 => format!("{person} withdraw {mine}"),
        30 => format!("{} withdraw {target}", signer(target)),
        31 => format!("{person} withdraw {target}"),
        32 => format!("{person} ask {section}"),
        33 => format!("{person} resolve {mine}"),
        34 => {
            let open = |i: usize| {
                let id = desk.entries[i].id();
                (0..count).all(|j| !matches!(body(j), Body::Answer(r) if r.about == id))
            };
            let open = last(&|i| decision(body(i)) && open(i));
            if (0..count).any(|j| matches!(body(j), Body::Answer(r) if r.about == desk.entries[open].id())) {
                return None;
            }
            format!("ines answer {open}")
        }
        35..=38 => format!("ines submit {section}={text}"),
        39 if deed.what.is_multiple_of(3) => format!("{person} submit {section}={text}"),
        39 => format!("ines submit {section}={text} by={person}"),
        40 => {
            format!("ines submit {section}={text} class={}", ["minor", "material", "cosmetic"][deed.what % 3])
        }
        41 if deed.what > 8 => format!("{person} approve {step}{role}"),
        41 => format!("{person} recuse"),
        42 => {
            format!("people delegate {principal} {delegate}{}", if deed.what > 18 { " until=6" } else { "" })
        }
        43 => format!("people undelegate {principal}"),
        44..=46 if desk.people.delegations.iter().all(|d| d.principal.as_str() != principal) => {
            format!("people delegate {principal} {delegate}")
        }
        44 | 45 => format!(
            "{delegate} approve {seat} for={principal}{}",
            if seat == "data" { " as=data" } else { " as=model" }
        ),
        46 => format!(
            "{delegate} reject {seat} for={principal}{} finding=f{count}",
            if seat == "data" { " as=data" } else { " as=model" }
        ),
        47 if deed.what.is_multiple_of(2) => {
            let since = 1 + deed.what % desk.revisions.len().max(1);
            format!("{person} confirm {step}{role} since={since}")
        }
        47 | 48 => {
            let newest = desk.revisions.len() as u32;
            let approved = last(&|i| {
                let r = desk.entries[i].record();
                matches!(&r.body, Body::Decide(_)) && r.revision() < Some(newest)
            });
            let record = desk.entries[approved].record();
            let step = record.step.as_ref()?;
            format!("{} confirm {step} as={step} since={}", signer(approved), record.revision().unwrap())
        }
        49 => "ines retract".to_owned(),
        50 | 51 => {
            let steps: Vec<&str> = desk.chain.steps.iter().map(|s| s.id.as_str()).collect();
            let until = ["2028-01-01", "2026-09-24", "2026-09-29"][deed.what % 3];
            let review = ["2026-10-02", "2028-01-01"][deed.what % 2];
            format!("{asker} override {} until={until} review={review}", steps[deed.what % steps.len()])
        }
        52 | 53 => {
            let Body::Override(o) = body(request) else { return None };
            let other = if signer(request) == "olga" { "omar" } else { "olga" };
            let steps: Vec<String> = o.steps.iter().map(ToString::to_string).collect();
            forks = false;
            format!(
                "{other} override {} until={} review={} second={request}",
                steps.join(","),
                o.expires,
                o.review
            )
        }
        54 => format!("ines discharge {approval} {}", term_id()?),
        55 => format!("{person} verify {approval} {}{role}", term_id()?),
        56 => format!("{person} return {approval} {}{role}", term_id()?),
        57 => format!("{person} waive {approval} {}{role}", term_id()?),
        58 => {
            let rejection = last(&|i| matches!(body(i), Body::Decide(d) if !d.findings.is_empty()));
            let step = desk.entries[rejection].record().step.as_ref()?;
            format!("reto overrule {step} {rejection} as=resolver")
        }
        59 | 60 => format!("time {}", ["5h", "1d", "2d", "30h", "4d"][deed.what % 5]),
        62 => format!("{person} approve {step}{role} aided"),
        _ => {
            let everything: Vec<_> = desk.entries.iter().collect();
            let now = desk.now();
            let sound = desk.with(&everything, |case| {
                crate::engine::certificate(&crate::engine::Case { as_of: now, ..case.clone() }).is_ok()
            });
            let certificate = last(&|i| matches!(body(i), Body::Certify(_)));
            forks = false;
            match body(certificate) {
                Body::Certify(_) => format!("rhea revoke {certificate}"),
                _ if sound => "ivy certify".to_owned(),
                _ => return None,
            }
        }
    };
    if line.starts_with("people") || line.starts_with("time") {
        return Some(line);
    }
    if let Some(seen) = deed.seen.as_ref().filter(|_| forks && !line.contains(" submit ")) {
        // Everybody has seen what he signed himself.
        let who = line.split(' ').next()?.to_owned();
        let own = (0..count).filter(|i| signer(*i) == who);
        let first = (!deed.what.is_multiple_of(8)).then_some(0);
        let seen: BTreeSet<String> =
            seen.iter().map(|n| n % count).chain(own).chain(first).map(|n| n.to_string()).collect();
        line.push_str(&format!(" seen={},", seen.into_iter().collect::<Vec<_>>().join(",")));
    }
    if deed.old && desk.revisions.len() > 1 && deed.verb < 28 {
        line.push_str(" rev=1");
    }
    Some(line)
}

/// Tells a history.
pub fn history(chain: usize, deeds: &[Deed]) -> (Desk, Vec<String>) {
    let mut desk = tell(CHAINS[chain], "meta use credit");
    desk.exact = true;
    let first =
        "ines submit evaluation=The_model_is_good_for_the_book training-data=The_model_is_good_for_the_book";
    act(&mut desk, first);
    let mut story = vec![format!("{}: {first}", CHAINS[chain])];
    for deed in deeds {
        if let Some(line) = line(&desk, deed) {
            act(&mut desk, &line);
            story.push(line);
        }
    }
    (desk, story)
}
