// Every page of the built site: accessible, valid, at every width, and quiet on the network.

import assert from "node:assert/strict";
import { HtmlValidate } from "html-validate";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { demo, site } from "./lib/bank.js";
import { fileUrl, open, overflow, pagesOf, violations, withBrowser } from "./lib/browser.js";

withBrowser();
const STATES = {
  certified: demo(),
  rejected: demo("model risk rejects revision 1"),
  asking: demo("ask about the data authorization"),
  resubmitted: demo("resubmit with both findings answered"),
};
const pages = Object.entries(STATES).flatMap(([state, bank]) => pagesOf(site(bank)).map((name) => ({ state, name, site: site(bank) })));
let audits = 0;
after(() => console.log(`# axe: ${audits} audits of ${pages.length} pages; html-validate: ${pages.length} pages`));

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390]) {
    test(`axe finds nothing on any page: ${colorScheme}, ${width} px`, async () => {
      const page = await open({ width, colorScheme, bypassCSP: true });
      const found = [];
      for (const { state, name, site } of pages) {
        await page.goto(fileUrl(site, name));
        await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
        found.push(...(await violations(page)).map((line) => `${state}/${name}: ${line}`));
        audits += 1;
      }
      await page.context().close();
      assert.deepEqual(found, []);
    });
  }
}

test("no page scrolls sideways: 320, 390, 640 and 1280 px, and 200 % zoom", async () => {
  const found = [];
  // 640 CSS px at two device pixels each is a window of 1280 px at 200 %.
  for (const [width, deviceScaleFactor] of [[320, 1], [390, 1], [640, 2], [1280, 1]]) {
    const page = await open({ width, deviceScaleFactor });
    for (const { state, name, site } of pages) {
      await page.goto(fileUrl(site, name));
      await page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));
      const wide = await overflow(page);
      if (wide > 0) found.push(`${state}/${name} at ${width} px: ${wide} px too wide`);
    }
    await page.context().close();
  }
  assert.deepEqual(found, []);
});

test("forced colors keep every tag, notice and step visible by a border", async () => {
  const page = await open({ forcedColors: "active" });
  const found = [];
  for (const { state, name, site } of pages) {
    await page.goto(fileUrl(site, name));
    found.push(...(await page.evaluate(() => [...document.querySelectorAll(".tag, .notice, .choice, .sheet")].filter((e) => e.getClientRects().length && parseFloat(getComputedStyle(e).borderTopWidth) < 1).map((e) => e.className))).map((c) => `${state}/${name}: ${c}`));
  }
  await page.context().close();
  assert.deepEqual(found, []);
});

test("interactive elements are at least 24 px, or inline in text", async () => {
  const found = [];
  for (const width of [1280, 390]) {
    const page = await open({ width });
    for (const { state, name, site } of pages) {
      await page.goto(fileUrl(site, name));
      found.push(...(await small(page)).map((line) => `${state}/${name} at ${width} px: ${line}`));
    }
    await page.context().close();
  }
  assert.deepEqual(found, []);
});

/** Targets that are too small by SC 2.5.8: under 24 px, not inline in a sentence, and not with 24 px around
 * their middle free of other targets. */
const small = (page) => page.evaluate(() => {
  const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")];
  const boxes = targets.filter((e) => e.getClientRects().length && !e.matches(".skip, .vh")).map((e) => [e, e.getBoundingClientRect()]);
  const inline = (e) => getComputedStyle(e).display === "inline" && e.parentElement.textContent.trim() !== e.textContent.trim();
  const crowded = (e, r) => boxes.some(([other, o]) => {
    if (other === e) return false;
    const [x, y] = [(r.left + r.right) / 2, (r.top + r.bottom) / 2];
    const [dx, dy] = [Math.max(o.left - x, 0, x - o.right), Math.max(o.top - y, 0, y - o.bottom)];
    return Math.hypot(dx, dy) < 12;
  });
  return boxes.filter(([e, r]) => (r.width < 24 || r.height < 24) && !inline(e) && crowded(e, r)).map(([e, r]) => `${e.tagName} “${e.textContent.trim().slice(0, 40)}” ${Math.round(r.width)}×${Math.round(r.height)}`);
});

test("html-validate finds nothing on any page", () => {
  const validator = new HtmlValidate(JSON.parse(readFileSync(join(import.meta.dirname, "htmlvalidate.json"), "utf8")));
  const found = [];
  for (const { state, name, site } of pages) {
    const report = validator.validateStringSync(readFileSync(join(site, name), "utf8"), name);
    for (const { messages } of report.results) found.push(...messages.map((m) => `${state}/${name}:${m.line}:${m.column} ${m.ruleId}: ${m.message}`));
  }
  assert.deepEqual([...new Set(found)], []);
});

test("pages load nothing from outside the site, and say nothing on the console", async () => {
  const page = await open();
  const found = [];
  const own = (url) => Object.values(STATES).some((bank) => url.startsWith(`file://${site(bank)}/`));
  page.on("request", (request) => own(request.url()) || found.push(request.url()));
  page.on("console", (message) => found.push(message.text()));
  page.on("pageerror", (error) => found.push(String(error)));
  for (const { name, site } of pages) {
    await page.goto(fileUrl(site, name));
  }
  await page.context().close();
  assert.deepEqual(found, []);
});

test("there are two scripts: one on certificate pages, one on the search page, none on any other", async () => {
  const own = (name) => {
    if (name.endsWith("/certificate.html")) return /^<script src="\.\.\/\.\.\/static\/verify-[0-9a-f]{12}\.js" defer>$/;
    if (name === "search.html") return /^<script src="static\/search-[0-9a-f]{12}\.js" defer>$/;
    return null;
  };
  for (const { name, site } of pages) {
    const text = readFileSync(join(site, name), "utf8");
    const scripts = [...text.matchAll(/<script[^>]*>/g)].map((m) => m[0]);
    const [policy] = /http-equiv="Content-Security-Policy" content="[^"]*"/.exec(text);
    if (own(name)) {
      assert.match(scripts.join(), own(name), name);
      assert.match(policy, /; script-src 'self';/, name);
    } else {
      assert.deepEqual(scripts, [], name);
      assert.doesNotMatch(policy, /script-src/, name);
    }
    assert.doesNotMatch(policy, /unsafe/, name);
  }
  const names = new Set(pages.map(({ name }) => name));
  assert.ok(names.has("search.html") && [...names].some((name) => name.endsWith("/certificate.html")));
});
