// Shows what a status page says as a notification of this browser. Knows nothing but what a push says.

const HERE = self.location.origin;
const PICTURES = "/static/quarterdeck/icons/";

/** An address of somewhere else is opened only where it is a web page. */
function target(link) {
  try {
    const url = new URL(link || "/", HERE);
    return url.protocol === "https:" || url.origin === HERE ? url.href : `${HERE}/`;
  } catch {
    return `${HERE}/`;
  }
}

/** Says that the first push was read here; without that nothing more comes. */
async function prove(proof) {
  if (!/^\/subscribe\/[\w-]+\/push\/proof$/.test(proof?.to || "")) return;
  for (const seconds of [0, 2, 10]) {
    await new Promise((go) => setTimeout(go, seconds * 1000));
    try {
      const answer = await fetch(proof.to, { method: "POST", body: new URLSearchParams({ token: proof.token }) });
      if (answer.status < 500 && answer.status !== 429) return;
    } catch {
      // Without a connection just now: once more.
    }
  }
}

// An older worker of this page knows nothing of proofs: this one takes over at once.
self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    told = {};
  }
  const proven = prove(told.proof);
  event.waitUntil(
    Promise.all([proven, self.registration.showNotification(told.title || "Status", {
      body: told.body || "",
      tag: told.id || "status",
      icon: `${PICTURES}app-192.png`,
      badge: `${PICTURES}badge-96.png`,
      timestamp: told.at || Date.now(),
      data: { link: told.link || "" },
    })]),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(target(event.notification.data?.link)));
});
