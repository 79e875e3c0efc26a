// Improvements only: every page works without this file.
"use strict";

// After a failed form the summary of errors is read and seen first.
function focusSummary(root) {
  const summary = root.querySelector("[data-focus-on-load]");
  if (summary) summary.focus();
}

// A form sent twice by an impatient double click would do its deed twice; the second click is swallowed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  // A form that answers with a file leaves the page standing.
  window.setTimeout(() => delete form.dataset.sent, 4000);
});

// Coming back by the browser's button must find the form usable again.
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent);
});

// The menu of the phone closes with Escape.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector(".site-menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});

// «Печать» is offered where a page asks for it.
document.querySelectorAll("[data-print]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
});

document.addEventListener("htmx:afterSettle", (event) => focusSummary(event.target));
focusSummary(document);
