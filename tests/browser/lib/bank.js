// Workspaces made by the real program: the demo's people and keys, and any state of a review.
//
// The demo leaves a finished review. Every other state is made from its people with the same commands a
// person would run, each told its instant, so nothing depends on today's date.

import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const here = resolve(dirname(fileURLToPath(import.meta.url)), "..");
export const repository = resolve(here, "../..");
const target = process.env.CARGO_TARGET_DIR ?? join(repository, "target");
export const program = join(target, "debug/countersign");
export const PASSPHRASE = "demonstration only";
export const CARD = "consumer-credit-scorecard";

const made = [];
const children = new Set();
// Servers first: one that is still writing would leave a folder behind.
process.on("exit", () => {
  children.forEach((child) => child.kill("SIGKILL"));
  made.forEach((dir) => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
});
// A run that is broken off says `exit` too.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(1));

/** A new folder that is gone when the process ends. */
export function folder(name) {
  const dir = mkdtempSync(join(tmpdir(), `countersign-${name}-`));
  made.push(dir);
  return dir;
}

/** The environment of one person: a home of their own, so that drafts and read marks are. */
function environment(bank, more = {}) {
  const home = join(bank, ".countersign/home");
  return { PATH: process.env.PATH, HOME: home, XDG_STATE_HOME: join(home, "state"), LANG: "C.UTF-8", ...more };
}

/** Runs the program; fails unless it exits with `code`. `as` signs, at the instant `at`; `env` adds to its world. */
export function run(bank, words, { code = 0, as, at, cwd = bank, env: more = {} } = {}) {
  const env = environment(bank, at ? { COUNTERSIGN_NOW: at, ...more } : more);
  if (as) {
    env.COUNTERSIGN_KEY = join(bank, ".countersign/demo/keys", as);
    env.COUNTERSIGN_PASSPHRASE_FILE = join(bank, ".countersign/demo/passphrase");
  }
  const all = as ? [...words, "--yes"] : words;
  const done = spawnSync(program, all, { cwd, env, encoding: "utf8" });
  if (done.status !== code) {
    throw new Error(`countersign ${all.join(" ")} exits ${done.status}, not ${code}\n${done.stdout}${done.stderr}`);
  }
  return done.stdout;
}

/** Prepared workspaces, by what was last committed in them. `run` gives all test files one folder for them. */
const prepared = process.env.COUNTERSIGN_PREPARED ?? folder("prepared");

/** The folder of a prepared workspace; `make` fills it when no test file has done so before. */
function once(name, make) {
  const place = join(prepared, name.replaceAll(" ", "-"));
  if (existsSync(place)) return place;
  const draft = mkdtempSync(join(prepared, "draft-"));
  make(draft);
  try {
    // Whole or not at all: another test file may be making the same one now.
    renameSync(draft, place);
  } catch (error) {
    if (!existsSync(place)) throw error;
    rmSync(draft, { recursive: true });
  }
  return place;
}

/** A copy of the demo's workspace with its site built: the review as a whole, or up to a commit of its. */
export function demo(until) {
  const whole = once("whole", (bank) => run(bank, ["demo", bank, "--no-serve"], { cwd: "/" }));
  const copy = (from, to) => cpSync(from, to, { recursive: true });
  const state = until === undefined ? whole : once(until, (bank) => {
    copy(whole, bank);
    const log = git(bank, "log", "--format=%H %s").split("\n");
    const commit = log.find((line) => line.slice(41) === until);
    if (!commit) throw new Error(`the demo has no commit: ${until}`);
    git(bank, "reset", "--quiet", "--hard", commit.slice(0, 40));
    rmSync(site(bank), { recursive: true });
    run(bank, ["build"], { at: NOW });
  });
  const bank = folder("bank");
  copy(state, bank);
  return bank;
}

/** The day on which everything after the demo's own story happens. */
export const NOW = "2026-11-22T10:00:00Z";

export function git(bank, ...words) {
  const done = spawnSync("git", ["-C", bank, ...words], { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`git ${words.join(" ")}: ${done.stderr}`);
  return done.stdout;
}

/** Commits of the demo's story. */
export const OPEN = "data governance approves revision 1";
export const CERTIFIED = "certify the consumer credit scorecard";

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
/** The package digest of a frozen revision, by its MANIFEST. */
export const manifest = (bank, n) => sha256(readFileSync(join(bank, `packages/${CARD}/revisions/${n}/MANIFEST`)));
/** Names of the records that are not in the ledger yet, and one of them with its signature. */
export const pending = (bank) => readdirSync(join(bank, "chains/pending")).filter((name) => name.endsWith(".json")).sort();
export const signed = (bank, name) => JSON.parse(readFileSync(join(bank, "chains/pending", name), "utf8"));

/** Submits a second revision in which only one section says something more. */
export function revise(bank, section) {
  const file = join(bank, `packages/${CARD}/${section}.md`);
  writeFileSync(file, `${readFileSync(file, "utf8")}\nA sentence that was not there when the reviewer read it.\n`);
  run(bank, ["submit", CARD, "--note", `${section}: one sentence more, for the reader.`], { as: "ines-moreau", at: "2026-11-22T09:59:00Z" });
}

export const site = (bank) => join(bank, "site/public");
export const ledger = (bank) => readFileSync(join(bank, "chains/ledger.jsonl"), "utf8");

/** Puts other bytes where the same words stood once. */
export function edit(file, from, to) {
  const text = readFileSync(file, "utf8");
  if (!text.includes(from)) throw new Error(`${file} does not hold: ${from}`);
  writeFileSync(file, text.replace(from, () => to));
}

/** How long a server may take to say where it is: a debug build on a busy machine. */
const START = 120_000;

/** Starts what serves, and waits for what `ready` matches in what it says; `stop` waits for its end. */
function started(command, words, ready, options = {}) {
  const shown = `${command} ${words.join(" ")}`;
  return new Promise((done, failed) => {
    const child = spawn(command, words, { stdio: ["ignore", "pipe", "pipe"], ...options });
    children.add(child);
    let said = "";
    const late = setTimeout(() => {
      child.kill("SIGKILL");
      failed(new Error(`${shown} is not ready: ${said}`));
    }, START);
    const ended = new Promise((end) => child.once("close", (code) => {
      children.delete(child);
      clearTimeout(late);
      failed(new Error(`${shown} ended (${code}): ${said}`));
      end(code);
    }));
    const hear = (bytes) => {
      said += bytes;
      const found = ready.exec(said)?.[1];
      if (!found) return;
      clearTimeout(late);
      done({ said: found, stop: () => (child.kill(), ended) });
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("error", failed);
  });
}

/** Starts a command of the program that serves, and waits for its address. */
async function serving(bank, words, more) {
  // The line may come in pieces: an address is whole when something follows it.
  const ready = /(http:\/\/127\.0\.0\.1:\d+\/\S*)\s/;
  const { said, stop } = await started(program, words, ready, { cwd: bank, env: environment(bank, more) });
  return { url: said, stop };
}

export const serve = (bank) => serving(bank, ["serve", "--port", "0"], { COUNTERSIGN_NOW: NOW });

/** The review pages of one person: with a key of the demo's, or as `key` and `env` say. */
export function review(bank, as, { key = join(bank, ".countersign/demo/keys", as), env = {} } = {}) {
  return serving(bank, ["review", "--port", "0", "--no-open", "--as", as, "--key", key], { COUNTERSIGN_NOW: NOW, ...env });
}

/** An ssh-agent that holds a hardware key: its socket, the key, and how it behaves from now on. */
export async function hardware() {
  const dir = folder("token");
  const [socket, how] = [join(dir, "agent.sock"), join(dir, "behaves")];
  const behaves = (what) => writeFileSync(how, what);
  behaves("touched");
  const words = [join(here, "lib/token-agent.js"), socket, "07".repeat(32), how];
  const { said, stop } = await started(process.execPath, words, /^(\S+ \S+)\n/);
  const file = join(dir, "hardware.pub");
  writeFileSync(file, `${said}\n`);
  return { socket, key: said, file, behaves, stop };
}
