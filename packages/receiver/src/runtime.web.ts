// The runtime of everything that is not Node: Web Crypto, which answers later.

import type { Runtime } from './runtime.ts';
import { answer } from './verify/crypto.web.ts';
import { settleAsync } from './verify/drive.ts';
import { toHex } from './verify/encoding.ts';

export const WEB_RUNTIME: Runtime = {
  settle: (asking) => settleAsync(asking, answer),
  async sha256Hex(bytes) {
    return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(bytes))));
  },
  async hmacSha256Hex(secret, text) {
    const encoder = new TextEncoder();
    const key = await crypto.subtle.importKey('raw', encoder.encode(secret), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return toHex(new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text))));
  },
};
