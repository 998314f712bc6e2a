// Sign in: with a key, or by the link that `serve` prints (its one-time code stands in the fragment).

import { useQueryClient } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { FormEvent, ReactNode } from 'react';
import { signIn } from '../../data/viewer.ts';
import { Button } from '../../design/button.tsx';
import { TextField } from '../../design/field.tsx';
import styles from './sign-in.module.css';

export function SignInPage(): ReactNode {
  const search: unknown = useSearch({ strict: false });
  const router = useRouter();
  const queries = useQueryClient();
  const [key, setKey] = useState('');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(codeOf(window.location.hash) !== null);
  const started = useRef(false);

  useEffect(() => {
    document.title = 'Sign in · Waxwing';
    const code = codeOf(window.location.hash);
    if (code === null || started.current) return;
    started.current = true; // a code is good once
    window.history.replaceState(null, '', window.location.pathname + window.location.search);
    void enter({ code });
  });

  async function enter(by: { readonly key: string } | { readonly code: string }): Promise<void> {
    setBusy(true);
    setError(null);
    try {
      await signIn(by);
      queries.clear();
      await router.navigate({ href: ownPath(search), replace: true });
    } catch (problem) {
      const detail = problem instanceof Error && 'detail' in problem ? String(problem.detail) : String(problem);
      setError(detail);
      setBusy(false);
    }
  }

  function submit(event: FormEvent): void {
    event.preventDefault();
    const text = key.trim();
    if (text === '') setError('Paste a key.');
    else void enter({ key: text });
  }

  return (
    <main className={styles.page}>
      <form className={styles.card} onSubmit={submit}>
        <img src="/waxwing.svg" alt="" width={44} height={44} />
        <div>
          <h1 className={styles.title}>Sign in to Waxwing</h1>
          <p className={styles.lead}>Every webhook signed, every webhook delivered.</p>
        </div>
        <TextField
          label="Key"
          kind="password"
          name="key"
          autoComplete="current-password"
          mono
          autoFocus
          value={key}
          onChange={setKey}
          error={error}
          placeholder="wxw_…"
        />
        <Button kind="primary" type="submit" isPending={busy}>
          {busy ? 'Signing in' : 'Sign in'}
        </Button>
        <p className={styles.help}>
          The server printed an admin key when it first started, and prints a sign-in link each time it starts. A lost key is replaced by{' '}
          <code>waxwing keys create</code>.
        </p>
      </form>
    </main>
  );
}

function codeOf(hash: string): string | null {
  return new URLSearchParams(hash.slice(1)).get('code');
}

/** Where to go after: a path of this very origin, or the overview. */
function ownPath(search: unknown): string {
  const to: unknown = typeof search === 'object' && search !== null && 'to' in search ? search.to : null;
  return typeof to === 'string' && /^\/(?![/\\])/.test(to) ? to : '/';
}
