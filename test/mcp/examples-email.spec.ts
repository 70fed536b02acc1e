import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { DovecotProcess } from '../support/dovecot-process.js';
import { closeWorlds, example, newWorld, threeWays, WAYS } from './examples.js';
import type { McpWorld } from './support.js';

// The example server for mail in all three ways, with real servers for SMTP and IMAP.

afterAll(closeWorlds);

describe('examples/mcp-email', () => {
  interface Delivered {
    to: string[];
    raw: string;
  }
  let smtp: SMTPServer;
  let world: McpWorld;
  const delivered: Delivered[] = [];

  beforeAll(async () => {
    smtp = new SMTPServer({
      authOptional: false,
      allowInsecureAuth: true,
      disabledCommands: ['STARTTLS'],
      onAuth: ({ username, password }, _session, done) => {
        if (username === 'bot' && password === 'p@ss') done(null, { user: 'bot' });
        else done(new Error('no'));
      },
      onRcptTo: ({ address }, _session, done) => {
        if (address.startsWith('nobody'))
          done(Object.assign(new Error('No such user'), { responseCode: 550 }));
        else done();
      },
      onData: (data, session: SMTPServerSession, done) => {
        let raw = '';
        data.on('data', (chunk: Buffer) => (raw += chunk.toString()));
        data.on('end', () => {
          delivered.push({ to: session.envelope.rcptTo.map(({ address }) => address), raw });
          done();
        });
      },
    });
    await once(smtp.listen(0, '127.0.0.1'), 'listening');
    const { port } = smtp.server.address() as AddressInfo;
    world = await threeWays('mcp-email', {
      SMTP_URL: `smtp://bot:p%40ss@127.0.0.1:${port}`,
      MAIL_FROM: 'Reprise <bot@example.com>',
    });
  });
  afterAll(async () => {
    const closed = once(smtp.server, 'close');
    smtp.close();
    await closed;
  });

  it.each(WAYS)('sends an email, after an approval (%s)', async (way) => {
    delivered.length = 0;
    expect(world.registry.find(`${way}__send_email`)).toMatchObject({ approval: true, idempotent: false });
    const result = await world.call(`${way}__send_email`, {
      to: ['ann@example.com'],
      cc: ['bo@example.com'],
      subject: 'Grüße\nBcc: eve@example.com',
      body: 'Hello',
      attachments: [{ filename: '../a.txt', content: 'aGk=', encoding: 'base64' }],
    });
    expect(result).toEqual({
      json: {
        status: 'sent',
        message_id: expect.stringMatching(/^<.+@example\.com>$/),
        recipients: ['ann@example.com', 'bo@example.com'],
        rejected: [],
      },
    });
    expect(delivered).toHaveLength(1);
    expect(delivered[0]?.to).toEqual(['ann@example.com', 'bo@example.com']);
    expect(delivered[0]?.raw).toMatch(/^From: Reprise <bot@example.com>/m);
    expect(delivered[0]?.raw).not.toMatch(/^Bcc:/im);
    expect(delivered[0]?.raw).toContain('aGk=');
  });

  it.each(WAYS)('says in words what was refused (%s)', async (way) => {
    const send = (to: string) => world.failure(`${way}__send_email`, { to: [to], subject: 's', body: 'b' });
    expect((await send('nobody@example.com')).message).toMatch(/^The mail server refused: 550/);
    expect((await send('no address')).message).toMatch(/email/i);
  });
});

describe('examples/mcp-email, searching', () => {
  let dovecot: DovecotProcess;
  let world: McpWorld;

  beforeAll(async () => {
    dovecot = await DovecotProcess.start();
    const mail = (subject: string, from: string, text: string): string =>
      `From: ${from}\nTo: ann@example.com\nSubject: ${subject}\nDate: Fri, 27 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n${text}\n`;
    dovecot.deliver('', '1.a', mail('Invoice 7', 'Bo <bo@example.com>', 'Gr=C3=BC=C3=9Fe'));
    dovecot.deliver('', '2.b', mail('Lunch', 'cy@example.com', 'The invoice is late'));
    dovecot.deliver('', '3.c', mail('Weather', 'dee@example.com', 'Rain'));
    dovecot.deliver('.Sent', '4.d', mail('Re: Invoice 7', 'ann@example.com', 'Paid'));
    world = await threeWays('mcp-email', { IMAP_URL: dovecot.url() });
  }, 60_000);
  afterAll(() => dovecot.stop());

  it.each(WAYS)('finds emails, newest first, and marks none as read (%s)', async (way) => {
    const result = await world.call(`${way}__search_emails`, { query: 'invoice' });
    expect(result.json).toEqual({
      count: 2,
      total: 2,
      emails: [
        expect.objectContaining({ subject: 'Lunch', snippet: 'The invoice is late' }),
        {
          id: '1',
          subject: 'Invoice 7',
          from: 'Bo <bo@example.com>',
          to: 'ann@example.com',
          date: '2026-11-27T10:00:00.000Z',
          snippet: 'Grüße',
        },
      ],
    });
    expect(dovecot.files().filter((name) => /:2,.*S/.test(name))).toEqual([]);
    expect(world.registry.find(`${way}__search_emails`)?.approval).toBe(false);
    expect(world.registry.find(`${way}__send_email`)).toBeUndefined();
  });

  it('looks into the folder that is meant', async () => {
    const found = await world.call('http__search_emails', { query: 'invoice', folder: 'sent' });
    expect(found).toMatchObject({ json: { count: 1, emails: [{ subject: 'Re: Invoice 7' }] } });
    expect((await world.failure('http__search_emails', { query: 'x', folder: 'drafts' })).message).toBe(
      'The mailbox has no folder for drafts.',
    );
  });

  it('takes a query for words, whatever it contains', async () => {
    const odd = await world.call('http__search_emails', { query: '") OR ALL\r\n* 1' });
    expect(odd).toMatchObject({ json: { count: 0 } });
  });

  it('says nothing of how the mailbox is reached', async () => {
    const env = { IMAP_URL: dovecot.url('wrong-password') };
    const shut = await newWorld({
      mail: { command: process.execPath, args: [example('mcp-email'), 'stdio'], env },
    });
    expect((await shut.failure('mail__search_emails', { query: 'x' })).message).toBe(
      'The mailbox cannot be read at the moment.',
    );
  });
});
