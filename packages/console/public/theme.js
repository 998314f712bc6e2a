// The chosen theme, set before anything is drawn, so that a dark page never flashes white. Blocking on purpose.
(function () {
  try {
    const theme = localStorage.getItem('waxwing.theme');
    if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
  } catch {
    // storage is closed to pages in some frames: the system's theme is taken
  }
})();
