/* Runs verify.js on the questions in a file: [{name, text, entry?, keys, witnesses?, least?}]. */
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [script, questions] = process.argv.slice(2);
vm.runInThisContext(readFileSync(script, "utf8"));
const { check, trustOf, isEd25519, needIncluded } = globalThis.tanhuiVerify;
const bytes = (text) => Uint8Array.from(Buffer.from(text, "base64"));
const answers = [];
for (const each of JSON.parse(readFileSync(questions, "utf8"))) {
  try {
    if (each.signature !== undefined) {
      answers.push(await isEd25519(bytes(each.key), bytes(each.message), bytes(each.signature)));
    } else if (each.leaf !== undefined) {
      const place = { index: each.index, size: each.size, path: each.path.map(bytes), root: bytes(each.root) };
      await needIncluded(bytes(each.leaf), place, "", "");
      answers.push(true);
    } else {
      const trust = await trustOf(each.keys, each.witnesses, each.least);
      const entry = each.entry === undefined ? undefined : bytes(each.entry);
      answers.push((await check(each.text, trust, entry)).kind);
    }
  } catch (error) {
    answers.push(error.constructor.name === "NotProven" ? error.message : `CRASH ${error.stack}`);
  }
}
process.stdout.write(JSON.stringify(answers));
