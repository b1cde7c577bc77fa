// Progress of an upload. Without this script the form works the same, only without the bar.
(function () {
  "use strict";
  function attach() {
    var form = document.getElementById("upload");
    if (!form) { return; }
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      send(form);
    });
  }

  function send(form) {
    var box = form.querySelector(".progress");
    var bar = box.querySelector("progress");
    var text = box.querySelector("[role=status]");
    var button = form.querySelector("button.button");
    var request = new XMLHttpRequest();
    box.hidden = false;
    button.disabled = true;
    form.setAttribute("aria-busy", "true");
    text.textContent = form.dataset.sending;
    request.upload.addEventListener("progress", function (event) {
      if (!event.lengthComputable) { return; }
      var percent = Math.floor(100 * event.loaded / event.total);
      bar.value = percent;
      text.textContent = form.dataset.sending + " " + percent + "%";
    });
    request.upload.addEventListener("load", function () {
      bar.removeAttribute("value");
      text.textContent = form.dataset.working;
    });
    request.addEventListener("load", function () { finish(request, form); });
    request.addEventListener("error", function () {
      text.textContent = form.dataset.lost;
      bar.value = 0;
      button.disabled = false;
      form.removeAttribute("aria-busy");
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  }

  function finish(request, form) {
    if (request.status < 400 && request.responseURL && request.responseURL !== form.action) {
      window.location.assign(request.responseURL);
      return;
    }
    var answer = new DOMParser().parseFromString(request.responseText, "text/html");
    var chosen = form.querySelector("input[type=file]").files;
    document.getElementById("main").replaceWith(answer.getElementById("main"));
    var fresh = document.getElementById("upload");
    if (fresh && chosen.length) { fresh.querySelector("input[type=file]").files = chosen; }
    var alert = document.querySelector("[role=alert]") || document.getElementById("main");
    alert.setAttribute("tabindex", "-1");
    alert.focus();
    attach();
  }

  attach();
}());
