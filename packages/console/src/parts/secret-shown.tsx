// A secret, shown this once: to copy, with the code that verifies by it.

import type { EndpointWithSecret } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { CopyButton } from '../design/copy-button.tsx';
import { Failure, Loading } from '../design/states.tsx';
import { useProfiles } from '../data/queries.ts';
import styles from './secret-shown.module.css';
import { SnippetView } from './verify-snippets/snippet-view.tsx';

export function SecretShown({ endpoint }: { readonly endpoint: EndpointWithSecret }): ReactNode {
  const profiles = useProfiles();
  const profile = profiles.data?.find(({ name }) => name === endpoint.profile);
  return (
    <div className={styles.shown}>
      <p className={styles.once}>
        This secret is shown <strong>once</strong>. Keep it where your receiver reads it, such as <code>WEBHOOK_SECRET</code>.
      </p>
      <OneLine label="Secret" text={endpoint.secret} />
      {endpoint.publicKey !== undefined && (
        <>
          <p>Signatures are ed25519 (v1a): receivers verify by the public key, and @waxwing/receiver takes it in place of the secret.</p>
          <OneLine label="Public key" text={endpoint.publicKey} />
        </>
      )}
      {endpoint.warning !== undefined && <p className={styles.warning}>{endpoint.warning}</p>}
      <h3 className={styles.title}>Verify what arrives</h3>
      {profiles.error !== null && profile === undefined && <Failure error={profiles.error} onRetry={() => void profiles.refetch()} />}
      {profiles.isPending && <Loading />}
      {profile !== undefined && <SnippetView profile={profile} />}
    </div>
  );
}

/** Something to copy, in one box: a secret, a key, a link. */
export function OneLine({ label, text }: { readonly label: string; readonly text: string }): ReactNode {
  return (
    <div className={styles.line}>
      <span className={styles.label}>{label}</span>
      <code className={styles.value} data-secret="">
        {text}
      </code>
      <CopyButton text={text} label="Copy" wordy />
    </div>
  );
}
