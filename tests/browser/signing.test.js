// What is signed at the review pages, and what is not: checks 14 and 19 to 23 of the interface.

import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { CARD, OPEN, PASSPHRASE, demo, edit, folder, git, ledger, manifest, pending, revise, run, sha256, signed } from "./lib/bank.js";
import { focusOn, plain, text, withBrowser } from "./lib/browser.js";
import { Desk, as } from "./lib/session.js";

withBrowser();
const TOMASZ = "tomasz-lindqvist";
const ADAEZE = "adaeze-okafor";

/** The Merkle root of RFC 6962 over lines, as `seen.root` is. */
function merkle(lines) {
  const hash = (...parts) => parts.reduce((sum, part) => sum.update(part), createHash("sha256")).digest();
  if (lines.length === 0) return hash();
  if (lines.length === 1) return hash(Buffer.from([0]), lines[0]);
  let split = 1;
  while (split * 2 < lines.length) split *= 2;
  return hash(Buffer.from([1]), merkle(lines.slice(0, split)), merkle(lines.slice(split)));
}

test("14 a comment is signed, stands where it belongs, is bound by the next decision and cannot be deleted or edited", async () => {
  const bank = demo(OPEN);
  const words = "Seen, and compared with the register.";
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.card();
    const section = page.locator("#section-training-data");
    await section.locator("summary", { hasText: "Comment" }).click();
    const form = section.locator("form[action=act]").last();
    await form.locator("[name=text]").fill(words);
    await form.locator("[name=choice][value=note]").check();
    await desk.follow(form.getByRole("button"));
    await desk.sign();
    assert.ok((await text(page)).includes(words));
    const [name, ...more] = pending(bank);
    assert.deepEqual(more, []);
    const comment = JSON.parse(signed(bank, name).record);
    assert.deepEqual([comment.kind, comment.section, comment.text], ["comment", "training-data", words]);
    await desk.card();
    const message = section.locator(".msg", { hasText: words });
    assert.equal(await message.count(), 1);
    assert.doesNotMatch(plain(await message.textContent()), /\b(delete|edit|remove)\b/i);
    // What can be done about it is a further record; none of its words stands in a field.
    const acts = await message.locator("form").evaluateAll((all) => all.map((form) => [form.act.value, new FormData(form).get("text") ?? ""]));
    for (const [act, filled] of acts) assert.ok(["reply", "answer", "resolve", "withdraw"].includes(act) && filled === "", `${act} ${filled}`);
    assert.equal(await message.locator("button").count(), acts.length);
    assert.equal(await message.locator("[contenteditable]").count(), 0);
    await desk.goto("ledger/0.html");
    assert.ok((await text(page)).includes(words));

    // What binds the thread: the decision's `parents` lead, hash by hash, to every record about the package that its
    // signer saw, and its `seen` is the root over the ledger's lines, the comment's among them.
    run(bank, ["append"]);
    // `seen` goes as far as the base branch has the ledger.
    git(bank, "add", "--all");
    git(bank, "-c", "user.name=Nora Vance", "-c", "user.email=nora@northbank.example", "commit", "--quiet", "--message", "append");
    await desk.reject();
    await desk.sign();
    const lines = ledger(bank).trim().split("\n");
    const records = new Map(lines.map((line) => [sha256(JSON.parse(line).record), JSON.parse(JSON.parse(line).record)]));
    const [decision] = pending(bank).map((name) => JSON.parse(signed(bank, name).record));
    assert.equal(decision.kind, "decide");
    const reached = new Set();
    const walk = (ids) => ids.filter((id) => !reached.has(id)).forEach((id) => {
      reached.add(id);
      walk(records.get(id).parents);
    });
    walk(decision.parents);
    const thread = [...records].filter(([, r]) => ["comment", "answer", "resolve"].includes(r.kind) && r.package === CARD);
    assert.ok(thread.length > 2 && thread.some(([id]) => id === name.replace(".json", "")));
    for (const [id, r] of thread) assert.ok(reached.has(id), `${r.kind} ${id} is not bound`);
    const bytes = lines.map((line) => Buffer.from(line));
    assert.deepEqual(decision.seen, { root: merkle(bytes).toString("hex"), size: lines.length });
    // Other words have another hash, and nothing that was signed leads to them.
    const changed = bytes.map((line) => Buffer.from(line.toString().replace(words, words.replace("compared", "companed"))));
    assert.notEqual(merkle(changed).toString("hex"), decision.seen.root);
    assert.notEqual(sha256(JSON.parse(changed.at(-1)).record), name.replace(".json", ""));
  });
  run(bank, ["verify"]);
  edit(join(bank, "chains/ledger.jsonl"), words, words.replace("compared", "companed"));
  run(bank, ["verify"], { code: 3 });
});

const CONDITION = "Report the “stability index” each quarter & compare it with 0.25 <the limit>.";

