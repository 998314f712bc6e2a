// A body: as text in lines, as it is byte for byte, or in hexadecimal. Always inert, however large.

import { useState } from 'react';
import type { ReactNode } from 'react';
import { CodeBlock } from '../../design/code-block.tsx';
import { bytes as bytesWords } from '../../design/numbers.ts';
import { Segments } from '../../design/tabs.tsx';
import styles from './delivery.module.css';
import { HexView } from './hex-view.tsx';

export interface BodyViewProps {
  readonly label: string;
  readonly bytes: Uint8Array;
  /** Null when the bytes are no text. */
  readonly text: string | null;
  /** Its size in words, where there is more to say. */
  readonly size?: string;
}

const MODES = [
  { id: 'pretty', label: 'Pretty' },
  { id: 'exact', label: 'Exact' },
  { id: 'hex', label: 'Hex' },
] as const;
const BINARY_MODES = [
  { id: 'exact', label: 'Text' },
  { id: 'hex', label: 'Hex' },
] as const;

type BodyMode = (typeof MODES)[number]['id'];

export function BodyView({ label, bytes, text, size = bytesWords(bytes.length) }: BodyViewProps): ReactNode {
  const [mode, setMode] = useState<BodyMode>(text === null ? 'hex' : 'pretty');
  const note = (
    <span className={styles.bodyNote}>
      <span>{text === null ? `${size}, not UTF-8` : size}</span>
      <Segments<BodyMode> label={`${label}, shown as`} options={text === null ? BINARY_MODES : MODES} value={mode} onChange={setMode} />
    </span>
  );
  if (mode === 'hex') return <HexView label={label} bytes={bytes} note={note} />;
  return <CodeBlock key={mode} label={label} text={text ?? new TextDecoder().decode(bytes)} pretty={mode === 'pretty'} note={note} />;
}
