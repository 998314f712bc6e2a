// What a profile means for an endpoint, beside its form: the signature, the schedule, the catalogue.

import { Link } from '@tanstack/react-router';
import type { ProfileResource } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { Panel } from '../../design/page.tsx';
import { signatureWords } from '../../parts/profile-words.ts';
import styles from './endpoint-form.module.css';

export function ProfileNote({ profile }: { readonly profile: ProfileResource }): ReactNode {
  return (
    <Panel title={profile.title}>
      <p className={styles.note}>{profile.description}</p>
      <dl className={styles.noteFacts}>
        <dt>Signature</dt>
        <dd>{signatureWords(profile.signature)}</dd>
        <dt>HTTPS</dt>
        <dd>{profile.httpsRequired ? 'required' : 'by the server’s settings'}</dd>
        <dt>Catalogue</dt>
        <dd>{profile.catalogueClosed ? 'closed: unknown types are refused' : 'open: any type may come'}</dd>
        <dt>When it fails</dt>
        <dd>it is called “{profile.failingWord}”</dd>
      </dl>
      <Link to={paths.profile(profile.name)}>The whole profile</Link>
    </Panel>
  );
}
