/* The form around verify.js and audit.js: reads the chosen files, shows what holds or why not. */
"use strict";

(() => {
  const form = document.getElementById("verify");
  const verdict = document.getElementById("verdict");
  const words = JSON.parse(form.dataset.words);
  const isChinese = document.documentElement.lang.startsWith("zh");

  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  const lines = (text) => text.split("\n").map((line) => line.trim()).filter(Boolean);
  const number = (text) => String(text).replace(/\B(?=(\d{3})+$)/g, ",");
  const sized = (text, values) => Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, value), text);

  /* ---- what holds, in words ---- */

  function facts(pairs) {
    const list = document.createElement("dl");
    const shown = pairs.filter(([, value]) => value !== undefined && value !== "");
    shown.forEach(([name, value]) => list.append(element("dt", name), element("dd", value)));
    return list;
  }

  function raw(value) {
    const folded = document.createElement("details");
    folded.append(element("summary", words.raw), element("pre", JSON.stringify(value, null, 1)));
    return folded;
  }

  function placed(log) {
    const seen = log.seen.length ? log.seen.join(", ") : words.none;
    return [
      [words.log, `${log.origin} · ${sized(words.place, log)}`],
      [words.seen, seen],
    ];
  }

  const tell = {
    ride({ row, entry, log }) {
      const [name, meaning] = words.statuses[row.status] ?? [row.status, ""];
      const status = name && [name, meaning].filter(Boolean).join(words.colon);
      const own = [
        [words.record, row.id],
        [words.credited, `${number(row.mg)} mg CO₂e`],
        [words.status, status],
        [words.other, row.other],
        [words.quantified, row.quantified && `${number(row.quantified)} mg CO₂e`],
        [words.day, row.day],
        [words.methodology, row.methodology],
        [words.batch, entry.batch],
      ];
      return [facts([...own, ...placed(log)]), raw({ row, entry })];
    },
    log: ({ entry, log }) => [facts([[words.act, words.acts[entry.kind] ?? entry.kind], ...placed(log)]), raw(entry)],
    credential({ credential }) {
      const said = credential.credentialSubject?.achievement?.criteria?.narrative ?? "";
      const told = lines(said).map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]);
      const figures = (name, value) => (name === "mass_mg" ? number(value) : value);
      const named = told.map(([name, value]) => [words.narrative[name] ?? name, figures(name, value)]);
      const issuer = credential.issuer?.name ?? credential.issuer;
      return [facts([[words.credential, credential.name], [words.issuer, issuer], ...named]), raw(credential)];
    },
    grown: (found) => [facts([[words.grown, `${found.origin} · ${sized(words.growth, found)}`]])],
    links({ retired, issues, batch }) {
      const trail = [
        [words.retired, `${retired.serials.join(", ")} · ${words.act} ${retired.act}`],
        [words.issue, issues.join(", ")],
        [words.batch, batch.batch],
        [words.root, batch.root],
      ];
      return [facts(trail)];
    },
  };

  const isZero = (found) => found.row?.mg === "0";

  function titleOf(found) {
    if (isZero(found)) return words.zero;
    return { ride: words.record, credential: words.credential, links: words.linked, log: words.log, grown: words.grown }[found.kind];
  }

  function showFound(found) {
    const isOne = found.length === 1;
    const nothing = isOne && isZero(found[0]);
    verdict.append(nothing ? element("h2", `✓ ${words.zero}`, "verdict-zero") : element("h2", `✓ ${words.holds}`, "verdict-holds"));
    for (const each of [...found].reverse()) { // what joins the files stands first
      if (!isOne) verdict.append(element("h3", titleOf(each), isZero(each) ? "verdict-zero" : ""));
      verdict.append(...tell[each.kind](each));
    }
  }

  function showRefusal(error) {
    const isUnchecked = error instanceof globalThis.tanhuiVerify.NotChecked;
    const heading = isUnchecked ? ["h2", words.unchecked, "verdict-zero"] : ["h2", `✗ ${words.fails}`, "verdict-fails"];
    const reason = error.zh ? (isChinese ? error.zh : error.en) : error.message;
    verdict.append(element(...heading), element("p", reason));
  }

  /* ---- the logs, read where they are served ---- */

  function reader(address) {
    return async (name) => {
      const place = `${address.replace(/\/$/, "")}/${name}`;
      const answer = await fetch(place).catch(() => null);
      globalThis.tanhuiVerify.need(
        answer?.ok,
        `读不到 ${place}；请填写一年日志的地址（…/log/2026）。别的平台的日志请用保存的离线页面核对`,
        `${place} cannot be read; give the address of a year's log (…/log/2026). Use the saved page for another platform's`,
        globalThis.tanhuiVerify.NotChecked,
      );
      return new Uint8Array(await answer.arrayBuffer());
    };
  }

  async function read(addresses, trust) {
    const logs = [];
    for (const address of addresses) {
      const counted = (done, all) => verdict.replaceChildren(element("p", `${address} · ${number(done)} / ${number(all)}`));
      logs.push(await globalThis.tanhuiAudit.readLog(reader(address), trust, counted));
    }
    verdict.replaceChildren();
    return logs;
  }

  async function check() {
    const data = new FormData(form);
    const least = Number(data.get("least"));
    const trust = await globalThis.tanhuiVerify.trustOf(lines(data.get("keys")), lines(data.get("witnesses")), least);
    const texts = await Promise.all(data.getAll("file").map((file) => file.text()));
    const entry = data.get("entry").size ? new Uint8Array(await data.get("entry").arrayBuffer()) : undefined;
    const logsOf = () => read(lines(data.get("logs")), trust);
    return globalThis.tanhuiAudit.audit({ texts, entry, trust, logsOf });
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    verdict.replaceChildren();
    try {
      showFound(await check());
    } catch (error) {
      verdict.replaceChildren();
      showRefusal(error);
    }
  });
})();
