// The ways to the pages.

import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { paths } from '../data/paths.ts';
import { useConsole } from '../data/surroundings.tsx';
import { Icon } from '../design/icons.tsx';
import type { IconName } from '../design/icons.tsx';
import styles from './shell.module.css';

export interface Place {
  readonly to: string;
  readonly label: string;
  readonly icon: IconName;
  /** After `g` on the keyboard. */
  readonly letter: string;
  /** Who has it: everybody, who sees all tenants, or who administers. */
  readonly for: 'all' | 'operators' | 'admins';
}

export const PLACES: readonly Place[] = [
  { to: paths.overview, label: 'Overview', icon: 'overview', letter: 'o', for: 'all' },
  { to: paths.endpoints, label: 'Endpoints', icon: 'endpoints', letter: 'e', for: 'all' },
  { to: paths.events, label: 'Events', icon: 'events', letter: 'v', for: 'all' },
  { to: paths.deliveries, label: 'Deliveries', icon: 'deliveries', letter: 'd', for: 'all' },
  { to: paths.replays, label: 'Replays', icon: 'replays', letter: 'r', for: 'all' },
  { to: paths.catalogue, label: 'Catalogue', icon: 'catalogue', letter: 'c', for: 'all' },
  { to: paths.keys, label: 'Keys', icon: 'keys', letter: 'k', for: 'admins' },
  { to: paths.cluster, label: 'Cluster', icon: 'cluster', letter: 'n', for: 'operators' },
  { to: paths.settings, label: 'Settings', icon: 'settings', letter: 's', for: 'operators' },
];

/** The places that this viewer has. */
export function usePlaces(): readonly Place[] {
  const { canChooseTenant, mayAdminister } = useConsole();
  return PLACES.filter((place) => place.for === 'all' || (place.for === 'operators' ? canChooseTenant : mayAdminister));
}

export function Navigation({ onGo }: { readonly onGo: () => void }): ReactNode {
  const places = usePlaces();
  return (
    <nav aria-label="Pages" className={styles.nav}>
      {places.map((place) => (
        <Link
          key={place.to}
          to={place.to}
          className={styles.place ?? ''}
          activeOptions={{ exact: place.to === paths.overview, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
          onClick={onGo}
        >
          <Icon name={place.icon} size={17} />
          {place.label}
        </Link>
      ))}
    </nav>
  );
}
