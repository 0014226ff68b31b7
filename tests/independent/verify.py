#!/usr/bin/env python3
"""An independent verifier of a countersign workspace, written from SPEC.md alone.

    verify.py WORKSPACE       check sections 1 to 5: files, records, signatures, ledger, people
    verify.py --vectors DIR   run the test vectors

Exit codes: 0 everything holds (or every vector agrees), 3 something does not hold (1: a vector differs),
2 cannot answer. Needs Python 3.11 and `ssh-keygen`. Functions are named after the sections they check:
1 and 2 are in record.py, 3 in sshsig.py, 4, 5 and the frozen revisions here.
"""

import concurrent.futures
import hashlib
import os
import shutil
import stat
import sys
import tomllib

from record import (FILE_LIMIT, HEX32, HEX64, PEOPLE_KINDS, anything, integer, s1_1_limit, s1_2_manifest,
                    s2_1_parse, s3_3_check, seconds, sha256_hex, table)
from sshsig import Refused, fingerprint_of, parse_key_text, s3_3_signature


# ---- 4 Ledger ------------------------------------------------------------------------------------------------

LINE_LIMIT = 2_171_904
LINE_KEYS = ["seq", "prev", "id", "record", "sig", "tst"]


PENDING_FORM = {"id": HEX64, "record": anything, "sig": anything}
LINE_FORM = {"seq": integer(), "prev": HEX64} | PENDING_FORM


class Entry:
    """One line of the ledger, or one pending file, whose form holds."""

    def __init__(self, path, fields):
        self.path, self.id, self.sig, self.tst = path, fields["id"], fields["sig"], fields.get("tst")
        self.data = fields["record"].encode()
        self.true_id = sha256_hex(self.data)
        self.record = self.refused = self.latest = None


def s4_1_line(data, form):
    if len(data) > LINE_LIMIT:
        raise Refused("LEDGER_FORM", "too long")
    try:
        fields = s2_1_parse(data, LINE_KEYS)
        table(form, {"tst": anything})(fields, "")
    except Refused as why:
        raise Refused("LEDGER_FORM", why.words)
    return fields


def s4_2_pending(name, data):
    if not data.endswith(b"\n"):
        raise Refused("LEDGER_FORM", "not ended by a line feed")
    fields = s4_1_line(data[:-1], PENDING_FORM)
    if name != fields["id"] + ".json":
        raise Refused("LEDGER_FORM", "misnamed")
    return fields


def s4_3_order(pending):
    """The order in which append would place pending entries."""
    rank = {"people": 0, "delegate": 1, "undelegate": 1}
    left = sorted(pending, key=lambda e: (rank.get((e.record or {}).get("kind"), 2), e.true_id, e.sig,
                                          e.tst is not None, e.tst or ""))
    out = []
    while left:
        waiting = {e.true_id for e in left}
        ready = [e for e in left if not e.record or not waiting & set(e.record["parents"])]
        out.append(ready[0] if ready else left[0])
        left.remove(out[-1])
    return out


def s4_5_roots(lines):
    """Roots over the first 0, 1, ... lines, from a stack of full subtrees as in RFC 6962."""
    roots, stack = [hashlib.sha256().hexdigest()], []
    for line in lines:
        size, node = 1, hashlib.sha256(b"\0" + line).digest()
        while stack and stack[-1][0] == size:
            node = hashlib.sha256(b"\1" + stack.pop()[1] + node).digest()
            size *= 2
        stack.append((size, node))
        root = stack[-1][1]
        for _, left in reversed(stack[:-1]):
            root = hashlib.sha256(b"\1" + left + root).digest()
        roots.append(root.hex())
    return roots


