// The snippet for TypeScript: one line of @waxwing/receiver; a profile of one's own is given as its data.

import type { ProfileDefinition } from '@waxwing/protocol';
import { lines } from './signing-facts.ts';

const KNOWN = new Set(['standard', 'meetloyd', 'joai', 'humanconnection', 'meshagent']);

export function typescriptSnippet({ name, signature, envelope }: ProfileDefinition): string {
  const known = KNOWN.has(name);
  const data = JSON.stringify({ name, signature, envelope }, null, 2).replaceAll(/^( *)"([A-Za-z_$][\w$]*)":/gm, '$1$2:');
  return lines(
    `// npm install @waxwing/receiver`,
    `import { verify } from '@waxwing/receiver';`,
    ``,
    known ? null : [`const profile = ${data} as const;`, ``],
    `export async function POST(request: Request): Promise<Response> {`,
    `  const body = await request.arrayBuffer(); // the exact bytes, before any parser`,
    `  const secrets = [process.env.WEBHOOK_SECRET ?? '']; // during a rotation: the old one and the new one`,
    `  const result = await verify(${known ? `'${name}'` : 'profile'}, { headers: request.headers, body }, secrets);`,
    `  if (!result.ok) {`,
    `    console.error(result.reason, result.explain());`,
    `    return new Response(null, { status: 401 });`,
    `  }`,
    `  console.log(result.event.type, result.event.data);`,
    `  return new Response(null, { status: 204 });`,
    `}`,
  );
}
