// Event rows, as every statement that reads events gives them back: prefixed, so that they can be joined to deliveries.

import type { EventRow } from './rows.ts';
import { integer, text, type SqlRow } from './columns.ts';

export const EVENT_SELECTION = `e.seq AS event_seq, e.id AS event_id, e.tenant AS event_tenant, e.type AS event_type,
  e.timestamp_ms AS event_timestamp_ms, e.received_ms AS event_received_ms, e.has_unsafe_integer AS event_unsafe, e.data AS event_data`;

export function eventOf(row: SqlRow): EventRow {
  return {
    seq: integer(row, 'event_seq'),
    id: text(row, 'event_id'),
    tenant: text(row, 'event_tenant'),
    type: text(row, 'event_type'),
    timestampMs: integer(row, 'event_timestamp_ms'),
    receivedMs: integer(row, 'event_received_ms'),
    data: text(row, 'event_data'),
    hasUnsafeInteger: integer(row, 'event_unsafe') === 1,
  };
}
