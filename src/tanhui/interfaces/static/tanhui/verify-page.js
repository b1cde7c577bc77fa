/* The form around verify.js: reads the chosen files, shows what holds or why it does not. */
"use strict";

(() => {
  const form = document.getElementById("verify");
  const verdict = document.getElementById("verdict");
  const words = form.dataset;

  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
  const shown = (value) => (typeof value === "object" ? JSON.stringify(value, null, 1) : String(value));

  function facts(found) {
    const list = document.createElement("dl");
    const add = (name, value) => list.append(element("dt", name), element("dd", value));
    if (found.row) Object.entries(found.row).forEach(([name, value]) => add(`${words.row} · ${name}`, shown(value)));
    if (found.entry) add(words.entry, shown(found.entry));
    if (found.credential) add(words.credential, shown(found.credential));
    if (found.log) {
      const { origin, index, size, seen } = found.log;
      const place = words.place.replace("{index}", index).replace("{size}", size);
      add(words.log, `${origin} · ${place}`);
      add(words.seen, seen.length ? seen.join(", ") : words.none);
    }
    return list;
  }

  async function check() {
    const data = new FormData(form);
    const { trustOf, check: checked } = globalThis.tanhuiVerify;
    const least = Number(data.get("least"));
    const trust = await trustOf(lines(data.get("keys")), lines(data.get("witnesses")), least);
    const entry = data.get("entry").size ? new Uint8Array(await data.get("entry").arrayBuffer()) : undefined;
    return checked(await data.get("file").text(), trust, entry);
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    verdict.replaceChildren();
    try {
      const found = await check();
      verdict.append(element("h2", `✓ ${words.holds}`, "verdict-holds"), facts(found));
    } catch (error) {
      const isChinese = document.documentElement.lang.startsWith("zh");
      const reason = error.zh ? (isChinese ? error.zh : error.en) : error.message;
      verdict.append(element("h2", `✗ ${words.fails}`, "verdict-fails"), element("p", reason));
    }
  });
})();
