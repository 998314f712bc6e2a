// A real SMTP server on a free loopback port: keeps what it took, and refuses as told.

import { SMTPServer } from 'smtp-server';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  /** The whole message, headers and body. */
  readonly text: string;
}

export interface MailServer {
  readonly url: string;
  readonly taken: readonly TakenMail[];
  /** Resolves when that many were taken. */
  took(count: number): Promise<void>;
  close(): Promise<void>;
}

export interface MailServerOptions {
  readonly port?: number;
  /** The status that an address is refused with; undefined takes it. */
  readonly refuse?: (address: string) => number | undefined;
  readonly login?: { readonly user: string; readonly password: string };
}

export async function mailServer({ port = 0, refuse, login }: MailServerOptions = {}): Promise<MailServer> {
  const taken: TakenMail[] = [];
  let waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  const server = new SMTPServer({
    authOptional: login === undefined,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth(auth, _session, callback) {
      if (auth.username === login?.user && auth.password === login?.password) callback(null, { user: auth.username });
      else callback(new Error(`wrong password ${auth.password ?? ''}`)); // as an unkind server would say it
    },
    onRcptTo(address, _session, callback) {
      const status = refuse?.(address.address);
      callback(status === undefined ? null : Object.assign(new Error('no such mailbox'), { responseCode: status }));
    },
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const from = session.envelope.mailFrom === false ? '' : session.envelope.mailFrom.address;
        taken.push({ from, to: session.envelope.rcptTo.map(({ address }) => address), text: Buffer.concat(chunks).toString('utf8') });
        for (const { count, resolve } of waiting) if (taken.length >= count) resolve();
        waiting = waiting.filter(({ count }) => taken.length < count);
        callback(null);
      });
    },
  });
  server.on('error', () => undefined); // a client that breaks off
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.server.address();
  if (address === null || typeof address === 'string') throw new Error('not on a port');
  return {
    url: `smtp://${login === undefined ? '' : `${encodeURIComponent(login.user)}:${encodeURIComponent(login.password)}@`}127.0.0.1:${address.port}`,
    taken,
    took: (count) => (taken.length >= count ? Promise.resolve() : new Promise((resolve) => waiting.push({ count, resolve }))),
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
