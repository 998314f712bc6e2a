// An endpoint's URL, checked as it is typed: what the server would refuse in any case is said at once, what it may refuse
// by its settings is said as a warning. The server has the last word.

export interface UrlVerdict {
  readonly error: string | null;
  readonly warning: string | null;
}

const FINE: UrlVerdict = { error: null, warning: null };
const LENGTH_MAX = 2_048;
const PRIVATE =
  /^(?:localhost|.*\.localhost|.*\.local|.*\.internal|127\..*|10\..*|192\.168\..*|169\.254\..*|172\.(?:1[6-9]|2\d|3[01])\..*|0\..*|\[(?:::1|f[cd].*|fe[89ab].*)\])$/;

/** @param httpsRequired by the profile */
export function checkUrl(text: string, httpsRequired: boolean): UrlVerdict {
  if (text === '') return FINE;
  if (/[\s\\]/.test(text)) return wrong('It holds a blank or a backslash: percent-encode it.');
  if (isBeginning(text)) return FINE;
  if (!/^https?:\/\//i.test(text)) return wrong('It must begin with https://');
  if (text.length > LENGTH_MAX) return wrong(`It has ${text.length} characters; at most ${LENGTH_MAX} are taken.`);
  if (!URL.canParse(text)) return wrong('This is not a URL: check its host and port.');
  const url = new URL(text);
  if (/^https?:\/\/[^/?#]*@/i.test(text)) return wrong('It must not hold a user or a password: give a header of your own instead.');
  if (text.includes('#')) return wrong('It must not have a fragment (#…): it is never sent.');
  const warnings: string[] = [];
  if (url.protocol === 'http:')
    warnings.push(
      `Plain HTTP can be read on the way${httpsRequired ? ', and this profile asks for HTTPS' : ''}; it is taken for development only.`,
    );
  if (PRIVATE.test(url.hostname)) warnings.push('This host is within a private network: it is taken only where the server allows that.');
  return { error: null, warning: warnings.length === 0 ? null : warnings.join(' ') };
}

/** Still on the way to `https://h`. */
function isBeginning(text: string): boolean {
  const lower = text.toLowerCase();
  return 'https://'.startsWith(lower) || 'http://'.startsWith(lower);
}

function wrong(error: string): UrlVerdict {
  return { error, warning: null };
}
