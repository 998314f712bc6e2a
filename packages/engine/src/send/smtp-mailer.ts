// The SMTP mailer: hands emails to a mail server, one connection each, under time-outs.
//
// It is the operator's own server, named by a setting: the egress policy, which guards against what tenants name, does not
// apply. The password stands in the URL and nowhere else: errors are stripped of it.

import { WaxwingError } from '@waxwing/protocol';
import { createTransport } from 'nodemailer';
import type { Mail, Mailer, MailResult } from '../ports.ts';

export interface SmtpOptions {
  /** `smtp://user:password@host:port` (STARTTLS where offered) or `smtps://…`. */
  readonly url: string;
  /** The sender: `Waxwing <waxwing@example.com>`. */
  readonly from: string;
}

const CONNECT_MS = 10_000;
const SILENCE_MS = 30_000;
const ERROR_LENGTH_MAX = 500;

/** Throws `invalid_setting`. Connects when there is something to send. */
export function smtpMailer({ url, from }: SmtpOptions): Mailer {
  const parsed = URL.parse(url);
  if (parsed === null || !/^smtps?:$/.test(parsed.protocol) || parsed.hostname === '')
    throw new WaxwingError('invalid_setting', 'The mail server must be given as smtp://user:password@host:port or smtps://…');
  const secrets = [decodeURIComponent(parsed.password), parsed.password].filter((secret) => secret !== '');
  const domain = /@([^\s<>@]+)>?\s*$/.exec(from)?.[1] ?? 'waxwing.invalid';
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  const words = (error: unknown): string => {
    const text = error instanceof Error ? error.message : String(error);
    return secrets.reduce((said, secret) => said.replaceAll(secret, '[redacted]'), text).slice(0, ERROR_LENGTH_MAX);
  };

  return {
    async send({ id, to, subject, text }: Mail): Promise<MailResult> {
      try {
        await transport.sendMail({
          messageId: `<${id}@${domain}>`,
          from,
          to: { name: '', address: to },
          subject,
          text,
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { kind: 'sent' };
      } catch (error) {
        return judge(error, words(error));
      }
    },
    async close() {
      transport.close();
    },
  };
}

/** Whose fault it was: this email's (its address, its content) or the server's. */
function judge(error: unknown, words: string): MailResult {
  const { code, command, responseCode } = facts(error);
  const ofMail =
    (code === 'EENVELOPE' && command === 'RCPT TO') || code === 'EMESSAGE' || (code === 'EENVELOPE' && responseCode === undefined);
  if (!ofMail || responseCode === 421) return { kind: 'unavailable', error: words };
  return { kind: 'refused', error: words, permanent: responseCode === undefined || responseCode >= 500 };
}

function facts(error: unknown): { readonly code?: unknown; readonly command?: unknown; readonly responseCode: number | undefined } {
  if (!(error instanceof Error)) return { responseCode: undefined };
  const code = 'code' in error ? error.code : undefined;
  const command = 'command' in error ? error.command : undefined;
  const responseCode = 'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : undefined;
  return { code, command, responseCode };
}
