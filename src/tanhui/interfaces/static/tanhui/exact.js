// Exact fractions over BigInt, and the trees of a methodology evaluated with them. No floats.
(function () {
  "use strict";

  function size(value) { return value < 0n ? -value : value; }
  function divisor(a, b) { while (b) { [a, b] = [b, a % b]; } return size(a); }

  function fraction(above, below) {
    if (below < 0n) { above = -above; below = -below; }
    var shared = divisor(above, below) || 1n;
    return { above: above / shared, below: below / shared };
  }

  function pair(texts) { return fraction(BigInt(texts[0]), BigInt(texts[1])); }

  var ARITHMETIC = {
    "+": function (a, b) { return fraction(a.above * b.below + b.above * a.below, a.below * b.below); },
    "-": function (a, b) { return fraction(a.above * b.below - b.above * a.below, a.below * b.below); },
    "*": function (a, b) { return fraction(a.above * b.above, a.below * b.below); },
    "/": function (a, b) { return fraction(a.above * b.below, a.below * b.above); }
  };

  function order(a, b) {
    var left = a.above * b.below, right = b.above * a.below;
    return left < right ? -1 : left > right ? 1 : 0;
  }

  var COMPARISON = {
    "<": function (sign) { return sign < 0; },
    "<=": function (sign) { return sign <= 0; },
    ">": function (sign) { return sign > 0; },
    ">=": function (sign) { return sign >= 0; },
    "==": function (sign) { return sign === 0; },
    "!=": function (sign) { return sign !== 0; }
  };

  // The value of a tree (a fraction or a boolean); `known` gives names in base units.
  function value(tree, known) {
    var op = tree[0];
    var inner = function (part) { return value(part, known); };
    switch (op) {
      case "number": return pair([tree[1], tree[2]]);
      case "name": return known(tree[1]);
      case "negative": return ARITHMETIC["-"](fraction(0n, 1n), inner(tree[1]));
      case "not": return !inner(tree[1]);
      case "and": return tree.slice(1).every(inner);
      case "or": return tree.slice(1).some(inner);
      case "if": return inner(tree[1]) ? inner(tree[2]) : inner(tree[3]);
      case "min": case "max":
        return tree.slice(1).map(inner).reduce(function (best, one) {
          return (order(one, best) < 0) === (op === "min") ? one : best;
        });
      case "table": return stepped(known(tree[1]), inner(tree[2]));
      case "compare": return chain(inner(tree[1]), tree.slice(2), inner);
      default: return ARITHMETIC[op](inner(tree[1]), inner(tree[2]));
    }
  }

  // A table of steps: what holds from the last start that the quantity reaches.
  function stepped(table, quantity) {
    return table.steps.reduce(function (found, step) {
      return order(pair(step[0]), quantity) <= 0 ? pair(step[1]) : found;
    }, pair(table.below));
  }

  function chain(left, links, inner) {
    return links.every(function (link) {
      var right = inner(link[1]);
      var holds = COMPARISON[link[0]](order(left, right));
      left = right;
      return holds;
    });
  }

  // Exact decimal text; a fraction without one is cut after twelve places and says so.
  function text(one) {
    var sign = one.above < 0n ? "-" : "", above = size(one.above);
    var whole = above / one.below, rest = above % one.below, digits = "";
    while (rest && digits.length < 12) {
      rest *= 10n;
      digits += (rest / one.below).toString();
      rest %= one.below;
    }
    return sign + whole + (digits ? "." + digits : "") + (rest ? "…" : "");
  }

  function decimal(written) {
    var parts = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/.exec(written.trim());
    if (!parts) { return null; }
    var places = (parts[3] || "").length;
    return fraction(BigInt(parts[1] + parts[2] + (parts[3] || "")), 10n ** BigInt(places));
  }

  window.exact = {
    fraction: fraction, pair: pair, value: value, text: text, decimal: decimal, order: order,
    times: ARITHMETIC["*"], over: ARITHMETIC["/"]
  };
}());
