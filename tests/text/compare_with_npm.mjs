// Where `attnlab tokenize` and the npm package @huggingface/tokenizers differ on a folder with a tokenizer.json.
//   npm install @huggingface/tokenizers      (anywhere; run this script from that folder)
//   node …/compare_with_npm.mjs ATTNLAB FOLDER TEXTS.jsonl      a text a line: {"text": "…"}
// Prints each text whose ids differ, with the first tokens that do; exits with 1 when there are any.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const { Tokenizer } = createRequire(join(process.cwd(), "here.js"))("@huggingface/tokenizers");
const [attnlab, folder, texts] = process.argv.slice(2);
const read = (name) => (existsSync(join(folder, name)) ? JSON.parse(readFileSync(join(folder, name), "utf8")) : {});
const theirs = new Tokenizer(read("tokenizer.json"), read("tokenizer_config.json"));
const lines = execFileSync(attnlab, ["tokenize", "--model", folder, "--jsonl"], {
  input: readFileSync(texts),
  maxBuffer: 1 << 30,
}).toString().split("\n").filter(Boolean);

let different = 0;
for (const line of lines) {
  const ours = JSON.parse(line);
  const other = theirs.encode(ours.text);
  const at = ours.ids.findIndex((id, i) => id !== other.ids[i]);
  if (at < 0 && ours.ids.length === other.ids.length) continue;
  ++different;
  const around = (tokens) => JSON.stringify(tokens.slice(Math.max(0, at - 1), at + 4));
  console.log(`${JSON.stringify(ours.text)}\n  here ${around(ours.tokens)}\n  npm  ${around(other.tokens)}`);
}
console.log(`${lines.length} texts, ${different} differ`);
process.exit(different > 0 ? 1 : 0);
