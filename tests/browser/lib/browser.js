// One chromium for a test file, and what every test wants to know about a page.

import { chromium } from "playwright-core";
import { HtmlValidate } from "html-validate";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before } from "node:test";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/** How long a page or an element may take to come. Nothing waits that long; a machine with much else to do
 * needs many times what an idle one does. */
export const PATIENCE = 90_000;

let browser;
/** Starts the browser for a test file. */
export function withBrowser(more = []) {
  before(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", ...more],
    });
  });
  after(() => browser?.close());
}

/** A page in a profile of its own. */
export async function open(options = {}) {
  const { width = 1280, height = 900, ...rest } = options;
  const context = await browser.newContext({ viewport: { width, height }, ...rest });
  context.setDefaultTimeout(PATIENCE);
  context.setDefaultNavigationTimeout(PATIENCE);
  return context.newPage();
}

/** What axe finds on the page as it stands: one line for each violation. */
export async function violations(page) {
  // Evaluated by the browser's own protocol, which no policy of the page stops.
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const found = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }), RULES);
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(" | ")}`);
}

/** Words as they are read, whatever lines they stand on. */
export const plain = (text) => text.replace(/\s+/g, " ").trim();
export const text = async (page, selector = "main") => plain(await page.locator(selector).first().textContent());

/** How far the page is wider than the window, once its fonts are there. */
export const overflow = (page) => page.evaluate(async () => {
  await document.fonts.ready;
  return document.documentElement.scrollWidth - document.documentElement.clientWidth;
});

/** The same in a window of 1280 px at 200 % zoom: 640 CSS px of two device pixels each. */
export async function overflowZoomed(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setDeviceMetricsOverride", { width: 640, height: 450, deviceScaleFactor: 2, mobile: false });
  const size = await page.evaluate(() => [innerWidth, devicePixelRatio].join());
  if (size !== "640,2") throw new Error(`the zoom is not as it should be: ${size}`);
  const wide = await overflow(page);
  await devtools.send("Emulation.clearDeviceMetricsOverride");
  await devtools.detach();
  return wide;
}

/** Everything that is looked for on a page as it stands, at every width and in both schemes: axe, sideways
 * scroll, small targets. The page is left unfolded, light and 1280 px wide. */
export async function audit(page, state) {
  const found = [];
  const add = (lines, more = "") => found.push(...lines.map((line) => `${state}${more}: ${line}`));
  const wide = (px, at) => px > 0 && add([`${px} px too wide`], ` at ${at}`);
  const size = (width) => page.setViewportSize({ width, height: 900 });
  for (const folded of [true, false]) {
    if (!folded) await unfold(page);
    for (const width of [320, 390, 1280]) {
      await size(width);
      wide(await overflow(page), `${width} px${folded ? ", folded" : ""}`);
      if (width !== 320) add(await small(page), ` at ${width} px`);
      if (width === 320 || folded) continue;
      for (const colorScheme of ["light", "dark"]) {
        await page.emulateMedia({ colorScheme });
        add(await violations(page), `, ${colorScheme}, ${width} px`);
      }
    }
  }
  wide(await overflowZoomed(page), "200 %");
  await page.emulateMedia({ colorScheme: "light" });
  await size(1280);
  return found;
}

/** What is lost where the system chooses the colors: borders that show what things are, and what axe finds then. */
export async function inForcedColors(page, state, { axe = false } = {}) {
  await page.emulateMedia({ forcedColors: "active" });
  const found = await page.evaluate(() => [...document.querySelectorAll(".tag, .notice, .choice, .sheet, .btn, input:not([type=hidden]), textarea, select")].filter((e) => e.getClientRects().length && !e.matches("[type=radio], [type=checkbox], [type=file]") && parseFloat(getComputedStyle(e).borderTopWidth) < 1).map((e) => `no border: ${e.outerHTML.slice(0, 80)}`));
  if (axe) found.push(...(await violations(page)));
  await page.emulateMedia({ forcedColors: "none" });
  return found.map((line) => `${state}, forced colors: ${line}`);
}

/** Shows everything that is folded away. */
export const unfold = (page) => page.evaluate(() => document.querySelectorAll("details").forEach((d) => (d.open = true)));

/** Targets that are too small by SC 2.5.8: under 24 px, not inline in a sentence, and not with 24 px around
 * their middle free of other targets. */
export const small = (page) => page.evaluate(() => {
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

const validator = new HtmlValidate(JSON.parse(readFileSync(join(import.meta.dirname, "../htmlvalidate.json"), "utf8")));
/** What html-validate finds in the text of a page: one line for each message. */
export const invalid = (text, name) =>
  validator.validateStringSync(text, name).results.flatMap(({ messages }) => messages.map((m) => `${name}:${m.line}:${m.column} ${m.ruleId}: ${m.message}`));

/** Waits until something is so, and fails with its words if it never is. For what needs no page to run anything. */
export async function until(what, holds) {
  const end = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error(`it never came to this: ${what}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

/** Every page of a built site, by its path. */
export function pagesOf(site) {
  return readdirSync(site, { recursive: true }).filter((name) => name.endsWith(".html") && name.split("/")[2] !== "evidence").sort();
}

export const fileUrl = (site, name, anchor = "") => `file://${join(site, name)}${anchor}`;

/** Waits until the element of this id has the focus: a browser gives `autofocus` its due with the next frame, not with the load. */
export const focusOn = (page, id) => page.waitForFunction((id) => document.activeElement?.id === id, id);
