import { Injectable } from '@nestjs/common';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { Settings } from '../../platform/config/index.js';
import { withDeadline } from '../shared/deadline.js';
import { mailServer } from './server-url.js';
import { sendFault, unsentFault } from './smtp-fault.js';

/** Who an e-mail is from and for. */
export interface Envelope {
  from: string;
  to: string[];
}

/** What the server took. */
export interface Delivery {
  accepted: string[];
  rejected: string[];
}

type Done<T> = (error?: Error | null, value?: T) => void;

/** Hands e-mails to the mail server of the settings, each over a connection of its own. */
@Injectable()
export class SmtpDelivery {
  constructor(private readonly settings: Settings) {}

  /**
   * @throws ToolError `maybe_sent` if the connection broke when the e-mail was on its way; every other code means that
   * it was not sent.
   */
  async deliver(envelope: Envelope, raw: Buffer, signal: AbortSignal): Promise<Delivery> {
    const state = { sending: false };
    const deadline = { signal, ms: this.settings.TOOLBOX_TIMEOUT_MS, peer: 'The mail server' };
    try {
      return await withDeadline(deadline, (end) => this.send(envelope, raw, { state, end }));
    } catch (error) {
      throw state.sending && !signal.aborted ? sendFault(error, signal) : error;
    }
  }

  private async send(
    { from, to }: Envelope,
    raw: Buffer,
    { state, end }: { state: { sending: boolean }; end: AbortSignal },
  ): Promise<Delivery> {
    const { connection, login } = this.open();
    const close = (): void => {
      connection.close();
    };
    const unsent = (error: unknown): never => unsentFault(error, end);
    connection.on('error', () => undefined); // each step hears of it
    end.addEventListener('abort', close, { once: true });
    try {
      await step(connection, (done) => {
        connection.connect(done);
      }).catch(unsent);
      if (login)
        await step(connection, (done) => {
          connection.login({ credentials: login }, done);
        }).catch(unsent);
      state.sending = true;
      const sent = await step<Delivery>(connection, (done) => {
        connection.send({ from, to, size: raw.byteLength }, raw, done);
      });
      return { accepted: sent.accepted, rejected: sent.rejected };
    } finally {
      end.removeEventListener('abort', close);
      connection.quit();
      close();
    }
  }

  private open() {
    const { host, port, secure, login, local } = mailServer(this.settings.SMTP_URL ?? '');
    // The deadline of the call comes first: it says that the server did not answer in time.
    const ms = 2 * this.settings.TOOLBOX_TIMEOUT_MS;
    const connection = new SMTPConnection({
      host,
      port,
      secure,
      // a password never travels in the open
      requireTLS: !secure && !local && login !== undefined,
      connectionTimeout: ms,
      greetingTimeout: ms,
      socketTimeout: ms,
      dnsTimeout: ms,
    });
    return { connection, login };
  }
}

/** One step of a connection, which may also just break. */
function step<T>(connection: SMTPConnection, start: (done: Done<T>) => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const ended = (): void => {
      reject(new Error('The connection was closed.'));
    };
    const settle = (act: () => void): void => {
      connection.removeListener('error', reject);
      connection.removeListener('end', ended);
      act();
    };
    connection.once('error', reject);
    connection.once('end', ended);
    start((error, value) => {
      settle(() => {
        if (error) reject(error);
        else resolve(value as T);
      });
    });
  });
}
