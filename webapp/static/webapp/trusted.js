// What may become part of a page (Trusted Types): HTML that our server sent, scripts that are files of ours, and no
// script that is written into a page. Where the browser knows the types, all else that makes code of text is refused.
if (window.trustedTypes) {
  const files = new URL(".", document.currentScript.src);
  window.trustedTypes.createPolicy("default", {
    createHTML: (html) => html,
    createScriptURL: (address) => {
      const url = new URL(address, document.baseURI);
      return url.origin === files.origin && url.pathname.startsWith(files.pathname) ? url.href : null;
    },
    createScript: (text) => (text === "" ? "" : null), // htmx copies a script's text, which files have none of
  });
}
