// What the keys do, on `?`.

import type { ReactNode } from 'react';
import { Dialog } from '../design/dialog.tsx';
import { usePlaces } from './navigation.tsx';
import styles from './shell.module.css';

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['/'], 'Find anything by its id'],
  [['j'], 'Next row'],
  [['k'], 'Previous row'],
  [['Enter'], 'Open the row'],
  [['r'], 'Retry the delivery'],
  [['?'], 'This help'],
];

export function Help({ isOpen, onClose }: { readonly isOpen: boolean; readonly onClose: () => void }): ReactNode {
  const places = usePlaces();
  const all = [...KEYS, ...places.map(({ letter, label }) => [['g', letter], label] as const)];
  return (
    <Dialog title="Keys" isOpen={isOpen} onClose={onClose}>
      <dl className={styles.keys}>
        {all.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
