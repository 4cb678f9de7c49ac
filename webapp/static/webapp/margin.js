// The compare page's keys and heartbeat. Digits choose a verdict, Enter submits; nothing fires while typing.

const typing = (target) => target.closest("textarea, select, input:not([type=radio])") !== null;

document.addEventListener("keydown", (event) => {
  const form = document.getElementById("compare");
  if (!form || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const choice = form.querySelector(`.verdict input[value="${CSS.escape(event.key)}"]`);
  if (choice) {
    choice.checked = true;
    choice.focus();
    event.preventDefault();
  } else if (event.key === "Enter" && event.target.tagName !== "BUTTON" && event.target.tagName !== "A") {
    event.preventDefault();
    form.requestSubmit();
  }
});

// While the page is looked at, the lease is kept; a page left open lets it go.
let lastBeat = Date.now();
setInterval(async () => {
  const form = document.getElementById("compare");
  if (!form || document.visibilityState !== "visible") return;
  if (Date.now() - lastBeat < Number(form.dataset.heartbeatSeconds) * 1000) return;
  lastBeat = Date.now();
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  await fetch(form.dataset.heartbeat, { method: "POST", headers: { "X-CSRFToken": token } });
}, 1000);
