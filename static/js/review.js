// Keys of the review: links and verdicts without the mouse. Everything here can be done by links and buttons too.
// Keys can be switched off (WCAG 2.1.4); they are read by their place, so the Russian layout does not matter.
"use strict";

const STORED = "review-keys-off";
const BY_KEY = "review-by-key"; // of this tab: the last thing done here was done by a key
const legend = document.querySelector("[data-review-keys]");
const toggle = document.querySelector("[data-review-switch]");
const verdicts = document.querySelector("[data-review-verdict]");

function remembered() {
  try {
    return window.localStorage.getItem(STORED) === "yes";
  } catch {
    return false;
  }
}

function remember(off) {
  try {
    window.localStorage.setItem(STORED, off ? "yes" : "");
  } catch {
    // Private windows keep nothing.
  }
}

function note(byKey) {
  try {
    window.sessionStorage.setItem(BY_KEY, byKey ? "yes" : "");
  } catch {
    // Nothing is kept: the focus begins where the browser puts it.
  }
}

function cameByKey() {
  try {
    return window.sessionStorage.getItem(BY_KEY) === "yes";
  } catch {
    return false;
  }
}

function isTyping(target) {
  return target.matches("textarea, select, input:not([type=radio]):not([type=checkbox])") || target.isContentEditable;
}

function choose(number) {
  const radios = verdicts ? verdicts.querySelectorAll("input[name=verdict]") : [];
  const radio = radios[number - 1];
  if (!radio) return false;
  radio.checked = true;
  radio.focus();
  return true;
}

function onKey(event) {
  const form = event.target.form;
  if (event.code === "Enter" && event.ctrlKey && event.target.matches("textarea") && form) {
    event.preventDefault();
    form.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey || event.shiftKey || isTyping(event.target)) return;
  if (toggle && !toggle.checked) return;
  const digit = event.code.match(/^(?:Digit|Numpad)([1-9])$/);
  if (digit) {
    if (choose(Number(digit[1]))) event.preventDefault();
    return;
  }
  const link = document.querySelector(`[data-key="${event.code}"]`);
  if (!link) return;
  event.preventDefault();
  link.click();
}

// Whoever comes by a key sees where the keyboard is; an address with a mark (#review) has seen to it itself.
function showFocus() {
  const heading = document.querySelector("h1");
  if (!heading || !cameByKey() || document.activeElement !== document.body) return;
  heading.tabIndex = -1;
  heading.focus();
}

if (legend && toggle) {
  legend.hidden = false;
  showFocus();
  toggle.checked = !remembered();
  toggle.addEventListener("change", () => remember(!toggle.checked));
  document.addEventListener("keydown", () => note(true), { capture: true });
  document.addEventListener("pointerdown", () => note(false), { capture: true });
  document.addEventListener("keydown", onKey);
}
