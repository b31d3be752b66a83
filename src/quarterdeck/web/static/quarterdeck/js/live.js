// Live updates by server-sent events. Elements with data-live-topic="incident:INC-1042" are asked to refresh themselves
// (hx-get, hx-trigger="refresh") when their topic moves; the rows that changed flash once and are announced.
//
// Events of GET /live?topics=a,b&after=<cursor>: change {topic, kinds, seq} · reset (start over) · signed-out.
// The browser itself reconnects and sends the last id; only an answer that refuses is tried again from here.

import { announce, say } from "./words.js";
import { clockText, serverNow } from "./times.js";

const HIDDEN_MS = 10000; // browsers allow six connections to a server: a tab nobody sees gives its own back
const SETTLE_MS = 10; // one round of the server may bring several topics, all of them in one piece
const BUSY_MS = 1000; // and up to as much again: what the server had no time for is asked for once more
const GIVEN_UP_MS = 20000; // a refresh that never answered holds nothing up
const WAITS_S = [2, 4, 8, 15];

let source = null;
let lastId = document.body.dataset.liveAfter || "";
let lostAt = 0;
let failures = 0;
let retryAt = 0;
const timers = { retry: 0, banner: 0, hidden: 0 };

// What only adds to the record changes nothing in these parts of the war room, and above it only what asks for a follow-up
// does: sixty watchers ask for one part and not for seven when somebody writes a line.
const PLAIN_KINDS = new Set(["EntryWritten", "EntryCorrected", "EntryPinned"]);
const RECORD_KINDS = new Set([...PLAIN_KINDS, "EntryFlagged", "EntryFollowedUp"]);
const BESIDE_THE_RECORD = new Set(["command", "role-card", "facts", "tasks", "alerts"]);
const ABOVE_THE_RECORD = "incident-header";

const topics = () => (document.body.dataset.live ?? "").split(/\s+/).filter(Boolean);

function connect() {
  clearTimeout(timers.retry);
  source?.close();
  const query = new URLSearchParams({ topics: topics().join(",") });
  if (lastId) query.set("after", lastId);
  source = new EventSource(`/live?${query}`);
  source.addEventListener("open", onOpen);
  source.addEventListener("change", onChange);
  source.addEventListener("reset", () => refresh(() => true));
  source.addEventListener("signed-out", () => {
    source.close();
    document.dispatchEvent(new Event("signed-out"));
  });
  source.addEventListener("error", onError);
}

function onOpen() {
  if (lostAt && failures > 1) announce(say("back"));
  failures = 0;
  lostAt = 0;
  clearInterval(timers.banner);
  const bar = document.getElementById("connection");
  if (bar) bar.hidden = true;
}

function onError() {
  failures += 1;
  lostAt ||= serverNow();
  const wait = WAITS_S[Math.min(failures, WAITS_S.length) - 1];
  retryAt = Date.now() + wait * 1000;
  if (source.readyState === EventSource.CLOSED) timers.retry = setTimeout(connect, wait * 1000);
  clearInterval(timers.banner);
  if (failures < 2) return; // a short break is no news
  timers.banner = setInterval(banner, 1000);
  banner();
}

/** Say that the page is old, and how old. */
function banner() {
  const bar = document.getElementById("connection");
  if (!bar) return;
  const age = Math.max(0, (serverNow() - lostAt) / 1000);
  const time = new Date(lostAt).toLocaleTimeString([], { hour12: false });
  bar.querySelector("[data-lost-title]").textContent = say("lost");
  const text = say("shown", { time, age: clockText(age), wait: Math.max(0, Math.ceil((retryAt - Date.now()) / 1000)) });
  bar.querySelector("[data-lost-text]").textContent = text;
  bar.hidden = false;
}

function onChange(event) {
  if (event.lastEventId) lastId = event.lastEventId;
  let detail = {};
  try {
    detail = JSON.parse(event.data);
  } catch {
    return; // not ours
  }
  document.dispatchEvent(new CustomEvent("live", { detail }));
  const told = detail.kinds ?? [];
  const recordOnly = told.length > 0 && told.every((kind) => RECORD_KINDS.has(kind));
  const plain = recordOnly && told.every((kind) => PLAIN_KINDS.has(kind));
  const same = (id) => (recordOnly && BESIDE_THE_RECORD.has(id)) || (plain && id === ABOVE_THE_RECORD);
  refresh((element) => element.dataset.liveTopic.split(/\s+/).includes(detail.topic) && !same(element.id));
}

