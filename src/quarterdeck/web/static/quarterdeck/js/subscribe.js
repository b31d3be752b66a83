// The switch for updates in this browser, on the page where people subscribe. Without it the rest works all the same.

const place = document.getElementById("su-push");
const SCOPE = "/subscribe/";

function bytes(key) {
  const text = atob(key.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(text, (c) => c.charCodeAt(0));
}

const b64 = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function say(text) {
  place.querySelector("[data-said]").textContent = text;
}

function shown(on) {
  place.querySelector('[data-act="on"]').hidden = on;
  place.querySelector('[data-act="off"]').hidden = !on;
}

async function post(path, fields) {
  const form = document.getElementById("subscribe");
  const body = new URLSearchParams(fields);
  for (const [name, value] of new FormData(form)) {
    if (!["kind", "address"].includes(name)) body.append(name, value);
  }
  const answer = await fetch(`${place.dataset.home}${path}`, {
    method: "POST",
    body,
    headers: { "X-CSRFToken": document.querySelector('meta[name="csrf"]').content },
  });
  say((await answer.json()).text);
  return answer.ok;
}

async function standing() {
  const found = await navigator.serviceWorker.getRegistration(SCOPE);
  return (await found?.pushManager.getSubscription()) || null;
}

async function on() {
  const worker = await navigator.serviceWorker.register("/subscribe-worker.js", { scope: SCOPE });
  await (worker.active || navigator.serviceWorker.ready);
  const key = place.dataset.key;
  const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytes(key) });
  const taken = await post("/push", {
    endpoint: made.endpoint,
    p256dh: b64(made.getKey("p256dh")),
    auth: b64(made.getKey("auth")),
    key,
  });
  if (taken) shown(true);
  else await made.unsubscribe();
}

async function off() {
  const made = await standing();
  if (made) {
    await post("/push/removal", { endpoint: made.endpoint });
    await made.unsubscribe();
  }
  shown(false);
}

async function start() {
  if (!place || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  place.hidden = false;
  shown(Boolean(await standing()));
  for (const [act, work] of [["on", on], ["off", off]]) {
    place.querySelector(`[data-act="${act}"]`).addEventListener("click", () => {
      work().catch(() => say(place.dataset.no));
    });
  }
}

start();
