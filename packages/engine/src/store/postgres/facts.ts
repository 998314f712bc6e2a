// Facts: an opaque short text, which may hold a NUL; PostgreSQL's text may not. Such a text is kept as JSON behind a mark.

const MARK = '\u0001';

export function storedFacts(facts: string | null): string | null {
  return facts === null || !(facts.includes('\0') || facts.startsWith(MARK)) ? facts : MARK + JSON.stringify(facts);
}

export function readFacts(stored: string | null): string | null {
  if (stored === null || !stored.startsWith(MARK)) return stored;
  const facts: string = JSON.parse(stored.slice(1));
  return facts;
}