/** Reads everything, approves with one condition and goes on to the statement. */
async function approve(desk) {
  await desk.readAll();
  await desk.choose("approve");
  await desk.page.fill("[name=condition-1-text]", CONDITION);
  await desk.page.selectOption("[name=condition-1-owner]", "ines-moreau");
  for (const [part, value] of [["day", "14"], ["month", "5"], ["year", "2027"]]) await desk.page.fill(`[name=condition-1-${part}]`, value);
  await desk.submit();
}

test("19 22 what is shown is signed, byte for byte, and holds by tools that are not ours", async () => {
  const bank = demo(OPEN);
  const before = ledger(bank);
  await as(bank, ADAEZE, async (desk, page) => {
    await approve(desk);
    assert.ok((await text(page, "#deed")).includes(CONDITION));
    const shown = await page.locator("#bytes").textContent();
    await desk.sign();
    const words = await text(page);
    assert.match(words, /Fair lending/);
    assert.match(words, /not (yet )?approved for deployment/);
    assert.doesNotMatch(words.replace(/not (yet )?approved for deployment/g, ""), /approved for deployment/);
    const [name, ...more] = pending(bank);
    assert.deepEqual(more, []);
    const { record, sig } = signed(bank, name);
    assert.equal(record, shown);
    assert.equal(`${sha256(record)}.json`, name);
    const body = JSON.parse(record);
    assert.equal(body.conditions[0].text, CONDITION);
    assert.equal(body.digest, manifest(bank, 1));

    const key = readFileSync(join(bank, ".countersign/demo/keys", `${ADAEZE}.pub`), "utf8").split(" ").slice(0, 2).join(" ");
    const dir = folder("keygen");
    writeFileSync(join(dir, "allowed"), `${ADAEZE} ${key}\n`);
    writeFileSync(join(dir, "sig"), sig);
    const keygen = (input) => spawnSync("ssh-keygen", ["-Y", "verify", "-f", join(dir, "allowed"), "-I", ADAEZE, "-n", "countersign-record", "-s", join(dir, "sig")], { input });
    assert.equal(keygen(record).status, 0);
    assert.notEqual(keygen(`${record} `).status, 0);
    openssl(record, sig, key);
  });
  run(bank, ["append"]);
  const lines = ledger(bank).trim().split("\n");
  assert.equal(lines.length, before.trim().split("\n").length + 1);
  assert.ok(ledger(bank).startsWith(before));
  assert.equal(JSON.parse(lines.at(-1)).prev, sha256(lines.at(-2)));
  run(bank, ["verify"]);
});

/** The same signature by OpenSSL: its own parts of the armored text, and the key as an Ed25519 key. */
function openssl(record, sig, key) {
  const blob = Buffer.from(sig.replace(/-----[^-]+-----|\n/g, ""), "base64");
  const string = (bytes) => Buffer.concat([Buffer.from([0, 0, bytes.length >> 8, bytes.length & 255]), bytes]);
  const message = Buffer.concat([Buffer.from("SSHSIG"), ...["countersign-record", "", "sha512"].map((s) => string(Buffer.from(s))), string(createHash("sha512").update(record).digest())]);
  const raw = Buffer.from(key.split(" ")[1], "base64").subarray(-32);
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw]);
  const dir = folder("openssl");
  const pem = createPublicKey({ key: der, format: "der", type: "spki" }).export({ format: "pem", type: "spki" });
  writeFileSync(join(dir, "key.pem"), pem);
  writeFileSync(join(dir, "message"), message);
  writeFileSync(join(dir, "raw"), blob.subarray(-64));
  const words = ["pkeyutl", "-verify", "-pubin", "-inkey", join(dir, "key.pem"), "-rawin", "-in", join(dir, "message"), "-sigfile", join(dir, "raw")];
  assert.equal(spawnSync("openssl", words).status, 0);
  message[10] ^= 1;
  assert.equal(verify(null, message, pem, blob.subarray(-64)), false);
}

test("20 a wrong passphrase signs nothing, keeps the reviewer ID, empties the field and moves to the summary", async () => {
  const bank = demo(OPEN);
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.reject();
    const before = desk.written();
    await desk.sign({ passphrase: "not the passphrase" });
    assert.match(await text(page, "#errors"), /Nothing has been signed/);
    assert.match(await page.title(), /^Error: /);
    assert.equal(await page.inputValue("#reviewer"), ADAEZE);
    assert.equal(await page.inputValue("#passphrase"), "");
    await focusOn(page, "errors");
    assert.equal(desk.written(), before);
  }, { javaScriptEnabled: true });
});

