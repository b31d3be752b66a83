// Keyboard. Elements say their key themselves (data-key="c", data-key="g i"); rows live in [data-list] as [data-row].
// Nothing fires inside a field, with a modifier, or while a dialog is open. Single keys can be switched off.

import { isTyping, say, store, announce } from "./words.js";

const SEQUENCE_MS = 1200;
let prefix = "";
let prefixAt = 0; // when it was pressed, which on a busy machine is earlier than when it is heard

const isShown = (element) => Boolean(element.offsetParent || element.getClientRects().length) || Boolean(element.closest("details, .rail"));

function rows() {
  return [...document.querySelectorAll("[data-list] [data-row]")].filter((row) => row.offsetParent);
}

function select(row) {
  for (const other of document.querySelectorAll("[data-row].is-selected")) other.classList.remove("is-selected");
  if (!row) return;
  row.classList.add("is-selected");
  const link = row.querySelector("[data-open], a[href]");
  (link ?? row).focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.findIndex((row) => row.classList.contains("is-selected"));
  select(all[Math.min(all.length - 1, Math.max(0, at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step))]);
}

function act(key) {
  const row = document.querySelector("[data-row].is-selected");
  const find = (root) => [...root.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)].find((e) => isShown(e) && !e.disabled);
  const target = (row && find(row)) ?? find(document);
  if (!target) return false;
  if (target.matches("input:not([type=radio],[type=checkbox]), textarea, select")) target.focus();
  else if (target.matches("input")) {
    target.checked = true;
    target.dispatchEvent(new Event("change", { bubbles: true }));
    document.querySelector(target.dataset.keyFocus ?? "none-such")?.focus();
  } else target.click();
  return true;
}

function listKey(key) {
  const row = document.querySelector("[data-row].is-selected");
  if (key === "j" || key === "k") move(key === "j" ? 1 : -1);
  else if (key === "Enter" && row && document.activeElement === document.body) row.querySelector("[data-open], a[href]")?.click();
  else if (key === "x" && row) row.querySelector("input[type=checkbox]")?.click();
  else if (key === "Escape" && row) select(null);
  else return false;
  return true;
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open], [popover]:popover-open")) return;
  if (store.get("qd:keys") === "off" && event.key !== "Escape") return;
  const key = prefix && event.timeStamp - prefixAt <= SEQUENCE_MS ? `${prefix} ${event.key}` : event.key;
  prefix = "";
  const waits = event.key.length === 1 && document.querySelector(`[data-key^="${CSS.escape(event.key)} "]`);
  if (!key.includes(" ") && waits) {
    prefix = event.key;
    prefixAt = event.timeStamp;
    event.preventDefault();
    return;
  }
  if (listKey(key) || act(key)) event.preventDefault();
}

/** The help lists what this page really offers. */
function help() {
  const list = document.querySelector("[data-keys-list]");
  if (!list) return;
  const seen = new Set();
  for (const element of document.querySelectorAll("[data-key]")) {
    const key = element.dataset.key;
    const label = element.dataset.keyLabel ?? element.getAttribute("aria-label") ?? element.title ?? element.textContent;
    const text = (label || element.textContent).trim().replace(/\s+/g, " ");
    if (seen.has(key) || !text) continue;
    seen.add(key);
    const row = document.createElement("div");
    const term = document.createElement("dt");
    for (const part of key.split(" ")) {
      const cap = document.createElement("kbd");
      cap.className = "kbd";
      cap.textContent = part;
      term.append(cap, " ");
    }
    const words = document.createElement("dd");
    words.textContent = text;
    row.append(term, words);
    list.append(row);
  }
}

/** Boxes of a list: how many are chosen, and the bar that acts on them. */
function bulk() {
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("[data-bulk]");
    if (!form) return;
    if (event.target.matches("[data-all]")) {
      for (const box of form.querySelectorAll("[data-row] input[type=checkbox]")) box.checked = event.target.checked;
    }
    const count = form.querySelectorAll("[data-row] input[type=checkbox]:checked").length;
    const bar = form.querySelector("[data-bulk-bar]");
    if (!bar) return;
    bar.classList.toggle("is-active", count > 0);
    const text = count ? say("selected", { count }) : "";
    bar.querySelector("[data-bulk-count]").textContent = text;
    announce(text);
  });
}

export function start() {
  help();
  bulk();
  document.addEventListener("keydown", onKey);
  if (/Mac|iP(hone|ad)/.test(navigator.platform)) for (const cap of document.querySelectorAll("[data-mod-k]")) cap.textContent = "⌘ K";
  const toggle = document.querySelector("[data-keys-switch]");
  if (!toggle) return;
  toggle.checked = store.get("qd:keys") !== "off";
  toggle.addEventListener("change", () => store.set("qd:keys", toggle.checked ? "on" : "off"));
}
