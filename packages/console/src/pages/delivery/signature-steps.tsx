// The signature worked through step by step, with this very request: what is signed, with which key, how it is written and
// where it stands. Whether it matches a secret is computed in the page, for whoever has the secret at hand.

import { useQuery } from '@tanstack/react-query';
import type { Attempt } from '@waxwing/protocol';
import { useMemo } from 'react';
import type { ReactNode } from 'react';
import { useProfiles } from '../../data/queries.ts';
import { Inert, inertText } from '../../design/code-block.tsx';
import { CopyButton } from '../../design/copy-button.tsx';
import { bytes as bytesWords } from '../../design/numbers.ts';
import { Pill } from '../../design/pill.tsx';
import { Empty, Failure, Loading } from '../../design/states.tsx';
import { absoluteTime } from '../../design/time.tsx';
import { utf8 } from './bytes.ts';
import { canCompute, sha256Hex } from './signature-check.ts';
import { SignatureTrial } from './signature-trial.tsx';
import { wordsOf } from './signature-words.ts';
import styles from './signature.module.css';
import { readSigned, schemeOf } from './signed-content.ts';
import type { Piece, SignedContent } from './signed-content.ts';

const SHOWN_BODY_CHARACTERS = 280;

export function SignatureSteps({ attempt, profile }: { readonly attempt: Attempt; readonly profile: string | null }): ReactNode {
  const { data: profiles, error, refetch } = useProfiles();
  const { headers, body } = attempt.request;
  const found = useMemo(() => (profiles === undefined ? null : schemeOf(headers, profile, profiles)), [profiles, headers, profile]);
  const signed = useMemo(() => (found === null ? null : readSigned(found.signature, headers, body)), [found, headers, body]);
  if (error !== null && profiles === undefined) return <Failure error={error} onRetry={() => void refetch()} />;
  if (profiles === undefined) return <Loading lines={8} />;
  if (found === null || signed === null)
    return (
      <Empty icon="keys" title="No signature">
        {attempt.outcome === 'blocked'
          ? 'Nothing was sent, so nothing was signed.'
          : 'This request carries no signature of a known profile.'}
      </Empty>
    );
  const words = wordsOf(signed.scheme);
  const content = signed.pieces.map(({ text }) => text).join('');
  return (
    <div className={styles.whole}>
      <p className={styles.lead}>
        The <b>{found.title}</b> profile: <Inert text={found.description} />
      </p>
      <ol className={styles.steps}>
        {signed.claims !== null && <BodyHash body={body} signed={signed} />}
        <Step title="What is signed" aside={<CopyButton wordy text={content} label="Copy the signed content" />}>
          <p>{words.content}</p>
          <Pieces pieces={signed.pieces} bodyBytes={utf8(body).length} />
        </Step>
        <Step title="The key">
          <p>{words.key}</p>
        </Step>
        <Step title="The signature">
          <p>{words.algorithm}</p>
        </Step>
        <Step title="Where it stands">
          <p>
            In the header <code>{signed.header}</code>
            {signed.signatures.length > 1 &&
              ', which carries several: one for each secret while a rotation is under way. One that matches is enough.'}
          </p>
          {signed.signatures.map(({ before, value }) => (
            <code key={value} className={styles.value}>
              {before !== '' && <span className={styles.before}>{inertText(before)}</span>}
              {inertText(value)}
            </code>
          ))}
        </Step>
        {signed.timestamp !== null && Number.isFinite(signed.timestamp) && (
          <Step title="The time">
            <p>
              <code>
                {signed.timestampHeader}: {signed.timestamp}
              </code>{' '}
              is {absoluteTime(new Date(signed.timestamp * 1_000).toISOString())}. Every attempt is signed afresh, so a receiver can refuse
              what is older than a few minutes.
            </p>
          </Step>
        )}
        <Step title="Does it match?">
          <SignatureTrial signed={signed} />
        </Step>
      </ol>
    </div>
  );
}

function Step({ title, aside, children }: { readonly title: string; readonly aside?: ReactNode; readonly children: ReactNode }): ReactNode {
  return (
    <li className={styles.step}>
      <div className={styles.stepHead}>
        <h3>{title}</h3>
        {aside}
      </div>
      {children}
    </li>
  );
}

function Pieces({ pieces, bodyBytes }: { readonly pieces: readonly Piece[]; readonly bodyBytes: number }): ReactNode {
  const kinds = [...new Set(pieces.map(({ kind }) => kind))].filter((kind) => kind !== 'plain');
  return (
    <>
      <code className={styles.content} dir="ltr">
        {pieces.map(({ kind, text }, index) => (
          <span key={index} data-piece={kind}>
            {inertText(text.slice(0, SHOWN_BODY_CHARACTERS))}
            {text.length > SHOWN_BODY_CHARACTERS && '…'}
          </span>
        ))}
      </code>
      <ul className={styles.legend}>
        {kinds.map((kind) => (
          <li key={kind}>
            <span className={styles.swatch} data-piece={kind} aria-hidden="true" />
            {kind === 'body' ? `the body’s exact bytes, ${bytesWords(bodyBytes)}` : PIECE_WORDS[kind]}
          </li>
        ))}
      </ul>
    </>
  );
}

const PIECE_WORDS: { readonly [K in Piece['kind']]: string } = {
  id: 'the id, from webhook-id',
  timestamp: 'the timestamp, in Unix seconds',
  body: 'the body',
  claims: 'the token’s head and claims',
  plain: '',
};

/** The one comparison that needs no secret: the claim holds the body's hash. */
function BodyHash({ body, signed }: { readonly body: string; readonly signed: SignedContent }): ReactNode {
  const { data: hash } = useQuery({
    queryKey: ['body-hash', body],
    queryFn: () => sha256Hex(utf8(body)),
    enabled: canCompute(),
    staleTime: Infinity,
    gcTime: 0,
  });
  const claimed = signed.claims?.bodyHash ?? '';
  return (
    <Step title="The body’s hash">
      <p>The token does not hold the body but its SHA-256, in hexadecimal. Its claims, decoded from base64:</p>
      <code className={styles.value}>{inertText(signed.claims?.text ?? '')}</code>
      {hash !== undefined && (
        <p>
          {hash === claimed ? (
            <Pill tone="good">It is the hash of this body</Pill>
          ) : (
            <Pill tone="bad">This body’s hash is another: {hash}</Pill>
          )}
        </p>
      )}
    </Step>
  );
}
