// A receiver that answers 500 to the first delivery of an event whose data says `"fail"`, and 200 to everything else.
//
//   node unsteady-receiver.ts 3000

import { createServer } from 'node:http';

const seen = new Set<string>();
const server = createServer((request, response) => {
  let body = '';
  request.on('data', (part) => (body += String(part)));
  request.on('end', () => {
    const id = String(request.headers['webhook-id']);
    response.writeHead(body.includes('"fail"') && !seen.has(id) ? 500 : 200).end();
    seen.add(id);
  });
});
server.listen(Number(process.argv[2]), '127.0.0.1');
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
