// Command palette (Ctrl or Cmd K): the frame's commands, what this page offers, and what the server finds.
// Server answer of GET /search.json?q=…: {"results": [{label, hint, icon, href, group}]}

import { announce, icon, say } from "./words.js";

const WAIT_MS = 140;
const SHOWN = 9;
let dialog, input, list, template;
let commands = [];
let found = [];
let timer = 0;
let asked = 0;

/** How well `query` fits `text` as a subsequence: 0 is no fit; starts of words and runs count more. */
export function score(query, text) {
  const wanted = query.toLowerCase().replace(/\s+/g, "");
  const hay = text.toLowerCase();
  if (!wanted) return 1;
  const whole = hay.indexOf(query.toLowerCase().trim());
  let total = whole === 0 ? 60 : whole > 0 ? 40 : 0;
  let at = -1;
  let run = 0;
  for (const letter of wanted) {
    const next = hay.indexOf(letter, at + 1);
    if (next < 0) return 0;
    run = next === at + 1 ? run + 1 : 0;
    total += 1 + run * 2 + (next === 0 || /[\s\-_.:/]/.test(hay[next - 1]) ? 4 : 0) - Math.min(2, (next - at) / 12);
    at = next;
  }
  return Math.max(total - hay.length / 80, 0.1);
}

function pageCommands() {
  return [...document.querySelectorAll("[data-command]")]
    .filter((element) => !element.disabled)
    .map((element) => ({
      label: element.dataset.command || element.textContent.trim(),
      hint: element.dataset.commandHint ?? "",
      icon: element.dataset.commandIcon ?? "arrow",
      key: element.dataset.key,
      group: say("here"),
      element,
    }));
}

function marked(label, query) {
  const words = query.trim();
  const at = words ? label.toLowerCase().indexOf(words.toLowerCase()) : -1;
  if (at < 0) return [label];
  const mark = document.createElement("mark");
  mark.textContent = label.slice(at, at + words.length);
  return [label.slice(0, at), mark, label.slice(at + words.length)];
}

function choices() {
  const raw = input.value;
  const onlyCommands = raw.startsWith(">");
  const query = onlyCommands ? raw.slice(1) : raw;
  const own = [...pageCommands(), ...commands]
    .map((command) => ({ ...command, score: score(query, `${command.label} ${command.hint ?? ""}`) }))
    .filter((command) => command.score > (query.trim().length > 2 ? 5 : 0))
    .sort((a, b) => b.score - a.score)
    .slice(0, SHOWN);
  return { query, rows: onlyCommands ? own : [...own, ...found] };
}

function draw() {
  const { query, rows } = choices();
  list.replaceChildren();
  const groups = new Map();
  for (const row of rows) {
    const name = row.group ?? (row.href ? say("go") : say("do"));
    if (!groups.has(name)) groups.set(name, []);
    groups.get(name).push(row);
  }
  let count = 0;
  for (const [name, members] of groups) {
    const group = document.createElement("div");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", name);
    const head = document.createElement("h3");
    head.setAttribute("role", "presentation");
    head.textContent = name;
    group.append(head);
    for (const row of members) group.append(option(row, query, `palette-${count++}`));
    list.append(group);
  }
  if (!count) {
    const none = document.createElement("p");
    none.className = "palette__none";
    none.textContent = say("none");
    list.append(none);
  }
  choose(list.querySelector("[role=option]"));
  input.setAttribute("aria-expanded", String(count > 0));
  announce(say("results", { count }));
}

function option(row, query, id) {
  const element = template.content.firstElementChild.cloneNode(true);
  element.id = id;
  element.querySelector(".icon").replaceWith(icon(row.icon ?? "arrow"));
  element.querySelector("[data-label]").append(...marked(row.label, query));
  element.querySelector("[data-hint]").textContent = row.hint ?? "";
  const keys = element.querySelector("[data-keys]");
  keys.hidden = !row.key;
  keys.textContent = row.key ?? "";
  element.addEventListener("click", (event) => run(row, event.ctrlKey || event.metaKey));
  element.addEventListener("mousemove", () => choose(element));
  return element;
}

function choose(element) {
  for (const other of list.querySelectorAll("[aria-selected=true]")) other.setAttribute("aria-selected", "false");
  if (!element) {
    input.removeAttribute("aria-activedescendant");
    return;
  }
  element.setAttribute("aria-selected", "true");
  input.setAttribute("aria-activedescendant", element.id);
  element.scrollIntoView({ block: "nearest" });
}

function run(row, beside) {
  dialog.close();
  if (row.element) row.element.matches("input, textarea, select") ? row.element.focus() : row.element.click();
  else if (row.dialog) document.getElementById(row.dialog)?.showModal();
  else if (row.href) beside ? window.open(row.href, "_blank", "noopener") : location.assign(row.href);
}

function onKey(event) {
  const all = [...list.querySelectorAll("[role=option]")];
  const at = all.findIndex((element) => element.getAttribute("aria-selected") === "true");
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) choose(all[(at + step + all.length) % all.length]);
  else if (event.key === "Home" && !input.value) choose(all[0]);
  else if (event.key === "Enter") all[at]?.dispatchEvent(new MouseEvent("click", { ctrlKey: event.ctrlKey || event.metaKey, bubbles: true }));
  else return;
  event.preventDefault();
}

function ask() {
  clearTimeout(timer);
  const query = input.value.trim();
  if (query.length < 2 || query.startsWith(">")) {
    found = [];
    return;
  }
  const turn = ++asked;
  timer = setTimeout(async () => {
    const answer = await fetch(`/search.json?q=${encodeURIComponent(query)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || turn !== asked) return;
    found = ((await answer.json()).results ?? []).map((row) => ({ ...row, group: row.group ?? say("found") }));
    draw();
  }, WAIT_MS);
}

function open() {
  if (!dialog || dialog.open) return;
  input.value = "";
  found = [];
  dialog.showModal();
  input.focus();
  draw();
}

export function start() {
  dialog = document.getElementById("palette");
  if (!dialog) return;
  input = dialog.querySelector("input");
  list = document.getElementById("palette-list");
  template = document.getElementById("palette-row");
  commands = JSON.parse(document.getElementById("commands")?.textContent || "[]") || [];
  input.addEventListener("input", () => {
    ask();
    draw();
  });
  input.addEventListener("keydown", onKey);
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      dialog.open ? dialog.close() : open();
    }
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-palette]");
    if (!opener || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    open();
  });
}
