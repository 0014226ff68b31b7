// Checks a certificate in the reader's own browser, from what its page carries. No request is made and
// nothing is sent anywhere. The page reads the same without this script.
//
// In: the JSON in <template id="proof"> (signed records, signatures, MANIFEST) and what the page shows.
// Out: "Verified", with exactly what was checked; or a refusal that names what failed.
"use strict";
(() => {
  const NAMESPACE = "countersign-record";
  const BEGIN = "-----BEGIN SSH SIGNATURE-----\n";
  const END = "-----END SSH SIGNATURE-----\n";
  const ED25519 = "ssh-ed25519";
  const TOKEN = "sk-ssh-ed25519@openssh.com";
  const utf8 = new TextEncoder();

  /** Anything that is not as it must be. Its message is shown. */
  class Refusal extends Error {}
  const refuse = (why) => {
    throw new Refusal(why);
  };

  const sha = async (size, bytes) => new Uint8Array(await crypto.subtle.digest(`SHA-${size}`, bytes));
  const hex = (bytes) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
  const base64 = (bytes) => btoa(String.fromCharCode(...bytes));
  const sha256 = async (text) => hex(await sha(256, typeof text === "string" ? utf8.encode(text) : text));
  const join = (...parts) => {
    const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  const u32 = (n) => new Uint8Array([n >>> 24, n >>> 16, n >>> 8, n]);
  const string = (bytes) => join(u32(bytes.length), bytes);

  /** Reads OpenSSH's wire format: a string is its length in four bytes, then itself. */
  class Reader {
    constructor(bytes, what) {
      Object.assign(this, { bytes, what, at: 0 });
    }
    take(n) {
      if (n > this.bytes.length - this.at) refuse(`${this.what}: it is cut short`);
      return this.bytes.subarray(this.at, (this.at += n));
    }
    number() {
      const [a, b, c, d] = this.take(4);
      return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    }
    string() {
      return this.take(this.number());
    }
    word() {
      return String.fromCharCode(...this.string());
    }
    end() {
      if (this.at !== this.bytes.length) refuse(`${this.what}: something follows its last field`);
    }
  }

  /** Takes an armored SSHSIG signature apart (PROTOCOL.sshsig), in the one spelling ssh-keygen writes. */
  function parse(armored, what) {
    if (!armored.startsWith(BEGIN) || !armored.endsWith(END)) refuse(`${what}: it is no SSH signature`);
    const lines = armored.slice(BEGIN.length, -END.length);
    let blob;
    try {
      blob = Uint8Array.from(atob(lines.replaceAll("\n", "")), (c) => c.charCodeAt(0));
    } catch {
      refuse(`${what}: it is not base64`);
    }
    // One signature has one text: other line breaks or stray bits would be another.
    if (base64(blob).replace(/.{1,70}/g, "$&\n") !== lines) refuse(`${what}: it is not spelt as ssh-keygen spells it`);
    const reader = new Reader(blob, what);
    if (String.fromCharCode(...reader.take(6)) !== "SSHSIG" || reader.number() !== 1) refuse(`${what}: it is not SSHSIG, version 1`);
    const key = reader.string();
    const [namespace, reserved, hash] = [reader.word(), reader.word(), reader.word()];
    const inner = new Reader(reader.string(), what);
    reader.end();
    if (namespace !== NAMESPACE) refuse(`${what}: it was made for another purpose, ${namespace}`);
    if (reserved !== "" || hash !== "sha512") refuse(`${what}: its hash is not SHA-512`);
    const owner = new Reader(key, what);
    const kind = owner.word();
    if (kind !== ED25519 && kind !== TOKEN) refuse(`${what}: its key is not an Ed25519 key`);
    const point = owner.string();
    const application = kind === TOKEN ? owner.string() : null;
    owner.end();
    if (inner.word() !== kind) refuse(`${what}: key and signature are of different kinds`);
    const raw = inner.string();
    const touched = kind === TOKEN ? inner.take(5) : null;
    inner.end();
    if (point.length !== 32 || raw.length !== 64) refuse(`${what}: key or signature has a wrong length`);
    if (touched && !(touched[0] & 1)) refuse(`${what}: nobody touched the security key`);
    return { key, point, application, raw, touched };
  }

  /** Whether a signature holds for a text; gives the fingerprint of the key that made it. */
  async function check(text, armored, what) {
    const sig = parse(armored, what);
    const digest = await sha(512, utf8.encode(text));
    let signed = join(utf8.encode("SSHSIG"), string(utf8.encode(NAMESPACE)), string(new Uint8Array()), string(utf8.encode("sha512")), string(digest));
    // A security key signs a statement about what it was given.
    if (sig.touched) signed = join(await sha(256, sig.application), sig.touched, await sha(256, signed));
    const key = await crypto.subtle.importKey("raw", sig.point, { name: "Ed25519" }, false, ["verify"]);
    if (!(await crypto.subtle.verify({ name: "Ed25519" }, key, sig.raw, signed))) {
      refuse(`${what}: the signature does not hold for these bytes`);
    }
    return `SHA256:${base64(await sha(256, sig.key)).replace(/=+$/, "")}`;
  }

  /** Every record against its id, its signature and the repository. */
  async function records(proof) {
    const all = new Map();
    for (const one of proof.records) {
      let record;
      try {
        record = JSON.parse(one.record);
      } catch {
        refuse(`Record ${one.id.slice(0, 12)}: it cannot be read`);
      }
      const what = `Record ${one.id.slice(0, 12)} (${record.kind}, ${record.signer?.name})`;
      if ((await sha256(one.record)) !== one.id) refuse(`${what}: its bytes do not have the SHA-256 it is named by`);
      const fingerprint = await check(one.record, one.sig, what);
      if (record.signer.key !== fingerprint) refuse(`${what}: it was signed by another key than it names`);
      if (record.repository !== proof.repository) refuse(`${what}: it was made for another repository`);
      all.set(one.id, { ...one, body: record, what });
    }
    return all;
  }

  /** Each key must have been enrolled for its person by an earlier record, back to the root of trust. */
  async function owners(proof, all) {
    const enrolled = new Map();
    const inOrder = [...all.values()].sort((a, b) => a.seq - b.seq);
    const first = inOrder[0];
    if (!first || first.id !== proof.root_of_trust || first.seq !== 0) refuse("The root of trust is not among the records of this page");
    for (const one of inOrder) {
      const { signer, kind, changes } = one.body;
      const names = [];
      for (const change of kind === "people" ? changes : []) {
        if (!change.key || !["enrol", "add_key"].includes(change.op)) continue;
        const blob = Uint8Array.from(atob(change.key.split(" ")[1]), (c) => c.charCodeAt(0));
        names.push([`SHA256:${base64(await sha(256, blob)).replace(/=+$/, "")}`, change.person]);
      }
      // The first record enrols the one who signs it; nobody else can do that.
      if (one === first) names.forEach(([key, person]) => enrolled.set(key, person));
      if (enrolled.get(signer.key) !== signer.person) refuse(`${one.what}: no earlier record says that the key is ${signer.name}’s`);
      names.forEach(([key, person]) => enrolled.set(key, person));
    }
    return new Set(inOrder.map((one) => one.body.signer.key)).size;
  }

  const squeeze = (text) => (text ?? "").replace(/\s+/g, " ").trim();

  /** The decisions that the certificate counts are signed, by whom it says, with the words the page shows. */
  function shown(certificate, all) {
    const counted = certificate.outcome.steps.flatMap((step) => step.decisions);
    const rows = [...document.querySelectorAll("[data-record]")];
    const listed = rows.map((row) => row.dataset.record).join();
    if (listed !== counted.map((d) => d.record).join()) refuse("The reviewers on this page are not those of the signed certificate");
    counted.forEach((decision, at) => {
      const found = all.get(decision.record);
      const what = `The decision of ${decision.name}`;
      if (!found || found.body.kind !== "decide") refuse(`${what} is not among the records of this page`);
      const { signer, meaning, digest, package: of } = found.body;
      const same = signer.name === decision.name && signer.person === decision.person && meaning === decision.meaning && found.body.decision === decision.decision;
      if (!same || of !== certificate.package) refuse(`${what} says something else than the certificate tells`);
      if (decision.code !== "CARRIED" && digest !== certificate.digest) refuse(`${what} was signed for another state of the package`);
      const row = rows[at];
      const read = (selector) => squeeze(row.querySelector(selector)?.textContent);
      if (read("strong") !== squeeze(decision.name)) refuse(`${what}: this page shows another name, ${read("strong")}`);
      if (read(".meaning") !== `“${squeeze(decision.meaning)}”`) refuse(`${what}: this page shows other words than were signed`);
    });
    const page = squeeze(document.querySelector(".deed")?.textContent);
    const statement = squeeze(document.querySelector(".deed-t")?.textContent);
    const { model, package: id, revision, outcome } = certificate;
    for (const words of [`${model.name} ${model.version}`, `${id}, revision ${revision}`]) {
      if (!statement.includes(words)) refuse(`This page does not show what was certified: ${words}`);
    }
    for (const { condition } of outcome.conditions) {
      if (!page.includes(squeeze(condition.text))) refuse(`This page does not show condition ${condition.id} in the words that were signed`);
    }
    if (!page.replaceAll(" ", "").includes(certificate.digest)) refuse("This page shows another package fingerprint than was signed");
    return counted.length;
  }

  async function everything(proof) {
    const all = await records(proof);
    const keys = await owners(proof, all);
    const certificate = all.get(proof.certificate)?.body;
    if (certificate?.kind !== "certify") refuse("The certificate is not among the records of this page");
    const decisions = shown(certificate, all);
    const manifest = await sha256(proof.manifest);
    if (manifest !== certificate.digest || manifest !== certificate.outcome.digest) {
      refuse("The MANIFEST on this page does not have the SHA-256 that was signed");
    }
    return { certificate, all, keys, decisions };
  }

  /** The files of the certified revision against its MANIFEST. */
  async function files(proof, certificate, chosen) {
    const named = new Map();
    for (const file of chosen) named.set((file.webkitRelativePath || file.name).split("/").slice(1).join("/"), file);
    const folder = document.getElementById("check-files").dataset.folder;
    if (!named.has("MANIFEST")) refuse(`The chosen folder holds no MANIFEST; choose ${folder}`);
    const digest = async (file) => sha256(await file.arrayBuffer());
    if ((await digest(named.get("MANIFEST"))) !== certificate.digest) refuse("MANIFEST does not have the SHA-256 that was signed");
    named.delete("MANIFEST");
    const chain = named.get("chain.toml");
    if (!chain || (await digest(chain)) !== certificate.chain.sha256) refuse("chain.toml does not have the SHA-256 that was signed");
    named.delete("chain.toml");
    const lines = proof.manifest.split("\n").filter((line) => line !== "");
    for (const line of lines) {
      const [wanted, path] = [line.slice(0, 64), line.slice(66)];
      const file = named.get(path);
      if (!file) refuse(`${path} is named by the MANIFEST and is not in the folder`);
      if ((await digest(file)) !== wanted) refuse(`${path} does not have the SHA-256 that the MANIFEST names`);
      named.delete(path);
    }
    if (named.size > 0) refuse(`${[...named.keys()].sort()[0]} is in the folder and not named by the MANIFEST`);
    return lines.length;
  }

  /** Writes the answer as text; nothing of what was checked becomes markup. */
  function say(good, heading, lines) {
    const box = document.getElementById("check-answer");
    const title = document.createElement("h3");
    title.textContent = heading;
    const list = document.createElement("ul");
    for (const line of lines) list.appendChild(document.createElement("li")).textContent = line;
    box.className = `notice notice--${good ? "ok" : "bad"}`;
    box.replaceChildren(title, list);
  }

  async function answer(chosen) {
    try {
      if (!globalThis.crypto?.subtle) refuse("This browser offers no cryptography on this address. Open the page from a file, over https, or from 127.0.0.1");
      const proof = JSON.parse(document.getElementById("proof").content.textContent);
      const { certificate, all, keys, decisions } = await everything(proof);
      const lines = [
        `${all.size} records: the SHA-256 of each, and its Ed25519 signature.`,
        `${keys} keys: each was enrolled for its person by a signed record, back to the root of trust ${proof.root_of_trust}. Compare it with your own copy.`,
        `${decisions} decisions: name, meaning and package are as signed, and as this page shows them.`,
        `MANIFEST: its SHA-256 is the package fingerprint that was signed.`,
      ];
      if (chosen) lines.push(`${await files(proof, certificate, chosen)} files: each has the SHA-256 that the MANIFEST names, and there is no other.`);
      lines.push(
        `Not checked here: ${chosen ? "" : "the files themselves; "}whether a key or the certificate was revoked later, roles, and the rest of the ledger. For that, run countersign verify.`,
      );
      say(true, "Verified", lines);
    } catch (error) {
      const unsupported = error?.name === "NotSupportedError" ? "This browser cannot check Ed25519 signatures. Use the commands below" : null;
      const why = error instanceof Refusal ? error.message : unsupported;
      say(false, unsupported ? "Not checked" : "Not verified", [`${why ?? `What this page carries cannot be read (${error.message})`}.`]);
    }
  }

  const section = document.getElementById("browser-check");
  section.hidden = false;
  document.getElementById("check").addEventListener("click", () => answer(null));
  document.getElementById("check-files").addEventListener("change", (event) => answer([...event.target.files]));
})();
