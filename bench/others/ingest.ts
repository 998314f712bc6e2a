// The HTTP side of what one would build: a small Fastify application that takes the same requests as Waxwing and hands the
// events to a queue; answered when the queue has them.

import Fastify from 'fastify';

export interface QueuedEvent {
  readonly type: string;
  readonly timestamp: string;
  readonly data: unknown;
}

interface Published {
  readonly type: string;
  readonly data: unknown;
}

const KEY = 'the key of a benchmark, no secret';

/** @param add resolves when all of them are durable */
export async function startIngest(add: (events: readonly QueuedEvent[]) => Promise<void>): Promise<{ url: string; key: string }> {
  const app = Fastify({ bodyLimit: 1_048_576 });
  const queued = ({ type, data }: Published): QueuedEvent => ({ type, timestamp: new Date().toISOString(), data });
  app.addHook('onRequest', async (request, reply) => {
    if (request.headers.authorization !== `Bearer ${KEY}`) await reply.code(401).send();
  });
  app.post<{ Body: Published }>('/v1/tenants/:tenant/events', async (request, reply) => {
    await add([queued(request.body)]);
    return reply.code(202).send({ accepted: 1 });
  });
  app.post<{ Body: { events: readonly Published[] } }>('/v1/tenants/:tenant/events/batch', async (request, reply) => {
    await add(request.body.events.map(queued));
    return reply.code(202).send({ accepted: request.body.events.length });
  });
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }), key: KEY };
}

/** Adds so many events in batches from within the process, so many calls at a time, and resolves when all are durable. */
export async function addInProcess(
  load: { events: number; batch: number; atOnce: number; endpoints: number; bodyBytes: number },
  nowUs: () => number,
  add: (events: readonly QueuedEvent[]) => Promise<void>,
): Promise<void> {
  const padding = 'x'.repeat(Math.max(0, load.bodyBytes - 120));
  let n = 0;
  const event = (): QueuedEvent => ({
    type: `bench.e${n % load.endpoints}`,
    timestamp: new Date().toISOString(),
    data: { sentUs: nowUs(), n: n++, padding },
  });
  const adder = async (): Promise<void> => {
    while (n < load.events) await add(Array.from({ length: Math.min(load.batch, load.events - n) }, event));
  };
  await Promise.all(Array.from({ length: load.atOnce }, adder));
}
