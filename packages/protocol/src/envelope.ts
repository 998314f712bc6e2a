// Envelopes: an event printed into the body of a message.
//
// A template is cut once into static text and slots; rendering is then string concatenation, because it runs for every
// attempt. Static text and slots are printed in the profile's form: compact for `raw` and `javascript`, with Python's
// `", "` and `": "` and ASCII escapes for `python`. So the whole body, and not only its data, equals what that language
// prints after parsing it. Members keep the order that a JavaScript object gives them (integer-like names first), which
// is the order that JSON.stringify and json.dumps keep too.

import { printJavascript } from './json/print-javascript.ts';
import { printPython } from './json/print-python.ts';
import type { EnvelopeTemplate, EnvelopeValue, PrintForm } from './profile.ts';

/** What stands in an envelope's slots for one message. `data` is JSON text in any form, `timestamp` is printed already. */
export interface EnvelopeFields {
  readonly id: string;
  readonly type: string;
  readonly timestamp: string;
  readonly data: string;
  readonly hasUnsafeInteger: boolean;
  readonly endpointId: string;
  readonly endpointName: string;
}

/** Every placeholder that an envelope may hold. */
export const PLACEHOLDERS: readonly Placeholder[] = ['{id}', '{type}', '{timestamp}', '{data}', '{endpoint.id}', '{endpoint.name}'];

export type Placeholder = '{id}' | '{type}' | '{timestamp}' | '{data}' | '{endpoint.id}' | '{endpoint.name}';

/** Renders one message's body. Pure. */
export type RenderEnvelope = (fields: EnvelopeFields) => string;

const ASCII_ONLY = /^[ -~]*$/;

/** Makes the renderer of a template. */
export function compileEnvelope(template: EnvelopeTemplate, print: PrintForm): RenderEnvelope {
  const { head, slots } = cut(template, print);
  return (fields) => {
    let body = head;
    for (const { placeholder, after } of slots) body += slotText(placeholder, fields, print) + after;
    return body;
  };
}

/** Whether a template holds a placeholder. */
export function holdsPlaceholder(template: EnvelopeTemplate, placeholder: Placeholder): boolean {
  return Object.values(template).some((value) => (isTemplate(value) ? holdsPlaceholder(value, placeholder) : value === placeholder));
}

/** Whether an envelope's text is a placeholder, and so stands for something else. */
export function isPlaceholder(text: EnvelopeValue): text is Placeholder {
  return PLACEHOLDERS.some((placeholder) => placeholder === text);
}

interface Slot {
  readonly placeholder: Placeholder;
  /** The static text that follows it, up to the next slot or the end. */
  readonly after: string;
}

function cut(template: EnvelopeTemplate, print: PrintForm): { head: string; slots: readonly Slot[] } {
  const comma = print === 'python' ? ', ' : ',';
  const colon = print === 'python' ? ': ' : ':';
  const texts = [''];
  const placeholders: Placeholder[] = [];
  const write = (text: string): void => {
    texts[texts.length - 1] += text;
  };
  const walk = (members: EnvelopeTemplate): void => {
    let separator = '';
    write('{');
    for (const [name, value] of Object.entries(members)) {
      write(separator + printLiteral(name, print) + colon);
      separator = comma;
      if (isTemplate(value)) {
        walk(value);
      } else if (isPlaceholder(value)) {
        placeholders.push(value);
        texts.push('');
      } else {
        write(printLiteral(value, print));
      }
    }
    write('}');
  };
  walk(template);
  const slots = placeholders.map((placeholder, index) => ({ placeholder, after: texts[index + 1] ?? '' }));
  return { head: texts[0] ?? '', slots };
}

function slotText(placeholder: Placeholder, fields: EnvelopeFields, print: PrintForm): string {
  switch (placeholder) {
    case '{id}':
      return printLiteral(fields.id, print);
    case '{type}':
      return printLiteral(fields.type, print);
    case '{timestamp}':
      return printLiteral(fields.timestamp, print);
    case '{endpoint.id}':
      return printLiteral(fields.endpointId, print);
    case '{endpoint.name}':
      return printLiteral(fields.endpointName, print);
    case '{data}':
      return printData(fields, print);
    default:
      return placeholder satisfies never;
  }
}

function printData(fields: EnvelopeFields, print: PrintForm): string {
  switch (print) {
    case 'raw':
      return fields.data;
    case 'javascript':
      return printJavascript(fields.data, fields.hasUnsafeInteger);
    case 'python':
      return printPython(fields.data);
    default:
      return print satisfies never;
  }
}

function printLiteral(value: string | number | boolean | null, print: PrintForm): string {
  const text = JSON.stringify(value);
  // Where JavaScript printed a plain ASCII string, Python prints the same.
  return print === 'python' && !(typeof value === 'string' && ASCII_ONLY.test(text)) ? printPython(text) : text;
}

function isTemplate(value: EnvelopeValue): value is EnvelopeTemplate {
  return typeof value === 'object' && value !== null;
}
