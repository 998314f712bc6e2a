// What the server refused, said in its own words under a form.

import { WaxwingApiError } from '@waxwing/client';
import type { ReactNode } from 'react';
import styles from './refusal.module.css';

export function Refusal({ error }: { readonly error: Error | null }): ReactNode {
  if (error === null) return null;
  return (
    <p className={styles.refusal} role="alert">
      {error instanceof WaxwingApiError ? error.detail : error.message}
    </p>
  );
}
