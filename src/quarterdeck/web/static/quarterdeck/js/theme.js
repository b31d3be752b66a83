// Runs before the first paint: theme, rail and time zone as the viewer left them. Nothing else belongs here.
(function () {
  var root = document.documentElement;
  function stored(key) {
    try {
      return localStorage.getItem(key);
    } catch (refused) {
      return null; // storage is switched off: the cookie's value stands
    }
  }
  var theme = stored("qd:theme");
  if (theme) root.dataset.theme = theme;
  if (stored("qd:rail") === "narrow") root.dataset.rail = "narrow";
  if (stored("qd:zone") === "utc") root.dataset.zone = "utc";
})();
