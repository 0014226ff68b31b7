// The search page: it finds every word of every package from a folder and from a server, runs nothing of
// what it finds, and can be done without.

import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CARD, NOW, demo, folder, review, run, serve, site } from "./lib/bank.js";
import { fileUrl, open, overflow, violations, withBrowser } from "./lib/browser.js";
import { FILL, chain, draft } from "./lib/drafts.js";
import { LINES, PAYLOADS } from "./lib/hostile.js";

withBrowser();
const bank = demo();
const lay = (id, { text = "", chain = "plainly", ...more }) => draft(bank, id, { chain, model: "searched-pd", text: `${FILL}\n\n${text}\n`, ...more });

chain(bank, "plainly");
chain(bank, "wombats", { heading: "Quokka habitat" });
lay("z-title", { title: "Quokka card" });
lay("y-heading", { chain: "wombats" });
lay("x-text", { text: "It was fitted on a **quokka** and [a wom*bat*](https://example.test/okapi), 7,834 in all." });
lay("w-apart", { text: "The numbat stands here.", use: "For the bilby" });
lay("v-together", { text: "A numbat met a bilby." });
const ODD = ["Straße", "Łódź", "Ærøskøbing", "İzmir", "ﬁne½", "ΟΔΟΣ", "模型", "モデル", "e\u0301le\u0300ve", "한국어", "naïve", "Đorđe", "Ⅷ", "Ω", "हिन्दी", "x".repeat(90)];
ODD.forEach((odd, n) => lay(`odd-${n}`, { text: `Here is ${odd} alone.` }));
const EVIL = `zebrafinch </script><script>window.ran=1</script><img src=x onerror=window.ran=1> "' \\ \u2028 \u2029 \${window.ran=1} <!--`;
lay("evil", { title: "Evil </script><script>window.ran=1</script>", text: EVIL });
PAYLOADS.forEach(({ text }, n) => lay(`p${n}`, { text: `${text}\n\nzebrafinch` }));
LINES.forEach((line, n) => lay(`l${n}`, { title: `zebrafinch ${line}`, use: line }));
for (let n = 0; n < 45; n += 1) lay(`many-${n}`, { text: "The dunnart." });
run(bank, ["build"], { at: NOW });

let server;
before(async () => { server = await serve(bank); });
after(() => server.stop());
const file = () => fileUrl(site(bank), "search.html");
const http = () => new URL("search.html", server.url).href;

/** A page that keeps what it asks for and what it complains about. */
async function quiet(url, options) {
  const page = await open(options);
  const found = [];
  const own = [`file://${site(bank)}/`, server.url];
  page.on("request", (request) => own.some((top) => request.url().startsWith(top)) || found.push(request.url()));
  // The preview has no icon for the tab of the browser; no page asks for one.
  page.on("console", (message) => message.location().url.endsWith("/favicon.ico") || found.push(message.text()));
  page.on("pageerror", (error) => found.push(String(error)));
  page.on("dialog", async (dialog) => { found.push("dialog"); await dialog.dismiss(); });
  await page.goto(url);
  page.done = async () => {
    assert.equal(await page.evaluate(() => window.ran), undefined, "something ran");
    await page.context().close();
    assert.deepEqual(found, []);
  };
  return page;
}

/** Types a question and waits for the answer. */
async function ask(page, question) {
  await page.fill("#query", "");
  await page.waitForFunction(() => document.getElementById("found").textContent === "");
  await page.fill("#query", question);
  await page.waitForFunction(() => !["", "Searching …"].includes(document.getElementById("found").textContent));
  return {
    said: await page.textContent("#found"),
    titles: await page.locator("#results h2 a").allTextContents(),
    places: await page.locator("#results .passages > li > a").evaluateAll((all) => all.map((a) => a.getAttribute("href"))),
    marks: await page.locator("#results mark").allTextContents(),
  };
}

