// The icons: one stroke, one size, drawn in place; decoration only, so every button that shows one is named in words.

import type { ReactNode } from 'react';

const PATHS = {
  overview: 'M3 13h4l3-8 4 14 3-6h4',
  endpoints: 'M4 7h10m0 0-3-3m3 3-3 3M20 17H10m0 0 3-3m-3 3 3 3',
  events: 'M13 2 4 14h6l-1 8 9-12h-6z',
  deliveries: 'm22 2-7 20-4-9-9-4zM22 2 11 13',
  catalogue: 'M4 5a2 2 0 0 1 2-2h13v18H6a2 2 0 0 1-2-2zm0 13a2 2 0 0 1 2-2h13M8 7h7',
  replays: 'M4 4v5h5M4.500 9A8.500 8.500 0 1 1 3.600 14',
  keys: 'M14.500 9.500a4.500 4.500 0 1 0-3.900 4.460L13 16.500h2v2h2v2h4v-4l-6.600-6.600M9 9h.01',
  cluster: 'M5 4h14v6H5zm0 10h14v6H5zM9 7h.01M9 17h.01',
  settings: 'M4 7h10m4 0h2M4 17h2m4 0h10M16 5v4M8 15v4',
  search: 'm20 20-4.200-4.200M17.500 10.750a6.750 6.750 0 1 1-13.500 0 6.750 6.750 0 0 1 13.500 0Z',
  close: 'm6 6 12 12M18 6 6 18',
  check: 'm5 12.500 4.500 4.500L19 7.500',
  copy: 'M9 9V5a1 1 0 0 1 1-1h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-4M5 9h9a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1Z',
  down: 'm6 9 6 6 6-6',
  right: 'm9 6 6 6-6 6',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  plus: 'M12 5v14M5 12h14',
  menu: 'M4 6h16M4 12h16M4 18h16',
  sun: 'M12 4V2m0 20v-2M4 12H2m20 0h-2M6.300 6.300 4.900 4.900m14.200 14.200-1.400-1.400M6.300 17.700l-1.400 1.400M19.100 4.900l-1.400 1.400M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Z',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500Z',
  screen: 'M4 4h16v12H4zM8 20h8m-4-4v4',
  person: 'M15.500 8a3.500 3.500 0 1 1-7 0 3.500 3.500 0 0 1 7 0ZM5 20c.6-3.600 3.300-5.500 7-5.500s6.400 1.900 7 5.500',
  leave: 'M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h11m0 0-4-4m4 4-4 4',
  warning: 'M12 9v4m0 4h.01M10.300 3.900 2.600 17.200A2 2 0 0 0 4.300 20h15.400a2 2 0 0 0 1.700-2.800L13.700 3.900a2 2 0 0 0-3.400 0Z',
  help: 'M9.200 9a2.900 2.900 0 1 1 4.300 2.500c-1 .6-1.500 1.200-1.500 2.300M12 17.500h.01M21 12a9 9 0 1 1-18 0 9 9 0 0 1 18 0Z',
  pause: 'M8 5v14m8-14v14',
  play: 'M7 4.500v15l12-7.500z',
  edit: 'M4 20h4L19 9a2.100 2.100 0 0 0-3-3L5 17zM14 8l3 3',
  trash: 'M4 7h16M9 7V4h6v3m3 0-1 13H7L6 7m4 4v5m4-5v5',
  link: 'M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.700-5.700l-1.700 1.700M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.700 5.700l1.700-1.700',
  send: 'M4 12h15m0 0-6-6m6 6-6 6',
  filter: 'M4 5h16l-6.500 7.500V19l-3 1.500v-8z',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }): ReactNode {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'more' ? 3 : 1.75}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
