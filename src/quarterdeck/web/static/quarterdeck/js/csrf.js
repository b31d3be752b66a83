// The CSRF token for htmx, fetch and plain forms. It changes when somebody signs in beside this page, so it can be
// fetched anew; the cookie itself is not readable from here.

const meta = () => document.querySelector('meta[name="csrf"]');

/** Headers for fetch calls that write. */
export const csrfHeaders = () => ({ "X-CSRFToken": meta()?.content ?? "", "X-Requested-With": "fetch" });

/** A fresh token from the server, into the page and into every form of it. */
export async function renewToken() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector('meta[name="csrf"]')?.content;
  if (!fresh || !meta()) return false;
  meta().content = fresh;
  for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = fresh;
  return true;
}

export function start() {
  document.addEventListener("htmx:configRequest", (event) => {
    const token = meta()?.content;
    if (token) event.detail.headers["X-CSRFToken"] = token;
  });
}
