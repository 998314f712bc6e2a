// Time ranges of lists: ISO 8601 in, epoch milliseconds out.

import { Fields } from './fields.ts';

/** `from` is included, `to` is not. Throws `invalid_request`. */
export function timeRange(filter: TimeFilter): TimeRange {
  return parseRange(filter, 'query/');
}

/** As `timeRange`, for one that stands in a body. */
export function bodyTimeRange(filter: TimeFilter): TimeRange {
  return parseRange(filter, '/');
}

interface TimeFilter {
  readonly from?: string;
  readonly to?: string;
}

interface TimeRange {
  readonly fromMs: number | null;
  readonly toMs: number | null;
}

function parseRange(filter: TimeFilter, path: string): TimeRange {
  const fields = new Fields();
  const parse = (name: string, text: string | undefined): number | null => {
    if (text === undefined) return null;
    const ms = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isFinite(ms)) fields.refuse(`${path}${name}`, 'must be a time in ISO 8601, such as 2026-05-12T15:30:00Z');
    return ms;
  };
  const range = { fromMs: parse('from', filter.from), toMs: parse('to', filter.to) };
  fields.done();
  return range;
}
