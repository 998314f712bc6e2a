// Notices: what Waxwing told, over all tenants; for operators.

import type { Engine } from '@waxwing/engine';
import { defineRoute } from '../route.ts';
import type { Route } from '../route.ts';
import { notice, noticeExample } from '../schemas/notice.ts';
import { noticeQuery } from '../schemas/query.ts';
import { page } from '../schemas/schema.ts';

export function noticeRoutes(engine: Engine): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/v1/notices',
      ids: {},
      name: 'listNotices',
      tag: 'Service',
      summary: 'List the notices',
      description:
        'What Waxwing told of failing, recovered and disabled endpoints, of failed deliveries and of replays: by operational event, to endpoints of the tenant `waxwing`, and by email, to whom the tenant names.',
      need: 'operate',
      query: noticeQuery,
      answer: { schema: page(notice), example: { data: [noticeExample], nextCursor: null }, statuses: { 200: 'One page, newest first.' } },
      errors: ['tenant_not_found', 'invalid_cursor', 'store_unavailable'],
      handle: async ({ query }) => ({ status: 200, body: await engine.notices.list(query) }),
    }),
  ];
}
