// "Check it in this browser": a good certificate is verified, and every kind of tampering is named.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { appendFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CARD, demo, edit, folder, run, serve, site } from "./lib/bank.js";
import { fileUrl, open, withBrowser } from "./lib/browser.js";

withBrowser();
const CERTIFICATE = `packages/${CARD}/certificate.html`;
const bank = demo();

/** What the page answers; `folder` is what the reader chooses as the files. */
async function answer(url, { files } = {}) {
  const page = await open();
  const asked = [];
  // The preview itself asks every second whether something was rebuilt.
  page.on("request", (request) => { if (!request.url().includes("/_countersign/")) asked.push(request.url()); });
  await page.goto(url);
  const before = asked.length;
  if (files) await page.setInputFiles("#check-files", files);
  else await page.click("#check");
  await page.waitForSelector("#check-answer h3");
  const heading = await page.textContent("#check-answer h3");
  const lines = await page.locator("#check-answer li").allTextContents();
  assert.equal(asked.length, before, `checking makes a request: ${asked.slice(before)}`);
  await page.context().close();
  return { heading, lines, said: lines.join("\n") };
}

/** The certificate page with its proof changed. */
function tampered(change) {
  const copy = folder("tampered");
  cpSync(site(bank), copy, { recursive: true });
  const file = join(copy, CERTIFICATE);
  const text = readFileSync(file, "utf8");
  const entities = { "&lt;": "<", "&gt;": ">", "&quot;": '"', "&#x27;": "'", "&#39;": "'", "&#x2F;": "/", "&amp;": "&" };
  const proof = JSON.parse(/<template id="proof">([^]*?)<\/template>/.exec(text)[1].replace(/&[#\w]+;/g, (e) => entities[e] ?? e));
  change(proof);
  const data = JSON.stringify(proof).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  writeFileSync(file, text.replace(/<template id="proof">[^]*?<\/template>/, () => `<template id="proof">${data}</template>`));
  return fileUrl(copy, CERTIFICATE);
}

const refused = ({ heading, said }, why) => {
  assert.equal(heading, "Not verified", said);
  assert.match(said, why);
};

test("a good certificate is verified from a file, with what was checked", async () => {
  const { heading, lines } = await answer(fileUrl(site(bank), CERTIFICATE));
  assert.equal(heading, "Verified", lines.join("\n"));
  assert.match(lines[0], /^\d+ records: .*Ed25519/);
  assert.ok(parseInt(lines[0], 10) >= 10);
  assert.match(lines[2], /^5 decisions/);
  assert.match(lines.at(-1), /^Not checked here: the files themselves/);
});

test("it is verified from the preview server too", async () => {
  const server = await serve(bank);
  try {
    const { heading, said } = await answer(new URL(CERTIFICATE, server.url).href);
    assert.equal(heading, "Verified", said);
  } finally {
    await server.stop();
  }
});

test("the files of the revision are held against the signed MANIFEST", async () => {
  const url = fileUrl(site(bank), CERTIFICATE);
  const frozen = join(bank, `packages/${CARD}/revisions/2`);
  const good = await answer(url, { files: frozen });
  assert.equal(good.heading, "Verified", good.said);
  assert.match(good.said, /24 files: each has the SHA-256/);
  const changed = (name, change) => {
    const copy = join(folder("files"), "2");
    cpSync(frozen, copy, { recursive: true });
    change(join(copy, name));
    return answer(url, { files: copy });
  };
  refused(await changed("evaluation.md", (file) => appendFileSync(file, " ")), /evaluation\.md does not have the SHA-256/);
  refused(await changed("evidence/method/model.json", (file) => edit(file, "0", "1")), /evidence\/method\/model\.json does not have/);
  refused(await changed("MANIFEST", (file) => appendFileSync(file, "\n")), /MANIFEST does not have the SHA-256 that was signed/);
  refused(await changed("chain.toml", (file) => appendFileSync(file, "\n")), /chain\.toml does not have/);
  refused(await changed("method.md", (file) => rmSync(file)), /method\.md is named by the MANIFEST and is not in the folder/);
  refused(await changed("surplus.md", (file) => writeFileSync(file, "x")), /surplus\.md is in the folder and not named/);
  refused(await changed("MANIFEST", (file) => rmSync(file)), /holds no MANIFEST/);
});

const find = (proof, kind) => proof.records.find((one) => JSON.parse(one.record).kind === kind);
const armor = (text, at, change) => {
  const [begin, end] = ["-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"];
  const blob = Buffer.from(text.slice(begin.length, -end.length).replaceAll("\n", ""), "base64");
  blob[at < 0 ? blob.length + at : at] = change(blob[at < 0 ? blob.length + at : at]);
  return begin + blob.toString("base64").replace(/.{1,70}/g, "$&\n") + end;
};
const sha = (text) => createHash("sha256").update(text).digest("hex");
const flip = (byte) => byte ^ 1;

for (const [what, change, why] of [
  ["one letter of a decision", (p) => { const one = find(p, "decide"); one.record = one.record.replace("model", "modes"); }, /bytes do not have the SHA-256/],
  ["a record and its id together", (p) => { const one = find(p, "certify"); one.record = one.record.replace("2.1.0", "2.2.0"); one.id = sha(one.record); p.certificate = one.id; }, /signature does not hold for these bytes/],
  ["one bit of a signature", (p) => { const one = find(p, "certify"); one.sig = armor(one.sig, -20, flip); }, /signature does not hold/],
  ["one bit of the key in a signature", (p) => { const one = find(p, "decide"); one.sig = armor(one.sig, 40, flip); }, /Not verified|does not hold|another key|cannot be read/],
  ["the purpose of a signature", (p) => { const one = find(p, "decide"); one.sig = armor(one.sig, 70, flip); }, /made for another purpose/],
  ["the signatures of two records exchanged", (p) => { const [a, b] = [find(p, "certify"), find(p, "submit")]; [a.sig, b.sig] = [b.sig, a.sig]; }, /signature does not hold/],
  ["a line break in a signature", (p) => { const one = find(p, "certify"); one.sig = one.sig.replace(/^(.*\n.{60})/, "$1\n"); }, /not spelt as ssh-keygen/],
  ["a cut signature", (p) => { const one = find(p, "certify"); one.sig = one.sig.slice(0, 120); }, /no SSH signature/],
  ["a decision left out", (p) => { p.records = p.records.filter((one) => { const { kind, step } = JSON.parse(one.record); return kind !== "decide" || step !== "fair-lending"; }); }, /Priya Raman is not among the records/],
  ["an enrolment left out", (p) => { p.records = p.records.filter((one) => !/"op":"enrol","person":"hana-sato"/.test(one.record)); }, /no earlier record says that the key is Hana Sato’s/],
  ["another root of trust", (p) => { p.root_of_trust = "0".repeat(64); }, /root of trust/],
  ["another repository", (p) => { p.repository = "0".repeat(32); }, /another repository/],
  ["one byte of the MANIFEST", (p) => { p.manifest = p.manifest.replace("evaluation.md", "evaluatjon.md"); }, /MANIFEST on this page does not have the SHA-256/],
  ["the certificate left out", (p) => { p.records = p.records.filter((one) => one.id !== p.certificate); }, /certificate is not among/],
  ["a record that is no JSON", (p) => { find(p, "decide").record = "{"; }, /cannot be read/],
]) {
  test(`tampering is refused and named: ${what}`, async () => {
    refused(await answer(tampered(change)), why);
  });
}

for (const [what, from, to, why] of [
  ["another name", "<strong>Priya Raman</strong>", "<strong>Priya Roman</strong>", /this page shows another name, Priya Roman/],
  ["another meaning", "and I approve them.”", "and I admire them.”", /shows other words than were signed/],
  ["another condition", "Compare the card with the cards without Housing", "Compare the card", /condition fair-lending-c2-1/],
  ["another version", "consumer-credit-pd 2.1.0 was", "consumer-credit-pd 2.1.1 was", /does not show what was certified: consumer-credit-pd 2\.1\.0/],
]) {
  test(`a page that shows something else than was signed is refused: ${what}`, async () => {
    const copy = folder("shown");
    cpSync(site(bank), copy, { recursive: true });
    const file = join(copy, CERTIFICATE);
    const [head, proof] = [readFileSync(file, "utf8").split('<template id="proof">')[0], readFileSync(file, "utf8").split('<template id="proof">')[1]];
    assert.ok(head.includes(from), from);
    writeFileSync(file, `${head.replaceAll(from, to)}<template id="proof">${proof}`);
    refused(await answer(fileUrl(copy, CERTIFICATE)), why);
  });
}

test("without Ed25519, or without cryptography, it says so and claims nothing", async () => {
  for (const [spoil, heading, why] of [
    [() => { SubtleCrypto.prototype.importKey = () => Promise.reject(new DOMException("no", "NotSupportedError")); }, "Not checked", /cannot check Ed25519/],
    [() => { Object.defineProperty(globalThis, "crypto", { value: {} }); }, "Not verified", /offers no cryptography/],
  ]) {
    const page = await open();
    await page.addInitScript(spoil);
    await page.goto(fileUrl(site(bank), CERTIFICATE));
    await page.click("#check");
    assert.equal(await page.textContent("#check-answer h3"), heading);
    assert.match(await page.textContent("#check-answer li"), why);
    await page.context().close();
  }
});

test("it is the only script of its page, and the page is whole without it", async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(fileUrl(site(bank), CERTIFICATE));
  assert.equal(await page.locator("#browser-check").isVisible(), false);
  assert.match(await page.textContent("main"), /ssh-keygen -Y verify/);
  const policy = await page.getAttribute("meta[http-equiv=Content-Security-Policy]", "content");
  assert.match(policy, /script-src 'self'/);
  assert.doesNotMatch(policy, /unsafe/);
  await page.context().close();
  run(bank, ["verify"]);
});
