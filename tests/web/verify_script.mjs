/* Runs verify.js and audit.js on the questions in a file: [{text, entry?, keys, witnesses?, least?}],
   or [{texts, logs: [folder], keys}]. */
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [script, questions] = process.argv.slice(2);
vm.runInThisContext(readFileSync(script, "utf8"));
vm.runInThisContext(readFileSync(script.replace("verify.js", "audit.js"), "utf8"));
const { check, trustOf, isEd25519, needIncluded, NotProven } = globalThis.tanhuiVerify;
const { audit, readLog } = globalThis.tanhuiAudit;
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
      if (each.texts) {
        const read = (folder) => async (name) => new Uint8Array(readFileSync(`${folder}/${name}`));
        const logsOf = () => Promise.all(each.logs.map((folder) => readLog(read(folder), trust)));
        const found = await audit({ texts: each.texts, entry, trust, logsOf });
        answers.push(found.map((one) => one.kind).join(" "));
      } else {
        answers.push((await check(each.text, trust, entry)).kind);
      }
    }
  } catch (error) {
    answers.push(error instanceof NotProven ? error.message : `CRASH ${error.stack}`);
  }
}
process.stdout.write(JSON.stringify(answers));
