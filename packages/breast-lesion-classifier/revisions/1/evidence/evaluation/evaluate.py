"""Breast lesion classifier: fits the model and writes every figure of this package.

Reads the Wisconsin diagnostic data from scikit-learn. See REPRODUCE.md beside this file.
"""

import argparse
import csv
import hashlib
import importlib.util
import io
import json
import math
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
    "0.95", "0.90", "0.85", "0.97", "0.03", "0.01", "1.0", "95", "2000", "200", "40", "60", "90", "30",
    "18", "10", "0.85",
}


# ---- data -----------------------------------------------------------------

DATA = ("sklearn", ("datasets", "data", "breast_cancer.csv"),
        "fed3eb72d0575ef6192293f5093c6e801b1476b577d0386bf4455504522172ed")
BASE = ["radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
        "fractal dimension"]
COLUMNS = [f"{b}, {k}" for k in ("mean", "standard error", "worst") for b in BASE]
USED = [c for c in COLUMNS if not c.endswith("standard error")]
RIDGE, TARGET = 1.0, 0.97                 # penalty; sensitivity asked of the cut-off on out-of-fold development scores
HOLDOUT_SEED, FOLD_SEED, BOOT_SEED, NOISE_SEED = 20270, 20271, 20272, 20273
DRAWS = 2000


def load():
    package, parts, digest = DATA
    lines = read_checked(package_file(package, *parts), digest).decode().splitlines()
    data = np.array([[float(v) for v in line.split(",")] for line in lines[1:]])
    return data[:, :30], (data[:, 30] == 0).astype(int)      # the file codes malignant as 0


def fit(x, y):
    """Ridge logistic regression on standardized inputs; every number rounded as in the artifact."""
    mean, sd = np.round(x.mean(0), 6), np.round(x.std(0), 6)
    beta = np.round(fit_logistic(np.column_stack([np.ones(len(y)), (x - mean) / sd]), y, RIDGE), 6)
    return mean, sd, beta


def predict(model, x):
    mean, sd, beta = model
    return 1.0 / (1.0 + np.exp(-(beta[0] + ((x - mean) / sd) @ beta[1:])))


def out_of_fold(x, y):
    fold = folds(y, 10, FOLD_SEED)
    p = np.zeros(len(y))
    for k in range(10):
        p[fold == k] = predict(fit(x[fold != k], y[fold != k]), x[fold == k])
    return p


def cut_for(y, p):
    """The highest cut-off, rounded down to 0.01, that reaches the target sensitivity."""
    ordered = np.sort(p[y == 1])
    return float(np.floor(100 * ordered[int(np.floor((1 - TARGET) * len(ordered) + 1e-9))]) / 100)


