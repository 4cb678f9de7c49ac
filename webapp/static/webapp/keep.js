// Nothing is lost: drafts go to the server while one works, to this device where there is no network, and back into
// the form; the same request keeps the lease. Works on every form with data-draft.

const IDLE = 120_000; // without a sign of life for so long, no heartbeat goes out
const KEPT = ["verdict", "safety_left", "safety_right", "rationale", "text", "category", "second_category", "risk_category", "attack_vector", "revision"];

let current = null; // the form whose state the following is
let deadline = Infinity;
let lastBeat = 0;
let lastSign = Date.now();
let unsaved = false;
let saving = null; // the save on its way
let waiting = null; // timer of a save that waits for a pause in typing
let resend = false; // a submit that found no network
let lost = false;

const theForm = () => document.querySelector("form[data-draft]");
const status = (form) => form.querySelector(".keep");
const notice = (form, name) => form.querySelector(`[data-notice="${name}"]`);

function show(form, name, on, text) {
  const note = notice(form, name);
  if (!note) return;
  const words = note.querySelector("[data-text]");
  if (words && text) words.textContent = text;
  note.hidden = !on;
}

function fields(form) {
  const kept = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (KEPT.includes(name) && value) kept.append(name, value);
  return kept;
}

// On a device that people share, everybody has drafts of their own.
const place = (form) => `margin:${document.body.dataset.person}:${form.dataset.draft}`;

function restore(form, words) {
  for (const [name, value] of new URLSearchParams(words)) {
    const field = form.elements.namedItem(name);
    if (field instanceof RadioNodeList) field.value = value;
    else if (field) field.value = value;
    if (name === "rationale") field.closest("details").open = true;
  }
  form.dispatchEvent(new Event("margin:restored", { bubbles: true }));
}

function begin() {
  const form = theForm();
  if (form === current) return;
  current = form;
  clearTimeout(waiting);
  [unsaved, resend, lost, lastBeat, lastSign] = [false, false, false, Date.now(), Date.now()];
  deadline = form?.dataset.left ? Date.now() + Number(form.dataset.left) * 1000 : Infinity;
  if (!form) return;
  const words = localStorage.getItem(place(form));
  const revision = form.elements.namedItem("revision")?.value ?? null; // of a stored verdict that is being changed
  if (words !== null && new URLSearchParams(words).get("revision") === revision) {
    restore(form, words);
    unsaved = true;
    beat(form);
  }
}

async function beat(form, { leaving = false } = {}) {
  clearTimeout(waiting);
  lastBeat = Date.now();
  const words = fields(form);
  const sent = words.toString();
  words.append("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
  let answer;
  const save = (saving = new AbortController());
  try {
    answer = await fetch(form.dataset.draft, { method: "POST", body: words, keepalive: leaving && sent.length < 60_000, redirect: "error", signal: save.signal });
  } catch {
    if (form === current && !save.signal.aborted) status(form).textContent = status(form).dataset.offline;
    return;
  }
  if (form !== current) return;
  const said = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  if (answer.ok || answer.status === 409) {
    if (fields(form).toString() === sent) {
      if (unsaved) status(form).textContent = status(form).dataset.saved;
      unsaved = false;
      localStorage.removeItem(place(form));
    }
  }
  if (answer.ok && said.seconds) {
    deadline = Date.now() + said.seconds * 1000;
    show(form, "lease", false);
  } else if (answer.status === 409) {
    lose(form, said.message);
  }
}

function lose(form, message) {
  lost = true;
  show(form, "lease", false);
  show(form, "lost", true, message || status(form).dataset.lost);
}

function changed(event) {
  const form = event.target.form;
  if (!form?.dataset.draft || !KEPT.includes(event.target.name)) return;
  lastSign = Date.now();
  unsaved = true;
  localStorage.setItem(place(form), fields(form).toString());
  clearTimeout(waiting);
  waiting = setTimeout(() => beat(form), 700);
}

function tick() {
  const form = theForm();
  if (!form || lost || document.getElementById("pause")?.open) return;
  const now = Date.now();
  const working = document.visibilityState === "visible" && now - lastSign < IDLE;
  if (form.dataset.beat && working && now - lastBeat > Number(form.dataset.beat) * 1000) beat(form);
  if (deadline - now < 60_000 && deadline > now && !working) show(form, "lease", true, status(form).dataset.lease);
  if (deadline < now) lose(form, "");
}

document.addEventListener("input", changed);
document.addEventListener("change", changed);
for (const sign of ["pointermove", "keydown", "wheel", "touchstart", "scroll"]) {
  document.addEventListener(sign, () => { lastSign = Date.now(); }, { passive: true, capture: true });
}
document.addEventListener("visibilitychange", () => {
  const form = theForm();
  if (form && document.visibilityState === "hidden" && unsaved) beat(form, { leaving: true });
});
window.addEventListener("pagehide", () => {
  const form = theForm();
  if (form && unsaved) beat(form, { leaving: true });
});
document.addEventListener("margin:stay", () => { const form = theForm(); if (form) beat(form); });
// What is sent is no draft any more: a save that came after it would bring it back.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form !== current || form.hasAttribute("hx-post")) return;
  if (!navigator.onLine) {
    event.preventDefault();
    status(form).textContent = status(form).dataset.offline;
    return;
  }
  clearTimeout(waiting);
  saving?.abort();
  unsaved = false;
  localStorage.removeItem(place(form));
});
setInterval(tick, 1000);

// A submit by htmx: what the network or the server does not take stays in the form.
document.addEventListener("htmx:sendError", (event) => {
  if (event.target.id !== "compare") return;
  resend = true;
  show(event.target, "offline", true);
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const form = event.target;
  if (form.id !== "compare") return;
  resend = false;
  show(form, "offline", false);
  if (event.detail.xhr.status >= 300) return;
  localStorage.removeItem(place(form));
  unsaved = false;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig.elt;
  if (form.id !== "compare" || (event.detail.xhr.status < 500 && event.detail.xhr.status !== 413)) return;
  event.detail.shouldSwap = false;
  show(form, "server", true);
});
function again() {
  if (resend && current?.isConnected) current.requestSubmit();
}
window.addEventListener("online", again);
setInterval(() => { if (navigator.onLine) again(); }, 4000);

document.addEventListener("htmx:afterSettle", begin);
begin();
