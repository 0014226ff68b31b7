// One reviewer at the review pages, from the opening address to a signature.

import assert from "node:assert/strict";
import { CARD, PASSPHRASE, ledger, pending, review } from "./bank.js";
import { open } from "./browser.js";

/** Runs `act` as one reviewer of a workspace; the pages run without JavaScript unless said. */
export async function as(bank, who, act, options = {}, means = {}) {
  const server = await review(bank, who, means);
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
  /** Does what leads to another page, and waits until that page is whole: a click ends when the page begins. */
  async go(act) {
    await Promise.all([this.page.waitForEvent("load"), act()]);
  }
  follow(locator) {
    return this.go(() => locator.click());
  }
  /** Marks every section as read: the forms of the package page one after the other, with no browser to draw the page
   * again after each. */
  async readAll() {
    const get = /<form method="post" action="mark"[^>]*>(?:(?!<\/form>)[^])*name="read" value="yes"(?:(?!<\/form>)[^])*<\/form>/;
    const { request } = this.page.context();
    let sent = await request.get(`${this.top}packages/${CARD}/index.html`);
    for (let form; (form = get.exec(await sent.text())?.[0]); ) {
      const value = (name) => new RegExp(`name="${name}" value="([^"]*)"`).exec(form)[1];
      const fields = { ticket: value("ticket"), section: value("section"), read: "yes" };
      sent = await request.post(`${this.top}packages/${CARD}/mark`, { form: fields, headers: { Origin: new URL(this.top).origin } });
      assert.equal(sent.status(), 200);
    }
    await this.card();
    assert.equal(await this.page.getByRole("button", { name: /^Mark section \d+ as read$/ }).count(), 0);
  }
  mark(n, as = "read") {
    return this.follow(this.page.getByRole("button", { name: new RegExp(`^Mark section ${n} as ${as}$`) }));
  }
  /** Opens the first page of the ceremony by its link on the package page. */
  async choose(decision) {
    await this.card();
    await this.follow(this.page.locator(`#decide a.choice[href*="step=${STEP[this.who]}"][href*="choice=${decision}"]`));
  }
  submit(name = /^Check what you will sign$/) {
    return this.follow(this.page.getByRole("button", { name }));
  }
  /** Fills in a rejection and goes on to its statement. */
  async reject({ concern = "The figures of one group are missing.", required = "Report them by age band." } = {}) {
    await this.choose("reject");
    await this.page.selectOption("[name=finding-1-section]", "evaluation");
    await this.page.fill("[name=finding-1-concern]", concern);
    await this.page.fill("[name=finding-1-required]", required);
    await this.submit();
  }
  /** Signs what is shown; with a hardware key there is no passphrase. */
  async sign({ reviewer = this.who, passphrase = PASSPHRASE } = {}) {
    await this.page.fill("#reviewer", reviewer);
    if (passphrase !== null) await this.page.fill("#passphrase", passphrase);
    await this.follow(this.page.locator("#sign"));
  }
  /** Everything that is signed in the workspace, by name and bytes. */
  written() {
    return JSON.stringify([ledger(this.bank), pending(this.bank)]);
  }
}
