import { Injectable } from '@nestjs/common';
import { ImapFlow } from 'imapflow';
import { Settings } from '../../platform/config/index.js';
import { fieldsOfSignal, Log } from '../../platform/logging/index.js';
import { ToolError } from '../../tools/index.js';
import { withDeadline } from '../shared/deadline.js';
import { mailServer } from './server-url.js';

/** The folders that every mailbox has, under whatever name. */
export const FOLDERS = ['inbox', 'sent', 'drafts', 'trash'] as const;
export type Folder = (typeof FOLDERS)[number];

const SPECIAL_USE: Readonly<Record<Folder, string>> = {
  inbox: '\\Inbox',
  sent: '\\Sent',
  drafts: '\\Drafts',
  trash: '\\Trash',
};

/** Opens the mailbox of the settings, to read it. */
@Injectable()
export class Mailbox {
  private readonly logger = new Log(Mailbox.name);

  constructor(private readonly settings: Settings) {}

  /**
   * Runs work with a folder that is open for reading alone (`EXAMINE`): the server itself changes nothing, not even
   * what counts as read.
   * @throws ToolError with what the model can do about it.
   */
  async examine<T>(folder: Folder, signal: AbortSignal, work: (client: ImapFlow) => Promise<T>): Promise<T> {
    const deadline = { signal, ms: this.settings.TOOLBOX_TIMEOUT_MS, peer: 'The mail server' };
    return withDeadline(deadline, (end) => this.connected(folder, end, work));
  }

  private async connected<T>(
    folder: Folder,
    signal: AbortSignal,
    work: (client: ImapFlow) => Promise<T>,
  ): Promise<T> {
    const client = this.client();
    const close = (): void => {
      client.close();
    };
    client.on('error', () => undefined); // what is waited for fails as well
    signal.addEventListener('abort', close, { once: true });
    try {
      await client.connect();
      await client.mailboxOpen(await pathOf(client, folder), { readOnly: true });
      const result = await work(client);
      await client.logout();
      return result;
    } catch (error) {
      throw this.fault(error, signal);
    } finally {
      signal.removeEventListener('abort', close);
      close();
    }
  }

  private client(): ImapFlow {
    const { host, port, secure, login, local } = mailServer(this.settings.IMAP_URL ?? '');
    // The deadline of the call comes first: it says that the server did not answer in time.
    const ms = 2 * this.settings.TOOLBOX_TIMEOUT_MS;
    return new ImapFlow({
      host,
      port,
      secure,
      auth: { user: login?.user ?? '', pass: login?.pass ?? '' },
      // a password never travels in the open
      ...(!secure && !local && { doSTARTTLS: true }),
      logger: false,
      disableAutoIdle: true,
      connectionTimeout: ms,
      greetingTimeout: ms,
      socketTimeout: ms,
    });
  }

  private fault(error: unknown, signal: AbortSignal): ToolError {
    if (error instanceof ToolError) return error;
    const { code, authenticationFailed } = (error ?? {}) as {
      code?: unknown;
      authenticationFailed?: unknown;
    };
    const about = { setting: 'IMAP_URL', code, authenticationFailed, ...fieldsOfSignal(signal) };
    this.logger.warn('The mailbox could not be read', about);
    if (authenticationFailed === true)
      return new ToolError(
        'The mail server refuses this deployment. Do not try again; an administrator has to check IMAP_URL.',
        'not_authorized',
      );
    return new ToolError('The mailbox cannot be read at the moment. Try again later.', 'unreachable');
  }
}

/** The name of a folder on this server. @throws ToolError `folder_not_found`. */
async function pathOf(client: ImapFlow, folder: Folder): Promise<string> {
  if (folder === 'inbox') return 'INBOX';
  const found = (await client.list()).find(({ specialUse }) => specialUse === SPECIAL_USE[folder]);
  if (found) return found.path;
  throw new ToolError(`This mailbox has no folder for ${folder}. Try inbox.`, 'folder_not_found');
}
