// Tries a secret on the stored request. What is typed stays in this page's memory for as long as the field is there.

import { useEffect, useState } from 'react';
import type { ReactNode } from 'react';
import { inertText } from '../../design/code-block.tsx';
import { TextField } from '../../design/field.tsx';
import { Pill } from '../../design/pill.tsx';
import { canCompute, checkSignature } from './signature-check.ts';
import type { Verdict } from './signature-check.ts';
import { wordsOf } from './signature-words.ts';
import styles from './signature.module.css';
import type { SignedContent } from './signed-content.ts';

export function SignatureTrial({ signed }: { readonly signed: SignedContent }): ReactNode {
  const [secret, setSecret] = useState('');
  const [verdict, setVerdict] = useState<Verdict | null>(null);
  const given = secret.trim();
  useEffect(() => {
    let isCurrent = true;
    const check = async (): Promise<void> => {
      const next = given === '' ? null : await checkSignature(signed, given);
      if (isCurrent) setVerdict(next);
    };
    void check();
    return () => {
      isCurrent = false;
    };
  }, [signed, given]);
  if (!canCompute()) return <p>To compute it here, open the console over https or on localhost: browsers allow it nowhere else.</p>;
  return (
    <div className={styles.trial}>
      <TextField
        label={wordsOf(signed.scheme).secretLabel}
        kind="password"
        mono
        value={secret}
        onChange={setSecret}
        help="Paste the one that your receiver uses. It stays in this page and is sent nowhere."
      />
      <div aria-live="polite">
        {verdict === null ? null : verdict.kind === 'matches' ? (
          <Pill tone="good">It matches: this message was signed with it</Pill>
        ) : verdict.kind === 'unusable' ? (
          <Pill tone="warn">{verdict.why}</Pill>
        ) : (
          <>
            <Pill tone="bad">It does not match: this message was signed with another secret</Pill>
            <p>With this one, the header would hold:</p>
            <code className={styles.value}>{inertText(verdict.expected)}</code>
          </>
        )}
      </div>
    </div>
  );
}
