// The switch "Get pages on this device": asks the browser, tells the server, and says what stands in the way.

import { csrfHeaders } from "./csrf.js";

const panel = document.querySelector("[data-push]");
const form = panel?.querySelector("[data-push-form]");
const WORKER = "/service-worker.js";
const LONGEST_MS = 20000;

function state(name) {
  for (const line of panel.querySelectorAll("[data-push-state]")) line.hidden = line.dataset.pushState !== name;
}

function fault(text) {
  const line = panel.querySelector("[data-push-fault]");
  line.textContent = text;
  line.hidden = !text;
}

function hindrance() {
  if (!window.isSecureContext) return "insecure";
  const apple = /iPhone|iPad/.test(navigator.userAgent) || (navigator.platform === "MacIntel" && navigator.maxTouchPoints > 1);
  const able = "serviceWorker" in navigator && "PushManager" in window && "Notification" in window;
  if (apple && !able && !matchMedia("(display-mode: standalone)").matches) return "home";
  if (!able) return "unable";
  return Notification.permission === "denied" ? "denied" : "";
}

async function hashOf(text) {
  const raw = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(raw)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function keyOf(subscription) {
  const raw = subscription.options?.applicationServerKey;
  if (!raw) return "";
  const letters = btoa(String.fromCharCode(...new Uint8Array(raw)));
  return letters.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

async function present() {
  const found = await navigator.serviceWorker.getRegistration("/");
  return (await found?.pushManager.getSubscription()) ?? null;
}

/** Mark this device in the list; whether it is there, in order, and believes the present key. */
async function isOn(subscription) {
  if (!subscription) return false;
  const row = document.querySelector(`[data-device="${await hashOf(subscription.endpoint)}"]`);
  if (!row) return false;
  row.querySelector("[data-this]").hidden = false;
  return keyOf(subscription) === panel.dataset.key && !row.querySelector(".is-red, .is-amber, .state--fault, .state--warning");
}

async function subscribed() {
  await navigator.serviceWorker.register(WORKER, { scope: "/" });
  const worker = await navigator.serviceWorker.ready;
  const old = await worker.pushManager.getSubscription();
  if (old && keyOf(old) !== panel.dataset.key) await old.unsubscribe();
  const asked = worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: panel.dataset.key });
  // Where the maker's service is out of reach, some browsers neither subscribe nor fail.
  const late = new Promise((_, failed) => setTimeout(() => failed(new DOMException("", "TimeoutError")), LONGEST_MS));
  return Promise.race([asked, late]);
}

async function register(name) {
  const given = (await subscribed()).toJSON();
  const body = new URLSearchParams({
    endpoint: given.endpoint, p256dh: given.keys.p256dh, auth: given.keys.auth, key: panel.dataset.key, name,
  });
  const told = await fetch("/settings/devices/new", {
    method: "POST", body, headers: { ...csrfHeaders(), Accept: "application/json" },
  });
  if (told.ok) return "";
  const said = await told.json().catch(() => ({}));
  return said.message || "It could not be switched on. Reload this page and try again.";
}

async function switchOn(event) {
  event.preventDefault();
  fault("");
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    if ((await Notification.requestPermission()) !== "granted") {
      state(Notification.permission === "denied" ? "denied" : "");
      if (Notification.permission !== "denied") fault("Notifications were not allowed. Press again, and allow them.");
      return;
    }
    const wrong = await register(form.elements.name.value);
    if (wrong) fault(wrong);
    else location.reload();
  } catch (failed) {
    fault(`This browser did not switch pages on (${failed.name}). Check that it may reach its maker's push service, then press again.`);
  } finally {
    button.disabled = false;
  }
}

async function look() {
  const wrong = hindrance();
  if (wrong) return state(wrong);
  const on = await isOn(await present());
  state(on ? "on" : "");
  form.hidden = on;
}

if (form) {
  form.addEventListener("submit", switchOn);
  look().catch(() => state("unable"));
}
