// Nothing is lost: drafts go to the server while one works, to this device where there is no network, and back into
// the form; the same request keeps the lease. Works on every form with data-draft.

const IDLE = 120_000; // without a sign of life for so long, no heartbeat goes out
const WARNED = 60_000; // this long before its end a lease that is not prolonged is spoken of
const KEPT = ["verdict", "safety_left", "safety_right", "rationale", "text", "category", "second_category", "risk_category", "attack_vector", "feedback", "turns", "pasted", "revision"];
const isAnswer = (name) => name.startsWith("answer-"); // to a question of an exam
const isTurn = (name) => /^(prompt|answer)_[0-9]+$/.test(name); // of a demonstration
const isReport = (name) => name === "degree" || /^(violating|area|vector)_/.test(name); // on a red-team dialogue
const isKept = (name) => KEPT.includes(name) || isAnswer(name) || isTurn(name) || isReport(name);

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
const say = (form, word) => { status(form).textContent = status(form).dataset[word]; };

function show(form, name, on, text) {
  const note = notice(form, name);
  if (!note) return;
  const words = note.querySelector("[data-text]");
  if (words && text) words.textContent = text;
  note.hidden = !on;
}

function fields(form) {
  const kept = new URLSearchParams();
  // What an exam's answer was emptied of is emptied on the server too.
  for (const [name, value] of new FormData(form)) if (isKept(name) && (value || isAnswer(name))) kept.append(name, value);
  return kept;
}

// The device's own copy, of what the server has not taken yet. Everybody has one of their own where people share a
// device; a full or forbidden storage costs the copy and nothing else.
const device = {
  place: (form) => `margin:${document.body.dataset.person}:${form.dataset.draft}`,
  put(form) {
    const copy = { words: fields(form).toString(), version: form.dataset.version };
    try { localStorage.setItem(this.place(form), JSON.stringify(copy)); } catch { /* the server's draft remains */ }
  },
  get(form) {
    try { return JSON.parse(localStorage.getItem(this.place(form))); } catch { return null; }
  },
  drop(form) {
    try { localStorage.removeItem(this.place(form)); } catch { /* there is none */ }
  },
};

function restore(form, words) {
  for (const [name, value] of new URLSearchParams(words)) {
    const field = form.elements.namedItem(name);
    if (field?.type === "checkbox") field.checked = true;
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
  if (form.dataset.version) say(form, "saved");
  const copy = device.get(form);
  if (copy === null) return;
  const revision = form.elements.namedItem("revision")?.value ?? null; // of a stored verdict that is being changed
  const isOfThis = new URLSearchParams(copy.words).get("revision") === revision;
  // Made on top of the draft that the server still has: another device has saved nothing since.
  if (!isOfThis || copy.version !== form.dataset.version) { device.drop(form); return; }
  restore(form, copy.words);
  unsaved = true;
  beat(form);
}

async function beat(form, { leaving = false } = {}) {
  clearTimeout(waiting);
  lastBeat = Date.now();
  const words = fields(form);
  const sent = words.toString();
  words.append("version", form.dataset.version ?? "");
  words.append("csrfmiddlewaretoken", form.elements.namedItem("csrfmiddlewaretoken").value);
  const save = (saving = new AbortController());
  let answer;
  try {
    answer = await fetch(form.dataset.draft, { method: "POST", body: words, keepalive: leaving && sent.length < 60_000, redirect: "manual", signal: save.signal });
  } catch {
    if (form === current && !save.signal.aborted) say(form, "offline");
    return;
  }
  if (form !== current) return;
  if (answer.type === "opaqueredirect") { say(form, "signedOut"); return; }
  if (!answer.ok && answer.status !== 409) { say(form, "refused"); return; }
  took(form, sent, await answer.json());
}

function took(form, sent, said) {
  if (said.version !== undefined) form.dataset.version = said.version;
  if (fields(form).toString() === sent) {
    if (unsaved || status(form).textContent) say(form, "saved");
    unsaved = false;
    device.drop(form);
  }
  if (said.message) lose(form, said.message);
  if (said.seconds === undefined) return;
  deadline = Date.now() + said.seconds * 1000;
  show(form, "lease", false);
}

function lose(form, message) {
  lost = true;
  show(form, "lease", false);
  show(form, "lost", true, message || status(form).dataset.lost);
}

function changed(event) {
  const form = event.target.form;
  if (!form?.dataset.draft || !isKept(event.target.name)) return;
  lastSign = Date.now();
  unsaved = true;
  if (resend) { // what is being changed is not sent by itself any more
    resend = false;
    show(form, "offline", false);
  }
  clearTimeout(waiting);
  waiting = setTimeout(() => beat(form), 700);
  device.put(form);
}

function tick() {
  const form = theForm();
  if (!form || lost || document.getElementById("pause")?.open) return;
  const now = Date.now();
  const working = document.visibilityState === "visible" && now - lastSign < IDLE;
  if (form.dataset.beat && working && now - lastBeat > Number(form.dataset.beat) * 1000) beat(form);
  const missed = !working || now - lastBeat > 1.5 * Number(form.dataset.beat) * 1000 || status(form).textContent === status(form).dataset.offline;
  if (deadline - now < WARNED && deadline > now && missed) show(form, "lease", true, status(form).dataset.lease);
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
setInterval(tick, 1000);

// A submit by htmx. A save that came after it would bring back what was sent; what the network or the server does not
// take stays in the form and on the device.
const isOurs = (element) => element?.dataset?.draft !== undefined;
document.addEventListener("htmx:beforeRequest", (event) => {
  if (!isOurs(event.target)) return;
  clearTimeout(waiting);
  saving?.abort();
  show(event.target, "server", false);
});
document.addEventListener("htmx:sendError", (event) => {
  const form = event.target;
  if (!isOurs(form)) return;
  resend = true;
  show(form, "offline", true);
});
document.addEventListener("htmx:beforeOnLoad", (event) => {
  const form = event.target;
  if (!isOurs(form)) return;
  resend = false;
  show(form, "offline", false);
  if (event.detail.xhr.status >= 300) return;
  device.drop(form);
  unsaved = false;
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const form = event.detail.requestConfig.elt;
  if (!isOurs(form) || event.detail.xhr.status < 400) return;
  const page = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html");
  if (page.querySelector("form[data-draft], #over")) return; // the page with its sentence, or what became of the pair
  event.detail.shouldSwap = false;
  show(form, "server", true, page.querySelector("[role=alert]")?.textContent.trim());
});
function again() {
  if (resend && current?.isConnected) current.requestSubmit();
}
window.addEventListener("online", again);
setInterval(() => { if (navigator.onLine) again(); }, 4000);

document.addEventListener("htmx:afterSettle", begin);
begin();
