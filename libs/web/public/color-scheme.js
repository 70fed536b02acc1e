// Runs before the first paint, so that a dark page never flashes white. Its own file, since the page's
// Content-Security-Policy allows no inline script. The key is the one that Mantine stores the choice under.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem('mantine-color-scheme-value');
  } catch {
    // Storage is forbidden here: the system decides.
  }
  var dark = choice === 'dark' || (choice !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
