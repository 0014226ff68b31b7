// Hostile packages: what their authors write neither runs, nor leads out, nor looks like a form.
//
// The pages are opened without their own policy (`bypassCSP`), so that it is the rendering that holds and
// not the last fence behind it; a second test opens them as readers do and finds the policy never needed.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { demo, review, run, serve, site, NOW } from "./lib/bank.js";
import { fileUrl, open, pagesOf, withBrowser } from "./lib/browser.js";
import { FILL, chain, draft } from "./lib/drafts.js";
import { EVIDENCE, LINES, PAYLOADS } from "./lib/hostile.js";

// A thousand pages are opened here, and none is looked at: fonts need not be loaded. One of an author's own could come
// by a style only, and every style is found.
withBrowser(["--disable-remote-fonts"]);
const bank = demo();
const lay = (id, { text = `${FILL}\n`, line = "Plain", evidence }) => draft(bank, id, { chain: "hostile", model: "hostile-pd", title: line, use: line, notFor: line, text, evidence });

chain(bank, "hostile", { title: "Hostile" });
PAYLOADS.forEach(({ text }, n) => lay(`p${n}`, { text: `${text}\n\n${FILL}\n`, evidence: { "x.txt": "x", "evil.svg": EVIDENCE["evil.svg"], "evil.html": EVIDENCE["evil.html"] } }));
LINES.forEach((line, n) => lay(`l${n}`, { line }));
lay("evidence", { text: "See [the page](evidence/body/evil.html) and ![the picture](evidence/body/evil.svg)\n", evidence: EVIDENCE });
run(bank, ["build"], { at: NOW });
const NAMES = [...PAYLOADS.map((p, n) => [`p${n}`, p.name]), ...LINES.map((line, n) => [`l${n}`, line])];

const PICTURES = ["evil.svg", "evil.png"].map((name) => Buffer.from(EVIDENCE[name]).toString("base64"));

/** What is on the page that no author may put there. */
const intruders = async (own) => {
  const found = [];
  // What a picture or a timer would start has its turn first.
  await new Promise((next) => setTimeout(next));
  if (window.ran) found.push("something ran");
  const banned = "script, iframe, frame, object, embed, applet, form, input, button, select, textarea, base, style, math, audio, video, source, track, template, dialog, meta[http-equiv=refresh], link:not([rel=stylesheet]), [style], [srcdoc], [srcset], [ping], [autofocus]";
  for (const e of document.querySelectorAll(banned)) found.push(e.outerHTML.slice(0, 120));
  for (const e of document.querySelectorAll("*")) {
    for (const { name } of e.attributes) if (name.startsWith("on")) found.push(`${e.tagName} ${name}`);
  }
  for (const e of document.querySelectorAll(".prose svg, .prose [id='main'], .prose [class*=notice]")) found.push(e.outerHTML.slice(0, 120));
  for (const e of document.querySelectorAll("a[href]")) {
    const url = new URL(e.getAttribute("href"), location.href);
    if (!["http:", "https:", "mailto:", location.protocol].includes(url.protocol)) found.push(`link to ${url}`);
    if (url.protocol === "file:" && !url.pathname.includes("/site/public/")) found.push(`link out of the site: ${url}`);
  }
  for (const e of document.querySelectorAll("img")) {
    const url = new URL(e.getAttribute("src"), location.href);
    // Pictures of the package are put into the page as the bytes that were hashed; as a picture an SVG runs nothing.
    if (!own.includes(url.href.split(",")[1])) found.push(`picture from ${url}`);
  }
  if (document.querySelectorAll("main").length !== 1 || document.querySelectorAll("body").length !== 1) found.push("the page is not whole");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) found.push("an id stands twice");
  return found;
};

const refusals = new Set();
const shown = new Set();

/** Opens the pages of packages, some at a time, and tells what is found on them. */
async function look(packages, bypassCSP) {
  const [queue, found] = [[...packages], []];
  const tab = async () => {
    const page = await open({ bypassCSP });
    let at = "";
    page.on("dialog", async (dialog) => { found.push(`${at}: dialog`); await dialog.dismiss(); });
    page.on("popup", () => found.push(`${at}: popup`));
    page.on("console", (message) => found.push(`${at}: ${message.text()}`));
    page.on("request", (request) => /^data:|^file:.*\/site\/public\//.test(request.url()) || found.push(`${at}: request ${request.url()}`));
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [id, name] = next;
      at = `${id} (${name})`;
      const address = fileUrl(site(bank), `packages/${id}/index.html`);
      await page.goto(address);
      found.push(...(await page.evaluate(intruders, PICTURES)).map((line) => `${at}: ${line}`));
      if (page.url() !== address) found.push(`${at}: led to ${page.url()}`);
      const [refused, prose] = await page.evaluate(() => [".problems li", "section.sec .prose"].map((all) => document.querySelector(all) !== null));
      if (refused) refusals.add(id);
      if (prose) shown.add(id);
    }
    await page.context().close();
  };
  await Promise.all([tab(), tab(), tab(), tab()]);
  return found;
}

