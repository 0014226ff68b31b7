// The review pages: the acceptance checks of the interface, numbered as there, against the real program.

import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { CARD, PASSPHRASE, demo, edit, folder, git, ledger, run, site } from "./lib/bank.js";
import { fileUrl, focusOn, open, until, withBrowser } from "./lib/browser.js";
import { Desk, as, pending } from "./lib/session.js";

withBrowser();
const OPEN = "data governance approves revision 1";
const CERTIFIED = "certify the consumer credit scorecard";
const TOMASZ = "tomasz-lindqvist";
const ADAEZE = "adaeze-okafor";
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const plain = (text) => text.replace(/\s+/g, " ").trim();
const manifest = (bank, n) => sha256(readFileSync(join(bank, `packages/${CARD}/revisions/${n}/MANIFEST`)));
const text = async (page, selector = "main") => plain(await page.locator(selector).first().textContent());
const signed = (bank, name) => JSON.parse(readFileSync(join(bank, "chains/pending", name), "utf8"));

/** A second package of the same chain, submitted late: not overdue when the first one is. Answers its artifacts
 * that are full of an experiment's words. */
function second(bank) {
  const base = join(bank, "packages/a-later-card");
  cpSync(join(bank, "packages", CARD), base, { recursive: true });
  rmSync(join(base, "revisions"), { recursive: true });
  edit(join(base, "package.toml"), 'title = "Consumer credit scorecard"', 'title = "Later card"');
  // The one such word in prose is an author's own, for points that are lost; here it is said otherwise, so that
  // nothing is left out of what check 04 reads.
  for (const words of ["the loss on an input", "with no loss"]) edit(join(base, "reasons.md"), words, words.replace("loss", "shortfall"));
  const artifacts = ["training.csv", "run.json"].map((name) => join(base, "evidence/method", name));
  writeFileSync(artifacts[0], "epoch,loss,gpu,learning rate,sweep,run id,mlflow\n1,0.7,A100,0.01,s1,r1,x\n");
  writeFileSync(artifacts[1], JSON.stringify({ mlflow: { "run id": "r1", sweep: "s1" }, gpu: "A100", "learning rate": 0.01, epochs: 1, loss: 0.7 }));
  run(bank, ["submit", "a-later-card"], { as: "ines-moreau", at: "2026-11-20T16:00:00Z" });
  return artifacts;
}

/** Submits a second revision in which only one section says something more. */
function revise(bank, section) {
  const file = join(bank, `packages/${CARD}/${section}.md`);
  writeFileSync(file, `${readFileSync(file, "utf8")}\nA sentence that was not there when the reviewer read it.\n`);
  run(bank, ["submit", CARD, "--note", `${section}: one sentence more, for the reader.`], { as: "ines-moreau", at: "2026-11-22T09:59:00Z" });
}

test("01 home lists exactly what awaits this person, overdue first, and each row leads to its package", async () => {
  const bank = demo("submit the consumer credit scorecard");
  second(bank);
  await as(bank, TOMASZ, async (desk, page) => {
    const rows = await page.locator("#awaiting tbody tr").evaluateAll((all) => all.map((row) => [row.querySelector(".sub").textContent, row.textContent.includes("Overdue")]));
    assert.deepEqual(rows, [[CARD, true], ["a-later-card", false]]);
    for (const n of [0, 1]) {
      await desk.goto("review/index.html");
      const link = page.locator("#awaiting th a").nth(n);
      const words = plain(await link.textContent());
      await desk.follow(link);
      assert.ok(words.includes(plain(await page.textContent("h1")).split(",")[0]), words);
    }
  });
  await as(bank, "priya-raman", async (_, page) => {
    assert.equal(await page.locator("#awaiting").count(), 0);
    assert.match(await text(page), /Nothing awaits your review\./);
  });
});

test("02 the package page says at its top what is decided, and on what", async () => {
  await as(demo(OPEN), ADAEZE, async (desk, page) => {
    await desk.card();
    assert.match(await text(page, "h1"), /Consumer credit scorecard.*2\.1\.0/);
    const top = await page.evaluate(() => {
      const words = [];
      const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
      for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const range = document.createRange();
        range.selectNodeContents(node);
        const box = range.getBoundingClientRect();
        if (box.height && box.top < 400) words.push(node.textContent);
      }
      return words.join(" ").toLowerCase();
    });
    for (const word of ["approve", "reject", "clarification"]) assert.ok(top.includes(word), `${word} is not in the first 400 px: ${plain(top)}`);
  });
});

