// A signed message as it goes over the wire: its headers, and its body's exact bytes, as text or in hex.

import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { CodeBlock } from '../design/code-block.tsx';
import { bytes } from '../design/numbers.ts';
import { Segments } from '../design/tabs.tsx';
import styles from './message-view.module.css';

const FORMS = [
  { id: 'text', label: 'Text' },
  { id: 'bytes', label: 'Bytes' },
] as const;
const ROW_BYTES = 16;

export interface MessageViewProps {
  readonly message: { readonly headers: readonly (readonly [name: string, value: string])[]; readonly body: string };
}

export function MessageView({ message }: MessageViewProps): ReactNode {
  const [form, setForm] = useState<'text' | 'bytes'>('text');
  const encoded = useMemo(() => new TextEncoder().encode(message.body), [message.body]);
  const body = useMemo(() => (form === 'text' ? message.body : hexOf(encoded)), [form, message.body, encoded]);
  return (
    <div className={styles.view}>
      <CodeBlock label="Headers" text={message.headers.map(([name, value]) => `${name}: ${value}`).join('\n')} />
      <div className={styles.forms}>
        <Segments label="Body as" options={FORMS} value={form} onChange={setForm} />
      </div>
      <CodeBlock label="Body" note={`${bytes(encoded.length)}, exactly as signed`} text={body} />
    </div>
  );
}

/** `00000000  7b 22 69 64 …  {"id…` */
function hexOf(data: Uint8Array): string {
  const rows: string[] = [];
  for (let from = 0; from < data.length; from += ROW_BYTES) {
    const row = [...data.subarray(from, from + ROW_BYTES)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    rows.push(`${from.toString(16).padStart(6, '0')}  ${hex.padEnd(ROW_BYTES * 3 - 1)}  ${text}`);
  }
  return rows.join('\n');
}
