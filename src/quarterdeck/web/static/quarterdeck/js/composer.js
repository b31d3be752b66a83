// The composer of a war room: `/` offers the commands, Ctrl Enter posts, the kind of entry changes the hint.

import { store } from "./words.js";

function suggestions(field) {
  const list = field.form.querySelector("[data-slash]");
  if (!list) return;
  const typed = field.value.match(/^\/([\w-]*)$/);
  let shown = 0;
  for (const item of list.children) {
    item.hidden = !typed || !item.dataset.name.startsWith(typed[1]);
    if (!item.hidden) shown += 1;
  }
  list.hidden = !shown;
}

function onClick(event) {
  const item = event.target.closest("[data-slash] [data-name]");
  if (!item) return;
  const field = item.closest("form").querySelector("textarea");
  field.value = `/${item.dataset.name} `;
  item.parentElement.hidden = true;
  field.focus();
}

function onKey(event) {
  const field = event.target.closest?.("[data-composer] textarea");
  if (!field) return;
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    field.form.requestSubmit();
    event.preventDefault();
  }
  if (event.key === "Escape") field.blur();
  const list = field.form.querySelector("[data-slash]:not([hidden])");
  if (event.key === "Tab" && list) {
    list.querySelector("[data-name]:not([hidden])")?.click();
    event.preventDefault();
  }
}

/** Demo sign-in and copy buttons are small enough to live beside the composer's own acts. */
function onPress(event) {
  const copy = event.target.closest("[data-copy]");
  if (copy) {
    const source = copy.dataset.copy ? document.getElementById(copy.dataset.copy) : null;
    navigator.clipboard?.writeText(source ? (source.value ?? source.textContent.trim()) : copy.dataset.copyText);
    copy.classList.add("is-done");
    setTimeout(() => copy.classList.remove("is-done"), 1500);
  }
}

export function start() {
  document.addEventListener("input", (event) => {
    const field = event.target.closest?.("[data-composer] textarea");
    if (field) suggestions(field);
  });
  // What went through takes the commands and an earlier refusal along.
  document.addEventListener("reset", (event) => {
    if (!event.target.matches?.("[data-composer]")) return;
    event.target.querySelector(":scope > .notice[data-refused]")?.remove();
    const list = event.target.querySelector("[data-slash]");
    if (list) list.hidden = true;
  });
  document.addEventListener("click", onClick);
  document.addEventListener("click", onPress);
  document.addEventListener("keydown", onKey);
  for (const fold of document.querySelectorAll("details[data-remember]")) {
    const key = `qd:fold:${fold.dataset.remember}`;
    const was = store.get(key);
    if (was) fold.open = was === "open";
    fold.addEventListener("toggle", () => store.set(key, fold.open ? "open" : "shut"));
  }
}
