#!/usr/bin/env python3
"""Plays the reviews of this repository's own example packages, with the real program.

Run once, in a checkout whose `chains/` has no ledger yet:

    tests/workspaces/examples/play.py target/release/countersign

The words are in story.toml. The people are invented and their keys lie beside this file, encrypted with a
passphrase that everybody can read here: what they sign proves that the program works, and nothing else.
Standard library only.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
STORY = tomllib.loads((HERE / "story.toml").read_text())
PASSPHRASE = "example people only"
PEOPLE = {
    "nora-vance": ("Nora Vance", []),
    "ines-moreau": ("Ines Moreau", []),
    "tomasz-lindqvist": ("Tomasz Lindqvist", ["data-governance", "data-privacy", "data-steward"]),
    "adaeze-okafor": ("Adaeze Okafor", ["model-risk", "clinical-safety", "risk-manager"]),
    "priya-raman": ("Priya Raman", ["fair-lending", "validation", "technical-documentation"]),
    "hana-sato": ("Hana Sato", ["ai-committee", "signatory"]),
    "lucas-brandt": ("Lucas Brandt", ["ai-committee", "medical-director"]),
}
CREDIT, BREAST, DIABETES = "consumer-credit-scorecard", "breast-lesion-classifier", "diabetes-progression-risk"


class Player:
    def __init__(self, program):
        self.program = str(pathlib.Path(program).resolve())
        self.passphrase = ROOT / ".countersign" / "examples-passphrase"
        self.passphrase.parent.mkdir(exist_ok=True)
        self.passphrase.write_text(PASSPHRASE)

    def run(self, at, who, *words):
        env = {k: v for k, v in os.environ.items() if k not in ("SSH_AUTH_SOCK",)}
        env |= {"COUNTERSIGN_NOW": at, "COUNTERSIGN_PASSPHRASE_FILE": str(self.passphrase)}
        if who:
            env["COUNTERSIGN_KEY"] = str(HERE / "keys" / who)
        done = subprocess.run([self.program, "--root", str(ROOT), *words], env=env, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
        print(f"{at}  {who or '':<18} {' '.join(words)[:90]}")
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        return done.stdout

    def sign(self, at, who, *words):
        return self.run(at, who, *words, "--yes")

    def status(self, package):
        return json.loads(self.run("2026-11-20T18:00:00Z", None, "--format", "json", "status", package))

    def thread(self, package):
        return next(t["id"][:12] for t in self.status(package)["threads"] if t["state"] in ("open", "answered"))

    def append(self, at):
        self.run(at, None, "append")


def told(kind, package, **wanted):
    return [x for x in STORY.get(kind, []) if x["package"] == package and all(x.get(k) == v for k, v in wanted.items())]


def conditions(package, step):
    return [w for c in told("condition", package, step=step)
            for w in ("--condition", f"{c['text']} | {c['owner']} | {c['due']}")]


def question_and_answer(play, package, asked, answered, resolved):
    question, = told("question", package)
    answer, = told("answer", package, to=question["id"])
    play.sign(asked, question["by"], "comment", package, "--section", question["section"], "--question",
              "--quote", question["quote"], "--text", question["text"])
    play.sign(answered, answer["by"], "answer", package, play.thread(package), "--text", answer["text"])
    play.sign(resolved, question["by"], "resolve", package, play.thread(package))


def comments(play, package, at, who):
    for c in told("comment", package, by=who):
        play.sign(at, who, "comment", package, "--section", c["section"], "--quote", c["quote"], "--text", c["text"])


def lay(source, package):
    """Makes the working copy of a package equal to a folder."""
    base = ROOT / "packages" / package
    for path in sorted(base.rglob("*"), reverse=True):
        if path.is_file() and "revisions" not in path.relative_to(base).parts:
            path.unlink()
    for path in source.rglob("*"):
        name = path.relative_to(source)
        if path.is_file() and name.name not in ("MANIFEST", "chain.toml") and "revisions" not in name.parts:
            (base / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, base / name)


def enrol(play):
    (HERE / "keys").mkdir(exist_ok=True)
    for who in PEOPLE:
        if not (HERE / "keys" / who).exists():
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-a", "16", "-C", f"{who} (invented)", "-N", PASSPHRASE,
                            "-f", str(HERE / "keys" / who)], check=True)
    play.sign("2026-10-19T08:00:00Z", "nora-vance", "init", "--bare", "--name", "Worked examples", "--chain", "bank-credit",
              "--person", "nora-vance", "--person-name", "Nora Vance", "--email", "nora-vance@example.test")
    for n, (who, (name, roles)) in enumerate(list(PEOPLE.items())[1:]):
        request = str(ROOT / ".countersign" / f"{who}.toml")
        at = f"2026-10-19T08:{10 + n * 5:02}:00Z"
        play.sign(at, who, "people", "request", "--person", who, "--name", name, "--email", f"{who}@example.test",
                  "--out", request)
        words = [w for role in roles for w in ("--role", role)]
        play.sign(at, "nora-vance", "people", "enrol", request, *words,
                  "--identity", "invented person; enrolled for the examples on 19 October 2026")
    play.append("2026-10-19T09:00:00Z")


def credit(play, second):
    play.sign("2026-10-20T09:00:00Z", "ines-moreau", "submit", CREDIT)
    question_and_answer_of_first = ("2026-10-22T09:12:00Z", "2026-10-23T14:40:00Z", "2026-10-26T08:30:00Z")
    first = {**STORY, "answer": [a for a in STORY["answer"] if a["revision"] == 1]}
    STORY_ALL = dict(STORY)
    STORY.update(first)
    question_and_answer(play, CREDIT, *question_and_answer_of_first)
    STORY.update(STORY_ALL)
    play.sign("2026-10-26T08:40:00Z", "tomasz-lindqvist", "decide", CREDIT, "approve")
    play.append("2026-10-26T09:00:00Z")
    words = [w for f in told("finding", CREDIT)
             for w in ("--finding", f"{f['section']} | {f['concern']} | {f['required_change']}")]
    play.sign("2026-11-03T16:25:00Z", "adaeze-okafor", "decide", CREDIT, "reject", *words)
    play.append("2026-11-03T17:00:00Z")
    lay(second, CREDIT)
    play.sign("2026-11-10T11:05:00Z", "ines-moreau", "submit", CREDIT, "--from", str(ROOT / "src/cli/demo/answers.toml"))
    play.sign("2026-11-11T10:00:00Z", "tomasz-lindqvist", "decide", CREDIT, "approve")
    comments(play, CREDIT, "2026-11-13T10:40:00Z", "adaeze-okafor")
    play.sign("2026-11-13T10:47:00Z", "adaeze-okafor", "decide", CREDIT, "approve", *conditions(CREDIT, "model-risk"))
    comments(play, CREDIT, "2026-11-17T09:20:00Z", "priya-raman")
    play.sign("2026-11-17T09:30:00Z", "priya-raman", "decide", CREDIT, "approve", *conditions(CREDIT, "fair-lending"))
    play.sign("2026-11-19T13:00:00Z", "hana-sato", "decide", CREDIT, "approve")
    play.sign("2026-11-19T13:20:00Z", "lucas-brandt", "decide", CREDIT, "approve")
    play.append("2026-11-19T14:00:00Z")
    play.sign("2026-11-20T15:30:00Z", "nora-vance", "certify", CREDIT)


def breast(play):
    play.sign("2026-11-04T08:30:00Z", "ines-moreau", "submit", BREAST)
    play.sign("2026-11-05T09:00:00Z", "tomasz-lindqvist", "decide", BREAST, "approve")
    question_and_answer(play, BREAST, "2026-11-06T10:15:00Z", "2026-11-09T11:00:00Z", "2026-11-10T08:00:00Z")
    play.sign("2026-11-10T08:20:00Z", "adaeze-okafor", "decide", BREAST, "approve", *conditions(BREAST, "clinical-safety"))
    comments(play, BREAST, "2026-11-12T13:30:00Z", "priya-raman")
    play.sign("2026-11-12T13:45:00Z", "priya-raman", "decide", BREAST, "approve", *conditions(BREAST, "validation"))
    play.sign("2026-11-16T16:00:00Z", "lucas-brandt", "decide", BREAST, "approve", *conditions(BREAST, "medical-director"))
    play.append("2026-11-16T16:30:00Z")
    play.sign("2026-11-17T09:00:00Z", "nora-vance", "certify", BREAST)
    play.append("2026-11-17T09:10:00Z")


def diabetes(play):
    """Stays in review: technical documentation and the signatory have not decided yet."""
    play.sign("2026-11-16T08:00:00Z", "ines-moreau", "submit", DIABETES)
    question_and_answer(play, DIABETES, "2026-11-17T10:00:00Z", "2026-11-18T09:30:00Z", "2026-11-18T14:00:00Z")
    play.sign("2026-11-18T14:10:00Z", "tomasz-lindqvist", "decide", DIABETES, "approve")
    play.sign("2026-11-20T11:00:00Z", "adaeze-okafor", "decide", DIABETES, "approve", *conditions(DIABETES, "risk-manager"))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if (ROOT / "chains" / "ledger.jsonl").exists():
        sys.exit("chains/ledger.jsonl is there already; nothing was played")
    play = Player(sys.argv[1])
    keep = ROOT / ".countersign" / "second-revision"
    shutil.rmtree(keep, ignore_errors=True)
    base = ROOT / "packages" / CREDIT
    first, second = base / "revisions" / "1", base / "revisions" / "2"
    shutil.copytree(second, keep / "2")
    shutil.copytree(first, keep / "1")
    shutil.rmtree(base / "revisions")
    lay(keep / "1", CREDIT)
    enrol(play)
    credit(play, keep / "2")
    breast(play)
    diabetes(play)
    play.append("2026-11-20T16:00:00Z")
    print(play.run("2026-11-20T18:00:00Z", None, "verify"))


if __name__ == "__main__":
    main()
