//! `init`: a workspace from nothing, with a first registrar whose key is the root of trust.

use super::args::{self, ChainTemplate};
use super::context::Context;
use super::out::{Exit, Failure, answer, talk};
use super::sign::{self, Draft};
use crate::agent::compose;
use crate::chain::{self, Chain};
use crate::diag::Diagnostics;
use crate::digest::{LedgerRoot, RepositoryId, sha256};
use crate::keys;
use crate::ledger::{self, Ledger, Pending};
use crate::package::placeholder;
use crate::record::{self, Body, People, PeopleChange, Seen, Signer};
use crate::store::{self, CONFIG, LEDGER, PEOPLE, write_new};
use crate::text::SourceFile;
use std::fmt::Write as _;
use std::path::Path;

const GIT_ATTRIBUTES: &str = "# What is signed is bytes: a checkout must never change line endings.\n\
packages/** -text\nchains/** -text\n";
const GIT_IGNORE: &str = "/site/public/\n/.countersign/\n";
const WORKFLOW: &str = include_str!("workflow.yml");

impl ChainTemplate {
    fn file(self) -> (&'static str, &'static str) {
        match self {
            ChainTemplate::Starter => ("starter", include_str!("starter.toml")),
            ChainTemplate::BankCredit => ("bank-credit", include_str!("../../chains/bank-credit.toml")),
            ChainTemplate::Clinical => ("clinical", include_str!("../../chains/clinical.toml")),
            ChainTemplate::EuAiActHighRisk => {
                ("eu-ai-act-high-risk", include_str!("../../chains/eu-ai-act-high-risk.toml"))
            }
            ChainTemplate::Policy => ("policy", include_str!("policy.toml")),
        }
    }
}

/// Makes the workspace.
pub fn run(context: &Context, args: &args::Init) -> Result<Exit, Failure> {
    let root = &context.root;
    if root.join(CONFIG).exists() {
        return Err(Failure::refused(format!("{} has a {CONFIG} already", root.display())));
    }
    let part = sign::key_of(None, &People::default(), &args.sign)?;
    let repository = RepositoryId(keys::random().map_err(|e| Failure::cannot(e.to_string()))?);
    let statement = record::enrol_statement(repository, &args.person, &part.public);
    let proof = sign::unlock(&part)?
        .sign(record::ENROL_NAMESPACE, statement.as_bytes())
        .map_err(|e| Failure::cannot(e.to_string()))?;
    let mut changes = vec![PeopleChange::Enrol {
        email: args.email.clone(),
        identity: "first registrar: the root of trust, compared out of band".to_owned(),
        key: part.public.clone(),
        name: args.person_name.clone(),
        person: args.person.clone(),
        proof,
    }];
    for role in ["issuer", "registrar"] {
        let role = role.parse().expect("a plain id");
        changes.push(PeopleChange::Grant { person: args.person.clone(), role });
    }
    let draft = Draft::plain(None, Body::People(changes));
    let signer = Signer {
        acting_for: None,
        key: part.fingerprint(),
        name: args.person_name.clone(),
        person: args.person.clone(),
    };
    let nothing = Seen { root: LedgerRoot(sha256(b"")), size: 0 };
    let record =
        compose(repository, draft, signer, |_| Vec::new(), nothing, context.now, &args.sign.assistance)
            .map_err(|e| Failure::cannot(e.to_string()))?;
    let (_, signed) = sign::finish(record, &part, args.sign.yes)?;
    let id = signed.id();
    let first = Pending::new(signed).map_err(|e| Failure::cannot(e.to_string()))?;
    let ledger =
        ledger::append(&Ledger::default(), vec![first]).map_err(|e| Failure::cannot(e.to_string()))?;
    let people = replay(&ledger, repository, id)?;

    let (chain_id, chain_text) = args.chain.file();
    let chain = parsed(chain_id, chain_text)?;
    let folder = root.canonicalize().unwrap_or_else(|_| root.clone());
    let name = args.name.clone().unwrap_or_else(|| {
        folder.file_name().map_or_else(|| "Model sign-off".to_owned(), |n| n.to_string_lossy().into_owned())
    });
    let mut files = vec![
        (format!("chains/{chain_id}.toml"), chain_text.to_owned()),
        (PEOPLE.to_owned(), people),
        (LEDGER.to_owned(), ledger.print()),
        ("chains/pending/.gitkeep".to_owned(), String::new()),
        (".gitattributes".to_owned(), GIT_ATTRIBUTES.to_owned()),
        (".gitignore".to_owned(), GIT_IGNORE.to_owned()),
        (".github/workflows/countersign.yml".to_owned(), WORKFLOW.to_owned()),
    ];
    if !args.bare {
        files.extend(skeleton(&chain, args));
    }
    // The configuration comes last: without it there is no workspace, so an interrupted init can be repeated.
    files.push((CONFIG.to_owned(), store::new_config(&name, repository, id)));
    let mut kept = Vec::new();
    for (path, text) in &files {
        let full = root.join(path);
        if full.exists() && path != CONFIG && !path.starts_with("chains/") {
            kept.push(path.as_str());
            continue;
        }
        write_new(&full, text.as_bytes())?;
    }
    answer(&format!(
        "The workspace is ready in {}.\n\n  Root of trust  {id}\n  Keep this id outside the repository: auditors compare the two.\n",
        root.display()
    ));
    answer(&next(args, store::Git::at(root).is_some()));
    if !kept.is_empty() {
        talk(&format!(
            "Left as they were: {}. Compare .gitattributes: packages/** and chains/** need -text.\n",
            kept.join(", ")
        ));
    }
    Ok(Exit::Yes)
}

