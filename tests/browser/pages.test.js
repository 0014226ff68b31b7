// Every page of the built site: accessible, valid, at every width, and quiet on the network.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { demo, sha256, site } from "./lib/bank.js";
import { audit, fileUrl, inForcedColors, invalid, open, pagesOf, withBrowser } from "./lib/browser.js";

withBrowser();
const STATES = {
  certified: demo(),
  rejected: demo("model risk rejects revision 1"),
  asking: demo("ask about the data authorization"),
  resubmitted: demo("resubmit with both findings answered"),
};
const all = Object.entries(STATES).flatMap(([state, bank]) => pagesOf(site(bank)).map((name) => ({ state, name, site: site(bank) })));
// A page that is the same in two states, byte for byte, is looked at once: it names its stylesheet by its digest.
const pages = [...new Map(all.map((page) => [page.name + sha256(readFileSync(join(page.site, page.name))), page])).values()];
after(() => console.log(`# ${all.length} pages, ${pages.length} of them different; axe: ${4 * pages.length} audits; html-validate: ${pages.length} pages`));

test("axe finds nothing on any page, light and dark; none scrolls sideways at 320, 390, 1280 px and 200 %; targets are 24 px", async () => {
  assert.ok(pages.length > 60 && pages.length < all.length);
  const page = await open({ bypassCSP: true });
  const found = [];
  for (const { state, name, site } of pages) {
    await page.goto(fileUrl(site, name));
    found.push(...(await audit(page, `${state}/${name}`)));
  }
  await page.context().close();
  assert.deepEqual(found, []);
});

test("forced colors keep every tag, notice, step and field visible by a border", async () => {
  const page = await open();
  const found = [];
  for (const { state, name, site } of pages) {
    await page.goto(fileUrl(site, name));
    found.push(...(await inForcedColors(page, `${state}/${name}`)));
  }
  await page.context().close();
  assert.deepEqual(found, []);
});

test("html-validate finds nothing on any page", () => {
  const found = pages.flatMap(({ state, name, site }) => invalid(readFileSync(join(site, name), "utf8"), `${state}/${name}`));
  assert.deepEqual(found, []);
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