class Ledger:
    """Everything of sections 4 and 5. `problems` are (code, path, line, record, words)."""

    def __init__(self, config, ledger, people_toml, pending):
        self.config, self.problems = config, []
        self.people, self.entries, self.standing = People(), [], {}
        lines = self.s4_1_lines(ledger)
        waiting = self.s4_2_files(pending)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            everything = [e for e in lines + waiting if e]
            checked = pool.map(lambda e: s3_3_check(e.data, e.sig, e.tst), everything)
            for entry, (entry.record, entry.refused) in zip(everything, checked):
                pass
        self.roots = s4_5_roots(self.raw)
        if not lines or not lines[0]:
            self.problem("ROOT_OF_TRUST", "chains/ledger.jsonl", 1, None, "the ledger has no first line")
        for position, entry in enumerate(lines):
            if entry:
                self.s4_6_entry(entry, position, position)
        known = {e.true_id: e for e in lines if e}
        fresh = []
        for entry in waiting:
            same = known.get(entry.true_id)
            if not same:
                fresh.append(entry)
            elif (same.sig, same.tst) == (entry.sig, entry.tst):
                continue
            elif entry.refused:
                self.problem(entry.refused.code, entry.path, None, entry, entry.refused.words)
            else:
                self.problem("DUPLICATE_RECORD", entry.path, None, entry, "already in the ledger, otherwise signed")
        self.pending = s4_3_order(fresh)
        for n, entry in enumerate(self.pending):
            self.s4_6_entry(entry, len(lines) + n, len(lines), pending=True)
        for entry in self.standing.values():
            signer = entry.record["signer"]
            if signer["key"] not in self.people.persons.get(signer["person"], {"keys": {}})["keys"]:
                self.problem("UNKNOWN_KEY", entry.path, entry.line, entry, "this key was never this person's")
        if people_toml != self.people.s5_3_print().encode():
            self.problem("PEOPLE_FILE", "chains/people.toml", None, None, "not what the people records add up to")

    def problem(self, code, path, line, entry, words):
        self.problems.append((code, path, line, entry.true_id if entry else "-", words))

    def s4_1_lines(self, ledger):
        path, entries = "chains/ledger.jsonl", []
        self.raw = ledger.split(b"\n")
        if self.raw.pop() != b"":
            self.raw = ledger.split(b"\n")
            self.problem("LEDGER_FORM", path, len(self.raw), None, "not ended by a line feed")
        prev = "0" * 64
        for n, line in enumerate(self.raw):
            try:
                fields = s4_1_line(line, LINE_FORM)
                entry = Entry(path, fields)
                entry.line = n + 1
                entries.append(entry)
                if fields["seq"] != n or fields["prev"] != prev:
                    self.problem("LEDGER_CHAIN", path, n + 1, entry, "seq or prev does not follow")
            except Refused as why:
                self.problem(why.code, path, n + 1, None, why.words)
                entries.append(None)
            prev = sha256_hex(line)
        return entries

    def s4_2_files(self, pending):
        entries = []
        for name in sorted(pending):
            path = "chains/pending/" + name
            try:
                entries.append(Entry(path, s4_2_pending(name, pending[name])))
                entries[-1].line = None
            except Refused as why:
                self.problem(why.code, path, None, None, why.words)
        return entries

    def s4_6_entry(self, entry, position, most_seen, pending=False):
        """One entry. The first test of RECORD_ID, 3.3 and DUPLICATE_RECORD that it fails ends its check: it does
        not stand, has no effect, and nothing can build on it. The tests after these are made one and all."""
        def problem(code, words):
            self.problem(code, entry.path, entry.line, entry, words)

        record, good = entry.record, False
        if entry.id != entry.true_id:
            problem("RECORD_ID", "id is not the digest of record")
        elif entry.refused:
            problem(entry.refused.code, entry.refused.words)
        elif entry.true_id in self.standing:
            problem("DUPLICATE_RECORD", "the record stands earlier")
        else:
            good = True
            self.s4_6_place(entry, most_seen, problem)
        if position == 0:
            try:
                if not good or entry.true_id != self.config["root"] or record["kind"] != "people":
                    raise Refused("", "the first record is not the people record that countersign.toml names")
                self.people.s5_2_root(record)
            except Refused as why:
                problem("ROOT_OF_TRUST", why.words)
        elif good and record["kind"] in PEOPLE_KINDS:
            try:
                if record["kind"] == "people":
                    self.people.s5_2_record(record, position)
                else:
                    self.people.s5_5_delegation(entry.true_id, record)
            except Refused as why:
                if pending:
                    problem("PEOPLE_REFUSED", why.words)

    def s4_6_place(self, entry, most_seen, problem):
        """What a good record says of the place it stands at."""
        record, signer, seen = entry.record, entry.record["signer"], entry.record["seen"]
        entry.valid = self.people.valid_key(signer["person"], signer["key"])
        if record["repository"] != self.config["repository"]:
            problem("WRONG_REPOSITORY", "made in another repository")
        person = self.people.persons.get(signer["person"])
        if person and person["name"] != signer["name"]:
            problem("WRONG_NAME", f"enrolled as {person['name']}")
        parents = [self.standing.get(parent) for parent in record["parents"]]
        if None in parents:
            problem("PARENT_MISSING", "a parent does not stand earlier")
        if seen["size"] > most_seen or self.roots[seen["size"]] != seen["root"]:
            problem("SEEN_MISMATCH", "its signer had seen another ledger")
        signed_at = seconds(record["signed_at"])
        past = max((parent.latest for parent in parents if parent), default=signed_at)
        if signed_at + self.config["skew_seconds"] < past:
            problem("TIME_BEFORE_PAST", "signed before what it builds on")
        entry.latest = max(signed_at, past)
        self.standing[entry.true_id] = entry
        self.entries.append(entry)


