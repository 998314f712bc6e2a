// The runtime of Node: node:crypto, which answers at once.

import { createHmac, hash } from 'node:crypto';
import type { Runtime } from './runtime.ts';
import { answerNow } from './verify/crypto.node.ts';
import { settle } from './verify/drive.ts';

export const NODE_RUNTIME: Runtime = {
  settle: (asking) => settle(asking, answerNow),
  sha256Hex: (bytes) => hash('sha256', bytes, 'hex'),
  hmacSha256Hex: (secret, text) => createHmac('sha256', secret).update(text).digest('hex'),
};
