// Sends each chosen file in pieces the moment it is chosen, several one after another, and goes on by itself after a
// lost connection from the byte that arrived last. Without this file the form's button stores the files in one request.
"use strict";

const PAUSES = [1, 2, 4, 8, 15, 30];
const CHECK_SECONDS = 1.5;
const MEGABYTE = 1024 * 1024;
const OFFLINE = "Связь прервалась. Ждём её и продолжим сами, начинать заново не нужно.";
const SIGNED_OUT = "Вы вышли из кабинета. Обновите страницу, войдите и выберите файл ещё раз: загрузка продолжится.";
const UNREADABLE = "Файл больше не читается на вашем устройстве: выберите его ещё раз.";
const REFUSED = "Сервер отказал. Обновите страницу и выберите файл ещё раз: загрузка продолжится.";

const waiting = [];
let running = null;

// --- the row of one file ---------------------------------------------------------------------------------------------

function element(tag, className, text) {
  const made = document.createElement(tag);
  made.className = className;
  if (text) made.textContent = text;
  return made;
}

function newTransfer(form, file) {
  const row = element("li", "upload-row");
  const bar = element("progress", "upload-progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", `Загрузка: ${file.name}`);
  const stop = element("button", "btn btn-link btn-sm", "Отменить");
  stop.type = "button";
  stop.append(element("span", "visually-hidden", `: ${file.name}`));
  const words = element("p", "upload-status", "Ждёт очереди");
  row.append(element("p", "upload-name", file.name), bar, words, stop);
  form.closest(".slot").querySelector("[data-uploads]").append(row);
  const transfer = { file, row, bar, words, stop, slot: form.dataset.upload, url: "", piece: 0, over: false, request: null };
  stop.addEventListener("click", () => cancel(transfer));
  return transfer;
}

function formOf(transfer) {
  return document.getElementById(transfer.slot).querySelector("form[data-upload]");
}

function announce(text) {
  document.getElementById("upload-news").textContent = text;
}

function megabytes(bytes) {
  return (bytes / MEGABYTE).toLocaleString("ru", { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function showProgress(transfer, sent) {
  const size = transfer.file.size;
  transfer.bar.value = size ? (sent / size) * 100 : 0;
  transfer.words.textContent = sent < size ? `Загружено ${megabytes(sent)} из ${megabytes(size)} МБ` : "Файл получен, проверяем…";
}

function fail(transfer, text) {
  transfer.over = true;
  transfer.bar.remove();
  transfer.row.classList.add("upload-failed");
  transfer.words.textContent = text;
  transfer.stop.firstChild.textContent = "Убрать";
  announce(text);
}

function cancel(transfer) {
  const begun = transfer.url && !transfer.over;
  transfer.over = true;
  if (transfer.request) transfer.request.abort();
  if (begun) ask(transfer, "POST", `${transfer.url}discard/`, { body: new FormData(formOf(transfer)) });
  transfer.row.remove();
  formOf(transfer).querySelector("[type=file]").focus();
}

// --- talking to the server -------------------------------------------------------------------------------------------

// Resolves with {status, data}, or with null when there was no answer.
function ask(transfer, method, url, { body = null, headers = {}, onProgress = null } = {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.setRequestHeader("X-CSRFToken", formOf(transfer).querySelector("[name=csrfmiddlewaretoken]").value);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (onProgress) request.upload.addEventListener("progress", (event) => onProgress(event.loaded));
    request.addEventListener("load", () => {
      let data = null;
      try {
        data = JSON.parse(request.responseText);
      } catch {
        data = null; // a page: of the sign-in, or of an error
      }
      resolve({ status: request.status, data, signedOut: request.responseURL.includes("/accounts/login/") });
    });
    for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => resolve(null));
    transfer.request = request;
    request.send(body);
  });
}

function seconds(number) {
  return new Promise((resolve) => window.setTimeout(resolve, number * 1000));
}

function online() {
  return new Promise((resolve) => window.addEventListener("online", resolve, { once: true }));
}

function isAnswer(answer) {
  return answer !== null && answer.status < 500 && answer.status !== 429;
}

// Asks again and again until there is an answer; null when the person cancelled meanwhile.
async function insist(transfer, method, url, options) {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await ask(transfer, method, url, options);
    if (transfer.over) return null;
    if (isAnswer(answer)) return answer;
    transfer.words.textContent = OFFLINE;
    if (attempt === 0) announce(`${transfer.file.name}: ${OFFLINE}`);
    await Promise.race([seconds(PAUSES[Math.min(attempt, PAUSES.length - 1)]), online()]);
  }
}

function begin(transfer) {
  const form = formOf(transfer);
  const body = new FormData();
  const keep = form.querySelector("[name=keep]");
  body.append("name", transfer.file.name);
  body.append("size", transfer.file.size);
  body.append("modified", transfer.file.lastModified);
  if (keep && keep.checked) body.append("keep", "yes");
  return insist(transfer, "POST", form.dataset.start, { body });
}

