// A stand-in for an ssh-agent that holds one hardware key (sk-ssh-ed25519@openssh.com): the agent's protocol
// over a socket, and the bytes a FIDO token signs (OpenSSH PROTOCOL.u2f).
//
// node token-agent.js SOCKET SEED-IN-HEX FILE; FILE says, for each signature anew, how the key behaves:
// `touched`, `untouched`, `refuses` or `silent`. Prints the public key when it listens.

import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";

const [socket, seed, how] = process.argv.slice(2);
const KIND = "sk-ssh-ed25519@openssh.com";
const APPLICATION = "ssh:";
const [REQUEST_IDENTITIES, IDENTITIES_ANSWER, SIGN_REQUEST, SIGN_RESPONSE, FAILURE] = [11, 12, 13, 14, 5];

const u32 = (n) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
const string = (bytes) => Buffer.concat([u32(Buffer.byteLength(bytes)), Buffer.from(bytes)]);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest();

const secret = createPrivateKey({ key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed, "hex")]), format: "der", type: "pkcs8" });
const point = createPublicKey(secret).export({ format: "der", type: "spki" }).subarray(-32);
const blob = Buffer.concat([string(KIND), string(point), string(APPLICATION)]);
let counter = 41;

/** The answer to one message; `null` never answers. */
function answer(message) {
  if (message[0] === REQUEST_IDENTITIES) return Buffer.concat([Buffer.from([IDENTITIES_ANSWER]), u32(1), string(blob), string("a hardware key")]);
  const behaves = readFileSync(how, "utf8").trim();
  if (message[0] !== SIGN_REQUEST || behaves === "refuses") return Buffer.from([FAILURE]);
  if (behaves === "silent") return null;
  const take = (at) => message.subarray(at + 4, at + 4 + message.readUInt32BE(at));
  const key = take(1);
  if (!key.equals(blob)) return Buffer.from([FAILURE]);
  const data = take(1 + 4 + key.length);
  counter += 1;
  const flags = Buffer.from([behaves === "untouched" ? 0 : 1]);
  const signature = sign(null, Buffer.concat([sha256(APPLICATION), flags, u32(counter), sha256(data)]), secret);
  return Buffer.concat([Buffer.from([SIGN_RESPONSE]), string(Buffer.concat([string(KIND), string(signature), flags, u32(counter)]))]);
}

const server = createServer((connection) => {
  let bytes = Buffer.alloc(0);
  connection.on("error", () => {});
  connection.on("data", (more) => {
    bytes = Buffer.concat([bytes, more]);
    while (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) {
      const message = bytes.subarray(4, 4 + bytes.readUInt32BE(0));
      bytes = bytes.subarray(4 + message.length);
      const said = answer(message);
      if (said) connection.write(string(said));
    }
  });
});
server.listen(socket, () => console.log(`${KIND} ${blob.toString("base64")}`));
