// Sentences of the server's, with their moments in the reader's own time zone.

import type { ReactNode } from 'react';
import { Inert } from '../design/code-block.tsx';
import { absoluteTime } from '../design/time.tsx';

const MOMENT = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z/g;

/** Text from elsewhere, inert; each ISO 8601 moment within it is written as times are elsewhere on the page. */
export function Sentence({ text }: { readonly text: string }): ReactNode {
  return <Inert text={text.replace(MOMENT, (iso) => (Number.isFinite(Date.parse(iso)) ? absoluteTime(iso) : iso))} />;
}