def build():
    every, y = load()
    x = every[:, [COLUMNS.index(c) for c in USED]]
    dev, hold = stratified_split(y, 341, HOLDOUT_SEED)
    model = fit(x[dev], y[dev])
    cut = cut_for(y[dev], out_of_fold(x[dev], y[dev]))
    yh, p = y[hold], predict(model, x[hold])
    flagged = p >= cut
    files, facts, tables = {}, {}, {}
    mean, sd, beta = model
    files["method/model.json"] = to_json({
        "model": "breast-fna-worklist", "version": "1.2.0", "form": "1 / (1 + exp(-(intercept + sum of weight * (value - mean) / sd)))",
        "intercept": float(beta[0]), "cutoff": cut,
        "inputs": [{"name": c, "mean": float(m), "sd": float(s), "weight": float(b)} for c, m, s, b in zip(USED, mean, sd, beta[1:])]})
    facts.update(n=len(y), malignant=int(y.sum()), benign=int((1 - y).sum()), dev=len(dev), devmal=int(y[dev].sum()), hold=len(hold),
                 holdmal=int(yh.sum()), holdben=int((1 - yh).sum()), cut=num(cut, 2), ninputs=len(USED),
                 duplicates=int(len(every) - len(np.unique(every, axis=0))),
                 zero=int((every[:, COLUMNS.index("concavity, mean")] == 0).sum()))
    weights = sorted(zip(USED, beta[1:]), key=lambda t: -abs(t[1]))
    tables["weights"] = table(["Input (largest six)", "Weight per standard deviation"], [[c, num(float(b), 2)] for c, b in weights[:6]])

    tp, fn = int((flagged & (yh == 1)).sum()), int((~flagged & (yh == 1)).sum())
    fp, tn = int((flagged & (yh == 0)).sum()), int((~flagged & (yh == 0)).sum())
    sens, spec = tp / (tp + fn), tn / (tn + fp)
    s_int, c_int = wilson(tp, tp + fn), wilson(tn, tn + fp)
    a = auc(yh, p)
    a_int = bootstrap(yh, lambda i: auc(yh[i], p[i]), DRAWS, BOOT_SEED)
    ece = calibration_error(yh, p, 5)
    single = auc(yh, x[hold][:, USED.index("area, worst")])
    sample = f"hold-out, {len(yh)} aspirates, {tp + fn} malignant"
    figures = [
        figure("auc", a, sample, *a_int),
        figure("sensitivity", sens, sample, *s_int),
        figure("sensitivity-lower-bound", s_int[0], sample + ", lower limit of the 95% Wilson interval"),
        figure("specificity", spec, sample, *c_int),
        figure("calibration-error", ece, sample + ", five bins"),
    ]
    facts.update(auc=num(a), auclow=num(a_int[0]), auchigh=num(a_int[1]), sens=num(sens), senslow=num(s_int[0]), senshigh=num(s_int[1]),
                 spec=num(spec), speclow=num(c_int[0]), spechigh=num(c_int[1]), ece=num(ece),
                 tp=tp, fn=fn, fp=fp, tn=tn, single=num(single), flagged=tp + fp, base=num(100 * yh.mean(), 1))
    tables["cutoff"] = table(["Hold-out at the cut-off", "Malignant", "Benign", "All"],
                             [["Moved to the front", tp, fp, tp + fp], ["Normal order", fn, tn, fn + tn],
                              ["All", tp + fn, fp + tn, len(yh)]])
    tables["bins"] = table(["Bin", "Aspirates", "Mean predicted", "Observed", "Observed, 95% interval"],
                           [[i + 1, len(b), num(float(p[b].mean())), num(float(yh[b].mean())),
                             " to ".join(num(v) for v in wilson(int(yh[b].sum()), len(b)))] for i, b in enumerate(bins_of(p, 5))])
    facts.update(midbin=num(float(p[bins_of(p, 5)[2]].mean())), malpct=num(100 * y.mean(), 1))
    rows = []
    for c in (0.05, 0.10, 0.20, 0.30, 0.50, 0.70):
        t, f = int(((p >= c) & (yh == 1)).sum()), int(((p >= c) & (yh == 0)).sum())
        rows.append([num(c, 2), num(t / (tp + fn)), num(1 - f / (fp + tn)), tp + fn - t, f])
    files["evaluation/cutoffs.csv"] = to_csv(["cutoff", "sensitivity", "specificity", "missed_malignant", "benign_moved"], rows)
    # ROC, with the cut-off marked
    plot = Plot("1 - specificity", "sensitivity", 1.0, 1.0, 0.2)
    order = np.argsort(-p, kind="stable")
    points = [(0.0, 0.0)] + list(zip((np.cumsum(1 - yh[order]) / (fp + tn)).tolist(), (np.cumsum(yh[order]) / (tp + fn)).tolist()))
    plot.line([(0, 0), (1, 1)], "#888", "4 3")
    plot.line(points)
    plot.line([(0, 0.95), (1, 0.95)], "#b3261e", "2 3")
    plot.note(0.46, 0.905, "policy: sensitivity at least 0.95", "#b3261e")
    plot.dot(1 - spec, sens, "#111")
    plot.note(0.12, 0.885, f"cut-off {num(cut, 2)}")
    files["evaluation/roc.svg"] = plot.svg("Hold-out ROC curve with the cut-off and the policy limit on sensitivity")

    # repeated measurement
    rng = np.random.default_rng(NOISE_SEED)
    shown = []
    for level in (0.01, 0.03, 0.05):
        flips, lost = [], []
        for _ in range(200):
            noisy = predict(model, x[hold] * (1 + level * rng.standard_normal(x[hold].shape))) >= cut
            flips.append(float((noisy != flagged).mean()))
            lost.append(float((flagged & ~noisy & (yh == 1)).sum()))
        figures.append(figure("flip-rate", float(np.mean(flips)), sample + ", 200 repeats", *interval(flips), f"noise {int(100 * level)}%"))
        facts[f"flip{int(100 * level)}"] = num(float(np.mean(flips)))
        shown.append([f"{int(100 * level)}%", num(float(np.mean(flips))), " to ".join(num(v) for v in interval(flips)),
                      num(float(np.mean(lost)), 2)])
    tables["noise"] = table(["Noise on every input", "Order changed", "95% of repeats", "Malignant lost, mean"], shown)
    files["evaluation/figures.json"] = to_json(figures)

    # groups, out of fold on all rows
    q = out_of_fold(x, y)
    up = q >= cut
    missed = np.flatnonzero(~up & (y == 1))
    tables["missed"] = table(["Missed malignant aspirate", "Predicted", "Mean radius", "Worst area"],
                             [[f"row {int(m) + 1}", num(float(q[m])), num(float(x[m, USED.index("radius, mean")]), 2),
                               num(float(x[m, USED.index("area, worst")]), 1)] for m in missed])
    worst = x[:, USED.index("area, worst")]
    binomial = lambda p: 1 - sum(math.comb(40, k) * p ** k * (1 - p) ** (40 - k) for k in range(5))
    facts.update(medmal=num(float(np.median(worst[y == 1])), 1), medben=num(float(np.median(worst[y == 0])), 1),
                 stop95=num(binomial(0.05)), stop85=num(binomial(0.15)))
    groups = {}
    for feature in ("radius", "texture"):
        values = x[:, USED.index(f"{feature}, mean")]
        lo, hi = (round(float(v), 2) for v in np.quantile(x[dev][:, USED.index(f"{feature}, mean")], [1 / 3, 2 / 3]))
        facts[f"{feature}lo"], facts[f"{feature}hi"] = num(lo, 2), num(hi, 2)
        groups.update({f"{feature} low": values < lo, f"{feature} middle": (values >= lo) & (values < hi), f"{feature} high": values >= hi})
    sub, shown, record = [], [], []
    for name, mask in groups.items():
        t, m = int((up & mask & (y == 1)).sum()), int((mask & (y == 1)).sum())
        u, b = int((~up & mask & (y == 0)).sum()), int((mask & (y == 0)).sum())
        s_lo, s_hi = wilson(t, m)
        judged = m >= 10
        if judged:
            sub.append(figure("sensitivity-by-group", t / m, f"out-of-fold, {m} malignant", s_lo, s_hi, name))
        shown.append([name, int(mask.sum()), m, m - t, num(t / m), f"{num(s_lo)} to {num(s_hi)}", num(u / b), "" if judged else "too few"])
        record.append([name, int(mask.sum()), m, m - t, num(t / m), num(s_lo), num(s_hi), num(u / b), "yes" if judged else "no"])
        key = name.replace(" ", "")
        facts.update({key + "mal": m, key + "fn": m - t, key + "sens": num(t / m), key + "low": num(s_lo), key + "high": num(s_hi)})
    tables["groups"] = table(["Group", "n", "Malignant", "Missed", "Sensitivity", "95% interval", "Specificity", "Note"], shown)
    files["subgroups/figures.csv"] = figures_csv(sub)
    files["subgroups/groups.csv"] = to_csv(
        ["group", "n", "malignant", "missed", "sensitivity", "low", "high", "specificity", "judged"], record)
    facts["radiushighspec"] = num(float((~up)[groups["radius high"] & (y == 0)].mean()))
    facts.update(oofsens=num(float(up[y == 1].mean())), oofspec=num(float((~up)[y == 0].mean())), oofauc=num(auc(y, q)),
                 ooffn=int((~up & (y == 1)).sum()))
    width, body = 560, []
    for i, (name, mask) in enumerate(groups.items()):
        m = mask & (y == 1)
        t, c = int((up & m).sum()), int(m.sum())
        low, high = wilson(t, c)
        top, at = 24 + 30 * i, (lambda v: f"{130 + 320 * v:.1f}")
        body += [f'<text x="122" y="{top + 13}" text-anchor="end">{name}</text>',
                 f'<line x1="{at(low)}" y1="{top + 9}" x2="{at(high)}" y2="{top + 9}" stroke="#1f5fa8" stroke-width="2"/>',
                 f'<circle cx="{at(t / c)}" cy="{top + 9}" r="4.5" fill="#1f5fa8"/>',
                 f'<text x="464" y="{top + 13}">{t} of {c}</text>']
    for t in (0.0, 0.2, 0.4, 0.6, 0.8, 1.0):
        body.append(f'<line x1="{at(t)}" y1="206" x2="{at(t)}" y2="212" stroke="#888"/>')
        body.append(f'<text x="{at(t)}" y="227" text-anchor="middle">{num(t, 1)}</text>')
    body.append('<line x1="130" y1="206" x2="450" y2="206" stroke="#888"/>')
    body += [f'<line x1="418" y1="14" x2="418" y2="206" stroke="#b3261e" stroke-dasharray="3 3"/>',
             '<text x="412" y="250" text-anchor="end" fill="#b3261e">policy: at least 0.90</text>']
    files["subgroups/sensitivity.svg"] = svg("Sensitivity by group with 95% intervals", width, 262, body)
    return files, facts, tables


if __name__ == "__main__":
    run(build, STATED)
