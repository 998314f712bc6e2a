// A portal link's own look: name, logo, colour, light or dark. Asked for without a key, before anything else is known.

import { useQuery } from '@tanstack/react-query';
import type { PortalTheme } from '@waxwing/protocol';
import { useEffect } from 'react';
import { useConsole } from '../data/surroundings.tsx';
import { applyTheme } from './theme.ts';

const COLOR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;

/** The theme of the link that this portal was opened by; null in the console, and until it is known. */
export function usePortalTheme(): PortalTheme | null {
  const { mode } = useConsole();
  const link = mode.kind === 'portal' ? mode.link : null;
  const { data } = useQuery({
    queryKey: ['portal-theme', link],
    queryFn: async ({ signal }) => {
      const response = await fetch(`/v1/portal-links/${encodeURIComponent(link ?? '')}/theme`, { signal, credentials: 'omit' });
      if (!response.ok) return {};
      const theme: PortalTheme = await response.json(); // validated by the server when the link was made
      return theme;
    },
    enabled: link !== null,
    staleTime: Infinity,
  });
  const theme = data ?? null;
  useEffect(() => {
    if (theme === null) return;
    if (theme.mode !== undefined) applyTheme(theme.mode);
    const { color } = theme;
    if (color === undefined || !COLOR.test(color)) return;
    // Set through the style object, which the page's policy allows. Mixed with ink so that text in it can be read in both themes.
    const { style } = document.documentElement;
    style.setProperty('--accent', `light-dark(color-mix(in oklab, ${color} 78%, black), color-mix(in oklab, ${color} 60%, white))`);
    style.setProperty('--accent-strong', `light-dark(color-mix(in oklab, ${color} 62%, black), color-mix(in oklab, ${color} 45%, white))`);
    style.setProperty('--accent-wash', `color-mix(in oklab, ${color} 12%, var(--surface))`);
    // A fill dark enough for white text, whatever the colour: its lightness is capped, its hue kept.
    style.setProperty('--accent-fill', `oklch(from ${color} min(l, 0.52) c h)`);
    style.setProperty('--accent-fill-strong', `oklch(from ${color} min(l, 0.45) c h)`);
  }, [theme]);
  return theme;
}
