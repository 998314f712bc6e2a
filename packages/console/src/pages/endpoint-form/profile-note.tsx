// What a profile means for an endpoint, beside its form: the signature, the schedule, the catalogue.

import { Link } from '@tanstack/react-router';
import type { ProfileResource } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { paths } from '../../data/paths.ts';
import { Facts, Panel } from '../../design/page.tsx';
import { signatureWords } from '../../parts/profile-words.ts';
import styles from './endpoint-form.module.css';

export function ProfileNote({ profile }: { readonly profile: ProfileResource }): ReactNode {
  return (
    <Panel title={profile.title}>
      <p className={styles.note}>{profile.description}</p>
      <Facts
        facts={[
          ['Signature', signatureWords(profile.signature)],
          ['HTTPS', profile.httpsRequired ? 'required' : 'by the server’s settings'],
          ['Catalogue', profile.catalogueClosed ? 'closed: unknown types are refused' : 'open: any type may come'],
        ]}
      />
      <Link to={paths.profile(profile.name)}>The whole profile</Link>
    </Panel>
  );
}
