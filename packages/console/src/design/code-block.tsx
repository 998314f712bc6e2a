// Text from elsewhere, shown inert: it is text and nothing else, whatever it holds (see inert-text.ts).

import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';
import styles from './code-block.module.css';
import { CopyButton } from './copy-button.tsx';
import { inertText } from './inert-text.ts';

export { inertText };

/** A name or a value from elsewhere within a sentence or a cell. */
export function Inert({ text, mono = false }: { readonly text: string; readonly mono?: boolean }): ReactNode {
  return (
    <bdi className={classNames(styles.inert, mono && styles.mono)} title={inertText(text)}>
      {inertText(text)}
    </bdi>
  );
}

/** Shown at first; the rest on demand, so that a body of 256 kB does not stall the page. */
const FIRST_CHARACTERS = 20_000;

export interface CodeBlockProps {
  readonly text: string;
  /** What it is: "Request body". Names the region and the copy button. */
  readonly label: string;
  /** Breaks JSON into lines. The bytes copied are the text's own all the same. */
  readonly pretty?: boolean;
  readonly note?: ReactNode;
}

export function CodeBlock({ text, label, pretty = false, note }: CodeBlockProps): ReactNode {
  const [whole, setWhole] = useState(false);
  const shown = useMemo(() => inertText(pretty ? prettyJson(text) : text), [text, pretty]);
  const cut = !whole && shown.length > FIRST_CHARACTERS;
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span>{label}</span>
        {note !== undefined && <span className={styles.note}>{note}</span>}
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
      </figcaption>
      <pre className={styles.pre} tabIndex={0} aria-label={label} role="group" dir="ltr">
        {cut ? shown.slice(0, FIRST_CHARACTERS) : shown}
      </pre>
      {cut && (
        <div className={styles.more}>
          <Button small onPress={() => setWhole(true)}>
            Show all {shown.length.toLocaleString('en')} characters
          </Button>
        </div>
      )}
    </figure>
  );
}

/**
 * JSON in lines, by its own tokens: numbers and strings stay as they are written (a parser would change large integers).
 * What is not JSON stays as it is.
 */
export function prettyJson(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  let out = '';
  let depth = 0;
  const line = (): string => `\n${'  '.repeat(depth)}`;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === '{' || token === '[') {
      depth++;
      out += token + line();
    } else if (token === '}' || token === ']') {
      depth--;
      out = /[{[]\s*$/.test(out) ? out.trimEnd() + token : out + line() + token;
    } else if (token === ',') out += token + line();
    else out += token === ':' ? ': ' : token;
  }
  return out;
}
