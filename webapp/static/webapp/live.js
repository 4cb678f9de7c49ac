// What renews itself every few seconds stays as it is while somebody marks text in it, to copy a command or a reason.
document.addEventListener("htmx:beforeRequest", (event) => {
  const marked = getSelection();
  const inside = event.detail.elt.contains(marked.anchorNode);
  if (inside && !marked.isCollapsed && event.detail.elt === event.detail.target) event.preventDefault();
});
