// The receiving server under measurement, in a process of its own: WebhookServer with dedupe in memory and one handler.

import { WebhookServer } from '@waxwing/receiver';
import { MemoryDedupe } from '@waxwing/receiver/dedupe';
import { answerQuestions, usage } from './asking.ts';

let handled = 0;
let server: WebhookServer<'standard'> | null = null;

const answers = {
  /** Starts it, and answers with its URL. */
  async start(secret: string): Promise<string> {
    server = new WebhookServer({ profile: 'standard', secret, host: '127.0.0.1', port: 0, dedupe: new MemoryDedupe() });
    server.onAny(() => void handled++);
    await server.start();
    return server.url ?? '';
  },
  handled: (): number => handled,
  usage,
};

export type WebhookServerAnswers = typeof answers;
answerQuestions(answers);
