// The two panes and the reader's care: scroll together, raw text, veil, pause, break reminder, guideline drawer.

// A storage that is full or forbidden costs the memory of a habit and nothing else.
function onceADevice(name, fallback) {
  try { return localStorage.getItem(`margin:${name}`) ?? fallback; } catch { return fallback; }
}
function remember(name, value) {
  try { localStorage.setItem(`margin:${name}`, value); } catch { /* it is asked again next time */ }
}
let together = onceADevice("sync", "on") === "on";
let moving = null;

// What nobody reads or answers before they have chosen to see it.
const UNSEEN = ".pane, .history, [data-step], .actions > .primary";

function scrolled(event) {
  const pane = event.target;
  if (!together || !pane.classList?.contains("pane") || pane === moving) { moving = null; return; }
  const room = pane.scrollHeight - pane.clientHeight;
  for (const other of document.querySelectorAll(".pane")) {
    if (other === pane) continue;
    const top = Math.round((room ? pane.scrollTop / room : 0) * (other.scrollHeight - other.clientHeight));
    if (Math.abs(other.scrollTop - top) > 1) { moving = other; other.scrollTop = top; }
  }
}

function press(act, on) {
  document.querySelector(`[data-act="${act}"]`)?.setAttribute("aria-pressed", String(on));
}

function reveal() {
  const form = document.getElementById("compare");
  form?.removeAttribute("data-veiled");
  form?.querySelector("[data-veil-note]")?.remove();
  for (const part of document.querySelectorAll(UNSEEN)) part.inert = false;
}

const acts = {
  reveal,
  raw() {
    const on = document.body.classList.toggle("raw-text");
    remember("raw", on ? "on" : "off");
    press("raw", on);
  },
  sync() {
    together = !together;
    remember("sync", together ? "on" : "off");
    press("sync", together);
  },
  pause() {
    sessionStorage.setItem("margin:worked", "0");
    document.querySelector('[data-notice="break"]').hidden = true;
    document.getElementById("pause").showModal();
  },
  stay() { document.dispatchEvent(new Event("margin:stay")); },
  "no-break"() {
    sessionStorage.setItem("margin:worked", "0");
    document.querySelector('[data-notice="break"]').hidden = true;
  },
};

function open(id) {
  const dialog = document.getElementById(id);
  if (!dialog || dialog.open) return;
  dialog.showModal();
  load(dialog);
}

// At every opening, so that it is the version of now.
function load(dialog) {
  if (!dialog.dataset.source) return;
  window.htmx.ajax("GET", dialog.dataset.source, { target: dialog.querySelector("[data-content]"), swap: "innerHTML" });
}

document.addEventListener("click", (event) => {
  const control = event.target.closest("[data-opens], [data-act], [data-closes]");
  if (!control) return;
  if (control.dataset.opens && document.getElementById(control.dataset.opens)) { event.preventDefault(); open(control.dataset.opens); }
  if (control.dataset.act) acts[control.dataset.act]?.();
  if ("closes" in control.dataset) control.closest("dialog").close();
});
document.addEventListener("scroll", scrolled, { capture: true, passive: true });
document.addEventListener("htmx:afterRequest", (event) => {
  if (!event.target.matches?.("dialog form:has([data-read])")) return;
  const drawer = event.target.closest("dialog");
  if (event.detail.xhr.status < 300) drawer.close();
  else load(drawer); // a newer version was published meanwhile
});
// A version that is to be read has Enter on “I have read it”, and not on “Close”.
document.addEventListener("htmx:afterSettle", (event) => event.target.querySelector?.("[data-read]")?.focus());
// After “go on” the lease is asked for at once, so that a pause that was too long is said at once.
document.addEventListener("close", (event) => { if (event.target.id === "pause") acts.stay(); }, true);

// Minutes at work since the last break, counted while the page is looked at.
setInterval(() => {
  const form = document.getElementById("compare");
  if (!form?.dataset.break || document.visibilityState !== "visible" || document.getElementById("pause").open) return;
  const worked = Number(sessionStorage.getItem("margin:worked") ?? 0) + 10;
  sessionStorage.setItem("margin:worked", String(worked));
  const most = Number(form.dataset.break) * 60;
  if (!most || worked < most) return;
  const note = form.querySelector('[data-notice="break"]');
  note.querySelector("[data-text]").textContent = form.querySelector(".keep").dataset.break.replace("%s", Math.floor(worked / 60));
  note.hidden = false;
}, 10_000);

function begin() {
  const form = document.getElementById("compare");
  if (!form) return;
  document.body.classList.toggle("raw-text", onceADevice("raw", "off") === "on");
  press("raw", document.body.classList.contains("raw-text"));
  press("sync", together);
  const history = form.querySelector(".history");
  history.scrollTop = history.scrollHeight;
  if (form.hasAttribute("data-veiled")) for (const part of form.querySelectorAll(UNSEEN)) part.inert = true;
  const drawer = document.getElementById("guideline");
  if (drawer && "open" in drawer.dataset) open("guideline");
}
document.addEventListener("margin:restored", reveal); // who has chosen something has seen the texts
document.addEventListener("htmx:afterSettle", (event) => { if (event.target.id === "main") begin(); });
begin();
