// The calculator of a methodology's page: the same integers as the platform, step by step.
// quantify.js gives the milligrams; the trees give each step, and both must say the same.
(function () {
  "use strict";
  var DAY_MS = 86400000;
  var form = document.getElementById("calculator");
  if (!form) { return; }
  var names = JSON.parse(form.dataset.names);
  var told = form.querySelector(".answer");
  var law = null;

  document.getElementById("c-day").value = new Date().toISOString().slice(0, 10);
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (law) { work(); return; }
    fetch(form.dataset.source)
      .then(function (answer) { if (!answer.ok) { throw new Error(answer.status); } return answer.json(); })
      .then(function (found) { law = found; work(); })
      .catch(function () { say([line(form.dataset.notThere, "refusal")]); });
  });

  function work() {
    var counts = law.fields.map(count);
    var region = document.getElementById("c-region").value.trim();
    var day = dayNumber(document.getElementById("c-day").value);
    mark("region", /^[1-9]\d{5}$/.test(region) ? "" : form.dataset.regionWrong);
    mark("day", day === null ? form.dataset.dayWrong : "");
    var wrong = form.querySelector("[aria-invalid=true]");
    if (wrong) { told.hidden = true; wrong.focus(); return; }
    var chosen = document.getElementById("c-class");
    var cell = cellOf(region, chosen ? chosen.value.trim() : "", day);
    answer(cell, counts);
  }

  // Whole counts of the field's step, or null with the reason at the field.
  function count(field) {
    var written = document.getElementById("f-" + field.symbol).value;
    var found = exact.decimal(written);
    if (!found) { mark(field.symbol, form.dataset.number); return null; }
    var steps = exact.over(found, exact.pair(field.step));
    if (steps.below !== 1n) {
      mark(field.symbol, form.dataset.finer + " " + exact.text(exact.pair(field.step)) + " " + field.unit);
      return null;
    }
    var low = BigInt(field.min), high = BigInt(field.max);
    if (steps.above < low || steps.above > high) {
      var ends = [low, high].map(function (end) {
        return exact.text(exact.times(exact.fraction(end, 1n), exact.pair(field.step)));
      });
      mark(field.symbol, form.dataset.outside + " " + ends.join(" – ") + " " + field.unit);
      return null;
    }
    mark(field.symbol, "");
    return steps.above;
  }

  function mark(name, message) {
    var input = document.getElementById("f-" + name) || document.getElementById("c-" + name);
    var place = document.getElementById("e-" + name);
    place.textContent = message;
    place.hidden = !message;
    input.setAttribute("aria-invalid", message ? "true" : "false");
  }

  function dayNumber(text) {
    var at = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(text + "T00:00:00Z") : NaN;
    return isNaN(at) ? null : Math.floor(at / DAY_MS);
  }

  // The number of the cell that holds there and then, or -1: nearest region, then class, then day.
  function cellOf(region, class_, day) {
    var lineage = region[0] === "9" ? [region, region.slice(0, 4) + "00"]
      : [region, region.slice(0, 4) + "00", region.slice(0, 2) + "0000", "100000"];
    var place = lineage.find(function (one) { return law.regions.includes(one); });
    var known = law.classes.includes(class_) ? class_ : facetsOf(class_);
    return law.cells.findIndex(function (cell) {
      return cell[0] === place && cell[1] === known && cell[2] <= day &&
        (cell[3] === null || day < cell[3]);
    });
  }

  // The facets of a class that the methodology names, in the one way of writing them.
  function facetsOf(class_) {
    var named = law.classes.join("+").split("+");
    var own = class_.split("+").filter(function (part) { return part && named.includes(part); });
    return Array.from(new Set(own)).sort().join("+");
  }

  function answer(cell, counts) {
    var result = quantify(cell, counts), mg = result[0], code = result[1];
    if (cell < 0) { say([line(form.dataset.noParameter, "refusal")], mg, code); return; }
    var steps = stepsOf(law.cells[cell][4], counts);
    var lines = steps.lines.slice();
    if (code === 0) {
      lines.push(line(form.dataset.rounded + " → " + mg.toLocaleString("en-US") + " mg", "total"));
      if (steps.mg !== mg) { lines.push(line(form.dataset.differs, "refusal")); }
    } else if (code === 255) {
      lines.push(line(form.dataset.negative, "refusal"));
    } else if (code === 254) {
      lines = [line(form.dataset.history, "refusal")];
    } else if (code >= 2) {
      var rules = document.querySelectorAll("#t-rules ~ ul .maths");
      var rule = line(form.dataset.fails + " ", "refusal");
      rule.append(rules[code - 2].cloneNode(true));
      lines.push(rule);
    }
    say(lines, mg, code);
  }

  // Every equation in order of use: its value in its own unit, exactly.
  function stepsOf(values, counts) {
    var known = new Map();
    law.fields.forEach(function (field, slot) {
      known.set(field.symbol, exact.times(exact.fraction(counts[slot], 1n), exact.pair(field.base)));
    });
    Object.keys(values).forEach(function (name) {
      known.set(name, values[name].value ? exact.pair(values[name].value) : values[name]);
    });
    var amounts = new Map();
    law.fields.forEach(function (field, slot) {
      var amount = exact.times(exact.fraction(counts[slot], 1n), exact.pair(field.step));
      amounts.set(field.symbol, measured(exact.text(amount), field.unit));
    });
    Object.keys(values).forEach(function (name) {
      amounts.set(name, values[name].value ? measured(values[name].shown, law.parameters[name]) : names[name]);
    });
    var look = function (name) { return known.get(name) || exact.pair(law.units[name]); };
    var lines = Object.keys(values).map(function (name) {
      return line(names[name] + " = " + measured(values[name].shown, law.parameters[name]), "muted");
    });
    var result = null;
    law.equations.forEach(function (one) {
      var value = exact.value(one.tree, look);
      known.set(one.symbol, value);
      if (one.symbol === law.result) { result = value; }
      var amount = measured(exact.text(exact.over(value, exact.pair(one.factor))), one.unit);
      var written = one.written.replace(/\{(\w+)\}/g, function (_, name) {
        return amounts.get(name) || shown(name);
      });
      amounts.set(one.symbol, amount);
      lines.push(line(names[one.symbol] + " = " + (written === amount ? "" : written + " = ") + amount, ""));
    });
    return { lines: lines, mg: rounded(result) };
  }

  function rounded(value) {
    var half = law.round === "half_away" ? value.below : 0n;
    return (2n * value.above + half) / (2n * value.below);
  }

  function measured(number, unit) {
    return (number + " " + shown(unit)).trim();
  }

  function shown(unit) {
    return unit === "1" ? "" : unit.replace(/([mk]?g|t)CO2e/g, "$1\u00a0CO₂e").replace(/\*/g, "·");
  }

  function line(text, kind) {
    var made = document.createElement("p");
    made.className = kind + " figures";
    made.textContent = text;
    return made;
  }

  function say(lines, mg, code) {
    told.replaceChildren.apply(told, lines);
    if (mg !== undefined) { told.dataset.mg = String(mg); told.dataset.code = String(code); }
    told.hidden = false;
  }
}());
