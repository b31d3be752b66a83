// Shows pages, takes an acknowledgement in the notification, and keeps one that cannot be sent until it can be.
// Knows nothing but what a push says: no session, no cookie, no page of the product.

const HERE = self.location.origin;
const PICTURES = "/static/quarterdeck/icons/";
const SYNC = "answers";

// ---- answers that wait for a connection, one a callout

function opened() {
  return new Promise((found, failed) => {
    const asked = indexedDB.open("quarterdeck-push", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("answers", { keyPath: "callout" });
    asked.onsuccess = () => found(asked.result);
    asked.onerror = () => failed(asked.error);
  });
}

async function answers(mode, act) {
  const base = await opened();
  try {
    return await new Promise((found, failed) => {
      const asked = act(base.transaction("answers", mode).objectStore("answers"));
      asked.onsuccess = () => found(asked.result);
      asked.onerror = () => failed(asked.error);
    });
  } finally {
    base.close();
  }
}

const waiting = () => answers("readonly", (store) => store.getAll());
const keep = (answer) => answers("readwrite", (store) => store.put(answer));
const forget = (answer) => answers("readwrite", (store) => store.delete(answer.callout));

// ---- what is shown

function same(link) {
  // An address of somewhere else is never opened from here.
  try {
    const url = new URL(link || "/", HERE);
    return url.origin === HERE ? url.href : `${HERE}/`;
  } catch {
    return `${HERE}/`;
  }
}

function tagOf(page) {
  return page.callout ? `page-${page.callout}` : page.id || "quarterdeck";
}

async function show(page) {
  const asks = Boolean(page.callout && page.token);
  const actions = [];
  if (asks) actions.push({ action: "acknowledge", title: page.label || "Acknowledge" });
  if (page.link) actions.push({ action: "open", title: "Open" });
  await self.registration.showNotification(page.title || "Quarterdeck", {
    body: page.body || "",
    tag: tagOf(page),
    renotify: true,
    requireInteraction: asks && page.urgency === "high",
    icon: `${PICTURES}app-192.png`,
    badge: `${PICTURES}badge-96.png`,
    timestamp: page.at || Date.now(),
    vibrate: asks ? [300, 150, 300, 150, 300] : [200],
    actions,
    data: page,
  });
}

/** Say that it is shown, so that whoever looks knows that it came through. Not said twice, and not waited for. */
async function arrived(page) {
  if (!page.callout || !page.token || !page.id) return;
  const path = [page.callout, page.token, page.id].map(encodeURIComponent).join("/");
  await fetch(`/push/shown/${path}`, { method: "POST", credentials: "omit" }).catch(() => undefined);
}

/** What became of an answer, in the place of the page it was about. */
async function say(answer, title, body, more = {}) {
  await self.registration.showNotification(title, {
    body: [answer.title, body].filter(Boolean).join("\n"),
    tag: tagOf(answer),
    renotify: false,
    silent: true,
    icon: `${PICTURES}app-192.png`,
    badge: `${PICTURES}badge-96.png`,
    actions: [],
    data: { ...answer, link: answer.link },
    ...more,
  });
}

const HEADINGS = {
  acknowledged: "Acknowledged",
  late: "Too late",
  ended: "Over already",
  expired: "Too late",
  signin: "Sign in to answer",
  informed: "For your information",
};

const tell = (answer, told) => say(answer, HEADINGS[told.state] || "Not taken", told.text || "");

const wait = (answer) =>
  say(answer, "Not sent yet", "No connection. Your acknowledgement is sent as soon as there is one.", {
    actions: [{ action: "again", title: "Try again" }],
    requireInteraction: true,
    data: { ...answer, queued: true },
  });

// ---- answering

/** What the server says; null while it cannot be reached, and the answer has to wait. */
async function send(answer) {
  const path = `/push/answer/${encodeURIComponent(answer.callout)}/${encodeURIComponent(answer.token)}`;
  let told;
  try {
    told = await fetch(path, { method: "POST", credentials: "omit", headers: { Accept: "application/json" } });
  } catch {
    return null;
  }
  if (told.status >= 500 || told.status === 429 || told.status === 408) return null;
  try {
    const said = await told.json();
    return said.state ? said : null;
  } catch {
    // A page of somebody else, such as the sign-in of a hotel's network, is no answer of ours.
    return null;
  }
}

async function acknowledge(page) {
  const answer = { callout: page.callout, token: page.token, title: page.title, link: page.link, at: Date.now() };
  const told = await send(answer);
  if (told) {
    await forget(answer);
    await tell(answer, told);
    await toPages(told);
    return;
  }
  await keep(answer);
  await wait(answer);
  if (self.registration.sync) await self.registration.sync.register(SYNC).catch(() => undefined);
}

let flushing = null;

/** Send what waits; whether nothing is left. Never twice at once. */
function flush() {
  flushing ??= sendAll().finally(() => {
    flushing = null;
  });
  return flushing;
}

async function sendAll() {
  for (const answer of await waiting()) {
    const told = await send(answer);
    if (!told) return false;
    await forget(answer);
    await tell(answer, told);
    await toPages(told);
  }
  return true;
}

async function toPages(told) {
  for (const page of await self.clients.matchAll({ type: "window" })) page.postMessage({ kind: "answered", ...told });
}

async function open(page) {
  const url = same(page.link);
  for (const found of await self.clients.matchAll({ type: "window", includeUncontrolled: true })) {
    if (found.url === url && "focus" in found) return found.focus();
  }
  return self.clients.openWindow(url);
}

// ---- what the browser tells us

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim().then(flush)));

self.addEventListener("push", (event) => {
  let page;
  try {
    page = event.data.json();
  } catch {
    page = { title: "Quarterdeck", body: "Something was sent that could not be read. Open Quarterdeck.", link: "/" };
  }
  event.waitUntil(show(page).then(() => Promise.all([arrived(page), flush()])));
});

self.addEventListener("notificationclick", (event) => {
  const page = event.notification.data || {};
  event.notification.close();
  if (event.action === "acknowledge" && page.callout) event.waitUntil(acknowledge(page));
  else if ((event.action === "again" || page.queued) && event.action !== "open") event.waitUntil(again(page));
  else event.waitUntil(open(page));
});

async function again(answer) {
  if (!(await flush())) await wait(answer);
}

self.addEventListener("sync", (event) => {
  if (event.tag !== SYNC) return;
  event.waitUntil(
    flush().then((done) => {
      if (!done) throw new Error("still no connection"); // the browser tries again later
    }),
  );
});

self.addEventListener("message", (event) => {
  if (event.data?.kind !== "flush") return;
  event.waitUntil(flush().then((done) => done || event.source?.postMessage({ kind: "waiting" })));
});

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));

/** The browser gave itself another address: say so while somebody is signed in, else the next page that fails does. */
async function renew(event) {
  const asked = await fetch("/settings/devices/key", { headers: { Accept: "application/json" } });
  if (!asked.ok) return;
  const { key, csrf } = await asked.json();
  const options = { userVisibleOnly: true, applicationServerKey: key };
  const fresh = event.newSubscription || (await self.registration.pushManager.subscribe(options));
  const told = fresh.toJSON();
  const body = new URLSearchParams({ endpoint: told.endpoint, p256dh: told.keys.p256dh, auth: told.keys.auth, key });
  body.set("old_endpoint", event.oldSubscription?.endpoint || "");
  const headers = { "X-CSRFToken": csrf, Accept: "application/json" };
  await fetch("/settings/devices/renewal", { method: "POST", body, headers });
}
