// A reviewer with a hardware key, at the review pages: signed with a touch, and not without one.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { NOW, OPEN, demo, folder, hardware, ledger, pending, run, signed } from "./lib/bank.js";
import { audit, invalid, text, withBrowser } from "./lib/browser.js";
import { as } from "./lib/session.js";

withBrowser();
const ADAEZE = "adaeze-okafor";
const PICTURES = process.env.COUNTERSIGN_PICTURES;

let token;
before(async () => {
  token = await hardware();
});
after(() => token?.stop());

/** A workspace in which Adaeze Okafor's hardware key is enrolled, by her request and a registrar's signature. */
function enrolled() {
  const bank = demo(OPEN);
  const request = join(folder("request"), "adaeze.toml");
  token.behaves("touched");
  const who = ["--person", ADAEZE, "--name", "Adaeze Okafor", "--email", "adaeze.okafor@northbank.example"];
  run(bank, ["people", "request", ...who, "--key", token.file, "--out", request], { at: "2026-11-22T09:00:00Z", env: { SSH_AUTH_SOCK: token.socket } });
  run(bank, ["people", "rotate", request], { as: "nora-vance", at: "2026-11-22T09:10:00Z" });
  run(bank, ["append"]);
  return bank;
}

/** Runs `act` as Adaeze with the hardware key and no key file. */
const withToken = (bank, act, { env = {}, ...options } = {}) =>
  as(bank, ADAEZE, act, options, { key: token.file, env: { SSH_AUTH_SOCK: token.socket, ...env } });

test("the stand-in speaks as an agent does: ssh-add and ssh-keygen take its key", () => {
  const env = { PATH: process.env.PATH, SSH_AUTH_SOCK: token.socket };
  token.behaves("touched");
  const list = spawnSync("ssh-add", ["-L"], { env, encoding: "utf8" });
  assert.equal(list.stdout, `${token.key} a hardware key\n`, list.stderr);
  const made = spawnSync("ssh-keygen", ["-Y", "sign", "-f", token.file, "-n", "file"], { env, input: "words", encoding: "utf8" });
  assert.match(made.stdout, /^-----BEGIN SSH SIGNATURE-----/, made.stderr);
});

test("R27 R48 with a hardware key a reviewer signs in the pages by touching it; ssh-keygen verifies it", async () => {
  const bank = enrolled();
  const before = ledger(bank).trim().split("\n").length;
  await withToken(bank, async (desk, page) => {
    await desk.reject();
    assert.equal(await page.locator("#passphrase").count(), 0);
    assert.match(await text(page), /touch your hardware key when it blinks/);
    assert.deepEqual(invalid(await (await page.context().request.get(page.url())).text(), "check with a hardware key"), []);
    assert.deepEqual(await audit(page, "check with a hardware key"), []);
    const shown = await page.locator("#bytes").textContent();
    await desk.sign({ passphrase: null });
    assert.match(page.url(), /recorded\.html/);
    assert.match(await text(page), /hardware key, touched/i);
    const [name, ...more] = pending(bank);
    assert.deepEqual(more, []);
    const { record, sig } = signed(bank, name);
    assert.equal(record, shown);
    assert.equal(JSON.parse(record).ceremony.unlock, "fido");
    const dir = folder("keygen");
    writeFileSync(join(dir, "allowed"), `${ADAEZE} ${token.key}\n`);
    writeFileSync(join(dir, "sig"), sig);
    const keygen = (input) => spawnSync("ssh-keygen", ["-Y", "verify", "-f", join(dir, "allowed"), "-I", ADAEZE, "-n", "countersign-record", "-s", join(dir, "sig")], { input, encoding: "utf8" });
    assert.match(keygen(record).stdout, /^Good "countersign-record" signature for adaeze-okafor with ED25519-SK key SHA256:/);
    assert.notEqual(keygen(`${record} `).status, 0);
  }, { javaScriptEnabled: true, bypassCSP: true });
  run(bank, ["append"]);
  run(bank, ["verify"]);
  assert.equal(ledger(bank).trim().split("\n").length, before + 1);
  run(bank, ["build"], { at: NOW });
});

for (const [what, behaves, heading, more] of [
  ["that signs without a touch", "untouched", /hardware key signed without being touched, so that signature was thrown away/, /Only a touch shows that somebody was there/],
  ["that nobody touches", "refuses", /hardware key did not sign: it was not touched in time, or it is not plugged in/, /touch the key when it blinks/],
  ["whose agent never answers", "silent", /hardware key was not touched within 3 seconds/, /touch the key when it blinks/],
]) {
  test(`R28 a hardware key ${what} signs nothing; the page says why, keeps what was written, and lets it be tried again`, async () => {
    const bank = enrolled();
    await withToken(bank, async (desk, page) => {
      await desk.reject({ concern: "A concern that took an hour to write." });
      const before = desk.written();
      token.behaves(behaves);
      const start = Date.now();
      await desk.sign({ passphrase: null });
      assert.ok(behaves !== "silent" || Date.now() - start >= 2900, "it did not wait");
      assert.match(page.url(), /check\.html\?try=/);
      assert.match(await page.title(), /^Error: /);
      const words = await text(page, "#errors");
      assert.match(words, heading);
      assert.match(words, more);
      assert.match(words, /Nothing has been signed/);
      assert.equal(await page.inputValue("#reviewer"), ADAEZE);
      assert.equal(desk.written(), before);
      if (PICTURES) await page.screenshot({ path: join(PICTURES, `token-${behaves}.png`) });
      assert.deepEqual(await audit(page, `hardware key ${what}`), []);
      // What was written is there, and the same page signs once the key is touched.
      assert.match(await text(page, "#deed"), /A concern that took an hour to write\./);
      token.behaves("touched");
      await desk.sign({ passphrase: null });
      assert.match(page.url(), /recorded\.html/);
      assert.equal(pending(bank).length, 1);
    }, { javaScriptEnabled: true, bypassCSP: true, env: { COUNTERSIGN_AGENT_SECONDS: "3" } });
  });
}

test("a hardware key that is not plugged in: the page says so before anything is asked, and keeps the draft", async () => {
  const bank = enrolled();
  const empty = join(folder("no-agent"), "agent.sock");
  await as(bank, ADAEZE, async (desk, page) => {
    await desk.reject();
    assert.match(await text(page), /signing key is not at hand/);
    assert.match(await text(page), /Plug in your hardware key.*What you wrote is kept/);
    assert.equal(await page.locator("#sign").count(), 0);
    assert.equal(pending(bank).length, 0);
  }, {}, { key: token.file, env: { SSH_AUTH_SOCK: empty } });
});
