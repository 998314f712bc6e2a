// Text from elsewhere as it may be read: characters that would hide or turn the text around are written out as their code
// points, so that what is read is what came.

/** Control characters, bidirectional controls, zero-width ones: invisible, or worse. Tab and line breaks stay. */
const TRICKY =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g; // oxlint-disable-line no-control-regex -- they are what is looked for

/** The text with every invisible or reordering character written out. */
export function inertText(text: string): string {
  return text.replace(TRICKY, (character) => `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`);
}
