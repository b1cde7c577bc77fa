/* Check a proof in the browser, offline, with nothing but WebCrypto.

   The second verifier beside verify.py, written apart from it: two opinions on one proof. Formats:
   RFC 6962 and 9162 (trees), C2SP signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof,
   RFC 8785 (canonical JSON), W3C Data Integrity eddsa-jcs-2022. */
"use strict";

(() => {
  const RIDE = "tanhui-ride-proof-v1";
  const PROOF_HEAD = "c2sp.org/tlog-proof@v1";
  const SIZE = /^(0|[1-9][0-9]{0,14})$/;
  const COSIGNATURE = 4;
  const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  const utf8 = new TextEncoder();

  class NotProven extends Error {
    constructor(zh, en) {
      super(`${zh} / ${en}`);
      this.zh = zh;
      this.en = en;
    }
  }

  /* What was given cannot be checked: no proof that fails, so nobody is suspected. */
  class NotChecked extends NotProven {}

  function need(holds, zh, en, Refusal = NotProven) {
    if (!holds) throw new Refusal(zh, en);
  }

  // ---- bytes ----

  function joined(...parts) {
    const found = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      found.set(part, at);
      at += part.length;
    }
    return found;
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const isSame = (a, b) => hex(a) === hex(b);

  function fromHex(text) {
    need(typeof text === "string" && /^([0-9a-f]{2})+$/.test(text), "十六进制不对", "bad hexadecimal");
    return Uint8Array.from(text.match(/../g), (pair) => parseInt(pair, 16));
  }

  function fromBase64(text) {
    let raw = "";
    try {
      raw = atob(text);
    } catch {
      raw = "";
    }
    need(raw && btoa(raw) === text, "base64 不规范", "base64 in another form");
    return Uint8Array.from(raw, (char) => char.charCodeAt(0));
  }

  function fromMultibase(text, size) {
    let number = 0n;
    const known = typeof text === "string" && text[0] === "z";
    for (const char of known ? text.slice(1) : "") {
      const digit = BASE58.indexOf(char);
      need(digit >= 0, "multibase 格式不对", "this is no multibase text");
      number = number * 58n + BigInt(digit);
    }
    need(known && number < 1n << BigInt(8 * size), "multibase 格式不对", "this is no multibase text");
    return fromHex(number.toString(16).padStart(2 * size, "0"));
  }

  async function sha256(...parts) {
    return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
  }

  async function isEd25519(key, message, signature) {
    if (key.length !== 32 || signature.length !== 64) return false;
    const known = await crypto.subtle
      .importKey("raw", key, { name: "Ed25519" }, false, ["verify"])
      .catch((error) => {
        need(error.name !== "NotSupportedError", "浏览器太旧，不支持 Ed25519", "this browser has no Ed25519");
        return null;
      });
    return known !== null && crypto.subtle.verify({ name: "Ed25519" }, known, signature, message);
  }

  // ---- canonical JSON ----

  function canonical(value) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
    if (value !== null && typeof value === "object") {
      const keys = Object.keys(value).sort(); // by UTF-16 units, as RFC 8785 asks
      return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(",")}}`;
    }
    if (typeof value === "number") {
      const isWhole = Number.isInteger(value) && Math.abs(value) <= 2 ** 53 && !Object.is(value, -0);
      need(isWhole, "数字不是小整数", "a number is not whole or too large");
    }
    return JSON.stringify(value);
  }

  function readJson(text) {
    try {
      return JSON.parse(text);
    } catch {
      throw new NotChecked("文件不是完整的 JSON，请重新下载", "this is no whole JSON; download the file again");
    }
  }

  /* A value that stands there in its one canonical form, so that no key can stand twice. */
  function readCanonical(text) {
    const value = readJson(text);
    need(canonical(value) === text, "条目不是规范 JSON", "the entry is no canonical JSON");
    return value;
  }

  // ---- trees ----

  async function needIncluded(leaf, { index, size, path, root }, zh, en) {
    const isPlace = Number.isSafeInteger(index) && index >= 0 && index < size;
    const areHashes = [leaf, root, ...path].every((each) => each.length === 32);
    need(isPlace && areHashes, `${zh}：位置或哈希不对`, `${en}: bad place`);
    let [at, last, found] = [index, size - 1, leaf];
    for (const each of path) {
      need(last > 0, `${zh}：路径过长`, `${en}: the path is too long`);
      if (at % 2 === 1 || at === last) {
        found = await sha256([1], each, found);
        while (at > 0 && at % 2 === 0) [at, last] = [at / 2, Math.floor(last / 2)];
      } else {
        found = await sha256([1], found, each);
      }
      [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    }
    need(last === 0 && isSame(found, root), `${zh}：算不到根`, `${en}: it does not lead to the root`);
  }

  // ---- signed notes and log proofs ----

  async function readKey(text) {
    const [name, id, ...rest] = text.split("+");
    const data = fromBase64(rest.join("+"));
    const keyId = (await sha256(utf8.encode(`${name}\n`), data)).slice(0, 4);
    need(name && hex(keyId) === id, "公钥与其编号不符", "the key has another hash");
    return { name, id, kind: data[0], key: data.slice(1) };
  }

  /* What `read` makes of a key; one that is cut or miscopied is told with the form it should have. */
  async function wholeKey(text, read) {
    try {
      return await read(text);
    } catch (error) {
      if (!(error instanceof NotProven)) throw error;
      const zh = `“${text}”不是完整的公钥：日志公钥形如 name+hash+key，签发公钥形如 z6Mk…`;
      throw new NotChecked(zh, `“${text}” is no whole key: a log's is like name+hash+key, an issuer's like z6Mk…`);
    }
  }

  async function fits(key, text, signature) {
    if (key.kind === COSIGNATURE) {
      const seconds = new DataView(signature.buffer, signature.byteOffset).getBigUint64(0);
      const message = utf8.encode(`cosignature/v1\ntime ${seconds}\n${text}`);
      return isEd25519(key.key, message, signature.slice(8));
    }
    return key.kind === 1 && isEd25519(key.key, utf8.encode(text), signature);
  }

  async function openNote(note, keys) {
    const cut = note.lastIndexOf("\n\n");
    const isPlain = [...note].every((char) => char === "\n" || char >= " ");
    need(cut >= 0 && note.endsWith("\n") && isPlain, "签名文本格式不对", "the signed note has another form");
    const text = note.slice(0, cut + 1);
    const signers = new Set();
    for (const line of note.slice(cut + 2, -1).split("\n")) {
      const parts = line.split(" ");
      need(parts.length === 3 && parts[0] === "—", "签名行格式不对", "a bad signature line");
      const data = fromBase64(parts[2]);
      for (const key of keys) {
        if (key.name !== parts[1] || key.id !== hex(data.slice(0, 4))) continue;
        const holds = data.length > 12 && (await fits(key, text, data.slice(4)));
        need(holds, `${key.name} 的签名不符`, `the signature of ${key.name} does not fit`);
        signers.add(key);
      }
    }
    return { text, signers };
  }

  /* Origin, size and root of a checkpoint that a trusted key signed, and who witnessed it. */
  async function openCheckpoint(note, trust) {
    const missing = ["请填写日志公钥（name+hash+key）", "give the log's key (name+hash+key)"];
    need(trust.keys.length, ...missing, NotChecked);
    const { text, signers } = await openNote(note, [...trust.keys, ...trust.witnesses]);
    const [origin, size, root, ...rest] = text.split("\n");
    need(SIZE.test(size) && rest.length >= 1, "检查点格式不对", "the checkpoint has another form");
    const isOurs = trust.keys.some((key) => key.name === origin && signers.has(key));
    need(isOurs, "日志没有用您信任的公钥签名", "no key that you trust signed the log");
    const seen = [...new Set(trust.witnesses.filter((key) => signers.has(key)).map((key) => key.name))];
    const few = [`只有 ${seen.length} 个见证人签名`, `only ${seen.length} witnesses signed`];
    need(seen.length >= trust.witnessesMin, ...few);
    return { origin, size: Number(size), root: fromBase64(root), seen };
  }

  async function needLogged(proof, entry, trust) {
    const gap = proof.indexOf("\n\n");
    const lines = proof.slice(0, Math.max(gap, 0)).split("\n").filter((line) => !line.startsWith("extra "));
    const [, number] = (lines[1] || "").match(/^index (.*)$/) || [];
    const isProof = lines[0] === PROOF_HEAD && SIZE.test(number) && lines.length <= 65;
    need(isProof, "日志证明格式不对", "the log proof has another form");
    const { origin, size, root, seen } = await openCheckpoint(proof.slice(gap + 2), trust);
    const place = { index: Number(number), size, path: lines.slice(2).map(fromBase64), root };
    await needIncluded(await sha256([0], entry), place, "条目不在日志中", "the entry is not in the log");
    return { origin, index: place.index, size, seen };
  }

  // ---- what can be checked ----

  async function trustOf(keys, witnesses = [], witnessesMin = 0) {
    const isLogKey = (key) => key.includes("+");
    return {
      issuers: await Promise.all(
        keys.filter((key) => !isLogKey(key)).map((key) => wholeKey(key, (text) => fromMultibase(text, 34))),
      ),
      keys: await Promise.all(keys.filter(isLogKey).map((key) => wholeKey(key, readKey))),
      witnesses: await Promise.all(witnesses.map((key) => wholeKey(key, readKey))),
      witnessesMin,
    };
  }

  async function checkRide(proof, trust) {
    const { batch } = proof;
    const secret = { name: "HMAC", hash: "SHA-256" };
    const key = await crypto.subtle.importKey("raw", fromHex(proof.opening), secret, false, ["sign"]);
    const row = canonical(proof.row);
    const commitment = new Uint8Array(await crypto.subtle.sign("HMAC", key, utf8.encode(row)));
    const path = batch.path.map(fromHex);
    const place = { index: batch.index, size: batch.leaves, path, root: fromHex(batch.root) };
    await needIncluded(await sha256([0], commitment), place, "记录不在批次中", "the record is not in the batch");
    const entry = readCanonical(proof.entry);
    const isSaid = entry.root === batch.root && entry.leaves === batch.leaves;
    const isBatch = isSaid && entry.kind === "books.batch.posted";
    need(isBatch, "日志条目说的是别的批次", "the log entry is about another batch");
    const log = await needLogged(proof.log_proof, utf8.encode(proof.entry), trust);
    return { kind: "ride", row: proof.row, entry, log };
  }

  async function checkCredential(credential, trust) {
    const { proof: whole, ...document } = credential;
    const { proofValue, ...proof } = whole;
    const isKnown =
      proof.type === "DataIntegrityProof" &&
      proof.cryptosuite === "eddsa-jcs-2022" &&
      proof.proofPurpose === "assertionMethod";
    need(isKnown, "签名方式不认识", "the kind of signature is not known");
    const isSameContext =
      proof["@context"] === undefined ||
      canonical(proof["@context"]) === canonical(document["@context"]);
    need(isSameContext, "签名的上下文不同", "the proof has another context");
    const hashes = [proof, document].map((each) => sha256(utf8.encode(canonical(each))));
    const message = joined(...(await Promise.all(hashes)));
    const signature = fromMultibase(proofValue, 64);
    const keys = trust.issuers.filter((key) => key[0] === 0xed && key[1] === 1);
    need(keys.length, "请填写签发公钥（z6Mk…）", "give the issuer's key (z6Mk…)", NotChecked);
    const held = await Promise.all(keys.map((key) => isEd25519(key.slice(2), message, signature)));
    need(held.includes(true), "签名不符，或不是您信任的公钥所签", "no key that you trust signed this");
    return { kind: "credential", credential: document };
  }

  function needText(text) {
    const instead = ["请改选 credential.json", "choose its credential.json instead"];
    need(
      !text.startsWith("%PDF-"),
      `这是打印件，证明在它的附件里；${instead[0]}`,
      `this is the printed page; its proofs are attachments, ${instead[1]}`,
      NotChecked,
    );
    need(!text.startsWith("eyJ"), `VC-JWT 供其他软件使用；${instead[0]}`, `a VC-JWT is for other software; ${instead[1]}`, NotChecked);
  }

  /* What holds, as a value; throws NotProven. `entry` (bytes) goes with a .tlog-proof. */
  async function check(text, trust, entry) {
    needText(text);
    if (text.startsWith(PROOF_HEAD)) {
      need(entry, "请同时选择条目文件", "choose the entry's file too", NotChecked);
      const log = await needLogged(text, entry, trust);
      return { kind: "log", entry: readJson(new TextDecoder().decode(entry)), log };
    }
    const value = readJson(text);
    try {
      return await (value.format === RIDE ? checkRide : checkCredential)(value, trust);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new NotProven("缺少必需的内容", "something that a proof needs is missing");
    }
  }

  globalThis.tanhuiVerify = {
    ...{ NotProven, NotChecked, need, check, trustOf, openCheckpoint, readJson },
    ...{ isEd25519, needIncluded, sha256, isSame },
  };
})();