// One piece, from `offset` on; after a broken one the server is asked how far the file has come.
async function sendPiece(transfer, offset) {
  let body;
  try {
    body = await transfer.file.slice(offset, offset + transfer.piece).arrayBuffer();
  } catch {
    return fail(transfer, UNREADABLE);
  }
  if (transfer.over) return null;
  const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) };
  const onProgress = (loaded) => showProgress(transfer, offset + loaded);
  const answer = await ask(transfer, "PATCH", transfer.url, { body, headers, onProgress });
  if (isAnswer(answer) || transfer.over) return answer;
  transfer.words.textContent = OFFLINE;
  return insist(transfer, "GET", transfer.url);
}

async function run(transfer) {
  transfer.words.textContent = "Начинаем…";
  let answer = await begin(transfer);
  let begunAnew = false;
  while (!transfer.over) {
    const standing = answer && answer.data;
    if (answer && answer.status === 404 && !begunAnew) {
      begunAnew = true; // it lay too long and was cleared away
      answer = await begin(transfer);
    } else if (!standing || !standing.state) {
      fail(transfer, answer && answer.signedOut ? SIGNED_OUT : REFUSED);
    } else if (standing.state === "stored") {
      transfer.over = true;
      showStored(transfer, standing.slot);
    } else if (standing.state === "refused") {
      fail(transfer, standing.error);
    } else {
      if (standing.url) accept(transfer, standing);
      showProgress(transfer, standing.offset);
      if (standing.state === "checking") await seconds(CHECK_SECONDS);
      answer = await (standing.state === "checking"
        ? insist(transfer, "GET", transfer.url)
        : sendPiece(transfer, standing.offset));
    }
  }
}

function accept(transfer, begun) {
  transfer.url = begun.url;
  transfer.piece = begun.piece;
  const known = document.querySelector(`[data-unfinished="${begun.url}"]`);
  if (known) known.remove();
}

async function runAll() {
  if (running) return;
  while (waiting.length) {
    running = waiting.shift();
    if (!running.over) await run(running);
    running = null;
  }
}

// --- the page --------------------------------------------------------------------------------------------------------

function showStored(transfer, html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const fresh = answer.getElementById(transfer.slot);
  const slot = document.getElementById(transfer.slot);
  const left = answer.getElementById("left-to-mend");
  const focused = slot.contains(document.activeElement) ? document.activeElement : null;
  transfer.row.remove();
  // The rows of the other files stay: some wait, some were refused.
  fresh.querySelector("[data-uploads]").replaceWith(slot.querySelector("[data-uploads]"));
  slot.replaceWith(fresh);
  if (left) document.getElementById("left-to-mend").replaceWith(left);
  prepare(fresh);
  if (focused) (document.getElementById(focused.id) || fresh.querySelector("[type=file]")).focus();
  announce(`Файл «${transfer.file.name}» сохранён.`);
}

function choose(form, files) {
  for (const file of files) waiting.push(newTransfer(form, file));
  runAll();
}

function takePicture(form) {
  const camera = document.createElement("input");
  camera.type = "file";
  camera.accept = "image/*";
  camera.setAttribute("capture", "environment");
  camera.addEventListener("change", () => choose(form, camera.files));
  camera.click();
}

// Where this script works a file needs no button.
function prepare(root) {
  document.querySelectorAll("[data-upload-at-once]").forEach((words) => (words.hidden = false));
  const touch = window.matchMedia("(pointer: coarse)").matches;
  root.querySelectorAll("form[data-upload]").forEach((form) => {
    form.querySelector("[data-upload-button]").hidden = true;
    form.querySelector("[data-camera]").hidden = !touch;
    form.querySelector("[data-drop-hint]").hidden = touch;
  });
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-upload]");
  if (!form || event.target.type !== "file" || !event.target.files.length) return;
  choose(form, [...event.target.files]);
  event.target.value = "";
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-camera]");
  if (button) takePicture(button.closest("form"));
});

function slotUnder(event) {
  if (!event.dataTransfer || ![...event.dataTransfer.types].includes("Files")) return undefined;
  event.preventDefault(); // a file that misses its slot must not replace the page
  return event.target.closest(".slot");
}

function markSlot(slot) {
  document.querySelectorAll(".slot-over").forEach((other) => other.classList.toggle("slot-over", other === slot));
  if (slot) slot.classList.add("slot-over");
}

document.addEventListener("dragover", (event) => {
  const slot = slotUnder(event);
  if (slot === undefined) return;
  event.dataTransfer.dropEffect = slot ? "copy" : "none";
  markSlot(slot);
});
document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) markSlot(null);
});
document.addEventListener("drop", (event) => {
  const slot = slotUnder(event);
  markSlot(null);
  if (slot) choose(slot.querySelector("form[data-upload]"), [...event.dataTransfer.files]);
});

// Whoever leaves while a file is on its way is asked; what has arrived stays and is continued later.
window.addEventListener("beforeunload", (event) => {
  if (running || waiting.length) event.preventDefault();
});
document.addEventListener("htmx:afterSettle", (event) => prepare(event.target.parentNode || document));

prepare(document);