// By key and not by element: every refresh puts a new element in the place of the old one.
const pending = new Map();
const loading = new Map();
const again = new Set();
const keyOf = (element) => element.id || element.getAttribute("hx-get");
const parts = () => [...document.querySelectorAll("[data-live-topic]")];

export function refresh(wanted) {
  for (const element of parts()) {
    if (!wanted(element)) continue;
    const key = keyOf(element);
    if (isUnderWay(key)) again.add(key); // what is under way may be older
    else if (!pending.has(key)) pending.set(key, setTimeout(() => fire(key), SETTLE_MS));
  }
}

const isUnderWay = (key) => {
  const asked = loading.get(key);
  return asked !== undefined && asked.element.isConnected && Date.now() - asked.at < GIVEN_UP_MS;
};

/** A part whose place was taken while it was asked for, as by what somebody wrote here themselves: its answer comes to
 *  nothing and htmx tells nobody, so it is asked once more. */
function replaced() {
  for (const [key, asked] of loading) {
    if (asked.element.isConnected) continue;
    loading.delete(key);
    again.delete(key);
    pending.set(key, setTimeout(() => fire(key), SETTLE_MS));
  }
}

/** Never pull a field away from somebody who types in it: wait until the focus leaves. */
function fire(key) {
  pending.delete(key);
  const element = parts().find((part) => keyOf(part) === key);
  if (!element) return;
  const active = document.activeElement;
  if (element.contains(active) && active.matches("input, textarea, select")) {
    active.addEventListener("blur", () => fire(key), { once: true });
    return;
  }
  loading.set(key, { element, at: Date.now() });
  window.htmx?.trigger(element, "refresh");
}

function loaded(event) {
  const element = event.detail.requestConfig?.elt; // `detail.elt` is a parent once the element has been replaced
  if (!element?.matches?.("[data-live-topic]")) return;
  const key = keyOf(element);
  loading.delete(key);
  const refused = [429, 502, 503].includes(event.detail.xhr?.status);
  if (!again.delete(key) && !refused) return;
  pending.set(key, setTimeout(() => fire(key), refused ? BUSY_MS * (1 + Math.random()) : SETTLE_MS));
}

const before = new WeakMap();
function remember(event) {
  const rows = new Map();
  for (const row of event.detail.target.querySelectorAll("[data-row]")) rows.set(row.dataset.row, still(row));
  before.set(event.detail.target, rows);
  before.set(document.body, rows);
}

// Words are read, times are left out with all that is in them.
const WORDS = NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT;
const worth = (node) => {
  if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
  return node.localName === "time" ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
};

/** The text of a row without its ticking times, so that a second that passed is no change. Copies nothing: a room has a
 *  hundred rows, looked at before and after each refresh, on every screen. */
function still(row) {
  const walker = document.createTreeWalker(row, WORDS, worth);
  let text = "";
  while (walker.nextNode()) text += walker.currentNode.data;
  return text.replace(/\s+/g, " ");
}

function flash(event) {
  const rows = before.get(event.detail.target) ?? before.get(document.body);
  if (!rows?.size) return;
  const changed = [...(event.detail.elt ?? event.target).querySelectorAll("[data-row]")].filter(
    (row) => rows.get(row.dataset.row) !== still(row),
  );
  for (const row of changed) {
    row.classList.add("is-fresh");
    setTimeout(() => row.classList.remove("is-fresh"), 2500);
  }
  const label = changed[0]?.dataset.rowLabel;
  if (label) announce(say("changed", { what: label }));
}

function visibility() {
  clearTimeout(timers.hidden);
  if (document.hidden) {
    timers.hidden = setTimeout(() => {
      source?.close();
      source = null;
    }, HIDDEN_MS);
  } else if (!source) {
    connect();
    refresh(() => true);
  }
}

/** What refreshes itself says so: the words that confirm an act are for the page that follows it. */
function named(event) {
  if (event.detail.triggeringEvent?.type === "refresh") event.detail.headers["X-Refresh"] = "1";
}

export function start() {
  document.addEventListener("htmx:configRequest", named);
  document.addEventListener("htmx:beforeSwap", remember);
  document.addEventListener("htmx:afterSettle", flash);
  document.addEventListener("htmx:afterSettle", () => setTimeout(replaced)); // after `loaded`, where it was told
  document.addEventListener("htmx:afterRequest", loaded);
  if (!topics().length || !window.EventSource) return;
  connect();
  document.addEventListener("visibilitychange", visibility);
  window.addEventListener("online", connect);
  document.querySelector("[data-lost-retry]")?.addEventListener("click", (event) => {
    event.preventDefault();
    connect();
    refresh(() => true);
  });
}
