/* Check whole logs in the browser: a log against its past, and a certificate down to a ride.

   Beside verify.js, as audit.py stands beside verify.py, and written apart from it. A log is read
   file by file (C2SP tlog-tiles) by the function that the page passes in. */
"use strict";

(() => {
  const { NotChecked, need, check, openCheckpoint, readJson, sha256, isSame } = globalThis.tanhuiVerify;
  const WIDTH = 256;
  const ISSUED = ["registry.units.issued", "registry.pool.issue"];
  const RETIREMENT = ["beneficiary", "purpose", "serials", "unit_mg"]; // whatever use or case it was for
  const plain = new TextDecoder();

  /* ---- logs ---- */

  function tileName(number, width) {
    const digits = String(number).padStart(3 * Math.ceil(String(number).length / 3), "0");
    const parts = digits.match(/.../g).map((part, at, all) => (at < all.length - 1 ? `x${part}` : part));
    return `tile/entries/${parts.join("/")}${width < WIDTH ? `.p/${width}` : ""}`;
  }

  function* entriesOf(tile) {
    for (let at = 0; at < tile.length; ) {
      const end = at + 2 + tile[at] * 256 + (tile[at + 1] ?? 0);
      yield tile.slice(at + 2, end);
      at = end;
    }
  }

  async function rootOf(entries) {
    let level = await Promise.all(entries.map((entry) => sha256([0], entry)));
    while (level.length > 1) {
      const above = [];
      for (let at = 0; at + 1 < level.length; at += 2) above.push(sha256([1], level[at], level[at + 1]));
      if (level.length % 2) above.push(level.at(-1)); // an odd last one goes up as it is
      level = await Promise.all(above);
    }
    return level[0] ?? sha256([]);
  }

  /* The checkpoint of a log and all its entries, hashed to the signed root; `read` gives the bytes
     of a file by its name, `counted` hears how many entries were read. */
  async function readLog(read, trust, counted = () => {}) {
    const checkpoint = await openCheckpoint(plain.decode(await read("checkpoint")), trust);
    const entries = [];
    for (let first = 0; first < checkpoint.size; first += WIDTH) {
      const width = Math.min(WIDTH, checkpoint.size - first);
      entries.push(...entriesOf(await read(tileName(first / WIDTH, width))));
      counted(entries.length, checkpoint.size);
    }
    const fits = entries.length === checkpoint.size && isSame(await rootOf(entries), checkpoint.root);
    need(fits, "日志的条目与其检查点不符", "the entries of the log do not fit its checkpoint");
    return { ...checkpoint, entries };
  }

  /* A checkpoint from before is what one of the logs begins with. */
  async function consistency(note, logs, trust) {
    const old = await openCheckpoint(note, trust);
    const now = logs.find((log) => log.origin === old.origin);
    const absent = [`所给日志里没有 ${old.origin}`, `${old.origin} is not among the logs given`];
    need(now, ...absent, NotChecked);
    const short = [`检查点有 ${old.size} 条，日志只有 ${now.size} 条`, `the checkpoint has ${old.size} entries, the log ${now.size}`];
    need(old.size <= now.size, ...short, NotChecked);
    const isSameBeginning = isSame(await rootOf(now.entries.slice(0, old.size)), old.root);
    need(
      isSameBeginning,
      `日志的前 ${old.size} 条不是检查点所签的：有两份历史。请保存两份文件并公布`,
      `the first ${old.size} entries are not those signed: two histories; keep both files and show them`,
    );
    return { kind: "grown", origin: old.origin, from: old.size, to: now.size };
  }

  /* ---- links ---- */

  /* A pool's issue has one run of serials, and slices with a month between batch and digest. */
  const spans = (serials) => [serials].flat().map((each) => each.split("-").map(Number));
  const batchesOf = ({ from = [], slices = [] }) => [...from, ...slices.map((each) => each.replace(/:[^:]*:/, ":"))];
  const isWithin = ([a, b], whole) => whole.some(([first, last]) => first <= a && b <= last);
  const touch = ([a, b], [first, last]) => a <= last && first <= b;
  const otherYear = (zh, en) => [`所给日志里没有${zh}；请加上那一年的日志`, `${en} is not in the logs given; add the log of its year`];

  function narrativeOf(credential) {
    const lines = credential.credentialSubject.achievement.criteria.narrative.split("\n");
    return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]));
  }

  function retirementOf(credential, acts) {
    const said = narrativeOf(credential);
    const serials = spans(said.serials.split(","));
    const retired = acts.filter((act) => RETIREMENT.every((name) => name in act));
    const own = retired.find((act) => act.act === said.act);
    need(own, ...otherYear(`第 ${said.act} 号行为`, `act ${said.act}`));
    const names = ["units", "asset", "beneficiary", "purpose"];
    const isSaid =
      names.every((name) => String(own[name]) === said[name]) &&
      own.serials.join(",") === said.serials &&
      String(BigInt(own.units) * BigInt(own.unit_mg)) === said.mass_mg;
    need(isSaid, "证书与日志条目说的不同", "the certificate says other than its log entry");
    const others = retired.filter((act) => act !== own).flatMap((act) => spans(act.serials));
    const isTwice = serials.some((part) => others.some((other) => touch(part, other)));
    need(!isTwice, "有序列号注销了两次", "a serial was retired twice");
    return { own, serials };
  }

  /* From a certificate to its retirement, to the issue of its units, to the ride's batch. */
  function links(credential, ride, logs) {
    const texts = logs.flatMap((log) => log.entries.map((entry) => plain.decode(entry)));
    const acts = texts.map(readJson);
    const { own, serials } = retirementOf(credential, acts);
    const issued = acts.filter((act) => ISSUED.includes(act.kind));
    const sources = issued.filter((act) => serials.some((part) => isWithin(part, spans(act.serials))));
    const born = sources.flatMap((act) => spans(act.serials));
    need(serials.every((part) => isWithin(part, born)), ...otherYear("这些单位的签发", "the issue of these units"));
    const batch = readJson(ride.entry);
    need(texts.includes(ride.entry), ...otherYear(`批次 ${batch.batch}`, `batch ${batch.batch}`));
    const issues = sources.filter((act) => batchesOf(act).includes(`${batch.batch}:${batch.digest}`));
    const isHidden = !issues.length && sources.some((act) => "slices_sha256" in act && !("slices" in act));
    need(!isHidden, "批次太多，日志只写摘要", "the issue has too many batches for the log to name them", NotChecked);
    need(
      issues.length,
      `这些单位不是由批次 ${batch.batch} 签发的`,
      `these units were not issued from batch ${batch.batch}`,
    );
    return { kind: "links", retired: own, issues: issues.map((act) => act.batch ?? act.matter), batch };
  }

  /* Everything that was chosen: each file by itself, then what the logs say of them. */
  async function audit({ texts, entry, trust, logsOf }) {
    const isNote = (text) => /^[^\n{%]+\n[0-9]+\n/.test(text) && text.includes("\n\n— ");
    const notes = texts.filter(isNote);
    const found = [];
    for (const text of texts.filter((each) => !isNote(each))) found.push(await check(text, trust, entry));
    const [credential] = texts.filter((text, at) => text.startsWith("{") && "credentialSubject" in readJson(text));
    const [ride] = texts.filter((text) => text.startsWith("{") && "opening" in readJson(text));
    if (!notes.length && !(credential && ride)) return found;
    const logs = await logsOf();
    for (const note of notes) found.push(await consistency(note, logs, trust));
    if (credential && ride) found.push(links(readJson(credential), readJson(ride), logs));
    return found;
  }

  globalThis.tanhuiAudit = { audit, readLog, consistency, links };
})();
