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

self.addEventListener("push", (event) => {
  let told = {};
  try {
    told = event.data.json();
  } catch {
    told = {};
  }
  event.waitUntil(
    self.registration.showNotification(told.title || "Status", {
      body: told.body || "",
      tag: told.id || "status",
      icon: `${PICTURES}app-192.png`,
      badge: `${PICTURES}badge-96.png`,
      timestamp: told.at || Date.now(),
      data: { link: told.link || "" },
    }),
  );
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(self.clients.openWindow(target(event.notification.data?.link)));
});
