// Finds words in all packages, in the reader's own browser: from a folder as well as from a server. It loads
// parts of the index as scripts, each of which is one call with data in it. Nothing is sent anywhere.
//
// In: the words typed; search/GG.js (the documents of a group of packages), search/GG-BB.js (words with the
// documents they stand in), search/pages.js (what is no package), packages/ID/search.js (text to show).
// Out: packages that hold all of the words, titles before section headings before text, with passages.
// All text of others is put into the page as text, never as markup.
"use strict";
(() => {
  const box = document.getElementById("search");
  const [GROUPS, BUCKETS] = [box.dataset.groups, box.dataset.buckets].map(Number);
  /** Results shown at a time, passages shown of one, letters of a passage. */
  const [PAGE, PASSAGES, WIDTH] = [20, 3, 230];
  /** What a word counts for by where it stands: text, often in the text, section heading, title. */
  const WEIGHT = [10, 13, 100, 1000];
  const [MUCH, HEADING, TITLE] = [1, 2, 3];

  // ---- words: folded, cut and spread as the program does it (src/site/search/words.rs)

  const PLAIN = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ł: "l", ı: "i", ς: "σ" };
  const ALONE = "\\u3040-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}";
  const WORD = new RegExp(`[${ALONE}]|(?:(?![${ALONE}])[\\p{Alphabetic}\\p{N}])+`, "gu");
  const RUN = new RegExp(`[${ALONE}]\\p{M}*|(?:(?![${ALONE}])[\\p{Alphabetic}\\p{M}\\p{N}])+`, "gu");
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\p{M}/gu, "").replace(/[ßæœøđłıς]/g, (c) => PLAIN[c]);
  const cut = (text) => (fold(text).match(WORD) ?? []).map((word) => [...word].slice(0, 64).join(""));
  const bucket = (word) => {
    const [first, second = 0] = Array.from(word, (c) => c.codePointAt(0));
    return (first * 31 + second) % BUCKETS;
  };

  /** How well a word of a text is the word looked for: 1, less for its plural or a longer one, 0 for another. */
  const match = (wanted, word) => {
    if (word === wanted.text) return 1;
    if (wanted.text.length > 3 && (word === `${wanted.text}s` || wanted.text === `${word}s`)) return 0.9;
    return wanted.last && wanted.text.length > 1 && word.startsWith(wanted.text) ? 0.8 : 0;
  };

  // ---- the index, loaded as it is needed

  const arrived = new Map();
  const asked = new Map();
  globalThis.countersign = Object.freeze({
    list: ([group, , documents]) => arrived.set(`list ${group}`, documents),
    words: ([group, bucket, words]) => arrived.set(`words ${group} ${bucket}`, words),
    text: ([id, , text]) => arrived.set(`text ${id}`, text),
    pages: (pages) => arrived.set("pages", pages),
  });
  const load = (key, src) => {
    if (!asked.has(key)) {
      asked.set(key, new Promise((done, failed) => {
        const script = document.createElement("script");
        script.onload = () => (arrived.has(key) ? done(arrived.get(key)) : failed(new Error(src)));
        script.onerror = () => failed(new Error(src));
        script.src = src;
        document.head.append(script);
      }).catch((error) => {
        asked.delete(key);
        throw error;
      }));
    }
    return asked.get(key);
  };
  const two = (n) => String(n).padStart(2, "0");
  const list = (group) => load(`list ${group}`, `search/${two(group)}.js`);
  const lists = (group, n) => load(`words ${group} ${n}`, `search/${two(group)}-${two(n)}.js`);
  const text = (id) => load(`text ${id}`, `packages/${id}/search.js`);

  // ---- finding

  /** The packages of one group that hold all words, each with what that is worth. */
  async function inGroup(group, wanted) {
    const [documents, ...shards] = await Promise.all([list(group), ...wanted.map((one) => lists(group, bucket(one.text)))]);
    const owner = documents.flatMap(([, places], n) => Array(places).fill(n));
    const found = documents.map(() => wanted.map(() => 0));
    const together = new Map();
    wanted.forEach((one, w) => {
      for (let at = 0; at < shards[w].length; at += 2) {
        const quality = match(one, shards[w][at]);
        if (!quality) continue;
        let place = 0;
        for (const number of shards[w][at + 1]) {
          place += number >> 2;
          const scores = found[owner[place]];
          if (!scores) continue;
          scores[w] = Math.max(scores[w], WEIGHT[number & 3] * quality);
          together.set(place, (together.get(place) ?? 0) | (1 << w));
        }
      }
    });
    const all = (1 << wanted.length) - 1;
    const close = new Set();
    for (const [place, set] of together) if (set === all) close.add(owner[place]);
    return documents.flatMap(([id], n) => {
      if (found[n].includes(0)) return [];
      // Words that stand in one section belong together more than words that stand somewhere on the page.
      return [{ id, worth: found[n].reduce((a, b) => a + b) + (close.has(n) ? 5 : 0) }];
    });
  }

  /** Pages that are no package: few, so they are read as they are. */
  async function inPages(wanted) {
    const pages = await load("pages", "search/pages.js");
    return pages.flatMap((page) => {
      const title = cut(page.title);
      const places = page.places.flatMap((place) => {
        const [, heading, common, paragraphs] = place;
        const at = [[cut(paragraphs.join("\n")), 0], [common ? [] : cut(heading), HEADING], [title, TITLE]];
        const scores = wanted.map((one) => Math.max(...at.map(([words, where]) => WEIGHT[where] * Math.max(0, ...words.map((word) => match(one, word))))));
        return scores.includes(0) ? [] : [{ place, worth: scores.reduce((a, b) => a + b) }];
      });
      if (!places.length) return [];
      places.sort((a, b) => b.worth - a.worth);
      return [{ id: page.href, page: { ...page, places: places.map(({ place }) => place) }, worth: places[0].worth }];
    });
  }

  async function find(wanted) {
    const groups = Array.from({ length: GROUPS }, (_, group) => inGroup(group, wanted));
    const found = (await Promise.all([inPages(wanted), ...groups])).flat();
    return found.sort((a, b) => b.worth - a.worth || (a.id < b.id ? -1 : 1));
  }

  // ---- showing

  const make = (name, className, ...children) => {
    const element = document.createElement(name);
    if (className) element.className = className;
    element.append(...children);
    return element;
  };

  /** Where the words stand in a text: start, end, and which of them it is. */
  function marks(text, wanted) {
    return Array.from(text.matchAll(RUN)).flatMap((run) => {
      const words = cut(run[0]);
      const which = wanted.findIndex((one) => words.some((word) => match(one, word)));
      return which < 0 ? [] : [{ from: run.index, to: run.index + run[0].length, which }];
    });
  }
  const distinct = (found) => new Set(found.map((mark) => mark.which)).size;

  /** A text with the words marked, from letter to letter. */
  function marked(text, found, from = 0, to = text.length) {
    const parts = [];
    let at = from;
    for (const mark of found.filter((one) => one.from >= from && one.to <= to)) {
      parts.push(text.slice(at, mark.from), make("mark", "", text.slice(mark.from, mark.to)));
      at = mark.to;
    }
    return [...parts, text.slice(at, to)];
  }

  /** The part of a text in which most of the words stand close together. */
  function passage(text, found) {
    if (text.length <= WIDTH) return marked(text, found);
    const near = (mark) => distinct(found.filter((one) => one.from >= mark.from && one.to <= mark.from + WIDTH - 60));
    const best = found.slice(0, 200).reduce((a, b) => (near(b) > near(a) ? b : a));
    let from = Math.max(0, Math.min(best.from - 60, text.length - WIDTH));
    let to = Math.min(text.length, from + WIDTH);
    if (from > 0) from = text.lastIndexOf(" ", from + 20) > from ? text.indexOf(" ", from) + 1 : from;
    if (to < text.length) to = Math.max(text.lastIndexOf(" ", to), best.to);
    return [from > 0 ? "… " : "", ...marked(text, found, Math.min(from, best.from), to), to < text.length ? " …" : ""];
  }

  /** The places of a page that say most about the words, best first, and how many more there are. */
  function passages(places, wanted) {
    const found = places.flatMap(([anchor, heading, common, paragraphs], order) => {
      const head = marks(heading, wanted);
      const said = paragraphs.map((text) => ({ text, found: marks(text, wanted) })).filter((one) => one.found.length);
      said.sort((a, b) => distinct(b.found) - distinct(a.found));
      const held = distinct([...said.flatMap((one) => one.found), ...(common ? [] : head)]);
      if (!held) return [];
      return [{ anchor, heading, head, said: said[0], held, worth: held * 100 + (common ? 0 : distinct(head) * 10) + (said.length ? distinct(said[0].found) : 0), order }];
    });
    // Where one place holds all of the words, places with some of them say nothing more.
    const whole = found.filter((one) => one.held === wanted.length);
    const best = (whole.length ? whole : found).sort((a, b) => b.worth - a.worth || a.order - b.order);
    return [best.slice(0, PASSAGES), best.length - PASSAGES];
  }

  function tag({ tone, icon, state }) {
    const known = document.getElementById("icons").content.querySelector(`[data-name="${CSS.escape(icon)}"]`);
    return make("span", `tag tag--${tone}`, ...(known ? [known.firstElementChild.cloneNode(true)] : []), state);
  }

  /** One result: the title, what it is, and where on its page the words stand. */
  function result(shown, href, wanted) {
    const link = (anchor, ...children) => {
      const a = make("a", "", ...children);
      a.href = anchor ? `${href}#${encodeURIComponent(anchor)}` : href;
      return a;
    };
    const [best, more] = passages(shown.places, wanted);
    const about = shown.kind ? [make("span", "muted", shown.kind)] : [tag(shown), make("span", "muted", shown.revision)];
    const item = make("li", "sheet", make("h2", "", link("", ...marked(shown.title, marks(shown.title, wanted)))), make("p", "about", ...about));
    if (best.length) {
      item.append(make("ul", "passages", ...best.map(({ anchor, heading, head, said }) =>
        make("li", "", link(anchor, ...marked(heading, head)), ...(said ? [make("p", "", ...passage(said.text, said.found))] : [])))));
    }
    if (more > 0) item.append(make("p", "small muted", `And in ${count(more, "more place")} on this page.`));
    return item;
  }

  const count = (n, what) => `${n.toLocaleString("en")} ${what}${n === 1 ? "" : "s"}`;
  const hold = (n) => (n === 1 ? "holds" : "hold");

  /** What was found, in a sentence. */
  function sentence(found, wanted) {
    const words = wanted.length === 1 ? "this word" : wanted.length === 2 ? "both words" : "all of these words";
    const packages = found.filter((one) => !one.page).length;
    const others = found.length - packages;
    if (!found.length) return `Nothing holds ${words}. Try a word less, or the beginning of a word.`;
    if (!packages) return `No package holds ${words}; ${count(others, "other page")} ${others === 1 ? "does" : "do"}.`;
    const more = others ? `, and so ${others === 1 ? "does" : "do"} ${count(others, "other page")}` : "";
    const part = found.length > PAGE ? ` The first ${PAGE} are shown.` : "";
    return `${count(packages, "package")} ${hold(packages)} ${words}${more}.${part}`;
  }

  // ---- the page

  const query = document.getElementById("query");
  const status = document.getElementById("found");
  const results = document.getElementById("results");
  const more = document.getElementById("more");
  const title = document.title;
  let turn = 0;
  let rest = () => {};

  async function show(found, wanted, own) {
    const shown = await Promise.all(found.slice(0, PAGE).map(async ({ id, page }) =>
      page ? result(page, page.href, wanted) : result(await text(id), `packages/${id}/index.html`, wanted)));
    if (own !== turn) return null;
    results.append(...shown);
    const left = found.slice(PAGE);
    more.hidden = left.length === 0;
    if (left.length) more.textContent = `Show ${Math.min(PAGE, left.length)} more of ${left.length}`;
    rest = () => show(left, wanted, own);
    return shown[0];
  }

  async function search() {
    const own = ++turn;
    const words = [...new Set(cut(query.value))].slice(0, 12);
    const wanted = words.map((text, n) => ({ text, last: n === words.length - 1 }));
    const typed = query.value.trim();
    history.replaceState(null, "", typed ? `#q=${encodeURIComponent(typed)}` : location.pathname);
    // What was asked stands in the title, so in the history and on paper.
    document.title = typed ? `${typed} – ${title}` : title;
    const clear = () => {
      results.replaceChildren();
      more.hidden = true;
    };
    if (!wanted.length) {
      clear();
      status.textContent = typed ? "Type a word of letters or digits." : "";
      return;
    }
    const slow = setTimeout(() => own === turn && (status.textContent = "Searching …"), 400);
    try {
      const found = await find(wanted);
      if (own !== turn) return;
      clear();
      await show(found, wanted, own);
      if (own === turn) status.textContent = sentence(found, wanted);
    } catch (error) {
      if (own !== turn) return;
      clear();
      status.textContent = `The index cannot be read (${error.message}). Load this page again; the index of words works without it.`;
    } finally {
      clearTimeout(slow);
    }
  }

  let timer;
  query.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, 150);
  });
  const now = () => {
    clearTimeout(timer);
    search();
  };
  query.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && now());
  document.getElementById("go").addEventListener("click", now);
  more.addEventListener("click", async () => (await rest())?.querySelector("a").focus());
  const asks = () => new URLSearchParams(location.hash.slice(1)).get("q") ?? new URLSearchParams(location.search).get("q");
  addEventListener("hashchange", () => {
    const wanted = new URLSearchParams(location.hash.slice(1)).get("q");
    if (wanted !== null && wanted !== query.value.trim()) {
      query.value = wanted;
      now();
    }
  });

  document.getElementById("without").hidden = true;
  box.hidden = false;
  query.value = asks() ?? "";
  if (query.value) search();
})();
