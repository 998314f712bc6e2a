// The relay's post in a database: two small tables. Who writes enters like any commit, so that nothing is left behind by a node
// whose lease was ended; `end_node` removes its listeners. Mail is removed as it is taken, and by anybody where its node is gone.

import { integer, integerOrNull, text } from '../columns.ts';
import type { ListenerRow, RelayMail, RelayPost } from '../relay-post.ts';
import { shardSql } from './arrivals.ts';
import { refused } from './failure.ts';
import type { Session, Statement } from './session.ts';

export interface RelayPostParts {
  readonly entry: () => { readonly no: number; readonly epoch: number };
  /** Rejects with the connection's error. */
  readonly watching: () => Promise<Session>;
  /** Others are to look. */
  readonly hint: () => void;
}

export class PostgresRelayPost implements RelayPost {
  readonly #parts: RelayPostParts;

  constructor(parts: RelayPostParts) {
    this.#parts = parts;
  }

  attach(endpointSeq: number, token: string): Promise<void> {
    return this.#write(ATTACH, [endpointSeq, token]);
  }

  detach(endpointSeq: number, token: string): Promise<void> {
    return this.#write(DETACH, [endpointSeq, token]);
  }

  send({ to, endpointSeq, body }: RelayMail): Promise<void> {
    return this.#write(SEND, [to, endpointSeq, body]);
  }

  async take(shards: readonly number[]): Promise<{ readonly listeners: readonly ListenerRow[]; readonly mail: readonly RelayMail[] }> {
    try {
      const session = await this.#parts.watching();
      const [listeners, mail] = await Promise.all([session.rows(LISTENERS), session.rows(TAKE, [this.#parts.entry().no, shards])]);
      return {
        listeners: listeners.map((row) => ({
          endpointSeq: integer(row, 'endpoint_seq'),
          source: integer(row, 'source'),
          token: text(row, 'token'),
        })),
        mail: mail.map((row) => ({
          to: integerOrNull(row, 'to_node'),
          endpointSeq: integer(row, 'endpoint_seq'),
          body: text(row, 'body'),
        })),
      };
    } catch (error) {
      return refused(error);
    }
  }

  async #write(statement: Statement, values: readonly (number | string | null)[]): Promise<void> {
    try {
      const { no, epoch } = this.#parts.entry();
      await (await this.#parts.watching()).run(statement, [no, epoch, ...values]);
    } catch (error) {
      return refused(error);
    }
    this.#parts.hint();
  }
}

const ENTERED = `waxwing.enter($1::integer, $2::bigint, 0, 'none')`;

const ATTACH: Statement = {
  name: 'waxwing_listener',
  text: `INSERT INTO waxwing.listeners AS l SELECT $3::bigint, $1::integer, $4::text FROM ${ENTERED}
  ON CONFLICT (endpoint_seq) DO UPDATE SET source = excluded.source, token = excluded.token`,
};
const DETACH: Statement = {
  name: 'waxwing_listener_gone',
  text: `DELETE FROM waxwing.listeners l USING ${ENTERED} WHERE l.endpoint_seq = $3::bigint AND l.token = $4::text`,
};
const SEND: Statement = {
  name: 'waxwing_relay_send',
  text: `INSERT INTO waxwing.relay_mail (to_node, endpoint_seq, body) SELECT $3::integer, $4::bigint, $5::text FROM ${ENTERED}`,
};
const LISTENERS: Statement = { name: 'waxwing_listeners', text: 'SELECT endpoint_seq, source, token FROM waxwing.listeners' };
const TAKE: Statement = {
  name: 'waxwing_relay_take',
  text: `WITH taken AS (DELETE FROM waxwing.relay_mail
    WHERE to_node = $1::integer OR (to_node IS NULL AND ${shardSql('endpoint_seq')} = ANY($2::integer[]))
      OR to_node IN (SELECT n.no FROM waxwing.nodes n WHERE n.is_gone) RETURNING no, to_node, endpoint_seq, body)
  SELECT * FROM taken WHERE to_node IS NULL OR to_node = $1::integer ORDER BY no`,
};
