// A program for process.test.ts: an agent that answers only once the process was told to end.

import { AgentServer, defineAgent } from '@waxwing/agents';
import { z } from 'zod';

const told = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()));

const agent = defineAgent({
  name: 'slow',
  input: z.object({}),
  output: z.object({ said: z.string() }),
  ask: async () => {
    await told;
    return { said: 'goodbye' };
  },
});

const server = new AgentServer({ agent, host: '127.0.0.1' });
await server.start();
console.log(`listening on http://127.0.0.1:${server.address?.port}${server.path}`);
await server.run();
console.log('stopped');
