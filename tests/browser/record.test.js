// What stays: the comparison of revisions, the printed record, and what tampering looks like.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { test } from "node:test";
import { CARD, NOW, demo, edit, folder, run, site } from "./lib/bank.js";
import { fileUrl, open, withBrowser } from "./lib/browser.js";

withBrowser();
const bank = demo();
const plain = (text) => text.replace(/\s+/g, " ").trim();

test("24 every change carries hidden words, every concern an answer, and unchanged sections are named", async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(fileUrl(site(bank), `packages/${CARD}/diff-1-2.html`));
  const changes = await page.locator("main ins, main del").evaluateAll((all) => all.map((e) => [e.tagName, (e.querySelector(".vh")?.textContent ?? e.textContent).trim().slice(0, 60)]));
  assert.ok(changes.length > 40);
  for (const [tag, words] of changes) assert.match(words, tag === "INS" ? /^(added|inserted)/i : /^(removed|deleted)/i);
  const text = plain(await page.textContent("main"));
  const record = readFileSync(join(bank, "chains/ledger.jsonl"), "utf8").trim().split("\n").map((line) => JSON.parse(JSON.parse(line).record));
  const findings = record.find((r) => r.decision === "reject").findings;
  assert.equal(findings.length, 2);
  for (const finding of findings) assert.ok(text.includes(plain(finding.concern)), finding.id);
  for (const { how } of record.filter((r) => r.kind === "submit").at(-1).answers) assert.ok(text.includes(plain(how)), how);
  const [one, two] = [1, 2].map((n) => new Map(readFileSync(join(bank, `packages/${CARD}/revisions/${n}/MANIFEST`), "utf8").split("\n").map((l) => [l.slice(66), l.slice(0, 64)])));
  const same = [...one].filter(([path, hash]) => /^[a-z-]+\.md$/.test(path) && two.get(path) === hash).map(([path]) => path.replace(".md", ""));
  assert.ok(same.length > 0);
  const chain = readFileSync(join(bank, "chains/bank-credit.toml"), "utf8");
  for (const id of same) {
    const title = new RegExp(`id = "${id}"\\ntitle = "([^"]+)"`).exec(chain)[1];
    assert.ok(text.includes(title), `${title} is not named`);
  }
  await page.context().close();
});

for (const name of ["index.html", "certificate.html", "export.html"]) {
  test(`25 ${name} prints with its record, hash and page numbers on every page, black on white`, async () => {
    const page = await open({ colorScheme: "dark" });
    await page.goto(fileUrl(site(bank), `packages/${CARD}/${name}`));
    const threads = await page.locator(".msg").count();
    const file = join(folder("print"), "page.pdf");
    await page.pdf({ path: file, preferCSSPageSize: true, printBackground: false });
    const text = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).stdout;
    const sheets = text.split("\f").slice(0, -1);
    assert.ok(sheets.length >= 1);
    const hash = createHash("sha256").update(readFileSync(join(bank, `packages/${CARD}/revisions/2/MANIFEST`))).digest("hex");
    sheets.forEach((sheet, n) => {
      const foot = plain(sheet);
      assert.match(foot, new RegExp(`Page ${n + 1} of ${sheets.length}`));
      assert.match(foot, /revision 2/);
      assert.ok(foot.includes(hash.slice(0, 8)), `no short hash on page ${n + 1}`);
    });
    assert.doesNotMatch(text, /Skip to main content|Mark section|Check signatures/);
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    const [ink, paper] = await page.evaluate(() => [getComputedStyle(document.querySelector("main p")).color, getComputedStyle(document.body).backgroundColor]);
    assert.ok(ink.match(/\d+/g).slice(0, 3).every((c) => Number(c) < 0x60), ink);
    assert.equal(paper, "rgb(255, 255, 255)");
    assert.equal(await page.locator(".msg").count(), threads);
    for (const message of await page.locator(".msg").all()) assert.equal(await message.isVisible(), true);
    assert.equal(await page.locator("button:visible").count(), 0);
    await page.context().close();
  });
}

test("the export page leads from the certificate to a file with the size and SHA-256 that it prints", async () => {
  const page = await open({ width: 390, javaScriptEnabled: false });
  await page.goto(fileUrl(site(bank), `packages/${CARD}/certificate.html`));
  await page.click("text=Export for archives and GRC systems");
  assert.match(page.url(), /\/export\.html$/);
  const text = plain(await page.textContent("main"));
  const link = page.locator("a[download]");
  const file = readFileSync(new URL(await link.getAttribute("href"), page.url()));
  assert.ok(text.includes(createHash("sha256").update(file).digest("hex")));
  assert.ok(text.includes(`${file.length.toLocaleString("en-US")} bytes`));
  const out = join(folder("export"), "again.json");
  run(bank, ["export", CARD, "--format", "json", "--out", out], { at: NOW });
  assert.deepEqual(readFileSync(out), file);
  const document = JSON.parse(file);
  assert.deepEqual((await page.locator("tbody th code").allTextContents()).filter((name) => name !== "ended").sort(), Object.keys(document).sort());
  for (const { name } of document.reviewers) assert.ok(text.includes(name), name);
  assert.equal(await page.locator("form, button, input").count(), 0);
  await page.context().close();
});

test("one byte changed in an approved package is told on package, certificate and inventory", async () => {
  const copy = demo();
  edit(join(copy, `packages/${CARD}/revisions/2/evaluation.md`), "0.791", "0.991");
  run(copy, ["build"], { at: NOW });
  run(copy, ["verify"], { code: 3 });
  const page = await open();
  for (const name of ["index.html", "certificate.html", "export.html"].map((n) => `packages/${CARD}/${n}`).concat("index.html")) {
    await page.goto(fileUrl(site(copy), name));
    assert.match(plain(await page.textContent("main")), /Signatures? do(es)? not match|does not (match|hold)/i, name);
  }
  await page.goto(fileUrl(site(copy), `packages/${CARD}/certificate.html`));
  assert.equal(await page.locator(".notice--bad").count() > 0, true);
  await page.context().close();
});

test("the demo's one-byte change of a record is told too", async () => {
  const copy = demo();
  const file = join(copy, "chains/ledger.jsonl");
  writeFileSync(file, readFileSync(file, "utf8").replace("Calibration is shown", "Calibration is shorn"));
  run(copy, ["verify"], { code: 3 });
  run(copy, ["build"], { at: NOW });
  const page = await open();
  await page.goto(fileUrl(site(copy), "ledger/index.html"));
  assert.match(plain(await page.textContent("main")), /The ledger does not hold/);
  await page.context().close();
});
