import { ImapFlow } from 'imapflow';
import nodemailer from 'nodemailer';
import { Problem } from '../serve.mjs';

const [CONNECT_MS, SOCKET_MS] = [10_000, 30_000];
const SNIPPET_CHARS = 300;
const SNIPPET_MAX_BYTES = 4000;
/** Folders by what they are for; their names differ between servers. */
const SPECIAL_USE = { sent: '\\Sent', drafts: '\\Drafts', trash: '\\Trash' };

/** Sends mail over SMTP. */
export class Outbox {
  /** @param {{ url: string, from: string }} settings */
  constructor({ url, from }) {
    this.from = from;
    const limits = { connectionTimeout: CONNECT_MS, greetingTimeout: CONNECT_MS, socketTimeout: SOCKET_MS };
    const { protocol, hostname, port, username, password } = new URL(url);
    const auth = username && { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
    this.transport = nodemailer.createTransport({
      ...limits,
      host: hostname,
      port: Number(port) || (protocol === 'smtps:' ? 465 : 587),
      secure: protocol === 'smtps:',
      ...(auth && { auth }),
      // What a model writes never names a file or an address to read from.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ to, cc, subject, body, html, attachments }) {
    const message = {
      from: this.from,
      to,
      cc,
      subject,
      text: body,
      ...(html !== undefined && { html }),
      attachments: attachments.map(({ filename, content, content_type, encoding }) => ({
        filename,
        content: Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8'),
        contentType: content_type,
      })),
    };
    const { messageId, accepted, rejected } = await this.transport.sendMail(message).catch(refused);
    return { status: 'sent', message_id: messageId, recipients: accepted, rejected };
  }
}

/** Searches a mailbox over IMAP; nothing in it is changed. */
export class Inbox {
  /** @param {{ url: string }} settings */
  constructor({ url }) {
    this.url = new URL(url);
  }

  async search({ query, folder, limit }) {
    const client = this.client();
    try {
      await client.connect();
      await client.mailboxOpen(await this.pathOf(client, folder), { readOnly: true });
      const words = query.replace(/\p{Cc}+/gu, ' '); // a line break would end the command
      const wanted = { or: [{ subject: words }, { from: words }, { body: words }] };
      const found = (await client.search(wanted, { uid: true })) || [];
      const newest = found.slice(-limit).reverse();
      const emails = [];
      for (const uid of newest) emails.push(await this.summary(client, uid));
      return { emails, count: emails.length, total: found.length };
    } catch (error) {
      throw unreadable(error);
    } finally {
      await client.logout().catch(() => client.close());
    }
  }

  client() {
    const { protocol, hostname, port, username, password } = this.url;
    const secure = protocol === 'imaps:';
    const client = new ImapFlow({
      host: hostname,
      port: Number(port) || (secure ? 993 : 143),
      secure,
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
      logger: false,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      socketTimeout: SOCKET_MS,
    });
    client.on('error', () => undefined); // the call that was under way fails, too
    return client;
  }

  async pathOf(client, folder) {
    if (folder === 'inbox') return 'INBOX';
    const all = await client.list();
    const box = all.find(({ specialUse }) => specialUse === SPECIAL_USE[folder]);
    if (!box) throw new Problem(`The mailbox has no folder for ${folder}.`);
    return box.path;
  }

  async summary(client, uid) {
    const message = await client.fetchOne(uid, { envelope: true, bodyStructure: true }, { uid: true });
    const { subject = '', from = [], to = [], date } = message.envelope;
    return {
      id: String(uid),
      subject,
      from: from.map(address).join(', '),
      to: to.map(address).join(', '),
      date: date?.toISOString(),
      snippet: await this.snippet(client, uid, textPart(message.bodyStructure)),
    };
  }

  async snippet(client, uid, part) {
    if (part === undefined) return '';
    const { content } = await client.download(uid, part, { uid: true, maxBytes: SNIPPET_MAX_BYTES });
    let text = '';
    for await (const chunk of content) text += chunk.toString('utf8');
    return text.replace(/\s+/g, ' ').trim().slice(0, SNIPPET_CHARS);
  }
}

/** The number of the first part that is plain text. */
function textPart(node) {
  if (node.type === 'text/plain') return node.part ?? '1';
  return node.childNodes?.map(textPart).find((part) => part !== undefined);
}

function address({ name, address: mail }) {
  return name ? `${name} <${mail}>` : mail;
}

function refused(error) {
  if (error.responseCode >= 500) throw new Problem(`The mail server refused: ${error.response}`);
  console.error('The mail could not be sent:', error.message);
  throw new Problem('The mail server cannot be reached at the moment. Whether the mail was sent is unknown.');
}

function unreadable(error) {
  if (error instanceof Problem) return error;
  console.error('The mailbox cannot be read:', error.message);
  return new Problem('The mailbox cannot be read at the moment.');
}
