// Buttons that copy a command, or what stands in a field. Without a script they are not shown: both can be marked.
function ready(part) {
  for (const button of part.querySelectorAll?.("[data-copies]") ?? []) button.hidden = !navigator.clipboard;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(text.value ?? text.textContent);
    button.querySelector("[role=status]").textContent = button.dataset.done;
  } catch {
    if (text.select) text.select();
    else getSelection().selectAllChildren(text); // marked, so that one key copies it
  }
});
document.addEventListener("htmx:afterSettle", () => ready(document));
ready(document);
