// Buttons that copy a command. Without a script they are not shown: the command can be marked.
function ready(part) {
  for (const button of part.querySelectorAll?.("[data-copies]") ?? []) button.hidden = !navigator.clipboard;
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const text = document.getElementById(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(text.textContent);
    button.querySelector("[role=status]").textContent = button.dataset.done;
  } catch {
    getSelection().selectAllChildren(text); // marked, so that one key copies it
  }
});
document.addEventListener("htmx:afterSettle", () => ready(document));
ready(document);
