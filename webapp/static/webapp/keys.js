// Keyboard first: digits answer the marked question, letters press what wears them; nothing fires while typing.

const typing = (target) => target.closest("textarea, select, input:not([type=radio], [type=checkbox])") !== null;
const theForm = () => document.getElementById("compare");
const steps = () => [...document.querySelectorAll("#compare [data-step]")];
const answered = (step) => step.querySelector("input:checked") !== null;
let chosen = null; // a step that the person went back to

// The safety scores come first, in the order of the page, then the verdict.
function now() {
  const all = steps();
  if (chosen && all.includes(chosen)) return chosen;
  return all.find((step) => !answered(step)) ?? all.at(-1);
}

function mark() {
  const step = now();
  for (const other of steps()) other.classList.toggle("now", other === step);
}

function answer(step, value) {
  const choice = step.querySelector(`input[type=radio][value="${CSS.escape(value)}"]`);
  if (!choice) return false;
  choice.checked = true;
  choice.focus({ preventScroll: true });
  chosen = null;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

function inDialog(dialog, event) {
  const choices = [...dialog.querySelectorAll("input[type=radio]")];
  const choice = /^[1-9]$/.test(keyOf(event)) ? choices[Number(keyOf(event)) - 1] : null;
  if (choice) {
    choice.checked = true;
    choice.focus();
    event.preventDefault();
  } else if (event.key === "Enter" && event.target.matches("input[type=radio], dialog")) {
    event.preventDefault();
    dialog.querySelector("form:not([method=dialog])")?.requestSubmit();
  }
}

// What is printed on the key where the layout has it, else what stands at its place: digits on a French keyboard,
// letters on a Russian one.
function keyOf(event) {
  if (/^[a-z0-9?]$/i.test(event.key) || event.key.length > 1) return event.key.length > 1 ? event.key : event.key.toLowerCase();
  const [, digit, letter] = /^(?:Digit|Numpad)(\d)$|^Key([A-Z])$/.exec(event.code) ?? [];
  return (event.shiftKey ? undefined : digit) ?? letter?.toLowerCase() ?? event.key;
}

function scrollPanes(by) {
  const pane = document.querySelector(".pane");
  pane?.scrollBy({ top: by * pane.clientHeight * 0.6 });
}

function press(key) {
  const control = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!control || control.closest("[hidden], [inert]")) return false;
  if (control.tagName === "SUMMARY") {
    control.parentElement.open = true;
    document.getElementById("rationale").focus();
  } else control.click();
  return true;
}

function pressed(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const sends = event.key === "Enter" && (event.ctrlKey || event.metaKey);
  if (sends && typing(event.target) && event.target.form) { event.preventDefault(); event.target.form.requestSubmit(); return; }
  if (event.key === "Escape" && typing(event.target) && !event.target.closest("dialog")) { event.target.blur(); return; }
  // Where nothing is written yet there is nothing else to take back, so that this is one key on every page.
  const undoes = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  if (undoes && !(typing(event.target) && event.target.value) && press("u")) { event.preventDefault(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const dialog = document.querySelector("dialog[open]");
  if (dialog) {
    if (keyOf(event) === "p" && dialog.id !== "pause") press("p");
    else inDialog(dialog, event);
    return;
  }
  if (!command(event)) return;
  event.preventDefault();
}

function command(event) {
  const key = keyOf(event);
  const form = theForm();
  const step = form && now();
  // A key held down answers nothing twice, and nobody judges what they have not seen.
  if (form && /^(?:[0-9n]|Enter)$/.test(key) && (event.repeat || form.hasAttribute("data-veiled"))) return !event.repeat || key !== "Enter";
  if (step && /^[0-9]$/.test(key)) return answer(step, key);
  if (step && key === "n") return answer(steps().at(-1), "neither");
  if (step && key === "Backspace") return back(step);
  // Where a page is read first and then another key decides, a second Enter after “Go on” decides nothing.
  if (form && key === "Enter") return !form.hasAttribute("data-no-enter") && send(form, event.target);
  if (form && (key === "j" || key === "k")) { scrollPanes(key === "j" ? 1 : -1); return true; }
  return key.length === 1 && press(key);
}

function back(step) {
  const all = steps();
  chosen = all[Math.max(0, all.indexOf(step) - 1)];
  mark();
  return true;
}

function send(form, target) {
  if (target.closest("button, a, summary")) return false;
  form.requestSubmit();
  return true;
}

document.addEventListener("keydown", pressed);
document.addEventListener("change", (event) => { if (event.target.closest("[data-step]")) { chosen = null; mark(); } });
document.addEventListener("focusin", (event) => {
  const step = event.target.closest("[data-step]");
  // A question that is reached by Tab is the one that digits answer, until it is answered.
  if (step && event.target.matches(":focus-visible") && !answered(step)) { chosen = step; mark(); }
});
document.addEventListener("margin:restored", mark);
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id !== "main") return;
  chosen = null;
  mark();
  const main = document.getElementById("main");
  if (!main.querySelector("[autofocus]")) main.focus({ preventScroll: true });
});
mark();
