// A profile's wire convention, to read: envelope, signature, secrets, schedule, reactions.

import type { ProfileResource } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { CodeBlock, Inert } from '../../design/code-block.tsx';
import { Columns, Facts, Panel } from '../../design/page.tsx';
import { duration } from '../../design/time.tsx';
import { signatureWords } from '../../parts/profile-words.ts';

const PRINTS = {
  raw: 'data as its publisher wrote it',
  javascript: 'data as JSON.stringify prints it',
  python: 'data as Python’s json.dumps prints it',
} as const;
const SECRETS = {
  standard: 'whsec_ and base64, or an ed25519 key',
  base64: 'base64 behind its prefix',
  utf8: 'the text whole is the key',
} as const;

export function Convention({ profile }: { readonly profile: ProfileResource }): ReactNode {
  const { schedule, reactions, secret } = profile;
  const headers = Object.entries(profile.headers);
  return (
    <Columns>
      <Panel title="The message">
        <Facts
          facts={[
            ['Signature', signatureWords(profile.signature)],
            ['Printed', PRINTS[profile.print]],
            ['Event ids', profile.eventIdPrefix === null ? 'as they are' : `${profile.eventIdPrefix} in place of evt_`],
            ['Secrets', `${SECRETS[secret.form]}, ${secret.minBytes} to ${secret.maxBytes} bytes`],
            ['HTTPS', profile.httpsRequired ? 'required' : 'by the server’s settings'],
            [
              'Headers',
              headers.length === 0
                ? 'no others'
                : headers.map(([name, value]) => (
                    <div key={name}>
                      <Inert mono text={`${name}: ${value}`} />
                    </div>
                  )),
            ],
          ]}
        />
        <CodeBlock label="Envelope" text={JSON.stringify(profile.envelope)} pretty />
      </Panel>
      <Panel title="Delivery">
        <Facts
          facts={[
            ['Time-out', `${duration(profile.timeoutSecondsDefault * 1000)}, at most ${duration(profile.timeoutSecondsMax * 1000)}`],
            ['Retries', `${schedule.maxRetriesDefault}, at most ${schedule.maxRetriesLimit}`],
            [
              'After',
              schedule.delaysSeconds.length === 0 ? '–' : schedule.delaysSeconds.map((seconds) => duration(seconds * 1000)).join(', '),
            ],
            ['Jitter', schedule.jitterRatio === 0 ? 'none: exact' : `up to ${Math.round(schedule.jitterRatio * 100)} % longer`],
            ['410 Gone', reactions.goneDisables ? 'disables the endpoint' : 'is a failure as any other'],
            ['Retry-After', reactions.retryAfterHonoured ? 'moves the next attempt' : 'is not followed'],
            ['429, 502, 504', reactions.overloadSlows ? 'slow the endpoint down' : 'are failures as any other'],
            [
              'Nothing but failure',
              reactions.disableAfterSeconds === null
                ? 'never disables'
                : `disables after ${duration(reactions.disableAfterSeconds * 1000)}`,
            ],
            ['When it fails', `it is called “${profile.failingWord}”`],
            ['Catalogue', profile.catalogueClosed ? 'closed: unknown types are refused' : 'open: any type is taken'],
          ]}
        />
      </Panel>
    </Columns>
  );
}
