// Every state of the ceremony, looked at in every way: what 08, 09 and 10 of the interface ask, and whether it is
// sound HTML. One walk, for a state is the same page whatever the window; each look is at all widths and schemes.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { CARD, OPEN, demo, revise, run } from "./lib/bank.js";
import { audit, inForcedColors, invalid, text, withBrowser } from "./lib/browser.js";
import { as } from "./lib/session.js";

withBrowser();
const ADAEZE = "adaeze-okafor";
// Where pictures go for whoever wants to look at them too.
const PICTURES = process.env.COUNTERSIGN_PICTURES;
/** States that are also looked at in the colors of the system. */
const FORCED = ["home, awaiting", "package, unread", "choose", "check", "stale", "recorded"];

let states = 0;
after(() => console.log(`# ${states} states of the review pages: axe in ${4 * states + FORCED.length} audits; html-validate: ${states} pages`));

test("08 09 10 every state of the ceremony: axe light, dark and in forced colors, widths, zoom, targets and sound HTML", async () => {
  const found = [];
  const forced = [];
  const bank = demo(OPEN);
  await as(bank, ADAEZE, async (desk, page) => {
    const see = async (state) => {
      // As it was sent, not as the browser mended it.
      const sent = await page.context().request.get(page.url());
      found.push(...invalid(await sent.text(), state));
      found.push(...(await audit(page, state)));
      const low = await page.locator("button:visible, input:not([type=hidden]):visible, select:visible, textarea:visible, summary:visible, a.choice:visible").evaluateAll((all) => all.map((e) => [e.outerHTML.slice(0, 90), e.getBoundingClientRect()]).filter(([, r]) => r.width < 24 || r.height < 24).map(([html]) => html));
      found.push(...low.map((html) => `${state}: under 24 px: ${html}`));
      if (FORCED.includes(state)) {
        forced.push(state);
        found.push(...(await inForcedColors(page, state, { axe: true })));
        if (PICTURES) await picture(page, state);
      }
      states += 1;
    };
    await see("home, awaiting");
    for (const path of ["index.html", "ledger/index.html", "ledger/0.html", "people.html", "help.html", "chains/bank-credit.html"]) {
      await desk.goto(path);
      await see(path);
    }
    await desk.card();
    await see("package, unread");
    await desk.mark(1);
    await see("package, one read");
    await desk.choose("reject");
    await see("choose");
    await desk.submit();
    await see("choose, errors");
    await desk.reject();
    await see("check");
    await desk.sign({ passphrase: "wrong" });
    await see("check, wrong passphrase");
    await desk.goto("review/index.html");
    await see("home, begun");
    await desk.choose("approve");
    await desk.submit();
    await see("approve, unread");
    await desk.readAll();
    await see("package, all read");
    await desk.choose("clarify");
    await see("choose, clarify");
    await desk.card("act.html?act=object");
    await see("act");
    await desk.card("check.html?draft=none");
    await see("notice");
    await desk.card("decide.html?step=fair-lending");
    await see("not yours to decide");
    await desk.reject();
    revise(bank, "evaluation");
    run(bank, ["decide", CARD, "approve", "--step", "data-governance"], { as: "tomasz-lindqvist", at: "2026-11-22T09:59:30Z" });
    await page.reload();
    assert.match(await text(page, "h1"), /changed while you were reviewing/);
    await see("stale");
    await desk.goto(`packages/${CARD}/diff-1-2.html`);
    await see("comparison");
    await desk.card();
    await see("package, one section changed");
    await desk.reject();
    await desk.sign();
    await see("recorded");
    await desk.goto("review/index.html");
    await see("home, decided");
  }, { javaScriptEnabled: true, bypassCSP: true });
  assert.deepEqual(forced, FORCED);
  assert.deepEqual(found, []);
});

async function picture(page, state) {
  mkdirSync(PICTURES, { recursive: true });
  for (const forcedColors of ["none", "active"]) {
    for (const colorScheme of ["light", "dark"]) {
      for (const width of [1280, 390]) {
        await page.emulateMedia({ forcedColors, colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await page.screenshot({ path: join(PICTURES, `${state.replaceAll(/\W+/g, "-")}-${forcedColors === "active" ? "forced-" : ""}${colorScheme}-${width}.png`) });
      }
    }
  }
  await page.emulateMedia({ forcedColors: "none", colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}
