// One chromium for a test file, and what every test wants to know about a page.

import { chromium } from "playwright-core";
import { readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { after, before } from "node:test";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

let browser;
/** Starts the browser for a test file. */
export function withBrowser() {
  before(async () => {
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
  });
  after(() => browser.close());
}

/** A page in a profile of its own. */
export async function open(options = {}) {
  const { width = 1280, height = 900, ...rest } = options;
  const context = await browser.newContext({ viewport: { width, height }, ...rest });
  context.setDefaultTimeout(15_000);
  return context.newPage();
}

/** What axe finds on the page as it stands: one line for each violation. */
export async function violations(page) {
  // Evaluated by the browser's own protocol, which no policy of the page stops.
  await page.evaluate(axe);
  const found = await page.evaluate((rules) => window.axe.run(document, { runOnly: rules, resultTypes: ["violations"] }), RULES);
  return found.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target} ${n.failureSummary}`).join(" | ")}`);
}

/** How far the page is wider than the window. */
export const overflow = (page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

/** Every page of a built site, by its path. */
export function pagesOf(site) {
  return readdirSync(site, { recursive: true }).filter((name) => name.endsWith(".html") && name.split("/")[2] !== "evidence").sort();
}

export const fileUrl = (site, name, anchor = "") => `file://${join(site, name)}${anchor}`;

/** Waits until the element of this id has the focus: a browser gives `autofocus` its due with the next frame, not with the load. */
export const focusOn = (page, id) => page.waitForFunction((id) => document.activeElement?.id === id, id, { timeout: 10_000 });
