// Nothing typed is lost. Fields in or with [data-keep] are kept on the device until the server confirms them.
//
// Confirmation is a 2xx answer to htmx, or a toast with data-saved="saved:<key>" after a redirect (django messages with
// extra_tags). An error, a reload, a closed tab or a lapsed session leave the draft where it is.

import { announce, say, store } from "./words.js";
import { show } from "./dialogs.js";
import { renewToken } from "./csrf.js";

const PREFIX = "qd:draft:";
const KEEP_MS = 14 * 86400 * 1000;
let waiting = null;

const scope = (field) => field.closest("[data-keep]")?.dataset.keep || field.form?.getAttribute("action") || location.pathname;
const keyOf = (field) => `${PREFIX}${scope(field)}|${field.name || field.id}`;
const isKept = (field) =>
  field?.matches?.("input, textarea, select") &&
  !field.matches("[type=hidden], [type=password], [type=file], [type=submit], [type=button]") &&
  field.closest("[data-keep]");

const read = (field) => (field.matches("[type=checkbox], [type=radio]") ? (field.checked ? field.value : null) : field.value);
// Of a select only the empty choice counts as untouched: another one was set by the server, or by somebody.
const isUntouched = (field) => field.value === field.defaultValue || field.value === "";

function save(field) {
  const value = read(field);
  if (value === null || value === "") store.remove(keyOf(field));
  else store.set(keyOf(field), JSON.stringify({ value, at: Date.now() }));
}

function restore(root) {
  const back = new Set();
  for (const field of root.querySelectorAll("input, textarea, select")) {
    if (!isKept(field) || field.matches("[type=checkbox], [type=radio], select[multiple]")) continue;
    const draft = JSON.parse(store.get(keyOf(field)) ?? "null");
    if (!draft || Date.now() - draft.at > KEEP_MS) continue;
    if (!isUntouched(field) || field.value === draft.value || field.closest(".has-error")) continue;
    if (field.matches("select") && ![...field.options].some((option) => option.value === draft.value)) continue;
    field.value = draft.value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    back.add(field.form ?? field);
  }
  for (const form of back) note(form);
}

function note(form) {
  if (form.querySelector?.(".kept")) return;
  const line = document.createElement("p");
  line.className = "kept";
  line.textContent = `${say("kept")} `;
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "link";
  discard.textContent = say("discard");
  discard.addEventListener("click", () => {
    forget(form);
    form.reset();
    line.remove();
  });
  line.append(discard);
  form.append(line);
}

function forget(form) {
  for (const field of form.elements ?? [form]) if (isKept(field)) store.remove(keyOf(field));
  form.querySelector?.(".kept")?.remove();
}

const sent = new WeakMap();
const state = (field) => (field.matches("[type=checkbox], [type=radio]") ? field.checked : field.value);
const fields = (form) => [...form.elements].filter((field) => field.matches("input:not([type=hidden], [type=file]), textarea, select"));

/** What went through leaves the form; what was typed since it was sent stays there. */
function confirmed(form) {
  const was = sent.get(form);
  const later = fields(form).filter((field) => was?.has(field) && was.get(field) !== state(field));
  const typed = later.map((field) => [field, field.value, field.checked]);
  forget(form);
  if (form.matches("[data-reset]")) form.reset();
  for (const [field, value, checked] of typed) {
    field.value = value;
    if (field.matches("[type=checkbox], [type=radio]")) field.checked = checked;
    if (isKept(field)) save(field);
  }
}

function forgetScope(name) {
  for (const key of store.keys()) if (key.startsWith(`${PREFIX}${name}|`)) store.remove(key);
}

/** The session lapsed: keep the text, offer to sign in beside this page, then send the same request again. */
function lapsed(event) {
  waiting = event.detail.requestConfig?.elt ?? event.detail.elt;
  announce(say("signedout"));
  show(document.getElementById("signin"));
}

async function retry() {
  if (!(await renewToken())) {
    announce(say("signedout"));
    return;
  }
  document.getElementById("signin")?.close();
  if (waiting instanceof HTMLFormElement) waiting.requestSubmit();
  else waiting?.click?.();
  waiting = null;
}

const isLogin = (xhr) => xhr.status === 401 || /\/accounts\/(login|2fa|reauthenticate)/.test(xhr.responseURL ?? "");

export function start() {
  for (const toast of document.querySelectorAll("[data-saved]")) {
    for (const tag of toast.dataset.saved.split(" ")) if (tag.startsWith("saved:")) forgetScope(tag.slice(6));
  }
  restore(document);
  document.addEventListener("input", (event) => isKept(event.target) && save(event.target));
  document.addEventListener("htmx:afterSettle", (event) => restore(event.target));
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!isLogin(event.detail.xhr)) return;
    event.detail.shouldSwap = false;
    lapsed(event);
  });
  document.addEventListener("htmx:beforeRequest", ({ detail: { elt } }) => {
    if (elt instanceof HTMLFormElement) sent.set(elt, new Map(fields(elt).map((field) => [field, state(field)])));
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (event.detail.requestConfig?.verb === "get") return; // a preview stores nothing
    if (event.detail.successful && form instanceof HTMLFormElement && !isLogin(event.detail.xhr)) confirmed(form);
  });
  document.addEventListener("signed-out", () => show(document.getElementById("signin")));
  document.addEventListener("click", (event) => event.target.closest("[data-signin-retry]") && retry());
  // Never sent by itself: whoever signed in may be somebody else.
  window.addEventListener("storage", (event) => event.key === "qd:signed-in" && document.querySelector("[data-signin-retry]")?.focus());
}
