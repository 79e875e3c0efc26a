// Stores a file the moment it is chosen, with a progress bar; without this file the button does the same.
"use strict";

function showFailure(form, words) {
  form.querySelector(".upload-progress").hidden = true;
  form.querySelector(".upload-status").textContent = words;
  form.querySelector("[type=file]").disabled = false;
}

function replaceSlot(form, html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const fresh = answer.getElementById(form.dataset.upload);
  const slot = document.getElementById(form.dataset.upload);
  if (!fresh || !slot) {
    showFailure(form, "Не удалось сохранить файл. Обновите страницу и попробуйте ещё раз.");
    return;
  }
  const title = fresh.querySelector("h2");
  slot.replaceWith(fresh);
  const left = answer.getElementById("left-to-mend");
  if (left) document.getElementById("left-to-mend").replaceWith(left);
  prepare(fresh);
  title.tabIndex = -1;
  title.focus();
}

function send(form) {
  const input = form.querySelector("[type=file]");
  if (!input.files.length) return;
  const bar = form.querySelector(".upload-progress");
  const status = form.querySelector(".upload-status");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true");
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = Math.round((event.loaded / event.total) * 100);
    if (event.loaded === event.total) status.textContent = "Файл получен, проверяем…";
  });
  request.addEventListener("load", () => {
    if (request.status === 200) replaceSlot(form, request.responseText);
    else showFailure(form, "Файл не сохранён: сервер отказал. Обновите страницу и попробуйте ещё раз.");
  });
  request.addEventListener("error", () => showFailure(form, "Связь прервалась, файл не сохранён. Выберите его ещё раз."));
  request.send(new FormData(form));
  bar.hidden = false;
  status.textContent = "Загружаем…";
  input.disabled = true;
}

function prepare(root) {
  root.querySelectorAll("form[data-upload]").forEach((form) => {
    form.querySelector("[data-upload-button]").hidden = true;
    form.querySelector("[type=file]").addEventListener("change", () => send(form));
  });
}

prepare(document);
