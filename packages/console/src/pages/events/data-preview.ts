// An event's data in one line, for lists. Printed once an event, since lists are drawn often.

import type { EventSummary } from '@waxwing/protocol';
import { inertText } from '../../design/code-block.tsx';

const PREVIEW_CHARACTERS = 240;
const previews = new WeakMap<EventSummary, string>();

export function previewOf(event: EventSummary): string {
  const known = previews.get(event);
  if (known !== undefined) return known;
  const preview = inertText(JSON.stringify(event.data).slice(0, PREVIEW_CHARACTERS));
  previews.set(event, preview);
  return preview;
}

/** Whether the data's text holds this, as the server's filter has it: exactly, with letters as they are. */
export function holdsText({ data }: EventSummary, text: string): boolean {
  if (text === '') return true;
  const printed = JSON.stringify(data);
  return printed.includes(text) || printed.includes(JSON.stringify(text).slice(1, -1));
}