for (const [from, url] of [["a folder", file], ["the preview", http]]) {
  test(`a word that stands only in the text of a section is found, from ${from}`, async () => {
    const page = await quiet(url());
    assert.equal(await page.isVisible("#without"), false);
    const { said, titles, places, marks } = await ask(page, "Wombat 7,834");
    assert.equal(said, "1 package holds all of these words.");
    assert.deepEqual(titles, ["Plain, version 1.0.0"]);
    assert.deepEqual(places, ["packages/x-text/index.html#section-body"]);
    assert.deepEqual(marks, ["wombat", "7", "834"]);
    assert.match(await page.textContent("#results .about"), /Draft\s*Not submitted/);
    await page.click("#results .passages a");
    await page.waitForURL(/packages\/x-text\/index\.html#section-body$/);
    await page.goBack();
    await page.waitForSelector("#results mark");
    assert.equal(await page.inputValue("#query"), "Wombat 7,834", "the question is still there");
    await page.done();
  });
}

test("titles stand before section headings, these before text; words of one section before words apart", async () => {
  const page = await quiet(file());
  const order = async (question) => {
    await ask(page, question);
    return page.locator("#results h2 a").evaluateAll((all) => all.map((a) => a.getAttribute("href").split("/")[1]));
  };
  assert.deepEqual((await order("quokka")).filter((id) => id.includes("-")), ["z-title", "y-heading", "x-text"]);
  assert.deepEqual(await order("numbat bilby"), ["v-together", "w-apart"]);
  assert.deepEqual(await order("bilby numbats"), ["v-together", "w-apart"], "a plural is the same word");
  assert.deepEqual(await order("numbat bil"), ["v-together", "w-apart"], "the last word may be a beginning");
  assert.deepEqual(await order("num bilby"), [], "another word may not");
  assert.deepEqual(await order("okapi"), [], "an address is not a word of the page");
  await page.done();
});

test("words are folded alike by the program and by the script", async () => {
  const page = await quiet(file());
  for (const [n, odd] of ODD.entries()) {
    for (const form of new Set([odd, odd.toUpperCase(), odd.normalize("NFD"), odd.normalize("NFKC")])) {
      await ask(page, `here ${form}`);
      const ids = await page.locator("#results h2 a").evaluateAll((all) => all.map((a) => a.getAttribute("href").split("/")[1]));
      assert.ok(ids.includes(`odd-${n}`), `${form} does not find ${odd}: ${ids}`);
    }
  }
  for (const plain of ["strasse", "lodz", "aeroskobing", "izmir", "fine1", "eleve", "naive", "dorde", "viii"]) {
    assert.match((await ask(page, plain)).places.join(), /odd-/, plain);
  }
  await page.done();
});

for (const bypassCSP of [false, true]) {
  test(`what hostile packages say is shown as text${bypassCSP ? ", even without the policy" : ""}`, async () => {
    const page = await quiet(file(), { bypassCSP });
    const { said, titles } = await ask(page, "zebrafinch");
    const [all] = /^\d+/.exec(said);
    assert.equal(Number(all), PAYLOADS.length + LINES.length + 1, said);
    assert.equal(titles.length, 20);
    while (await page.isVisible("#more")) {
      const before = await page.locator("#results > li").count();
      await page.click("#more");
      await page.waitForFunction((n) => document.querySelectorAll("#results > li").length > n, before);
    }
    assert.equal(await page.locator("#results > li").count(), Number(all), "the button is gone when all are shown");
    const inside = await page.locator("#results *").evaluateAll((all) => [...new Set(all.map((e) => e.localName))].sort());
    assert.deepEqual(inside.filter((name) => !["a", "circle", "h2", "li", "mark", "p", "path", "span", "svg", "ul"].includes(name)), []);
    const links = await page.locator("#results a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
    assert.deepEqual(links.filter((href) => !/^packages\/[a-z0-9-]+\/index\.html(#section-[a-z0-9-]+|#what-title)?$/.test(href)), []);
    assert.deepEqual((await ask(page, "evil script window")).titles, ["Evil </script><script>window.ran=1</script>, version 1.0.0"]);
    await page.done();
  });
}

test("files of the index are one call each, in ASCII, and the site holds no other script", () => {
  const top = site(bank);
  const scripts = readdirSync(top, { recursive: true }).filter((name) => name.endsWith(".js"));
  for (const name of scripts) {
    if (/^static\/(verify|search)-[0-9a-f]{12}\.js$/.test(name)) continue;
    assert.match(name, /^(search\/(\d\d(-\d\d)?|pages)|packages\/[a-z0-9-]+\/search)\.js$/);
    const data = /^countersign\.(?:list|words|text|pages)\(([ !-%'-;=?-~]*)\);\n$/.exec(readFileSync(join(top, name), "utf8"));
    assert.ok(data, `${name} holds more than one call with data`);
    JSON.parse(data[1]);
  }
  assert.ok(scripts.some((name) => name.startsWith("search/01-")), "so many packages have more than one group");
});

test("comments, decisions, people, chains and the help are found", async () => {
  const page = await quiet(http());
  const first = async (question) => ((await ask(page, question)), page.locator("#results a").evaluateAll((all) => all.map((a) => a.getAttribute("href"))));
  const card = `packages/${CARD}/index.html`;
  assert.ok((await first("Priya Raman")).includes("people.html#person-priya-raman"));
  assert.ok((await first("adaeze okafor approved")).includes(`${card}#decisions`));
  assert.ok((await first("compare the card with the cards without housing")).includes(`${card}#conditions`));
  assert.ok((await first("chain wombats")).includes("chains/wombats.html"));
  assert.ok((await first("whom to ask")).includes("help.html#ask-title"));
  assert.ok((await first(CARD)).includes(card));
  const anchors = await first("credit");
  for (const href of anchors.filter((href) => href.startsWith(`${card}#`))) {
    const html = readFileSync(join(site(bank), card), "utf8");
    assert.ok(html.includes(`id="${href.split("#")[1]}"`), href);
  }
  await page.done();
});

test("it says in words what was found, what was not, and what is wrong", async () => {
  const page = await quiet(file());
  assert.equal(await page.getAttribute("#found", "role"), "status");
  assert.equal((await ask(page, "dunnart")).said, "45 packages hold this word. The first 20 are shown.");
  assert.equal((await ask(page, "plain dunnart")).said, "45 packages hold both words. The first 20 are shown.");
  assert.match((await ask(page, "thylacine")).said, /^Nothing holds this word\. Try/);
  assert.match((await ask(page, "--- !")).said, /^Type a word/);
  await page.fill("#query", "");
  await page.waitForFunction(() => document.getElementById("found").textContent === "");
  await page.done();
});

test("an index that cannot be read is said, and does not end the page", async () => {
  const copy = folder("torn");
  run(bank, ["build", "--out", copy], { at: NOW });
  rmSync(join(copy, "search/00.js"));
  const page = await open();
  await page.goto(fileUrl(copy, "search.html", "#q=dunnart"));
  await page.waitForFunction(() => document.getElementById("found").textContent.startsWith("The index cannot be read (search/00.js)"));
  run(bank, ["build", "--out", copy], { at: NOW });
  await page.click("#go");
  await page.waitForSelector("#results mark");
  await page.context().close();
});

test("it works by the keyboard alone", async () => {
  const page = await quiet(file());
  for (let n = 0; (await page.evaluate(() => document.activeElement?.id)) !== "query"; n += 1) {
    assert.ok(n < 20, "the field cannot be reached");
    await page.keyboard.press("Tab");
  }
  await page.keyboard.type("dunnart");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#results mark");
  await page.focus("#more");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement === document.querySelector("#results > li:nth-child(21) h2 a"));
  await page.keyboard.press("Enter");
  await page.waitForURL(/packages\/many-\d+\/index\.html$/);
  await page.done();
});

test("without a script, the index of words leads to the packages", async () => {
  const page = await open({ javaScriptEnabled: false });
  await page.goto(file());
  assert.equal(await page.isVisible("#search"), false);
  const policy = await page.getAttribute("meta[http-equiv=Content-Security-Policy]", "content");
  assert.match(policy, /script-src 'self';/);
  assert.doesNotMatch(policy, /unsafe/);
  await page.click("#without a");
  await page.getByRole("link", { name: "qu", exact: true }).click();
  await page.getByRole("link", { name: "Quokka card, version 1.0.0" }).click();
  await page.waitForURL(/packages\/z-title\/index\.html$/);
  await page.context().close();
});

test("the review pages run no script and find by the index of words", async () => {
  const desk = await review(bank, "priya-raman");
  try {
    const page = await open();
    await page.goto(desk.url);
    await page.waitForURL(/\/review\/index\.html$/);
    assert.equal(await page.getByRole("link", { name: "Search", exact: true }).count(), 0);
    const answer = await page.goto(new URL("../search.html", page.url()).href);
    assert.equal(answer.status(), 404);
    await page.goBack();
    await page.getByRole("link", { name: "Find", exact: true }).click();
    await page.waitForURL(/\/find\/index\.html$/);
    await page.context().close();
  } finally {
    await desk.stop();
  }
});

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1280, 390, 320]) {
    test(`axe finds nothing on answers, nothing is wider than the page: ${colorScheme}, ${width} px`, async () => {
      const page = await open({ width, colorScheme, bypassCSP: true });
      await page.goto(file());
      for (const question of ["", "quokka", "zebrafinch", "thylacine", "credit"]) {
        if (question) await ask(page, question);
        assert.deepEqual(await violations(page), [], question);
        assert.ok((await overflow(page)) <= 0, question);
      }
      await page.context().close();
    });
  }
}
