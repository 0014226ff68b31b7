#!/usr/bin/env python3
"""An independent verifier of a countersign workspace, written from SPEC.md alone.

    verify.py WORKSPACE       check sections 1 to 5: files, records, signatures, ledger, people
    verify.py --vectors DIR   run the test vectors

Exit codes: 0 everything holds (or every vector agrees), 3 something does not hold (1: a vector differs),
2 cannot answer. Needs Python 3.11 and `ssh-keygen`. Functions are named after the sections they check.
"""

import base64
import concurrent.futures
import functools
import hashlib
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import tomllib
import unicodedata


class Refused(Exception):
    """One reason why something is not admitted."""

    def __init__(self, code, words):
        super().__init__(words)
        self.code, self.words = code, words


def bad_schema(words):
    raise Refused("BAD_SCHEMA", words)


def sha256_hex(data):
    return hashlib.sha256(data).hexdigest()


# ---- 1 Package digest ----------------------------------------------------------------------------------------

FILE_LIMIT, TEXT_LIMIT, FILES_LIMIT = 104_857_600, 1_048_576, 10_000
RESERVED = {"con", "prn", "aux", "nul"} | {f"{n}{i}" for n in ("com", "lpt") for i in range(10)}


def s1_1_path(path):
    """Refuse a path that 1.1 refuses."""
    def bad(words):
        raise Refused("BAD_PATH", words)

    if not path or path.startswith("/"):
        bad("empty or absolute")
    if any(c == "\\" or unicodedata.category(c) == "Cc" for c in path):
        bad("a backslash or control character")
    try:
        path.encode()
    except UnicodeEncodeError:
        bad("not UTF-8")
    if unicodedata.normalize("NFC", path) != path:
        bad("not in normalization form C")
    for part in path.split("/"):
        if part in ("", ".", ".."):
            bad("an empty part, . or ..")
        if len(part.encode()) > 255:
            bad("a part of more than 255 bytes")
        if part[-1] in ". " or any(c in '<>:"|?*' for c in part):
            bad("a part that not every system can store")
        stem = part.split(".")[0]
        if stem.isascii() and stem.lower() in RESERVED:
            bad("a reserved name")


def s1_1_covered(path):
    if path == "package.toml" or path.startswith("evidence/"):
        return True
    return "/" not in path and path.endswith(".md")


def s1_1_collision(paths):
    """Two different paths, or folders on the way, that are equal without regard to case."""
    folded = {}
    for path in paths:
        parts = path.split("/")
        for n in range(1, len(parts) + 1):
            name = "/".join(parts[:n])
            other = folded.setdefault(name.upper().lower(), name)
            if other != name:
                raise Refused("CASE_COLLISION", f"{other} and {name}")


def s1_1_limit(path):
    parts = path.split("/")
    figures = len(parts) == 3 and parts[0] == "evidence" and re.fullmatch(r"figures\.(toml|json|csv)", parts[2])
    return TEXT_LIMIT if len(parts) == 1 or figures else FILE_LIMIT


def s1_2_manifest(data):
    """Bytes of a MANIFEST -> {path: digest}."""
    def bad(words):
        raise Refused("MANIFEST_SYNTAX", words)

    if data and not data.endswith(b"\n"):
        bad("the last line has no line feed")
    files, last = {}, b""
    for line in data.split(b"\n")[:-1]:
        m = re.fullmatch(rb"([0-9a-f]{64})  (.+)", line, re.S)
        if not m:
            bad("a line that is not digest, two spaces, path")
        if m[2] <= last:
            bad("paths out of order or twice")
        last = m[2]
        try:
            path = m[2].decode()
        except UnicodeDecodeError:
            bad("a path that is not UTF-8")
        try:
            s1_1_path(path)
        except Refused as why:
            bad(f"{path}: {why.words}")
        if not s1_1_covered(path):
            bad(f"{path} is not a covered file")
        files[path] = m[1].decode()
    if len(files) > FILES_LIMIT:
        bad("more than 10,000 files")
    try:
        s1_1_collision(files)
    except Refused as why:
        bad(why.words)
    return files


# ---- 2 Record ------------------------------------------------------------------------------------------------

SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def print_string(text):
    return '"' + "".join(SHORT_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in text) + '"'


