// Asks the browser for a passkey and sends its answer with the form around the button. Without scripts,
// or in a browser that knows no passkeys, the button stays hidden and the other ways remain.
"use strict";

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

const described = (known) => (known || []).map((each) => ({ ...each, id: bytesOf(each.id) }));

function optionsOf(written) {
  const options = { ...written, challenge: bytesOf(written.challenge) };
  if (written.user) options.user = { ...written.user, id: bytesOf(written.user.id) };
  if (written.excludeCredentials) options.excludeCredentials = described(written.excludeCredentials);
  if (written.allowCredentials) options.allowCredentials = described(written.allowCredentials);
  return options;
}

function written(credential) {
  const { response } = credential;
  const answer = { clientDataJSON: textOf(response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) answer[name] = textOf(response[name]);
  }
  if (response.getTransports) answer.transports = response.getTransports();
  const id = textOf(credential.rawId);
  return { id, rawId: id, type: credential.type, response: answer };
}

async function ask(form) {
  const problem = form.querySelector("[data-passkey-problem]");
  problem.textContent = "";
  const options = optionsOf(JSON.parse(form.dataset.options));
  try {
    const credential = await navigator.credentials[form.dataset.passkey]({ publicKey: options });
    form.elements.namedItem("credential").value = JSON.stringify(written(credential));
    form.submit();
  } catch (error) {
    problem.textContent =
      error.name === "InvalidStateError"
        ? "This device is registered already."
        : "The passkey was not used. Try again, or choose another way.";
  }
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) break;
  form.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    ask(form);
  });
}
