// Passkeys: the browser makes one or uses one, and its answer goes into the form as JSON.

const can = Boolean(window.PublicKeyCredential?.parseCreationOptionsFromJSON);

async function optionsFor(form) {
  const given = document.getElementById("passkey-options");
  if (given) return JSON.parse(given.textContent);
  const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
  return answer.json();
}

async function answerOf(form) {
  const options = await optionsFor(form);
  if (form.dataset.passkey === "get") {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options.request_options.publicKey);
    return navigator.credentials.get({ publicKey });
  }
  const wanted = options.creation_options.publicKey;
  // Kept on the device, and opened by its owner: it takes the place of the password.
  const selection = { ...wanted.authenticatorSelection, residentKey: "required", requireResidentKey: true, userVerification: "required" };
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON({ ...wanted, authenticatorSelection: selection });
  return navigator.credentials.create({ publicKey });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const note = form.querySelector("[data-passkey-note]");
    note.hidden = true;
    try {
      if (!can) throw new Error("no passkeys");
      form.elements.namedItem("credential").value = JSON.stringify((await answerOf(form)).toJSON());
      form.submit();
    } catch {
      note.hidden = false;
    }
  });
}
