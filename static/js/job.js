// A running job's page renews its progress by itself; without this file there is the link «Обновить».
"use strict";

async function renewProgress() {
  const shown = document.getElementById("job-progress");
  if (!shown || !shown.dataset.running) return;
  try {
    const response = await fetch(window.location.href, { credentials: "same-origin" });
    if (!response.ok) return;
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const fresh = page.getElementById("job-progress");
    if (!fresh) return;
    shown.replaceWith(document.adoptNode(fresh));
  } catch {
    // The network comes back or it does not; the link stays.
  }
  window.setTimeout(renewProgress, 2000);
}

window.setTimeout(renewProgress, 2000);
