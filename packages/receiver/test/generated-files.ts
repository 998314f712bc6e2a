// What src/generated/ must hold, file by file: made from the profiles' catalogues and from the vectors. Nothing is written here.
//
// The published vectors are those of packages/protocol/vectors and of ../vectors in one form (vectors/README.md tells it),
// put together and not judged: what they expect was decided by the scripts that made them.

import { readFileSync } from 'node:fs';
import { BUILT_IN_PROFILES } from '@waxwing/protocol';
import { SCHEMES } from '@waxwing/receiver';
import { eventSchemasOf, eventTypesOf } from '../src/event-types.ts';

const SCHEMAS_FROM = '../schema/json-schema.ts';
const TYPES_FROM = '../schema/payload-schema.ts';

const ACCEPTED = 'accepted' as const;

interface Message {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly nowSeconds: number;
  readonly method?: string;
  readonly url?: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  readonly bodyBase64?: string;
  readonly expect: 'accepted' | readonly string[];
  readonly event?: { readonly id: string | null; readonly type: string };
}

interface ProfileVectors {
  readonly toleranceSeconds: number;
  readonly positive: readonly (Omit<Message, 'expect' | 'nowSeconds'> & {
    readonly verifySecrets: readonly string[];
    readonly timestampSeconds: number;
  })[];
  readonly accepted: readonly Omit<Message, 'expect'>[];
  readonly negative: readonly Message[];
}

interface SenderVectors {
  readonly [sender: string]: { readonly toleranceSeconds: number; readonly messages: readonly Message[] };
}

export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map([['vectors.json', vectorsText()]]);
  for (const [name, { definition }] of BUILT_IN_PROFILES) {
    if (!definition.catalogueClosed) continue; // an open catalogue promises nothing
    files.set(`${name}.ts`, eventTypesOf(name, definition.eventTypes));
    files.set(`${name}-schemas.ts`, eventSchemasOf(name, definition.eventTypes, SCHEMAS_FROM).replace('@waxwing/receiver', TYPES_FROM));
  }
  return files;
}

/** One line a message: a file that people can read, and a third smaller than an indented one. */
function vectorsText(): string {
  const { senders }: { readonly senders: SenderVectors } = read('../vectors/vectors.json');
  const parts = Object.entries(SCHEMES).map(([name, { page }]) => {
    const { toleranceSeconds, messages } = senders[name] ?? ofProfile(read(`../../protocol/vectors/${name}.json`));
    const lines = messages.map((message) => `   ${JSON.stringify(message)}`);
    const facts = `"page": ${JSON.stringify(page)}, "toleranceSeconds": ${toleranceSeconds}`;
    return `  ${JSON.stringify(name)}: {${facts}, "messages": [\n${lines.join(',\n')}\n  ]}`;
  });
  return `{\n "license": "Apache-2.0",\n "senders": {\n${parts.join(',\n')}\n }\n}\n`;
}

function ofProfile({ toleranceSeconds, positive, accepted, negative }: ProfileVectors): SenderVectors[string] {
  const messages = [
    ...positive.flatMap((message) =>
      message.verifySecrets.map((secret) => ({ ...message, secrets: [secret], nowSeconds: message.timestampSeconds, expect: ACCEPTED })),
    ),
    ...accepted.map((message) => ({ ...message, expect: ACCEPTED })),
    ...negative,
  ];
  return { toleranceSeconds, messages: messages.map(plain) };
}

/** A message without what only its sender knows: the endpoint, the settings, the signing secrets. */
function plain({ name, secrets, nowSeconds, headers, body, bodyBase64, expect }: Message): Message {
  const bytes = bodyBase64 === undefined ? { body: body ?? '' } : { bodyBase64 };
  return { name, secrets, nowSeconds, headers, ...bytes, expect };
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}