test("21 a package that changed before signing cannot be signed; read again, the new one is", async () => {
  const bank = demo(OPEN);
  await as(bank, ADAEZE, async (desk, page) => {
    await approve(desk);
    const form = { ticket: await page.locator("#sign-form [name=ticket]").inputValue(), reviewer: ADAEZE, passphrase: PASSPHRASE };
    revise(bank, "evaluation");
    run(bank, ["decide", CARD, "approve", "--step", "data-governance"], { as: TOMASZ, at: "2026-11-22T09:59:30Z" });
    const before = desk.written();
    const stale = async () => {
      assert.match(await text(page, "h1"), /changed while you were reviewing/);
      assert.match(await text(page), /Nothing has been signed/);
      assert.equal(await page.locator("#sign, #sign-form, [type=password]").count(), 0);
      assert.equal(desk.written(), before);
    };
    await desk.sign();
    await stale();
    // The redline stands on the page itself, and on one of its own.
    const added = "A sentence that was not there when the reviewer read it.";
    const redlined = async () => assert.ok((await page.locator("main ins").allTextContents()).some((line) => plain(line).includes(added)), page.url());
    await redlined();
    const here = page.url();
    await desk.follow(page.locator('a[href$="diff-1-2.html"]').first());
    await redlined();
    // Neither the old form sent again, nor its address opened again, signs.
    const answer = await page.context().request.post(`${desk.top}packages/${CARD}/sign`, { form, headers: { Origin: new URL(desk.top).origin } });
    assert.equal(answer.status(), 409);
    assert.equal(desk.written(), before);
    await desk.go(() => page.goto(here));
    await desk.card(`check.html?draft=${CARD}/decide/model-risk`);
    await stale();

    // What changed is to be read again, and nothing else.
    await desk.choose("approve");
    await desk.submit();
    assert.deepEqual(await page.locator("#errors li a").evaluateAll((all) => all.map((a) => a.getAttribute("href").split("#")[1])), ["section-evaluation"]);
    assert.equal(await page.inputValue("[name=condition-1-text]"), CONDITION);
    assert.equal(desk.written(), before);
    await desk.readAll();
    await desk.choose("approve");
    await desk.submit();
    assert.ok((await text(page, "#deed")).replace(/\s/g, "").includes(manifest(bank, 2)));
    await desk.sign();
    assert.match(page.url(), /recorded\.html/);
  });
  const mine = pending(bank).map((name) => JSON.parse(signed(bank, name).record)).filter((r) => r.kind === "decide" && r.signer.person === ADAEZE);
  assert.deepEqual(mine.map((r) => [r.decision, r.revision, r.digest]), [["approve", 2, manifest(bank, 2)]]);
  const lines = readFileSync(join(bank, `packages/${CARD}/revisions/2/MANIFEST`), "utf8").split(/(?<=\n)/);
  const section = sha256(lines.filter((line) => /^evaluation\.md\n$|^evidence\/evaluation\//.test(line.slice(66))).join(""));
  assert.equal(mine[0].scope.find((s) => s.section === "evaluation").sha256, section);
  run(bank, ["append"]);
  run(bank, ["verify"]);
});

test("23 sending the same form twice makes one record, and shows it: by going back, in a second window, by a double click", async () => {
  const bank = demo(OPEN);
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.reject();
    const check = page.url();
    const form = await page.content();
    // A second window shows the statement too.
    const other = await page.context().newPage();
    await other.goto(check);
    await desk.sign();
    const recorded = page.url();
    assert.match(recorded, /recorded\.html\?record=[0-9a-f]{64}$/);
    const first = desk.written();
    const stays = async (page) => {
      assert.equal(page.url(), recorded);
      assert.match(await text(page, "h1"), /^Recorded/);
      assert.equal(desk.written(), first);
    };
    assert.equal(pending(bank).length, 1);
    // Back: the record and not the form.
    await page.goBack();
    await stays(page);
    // A browser that shows the form all the same, as it was kept: sent again as a person would.
    await page.route(check, (route) => route.fulfill({ contentType: "text/html", body: form }));
    await page.goto(check);
    assert.equal(await page.locator("#sign-form").count(), 1);
    await desk.sign();
    await stays(page);
    await page.goBack();
    await desk.sign();
    await stays(page);
    await new Desk(bank, ADAEZE, other, desk.top).sign();
    await stays(other);
    await page.unroute(check);
  });
  // Twice at once.
  const again = demo(OPEN);
  await as(again, ADAEZE, async (desk, page) => {
    await desk.reject();
    const form = { ticket: await page.locator("#sign-form [name=ticket]").inputValue(), reviewer: ADAEZE, passphrase: PASSPHRASE };
    const send = () => page.context().request.post(`${desk.top}packages/${CARD}/sign`, { form, headers: { Origin: new URL(desk.top).origin } });
    const urls = (await Promise.all([send(), send(), send()])).map((answer) => answer.url());
    assert.match(urls[0], /recorded\.html\?record=[0-9a-f]{64}$/);
    assert.deepEqual(urls, [urls[0], urls[0], urls[0]]);
    assert.equal(pending(again).length, 1);
  });
});
