// The phrases of the page's language and the small tools every module shares.

const source = document.getElementById("words");
const phrases = source ? JSON.parse(source.textContent) : {};

/** A phrase with its %(name)s filled in. */
export function say(key, values = {}) {
  return (phrases[key] ?? key).replace(/%\((\w+)\)s/g, (_, name) => values[name] ?? "");
}

/** Tell screen readers, once, politely. */
export function announce(text) {
  const region = document.getElementById("announce");
  if (!region || !text) return;
  region.textContent = "";
  requestAnimationFrame(() => (region.textContent = text));
}

/** An icon of the sprite; its address is taken from one the server rendered. */
export function icon(name) {
  const sample = document.querySelector("svg.icon use");
  const sprite = sample ? sample.getAttribute("href").split("#")[0] : "";
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${sprite}#i-${name}`);
  svg.append(use);
  return svg;
}

/** localStorage that may be missing or full. */
export const store = {
  get(key) {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  },
  set(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch {
      // full or switched off: the page works on without it
    }
  },
  remove(key) {
    try {
      localStorage.removeItem(key);
    } catch {
      // as above
    }
  },
  keys() {
    try {
      return Object.keys(localStorage);
    } catch {
      return [];
    }
  },
};

/** True where a key press is typing. */
export function isTyping(target) {
  return Boolean(target?.closest?.("input:not([type=checkbox],[type=radio],[type=button],[type=submit]), textarea, select, [contenteditable]"));
}
