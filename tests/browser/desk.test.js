// The review pages beside the ceremony: passages, drafts, absence, sending. Against the real program, without
// JavaScript.

import assert from "node:assert/strict";
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { CARD, OPEN, demo, edit, folder, git, pending, run, signed } from "./lib/bank.js";
import { overflow, plain, text, violations, withBrowser } from "./lib/browser.js";
import { as } from "./lib/session.js";

withBrowser();
const SUBMITTED = "submit the consumer credit scorecard";
const TOMASZ = "tomasz-lindqvist";
const ADAEZE = "adaeze-okafor";
const INES = "ines-moreau";
const NORA = "nora-vance";
const newest = (bank) => pending(bank).map((name) => JSON.parse(signed(bank, name).record)).sort((a, b) => a.signed_at.localeCompare(b.signed_at)).at(-1);

/** What a page must be whatever is on it: axe, width at every size, targets on a phone, and in forced colors. */
async function sound(page, name) {
  await page.waitForLoadState();
  for (const width of [1280, 640, 390, 320]) {
    await page.setViewportSize({ width, height: 900 });
    // The new width takes effect with the next frame.
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    assert.ok((await overflow(page)) <= 0, `${name} scrolls sideways at ${width}`);
  }
  for (const look of [{ colorScheme: "light" }, { colorScheme: "dark" }, { forcedColors: "active" }]) {
    await page.emulateMedia({ colorScheme: null, forcedColors: null, ...look });
    await page.setViewportSize({ width: 390, height: 900 });
    assert.deepEqual(await violations(page), [], `${name} ${JSON.stringify(look)}`);
  }
  const small = await page.evaluate(() => [...document.querySelectorAll("a,button,input:not([type=hidden]),select,textarea,summary")].filter((e) => {
    // A link within a sentence is as high as its line.
    const inline = e.tagName === "A" && getComputedStyle(e).display === "inline" && e.parentElement.textContent.trim() !== e.textContent.trim();
    if (inline || e.classList.contains("skip") || !e.checkVisibility()) return false;
    const box = (e.closest("label") ?? e).getBoundingClientRect();
    return box.width && (box.width < 24 || box.height < 23.5);
  }).map((e) => e.outerHTML.slice(0, 120)));
  assert.deepEqual(small, [], `${name} has targets that are too small`);
  await page.emulateMedia({ colorScheme: null, forcedColors: null });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Axe needs its own script in the page; the pages' forms are sent without any of theirs: they have none. */
const LOOKING = { javaScriptEnabled: true };

test("R23 R24 a passage is chosen without a script, by its link or from the list, and stands beside the thread", async () => {
  const bank = demo(OPEN);
  const words = "No record of a Northbank customer was used.";
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.card();
    const links = page.locator("#section-training-data .prose .say");
    assert.ok((await links.count()) > 5);
    assert.match(await links.first().getAttribute("aria-label"), /^Comment on “The model was fitted and tested/);
    // Quiet in print.
    await page.emulateMedia({ media: "print" });
    assert.equal(await links.first().isVisible(), false);
    await page.emulateMedia({ media: "screen" });
    await links.first().click();
    assert.match(await text(page, ".pick label:has(:checked)"), /^The whole paragraph\s*The model was fitted/);
    // Another one, from the list.
    await page.locator("#passages summary").click();
    await page.locator("#passages label", { hasText: words }).getByRole("radio").check();
    await page.locator("[name=choice][value=ask]").check();
    await page.fill("#text", "Which register says so?");
    await desk.submit();
    assert.equal(await text(page, ".deed blockquote"), words);
    await desk.sign();
    assert.equal(await text(page, "blockquote"), words);
    assert.equal(newest(bank).anchor.quote, words);
    await desk.card();
    const thread = page.locator("#section-training-data .msg", { hasText: "Which register says so?" }).first();
    assert.equal(plain(await thread.locator("blockquote").textContent()), words);
    // A figure, and a record on file.
    await page.locator("#section-evaluation .say").first().click();
    assert.match(await text(page, ".pick label:has(:checked)"), /^Figure\s*Discrimination \(AUC\): reported 0\.814, policy at least 0\.75$/);
    await desk.card();
    await page.locator("#section-evaluation .evid .say").first().click();
    assert.match(await text(page, ".pick label:has(:checked)"), /^Evidence on file\s*evidence\/evaluation\//);
  });
  // The passage goes away: the thread says so, in the pages and in the built site.
  edit(join(bank, `packages/${CARD}/training-data.md`), words, "Customers were not asked.");
  run(bank, ["submit", CARD, "--note", "training-data: said otherwise."], { as: INES, at: "2026-11-22T10:00:00Z" });
  run(bank, ["build"], { at: "2026-11-22T10:00:00Z" });
  const built = readFileSync(join(bank, `site/public/packages/${CARD}/index.html`), "utf8");
  assert.match(built, /Outdated: the passage is gone or was changed/);
  assert.doesNotMatch(built, /class="say"/);
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.card();
    const thread = page.locator("#section-training-data .msg", { hasText: "Which register says so?" }).first();
    assert.match(plain(await thread.textContent()), /Outdated: the passage is gone.*No record of a Northbank customer was used\./);
  });
});

