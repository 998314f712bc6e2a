// Light, dark, or as the system: chosen here, kept in this browser, set before drawing by public/theme.js.

import { useSyncExternalStore } from 'react';

export type Theme = 'light' | 'dark' | 'auto';

const KEPT_AS = 'waxwing.theme';
const watchers = new Set<() => void>();

export function useTheme(): Theme {
  return useSyncExternalStore((watcher) => {
    watchers.add(watcher);
    return () => watchers.delete(watcher);
  }, currentTheme);
}

export function chooseTheme(theme: Theme): void {
  applyTheme(theme);
  try {
    if (theme === 'auto') localStorage.removeItem(KEPT_AS);
    else localStorage.setItem(KEPT_AS, theme);
  } catch {
    // storage is closed to pages in some frames: the choice then lasts as long as the page
  }
}

/** As `chooseTheme`, but not kept: a portal link's own. */
export function applyTheme(theme: Theme): void {
  if (theme === 'auto') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  for (const watcher of watchers) watcher();
}

function currentTheme(): Theme {
  const { theme } = document.documentElement.dataset;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}
