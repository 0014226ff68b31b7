#!/usr/bin/env python3
"""Takes each rule out of the approval engine, one at a time, and says which test notices.

    tests/mutation/run.py [--scratch DIR] [--target DIR] [--only FILE] [--cases N]

A rule is a `return refuse(...)`, a rule call with `?`, a code given to a decision, a state given to a step or
a package, a further condition (`&& ...`), or a part a certificate is compared in. All of them are switched in
one build of a scratch copy: the test program is run once for each, told by MUTANT which one to leave out. A
rule that cannot be taken out alone (what follows needs what it looked up) is left as it is. Prints a
Markdown table; exit code 1 if a rule is missed by nobody. Python standard library only.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

TOP = pathlib.Path(__file__).resolve().parents[2]
FILES = "admit decisions exceptions may steps tally clock carry certificate report".split()
# Quick ones first: who notices is the first that fails.
FILTERS = ["engine::tests::cases", "engine::tests::rules", "engine::tests::certified", "engine::tests::rounds",
           "engine::tests::votes", "engine::tests::explained", "engine::tests::model"]
SWITCH = """
/// Which rule is left out.
pub(crate) mod mutant {
    static LEFT_OUT: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    pub(crate) fn out(n: u32) -> bool {
        #[allow(clippy::disallowed_methods)]
        let told = || std::env::var("MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
        *LEFT_OUT.get_or_init(told) == n
    }
}
"""


class Rule:
    def __init__(self, number, file, line, text):
        self.number, self.file, self.line, self.text = number, file, line, text


def end_of(text, start):
    """The place after the bracket that closes the one first opened from `start` on; strings are skipped."""
    depth, at = 0, start
    while at < len(text):
        char = text[at]
        if char == '"':
            at += 1
            while text[at] != '"':
                at += 2 if text[at] == "\\" else 1
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None


def balanced(text):
    return all(text.count(a) == text.count(b) for a, b in ("()", "[]", "{}"))


def find(text):
    """The rules of a file: where each begins and ends, and how it is switched."""
    body = text.split("#[cfg(test)]")[0]
    found = []

    def add(start, end, before, after):
        if all(end <= s or start >= e for s, e, _, _ in found):
            found.append((start, end, before, after))

    for match in re.finditer(r"return (refuse|seat|Err|invalid)\(", body):
        end = end_of(body, match.end() - 1)
        if end and body[end] == ";":
            add(match.start(), end + 1, "if !crate::mutant::out(@) { ", " }")
    for match in re.finditer(r"return StepState::\w+;", body):
        add(match.start(), match.end(), "if !crate::mutant::out(@) { ", " }")
    for match in re.finditer(r"^ +(self\.\w+\(.*\)\?;)$", body, re.M):
        add(match.start(1), match.end(1), "if !crate::mutant::out(@) { ", " }")
    for match in re.finditer(r"(?<!return )(?<!fn )\brefuse\(", body):
        end = end_of(body, match.end() - 1)
        if end:
            add(match.start(), end, "if crate::mutant::out(@) { Ok(()) } else { ", " }")
    for match in re.finditer(r"else if ((?!let )[^{}\n]+) \{$", body, re.M):
        if " let " not in match.group(1):
            add(match.start(1), match.end(1), "!crate::mutant::out(@) && (", ")")
    for match in re.finditer(r"^ +&& (.+?)(?: \{|;|,|\))?$", body, re.M):
        if balanced(match.group(1)) and not match.group(1).startswith("let ") and "=>" not in match.group(1):
            add(match.start(1), match.end(1), "(crate::mutant::out(@) || ", ")")
    for match in re.finditer(r'^ +\("\w+", (frozen\.\w+ == certified\.\w+)\),$', body, re.M):
        add(match.start(1), match.end(1), "(crate::mutant::out(@) || ", ")")
    for match in re.finditer(r"\.filter\((\|[^|]+\|) ([^{}\n]+)\)(?=[.;,)]|$)", body, re.M):
        if balanced(match.group(2)):
            add(match.start(2), match.end(2), "crate::mutant::out(@) || (", ")")
    return sorted(found)


def switch(text, found, numbers):
    for (start, end, before, after), number in reversed(list(zip(found, numbers))):
        if number:
            text = text[:start] + before.replace("@", str(number)) + text[start:end] + after + text[end:]
    return text


def build(scratch, target):
    env = dict(os.environ, CARGO_TARGET_DIR=str(target))
    check = ["cargo", "check", "--lib", "--profile", "test", "--message-format", "short"]
    done = subprocess.run(check, cwd=scratch, env=env, capture_output=True, text=True)
    if done.returncode:
        return None, done.stderr + done.stdout
    command = ["cargo", "test", "--lib", "--no-run"]
    done = subprocess.run(command, cwd=scratch, env=env, capture_output=True, text=True)
    program = re.search(r"Executable unittests src/lib.rs \(([^)]+)\)", done.stderr)
    return (scratch / program.group(1) if program else None), done.stderr + done.stdout


def notices(program, scratch, number, cases):
    env = dict(os.environ, MUTANT=str(number), RUST_BACKTRACE="0", COUNTERSIGN_CASES=str(cases))
    env["INSTA_UPDATE"] = "no"
    for name in FILTERS:
        try:
            done = subprocess.run([program, name], cwd=scratch, env=env, capture_output=True, text=True, timeout=300)
        except subprocess.TimeoutExpired:
            return f"{name} (does not end)"
        if done.returncode:
            case = re.search(r"^\d+ of \d+ cases:\n(.+)$", done.stdout, re.M)
            test = re.search(r"^test (\S+) \.\.\. FAILED", done.stdout, re.M)
            if case:
                return f"case “{case.group(1)}”"
            return test.group(1).removeprefix("engine::tests::") if test else name
    return None


def main():
    ask = argparse.ArgumentParser()
    ask.add_argument("--scratch")
    ask.add_argument("--target")
    ask.add_argument("--only")
    ask.add_argument("--cases", type=int, default=300)
    args = ask.parse_args()
    scratch = pathlib.Path(args.scratch or tempfile.mkdtemp(prefix="countersign-mutation-"))
    target = pathlib.Path(args.target or scratch / "target")
    for source in TOP.iterdir():
        if source.name in (".git", "target"):
            continue
        if source.is_dir():
            shutil.rmtree(scratch / source.name, ignore_errors=True)
            shutil.copytree(source, scratch / source.name)
        else:
            shutil.copy(source, scratch / source.name)
    with open(scratch / "src/lib.rs", "a") as lib:
        lib.write(SWITCH)
    rules, found, numbers = {}, {}, {}
    for name in FILES:
        if args.only and name != args.only:
            continue
        text = (TOP / f"src/engine/{name}.rs").read_text()
        found[name] = find(text)
        numbers[name] = []
        for start, end, _, _ in found[name]:
            number = len(rules) + 1
            line = text.count("\n", 0, start) + 1
            above = text[:start].rstrip().splitlines()[-1].strip()
            words = " ".join(text[start:end].split())
            if words.startswith(("return", "refuse")) and above.endswith("{"):
                words = f"{above} {words}"
            rules[number] = Rule(number, name, line, words)
            numbers[name].append(number)
    while True:
        for name, list_ in found.items():
            text = (TOP / f"src/engine/{name}.rs").read_text()
            (scratch / f"src/engine/{name}.rs").write_text(switch(text, list_, numbers[name]))
        program, said = build(scratch, target)
        if program:
            break
        # A rule that does not compile when it can be left out stays: what follows needs what it found.
        gone = set()
        for name, line in re.findall(r"src/engine/(\w+)\.rs:(\d+):\d+: error", said):
            left = [n for n in numbers.get(name, []) if n]
            gone.update(sorted(left, key=lambda n: abs(rules[n].line - int(line) - 1))[:1])
        if not gone:
            sys.exit(said[-4000:])
        for name in numbers:
            numbers[name] = [0 if n in gone else n for n in numbers[name]]
    tried = [n for list_ in numbers.values() for n in list_ if n]
    print(f"{len(tried)} rules taken out in turn; {len(rules) - len(tried)} cannot be taken out alone.\n")
    print("| rule | at | noticed by |\n|:--|:--|:--|", flush=True)
    missed = 0
    for number in tried:
        rule = rules[number]
        by = notices(program, scratch, number, args.cases)
        missed += by is None
        text = rule.text.replace("|", "\\|")
        text = text if len(text) < 110 else text[:107] + "..."
        print(f"| `{text}` | {rule.file}.rs:{rule.line} | {by or '**MISSED**'} |", flush=True)
    print(f"\n{missed} of {len(tried)} missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
