// Bytes in hexadecimal, sixteen a line and their characters beside, eight where it is narrow. Only the lines in view are in
// the page.

import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { CopyButton } from '../../design/copy-button.tsx';
import styles from './hex.module.css';
import { toHex } from './bytes.ts';

const LINE_PX = 20;
const WIDE_FROM_PX = 560;

export function HexView({
  label,
  bytes,
  note,
}: {
  readonly label: string;
  readonly bytes: Uint8Array;
  readonly note: ReactNode;
}): ReactNode {
  const scroller = useRef<HTMLDivElement>(null);
  const [perLine, setPerLine] = useState(16);
  useEffect(() => {
    if (scroller.current === null) return undefined;
    const observer = new ResizeObserver(([entry]) => setPerLine((entry?.contentRect.width ?? 0) >= WIDE_FROM_PX ? 16 : 8));
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  const virtual = useVirtualizer({
    count: Math.ceil(bytes.length / perLine),
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_PX,
    overscan: 20,
  });
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span>{label}</span>
        <span className={styles.note}>{note}</span>
        <CopyButton text={() => toHex(bytes)} label={`Copy ${label.toLowerCase()} in hexadecimal`} />
      </figcaption>
      <div ref={scroller} className={styles.lines} tabIndex={0} role="group" aria-label={`${label} in hexadecimal`}>
        <div className={styles.all} style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => (
            <div key={index} className={styles.line} style={{ transform: `translateY(${start}px)` }}>
              <HexLine bytes={bytes} from={index * perLine} length={perLine} />
            </div>
          ))}
        </div>
      </div>
    </figure>
  );
}

function HexLine({ bytes, from, length }: { readonly bytes: Uint8Array; readonly from: number; readonly length: number }): ReactNode {
  const line = bytes.subarray(from, from + length);
  const cells = Array.from({ length }, (_, index) => {
    const byte = line[index];
    return (byte === undefined ? '  ' : byte.toString(16).padStart(2, '0')) + (index % 8 === 7 ? '  ' : ' ');
  });
  return (
    <>
      <span className={styles.offset}>{from.toString(16).padStart(6, '0')}</span> {cells.join('')}
      <span className={styles.characters}>
        {Array.from(line, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·')).join('')}
      </span>
    </>
  );
}
