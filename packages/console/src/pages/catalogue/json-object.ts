// A JSON object as somebody types it.

/** The object, or what is wrong with the text. */
export function jsonObject(text: string): { readonly value: { readonly [member: string]: unknown } } | { readonly error: string } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { value: { ...value } };
    return { error: 'It must be a JSON object: { … }' };
  } catch (error) {
    return { error: `This is not JSON yet: ${error instanceof Error ? error.message : String(error)}` };
  }
}
