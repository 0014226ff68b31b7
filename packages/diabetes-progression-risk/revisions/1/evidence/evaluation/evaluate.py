"""Diabetes progression risk: fits the model and writes every figure of this package.

Reads the diabetes data from scikit-learn. See REPRODUCE.md beside this file.
"""

import argparse
import csv
import gzip
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
    "0.75", "0.80", "1.25", "0.50", "0.06", "0.02", "0.10", "0.01", "1.0", "95", "2000", "200", "1200", "20",
    "30", "60", "79", "90",
}


# ---- data -----------------------------------------------------------------

INPUTS = ("sklearn", ("datasets", "data", "diabetes_data_raw.csv.gz"),
          "7fc0ded571454b1982210d3bb43f0aca44eae01a0b8654a3b24022bdb6b38009")
TARGET = ("sklearn", ("datasets", "data", "diabetes_target.csv.gz"),
          "8e53f65eb811df43c206f3534bb3af0e5fed213bc37ed6ba36310157d6023803")
COLUMNS = ["age", "sex", "bmi", "blood pressure", "s1 total cholesterol", "s2 LDL", "s3 HDL", "s4 cholesterol ratio",
           "s5 log triglycerides", "s6 glucose"]
USED = ["bmi", "blood pressure", "s1 total cholesterol", "s3 HDL", "s5 log triglycerides", "s6 glucose"]
LIMIT = 200                                # progression score that counts as fast progression
WANTED = 0.80                              # sensitivity asked of the cut-off on out-of-fold development scores
RIDGE = 1.0
HOLDOUT_SEED, FOLD_SEED, BOOT_SEED, NOISE_SEED = 20280, 20281, 20282, 20283
DRAWS = 2000


def load():
    parts = []
    for package, path, digest in (INPUTS, TARGET):
        text = gzip.decompress(read_checked(package_file(package, *path), digest)).decode()
        parts.append(np.array([[float(v) for v in line.split()] for line in text.splitlines()]))
    return parts[0], parts[1][:, 0]


def fit(x, y):
    """Ridge logistic regression on standardized inputs; every number rounded as in the artifact."""
    mean, sd = np.round(x.mean(0), 6), np.round(x.std(0), 6)
    return mean, sd, np.round(fit_logistic(np.column_stack([np.ones(len(y)), (x - mean) / sd]), y, RIDGE), 6)


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
    ordered = np.sort(p[y == 1])
    return float(np.floor(100 * ordered[int(np.floor((1 - WANTED) * len(ordered) + 1e-9))]) / 100)


