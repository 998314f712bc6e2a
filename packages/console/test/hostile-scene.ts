// A tenant that means harm everywhere it can: names, descriptions, headers, bodies, answers, texts of the catalogue.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { Waxwing } from '@waxwing/client';
import type { Page } from 'playwright-core';

/** Markup that would run, and characters that would turn the text around; and how the console shows it. */
export const HOSTILE = {
  text: '<img src=x onerror=alert(1)><script>alert(1)</script>\u202Egnp.exe\u2066',
  shown: '<img src=x onerror=alert(1)><script>alert(1)</script>⟨U+202E⟩gnp.exe⟨U+2066⟩',
} as const;
/** As long as a name may be, without a place to break it. */
const LONG = `${HOSTILE.text}${'W'.repeat(200 - HOSTILE.text.length)}`;
const HEADER = '<script>alert(1)</script>';

export interface HostileScene {
  /** By what they are: endpoint, deaf, gone (endpoints); event; delivery, garbage (deliveries); replay. */
  readonly ids: Readonly<Record<string, string>>;
  stop(): void;
}

export async function startHostileScene(client: Waxwing): Promise<HostileScene> {
  const receiver = createServer((request, response) =>
    request.resume().on('end', () => {
      if (request.url === '/garbage') {
        request.socket.end(`HTTP/1.1 ${HEADER}\r\n${HEADER}\r\n\r\n`);
        return;
      }
      response.writeHead(400, HEADER, { 'content-type': 'text/html', 'x-hostile': HEADER, location: 'javascript:alert(1)' });
      response.end(HOSTILE.text);
    }),
  );
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
  const address = receiver.address();
  assert.ok(address !== null && typeof address === 'object');
  const origin = `http://127.0.0.1:${address.port}`;
  const url = `${origin}/<script>?a=${'<b>'.repeat(60)}`;

  const mallory = client.tenant('mallory');
  await client.tenants.put('mallory', { name: LONG });
  await client.keys.create({ name: HOSTILE.text, scope: 'read' });
  await client.profiles.put('hostile', {
    title: HOSTILE.text,
    description: HOSTILE.text,
    signature: { header: 'X-Hostile' },
    envelope: { [HOSTILE.text]: HOSTILE.text, data: '{data}' },
  });
  await client.eventTypes.put('hostile.sent', {
    description: HOSTILE.text,
    group: HOSTILE.text,
    schema: { type: 'object', title: HOSTILE.text },
    sample: { text: HOSTILE.text },
  });
  const unsubscribed = { name: HOSTILE.text, description: HOSTILE.text, url, maxRetries: 0 } as const;
  const endpoint = await mallory.endpoints.create({
    ...unsubscribed,
    name: LONG,
    eventTypes: ['hostile.*'],
    headers: { 'X-Hostile': HEADER },
  });
  const deaf = await mallory.endpoints.create({ ...unsubscribed, eventTypes: ['room.*'] });
  const gone = await mallory.endpoints.create({ ...unsubscribed, eventTypes: ['room.*'] });
  await mallory.endpoints.create({ ...unsubscribed, url: `${origin}/garbage`, eventTypes: ['garbage.*'] });

  /** Publishes, and waits for its one delivery to have ended. */
  const ended = async (type: string, data: Record<string, unknown>): Promise<{ readonly event: string; readonly delivery: string }> => {
    const event = (await mallory.publish({ type, data })).id;
    for await (const message of mallory.stream({ kinds: ['attempt'], signal: AbortSignal.timeout(10_000) })) {
      const [delivery] = (await mallory.events.get(event)).deliveries;
      if (delivery?.state === 'failed') return { event, delivery: delivery.id };
      assert.ok(message);
    }
    return assert.fail('it did not end');
  };
  const { event, delivery } = await ended('hostile.sent', { [HOSTILE.text]: HOSTILE.text, large: 'x'.repeat(250_000) });
  const garbage = await ended('garbage.sent', { text: HOSTILE.text });
  const replay = await mallory.replays.create({ endpoint: endpoint.id });
  return {
    ids: {
      endpoint: endpoint.id,
      deaf: deaf.id,
      gone: gone.id,
      event,
      delivery,
      garbage: garbage.delivery,
      replay: replay.id,
    },
    stop() {
      receiver.close();
      receiver.closeAllConnections();
    },
  };
}

/** Fails when markup came to life, or a character that turns text around stands in a text, a title, a label. */
export async function assertInert(page: Page, what: string): Promise<void> {
  const found = await page.evaluate<readonly string[]>(`(() => {
    const alive = [...document.querySelectorAll('script:not([src]), style, iframe, img[src="x"], [onerror]')].map((element) => element.outerHTML);
    const turned = /[\\u202a-\\u202e\\u2066-\\u2069]/;
    const texts = [document.title];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      if (node.nodeType === Node.TEXT_NODE) {
        if (node.parentElement.tagName !== 'TEXTAREA') texts.push(node.data);
      } else for (const name of ['title', 'alt', 'placeholder', 'aria-label', 'aria-description', 'aria-valuetext', 'href']) texts.push(node.getAttribute(name) ?? '');
    }
    alive.push(...[...document.querySelectorAll('[href^="javascript:"]')].map((element) => element.outerHTML));
    return [...alive, ...texts.filter((text) => turned.test(text))];
  })()`);
  assert.deepEqual(found, [], what);
}
