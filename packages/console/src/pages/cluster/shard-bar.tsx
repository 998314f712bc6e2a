// The shards as one bar: each node's share, and what nobody owns at the moment.

import type { ClusterNode } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { compact, percent } from '../../design/numbers.ts';
import styles from './cluster.module.css';

const COLORS = ['--info-mark', '--good-mark', '--violet-mark', '--warn-mark', '--bad-mark'];
const NOBODY = '--idle-mark';

export function ShardBar({ nodes, shards }: { readonly nodes: readonly ClusterNode[]; readonly shards: number }): ReactNode {
  const owned = nodes.reduce((sum, node) => sum + node.shards, 0);
  const parts = [
    ...nodes.map((node, index) => ({ name: node.id, count: node.shards, color: COLORS[index % COLORS.length] ?? NOBODY })),
    ...(owned < shards ? [{ name: 'nobody at the moment', count: shards - owned, color: NOBODY }] : []),
  ];
  return (
    <div className={styles.shards}>
      <div className={styles.bar} aria-hidden="true">
        {parts.map(({ name, count, color }) => (
          <span key={name} style={{ flexGrow: count, background: `var(${color})` }} />
        ))}
      </div>
      <ul className={styles.owners}>
        {parts.map(({ name, count, color }) => (
          <li key={name}>
            <span className={styles.dot} style={{ background: `var(${color})` }} aria-hidden="true" />
            <code>{name}</code>
            <span className={styles.share}>
              {compact(count)} of {compact(shards)} · {percent(shards === 0 ? 0 : count / shards)}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
