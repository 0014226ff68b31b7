"""Sections 1 and 2 of SPEC.md: manifests and records, and the check of one signed record (3.3)."""

import base64
import hashlib
import json
import re
import unicodedata

from sshsig import Refused, parse_key_text, s3_1_key, s3_2_point, s3_3_signature, s3_4_token


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


def anything(value, where):
    if not isinstance(value, str):
        bad_schema(f"{where} is not a string")


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
        s3_2_point(s3_1_key(parse_key_text(value))[1])
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
    "absent": table({"from": date, "op": SHORT, "person": PERSON, "reason": SHORT, "until": date}),
}


def s5_1_change(value, where):
    op = value.get("op") if isinstance(value, dict) else None
    if not isinstance(op, str) or op not in OPS:
        bad_schema(f"{where}: unknown op")
    OPS[op](value, where)
    if op == "absent" and days(value["until"]) < days(value["from"]):
        bad_schema(f"{where}: until is before from")


CONDITION_FORM = table({"id": IDENT, "kind": one_of("pre_merge", "before_step", "post_merge", "standing"),
                        "text": PARAGRAPHS},
                       {"due": date, "owner": PERSON, "step": IDENT, "verifier_role": IDENT})


def CONDITION(value, where):
    CONDITION_FORM(value, where)
    if "step" in value and value["kind"] != "before_step":
        bad_schema(f"{where}: step in a condition of another kind than before_step")
    if "verifier_role" in value and value["kind"] == "standing":
        bad_schema(f"{where}: verifier_role in a standing condition")


COUNTED = table({
    "at": time, "code": one_of("COUNTED", "COUNTED_AS", "CARRIED"), "decision": one_of("approve", "reject", "abstain"),
    "meaning": MEANING, "name": SHORT, "person": PERSON, "record": HEX64, "role": IDENT}, {"acting_for": PERSON})
CERTIFIED_STEP = table(
    {"decisions": items(COUNTED), "step": IDENT,
     "state": one_of("satisfied", "satisfied_with_conditions", "not_applicable", "overridden")},
    {"due": time, "overrides": items(HEX64, 1, once=itself)})


def certified_step(value, where):
    CERTIFIED_STEP(value, where)
    if ("overrides" in value) != (value["state"] == "overridden"):
        bad_schema(f"{where}: overrides and the state do not fit")
    if value["state"] == "not_applicable" and value["decisions"]:
        bad_schema(f"{where}: decisions in a step that is not applicable")
    for d in value["decisions"]:
        if d["code"] == "COUNTED_AS" and "acting_for" not in d or d.get("acting_for") == d["person"]:
            bad_schema(f"{where}: acting_for does not fit")


FINDING = table({"concern": PARAGRAPHS, "id": IDENT, "required": PARAGRAPHS, "section": IDENT,
                 "reason": one_of("documentation", "threshold", "authorization", "other")}, {"figure": IDENT})
NOTE = table({"section": IDENT, "text": PARAGRAPHS})
OUTCOME = table(
    {"chain": HEX64,
     "conditions": items(table({"condition": CONDITION, "record": HEX64}, {"state": one_of("verified", "waived")})),
     "digest": HEX64,
     "rounds": items(table({"rejections": items(HEX64), "revision": integer(1), "submission": HEX64}),
                     once=by("revision")),
     "state": one_of("approved", "approved_with_conditions", "approved_by_override"),
     "steps": items(certified_step, once=by("step"))},
    {"artifact": ARTIFACT, "review_by": date, "supersedes": HEX64})