test(`${PAYLOADS.length} payloads in texts and ${LINES.length} in titles: nothing runs, leaves or imitates a form, even without the policy`, async () => {
  assert.ok(PAYLOADS.length >= 300);
  assert.deepEqual(await look(NAMES, true), []);
  // Both ways are walked: what the checker lets through, and what it refuses and tells about.
  const counts = `${NAMES.length} hostile packages: ${shown.size} with their text shown, ${refusals.size} refused with a reason`;
  assert.ok(shown.size > 100 && refusals.size > 100, counts);
  console.log(`# ${counts}`);
});

test("the policy of the pages that are shown is never needed: it has nothing to report", async () => {
  const some = NAMES.filter(([id], n) => shown.has(id) && n % 4 === 0);
  assert.ok(some.length > 50);
  assert.deepEqual(await look(some, false), []);
});

test("pages that list hostile packages hold too", async () => {
  const page = await open({ bypassCSP: true });
  const found = [];
  page.on("dialog", async (dialog) => { found.push("dialog"); await dialog.dismiss(); });
  for (const name of pagesOf(site(bank)).filter((name) => !/^packages\/(consumer|[pl]\d)/.test(name))) {
    await page.goto(fileUrl(site(bank), name));
    const lines = await page.evaluate(intruders, PICTURES);
    // The page of the search has a field, two buttons, its icons and the script that reads them: these and no more.
    const own = name === "search.html" ? [/^<input type="search" id="query" /, /^<button [^>]*id="go">Search</, /^<button [^>]*id="more" hidden/, /^<template id="icons">/, /^<script src="static\/search-[0-9a-f]{12}\.js" defer/] : [];
    own.forEach((line, n) => assert.match(lines[n] ?? "", line));
    found.push(...lines.slice(own.length).map((line) => `${name}: ${line}`));
  }
  assert.deepEqual(found, []);
  await page.context().close();
});

for (const [what, start] of [["the preview", () => serve(bank)], ["the review pages", () => review(bank, "adaeze-okafor")]]) {
  test(`nothing in evidence runs when ${what} serves it`, async () => {
    const server = await start();
    try {
      const page = await open({ acceptDownloads: true });
      const found = [];
      page.on("dialog", async (dialog) => { found.push("dialog"); await dialog.dismiss(); });
      page.on("request", (request) => request.url().startsWith("http://127.0.0.1:") || found.push(`request ${request.url()}`));
      await page.goto(server.url);
      await page.waitForURL(/index\.html$|:\d+\/$/);
      const top = page.url().replace(/(review\/)?(index\.html)?$/, "");
      await page.goto(`${top}packages/evidence/index.html`);
      assert.equal(await page.evaluate(() => window.ran), undefined);
      const links = await page.locator(".evid a").evaluateAll((all) => all.map((a) => a.href));
      assert.equal(links.length, Object.keys(EVIDENCE).length);
      for (const link of links) {
        const answer = await page.context().request.get(link);
        const head = answer.headers();
        assert.equal(answer.status(), 200, link);
        assert.equal(head["x-content-type-options"], "nosniff", link);
        assert.match(head["content-security-policy"], /default-src 'none'.*sandbox/, link);
        assert.doesNotMatch(head["content-type"], /html|xml(?!.*svg)|javascript|pdf/, `${link} ${head["content-type"]}`);
        if (!head["content-type"].startsWith("image/")) assert.match(head["content-disposition"], /^attachment/, link);
        // A download ends the navigation; a picture is shown.
        await page.goto(link).catch((error) => assert.match(String(error), /Download is starting|ERR_ABORTED/));
        assert.equal(await page.evaluate(() => window.ran), undefined, link);
      }
      assert.deepEqual(found, []);
      await page.context().close();
    } finally {
      await server.stop();
    }
  });
}

test("no evidence of a built site has a name that a server or a browser would run", () => {
  const names = readFileSync(join(site(bank), "packages/evidence/index.html"), "utf8").match(/href="[^"]*\/evidence\/[^"]*"/g);
  assert.ok(names.length >= Object.keys(EVIDENCE).length);
  for (const name of names) assert.doesNotMatch(name, /\.(html?|xhtml|svg|xml|m?js|css|mht)"$/, name);
});
