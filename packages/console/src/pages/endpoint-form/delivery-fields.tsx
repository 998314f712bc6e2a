// How an endpoint is delivered to: time-out, retries, pace, order, and what happens of itself when it answers badly. Every
// limit is the profile's own.

import type { ProfileDefinition, Reactions } from '@waxwing/protocol';
import type { ReactNode } from 'react';
import { NumberField, RadioGroup, Switch, TextField } from '../../design/field.tsx';
import { Columns } from '../../design/page.tsx';
import { duration } from '../../design/time.tsx';
import { parseDelays } from './delays.ts';
import { delaysMax } from './draft.ts';
import type { Draft, FieldErrors, Fields } from './draft.ts';
import styles from './endpoint-form.module.css';

export interface DeliveryFieldsProps {
  readonly fields: Fields;
  readonly errors: FieldErrors;
  readonly profile: ProfileDefinition;
  readonly set: (draft: Draft) => void;
}

const DAY_SECONDS = 86_400;

export function RetryFields({ fields, errors, profile, set }: DeliveryFieldsProps): ReactNode {
  const { schedule } = profile;
  return (
    <>
      <TextField
        label="Retry after"
        value={fields.delays}
        onChange={(delays) => set({ delays })}
        error={errors.delays ?? null}
        help={planOf(fields, profile)}
        isDisabled={schedule.maxRetriesLimit === 0}
      />
      <Columns>
        <NumberField
          label="Retries"
          value={fields.maxRetries}
          onChange={(maxRetries) => set({ maxRetries: Number.isNaN(maxRetries) ? schedule.maxRetriesDefault : maxRetries })}
          min={0}
          max={schedule.maxRetriesLimit}
          help={`0 to ${schedule.maxRetriesLimit} by this profile.`}
          error={errors.maxRetries ?? null}
        />
        <NumberField
          label="Time-out, seconds"
          value={fields.timeoutSeconds}
          onChange={(seconds) => set({ timeoutSeconds: Number.isNaN(seconds) ? profile.timeoutSecondsDefault : seconds })}
          min={1}
          max={profile.timeoutSecondsMax}
          help={`For the whole exchange; 1 to ${profile.timeoutSecondsMax} by this profile.`}
          error={errors.timeoutSeconds ?? null}
        />
      </Columns>
    </>
  );
}

/** `10 attempts over 3 d 3 h; each up to 10 % later.` */
function planOf(fields: Fields, profile: ProfileDefinition): string {
  const parsed = parseDelays(fields.delays, delaysMax(profile));
  if (!('seconds' in parsed)) return 'Delays from one failure to the next attempt, such as 30 s, 5 min, 2 h.';
  const { seconds } = parsed;
  let whole = 0;
  for (let retry = 0; retry < fields.maxRetries; retry++) whole += seconds[Math.min(retry, seconds.length - 1)] ?? 0;
  const attempts = fields.maxRetries + 1;
  const jitter =
    profile.schedule.jitterRatio === 0 ? '' : ` Each delay is up to ${Math.round(profile.schedule.jitterRatio * 100)} % longer.`;
  return attempts === 1
    ? 'One attempt, no retries.'
    : `${attempts} attempts over ${duration(whole * 1000)}, from one failure to the next attempt.${jitter}`;
}

export function PaceFields({ fields, errors, set }: DeliveryFieldsProps): ReactNode {
  return (
    <>
      <Columns>
        <NumberField
          label="At once"
          value={fields.concurrency}
          onChange={(concurrency) => set({ concurrency: Number.isNaN(concurrency) ? 1 : concurrency })}
          min={1}
          help="Most attempts in flight; fewer while it struggles."
          error={errors.concurrency ?? null}
        />
        <NumberField
          label="Attempts a second"
          value={fields.ratePerSecond}
          onChange={(ratePerSecond) => set({ ratePerSecond })}
          min={0.01}
          max={10_000}
          help="Empty for no limit."
          error={errors.ratePerSecond ?? null}
        />
      </Columns>
      <RadioGroup
        label="Order"
        value={fields.ordering}
        onChange={(ordering) => set({ ordering: ordering === 'fifo' ? 'fifo' : 'none' })}
        options={[
          { id: 'none', label: 'None', help: 'the fastest: a delivery that retries holds up no other' },
          { id: 'fifo', label: 'As published', help: 'one after the other: a delivery that retries holds the rest' },
        ]}
      />
    </>
  );
}

export function ReactionFields({ fields, errors, set }: DeliveryFieldsProps): ReactNode {
  const { reactions } = fields;
  const change = (some: Partial<Reactions>): void => set({ reactions: { ...reactions, ...some } });
  const days = reactions.disableAfterSeconds === null ? null : reactions.disableAfterSeconds / DAY_SECONDS;
  return (
    <div className={styles.switches}>
      <Switch label="410 Gone disables it" isSelected={reactions.goneDisables} onChange={(goneDisables) => change({ goneDisables })} />
      <Switch
        label="Retry-After moves the next attempt"
        help="At most 24 hours."
        isSelected={reactions.retryAfterHonoured}
        onChange={(retryAfterHonoured) => change({ retryAfterHonoured })}
      />
      <Switch
        label="429, 502 and 504 slow it down"
        isSelected={reactions.overloadSlows}
        onChange={(overloadSlows) => change({ overloadSlows })}
      />
      <Switch
        label="Days of nothing but failure disable it"
        isSelected={days !== null}
        onChange={(on) => change({ disableAfterSeconds: on ? 5 * DAY_SECONDS : null })}
      />
      {days !== null && (
        <div className={styles.indented}>
          <NumberField
            label="After how many days"
            value={days}
            onChange={(value) =>
              change({ disableAfterSeconds: Number.isNaN(value) ? 5 * DAY_SECONDS : Math.max(60, Math.round(value * DAY_SECONDS)) })
            }
            min={0.01}
            max={366}
          />
        </div>
      )}
      {errors.reactions !== undefined && <p className={styles.error}>{errors.reactions}</p>}
    </div>
  );
}
