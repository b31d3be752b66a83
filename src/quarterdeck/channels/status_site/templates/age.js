// Says how old the page is, and warns when it should have been renewed. Without it the page tells its time alone.
(() => {
  "use strict";
  const line = document.querySelector("[data-fresh-for]");
  const warning = document.getElementById("stale");
  const written = line ? Date.parse(line.dataset.at) : NaN;
  const limit = line ? Number(line.dataset.freshFor) : 0;
  if (!warning || Number.isNaN(written) || !(limit > 0)) return;
  const spoken = new Intl.RelativeTimeFormat(document.documentElement.lang || undefined);
  const told = (seconds) =>
    seconds < 5400 ? spoken.format(-Math.round(seconds / 60), "minute")
    : seconds < 129600 ? spoken.format(-Math.round(seconds / 3600), "hour")
    : spoken.format(-Math.round(seconds / 86400), "day");
  const look = () => {
    const seconds = (Date.now() - written) / 1000;
    const age = seconds > 60 ? told(seconds) : "";
    document.getElementById("age").textContent = age && `(${age})`;
    const old = seconds > limit + 60;
    if (old) warning.firstElementChild.textContent = warning.dataset.says.replace("{age}", age);
    if (warning.hidden === old) warning.hidden = !old;
  };
  look();
  setInterval(look, 30000);
  document.addEventListener("visibilitychange", look);
})();