COMMON = {  # 2.2
    "assistance": SHORT,
    "ceremony": table({"shown": HEX64, "unlock": one_of("passphrase", "agent", "fido")}),
    "countersign": one_of("record/v1"),
    "kind": SHORT, "meaning": MEANING, "nonce": HEX32,
    "parents": items(HEX64, once=itself, ascending=True),
    "repository": HEX32,
    "seen": table({"root": HEX64, "size": integer()}),
    "signed_at": time,
    "signer": table({"key": fingerprint, "name": SHORT, "person": PERSON}, {"acting_for": PERSON}),
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
SEAT = {"role": IDENT, "step": IDENT, "upstream": HEX64,
        "scope": items(table({"section": IDENT, "sha256": HEX64}), 1, by("section"))}
PLACE, SAID, ABOUT = {"role": IDENT, "step": IDENT}, {"reason": PARAGRAPHS}, {"reason": PARAGRAPHS, "record": HEX64}
PEOPLE_KINDS = ("people", "delegate", "undelegate")
KINDS = {  # 2.3: must, may
    "people": ({"changes": items(s5_1_change, 1)}, {}),
    "submit": ({
        "answers": items(table({"finding": IDENT, "how": PARAGRAPHS, "sections": items(IDENT, once=itself)}),
                         once=by("finding")),
        "authors": items(PERSON, 1, once=itself), "contributors": items(PERSON, once=itself),
        "exceptions": items(SHORT, once=itself), "manifest": text(768 * 1024, True),
        "notes": items(NOTE, once=by("section"))},
        {"class": one_of("cosmetic", "minor", "material"), "diff": HEX64}),
    "comment": ({"blocking": boolean, "section": IDENT, "text": PARAGRAPHS},
                {"about": HEX64, "anchor": table({"quote": PARAGRAPHS, "sha256": HEX64})}),
    "answer": ({"about": HEX64, "text": PARAGRAPHS}, {}),
    "resolve": ({"about": HEX64, "text": text(65_536, True, blank=True)}, {}),
    "decide": ({"decision": one_of(*DECISIONS)} | SEAT, {}),
    "withdraw": (ABOUT, {}),
    "certify": ({"outcome": OUTCOME}, {}),
    "retract": (SAID, {}),
    "object": (PLACE | SAID, {"section": IDENT}),
    "recuse": (SAID, {}),
    "confirm": ({"class": one_of("cosmetic", "minor"), "diff": HEX64, "since": integer(1)} | SEAT, {}),
    "resolve_rejection": (PLACE | ABOUT, {}),
    "delegate": (SAID | {"from": time, "packages": items(IDENT, once=itself, ascending=True), "principal": PERSON,
                         "steps": items(IDENT, once=itself, ascending=True), "to": PERSON, "until": time}, {}),
    "undelegate": (ABOUT, {}),
    "discharge": (ABOUT | {"condition": IDENT}, {"evidence": HEX64}),
    "verify": (ABOUT | {"accepted": boolean, "condition": IDENT, "role": IDENT}, {}),
    "waive": (ABOUT | {"condition": IDENT, "role": IDENT}, {}),
    "override": (SAID | {"expires": date, "review": date,
                         "steps": items(IDENT, 1, once=itself, ascending=True)}, {"about": HEX64}),
    "revoke": (ABOUT, {}),
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
    must = COMMON | must | ({} if kind in PEOPLE_KINDS else SUBJECT)
    if kind == "decide":
        must = must | DECISIONS.get(str(record.get("decision")), {})
        may = {"severity": one_of("final")} if record.get("decision") == "reject" else {}
    table(must, OPTIONAL | may)(record, "")
    s2_4_rules(record)
    if record["kind"] != "decide" and record["meaning"] != s2_5_sentence(record):
        bad_schema("meaning is not the sentence of this kind")
    if sha256_hex(s2_5_deed(record).encode()) != record["ceremony"]["shown"]:
        bad_schema("ceremony.shown is not the digest of the deed")
    return record


def s2_4_rules(record):
    acting = record["signer"].get("acting_for")
    if acting is not None:
        if record["kind"] not in ("decide", "object", "confirm", "withdraw"):
            bad_schema("acting_for in a kind that has none")
        if acting == record["signer"]["person"]:
            bad_schema("acting_for oneself")
    if record["kind"] == "confirm" and record["since"] >= record["revision"]:
        bad_schema("since is not an earlier revision")
    if record["kind"] == "delegate":
        if record["principal"] == record["to"]:
            bad_schema("delegated to oneself")
        if not 0 < seconds(record["until"]) - seconds(record["from"]) <= 366 * 86400:
            bad_schema("a window of no time or more than 366 days")
    if record["kind"] == "submit":
        if record["revision"] == 1 and "class" in record:
            bad_schema("revision 1 has nothing to differ from")
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


MONTHS = ("January February March April May June July August September October November December").split()


def human_day(text):
    y, m, d = map(int, text[:10].split("-"))
    return f"{d} {MONTHS[m - 1]} {y}"


def human_moment(text):
    return f"{human_day(text)}, {text[11:16]} UTC"


def in_a_row(names):
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def named(what, names):
    """Up to three by name, more by number."""
    if len(names) > 3:
        return f"{len(names)} {what}s named below"
    return f"{what}{'s' if len(names) > 1 else ''} {in_a_row(names)}"


def s2_5_sentence(r):
    signer = r["signer"]
    acting = f", for {signer['acting_for']}" if "acting_for" in signer else ""
    return f"I, {signer['name']}{acting}, {s2_5_said(r)}"


def s2_5_passed(r):
    steps = r["outcome"]["steps"]
    said = f"every step of chain {r['chain']['id']}"
    if any(s["state"] == "not_applicable" for s in steps):
        said += " that applies to it"
    overridden = [s["step"] for s in steps if s["state"] == "overridden"]
    if overridden:
        said += f", except {named('step', overridden)}, set aside by override"
    return said


def s2_5_said(r):
    kind = r["kind"]
    if kind == "people":
        return ("make these changes to the people of this repository, "
                "and each identity was verified as described.")
    if kind == "delegate":
        whom = "me" if r["principal"] == r["signer"]["person"] else r["principal"]
        steps = named("step", r["steps"]) if r["steps"] else "every step"
        packages = named("package", r["packages"]) if r["packages"] else "every package"
        return (f"let {r['to']} decide for {whom} in {steps} of {packages} "
                f"from {human_moment(r['from'])} until {human_moment(r['until'])}.")
    if kind == "undelegate":
        return "end the delegation named below, from here on."
    about = f"revision {r['revision']} of {r['package']}"
    role, step, condition = r.get("role"), r.get("step"), r.get("condition")
    if kind == "comment":
        if r["blocking"]:
            return f"ask about {r['section']} in {about}, and it must be answered before approval."
        return f"comment on {r['section']} in {about}."
    if kind == "certify":
        return (f"certify that {about}, for model {r['model']['name']} version {r['model']['version']}, "
                f"has passed {s2_5_passed(r)}.")
    if kind == "override":
        return (f"{'agree' if 'about' in r else 'ask'} that {named('step', r['steps'])} of {about} be set aside "
                f"through {human_day(r['expires'])}, to be looked back on by {human_day(r['review'])}, "
                "and answer for it.")
    if kind == "verify":
        if r["accepted"]:
            return f"as {role}, have checked that condition {condition} of {about} is met."
        return f"as {role}, have checked condition {condition} of {about}, and it is not met."
    return {
        "submit": f"submit {about} for review; everyone who wrote or changed it is named here.",
        "answer": f"answer a question about {about}.",
        "resolve": f"consider my question about {about} settled.",
        "withdraw": f"take back a record of mine about {about}.",
        "retract": f"take {about} out of review.",
        "object": f"as {role}, object to {about} in step {step}.",
        "recuse": f"step aside from the review of {r['package']}: nothing I approved or approve in it counts.",
        "confirm": f"as {role}, have seen the {r.get('class')} changes from revision {r.get('since')} to {about}, "
                   f"and the approval of step {step} stands.",
        "resolve_rejection": f"as {role}, set aside the rejection named below in step {step} of {about}.",
        "discharge": f"declare that condition {condition} of {about} is met.",
        "waive": f"as {role}, drop condition {condition} of {about}: it need not be met.",
        "revoke": f"revoke the certificate of {about}: from here on it approves nothing.",
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
        fields(c, "condition=id", "kind", "owner", "due", "before step=step", "verifier role=verifier_role", "text")

    put("record", r["kind"])
    fields(r, "package", "revision", "package digest=digest")
    fields(r.get("model", {}), "model=name", "version")
    fields(r.get("chain", {}), "chain=id", "chain digest=sha256")
    fields(r, "step", "role")
    for change in r.get("changes", ()):
        fields(change, "change=op", "person")
        fields(change, *{"enrol": ["name", "email", "identity", "public key=key"], "add_key": ["public key=key"],
                         "revoke_key": ["key", "reason", "distrust from=distrust_from"], "grant": ["role"],
                         "end": ["role", "reason"], "absent": ["away from=from", "through=until", "reason"],
                         }[change["op"]])
    if r["kind"] == "submit":
        each("author", r["authors"])
        each("contributor", r["contributors"])
        each("exception", r["exceptions"])
        fields(r, "diff", "class")
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
        fields(r, "decision", "severity")
        for c in r.get("conditions", ()):
            condition(c)
        for finding in r.get("findings", ()):
            fields(finding, "finding=id", "section", "reason", "figure", "concern", "required")
        fields(r.get("question", {}), "question=section", "text")
    elif r["kind"] == "withdraw":
        fields(r, "takes back=record", "reason")
    elif r["kind"] == "certify":
        outcome = r["outcome"]
        fields(outcome, "state", "artifact", "review by=review_by", "supersedes")
        for step in outcome["steps"]:
            put("step", f"{step['step']} {step['state']}")
            fields(step, "due")
            each("set aside by", step.get("overrides", ()))
            for d in step["decisions"]:
                put("decision", f"{d['decision']} {d['code']}")
                put("by", f"{d['person']} {d['role']} {d['name']}")
                fields(d, "acting for=acting_for", "at", "by record=record", "meaning")
        for c in outcome["conditions"]:
            condition(c["condition"])
            fields(c, "by record=record", "ended=state")
        for rnd in outcome["rounds"]:
            fields(rnd, "round=revision", "by record=submission")
            each("rejected by", rnd["rejections"])
    elif r["kind"] in ("retract", "recuse"):
        fields(r, "reason")
    elif r["kind"] == "object":
        fields(r, "section", "reason")
    elif r["kind"] == "confirm":
        fields(r, "since revision=since", "class", "diff")
    elif r["kind"] in ("resolve_rejection", "undelegate", "revoke"):
        label = {"resolve_rejection": "rejection", "undelegate": "delegation", "revoke": "certificate"}[r["kind"]]
        fields(r, f"{label}=record", "reason")
    elif r["kind"] == "delegate":
        fields(r, "principal", "delegate=to")
        each("for step", r["steps"] or ["every one"])
        each("for package", r["packages"] or ["every one"])
        fields(r, "from", "until", "reason")
    elif r["kind"] in ("discharge", "verify", "waive"):
        fields(r, "condition", "set by=record", "evidence")
        if r["kind"] == "verify":
            put("met", "yes" if r["accepted"] else "no")
        fields(r, "reason")
    elif r["kind"] == "override":
        fields(r, "seconds=about")
        each("sets aside", r["steps"])
        fields(r, "holds through=expires", "review by=review", "reason")
    for entry in r.get("scope", ()):
        put("shown", f"{entry['section']} {entry['sha256']}")
    put("earlier steps", r.get("upstream"))
    fields(r["signer"], "person", "name", "acting for=acting_for", "key")
    fields(r, "assistance", "repository")
    fields(r.get("change", {}), "forge", "forge repository=repository_id", "pull request=pull_request", "head")
    return r["meaning"] + "\n\n" + "".join(line + "\n" for line in lines)


# ---- 3.3 Checking --------------------------------------------------------------------------------------------

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