# ---- 5 People ------------------------------------------------------------------------------------------------

PEOPLE_COMMENT = """\
# The people of this repository: who they are, which keys they sign with, which roles they hold.
# Written by `countersign people`. Do not edit: `countersign verify` replays the people records of
# chains/ledger.jsonl and chains/pending/ and compares this file byte for byte.
"""


def toml_string(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


class People:
    """The people in force at a position."""

    def __init__(self):
        self.persons = {}
        self.delegations = {}  # record -> principal

    def valid_key(self, person, key):
        return self.persons.get(person, {"keys": {}})["keys"].get(key, {}).get("state") == "valid"

    def holds(self, person, role):
        return person in self.persons and role in self.persons[person]["roles"]

    def s5_1_proof(self, change, repository):
        key = fingerprint_of(parse_key_text(change["key"]))
        lines = (f"countersign-enrol/v1\nrepository {repository}\nperson {change['person']}\nkey {key}\n")
        try:
            s3_3_signature(lines.encode(), change["proof"], "countersign-enrol", key)
        except Refused as why:
            raise Refused("PEOPLE_REFUSED", f"proof of {change['person']}: {why.words}")

    def s5_2_root(self, record):
        signer = record["signer"]
        if not any(c["op"] == "enrol" and c["person"] == signer["person"]
                   and fingerprint_of(parse_key_text(c["key"])) == signer["key"] for c in record["changes"]):
            raise Refused("ROOT_OF_TRUST", "the first record does not enrol its signer")
        self.s5_2_changes(record, 0)

    def s5_2_record(self, record, position):
        signer = record["signer"]
        if not self.valid_key(signer["person"], signer["key"]) or not self.holds(signer["person"], "registrar"):
            raise Refused("PEOPLE_REFUSED", "not signed by a registrar")
        self.s5_2_changes(record, position)

    def s5_5_delegation(self, record_id, record):
        def need(condition, words):
            if not condition:
                raise Refused("PEOPLE_REFUSED", words)

        if record["kind"] == "delegate":
            principal = record["principal"]
            need(principal in self.persons and record["to"] in self.persons, "not enrolled")
        else:
            need(record["record"] in self.delegations, "no such delegation stands")
            principal = self.delegations[record["record"]]
        person, key = record["signer"]["person"], record["signer"]["key"]
        need(self.valid_key(person, key), "signed by a key that is not valid here")
        need(person == principal or self.holds(person, "registrar"), "signed by neither principal nor registrar")
        if record["kind"] == "delegate":
            self.delegations[record_id] = principal
        else:
            del self.delegations[record["record"]]

    def s5_2_changes(self, record, position):
        """The record takes effect as a whole or not at all."""
        before = self.persons
        self.persons = {p: v | {"roles": set(v["roles"]), "keys": {k: dict(x) for k, x in v["keys"].items()},
                                "absences": dict(v["absences"])} for p, v in before.items()}
        try:
            for change in record["changes"]:
                self.s5_2_change(change, position, record["repository"])
            if not any("registrar" in p["roles"] and any(k["state"] == "valid" for k in p["keys"].values())
                       for p in self.persons.values()):
                raise Refused("PEOPLE_REFUSED", "nobody could change the people afterwards")
        except Refused:
            self.persons = before
            raise

    def s5_2_change(self, change, position, repository):
        def need(condition, words):
            if not condition:
                raise Refused("PEOPLE_REFUSED", f"{change['op']} {change['person']}: {words}")

        op, name = change["op"], change["person"]
        if op == "enrol":
            need(name not in self.persons, "the person id was used")
            self.persons[name] = {k: change[k] for k in ("name", "email", "identity")} | {
                "roles": set(), "keys": {}, "absences": {}}
        need(name in self.persons, "not enrolled")
        person = self.persons[name]
        if op in ("enrol", "add_key"):
            key = fingerprint_of(parse_key_text(change["key"]))
            need(not any(key in p["keys"] for p in self.persons.values()), "the key was used")
            self.s5_1_proof(change, repository)
            person["keys"][key] = {"public": change["key"], "state": "valid"}
        elif op == "revoke_key":
            need(self.valid_key(name, change["key"]), "not a valid key of the person")
            need(change.get("distrust_from", 0) <= position, "distrust from a later position")
            person["keys"][change["key"]] |= {"state": "revoked", "reason": change["reason"],
                                              "distrust_from": change.get("distrust_from")}
        elif op == "grant":
            need(change["role"] not in person["roles"], "the role is held")
            person["roles"].add(change["role"])
        elif op == "end":
            need(change["role"] in person["roles"], "the role is not held")
            person["roles"].remove(change["role"])
        elif op == "absent":
            person["absences"][change["from"]] = (change["until"], change["reason"])

    def s5_3_print(self):
        out = PEOPLE_COMMENT
        for name, person in sorted(self.persons.items()):
            out += f"\n[[person]]\nid = {toml_string(name)}\n"
            out += "".join(f"{k} = {toml_string(person[k])}\n" for k in ("name", "email", "identity"))
            out += "roles = [" + ", ".join(toml_string(r) for r in sorted(person["roles"])) + "]\n"
            for key, about in sorted(person["keys"].items()):
                out += f"\n[[person.key]]\nfingerprint = {toml_string(key)}\n"
                out += f"public = {toml_string(about['public'])}\nstate = {toml_string(about['state'])}\n"
                if about["state"] == "revoked":
                    out += f"reason = {toml_string(about['reason'])}\n"
                    if about["distrust_from"] is not None:
                        out += f"distrust_from = {about['distrust_from']}\n"
            for first, (until, reason) in sorted(person["absences"].items()):
                out += f"\n[[person.absence]]\nfrom = {toml_string(first)}\nuntil = {toml_string(until)}\n"
                out += f"reason = {toml_string(reason)}\n"
        return out


# ---- Frozen revisions: section 1 against the signed manifests -------------------------------------------------

def read_tree(folder):
    """Every file under a folder as {path: bytes}, and what is neither file nor folder."""
    files, others = {}, []

    def walk(prefix):
        for item in sorted(os.scandir(os.path.join(folder, prefix)), key=lambda i: i.name):
            path = prefix + item.name
            mode = item.stat(follow_symlinks=False).st_mode
            if stat.S_ISDIR(mode):
                walk(path + "/")
            elif stat.S_ISREG(mode):
                with open(item.path, "rb") as file:
                    files[path] = file.read(FILE_LIMIT + 1)
            else:
                others.append(path)

    walk("")
    return files, others


def frozen_revision(files, others, submit):
    """Problems (code, path, words) of one frozen folder against the record that submitted it."""
    problems = [("FROZEN_FILE_ADDED", path, "neither file nor folder") for path in others]
    if files.get("MANIFEST") != submit["manifest"].encode():
        problems.append(("FROZEN_MANIFEST_CHANGED", "MANIFEST", "not the one that was signed"))
    if "chain.toml" not in files or sha256_hex(files["chain.toml"]) != submit["chain"]["sha256"]:
        problems.append(("FROZEN_CHAIN_CHANGED", "chain.toml", "not the one that was signed"))
    try:
        signed = s1_2_manifest(submit["manifest"].encode())
    except Refused as why:
        return problems + [(why.code, "MANIFEST", why.words)]
    for path in sorted(signed.keys() | files.keys() - {"MANIFEST", "chain.toml"}):
        if path not in files:
            problems.append(("FROZEN_FILE_MISSING", path, "missing"))
        elif path not in signed:
            problems.append(("FROZEN_FILE_ADDED", path, "was not submitted"))
        elif sha256_hex(files[path]) != signed[path] or len(files[path]) > s1_1_limit(path):
            problems.append(("FROZEN_FILE_CHANGED", path, "not the one that was submitted"))
    return problems


def frozen_revisions(root, ledger):
    """Every frozen folder and every submission in sequence, against each other."""
    submitted, newest = {}, {}
    for entry in ledger.entries:
        r = entry.record
        if entry.valid and r["kind"] == "submit" and r["revision"] == newest.get(r["package"], 0) + 1:
            newest[r["package"]] = r["revision"]
            submitted[r["package"], str(r["revision"])] = entry
    folders = set()
    packages = os.path.join(root, "packages")
    for package in sorted(os.listdir(packages)) if os.path.isdir(packages) else ():
        revisions = os.path.join(packages, package, "revisions")
        if os.path.isdir(revisions):
            folders |= {(package, n) for n in os.listdir(revisions) if not n.startswith(".")}
    for package, n in sorted(folders | submitted.keys()):
        path, entry = f"packages/{package}/revisions/{n}", submitted.get((package, n))
        full = os.path.join(root, path)
        if not entry and n == str(newest.get(package, 0) + 1) and os.path.isdir(full):
            continue  # a submission that was interrupted, or is about to be signed
        if not entry:
            ledger.problem("FROZEN_REVISION_UNSIGNED", path, None, None, "no record submitted it")
        elif not os.path.isdir(full) or os.path.islink(full):
            ledger.problem("FROZEN_REVISION_MISSING", path, None, entry, "submitted and not there")
        else:
            for code, name, words in frozen_revision(*read_tree(full), entry.record):
                ledger.problem(code, f"{path}/{name}", None, entry, words)
    return len(folders)


# ---- The two commands ----------------------------------------------------------------------------------------

class CannotAnswer(Exception):
    pass


def configuration(root):
    """countersign.toml; the keys are told by its own comments, SPEC.md does not list them."""
    try:
        with open(os.path.join(root, "countersign.toml"), "rb") as file:
            config = tomllib.load(file)
        config.setdefault("skew_seconds", 300)
        table({"name": anything, "repository": HEX32, "root": HEX64, "skew_seconds": integer()},
              {"base": anything})(config, "")
    except (OSError, ValueError, Refused) as why:
        raise CannotAnswer(f"BAD_CONFIG countersign.toml: {why}")
    return config


def verify(root):
    def read(path):
        try:
            with open(os.path.join(root, path), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return None

    config = configuration(root)
    pending = {}
    folder = os.path.join(root, "chains/pending")
    for name in os.listdir(folder) if os.path.isdir(folder) else ():
        if not name.startswith("."):  # .gitkeep
            full = os.path.join(folder, name)
            pending[name] = read(full) if os.path.isfile(full) and not os.path.islink(full) else b""
    ledger = Ledger(config, read("chains/ledger.jsonl") or b"", read("chains/people.toml"), pending)
    frozen = frozen_revisions(root, ledger)
    for code, path, line, record, words in ledger.problems:
        print(f"{code} {path}{f':{line}' if line else ''} {record}: {words}")
    answer = "does not hold" if ledger.problems else "holds"
    print(f"{len(ledger.raw)} lines, {len(pending)} pending, {frozen} frozen revisions: {answer}")
    return 3 if ledger.problems else 0


def read_vector(data):
    head, _, rest = data.partition(b"\n\n")
    first, *lines = head.decode().split("\n")
    if first != "countersign-vector/v1":
        raise CannotAnswer("not a vector")
    fields, parts = {}, {}
    for key, _, value in (line.partition(": ") for line in lines):
        if key == "part":
            name, _, size = value.rpartition(" ")
            parts[name], rest = rest[:int(size)], rest[int(size):]
        else:
            fields[key] = value
    if rest:
        raise CannotAnswer("bytes after the last part")
    return fields, parts


def vector_codes(fields, parts):
    """The codes with which a vector is refused; none if it is accepted."""
    if "record" in parts:
        sig, token = parts["sig"].decode("utf-8", "replace"), parts.get("tst")
        _, why = s3_3_check(parts["record"], sig, None if token is None else token.decode("latin-1"))
        return [why.code] if why else []
    config = {"repository": fields["repository"], "root": fields["root-of-trust"],
              "skew_seconds": int(fields["skew-seconds"])}
    prefix = "chains/pending/"
    pending = {name[len(prefix):]: data for name, data in parts.items() if name.startswith(prefix)}
    ledger = Ledger(config, parts["chains/ledger.jsonl"], parts.get("chains/people.toml"), pending)
    return [problem[0] for problem in ledger.problems]


def vectors(folder):
    passed = failed = 0
    for where, _, names in sorted(os.walk(folder)):
        for name in sorted(n for n in names if n.endswith(".vec")):
            with open(os.path.join(where, name), "rb") as file:
                fields, parts = read_vector(file.read())
            codes = vector_codes(fields, parts)
            expect, _, code = fields["expect"].partition(" ")
            agrees = not codes if expect == "accept" else bool(codes) and (not code or code in codes)
            passed, failed = passed + agrees, failed + (not agrees)
            if not agrees:
                print(f"{os.path.join(where, name)}: expected {fields['expect']}, got {codes or 'accept'}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


def main(arguments):
    sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if not shutil.which("ssh-keygen"):
            raise CannotAnswer("ssh-keygen is not installed")
        if len(arguments) == 2 and arguments[0] == "--vectors":
            return vectors(arguments[1])
        if len(arguments) == 1 and not arguments[0].startswith("-"):
            return verify(arguments[0])
        raise CannotAnswer("usage: verify.py WORKSPACE | verify.py --vectors DIR")
    except (CannotAnswer, OSError) as why:
        print(why, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
