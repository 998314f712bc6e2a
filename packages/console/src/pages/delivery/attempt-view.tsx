// One attempt in full: why it went as it did, where its time went, what was sent, what came back, how it was signed.

import type { Attempt, DeliveryDetail } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { Inert } from '../../design/code-block.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { bytes } from '../../design/numbers.ts';
import { Panel } from '../../design/page.tsx';
import { OutcomePill, Tag } from '../../design/pill.tsx';
import { Empty } from '../../design/states.tsx';
import { Tabs } from '../../design/tabs.tsx';
import { duration, Time } from '../../design/time.tsx';
import { BodyView } from './body-view.tsx';
import { fromBase64, utf8 } from './bytes.ts';
import { curlOf } from './curl.ts';
import styles from './delivery.module.css';
import { HeaderList } from './header-list.tsx';
import { SignatureSteps } from './signature-steps.tsx';
import { TimingsBar } from './timings-bar.tsx';

export interface AttemptViewProps {
  readonly attempt: Attempt;
  readonly delivery: DeliveryDetail;
  /** The endpoint's; null while it is not known, or when the endpoint is gone. */
  readonly profile: string | null;
  readonly view: string;
  readonly onView: (view: string) => void;
}

const VIEWS = ['response', 'request', 'signature'] as const;

export function AttemptView({ attempt, delivery, profile, view, onView }: AttemptViewProps): ReactNode {
  const { request, error, address } = attempt;
  return (
    <Panel
      title={
        <span className={styles.attemptTitle}>
          Attempt {attempt.number} <OutcomePill outcome={attempt.outcome} />
          {attempt.response !== null && <Tag>HTTP {attempt.response.status}</Tag>}
        </span>
      }
      actions={<CopyButton wordy label="Copy as curl" text={() => curlOf(attempt)} />}
    >
      <p className={styles.requestLine}>
        <b>{request.method}</b> <Inert text={request.url} mono />
        <span className={styles.beside}>
          <Time at={attempt.startedAt} show="absolute" />
          {address !== null && (
            <>
              {' '}
              to <Inert text={address} mono />
            </>
          )}
        </span>
      </p>
      {error !== null && (
        <section className={styles.error} data-outcome={attempt.outcome} aria-label="Why it failed">
          <p className={styles.errorHead}>
            <b>
              <Inert text={error.message} />
            </b>
            <Tag>{error.code}</Tag>
          </p>
          <p>
            <Inert text={error.explanation} />
          </p>
          <p className={styles.then}>{thenOf(attempt, delivery)}</p>
        </section>
      )}
      <TimingsBar timings={attempt.timings} outcome={attempt.outcome} />
      <Tabs
        label="Attempt"
        selected={VIEWS.find((one) => one === view) ?? 'response'}
        onSelect={(next) => onView(next === 'response' ? '' : next)}
        tabs={[
          { id: 'response', label: 'Response', panel: <Response key={attempt.id} attempt={attempt} /> },
          { id: 'request', label: 'Request', panel: <Request key={attempt.id} attempt={attempt} /> },
          {
            id: 'signature',
            label: 'Signature',
            panel: <SignatureSteps key={attempt.id} attempt={attempt} profile={profile} />,
          },
        ]}
      />
    </Panel>
  );
}

/** What the failure led to. */
function thenOf(attempt: Attempt, delivery: DeliveryDetail): ReactNode {
  const following = delivery.attemptLog.find(({ number }) => number === attempt.number + 1);
  if (following !== undefined) {
    const endMs = Date.parse(attempt.startedAt) + attempt.timings.totalMs;
    return `It was tried again ${duration(Math.max(0, Date.parse(following.startedAt) - endMs))} later.`;
  }
  if (delivery.state === 'pending' && attempt.nextAttemptAt !== null)
    return (
      <>
        It will be tried again at <Time at={delivery.nextAttemptAt ?? attempt.nextAttemptAt} show="absolute" />.
      </>
    );
  return delivery.state === 'cancelled'
    ? 'The delivery was cancelled before another attempt.'
    : 'It was the last attempt of this delivery.';
}

function Request({ attempt }: { readonly attempt: Attempt }): ReactNode {
  const { request } = attempt;
  return (
    <div className={styles.stack}>
      <HeaderList label="Request headers" headers={request.headers} />
      {request.body === '' ? (
        <p className={styles.hint}>The body is not kept: its event or endpoint is gone.</p>
      ) : (
        <BodyView label="Request body" bytes={utf8(request.body)} text={request.body} />
      )}
    </div>
  );
}

function Response({ attempt }: { readonly attempt: Attempt }): ReactNode {
  const { response } = attempt;
  if (response === null)
    return (
      <Empty icon="deliveries" title="No answer">
        {attempt.outcome === 'blocked' ? 'Nothing was sent, so nothing came back.' : 'The receiver did not answer this attempt.'}
      </Empty>
    );
  const kept = response.bodyEncoding === 'utf8' ? utf8(response.body) : fromBase64(response.body);
  const size = response.bodyTruncated
    ? `truncated: ${bytes(kept.length)} kept${response.bodyBytes > kept.length ? ` of ${bytes(response.bodyBytes)}` : ', more was sent'}`
    : bytes(response.bodyBytes);
  return (
    <div className={styles.stack}>
      <HeaderList label="Response headers" headers={response.headers} />
      {kept.length === 0 ? (
        <p className={styles.hint}>
          {response.bodyBytes === 0 ? 'The answer has no body.' : `${bytes(response.bodyBytes)} of body came; none is kept.`}
        </p>
      ) : (
        <BodyView label="Response body" bytes={kept} text={response.bodyEncoding === 'utf8' ? response.body : null} size={size} />
      )}
    </div>
  );
}
