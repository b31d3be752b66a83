// The switches of the frame: theme, rail, UTC. Kept on the device; the theme also in a cookie for the next first paint.

import { store } from "./words.js";

const root = document.documentElement;
const YEAR = 31536000;

function theme() {
  const present = root.dataset.theme || "auto";
  const inputs = document.querySelectorAll("input[data-theme-choice]");
  for (const input of inputs) {
    input.checked = input.value === present;
    input.addEventListener("change", () => {
      root.dataset.theme = input.value;
      store.set("qd:theme", input.value);
      document.cookie = `theme=${input.value}; path=/; max-age=${YEAR}; samesite=lax`;
      for (const other of inputs) other.checked = other.value === input.value;
    });
  }
}

function rail() {
  const button = document.querySelector("[data-rail-fold]");
  if (!button) return;
  const show = () => button.setAttribute("aria-pressed", String(root.dataset.rail === "narrow"));
  button.addEventListener("click", () => {
    root.dataset.rail = root.dataset.rail === "narrow" ? "wide" : "narrow";
    store.set("qd:rail", root.dataset.rail);
    show();
  });
  show();
}

function zone() {
  const button = document.querySelector("[data-zone-toggle]");
  if (!button) return;
  const show = () => button.setAttribute("aria-pressed", String(root.dataset.zone === "utc"));
  button.addEventListener("click", () => {
    root.dataset.zone = root.dataset.zone === "utc" ? "own" : "utc";
    store.set("qd:zone", root.dataset.zone);
    document.dispatchEvent(new Event("zone"));
    show();
  });
  show();
}

export function start() {
  theme();
  rail();
  zone();
}