def print_json(value, keys=None):
    """The one spelling of 2.1; `keys` is an order other than the sorted one (4.1)."""
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return print_string(value)
    if isinstance(value, int):
        if not 0 <= value < 2**53:
            bad_schema("an integer out of range")
        return str(value)
    if isinstance(value, list):
        return "[" + ",".join(print_json(item) for item in value) + "]"
    if isinstance(value, dict):
        order = [k for k in keys if k in value] if keys else sorted(value, key=str.encode)
        if len(order) != len(value):
            bad_schema("an unknown key")
        return "{" + ",".join(print_string(k) + ":" + print_json(value[k]) for k in order) + "}"
    bad_schema("null or a number that is no integer")


def s2_1_parse(data, keys=None):
    """Bytes -> object, if they are its one spelling."""
    def pairs(items):
        found = dict(items)
        if len(found) != len(items):
            bad_schema("a key twice")
        return found

    def number(_):
        bad_schema("a number that is no integer")

    try:
        value = json.loads(data.decode(), object_pairs_hook=pairs, parse_float=number, parse_constant=number)
        if not isinstance(value, dict):
            bad_schema("not an object")
        if print_json(value, keys).encode() != data:
            bad_schema("not in the one spelling")
    except (ValueError, RecursionError):
        bad_schema("not JSON in UTF-8")
    return value


def matching(pattern, words):
    def check(value, where):
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            bad_schema(f"{where} is not {words}")
    return check


HEX64 = matching(r"[0-9a-f]{64}", "64 lowercase hex digits")
HEX32 = matching(r"[0-9a-f]{32}", "32 lowercase hex digits")
IDENT = matching(r"[a-z0-9][a-z0-9-]{0,63}", "an id")
PERSON = matching(r"(?!.*\.\.)[a-z0-9][a-z0-9.-]{0,63}", "a person id")
ARTIFACT = matching(r"sha256:[0-9a-f]{64}", "an artifact digest")


def one_of(*words):
    def check(value, where):
        if value not in words or not isinstance(value, str):
            bad_schema(f"{where} is not one of {', '.join(words)}")
    return check


def boolean(value, where):
    if not isinstance(value, bool):
        bad_schema(f"{where} is not true or false")


def integer(least=0):
    def check(value, where):
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            bad_schema(f"{where} is not an integer from {least}")
    return check


