// Fresh: services that first take in what other nodes have changed, so that what was answered on one node holds on all.

import { WaxwingError } from '@waxwing/protocol';

/** Answered from memory, and at once. */
const AT_ONCE: ReadonlySet<string | symbol> = new Set(['authenticate', 'usable', 'any', 'find', 'attach']);

/** What an event may be refused for that another node may have made just now. */
const MAY_BE_NEW: ReadonlySet<string> = new Set(['tenant_not_found', 'unknown_event_type', 'unknown_profile']);

/** Takes in what others changed; whether there was anything. */
export type CatchUp = () => Promise<boolean>;

/** The same service; each of its verbs that resolves looks at others' changes first. Where the store is away it answers from what it knows. */
export function fresh<T extends object>(service: T, catchUp: CatchUp): T {
  return new Proxy(service, {
    get(_, verb) {
      const answer: unknown = Reflect.get(service, verb);
      if (typeof answer !== 'function' || AT_ONCE.has(verb)) return answer;
      return async (...given: readonly unknown[]): Promise<unknown> => {
        await catchUp().catch(() => false);
        return Reflect.apply(answer, service, given);
      };
    },
  });
}

/** Tries again, once, what was refused for want of something that another node may have made. */
export async function onceFresh<T>(work: () => Promise<T>, catchUp: CatchUp | null): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (catchUp === null || !(error instanceof WaxwingError) || !MAY_BE_NEW.has(error.code)) throw error;
    if (!(await catchUp().catch(() => false))) throw error;
    return work();
  }
}