test("03 sections stand in the chain's order, each with criterion, citation, finding, thread and read control", async () => {
  const bank = demo(OPEN);
  const chain = readFileSync(join(bank, "chains/bank-credit.toml"), "utf8");
  const wanted = [...chain.matchAll(/^\[\[section\]\]\nid = "([^"]+)"/gm)].map((m) => `section-${m[1]}`);
  assert.equal(wanted.length, 10);
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.card();
    const found = await page.locator("section.sec").evaluateAll((all) => all.map((s) => ({
      id: s.id,
      criterion: s.querySelector(".crit p").textContent.length > 10,
      citation: s.querySelector(".crit cite").textContent.length > 3,
      finding: Boolean(s.querySelector("table") || s.querySelector(".prose").textContent.length > 40),
      thread: Boolean(s.querySelector(".thread")),
      read: Boolean(s.querySelector(".readbar button")),
    })));
    assert.deepEqual(found.map((s) => s.id), wanted);
    for (const s of found) assert.ok(s.criterion && s.citation && s.finding && s.thread && s.read, JSON.stringify(s));
  });
});

const BANNED = [/\bloss\b/, /\bepochs?\b/, /\bgpu\b/, /learning rate/, /\bsweep/, /\brun id\b/, /mlflow/];

test("04 nothing of an experiment dashboard is on a page or in its assets, though the artifacts are full of it", async () => {
  const bank = demo("submit the consumer credit scorecard");
  const full = second(bank).map((file) => readFileSync(file, "utf8").toLowerCase());
  for (const word of BANNED) for (const artifact of full) assert.match(artifact, word);
  await as(bank, TOMASZ, async (desk, page) => {
    const assets = new Map();
    page.on("response", (response) => response.url().includes("/static/") && assets.set(response.url(), response));
    const own = "packages/a-later-card/";
    let names = 0;
    for (const path of ["review/index.html", `${own}index.html`, `${own}decide.html?step=data-governance`, "index.html", "ledger/index.html", "chains/bank-credit.html", "people.html", "help.html"]) {
      await desk.goto(path);
      // The whole of it, as it was sent: prose, names of files, attributes and comments.
      const words = (await (await page.context().request.get(page.url())).text()).toLowerCase();
      assert.ok(words.length > 2000, path);
      if (path === `${own}index.html`) names = words.split("training.csv").length - 1;
      for (const word of BANNED) assert.doesNotMatch(words, word, path);
    }
    assert.ok(names > 0, "the page of the package does not name the artifact, so this shows nothing");
    const sheets = [...assets.keys()].filter((url) => url.endsWith(".css"));
    assert.ok(sheets.length > 0);
    for (const url of assets.keys()) {
      const text = (await (await page.context().request.get(url)).body()).toString("latin1").toLowerCase();
      // A font is no text; what could be read in it would be its names.
      for (const word of BANNED) assert.doesNotMatch(text, word, url);
    }
  });
});

test("05 each threshold row has threshold, value and word; breaches are counted in the header", async () => {
  const bank = demo(CERTIFIED);
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.card();
    const sections = await page.locator("section.sec:has(> .tbl td[data-l=Result])").evaluateAll((all) => all.map((s) => ({
      header: [...s.querySelectorAll("header .tag")].map((t) => t.textContent).join(", "),
      rows: [...s.querySelectorAll(":scope > .tbl tbody tr")].map((r) => ["Policy threshold", "Reported", "Result"].map((l) => r.querySelector(`[data-l="${l}"]`).textContent.trim())),
    })));
    const rows = sections.flatMap((s) => s.rows);
    assert.ok(rows.length > 8);
    for (const [threshold, value, word] of rows) {
      assert.match(threshold, /\d/);
      assert.match(value, /\d|Not reported/);
      assert.match(word, /^(Meets|Not met)/);
    }
    const breached = sections.filter((s) => s.rows.some((r) => r[2].startsWith("Not met")));
    assert.ok(breached.length > 0);
    for (const s of breached) {
      const n = s.rows.filter((r) => r[2].startsWith("Not met")).length;
      assert.match(s.header, new RegExp(`\\b${n}\\b|\\b${["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"][n] ?? n}\\b`, "i"), s.header);
    }
  });
});

test("06 the package hash is one and the same on every page, and is that of the files", async () => {
  const bank = demo(OPEN);
  const hash = manifest(bank, 1);
  const holds = async (page) => assert.ok((await page.textContent("main")).replace(/\s/g, "").includes(hash), page.url());
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.card();
    await holds(page);
    await desk.reject();
    await holds(page);
    await desk.sign();
    await holds(page);
  });
  const done = demo();
  const page = await open();
  await page.goto(fileUrl(site(done), `packages/${CARD}/certificate.html`));
  assert.ok((await page.textContent("main")).replace(/\s/g, "").includes(manifest(done, 2)));
  await page.context().close();
});

