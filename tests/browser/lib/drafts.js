// Packages of one section under chains of one step, laid into a bank by hand: what their authors write is free.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A section needs thirty words to be more than a placeholder. */
export const FILL = "These are plain words of an honest author. ".repeat(5);
const words = (text) => JSON.stringify(text).replace(/\u007f/g, "\\u007f");

/** A chain whose only section bears this heading. */
export function chain(bank, id, { title = `Chain ${id}`, heading = "Body" } = {}) {
  writeFileSync(join(bank, `chains/${id}.toml`), `id = "${id}"
title = ${words(title)}
policy = "Policy H-1"

[[section]]
id = "body"
title = ${words(heading)}
criterion = "It says something."
cites = ["H-1"]

[[step]]
id = "model-risk"
title = "Model risk"
role = "model-risk"
scope = ["body"]
meaning = "I, {name}, as {role}, have read revision {revision} of {package} and I {decision} it."
`);
}

/** A draft under such a chain. */
export function draft(bank, id, { chain, model, title = "Plain", use = "Measuring", notFor = "Nothing else", text, evidence = {} }) {
  const base = join(bank, "packages", id);
  mkdirSync(join(base, "evidence/body"), { recursive: true });
  writeFileSync(join(base, "package.toml"), `title = ${words(title)}
chain = "${chain}"
owner = "ines-moreau"
authors = ["ines-moreau"]

[model]
name = "${model}"
version = "1.0.0"

[scope]
use = ${words(use)}
not_for = ${words(notFor)}
environments = ["shadow"]

[meta]
tier = "high"
`);
  writeFileSync(join(base, "body.md"), text);
  for (const [name, bytes] of Object.entries(evidence)) writeFileSync(join(base, "evidence/body", name), bytes);
}
