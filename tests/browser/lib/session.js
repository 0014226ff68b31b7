// One reviewer at the review pages, from the opening address to a signature.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CARD, PASSPHRASE, ledger, review } from "./bank.js";
import { open } from "./browser.js";

/** Runs `act` as one reviewer of a workspace; the pages run without JavaScript unless said. */
export async function as(bank, who, act, options = {}) {
  const server = await review(bank, who);
  try {
    const page = await open({ javaScriptEnabled: false, ...options });
    const foreign = [];
    page.on("request", (request) => request.url().startsWith("http://127.0.0.1:") || foreign.push(request.url()));
    await page.goto(server.url);
    await page.waitForURL(/\/review\/index\.html$/);
    const desk = new Desk(bank, who, page, page.url().replace(/review\/index\.html$/, ""));
    await act(desk, page);
    assert.deepEqual(foreign, [], "the pages ask other hosts");
    await page.context().close();
  } finally {
    await server.stop();
  }
}

/** The step that is a person's own; a late one may have been escalated to them too. */
const STEP = { "tomasz-lindqvist": "data-governance", "adaeze-okafor": "model-risk" };

export class Desk {
  constructor(bank, who, page, top) {
    Object.assign(this, { bank, who, page, top });
  }
  goto(path) {
    return this.page.goto(this.top + path);
  }
  card(page = "index.html") {
    return this.goto(`packages/${CARD}/${page}`);
  }
  /** Marks sections as read, as long as there is one to mark. */
  async readAll() {
    await this.card();
    const mark = this.page.getByRole("button", { name: /^Mark section \d+ as read$/ });
    while (await mark.count()) await mark.first().click();
  }
  /** Opens the first page of the ceremony by its link on the package page. */
  async choose(decision) {
    await this.card();
    await this.page.locator(`#decide a.choice[href*="step=${STEP[this.who]}"][href*="choice=${decision}"]`).click();
  }
  submit(name = /^Check what you will sign$/) {
    return this.page.getByRole("button", { name }).click();
  }
  async sign({ reviewer = this.who, passphrase = PASSPHRASE } = {}) {
    await this.page.fill("#reviewer", reviewer);
    await this.page.fill("#passphrase", passphrase);
    await this.page.click("#sign");
  }
  /** Everything that is signed in the workspace, by name and bytes. */
  written() {
    return JSON.stringify([ledger(this.bank), pending(this.bank)]);
  }
}

export const pending = (bank) => readdirSync(join(bank, "chains/pending")).filter((name) => name.endsWith(".json")).sort();
