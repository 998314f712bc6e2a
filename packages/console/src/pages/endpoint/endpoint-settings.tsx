// How an endpoint is set, to read.

import type { Endpoint, Reactions } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { Inert } from '../../design/code-block.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { Facts, Panel } from '../../design/page.tsx';
import { Tag } from '../../design/pill.tsx';
import { duration, Time } from '../../design/time.tsx';
import styles from './endpoint.module.css';

export function EndpointSettings({ endpoint }: { readonly endpoint: Endpoint }): ReactNode {
  const headers = Object.entries(endpoint.headers);
  return (
    <Panel>
      <Facts
        facts={[
          [
            'Id',
            <span key="id" className={styles.line}>
              <code>{endpoint.id}</code> <CopyButton text={endpoint.id} label="Copy the id" />
            </span>,
          ],
          ['Tenant', <Inert key="tenant" text={endpoint.tenant} />],
          ['Description', endpoint.description === '' ? '–' : <Inert key="description" text={endpoint.description} />],
          ['Profile', <Tag key="profile">{endpoint.profile}</Tag>],
          [
            'Event types',
            <span key="types" className={styles.line}>
              {endpoint.eventTypes.map((type) => (
                <Tag key={type}>{type}</Tag>
              ))}
            </span>,
          ],
          ['Retries', retries(endpoint)],
          ['Time-out', duration(endpoint.timeoutSeconds * 1000)],
          ['Concurrency', String(endpoint.concurrency)],
          ['Rate', endpoint.rateLimitPerSecond === null ? 'no limit' : `${endpoint.rateLimitPerSecond} /s`],
          ['Order', endpoint.ordering === 'fifo' ? 'as published, one after the other' : 'none'],
          ['When it answers badly', reactionWords(endpoint.reactions)],
          ...(endpoint.call === null
            ? []
            : ([['Calls an agent with', <Inert key="call" mono text={JSON.stringify(endpoint.call.payload)} />]] as const)),
          [
            'TLS',
            endpoint.verifyTls ? (
              'certificates are verified'
            ) : (
              <Tag key="tls" tone="warn">
                certificates are not verified
              </Tag>
            ),
          ],
          [
            'Headers',
            headers.length === 0
              ? 'none'
              : headers.map(([name, value]) => (
                  <div key={name}>
                    <Inert mono text={`${name}: ${value}`} />
                  </div>
                )),
          ],
          [
            'Secret',
            endpoint.secretGraceEndsAt === null ? (
              'one'
            ) : (
              <span key="secret">
                two, the old one until <Time at={endpoint.secretGraceEndsAt} show="absolute" />
              </span>
            ),
          ],
          ['Created', <Time key="created" at={endpoint.createdAt} show="absolute" />],
          ['Changed', <Time key="updated" at={endpoint.updatedAt} show="absolute" />],
        ]}
      />
    </Panel>
  );
}

/** How often, and after how long each time; where the schedule is shorter, its last delay repeats. */
function retries({ maxRetries, retryScheduleSeconds }: Endpoint): string {
  if (maxRetries === 0) return 'none';
  const delays = retryScheduleSeconds.slice(0, maxRetries).map((seconds) => duration(seconds * 1000));
  return `${maxRetries}: after ${delays.join(', ')}${maxRetries > delays.length ? ', and again' : ''}`;
}

function reactionWords({ goneDisables, retryAfterHonoured, overloadSlows, disableAfterSeconds }: Reactions): string {
  const words = [
    goneDisables && '410 disables it',
    retryAfterHonoured && 'Retry-After moves the next attempt',
    overloadSlows && '429, 502 and 504 slow it down',
    disableAfterSeconds !== null && `${duration(disableAfterSeconds * 1000)} of nothing but failure disable it`,
  ].filter((part) => part !== false);
  return words.length === 0 ? 'nothing of itself: the schedule alone' : words.join(', ');
}
