//! How an approval chain works: its sections with their criteria and thresholds, its steps in order.

use super::{Fact, Frame, Index, Link, figures, rules, stepper};
use crate::chain::{Chain, OnMiss, Step};
use crate::site::address::{self, SitePath};
use crate::site::render::View;
use crate::site::words;
use serde::Serialize;

/// The whole page.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ChainView {
    pub frame: Frame,
    pub eyebrow: String,
    pub heading: String,
    pub lede: String,
    pub stages: Vec<Vec<StepCard>>,
    pub sections: Vec<SectionCard>,
    pub facts: Vec<Fact>,
}

/// A step and what governs it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct StepCard {
    pub number: usize,
    pub title: String,
    pub facts: Vec<Fact>,
    pub meaning: String,
}

/// A section and what it must show.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SectionCard {
    pub number: usize,
    pub title: String,
    pub criterion: String,
    pub cites: String,
    pub decided: String,
    pub thresholds: Vec<ThresholdView>,
}

/// A threshold in words.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ThresholdView {
    pub label: String,
    pub bound: String,
    pub cites: String,
    pub on_miss: &'static str,
}

impl View for ChainView {
    const TEMPLATE: &'static str = "chain.html";
}

/// The page of a chain.
pub(crate) fn page(index: &Index<'_>, chain: &Chain, path: &SitePath) -> ChainView {
    let mut frame = index.frame(path, format!("Approval chain: {}", chain.title));
    frame.crumbs =
        vec![Link::new(address::href(&path.root(), &address::inventory(None, 0), ""), "All models")];
    frame.printed = format!(
        "countersign \u{b7} approval chain {} \u{b7} sha256 {}",
        chain.id,
        words::ends(&chain.digest)
    );
    let policy =
        if chain.policy.is_empty() { String::new() } else { format!(" It carries out {}.", chain.policy) };
    let mut facts = vec![
        Fact::mono("Id", chain.id.to_string()),
        Fact::hash("Chain fingerprint (SHA-256)", &chain.digest),
    ];
    let validity = chain.review_by.map(|p| format!("{p} after the certificate is issued"));
    facts.extend(validity.map(|text| Fact::new("Review again by", text)));
    facts.extend(rules::whole(chain));
    ChainView {
        eyebrow: "Approval chain".to_owned(),
        heading: chain.title.clone(),
        lede: format!(
            "A package under this chain has {} and passes {}.{policy}",
            words::count(chain.sections.len(), "section"),
            words::count(chain.steps.len(), "step")
        ),
        stages: stepper::stages(chain, |step| card(index, chain, step)),
        sections: chain
            .sections
            .iter()
            .enumerate()
            .map(|(at, s)| SectionCard {
                number: at + 1,
                title: s.title.clone(),
                criterion: s.criterion.clone(),
                cites: words::list(&s.cites),
                decided: words::list(
                    &chain.steps_judging(&s.id).map(|s| s.title.clone()).collect::<Vec<_>>(),
                ),
                thresholds: chain
                    .thresholds_of(&s.id)
                    .map(|t| ThresholdView {
                        label: t.label.clone(),
                        bound: figures::bound(t),
                        cites: t.cites.clone(),
                        on_miss: match t.on_miss {
                            OnMiss::Block => "The package cannot be submitted",
                            OnMiss::Exception => "A written exception is needed",
                        },
                    })
                    .collect(),
            })
            .collect(),
        facts,
        frame,
    }
}

fn card(index: &Index<'_>, chain: &Chain, step: &Step) -> StepCard {
    let after: Vec<String> = step.after.iter().map(|id| stepper::number(chain, id).to_string()).collect();
    let opens = match after.len() {
        0 => "On submission".to_owned(),
        1 => format!("When step {} has approved", after[0]),
        _ => format!("When steps {} have approved", words::list(&after)),
    };
    let scope: Vec<String> =
        step.scope.iter().filter_map(|id| chain.section(id)).map(|s| s.title.clone()).collect();
    let scope =
        if scope.len() == chain.sections.len() { "Every section".to_owned() } else { words::list(&scope) };
    let mut facts = vec![Fact::new("Opens", opens)];
    facts.extend(step.when.as_ref().map(|when| Fact::new("For which packages", rules::when(when))));
    facts.extend(rules::enough(&index.register.people, step));
    facts.push(Fact::new("What it judges", scope));
    facts.extend(rules::rejection(&index.register.people, step));
    facts.push(Fact::new("When the package changes", rules::carry(step.carry)));
    facts.extend(rules::time(&index.register.people, step));
    facts.extend(rules::others(&index.register.people, step));
    StepCard {
        number: stepper::number(chain, &step.id),
        title: step.title.clone(),
        facts,
        meaning: step.meaning.clone(),
    }
}
