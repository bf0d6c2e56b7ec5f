// Runs before the first paint, so that a dark page never flashes light. A file, not inline: the page forbids inline scripts.
try {
  var theme = localStorage.getItem("syncboard.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch (e) {
  document.documentElement.removeAttribute("data-theme");
}
