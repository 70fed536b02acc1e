import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { until } from '../support/until.js';
import { openToolbox, type Toolbox } from './support.js';

const PASSWORD = 'pw-0123456789';

/** An e-mail that a server has taken. */
interface Taken {
  from: string;
  to: string[];
  source: string;
}

const closing: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

/** A real SMTP server. */
async function smtpServer(options: SMTPServerOptions = {}): Promise<{ url: string; taken: Taken[] }> {
  const taken: Taken[] = [];
  const server = new SMTPServer({
    hideSTARTTLS: true,
    allowInsecureAuth: true,
    disableReverseLookup: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) => {
      if (username === 'ann@example.com' && password === PASSWORD) done(null, { user: username });
      else done(new Error(`Wrong: ${password ?? ''}`));
    },
    onData: (stream, { envelope }, done) => {
      let source = '';
      stream.setEncoding('utf8');
      stream.on('data', (chunk: string) => {
        source += chunk;
      });
      stream.on('end', () => {
        const from = envelope.mailFrom === false ? '' : envelope.mailFrom.address;
        taken.push({ from, to: envelope.rcptTo.map(({ address }) => address), source });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined); // clients that hang up
  const listening = server.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  closing.push(
    () =>
      new Promise((closed) => {
        server.close(() => {
          closed(undefined);
        });
      }),
  );
  const { port } = listening.address() as AddressInfo;
  return { url: `smtp://ann%40example.com:${PASSWORD}@127.0.0.1:${port}`, taken };
}

async function toolsAt(url: string, env: Record<string, string> = {}): Promise<Toolbox> {
  const tools = await openToolbox({
    SMTP_URL: url,
    EMAIL_FROM: 'desk@reprise.example',
    EMAIL_RECIPIENTS: '@example.com, boss@other.example',
    ...env,
  });
  closing.push(() => tools.close());
  return tools;
}

const mail = { to: ['bo@example.com'], subject: 'Møde i morgen', body: 'Kl. 10.\n.\nHilsen' };

describe('an e-mail', () => {
  it('is sent once, to everybody, and says so', async () => {
    const { url, taken } = await smtpServer();
    const tools = await toolsAt(url);
    const { json, summary } = await tools.call('send_email', {
      ...mail,
      to: ['bo@example.com', 'BOSS@other.example'],
      cc: ['cy@EXAMPLE.com', 'bo@example.com'],
    });
    const recipients = ['bo@example.com', 'BOSS@other.example', 'cy@EXAMPLE.com'];
    expect(json).toEqual({
      status: 'sent',
      message_id: expect.stringMatching(/^<[0-9a-f]{32}@reprise\.example>$/),
      recipients,
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(summary).toBe(`Sent to ${recipients.join(', ')}`);
    expect(taken).toEqual([{ from: 'desk@reprise.example', to: recipients, source: expect.any(String) }]);
    const [{ source } = { source: '' }] = taken;
    expect(source).toContain('From: desk@reprise.example');
    expect(source).toContain('Subject: =?UTF-8?Q?M=C3=B8de_i_morgen?=');
    expect(source).toContain('Kl. 10.\r\n.\r\nHilsen');
    expect(source).toContain(`Message-ID: ${(json as any).message_id}`);
  });

  it('has the same Message-ID when its call is run again', async () => {
    const { url } = await smtpServer();
    const tools = await toolsAt(url);
    const [first, second] = [await tools.call('send_email', mail), await tools.call('send_email', mail)];
    expect((first.json as any).message_id).toBe((second.json as any).message_id);
  });

  it('may be HTML, with files', async () => {
    const { url, taken } = await smtpServer();
    const tools = await toolsAt(url);
    await tools.call('send_email', {
      ...mail,
      body: '<p>Hello <b>Bo</b></p><script>x</script><img src="file:///etc/passwd">',
      attachments: [
        { filename: 'a.csv', content: 'a,b' },
        { filename: 'b.bin', content: 'AAEC', encoding: 'base64', content_type: 'application/octet-stream' },
      ],
    });
    const source = taken[0]!.source;
    expect(source).toContain('Content-Type: text/html');
    expect(source).toMatch(/text\/plain[^]*?\r\n\r\nHello Bo\r\n/);
    expect(source).toContain('filename=a.csv');
    expect(source).toContain(Buffer.from('a,b').toString('base64'));
    expect(source).toContain('AAEC');
    expect(source).not.toContain('root:');
  });

  it('needs approval, and is never repeated', async () => {
    const tools = await toolsAt('smtp://127.0.0.1:1');
    expect(tools.registry.find('send_email')).toMatchObject({ approval: true, idempotent: false });
  });
});

describe('nothing is sent', () => {
  const file = { filename: 'a', content: 'x' };
  it.each<[object, string]>([
    [{ ...mail, to: [] }, 'to'],
    [{ ...mail, to: 'bo@example.com' }, 'to'],
    [{ ...mail, to: ['bo'] }, 'to'],
    [{ ...mail, to: ['bo@example.com\r\nBcc: eve@evil.example'] }, 'to'],
    [{ ...mail, to: ['Bo <bo@example.com>'] }, 'to'],
    [{ ...mail, to: ['a@evil.example,bo@example.com'] }, 'to'],
    [{ ...mail, to: Array.from({ length: 21 }, (_, n) => `a${n}@example.com`) }, 'to'],
    [{ ...mail, cc: ['x\n@example.com'] }, 'cc'],
    [{ ...mail, subject: 'Hi\r\nBcc: eve@evil.example' }, 'subject'],
    [{ ...mail, subject: 'Hi\u2028Bcc: eve@evil.example' }, 'subject'],
    [{ ...mail, subject: ' ' }, 'subject'],
    [{ ...mail, body: '' }, 'body'],
    [{ ...mail, attachments: [{ ...file, filename: 'a\r\nX: y' }] }, 'filename'],
    [{ ...mail, attachments: [{ ...file, filename: '../a' }] }, 'filename'],
    [{ ...mail, attachments: [{ ...file, content_type: 'text/plain\r\nX: y' }] }, 'content_type'],
    [{ ...mail, attachments: [{ ...file, content: 'x'.repeat(5_000_001) }] }, 'attachments'],
    [{ ...mail, attachments: [{ filename: 'a', path: '/etc/passwd' }] }, 'content'],
  ])('by arguments that are wrong: %#', async (args, named) => {
    const { url, taken } = await smtpServer();
    const tools = await toolsAt(url);
    const error = await tools.fault('send_email', args);
    expect(error.code).toBe('invalid_arguments');
    expect(error.message).toContain(named);
    expect(taken).toEqual([]);
  });

  it.each(['eve@evil.example', 'bo@sub.example.com', 'bo@example.com.evil.example', 'eve@other.example'])(
    'to somebody who is not on the list: %s',
    async (stranger) => {
      const { url, taken } = await smtpServer();
      const tools = await toolsAt(url);
      for (const args of [
        { ...mail, to: [...mail.to, stranger] },
        { ...mail, cc: [stranger] },
      ]) {
        const error = await tools.fault('send_email', args);
        expect(error.code).toBe('recipient_not_allowed');
        expect(error.message).toContain(stranger);
        expect(error.message).not.toContain('bo@example.com,');
      }
      expect(taken).toEqual([]);
      const free = await toolsAt(url, { EMAIL_RECIPIENTS: '*' });
      await free.call('send_email', { ...mail, to: [stranger] });
      expect(taken).toHaveLength(1);
    },
  );

  const never = (): void => undefined;
  it.each<[string, SMTPServerOptions, string]>([
    [
      'a wrong password',
      {
        onAuth: (_auth, _session, done) => {
          done(new Error(`no ${PASSWORD}`));
        },
      },
      'not_authorized',
    ],
    ['a server without logins', { authOptional: true, disabledCommands: ['AUTH'] }, 'not_authorized'],
    [
      'no recipient it takes',
      {
        onRcptTo: (_address, _session, done) => {
          done(new Error('no such user'));
        },
      },
      'rejected',
    ],
    [
      'an e-mail it does not take',
      {
        onData: (stream, _session, done) =>
          void stream.resume().on('end', () => {
            done(new Error('looks like spam'));
          }),
      },
      'rejected',
    ],
    ['an e-mail too large for it', { size: 100 }, 'rejected'],
    ['silence at the start', { onConnect: never }, 'timed_out'],
    ['silence at the login', { onAuth: never }, 'timed_out'],
  ])('%s', async (_what, options, code) => {
    const { url, taken } = await smtpServer(options);
    const tools = await toolsAt(url, code === 'timed_out' ? { TOOLBOX_TIMEOUT_MS: '1000' } : {});
    const error = await tools.fault('send_email', { ...mail, body: 'x'.repeat(200) });
    expect(error.code).toBe(code);
    expect(JSON.stringify([error.message, error.stack])).not.toContain(PASSWORD);
    expect(taken).toEqual([]);
  });

  it('where nobody listens, or nobody speaks SMTP', async () => {
    const closed = await toolsAt(`smtp://u:${PASSWORD}@127.0.0.1:1`);
    expect((await closed.fault('send_email', mail)).code).toBe('unreachable');
    const server = net.createServer((socket) =>
      socket.on('error', never).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const odd = await toolsAt(`smtp://u:${PASSWORD}@127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect((await odd.fault('send_email', mail)).code).toBe('unreachable');
    server.close();
  });
});

describe('while it is on its way', () => {
  it('one of two recipients is refused: the other gets it', async () => {
    const { url, taken } = await smtpServer({
      onRcptTo: ({ address }, _session, done) => {
        done(address.startsWith('no') ? new Error('no such user') : null);
      },
    });
    const tools = await toolsAt(url);
    const { json } = await tools.call('send_email', { ...mail, to: ['bo@example.com', 'no@example.com'] });
    expect(json).toMatchObject({
      status: 'partly_sent',
      recipients: ['bo@example.com'],
      rejected: ['no@example.com'],
    });
    expect(taken).toHaveLength(1);
  });

  it.each(['the server falls silent', 'the connection breaks'])(
    '%s: nobody knows, and nobody pretends to',
    async (what) => {
      const { url } = await smtpServer({
        onData: (stream) => {
          stream.resume().on('end', () => {
            if (what !== 'the connection breaks') return;
            for (const socket of sockets) socket.destroy();
          });
        },
      });
      const sockets: net.Socket[] = [];
      const relay = net.createServer((client) => {
        const upstream = net.connect(Number(new URL(url).port), '127.0.0.1');
        for (const socket of [client, upstream]) socket.on('error', () => undefined);
        sockets.push(client, upstream);
        client.pipe(upstream).pipe(client);
      });
      await once(relay.listen(0, '127.0.0.1'), 'listening');
      const near = url.replace(/:\d+$/, `:${(relay.address() as AddressInfo).port}`);
      const tools = await toolsAt(
        near,
        what === 'the connection breaks' ? {} : { TOOLBOX_TIMEOUT_MS: '3000' },
      );
      const error = await tools.fault('send_email', mail);
      expect(error.code).toBe('maybe_sent');
      expect(error.message).toContain('may have been delivered');
      for (const socket of sockets) socket.destroy();
      relay.close();
    },
  );

  it('it ends with the call', async () => {
    let connected = 0;
    const { url, taken } = await smtpServer({
      onAuth: () => undefined,
      onConnect: (_session, done) => {
        connected++;
        done();
      },
      onClose: () => {
        connected--;
      },
    });
    const tools = await toolsAt(url);
    const end = new AbortController();
    const call = tools.call('send_email', mail, end.signal);
    await until('the server is asked', () => connected === 1);
    end.abort(new Error('cancelled'));
    await expect(call).rejects.toThrow('cancelled');
    await until('the connection is closed', () => connected === 0);
    expect(taken).toEqual([]);
  });
});

it('a password travels only encrypted to other machines', async () => {
  const { mailServer } = await import('../../src/toolbox/email/server-url.js');
  expect(mailServer('smtp://u:p%40ss@mail.example')).toEqual({
    host: 'mail.example',
    port: 587,
    secure: false,
    login: { user: 'u', pass: 'p@ss' },
    local: false,
  });
  expect(mailServer('imaps://[::1]:1993')).toEqual({
    host: '::1',
    port: 1993,
    secure: true,
    login: undefined,
    local: true,
  });
  expect(mailServer('smtp://127.0.0.1.evil.example').local).toBe(false);
});
