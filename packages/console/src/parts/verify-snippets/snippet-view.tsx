// How a profile's messages are verified, in the language one chooses; the choice is kept for the next time.

import type { ProfileResource } from '@waxwing/protocol';
import { useMemo, useState } from 'react';
import type { ReactNode } from 'react';
import { CodeBlock } from '../../design/code-block.tsx';
import { Segments } from '../../design/tabs.tsx';
import { LANGUAGES, snippet } from './snippets.ts';
import type { Language } from './snippets.ts';
import styles from './snippet-view.module.css';

let last: Language = 'typescript';

export function SnippetView({ profile }: { readonly profile: ProfileResource }): ReactNode {
  const [language, setLanguage] = useState(last);
  const text = useMemo(() => snippet(language, profile), [language, profile]);
  const label = LANGUAGES.find(({ id }) => id === language)?.label ?? language;
  return (
    <div className={styles.view}>
      <div className={styles.languages}>
        <Segments
          label="Language"
          options={LANGUAGES}
          value={language}
          onChange={(chosen) => {
            last = chosen;
            setLanguage(chosen);
          }}
        />
      </div>
      <CodeBlock
        text={text}
        label={language === 'curl' ? 'A signed sample, sent to your receiver' : `Verify in ${label}`}
        note={language === 'typescript' ? '@waxwing/receiver' : language === 'curl' ? 'needs curl and openssl' : 'nothing to install'}
      />
    </div>
  );
}