test("R58 an author finds what is missing, and submits the first revision in the browser", async () => {
  const bank = demo(SUBMITTED);
  const base = join(bank, "packages/new-card");
  cpSync(join(bank, "packages", CARD), base, { recursive: true });
  rmSync(join(base, "revisions"), { recursive: true });
  edit(join(base, "package.toml"), 'title = "Consumer credit scorecard"', 'title = "New card"');
  rmSync(join(base, "limitations.md"));
  await as(bank, TOMASZ, async (_, page) => assert.equal(await page.locator("#drafts").count(), 0));
  await as(bank, INES, async (desk, page) => {
    const row = page.locator("#drafts > li", { hasText: "New card" });
    assert.match(plain(await row.textContent()), /Not submitted yet: 2 things are missing\./);
    await row.locator("summary").click();
    assert.match(plain(await row.textContent()), /packages\/new-card\/limitations\.md\s*The section “Known limitations” is missing\./);
    assert.match(plain(await row.textContent()), /packages\/new-card\/regulatory\.md:\d+:\d+/);
    cpSync(join(bank, "packages", CARD, "limitations.md"), join(base, "limitations.md"));
    await desk.goto("review/index.html");
    assert.match(plain(await row.textContent()), /Ready to submit\./);
    await row.getByRole("link", { name: "Submit revision 1 for review" }).click();
    assert.equal(await text(page, "h1"), "Submit revision 1 for review");
    await desk.submit();
    assert.match(await text(page, ".deed"), /I, Ines Moreau, submit revision 1 of new-card for review.*Written by\s*Ines Moreau/);
    assert.equal(existsSync(join(base, "revisions")), false);
    await desk.sign();
    assert.match(page.url(), /recorded\.html/);
    assert.ok(existsSync(join(base, "revisions/1/MANIFEST")));
  });
  await as(bank, TOMASZ, async (_, page) => assert.match(await text(page, "#awaiting"), /New card/));
});

test("R39 R40 a registrar sees a deadline of somebody who is away and lets somebody decide in that place", async () => {
  const bank = demo(SUBMITTED);
  run(bank, ["people", "absent", TOMASZ, "--from", "2026-11-01", "--until", "2026-12-31", "--reason", "parental leave"], { as: NORA, at: "2026-11-22T09:00:00Z" });
  run(bank, ["people", "grant", "lucas-brandt", "data-governance"], { as: NORA, at: "2026-11-22T09:10:00Z" });
  await as(bank, NORA, async (desk, page) => {
    assert.match(await text(page, "#late"), /Tomasz Lindqvist is away until 31 December 2026.*step 1, Data governance, is due 4 November 2026.*overdue/);
    await page.locator("#late").getByRole("link", { name: "Let somebody decide in the place of Tomasz Lindqvist" }).click();
    assert.equal(await page.inputValue("#x-for"), TOMASZ);
    assert.equal(await page.inputValue("#x-until-year"), "2026");
    await page.selectOption("#x-to", "lucas-brandt");
    await page.fill("#text", "Parental leave.");
    await desk.submit();
    assert.match(await text(page, ".deed-t"), /^I, Nora Vance, let lucas-brandt decide for tomasz-lindqvist in step data-governance/);
    assert.equal(await text(page, "#sign"), "I let Lucas Brandt decide in the place of Tomasz Lindqvist: sign");
    await desk.sign();
    assert.match(page.url(), /review\/recorded\.html/);
    assert.equal(newest(bank).principal, TOMASZ);
    await desk.goto("review/index.html");
    assert.equal(await page.locator("#late").count(), 0);
    assert.match(await text(page, "#away"), /Lucas Brandt decides in the place of Tomasz Lindqvist/);
  });
  await as(bank, "lucas-brandt", async (_, page) => assert.match(await text(page), /You decide in the place of Tomasz Lindqvist/));
});