def days(text):
    """A date of 2.1 as a number of days, or None."""
    m = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text)
    if not m:
        return None
    y, mo, d = map(int, m.groups())
    leap = y % 4 == 0 and (y % 100 != 0 or y % 400 == 0)
    lengths = [31, 28 + leap, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    if not 1 <= mo <= 12 or not 1 <= d <= lengths[mo - 1]:
        return None
    return y * 365 + (y + 3) // 4 - (y + 99) // 100 + (y + 399) // 400 + sum(lengths[:mo - 1]) + d


def seconds(text):
    """A time of 2.1 in seconds, or None."""
    m = re.fullmatch(r"(.{10})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z", text)
    day = days(m[1]) if m else None
    if day is None or int(m[2]) > 23 or int(m[3]) > 59 or int(m[4]) > 59:
        return None
    return day * 86400 + int(m[2]) * 3600 + int(m[3]) * 60 + int(m[4])


def date(value, where):
    if not isinstance(value, str) or days(value) is None:
        bad_schema(f"{where} is not a date")


def time(value, where):
    if not isinstance(value, str) or seconds(value) is None:
        bad_schema(f"{where} is not a time")


def fingerprint(value, where):
    m = re.fullmatch(r"SHA256:([A-Za-z0-9+/]{43})", value) if isinstance(value, str) else None
    if not m or base64.b64encode(base64.b64decode(m[1] + "=")).decode() != m[1] + "=":
        bad_schema(f"{where} is not a fingerprint")


HIDDEN = {0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0xFEFF} | {
    c for a, b in ((0x2028, 0x202E), (0x2060, 0x206F), (0xFFF9, 0xFFFB), (0xE0000, 0xE007F))
    for c in range(a, b + 1)}


def text(limit=512, paragraphs=False, blank=False):
    """2.4 rules 4 and 5 and the limits of 2.6."""
    def check(value, where):
        if not isinstance(value, str):
            bad_schema(f"{where} is not a text")
        if len(value.encode()) > limit:
            bad_schema(f"{where} is too long")
        if not blank and not value.strip():
            bad_schema(f"{where} is blank")
        for c in value:
            if ord(c) in HIDDEN or unicodedata.category(c) == "Cc" and not (paragraphs and c in "\n\t"):
                bad_schema(f"{where} holds U+{ord(c):04X}")
    return check


SHORT, PARAGRAPHS, MEANING = text(), text(65_536, True), text(4096)


def email(value, where):
    SHORT(value, where)
    if "@" not in value or any(c.isspace() for c in value):
        bad_schema(f"{where} is not a mail address")


def table(must, may=()):
    """An object with these keys and no other."""
    may = dict(may)

    def check(value, where):
        if not isinstance(value, dict):
            bad_schema(f"{where} is not an object")
        for key in must:
            if key not in value:
                bad_schema(f"{where} lacks {key}")
        for key, inner in value.items():
            rule = must.get(key) or may.get(key) or bad_schema(f"{where}: {key} is not a key")
            rule(inner, f"{where}.{key}" if where else key)
    return check


def items(rule, least=0, once=None, ascending=False):
    """A list; `once` gives what no two items may share."""
    def check(value, where):
        if not isinstance(value, list):
            bad_schema(f"{where} is not a list")
        if not least <= len(value) <= 1024:
            bad_schema(f"{where} has too few or too many items")
        for item in value:
            rule(item, where)
        if once:
            names = [once(item) for item in value]
            if len(set(names)) != len(names):
                bad_schema(f"{where}: one twice")
            if ascending and names != sorted(names):
                bad_schema(f"{where} is not in order")
    return check


def itself(item):
    return item


def by(key):
    return lambda item: item[key]


def s3_2_key_text(value, where):
    try:
        parse_key_text(value)
    except (Refused, AttributeError, TypeError) as why:
        bad_schema(f"{where} is not a public key: {why}")


OPS = {
    "enrol": table({"email": email, "identity": SHORT, "key": s3_2_key_text, "name": SHORT, "op": SHORT,
                    "person": PERSON, "proof": PARAGRAPHS}),
    "add_key": table({"key": s3_2_key_text, "op": SHORT, "person": PERSON, "proof": PARAGRAPHS}),
    "revoke_key": table({"key": fingerprint, "op": SHORT, "person": PERSON, "reason": SHORT},
                        {"distrust_from": integer()}),
    "grant": table({"op": SHORT, "person": PERSON, "role": IDENT}),
    "end": table({"op": SHORT, "person": PERSON, "reason": SHORT, "role": IDENT}),
}


def s5_1_change(value, where):
    op = value.get("op") if isinstance(value, dict) else None
    if not isinstance(op, str) or op not in OPS:
        bad_schema(f"{where}: unknown op")
    OPS[op](value, where)


CONDITION = table({"id": IDENT, "kind": one_of("post_merge", "standing"), "text": PARAGRAPHS},
                  {"due": date, "owner": PERSON})
FINDING = table({"concern": PARAGRAPHS, "id": IDENT, "required": PARAGRAPHS, "section": IDENT,
                 "reason": one_of("documentation", "threshold", "authorization", "other")}, {"figure": SHORT})
NOTE = table({"section": IDENT, "text": PARAGRAPHS})
OUTCOME = table(
    {"chain": HEX64, "conditions": items(table({"condition": CONDITION, "record": HEX64})), "digest": HEX64,
     "rounds": items(table({"rejections": items(HEX64), "revision": integer(1), "submission": HEX64}),
                     once=by("revision")),
     "state": one_of("approved", "approved_with_conditions"),
     "steps": items(table({
         "decisions": items(table({
             "at": time, "code": one_of("COUNTED", "CARRIED"), "decision": one_of("approve", "abstain"),
             "meaning": MEANING, "name": SHORT, "person": PERSON, "record": HEX64, "role": IDENT})),
         "state": one_of("satisfied", "satisfied_with_conditions"), "step": IDENT}), once=by("step"))},
    {"artifact": ARTIFACT, "review_by": date})

COMMON = {  # 2.2
    "assistance": SHORT,
    "ceremony": table({"shown": HEX64, "unlock": one_of("passphrase", "agent", "fido")}),
    "countersign": one_of("record/v1"),
    "kind": SHORT, "meaning": MEANING, "nonce": HEX32,
    "parents": items(HEX64, once=itself, ascending=True),
    "repository": HEX32,
    "seen": table({"root": HEX64, "size": integer()}),
    "signed_at": time,
    "signer": table({"key": fingerprint, "name": SHORT, "person": PERSON}),
}
OPTIONAL = {"change": table({"forge": SHORT, "head": text(blank=True), "pull_request": integer(),
                             "repository_id": SHORT})}
SUBJECT = {"package": IDENT, "revision": integer(1), "digest": HEX64,
           "model": table({"name": SHORT, "version": SHORT}), "chain": table({"id": IDENT, "sha256": HEX64})}
DECISIONS = {
    "approve": {"conditions": items(CONDITION, once=by("id"))},
    "reject": {"findings": items(FINDING, 1, once=by("id"))},
    "clarify": {"question": table({"section": IDENT, "text": PARAGRAPHS})},
    "abstain": {},
}
KINDS = {  # 2.3: must, may
    "people": ({"changes": items(s5_1_change, 1)}, {}),
    "submit": ({
        "answers": items(table({"finding": IDENT, "how": PARAGRAPHS, "sections": items(IDENT, once=itself)}),
                         once=by("finding")),
        "authors": items(PERSON, 1, once=itself), "contributors": items(PERSON, once=itself),
        "exceptions": items(SHORT, once=itself), "manifest": text(768 * 1024, True),
        "notes": items(NOTE, once=by("section"))}, {"diff": HEX64}),
    "comment": ({"blocking": boolean, "section": IDENT, "text": PARAGRAPHS},
                {"about": HEX64, "anchor": table({"quote": PARAGRAPHS, "sha256": HEX64})}),
    "answer": ({"about": HEX64, "text": PARAGRAPHS}, {}),
    "resolve": ({"about": HEX64, "text": text(65_536, True, blank=True)}, {}),
    "decide": ({"decision": one_of(*DECISIONS), "role": IDENT, "step": IDENT, "upstream": HEX64,
                "scope": items(table({"section": IDENT, "sha256": HEX64}), 1, by("section"), ascending=True)}, {}),
    "withdraw": ({"reason": PARAGRAPHS, "record": HEX64}, {}),
    "certify": ({"outcome": OUTCOME}, {}),
}


def s2_record(data):
    """Bytes -> record, or Refused with BAD_SCHEMA."""
    if len(data) > 1 << 20:
        bad_schema("more than 1 MiB")
    record = s2_1_parse(data)
    kind = record.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        bad_schema("unknown kind")
    must, may = KINDS[kind]
    must = COMMON | must | ({} if kind == "people" else SUBJECT)
    if kind == "decide":
        must = must | DECISIONS.get(str(record.get("decision")), {})
    table(must, OPTIONAL | may)(record, "")
    s2_4_rules(record)
    if record["kind"] != "decide" and record["meaning"] != s2_5_sentence(record):
        bad_schema("meaning is not the sentence of this kind")
    if sha256_hex(s2_5_deed(record).encode()) != record["ceremony"]["shown"]:
        bad_schema("ceremony.shown is not the digest of the deed")
    return record


def s2_4_rules(record):
    if record["kind"] == "submit":
        if sha256_hex(record["manifest"].encode()) != record["digest"]:
            bad_schema("digest is not the one of manifest")
        if record["revision"] == 1 and ("diff" in record or record["answers"] or record["notes"]):
            bad_schema("revision 1 has nothing to differ from")
        if record["revision"] > 1 and "diff" not in record:
            bad_schema("diff is absent")
    if record["kind"] == "certify":
        outcome = record["outcome"]
        if outcome["digest"] != record["digest"] or outcome["chain"] != record["chain"]["sha256"]:
            bad_schema("outcome is about another digest or chain")


def s2_5_sentence(r):
    name, kind = r["signer"]["name"], r["kind"]
    if kind == "people":
        return (f"I, {name}, make these changes to the people of this repository, "
                "and each identity was verified as described.")
    about = f"revision {r['revision']} of {r['package']}"
    if kind == "comment":
        if r["blocking"]:
            return f"I, {name}, ask about {r['section']} in {about}, and it must be answered before approval."
        return f"I, {name}, comment on {r['section']} in {about}."
    return {
        "submit": f"I, {name}, submit {about} for review; everyone who wrote or changed it is named here.",
        "answer": f"I, {name}, answer a question about {about}.",
        "resolve": f"I, {name}, consider my question about {about} settled.",
        "withdraw": f"I, {name}, take back a record of mine about {about}.",
        "certify": f"I, {name}, certify that {about}, for model {r['model']['name']} version "
                   f"{r['model']['version']}, has passed every step of chain {r['chain']['id']}.",
    }[kind]


def s2_5_deed(r):
    """The text shown before signing."""
    lines = []

    def put(label, value):
        if value is not None:
            lines.append(f"{label}: " + str(value).replace("\n", "\n    "))

    def fields(table, *labels):
        """Lines `label` or `label=key`."""
        for label in labels:
            label, _, key = label.partition("=")
            put(label, table.get(key or label))

    def each(label, values):
        for value in values:
            put(label, value)

    def condition(c):
        fields(c, "condition=id", "kind", "owner", "due", "text")

    put("record", r["kind"])
    fields(r, "package", "revision", "package digest=digest")
    fields(r.get("model", {}), "model=name", "version")
    fields(r.get("chain", {}), "chain=id", "chain digest=sha256")
    fields(r, "step", "role")
    for change in r.get("changes", ()):
        fields(change, "change=op", "person")
        fields(change, *{"enrol": ["name", "email", "identity", "public key=key"], "add_key": ["public key=key"],
                         "revoke_key": ["key", "reason", "distrust from=distrust_from"], "grant": ["role"],
                         "end": ["role", "reason"]}[change["op"]])
    if r["kind"] == "submit":
        each("author", r["authors"])
        each("contributor", r["contributors"])
        each("exception", r["exceptions"])
        fields(r, "diff")
        for answer in r["answers"]:
            fields(answer, "answer to=finding")
            each("section", answer["sections"])
            fields(answer, "text=how")
        for note in r["notes"]:
            fields(note, "changed=section", "text")
    elif r["kind"] == "comment":
        fields(r, "section", "about")
        put("must be answered", "yes" if r["blocking"] else "no")
        fields(r.get("anchor", {}), "quote", "quoted section=sha256")
        fields(r, "text")
    elif r["kind"] in ("answer", "resolve"):
        fields(r, "about", "text")
    elif r["kind"] == "decide":
        fields(r, "decision")
        for c in r.get("conditions", ()):
            condition(c)
        for finding in r.get("findings", ()):
            fields(finding, "finding=id", "section", "reason", "figure", "concern", "required")
        fields(r.get("question", {}), "question=section", "text")
    elif r["kind"] == "withdraw":
        fields(r, "takes back=record", "reason")
    elif r["kind"] == "certify":
        outcome = r["outcome"]
        fields(outcome, "state", "artifact", "review by=review_by")
        for step in outcome["steps"]:
            put("step", f"{step['step']} {step['state']}")
            for d in step["decisions"]:
                put("decision", f"{d['decision']} {d['code']}")
                put("by", f"{d['person']} {d['role']} {d['name']}")
                fields(d, "at", "by record=record", "meaning")
        for c in outcome["conditions"]:
            condition(c["condition"])
            fields(c, "by record=record")
        for rnd in outcome["rounds"]:
            fields(rnd, "round=revision", "by record=submission")
            each("rejected by", rnd["rejections"])
    for entry in r.get("scope", ()):
        put("shown", f"{entry['section']} {entry['sha256']}")
    put("earlier steps", r.get("upstream"))
    fields(r["signer"], "person", "name", "key")
    fields(r, "assistance", "repository")
    fields(r.get("change", {}), "forge", "forge repository=repository_id", "pull request=pull_request", "head")
    return r["meaning"] + "\n\n" + "".join(line + "\n" for line in lines)


# ---- 3 Signature ---------------------------------------------------------------------------------------------
# Edwards curve -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo p, points as (X, Y, Z, T).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y, z, t = f - e, d - c, d + c, f + e
    return x * y % P, z * t % P, y * z % P, x * t % P


def times(n, point):
    out = NEUTRAL
    while n:
        if n & 1:
            out = add(out, point)
        point, n = add(point, point), n >> 1
    return out


def is_neutral(a):
    return a[0] % P == 0 and (a[1] - a[2]) % P == 0


def encode(a):
    inv = pow(a[2], -1, P)
    x, y = a[0] * inv % P, a[1] * inv % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """The point that these 32 bytes are the canonical encoding of, or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT % P
    if v * x * x % P != u or x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


@functools.cache
def s3_2_point(a):
    """The point of a public key, if it is admitted."""
    point = decode(a)
    if point is None:
        raise Refused("BAD_KEY", "the key is not the canonical encoding of a point")
    if is_neutral(times(8, point)):
        raise Refused("BAD_KEY", "the key is of small order")
    if not is_neutral(times(L, point)):
        raise Refused("BAD_KEY", "the key has a torsion component")
    return point


def s3_3_ed25519(a, signature, message):
    """The strict, cofactorless check."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L:
        raise Refused("BAD_SIGNATURE", "S is not below l")
    k = int.from_bytes(hashlib.sha512(r + a + message).digest(), "little") % L
    got = add(times(s, BASE), times(L - k, s3_2_point(a)))
    if encode(got) != r or is_neutral(times(8, got)):
        raise Refused("BAD_SIGNATURE", "the signature does not hold for these bytes")


ED, SK = b"ssh-ed25519", b"sk-ssh-ed25519@openssh.com"


def string(data):
    return len(data).to_bytes(4, "big") + data


class Reader:
    """Fields of the SSH wire format."""

    def __init__(self, data, code="BAD_SIGNATURE_FORM"):
        self.data, self.code = data, code

    def take(self, n):
        if n > len(self.data):
            raise Refused(self.code, "cut short")
        out, self.data = self.data[:n], self.data[n:]
        return out

    def uint32(self):
        return int.from_bytes(self.take(4), "big")

    def string(self):
        return self.take(self.uint32())

    def expect(self, got, wanted, words):
        if got != wanted:
            raise Refused(self.code, words)

    def end(self):
        self.expect(self.data, b"", "bytes after the last field")


def s3_1_key(blob):
    """Key blob -> (type, A)."""
    fields = Reader(blob)
    kind = fields.string()
    if kind not in (ED, SK):
        raise Refused("BAD_KEY", "a key of another type")
    a = fields.string()
    fields.expect(len(a), 32, "the key is not 32 bytes long")
    if kind == SK and fields.string() != b"ssh:":
        raise Refused("BAD_KEY", "a security key for another application")
    fields.end()
    return kind, a


def fingerprint_of(blob):
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def parse_key_text(value):
    """3.2: `type base64` -> key blob."""
    kind, _, encoded = value.partition(" ")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Refused("BAD_KEY", "not base64")
    if base64.b64encode(blob).decode() != encoded or s3_1_key(blob)[0].decode() != kind:
        raise Refused("BAD_KEY", "not the one spelling of a key")
    return blob


MARKS = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"


def s3_1_form(armored):
    """Armored text -> {key, kind, a, namespace, raw, tail}."""
    def form(words):
        raise Refused("BAD_SIGNATURE_FORM", words)

    if len(armored.encode()) > 4096:
        form("longer than 4096 bytes")
    if not armored.startswith(MARKS[0]) or not armored.endswith(MARKS[1]):
        form("not between the two marks")
    body = armored[len(MARKS[0]):-len(MARKS[1])]
    try:
        blob = base64.b64decode(body.replace("\n", ""), validate=True)
    except ValueError:
        form("not base64")
    spelled = base64.b64encode(blob).decode()
    if body != "".join(spelled[i:i + 70] + "\n" for i in range(0, len(spelled), 70)):
        form("not in lines of 70 characters of canonical base64")
    outer = Reader(blob)
    outer.expect(outer.take(6), b"SSHSIG", "not SSHSIG")
    outer.expect(outer.uint32(), 1, "not version 1")
    key, namespace = outer.string(), outer.string()
    outer.expect(outer.string(), b"", "the reserved field is not empty")
    outer.expect(outer.string(), b"sha512", "another hash")
    inner = Reader(outer.string())
    outer.end()
    kind, a = s3_1_key(key)
    inner.expect(inner.string(), kind, "the signature is of another type than the key")
    raw = inner.string()
    inner.expect(len(raw), 64, "the signature is not 64 bytes long")
    tail = inner.take(5) if kind == SK else b""
    inner.end()
    return {"key": key, "kind": kind, "a": a, "namespace": namespace, "raw": raw, "tail": tail}


def s3_3_signature(data, armored, namespace, key_fingerprint):
    """3.3 without its first and last step."""
    sig = s3_1_form(armored)
    if sig["namespace"] != namespace.encode():
        raise Refused("WRONG_NAMESPACE", "made for another purpose")
    s3_2_point(sig["a"])
    if fingerprint_of(sig["key"]) != key_fingerprint:
        raise Refused("WRONG_KEY", "made by another key than the one named")
    if sig["kind"] == SK and not sig["tail"][0] & 1:
        raise Refused("BAD_SIGNATURE_FORM", "nobody touched the security key")
    message = (b"SSHSIG" + string(sig["namespace"]) + string(b"") + string(b"sha512")
               + string(hashlib.sha512(data).digest()))
    if sig["kind"] == SK:
        message = hashlib.sha256(b"ssh:").digest() + sig["tail"] + hashlib.sha256(message).digest()
    s3_3_ed25519(sig["a"], sig["raw"], message)
    ssh_keygen(data, armored, namespace, sig)


def ssh_keygen(data, armored, namespace, sig):
    """OpenSSH must come to the same answer."""
    with tempfile.TemporaryDirectory() as folder:
        def write(name, content):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
            return os.path.join(folder, name)

        allowed = write("allowed", b"signer " + sig["kind"] + b" " + base64.b64encode(sig["key"]) + b"\n")
        sigfile = write("sig", armored.encode())
        done = subprocess.run(["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "signer", "-n", namespace,
                               "-s", sigfile], input=data, capture_output=True)
    if done.returncode != 0:
        raise Refused("BAD_SIGNATURE", "ssh-keygen refuses it: " + done.stderr.decode(errors="replace").strip())


def s3_4_token(token, armored):
    def bad(words):
        raise Refused("BAD_TOKEN", words)

    try:
        der = base64.b64decode(token, validate=True)
    except ValueError:
        bad("not base64")
    if len(token) > 65_536 or base64.b64encode(der).decode() != token:
        bad("too long, or not one line of canonical base64")
    size = der[1] if len(der) > 1 else 0
    head = 2
    if size >= 0x80:
        head += size - 0x80
        size = int.from_bytes(der[2:head], "big")
    n = (size.bit_length() + 7) // 8
    minimal = bytes([size]) if size < 0x80 else bytes([0x80 + n]) + size.to_bytes(n, "big")
    if der[:1] != b"\x30" or der[1:head] != minimal or len(der) != head + size:
        bad("not one DER SEQUENCE")
    if hashlib.sha256(armored.encode()).digest() not in der:
        bad("about another signature")


def s3_3_check(data, armored, token=None):
    """One record with its signature -> (record or None, Refused or None)."""
    record = None
    try:
        record = s2_record(data)
        s3_3_signature(data, armored, "countersign-record", record["signer"]["key"])
        if token is not None:
            s3_4_token(token, armored)
    except Refused as why:
        return record, why
    return record, None


# ---- 4 Ledger ------------------------------------------------------------------------------------------------

LINE_LIMIT = 2_171_904
LINE_KEYS = ["seq", "prev", "id", "record", "sig", "tst"]


def anything(value, where):
    if not isinstance(value, str):
        bad_schema(f"{where} is not a string")


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
    left = sorted(pending, key=lambda e: (e.true_id, e.sig, e.tst is not None, e.tst or ""))
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
        self.people, self.entries, self.standing = People(config["repository"]), [], {}
        lines = self.s4_1_lines(ledger)
        waiting = self.s4_2_files(pending)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 2) as pool:
            everything = [e for e in lines + waiting if e]
            checked = pool.map(lambda e: s3_3_check(e.data, e.sig, e.tst), everything)
            for entry, (entry.record, entry.refused) in zip(everything, checked):
                pass
        self.roots = s4_5_roots(self.raw)
        if not self.raw:
            self.problem("ROOT_OF_TRUST", "chains/ledger.jsonl", None, None, "the ledger has no line")
        for position, entry in enumerate(lines):
            if entry:
                self.s4_6_entry(entry, position, position)
        known = {e.true_id: e for e in lines if e}
        fresh = []
        for entry in waiting:
            same = known.get(entry.true_id)
            if not same:
                fresh.append(entry)
            elif (same.sig, same.tst) != (entry.sig, entry.tst):
                self.problem("DUPLICATE_RECORD", entry.path, None, entry, "already in the ledger, otherwise signed")
        self.pending = s4_3_order(fresh)
        for n, entry in enumerate(self.pending):
            self.s4_6_entry(entry, len(lines) + n, len(lines), pending=True)
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
        def problem(code, words):
            self.problem(code, entry.path, entry.line, entry, words)

        record, signer = entry.record, entry.record and entry.record["signer"]
        if entry.id != entry.true_id:
            problem("RECORD_ID", "id is not the digest of record")
        if entry.refused:
            problem(entry.refused.code, entry.refused.words)
        twice = entry.true_id in self.standing
        if twice:
            problem("DUPLICATE_RECORD", "the record stands earlier")
        entry.valid = bool(record) and self.people.valid_key(signer["person"], signer["key"])
        entry.counts = not entry.refused and not twice
        if record:
            if record["repository"] != self.config["repository"]:
                problem("WRONG_REPOSITORY", "made in another repository")
                entry.counts = False
            person = self.people.persons.get(signer["person"])
            if person and person["name"] != signer["name"]:
                problem("WRONG_NAME", f"enrolled as {person['name']}")
            for parent in record["parents"]:
                if parent not in self.standing:
                    problem("PARENT_MISSING", f"{parent} does not stand earlier")
            seen = record["seen"]
            if seen["size"] > most_seen or self.roots[seen["size"]] != seen["root"]:
                problem("SEEN_MISMATCH", "its signer had seen another ledger")
            past = [self.standing[p].latest for p in record["parents"] if p in self.standing]
            past = max((t for t in past if t is not None), default=None)
            signed_at = seconds(record["signed_at"])
            if past is not None and signed_at + self.config["skew_seconds"] < past:
                problem("TIME_BEFORE_PAST", "signed before what it builds on")
            entry.latest = signed_at if past is None else max(signed_at, past)
        if position == 0:
            try:
                if entry.true_id != self.config["root"]:
                    raise Refused("", "the first record is not the one of countersign.toml")
                if entry.refused or record["kind"] != "people":
                    raise Refused("", "the first record is not a good people record")
                self.people.s5_2_root(record)
            except Refused as why:
                problem("ROOT_OF_TRUST", why.words)
        elif record and record["kind"] == "people" and entry.counts:
            try:
                self.people.s5_2_record(record, position)
            except Refused as why:
                if pending:
                    problem("PEOPLE_REFUSED", why.words)
        if not twice:
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

    def __init__(self, repository):
        self.repository, self.persons = repository, {}

    def valid_key(self, person, key):
        return self.persons.get(person, {"keys": {}})["keys"].get(key, {}).get("state") == "valid"

    def holds(self, person, role):
        return person in self.persons and role in self.persons[person]["roles"]

    def s5_1_proof(self, change):
        key = fingerprint_of(parse_key_text(change["key"]))
        lines = (f"countersign-enrol/v1\nrepository {self.repository}\nperson {change['person']}\nkey {key}\n")
        try:
            s3_2_point(s3_1_key(parse_key_text(change["key"]))[1])
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

    def s5_2_changes(self, record, position):
        """The record takes effect as a whole or not at all."""
        before = self.persons
        self.persons = {p: v | {"roles": set(v["roles"]), "keys": {k: dict(x) for k, x in v["keys"].items()}}
                        for p, v in before.items()}
        try:
            for change in record["changes"]:
                self.s5_2_change(change, position)
            if not any("registrar" in p["roles"] and any(k["state"] == "valid" for k in p["keys"].values())
                       for p in self.persons.values()):
                raise Refused("PEOPLE_REFUSED", "nobody could change the people afterwards")
        except Refused:
            self.persons = before
            raise

    def s5_2_change(self, change, position):
        def need(condition, words):
            if not condition:
                raise Refused("PEOPLE_REFUSED", f"{change['op']} {change['person']}: {words}")

        op, name = change["op"], change["person"]
        if op == "enrol":
            need(name not in self.persons, "the person id was used")
            self.persons[name] = {k: change[k] for k in ("name", "email", "identity")} | {"roles": set(), "keys": {}}
        need(name in self.persons, "not enrolled")
        person = self.persons[name]
        if op in ("enrol", "add_key"):
            key = fingerprint_of(parse_key_text(change["key"]))
            need(not any(key in p["keys"] for p in self.persons.values()), "the key was used")
            self.s5_1_proof(change)
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
    problems = [("NOT_A_FILE", path, "neither file nor folder") for path in others]
    manifest = files.get("MANIFEST")
    if manifest is None:
        problems.append(("FROZEN_FILE_MISSING", "MANIFEST", "missing"))
    elif manifest != submit["manifest"].encode() or sha256_hex(manifest) != submit["digest"]:
        problems.append(("FROZEN_MANIFEST_CHANGED", "MANIFEST", "not the one that was signed"))
    chain = files.get("chain.toml")
    if chain is None:
        problems.append(("FROZEN_FILE_MISSING", "chain.toml", "missing"))
    elif sha256_hex(chain) != submit["chain"]["sha256"]:
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
        if r and entry.counts and entry.valid and r["kind"] == "submit":
            if r["revision"] == newest.get(r["package"], 0) + 1:
                newest[r["package"]] = r["revision"]
                submitted[r["package"], str(r["revision"])] = entry
    folders = set()
    packages = os.path.join(root, "packages")
    for package in sorted(os.listdir(packages)) if os.path.isdir(packages) else ():
        revisions = os.path.join(packages, package, "revisions")
        if os.path.isdir(revisions):
            folders |= {(package, n) for n in os.listdir(revisions)}
    for package, n in sorted(folders | submitted.keys()):
        path, entry = f"packages/{package}/revisions/{n}", submitted.get((package, n))
        full = os.path.join(root, path)
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
        table({"name": SHORT, "repository": HEX32, "root": HEX64, "skew_seconds": integer()},
              {"base": SHORT})(config, "")
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
    data = read("chains/ledger.jsonl")
    if data is None:
        raise CannotAnswer("chains/ledger.jsonl is not there")
    ledger = Ledger(config, data, read("chains/people.toml"), pending)
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
