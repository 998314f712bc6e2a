// Registers the adder in every room that starts, or that calls for it.
//
//   MESHAGENT_WEBHOOK_SECRET=an-example-secret MESHAGENT_API_KEY=<your project's> npx node examples/adder/main.ts
//
// Point a webhook of your project at it: events `room.started`, or action `call`.

import { AgentServer } from '@waxwing/agents';
import { Adder } from './adder.ts';

const server = new AgentServer({ agent: Adder, host: '127.0.0.1' }); // MESHAGENT_PORT, or 8080

await server.start();
console.log(`listening on http://127.0.0.1:${server.address?.port}${server.path}`);
await server.run(); // until Ctrl-C; calls that run are answered, and the rooms left
