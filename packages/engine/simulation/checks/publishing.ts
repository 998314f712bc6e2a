// Publishing: who gets an event, and what a publisher who repeats himself is answered.

import { matchesEventType, type PublishResult } from '@waxwing/protocol';
import type { Directory } from '../directory.ts';
import type { Publication, Scene, Watcher } from '../scene.ts';

/** No event misses an endpoint that was there before it, nor reaches one that was deleted before it. */
export function everySubscriberIsReached(scene: Scene, directory: Directory): Watcher {
  const { disk } = scene;

  function reached(tenant: string, eventId: string): ReadonlySet<string> {
    const seq = disk.eventIds.get(`${tenant} ${eventId}`);
    const rows = disk.deliveries.values().filter((row) => row.eventSeq === seq && row.cause === 'publish');
    const matches = seq === undefined ? [] : (disk.expansions.get(seq)?.matches ?? []);
    return new Set([...rows, ...matches].map(({ endpointSeq }) => disk.endpoints.get(endpointSeq)?.row.id ?? ''));
  }

  return {
    claim: 'every subscriber and no other',
    published({ tenant, events, results, calledStep }) {
      for (const [index, result] of results.entries()) {
        const type = events[index]?.type ?? '';
        if (result.duplicate) continue;
        const ids = reached(tenant, result.id);
        if (ids.size !== result.deliveries)
          scene.found(this.claim, `event ${result.id} was answered with ${result.deliveries} deliveries and has ${ids.size}`);
        for (const known of directory.all()) {
          const certain = known.eventTypes !== null && known.eventTypesStep < calledStep;
          const subscribed = certain && matchesEventType(known.eventTypes ?? [], type) && known.tenant === tenant;
          if (subscribed && known.createdStep < calledStep && !known.deleting && !ids.has(known.id))
            scene.found(this.claim, `event ${result.id} misses ${known.id}`);
          const wrong = (known.deletedStep !== null && known.deletedStep < calledStep) || (certain && !subscribed);
          if (wrong && ids.has(known.id))
            scene.found(this.claim, `event ${result.id} reaches ${known.id}, which does not subscribe, or not any more`);
        }
      }
    },
  };
}

const WINDOW_MS = 7 * 24 * 3_600_000;

/** The same id or key with the same content is answered the same, for seven days. */
export function publishingIsIdempotent(scene: Scene): Watcher {
  const first = new Map<string, { readonly result: PublishResult; readonly content: string; fresh: number }>();
  const claim = 'publishing is idempotent';
  const namesOf = (event: Publication['events'][number]): string[] => [
    ...(event.id === undefined ? [] : [`id ${event.id}`]),
    ...(event.key === undefined ? [] : [`key ${event.key}`]),
  ];
  const check = (name: string, content: string, result: PublishResult, calledMs: number): void => {
    const known = first.get(name);
    const fresh = result.duplicate ? 0 : 1;
    if (known === undefined || calledMs - Date.parse(known.result.receivedAt) >= WINDOW_MS) {
      first.set(name, { result, content, fresh });
      return;
    }
    known.fresh += fresh;
    if (known.content !== content) scene.found(claim, `${name} was taken with two contents`);
    else if (known.fresh > 1) scene.found(claim, `${name} was taken twice`);
    else if (JSON.stringify(result) !== JSON.stringify({ ...known.result, duplicate: result.duplicate }))
      scene.found(claim, `${name} was answered ${JSON.stringify(result)} and before that ${JSON.stringify(known.result)}`);
  };
  return {
    claim,
    published({ tenant, events, results, calledMs }) {
      for (const [index, event] of events.entries()) {
        const result = results[index];
        if (result === undefined) scene.found(claim, `event ${index} of a batch was not answered`);
        else for (const name of namesOf(event)) check(`${tenant} ${name}`, `${event.type} ${event.data}`, result, calledMs);
      }
    },
  };
}
