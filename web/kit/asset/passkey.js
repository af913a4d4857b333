// The ceremonies: a form with data-passkey gets its "answer" from the browser's
// passkey, or from the DEMO software key where the page offers one, and is then
// sent like any other form. Nothing is fetched.
const b64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

function creation(o) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(o);
  const ids = (o.excludeCredentials || []).map((d) => ({ ...d, id: bytes(d.id) }));
  return { ...o, challenge: bytes(o.challenge), user: { ...o.user, id: bytes(o.user.id) }, excludeCredentials: ids };
}

function request(o) {
  if (PublicKeyCredential.parseRequestOptionsFromJSON) return PublicKeyCredential.parseRequestOptionsFromJSON(o);
  const ids = (o.allowCredentials || []).map((d) => ({ ...d, id: bytes(d.id) }));
  return { ...o, challenge: bytes(o.challenge), allowCredentials: ids };
}

function answer(c) {
  const r = c.response;
  const response = { clientDataJSON: b64(r.clientDataJSON) };
  if (r.attestationObject) response.attestationObject = b64(r.attestationObject);
  if (r.authenticatorData) response.authenticatorData = b64(r.authenticatorData);
  if (r.signature) response.signature = b64(r.signature);
  if (r.userHandle) response.userHandle = b64(r.userHandle);
  return { id: c.id, rawId: b64(c.rawId), type: c.type, response };
}

async function perform(form, submitter) {
  const options = JSON.parse(form.dataset.options);
  const create = form.dataset.passkey === "create";
  if (submitter && "softkey" in submitter.dataset) {
    const soft = await import("./softkey.js");
    const chosen = form.querySelector("[data-softkey-user]");
    return create ? soft.create(options) : soft.get(options, chosen ? chosen.value : "");
  }
  if (!window.PublicKeyCredential) throw new Error(form.dataset.none || "This browser has no passkeys, or the page did not come over a secure connection.");
  return answer(create
    ? await navigator.credentials.create({ publicKey: creation(options) })
    : await navigator.credentials.get({ publicKey: request(options) }));
}

// What went wrong, in the page's language: the page brings the sentences.
function explain(error, own) {
  if (error.name === "NotAllowedError") return own.cancelled || "The passkey was not used: the request was cancelled or took too long. Try again.";
  if (error.name === "InvalidStateError") return own.enrolled || "This passkey is enrolled here already.";
  if (error.name === "SecurityError") return own.address || "This page's address does not fit its passkeys.";
  if (error.name === "NoDemoKey" && own.noDemo) return own.noDemo;
  return error.message || own.failed || "The passkey could not be used. Try again.";
}

async function submit(event) {
  const form = event.currentTarget;
  event.preventDefault();
  const says = form.querySelector("[data-says]");
  const buttons = form.querySelectorAll("button");
  says.textContent = "";
  buttons.forEach((b) => { b.disabled = true; });
  try {
    form.elements.namedItem("answer").value = JSON.stringify(await perform(form, event.submitter));
    form.submit();
  } catch (error) {
    says.textContent = explain(error, form.dataset);
    buttons.forEach((b) => { b.disabled = false; });
  }
}

async function offerKeys(select, form) {
  const soft = await import("./softkey.js");
  const users = await soft.users(JSON.parse(form.dataset.options));
  if (users.length === 0) return;
  select.replaceChildren(...users.map((u) => new Option(u.name, u.id)));
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", submit);
  const select = form.querySelector("[data-softkey-user]");
  if (select) offerKeys(select, form);
}

// After a page with errors, start reading there.
document.getElementById("errors")?.focus();