test("07 before their step opens reviewers see what they wait for and no form; a forged one changes nothing", async () => {
  const bank = demo(OPEN);
  await as(bank, "priya-raman", async (desk, page) => {
    await desk.card();
    assert.match(await text(page), /Opens after step 2/i);
    assert.equal(await page.locator("#decide a.choice").count(), 0);
    assert.equal(await page.locator("form[action=decide]").count(), 0);
    const before = desk.written();
    const ticket = await page.locator("form[action=mark] [name=ticket]").first().inputValue();
    const answer = await page.context().request.post(`${desk.top}packages/${CARD}/decide`, {
      form: { ticket, step: "fair-lending", decision: "approve", go: "check" },
      headers: { Origin: new URL(desk.top).origin },
    });
    assert.equal(answer.status(), 403);
    assert.match(await answer.text(), /Nothing has been signed/);
    assert.equal(desk.written(), before);
  });
});

test("11 the keyboard alone leads from package to signature; focus is seen, outlined and not covered", async () => {
  const bank = demo(OPEN);
  await as(bank, ADAEZE, async (desk, page) => {
    const focused = () => page.evaluate(() => {
      const e = document.activeElement;
      const box = e.getBoundingClientRect();
      const style = getComputedStyle(e);
      // Of a link over two lines, the first: the middle of both together may lie on neither.
      const line = e.getClientRects()[0] ?? box;
      const [x, y] = [Math.min(Math.max((line.left + line.right) / 2, 1), innerWidth - 2), Math.min(Math.max(line.top + Math.min(line.height / 2, 12), 1), innerHeight - 2)];
      const top = document.elementFromPoint(x, y);
      return {
        what: e.outerHTML.slice(0, 100), id: e.id, href: e.getAttribute("href") ?? "", name: e.getAttribute("name") ?? "", words: e.textContent.trim(),
        inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        outline: style.outlineStyle === "none" ? 0 : parseFloat(style.outlineWidth),
        covered: !(top && (e.contains(top) || top.contains(e) || (e.labels && [...e.labels].some((l) => l.contains(top))))),
      };
    });
    let stops = 0;
    const tabTo = async (wanted) => {
      for (let n = 0; n < 250; n += 1) {
        await page.keyboard.press("Tab");
        let at = await focused();
        // The window follows the focus with the next frame.
        for (let more = 0; more < 200 && (!at.inside || at.covered); more += 1) {
          await page.waitForTimeout(50);
          at = await focused();
        }
        stops += 1;
        assert.ok(at.inside, `out of the window: ${at.what}`);
        assert.ok(at.outline >= 2, `no outline: ${at.what}`);
        assert.ok(!at.covered, `covered: ${at.what}`);
        if (wanted(at)) return;
      }
      assert.fail("Tab does not lead there");
    };
    await desk.card();
    await tabTo((at) => at.href.includes("choice=reject"));
    await page.keyboard.press("Enter");
    await page.waitForURL(/decide\.html/);
    await tabTo((at) => at.name === "finding-1-section");
    await page.keyboard.type("4");
    await tabTo((at) => at.name === "finding-1-concern");
    await page.keyboard.type("One group is missing.");
    await tabTo((at) => at.name === "finding-1-required");
    await page.keyboard.type("Report it.");
    await tabTo((at) => at.words === "Check what you will sign");
    await page.keyboard.press("Enter");
    await page.waitForURL(/check\.html/);
    await tabTo((at) => at.id === "reviewer");
    await page.keyboard.type(ADAEZE);
    await tabTo((at) => at.id === "passphrase");
    await page.keyboard.type(PASSPHRASE);
    await tabTo((at) => at.id === "sign");
    await page.keyboard.press("Enter");
    await page.waitForURL(/recorded\.html/);
    assert.equal(pending(bank).length, 1);
    assert.ok(stops > 40);
  }, { javaScriptEnabled: true, reducedMotion: "reduce" });
});

test("12 the passphrase may be pasted and kept by a password manager", async () => {
  await as(demo(OPEN), ADAEZE, async (desk, page) => {
    await desk.reject();
    const field = page.locator("#passphrase");
    assert.equal(await field.getAttribute("autocomplete"), "current-password");
    assert.equal(await page.getByLabel(/passphrase/i).count(), 1);
    const most = await field.getAttribute("maxlength");
    assert.ok(most === null || Number(most) >= 128);
    const long = "a passphrase that is long ".repeat(8);
    await page.fill("#reviewer", long);
    await page.locator("#reviewer").selectText();
    await page.keyboard.press("Control+c");
    await field.focus();
    await page.keyboard.press("Control+v");
    await until("the pasted text is in the field", async () => (await field.inputValue()) === long);
  });
});