test("a record is committed and sent from the page; a remote that refuses asks for no second signature", async () => {
  const bank = demo(OPEN);
  const bare = folder("remote");
  git(bare, "init", "--quiet", "--bare");
  git(bank, "config", "user.name", "Adaeze Okafor");
  git(bank, "config", "user.email", "adaeze.okafor@northbank.example");
  git(bank, "remote", "add", "origin", bare);
  git(bank, "push", "--quiet", "--set-upstream", "origin", "HEAD");
  const hook = join(bare, "hooks/pre-receive");
  mkdirSync(join(bare, "hooks"), { recursive: true });
  writeFileSync(hook, "#!/bin/sh\necho 'main takes pull requests only' >&2\nexit 1\n");
  chmodSync(hook, 0o755);
  const there = () => git(bare, "rev-parse", git(bank, "symbolic-ref", "--short", "HEAD").trim()).trim();
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.card("act.html?act=comment&section=evaluation");
    await page.locator("[name=choice][value=note]").check();
    await page.fill("#text", "Seen.");
    await desk.submit();
    await desk.sign();
    await page.click("#commit");
    assert.match(await text(page, "#git"), /Committed, not yet sent/);
    const before = desk.written();
    await page.click("#push");
    assert.match(await text(page, "#errors"), /It could not be sent\..*it is not yet posted.*You do not sign again.*main takes pull requests only/);
    assert.equal(await page.locator("#passphrase").count(), 0);
    assert.notEqual(there(), git(bank, "rev-parse", "HEAD").trim());
    rmSync(hook);
    await page.click("#push");
    assert.match(await text(page, "#git"), /^Sent It is on the branch/);
    assert.equal(there(), git(bank, "rev-parse", "HEAD").trim());
    assert.equal(desk.written(), before);
  });
});

test("every page beside the ceremony: axe, width from 320 px to 200 % zoom, targets, forced colors", async () => {
  const bank = demo(OPEN);
  run(bank, ["people", "absent", ADAEZE, "--from", "2026-11-20", "--until", "2026-12-31", "--reason", "leave"], { as: NORA, at: "2026-11-22T09:00:00Z" });
  const base = join(bank, "packages/new-card");
  cpSync(join(bank, "packages", CARD), base, { recursive: true });
  rmSync(join(base, "revisions"), { recursive: true });
  edit(join(base, "package.toml"), 'title = "Consumer credit scorecard"', 'title = "New card"');
  await as(bank, NORA, async (desk, page) => {
    await sound(page, "home of a registrar");
    await page.locator("#late a", { hasText: "Let somebody" }).click();
    await sound(page, "delegation for somebody");
    await desk.submit();
    await page.waitForURL(/check=1/);
    await sound(page, "delegation with errors");
    await desk.card("decide.html?step=model-risk");
    await sound(page, "a step that is not yours");
  }, LOOKING);
  await as(bank, INES, async (desk, page) => {
    await sound(page, "home of an author");
    await desk.goto("packages/new-card/index.html");
    await sound(page, "a draft");
    await desk.goto("packages/new-card/act.html?act=submit");
    await sound(page, "the first submission");
    await desk.submit();
    await page.waitForURL(/check\.html/);
    await sound(page, "the first submission, check");
    rmSync(join(base, "limitations.md"));
    await desk.goto("packages/new-card/act.html?act=submit");
    await sound(page, "a submission that is not ready");
  }, LOOKING);
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.card();
    await sound(page, "package");
    await desk.card("act.html?act=comment&section=training-data&passage=list");
    await sound(page, "comment with the list");
    await page.locator("#passage-other").check();
    await desk.submit();
    await page.waitForURL(/check=1/);
    await sound(page, "comment with errors");
    await page.locator("#passage-whole").check();
    await page.locator("[name=choice][value=note]").check();
    await page.fill("#text", "Seen.");
    await desk.submit();
    await page.waitForURL(/check\.html/);
    await sound(page, "comment, check");
    await desk.sign();
    await page.waitForURL(/recorded\.html/);
    await sound(page, "comment, recorded");
    await page.click("#commit");
    await page.waitForURL(/#git$/);
    await sound(page, "comment, not committed");
  }, LOOKING);
});
