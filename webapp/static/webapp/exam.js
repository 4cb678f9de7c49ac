// A part of an exam: digits choose, the clock tells how long it still runs, and at its end the page shows what became
// of it. The time itself is the server's.

const theForm = () => document.getElementById("part");
let current = null;
let endsAt = 0;
let saved = false;

function begin() {
  const form = theForm();
  if (form === current) return;
  current = form;
  saved = false;
  if (!form) return;
  endsAt = Date.now() + Number(form.dataset.seconds) * 1000;
  tick();
  count();
}

function tick() {
  const form = theForm();
  if (!form) return;
  const left = endsAt - Date.now();
  const clock = form.querySelector(".clock");
  const minutes = Math.ceil(left / 60_000);
  const words = minutes > 1 ? clock.dataset.minutes.replace("%s", minutes) : clock.dataset.last;
  if (clock.textContent !== words) clock.textContent = words;
  if (left < 3000 && !saved) { // what was typed a moment ago goes out in time
    saved = true;
    document.dispatchEvent(new Event("margin:stay"));
  }
  if (left < -1500) location.reload();
}

const questions = () => [...document.querySelectorAll("#part .question")];

function isAnswered(question) {
  const ranks = [...question.querySelectorAll("select")].map((select) => select.value);
  if (ranks.length) return ranks.every(Boolean) && new Set(ranks).size === ranks.length;
  const text = question.querySelector("textarea");
  return text ? text.value.trim() !== "" : question.querySelector("input:checked") !== null;
}

function count() {
  const place = document.querySelector("#part [data-answered]");
  if (!place) return;
  const all = questions();
  place.textContent = place.dataset.answered.replace("%s", `${all.filter(isAnswered).length} / ${all.length}`);
}

// A digit answers the question that has the focus, else the first open one; the focus goes on to the next.
function pressed(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("textarea, select")) return;
  if (!/^[1-9]$/.test(event.key)) return;
  const all = questions();
  const question = event.target.closest(".question") ?? all.find((one) => !isAnswered(one));
  const choice = question?.querySelectorAll("input[type=radio]")[Number(event.key) - 1];
  if (!choice) return;
  event.preventDefault();
  choice.checked = true;
  choice.dispatchEvent(new Event("change", { bubbles: true }));
  const next = all[all.indexOf(question) + 1] ?? question;
  const field = next === question ? choice : next.querySelector("input:checked") ?? next.querySelector("input, select, textarea");
  field.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", pressed);
document.addEventListener("change", count);
document.addEventListener("input", count);
document.addEventListener("margin:restored", count);
document.addEventListener("htmx:configRequest", (event) => {
  // Which of the saved versions this window has seen: one that is behind another takes nothing away.
  if (event.target.id === "part") event.detail.parameters.version = event.target.dataset.version;
});
document.addEventListener("htmx:afterSettle", begin);
setInterval(tick, 1000);
begin();
