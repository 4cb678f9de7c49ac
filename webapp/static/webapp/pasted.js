// Counts the characters pasted or dropped into a form's texts, for the hint on the quality pages. It proves nothing.

function count(field, data) {
  const counter = field.form?.elements.namedItem("pasted");
  if (!counter || !field.matches("textarea")) return;
  counter.value = Number(counter.value) + [...(data?.getData("text/plain") ?? "")].length;
}

document.addEventListener("paste", (event) => count(event.target, event.clipboardData));
document.addEventListener("drop", (event) => count(event.target, event.dataTransfer));
