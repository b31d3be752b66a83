// Ticking times. The server's clock counts, not the device's; the offset is measured once per page.

import { say } from "./words.js";

const meta = document.querySelector('meta[name="server-now"]');
const served = Date.parse(meta?.dataset.now ?? meta?.content ?? "");
const offset = Number.isNaN(served) ? 0 : served - Date.now();
const SOON = 5 * 60;
const HOUR = 3600;

/** Milliseconds since 1970 by the server's clock. */
export const serverNow = () => Date.now() + offset;

const two = (n) => String(n).padStart(2, "0");

/** 1:52, 13:08, 1:36:08; the same rule as the server's clock_text. */
export function clockText(seconds) {
  const total = Math.floor(Math.abs(seconds));
  const days = Math.floor(total / 86400);
  const hours = Math.floor(total / HOUR) % 24;
  const minutes = Math.floor(total / 60) % 60;
  const clock = hours || days ? `${hours}:${two(minutes)}:${two(total % 60)}` : `${minutes}:${two(total % 60)}`;
  return days ? say("days", { days, clock }) : clock;
}

/** 45 s, 12 min, 1 h 5 min, 3 d 4 h. */
export function spoken(seconds) {
  const total = Math.floor(Math.abs(seconds));
  if (total < 60) return `${total} s`;
  const minutes = Math.floor(total / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

function dueText(left, element) {
  if (left < 0) return say("late", { span: left > -86400 ? clockText(left) : spoken(left) });
  return left < HOUR ? say("in", { span: clockText(left) }) : element.textContent;
}

const texts = {
  ago: (past) => say("ago", { span: spoken(past) }),
  age: (past) => spoken(past),
  since: (past) => clockText(past),
};

function tick() {
  const now = serverNow();
  for (const element of document.querySelectorAll("time[data-tick]")) {
    const kind = element.dataset.tick;
    if (kind.startsWith("at-")) continue;
    const past = (now - Date.parse(element.dateTime)) / 1000;
    const text = kind === "due" ? dueText(-past, element) : texts[kind]?.(past);
    if (text && text !== element.textContent) element.textContent = text;
    if (kind === "due") tone(element, -past);
  }
}

function tone(element, left) {
  const state = element.closest("[data-due]");
  if (state) {
    state.classList.toggle("is-red", left < 0);
    state.classList.toggle("is-amber", left >= 0 && left <= SOON);
  }
  const box = element.closest("[data-clock]");
  if (box) {
    box.classList.toggle("clock--late", left < 0);
    box.classList.toggle("clock--soon", left >= 0 && left <= SOON);
  }
}

const forms = {
  "at-short": { hour: "2-digit", minute: "2-digit" },
  "at-time": { hour: "2-digit", minute: "2-digit" },
  "at-seconds": { hour: "2-digit", minute: "2-digit", second: "2-digit" },
  "at-full": { dateStyle: "medium", timeStyle: "short" },
};

/** Absolute times in UTC on demand; the server's text (the viewer's zone) comes back when it is switched off. */
function zone() {
  const utc = document.documentElement.dataset.zone === "utc";
  for (const element of document.querySelectorAll("time[data-tick^=at-]")) {
    element.dataset.own ??= element.textContent;
    const form = forms[element.dataset.tick];
    const hasClock = /\d\d:\d\d/.test(element.dataset.own);
    if (!utc || !form || !hasClock) {
      element.textContent = element.dataset.own;
      continue;
    }
    const at = new Date(element.dateTime);
    element.textContent = `${new Intl.DateTimeFormat("en-GB", { ...form, timeZone: "UTC" }).format(at)}Z`;
  }
}

/** What is copied carries the absolute time, not "13 min ago". */
function copyAbsolute(event) {
  const selection = document.getSelection();
  if (!selection || selection.isCollapsed || event.target.closest?.("input, textarea")) return;
  const copy = selection.getRangeAt(0).cloneContents();
  const moving = copy.querySelectorAll("time[data-tick][title]");
  if (!moving.length) return;
  for (const element of moving) element.textContent = element.title;
  const box = document.createElement("div");
  box.className = "offpage";
  box.append(copy);
  document.body.append(box);
  event.clipboardData.setData("text/plain", box.innerText);
  box.remove();
  event.preventDefault();
}

export function start() {
  tick();
  zone();
  setInterval(tick, 1000);
  document.addEventListener("copy", copyAbsolute);
  document.addEventListener("htmx:afterSettle", () => {
    tick();
    zone();
  });
  document.addEventListener("zone", zone);
}
