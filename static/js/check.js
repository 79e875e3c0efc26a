// The file to compare stays with its owner: its SHA-256 is taken here and only that is sent. Without this file, and in a
// browser that cannot, the server takes it from what is sent and keeps nothing.
"use strict";

async function sha256Of(file) {
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function askByHash(form, file) {
  try {
    const asked = new URLSearchParams({ sha256: await sha256Of(file) });
    for (const name of ["code", "number"]) {
      if (form.elements[name].value) asked.set(name, form.elements[name].value);
    }
    window.location.assign(`${window.location.pathname}?${asked}`);
  } catch {
    form.submit();
  }
}

const checkForm = document.getElementById("check-form");
if (checkForm && window.crypto && window.crypto.subtle) {
  checkForm.addEventListener("submit", (event) => {
    const file = checkForm.elements.file.files[0];
    if (!file) return;
    event.preventDefault();
    askByHash(checkForm, file);
  });
}