def build():
    from sklearn.ensemble import GradientBoostingClassifier

    every, response = load()
    y = (response >= LIMIT).astype(int)
    x = every[:, [COLUMNS.index(c) for c in USED]]
    dev, hold = stratified_split(y, 265, HOLDOUT_SEED)
    model = fit(x[dev], y[dev])
    cut = cut_for(y[dev], out_of_fold(x[dev], y[dev]))
    yh, p = y[hold], predict(model, x[hold])
    flagged = p >= cut
    files, facts, tables = {}, {}, {}
    mean, sd, beta = model
    files["method/model.json"] = to_json({
        "model": "diabetes-progression-risk", "version": "0.9.0",
        "form": "1 / (1 + exp(-(intercept + sum of weight * (value - mean) / sd)))", "intercept": float(beta[0]), "cutoff": cut,
        "inputs": [{"name": c, "mean": float(m), "sd": float(s), "weight": float(b)} for c, m, s, b in zip(USED, mean, sd, beta[1:])]})
    tables["weights"] = table(["Input", "Development mean", "Standard deviation", "Weight per standard deviation"],
                              [[c, num(float(m), 2), num(float(s), 2), num(float(b), 3)] for c, m, s, b in zip(USED, mean, sd, beta[1:])])
    facts.update(n=len(y), fast=int(y.sum()), dev=len(dev), devfast=int(y[dev].sum()), hold=len(hold), holdfast=int(yh.sum()),
                 cut=num(cut, 2), sex1=int((every[:, 1] == 1).sum()), sex2=int((every[:, 1] == 2).sum()),
                 agemin=num(float(every[:, 0].min()), 0), agemax=num(float(every[:, 0].max()), 0), base=num(100 * y.mean(), 1),
                 respmin=num(float(response.min()), 0), respmax=num(float(response.max()), 0), ninputs=len(USED),
                 bmimin=num(float(every[:, 2].min()), 1), bmimax=num(float(every[:, 2].max()), 1))

    tp, fn = int((flagged & (yh == 1)).sum()), int((~flagged & (yh == 1)).sum())
    fp, tn = int((flagged & (yh == 0)).sum()), int((~flagged & (yh == 0)).sum())
    a, a_int = auc(yh, p), bootstrap(yh, lambda i: auc(yh[i], p[i]), DRAWS, BOOT_SEED)
    boosted = GradientBoostingClassifier(n_estimators=60, max_depth=2, learning_rate=0.1, random_state=0)
    b = boosted.fit(every[dev], y[dev]).predict_proba(every[hold])[:, 1].round(6)
    gap = auc(yh, b) - a
    g_int = bootstrap(yh, lambda i: auc(yh[i], b[i]) - auc(yh[i], p[i]), DRAWS, BOOT_SEED)
    ece = calibration_error(yh, p, 5)
    sens_int, ppv_int = wilson(tp, tp + fn), wilson(tp, tp + fp)
    sample = f"hold-out, {len(yh)} patients, {tp + fn} fast progressors"
    figures = [
        figure("auc", a, sample, *a_int),
        figure("sensitivity", tp / (tp + fn), sample, *sens_int),
        figure("positive-predictive-value", tp / (tp + fp), sample, *ppv_int),
        figure("calibration-error", ece, sample + ", five bins"),
        figure("challenger-gap", gap, sample, *g_int),
    ]
    facts.update(auc=num(a), auclow=num(a_int[0]), auchigh=num(a_int[1]), sens=num(tp / (tp + fn)), senslow=num(sens_int[0]),
                 senshigh=num(sens_int[1]), ppv=num(tp / (tp + fp)), ppvlow=num(ppv_int[0]), ppvhigh=num(ppv_int[1]), ece=num(ece),
                 gap=num(gap), gaplow=num(g_int[0]), gaphigh=num(g_int[1]),
                 chauc=num(auc(yh, b)), bmiauc=num(auc(yh, x[hold][:, 0])), tp=tp, fn=fn, fp=fp, tn=tn, flagged=tp + fp,
                 spec=num(tn / (tn + fp)), flaggedpct=num(100 * (tp + fp) / len(yh), 1))
    tables["cutoff"] = table(["Hold-out at the cut-off", "Fast progression", "Other", "All"],
                             [["Flagged", tp, fp, tp + fp], ["Not flagged", fn, tn, fn + tn], ["All", tp + fn, fp + tn, len(yh)]])
    # noise of measurement: one standard deviation as a share of the value
    share = {"bmi": 0.01, "blood pressure": 0.05, "s1 total cholesterol": 0.03, "s3 HDL": 0.04, "s5 log triglycerides": 0.02, "s6 glucose": 0.04}
    rng, flips, areas = np.random.default_rng(NOISE_SEED), [], []
    scale = np.array([share[c] for c in USED])
    for _ in range(200):
        noisy = predict(model, x[hold] * (1 + scale * rng.standard_normal(x[hold].shape)))
        flips.append(float(((noisy >= cut) != flagged).mean()))
        areas.append(auc(yh, noisy))
    figures.append(figure("flip-rate", float(np.mean(flips)), sample + ", 200 repeats", *interval(flips)))
    facts.update(flip=num(float(np.mean(flips))), fliplow=num(interval(flips)[0]), fliphigh=num(interval(flips)[1]),
                 noiseauc=num(float(np.mean(areas))))
    tables["noise"] = table(["Input", "Noise assumed, % of the value"], [[c, num(100 * v, 0)] for c, v in share.items()])

    # groups, out of fold on all rows
    q = out_of_fold(x, y)
    up = q >= cut
    age, sex, bmi = every[:, 0], every[:, 1], every[:, 2]
    groups = {"all": age > 0, "sex code 1": sex == 1, "sex code 2": sex == 2, "age under 45": age < 45,
              "age 45 to 59": (age >= 45) & (age < 60), "age 60 and over": age >= 60,
              "BMI under 25": bmi < 25, "BMI 25 to under 30": (bmi >= 25) & (bmi < 30), "BMI 30 and over": bmi >= 30}
    shown, record, by = [], [], {}
    for name, mask in groups.items():
        yy, qq = y[mask], q[mask]
        ratio = float(yy.mean() / qq.mean())
        low, high = bootstrap_plain(len(yy), lambda i: float(yy[i].mean() / qq[i].mean()), DRAWS, BOOT_SEED)
        s = float(up[mask & (y == 1)].mean())
        s_low, s_high = wilson(int(up[mask & (y == 1)].sum()), int(yy.sum()))
        by[name] = s
        figures.append(figure("calibration-ratio", ratio, f"out-of-fold, {len(yy)} patients, {int(yy.sum())} fast progressors", low, high, name))
        shown.append([name, len(yy), int(yy.sum()), num(ratio), f"{num(low)} to {num(high)}", num(s), f"{num(s_low)} to {num(s_high)}",
                      num(auc(yy, qq))])
        record.append([name, len(yy), int(yy.sum()), num(ratio), num(low), num(high), num(s), num(s_low), num(s_high), num(auc(yy, qq))])
    row = {r[0]: r for r in record}
    facts.update(sex1sens=row["sex code 1"][6], sex2sens=row["sex code 2"][6], age45sens=row["age under 45"][6],
                 bmi25sens=row["BMI under 25"][6], bmi25fast=row["BMI under 25"][2], bmi2530auc=row["BMI 25 to under 30"][9],
                 bmi30sens=row["BMI 30 and over"][6], limit=LIMIT)
    for pair, one, two in (("sex codes", "sex code 1", "sex code 2"), ("age under 45 and 60 and over", "age under 45", "age 60 and over")):
        m1, m2 = np.flatnonzero(groups[one] & (y == 1)), np.flatnonzero(groups[two] & (y == 1))
        rng = np.random.default_rng(BOOT_SEED)
        draws = [abs(float(up[rng.choice(m1, len(m1))].mean() - up[rng.choice(m2, len(m2))].mean())) for _ in range(DRAWS)]
        value = abs(by[one] - by[two])
        figures.append(figure("sensitivity-gap", value, f"out-of-fold, {len(m1)} and {len(m2)} fast progressors", *interval(draws), pair))
        key = "gapsex" if "sex" in pair else "gapage"
        facts.update({key: num(value), key + "low": num(interval(draws)[0]), key + "high": num(interval(draws)[1])})
    facts.update(oofauc=num(auc(y, q)), oofsens=num(float(up[y == 1].mean())), oofspec=num(float((~up)[y == 0].mean())))
    off = max(bins_of(q, 8), key=lambda b: abs(y[b].mean() - q[b].mean()))
    facts.update(offpred=num(float(q[off].mean()), 2), offobs=num(float(y[off].mean()), 2))
    inside = bmi >= 25
    rows = []
    for name, mask in (("all patients", age > 0), ("BMI 25 and over", inside), ("BMI 25 and over, sex code 1", inside & (sex == 1)),
                       ("BMI 25 and over, sex code 2", inside & (sex == 2))):
        yy, uu = y[mask], up[mask]
        rows.append([name, len(yy), int(yy.sum()), num(auc(yy, q[mask])), num(float(uu[yy == 1].mean())),
                     num(float(yy[uu].mean())), num(100 * float(uu.mean()), 1)])
    tables["scope"] = table(["Population", "n", "Fast", "AUC", "Sensitivity", "Predictive value", "Flagged %"], rows)
    facts.update(scopeauc=rows[1][3], scopeflag=rows[1][6], scopegap=num(abs(float(up[inside & (sex == 1) & (y == 1)].mean())
                 - float(up[inside & (sex == 2) & (y == 1)].mean()))))
    tables["groups"] = table(["Group", "n", "Fast", "Ratio", "95% interval", "Sensitivity", "95% interval", "AUC"], shown)
    files["evaluation/groups.csv"] = to_csv(
        ["group", "n", "fast", "ratio", "ratio_low", "ratio_high", "sensitivity", "sensitivity_low", "sensitivity_high", "auc"], record)
    files["evaluation/figures.toml"] = to_toml(figures)
    files["evaluation/calibration.svg"] = calibration_plot(
        y, q, 8, 1.0, "Calibration, out-of-fold on all patients, eight bins, 95% intervals", "mean predicted", "observed share")
    return files, facts, tables


if __name__ == "__main__":
    run(build, STATED)
