//! The files of the story: the two revisions of the committed example, inside the program, so that the
//! demonstration needs nothing but itself. A test compares the lists with the folders.

macro_rules! frozen {
    ($name:ident, $number:literal, $($path:literal),* $(,)?) => {
        const $name: &[(&str, &[u8])] = &[$((
            $path,
            include_bytes!(concat!("../../../packages/consumer-credit-scorecard/revisions/", $number, "/", $path)),
        )),*];
    };
}

frozen!(
    REVISION_1,
    "1",
    "deployment.md",
    "evaluation.md",
    "evidence/evaluation/REPRODUCE.md",
    "evidence/evaluation/calibration.svg",
    "evidence/evaluation/evaluate.py",
    "evidence/evaluation/figures.toml",
    "evidence/evaluation/requirements.txt",
    "evidence/fairness/figures.csv",
    "evidence/method/model.json",
    "evidence/reasons/figures.json",
    "evidence/reasons/reasons.csv",
    "fairness.md",
    "limitations.md",
    "method.md",
    "monitoring.md",
    "package.toml",
    "purpose.md",
    "reasons.md",
    "regulatory.md",
    "training-data.md"
);
frozen!(
    REVISION_2,
    "2",
    "deployment.md",
    "evaluation.md",
    "evidence/evaluation/REPRODUCE.md",
    "evidence/evaluation/calibration-groups.csv",
    "evidence/evaluation/calibration.svg",
    "evidence/evaluation/evaluate.py",
    "evidence/evaluation/figures.toml",
    "evidence/evaluation/requirements.txt",
    "evidence/fairness/alternatives.csv",
    "evidence/fairness/approval.svg",
    "evidence/fairness/figures.csv",
    "evidence/fairness/outcomes.csv",
    "evidence/method/model.json",
    "evidence/reasons/figures.json",
    "evidence/reasons/reasons.csv",
    "fairness.md",
    "limitations.md",
    "method.md",
    "monitoring.md",
    "package.toml",
    "purpose.md",
    "reasons.md",
    "regulatory.md",
    "training-data.md"
);

/// The files of a revision.
pub fn revision(number: usize) -> &'static [(&'static str, &'static [u8])] {
    if number == 1 { REVISION_1 } else { REVISION_2 }
}

/// Files of the revision before that this one no longer has.
pub fn gone(number: usize) -> impl Iterator<Item = &'static str> {
    let before = if number == 1 { &[][..] } else { REVISION_1 };
    let kept = revision(number);
    before.iter().map(|(path, _)| *path).filter(|path| !kept.iter().any(|(p, _)| p == path))
}