test("13 a read mark stays, and falls with the section that changes, alone", async () => {
  const bank = demo(OPEN);
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.card();
    for (const n of [2, 3]) await desk.mark(n);
    const rail = async (n) => plain(await page.locator(".tasks li").nth(n - 1).textContent());
    assert.match(await rail(3), /Read/);
    await page.reload();
    assert.match(await rail(3), /Read/);
    assert.doesNotMatch(await rail(3), /Changed|Not read/);
    revise(bank, "method");
    await desk.card();
    assert.match(await rail(3), /Changed, not read/);
    assert.match(await rail(2), /Read/);
    assert.doesNotMatch(await rail(2), /Changed|[Nn]ot read/);
  });
});

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

test("15 approving with unread sections leads to a focused summary that names each, and writes nothing", async () => {
  const bank = demo(OPEN);
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.readAll();
    for (const n of [2, 4]) await desk.mark(n, "not read");
    const before = desk.written();
    await desk.choose("approve");
    await desk.submit();
    assert.match(await page.title(), /^Error: /);
    await focusOn(page, "errors");
    const links = await page.locator("#errors li a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    assert.deepEqual(links.map((href) => href.split("#")[1]), ["section-training-data", "section-evaluation"]);
    assert.match(await text(page, "#errors"), /Nothing has been signed/);
    assert.equal(desk.written(), before);
  }, { javaScriptEnabled: true });
});

test("16 approving while one's own question is open is refused; rejecting is not", async () => {
  const bank = demo("answer the question about the data authorization");
  await as(bank, TOMASZ, async (desk, page) => {
    await desk.readAll();
    const before = desk.written();
    await desk.choose("approve");
    await desk.submit();
    assert.match(await page.title(), /^Error: /);
    assert.match(await text(page, "#errors"), /question/i);
    assert.equal(desk.written(), before);
    await desk.choose("reject");
    await page.selectOption("[name=finding-1-section]", "training-data");
    await page.fill("[name=finding-1-concern]", "The authorization has ended.");
    await page.fill("[name=finding-1-required]", "Cite the one in force.");
    await desk.submit();
    await desk.sign();
    assert.match(page.url(), /recorded\.html/);
    assert.equal(pending(bank).filter((name) => JSON.parse(signed(bank, name).record).decision === "reject").length, 1);
  });
});

test("17 opened directly, no option is chosen; sending that gives one error", async () => {
  await as(demo(OPEN), ADAEZE, async (desk, page) => {
    await desk.card("decide.html?step=model-risk");
    assert.equal(await page.locator("[name=decision]").count() >= 3, true);
    assert.equal(await page.locator("[name=decision]:checked").count(), 0);
    await desk.submit();
    assert.equal(await page.locator("#errors li").count(), 1);
    assert.match(await page.title(), /^Error: /);
  });
});

test("18 a rejection without what would need to change is refused in the same words twice; the rest is kept", async () => {
  await as(demo(OPEN), ADAEZE, async (desk, page) => {
    await desk.reject({ concern: "A concern that took an hour to write.", required: "" });
    const words = plain(await page.locator("#errors li").first().textContent());
    assert.equal(await page.locator("#errors li").count(), 1);
    assert.equal(plain(await page.locator("#finding-1-required-error").textContent()), words);
    assert.equal(await page.inputValue("[name=finding-1-concern]"), "A concern that took an hour to write.");
    assert.equal(await page.locator("[name=finding-1-required]").getAttribute("aria-invalid"), "true");
  });
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

test("foreign hosts, foreign origins and other browsers are turned away; the policy admits no script", async () => {
  const bank = demo(OPEN);
  await as(bank, ADAEZE, async (desk, page) => {
    const before = desk.written();
    await desk.card();
    const ticket = await page.locator("form[action=mark] [name=ticket]").first().inputValue();
    const { request } = page.context();
    const origin = new URL(desk.top).origin;
    const post = (headers) => request.post(`${desk.top}packages/${CARD}/mark`, { form: { ticket, section: "method", read: "yes" }, headers });
    assert.equal((await request.get(desk.top, { headers: { Host: "evil.example" } })).status(), 403);
    assert.equal((await post({ Origin: "http://evil.example" })).status(), 403);
    assert.equal((await post({ Origin: "null" })).status(), 403);
    const stranger = await open();
    assert.equal((await stranger.request.get(`${desk.top}review/index.html`)).status(), 403);
    assert.equal((await stranger.request.post(`${desk.top}packages/${CARD}/mark`, { form: { ticket }, headers: { Origin: origin } })).status(), 403);
    await stranger.context().close();
    const policy = (await request.get(`${desk.top}packages/${CARD}/index.html`)).headers()["content-security-policy"];
    assert.match(policy, /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /script-src|unsafe/);
    assert.equal(desk.written(), before);
  });
});
