// Passkeys: what the browser makes and signs with goes to the server as JSON.
(() => {
  "use strict";
  const buttons = [...document.querySelectorAll("[data-passkey]")];
  if (!buttons.length || !window.PublicKeyCredential || !navigator.credentials) return;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const each = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const post = async (path, body) => {
    let answer;
    try {
      answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body || {}) });
    } catch {
      throw new Error("The server could not be reached. Try again.");
    }
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) throw new Error(said.error || "That did not work. Try again.");
    return said;
  };

  const say = (near, problem) => {
    const box = (near.closest(".card") || document).querySelector("[data-passkey-problem]");
    if (!box) return;
    box.textContent = problem;
    box.hidden = !problem;
  };
  // Pressing Cancel is no failure, but nothing happening is worth a word.
  const words = (e) => {
    if (e.name === "NotAllowedError") return "It was cancelled, or took too long. Nothing was changed.";
    if (e.name === "InvalidStateError") return "This device has a passkey of yours already.";
    if (e.name === "SecurityError") return "The browser does not allow passkeys at this address.";
    return e.message;
  };

  const signed = (c) => ({
    id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment || undefined, clientExtensionResults: c.getClientExtensionResults(),
    response: {
      clientDataJSON: text(c.response.clientDataJSON), authenticatorData: text(c.response.authenticatorData), signature: text(c.response.signature),
      userHandle: c.response.userHandle ? text(c.response.userHandle) : undefined,
    },
  });
  const made = (c) => ({
    id: c.id, rawId: text(c.rawId), type: c.type, authenticatorAttachment: c.authenticatorAttachment || undefined, clientExtensionResults: c.getClientExtensionResults(),
    response: {
      clientDataJSON: text(c.response.clientDataJSON), attestationObject: text(c.response.attestationObject),
      transports: c.response.getTransports ? c.response.getTransports() : undefined,
    },
  });

  // That there is a passkey here, and nothing of whose it is.
  const remember = () => { try { localStorage.setItem("passkey", "yes"); } catch { /* then not */ } };
  const remembered = () => { try { return localStorage.getItem("passkey") === "yes"; } catch { return false; } };

  let waiting; // the browser's offer beside the email field, until a button is pressed
  const signIn = async (button, more) => {
    const options = await post("/sign-in/passkey/ask");
    const credential = await navigator.credentials.get({
      publicKey: { ...options, challenge: bytes(options.challenge), allowCredentials: each(options.allowCredentials) }, ...more,
    });
    const next = await post("/sign-in/passkey", { credential: signed(credential), next: button.dataset.next || "" });
    remember();
    location.assign(next.to);
  };

  const add = async (button) => {
    const name = document.querySelector("#passkey-name");
    const options = await post("/settings/passkeys/ask");
    const credential = await navigator.credentials.create({
      publicKey: {
        ...options, challenge: bytes(options.challenge), user: { ...options.user, id: bytes(options.user.id) }, excludeCredentials: each(options.excludeCredentials),
      },
    });
    const next = await post("/settings/passkeys", { credential: made(credential), name: name ? name.value : "", next: button.dataset.next || "" });
    remember();
    location.assign(next.to);
  };

  for (const button of buttons) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (waiting) waiting.abort();
      waiting = undefined;
      button.disabled = true;
      say(button, "");
      try {
        await (button.dataset.passkey === "add" ? add(button) : signIn(button));
      } catch (e) {
        say(button, words(e));
      }
      button.disabled = false;
    });
  }

  const offer = buttons.find((b) => b.dataset.passkey === "sign-in");
  const field = document.querySelector("input[autocomplete~=webauthn]");
  if (offer && field && PublicKeyCredential.isConditionalMediationAvailable) {
    const beside = async () => {
      if (waiting || !(await PublicKeyCredential.isConditionalMediationAvailable())) return;
      waiting = new AbortController();
      try {
        await signIn(offer, { mediation: "conditional", signal: waiting.signal });
      } catch (e) {
        if (e.name !== "AbortError" && e.name !== "NotAllowedError") say(offer, words(e));
      }
    };
    // Who never used a passkey here is asked for one when they turn to the field.
    if (remembered()) beside();
    else field.addEventListener("focus", beside, { once: true });
  }
})();
