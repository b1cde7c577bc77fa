// What is wider than the screen says so, and can be moved with the keyboard.
(function () {
  "use strict";
  var hint = document.currentScript.dataset.hint;

  function look() {
    document.querySelectorAll(".scroll").forEach(function (one) {
      var isWide = one.scrollWidth > one.clientWidth + 1;
      if (isWide === (one.dataset.hint !== undefined)) { return; }
      if (isWide) {
        one.tabIndex = 0;
        one.dataset.hint = hint;
        one.setAttribute("role", "group");
        one.setAttribute("aria-label", hint);
      } else {
        delete one.dataset.hint;
        ["tabindex", "role", "aria-label"].forEach(function (name) { one.removeAttribute(name); });
      }
    });
  }

  window.addEventListener("resize", look);
  document.addEventListener("toggle", look, true);
  look();
}());
