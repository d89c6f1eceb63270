// Applies the theme that was chosen earlier before the first paint. Without a choice the system decides.
try {
  const theme = localStorage.getItem('dormouse.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
} catch {
  // Storage can be denied; then the system decides.
}
