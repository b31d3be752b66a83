// While a page is open: acknowledgements that wait for a connection are sent on, and what became of them is said.

import { toast } from "./toasts.js";

const LONGEST_MS = 60000;
let wait = 1000;
let again = null;

async function flush() {
  const found = await navigator.serviceWorker.getRegistration("/");
  found?.active?.postMessage({ kind: "flush" });
}

function now() {
  wait = 1000;
  flush().catch(() => undefined);
}

/** A connection that is said to be back often is not yet: asked again, ever more seldom. */
function later() {
  clearTimeout(again);
  again = setTimeout(() => flush().catch(() => undefined), wait);
  wait = Math.min(wait * 2, LONGEST_MS);
}

export function start() {
  if (!("serviceWorker" in navigator)) return;
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data?.kind === "waiting") later();
    if (event.data?.kind !== "answered" || !event.data.text) return;
    toast({ text: event.data.text, tone: event.data.state === "acknowledged" ? "green" : "amber" });
  });
  addEventListener("online", now);
  now();
}
