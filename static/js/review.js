// Keys of the review: links and verdicts without the mouse. Everything here can be done by links and buttons too.
// Keys can be switched off (WCAG 2.1.4); they are read by their place, so the Russian layout does not matter.
"use strict";

const STORED = "review-keys-off";
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

if (legend && toggle) {
  legend.hidden = false;
  toggle.checked = !remembered();
  toggle.addEventListener("change", () => remember(!toggle.checked));
  document.addEventListener("keydown", onKey);
}
