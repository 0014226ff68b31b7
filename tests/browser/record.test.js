// What stays: the comparison of revisions, the printed record, and what tampering looks like.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { CARD, NOW, OPEN, demo, edit, folder, manifest, run, sha256, site } from "./lib/bank.js";
import { fileUrl, open, plain, withBrowser } from "./lib/browser.js";
import { as } from "./lib/session.js";

withBrowser();
const bank = demo();

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

/** The pixels of a PDF's sheets: binary PPM, which is a short head and three bytes for each. */
function raster(pdf, sheets) {
  const root = join(folder("raster"), "sheet");
  assert.equal(spawnSync("pdftoppm", ["-r", "50", pdf, root]).status, 0);
  return Array.from({ length: sheets }, (_, n) => {
    const bytes = readFileSync(`${root}-${String(n + 1).padStart(String(sheets).length, "0")}.ppm`);
    const [head, width, height] = /^P6\s(\d+)\s(\d+)\s255\s/.exec(bytes.subarray(0, 40).toString("latin1"));
    const pixels = bytes.subarray(head.length);
    assert.equal(pixels.length, width * height * 3);
    return { width: Number(width), height: Number(height), light: Array.from({ length: width * height }, (_, at) => Math.min(...pixels.subarray(3 * at, 3 * at + 3))), pixels };
  });
}

/** Prints a page whose system is dark, and holds the paper against what 25 asks. */
async function printed(page, { record, hash, screen }) {
  const words = (text) => text.normalize("NFKC").replace(/\s/g, "");
  // Every message of a thread, by its paragraphs: what is not on the paper is not on the record.
  const threads = await page.locator(".msg > p").allTextContents();
  const file = join(folder("print"), "page.pdf");
  // With backgrounds, as a reader may choose: a dark one would be seen.
  await page.pdf({ path: file, preferCSSPageSize: true, printBackground: true });
  const text = spawnSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8" }).stdout;
  const sheets = text.split("\f").slice(0, -1);
  assert.ok(sheets.length >= 1);
  sheets.forEach((sheet, n) => {
    const foot = plain(sheet);
    assert.match(foot, new RegExp(`Page ${n + 1} of ${sheets.length}`));
    assert.match(foot, record);
    assert.ok(foot.includes(hash.slice(0, 8)), `no short hash on page ${n + 1}`);
  });
  assert.doesNotMatch(text, screen);
  // By lines and not by columns, sheet after sheet without what stands on each.
  const raw = words(spawnSync("pdftotext", ["-raw", file, "-"], { encoding: "utf8" }).stdout);
  const missing = threads.map(words).filter((one) => !raw.includes(one.slice(0, 40)));
  assert.deepEqual(missing, []);
  raster(file, sheets.length).forEach(({ width, height, light, pixels }, n) => {
    const at = `sheet ${n + 1}`;
    for (const corner of [0, width - 1, width * (height - 1), width * height - 1]) assert.deepEqual([...pixels.subarray(3 * corner, 3 * corner + 3)], [255, 255, 255], `${at}: paper`);
    const share = (holds) => light.filter(holds).length / light.length;
    assert.ok(share((l) => l >= 240) > 0.6, `${at}: ${share((l) => l >= 240)} of it is white`);
    assert.ok(share((l) => l < 100) < 0.2, `${at}: ${share((l) => l < 100)} of it is dark`);
    // At 50 dots an inch the thin letters of a list of hashes are dark gray.
    assert.ok(light.some((l) => l < 96), `${at}: nothing on it is black`);
  });
  // Pixels do not tell gray on white; the colors that are printed do.
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  const faint = await page.evaluate(() => {
    const part = (c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4);
    const against = (color) => {
      const [r, g, b, alpha = 1] = color.match(/[\d.]+/g).map(Number);
      const [x, y, z] = [r, g, b].map((c) => part(255 - alpha * (255 - c)));
      return 1.05 / (0.2126 * x + 0.7152 * y + 0.0722 * z + 0.05);
    };
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const e = node.parentElement;
      if (!node.textContent.trim() || !e.getClientRects().length || e.closest("script, style, template, [aria-hidden=true]")) continue;
      if (against(getComputedStyle(e).color) < 4.5) found.add(`${getComputedStyle(e).color}: ${node.textContent.trim().slice(0, 40)}`);
    }
    return [...found];
  });
  assert.deepEqual(faint, []);
  const ink = await page.evaluate(() => getComputedStyle(document.querySelector("main p")).color);
  assert.ok(ink.match(/\d+/g).slice(0, 3).every((c) => Number(c) < 0x40), ink);
  assert.equal(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), "rgb(255, 255, 255)");
  assert.equal(await page.locator("button:visible, input:visible, textarea:visible, select:visible").count(), 0);
  return threads.length;
}

for (const name of ["index.html", "certificate.html", "export.html"]) {
  test(`25 ${name} prints with its record, hash and page numbers on every page, every thread, black on white`, async () => {
    const page = await open({ colorScheme: "dark" });
    await page.goto(fileUrl(site(bank), `packages/${CARD}/${name}`));
    const dark = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    assert.ok(dark.match(/\d+/g).slice(0, 3).every((c) => Number(c) < 0x60), `on the screen it is not dark: ${dark}`);
    const threads = await printed(page, { record: /revision 2/, hash: manifest(bank, 2), screen: /Skip to main content|Mark section|Check signatures/ });
    assert.ok(name !== "index.html" || threads > 3);
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
  assert.ok(text.includes(sha256(file)));
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

test("25 a reviewer's own pages print so too: the package with its forms, and what was recorded", async () => {
  const desk = demo("model risk rejects revision 1");
  await as(desk, "ines-moreau", async (reviewer, page) => {
    await reviewer.card();
    assert.ok((await page.locator("button:visible, summary:visible").count()) > 0);
    const threads = await printed(page, { record: /revision 1/, hash: manifest(desk, 1), screen: /Skip to main content|Mark section|Check what you will sign/ });
    assert.ok(threads > 3);
  }, { javaScriptEnabled: true, colorScheme: "dark" });
  const later = demo(OPEN);
  await as(later, "adaeze-okafor", async (reviewer, page) => {
    await reviewer.reject();
    await reviewer.sign();
    await printed(page, { record: /revision 1/, hash: manifest(later, 1), screen: /Skip to main content/ });
  }, { javaScriptEnabled: true, colorScheme: "dark" });
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