/// What to do now, in order.
fn next(args: &args::Init, in_git: bool) -> String {
    // From another folder a relative path would lead elsewhere.
    let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let key = args.sign.key.as_ref().map_or("FILE".to_owned(), |path| whole(path).display().to_string());
    let key = if key.contains(' ') { format!("'{key}'") } else { key };
    let mut steps = if in_git { Vec::new() } else { vec!["git init".to_owned()] };
    steps.extend([
        format!("git config countersign.key {key}"),
        "git add -A && git commit".to_owned(),
        "enrol reviewers: each runs `countersign people request`, you run `countersign people enrol`"
            .to_owned(),
    ]);
    steps.extend(if args.bare {
        vec!["make packages/<name>/package.toml and a Markdown file for each section of the chain".to_owned()]
    } else {
        vec![
            "edit packages/first-package until `countersign check` is content".to_owned(),
            "countersign submit first-package".to_owned(),
        ]
    });
    steps.push("set the release to install in .github/workflows/countersign.yml".to_owned());
    let mut text = "\nNext:\n".to_owned();
    for (n, step) in steps.iter().enumerate() {
        let _ = writeln!(text, "  {}. {step}", n + 1);
    }
    text
}

fn replay(
    ledger: &Ledger,
    repository: RepositoryId,
    root: crate::digest::RecordId,
) -> Result<String, Failure> {
    let verdict = ledger::verify(&ledger::VerifyInput {
        repository,
        root_of_trust: root,
        ledger_text: ledger.print().into_bytes(),
        pending: Vec::new(),
        people_toml: Vec::new(),
        skew_seconds: 0,
    });
    let wrong = verdict.breaks.iter().find(|b| b.path.as_str() != PEOPLE);
    match wrong {
        Some(found) => Err(Failure::cannot(format!("the first record does not hold: {}", found.message))),
        None => Ok(ledger::people::print(&verdict.people)),
    }
}

fn parsed(id: &str, text: &str) -> Result<Chain, Failure> {
    let path = format!("chains/{id}.toml").parse().expect("plain");
    let mut found = Diagnostics::new();
    let chain = chain::parse(&SourceFile::new(path, text.to_owned()), &mut found);
    chain.ok_or_else(|| Failure::cannot("the chain template is broken").with(found))
}

/// A package to edit: every section with its criterion, every figure with its bound.
fn skeleton(chain: &Chain, args: &args::Init) -> Vec<(String, String)> {
    let base = "packages/first-package";
    let person = &args.person;
    let mut files = vec![(
        format!("{base}/package.toml"),
        format!(
            "title = \"First package\"\nchain = \"{}\"\nowner = \"{person}\"\nauthors = [\"{person}\"]     # authors can never approve\n\n\
             [model]\nname = \"my-model\"\nversion = \"0.1.0\"\n# registry = \"models:/my-model/1\"\n# artifact = \"sha256:<64 hex digits of the model artefact>\"\n\n\
             [scope]\nuse = \"{}\"\nnot_for = \"{}\"\nenvironments = [\"production\"]\n\n\
             [meta]\ntier = \"high\"\n",
            chain.id,
            placeholder::USE,
            placeholder::NOT_FOR
        ),
    )];
    for section in &chain.sections {
        let mut text = format!("# {}\n\n> {}\n\n", section.title, section.criterion);
        text += placeholder::SECTION;
        text +=
            " Say what the criterion above asks for, so that a reviewer can judge it without\nasking you.\n";
        files.push((format!("{base}/{}.md", section.id), text));
        let mut figures = String::new();
        for threshold in chain.thresholds_of(&section.id) {
            let _ = write!(
                figures,
                "[[figure]]                 # {}\nid = \"{}\"\nvalue = \"\"                 # as reported\nsample = \"\"                # on which data\nsource = \"\"                # file in this package that produces it\n\n",
                threshold.label, threshold.figure
            );
        }
        if !figures.is_empty() {
            files.push((format!("{base}/evidence/{}/figures.toml", section.id), figures));
        }
    }
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;
    use std::collections::BTreeSet;

    /// Every template is sound, and its own roles, each held by enough people, pass it whoever writes.
    #[test]
    fn every_template_is_sound_and_can_be_passed() {
        for template in ChainTemplate::value_variants() {
            let (id, text) = template.file();
            let chain = parsed(id, text).unwrap_or_else(|_| panic!("{id}"));
            let named = text.split('"').filter_map(|word| word.parse::<crate::id::RoleId>().ok());
            let roles: BTreeSet<_> = named.collect();
            let people: Vec<chain::Holder> =
                (0..12).map(|n| (format!("p{n}").parse().unwrap(), roles.clone())).collect();
            let found = chain::lint(&chain, &people);
            assert!(found.is_empty(), "{id}: {:?}", found.iter().map(|d| &d.message).collect::<Vec<_>>());
        }
    }
}
