// What the sender's tests share: orders with sensible defaults, and a sender whose reports can be awaited one by one.

import type { ProfileDefinition } from '@waxwing/protocol';
import type { AttemptRecord, AttemptReport, SendOrder, Sender, SendTarget } from '../../src/send/order.ts';

export const DEVELOPMENT = { allowHttp: true, allowPrivateNetworks: true } as const;
export const PRODUCTION = { allowHttp: false, allowPrivateNetworks: false } as const;
export const STANDARD_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
export const PLAIN_SECRET = 'a plain secret of more than sixteen bytes';

export interface Attempted {
  readonly report: AttemptReport;
  readonly record: AttemptRecord;
}

let deliveries = 0;

export function order(url: string, target: Partial<SendTarget> = {}, more: Partial<Omit<SendOrder, 'target'>> = {}): SendOrder {
  return {
    delivery: ++deliveries,
    target: {
      endpointId: 'ep_1',
      url,
      profile: { name: 'standard', version: 0 },
      headers: [],
      verifyTls: true,
      timeoutMs: 5_000,
      secrets: [(target.profile?.name ?? 'standard') === 'standard' ? STANDARD_SECRET : PLAIN_SECRET],
      ...target,
    },
    event: {
      id: 'evt_1',
      type: 'meeting.completed',
      timestampMs: 1_750_000_000_000,
      data: '{"meeting_id":"m_1"}',
      hasUnsafeInteger: false,
    },
    facts: null,
    ...more,
  };
}

/** A started sender, whose reports are counted and can be awaited. */
export class Sending implements AsyncDisposable {
  readonly reports = new Map<number, AttemptReport[]>();
  readonly groups: number[] = [];
  readonly #sender: Sender;
  readonly #waiting = new Map<number, (report: AttemptReport) => void>();

  private constructor(sender: Sender) {
    this.#sender = sender;
  }

  static async start(sender: Sender): Promise<Sending> {
    const sending = new Sending(sender);
    await sender.start((reports) => sending.#arrived(reports));
    return sending;
  }

  learnProfile(version: number, definition: ProfileDefinition): void {
    this.#sender.learnProfile(version, definition);
  }

  async attempt(sent: SendOrder): Promise<Attempted> {
    const [attempted] = await this.attempts([sent]);
    if (attempted === undefined) throw new Error('no report');
    return attempted;
  }

  async attempts(orders: readonly SendOrder[]): Promise<readonly Attempted[]> {
    const reported = orders.map(({ delivery }) => new Promise<AttemptReport>((resolve) => this.#waiting.set(delivery, resolve)));
    this.#sender.send(orders);
    return (await Promise.all(reported)).map((report) => ({ report, record: parseRecord(report.record) }));
  }

  /** Without waiting for the report. */
  send(sent: SendOrder): void {
    this.#sender.send([sent]);
  }

  close(graceMs: number): Promise<void> {
    return this.#sender.close(graceMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close(0);
  }

  #arrived(reports: readonly AttemptReport[]): void {
    this.groups.push(reports.length);
    for (const report of reports) {
      this.reports.set(report.delivery, [...(this.reports.get(report.delivery) ?? []), report]);
      this.#waiting.get(report.delivery)?.(report);
    }
  }
}

/** A record is JSON text that the sender wrote under test: its form is what the tests then look at. */
function parseRecord(text: string): AttemptRecord {
  const record: AttemptRecord = JSON.parse(text);
  return record;
}
