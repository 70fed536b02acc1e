import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { DovecotProcess } from '../support/dovecot-process.js';
import { until } from '../support/until.js';
import { openToolbox, type Toolbox } from './support.js';

let dovecot: DovecotProcess;
let tools: Toolbox;

const head = (subject: string, day: number, more = ''): string =>
  `From: Bo Jensen <bo@example.com>\nTo: ann@example.com\nSubject: ${subject}\nDate: Fri, ${day} Nov 2026 10:00:00 +0000\nMessage-ID: <${day}@example.com>\n${more}`;

beforeAll(async () => {
  dovecot = await DovecotProcess.start();
  dovecot.deliver('', '1.a', `${head('Tender for the bridge', 6)}\nThe tender needs CSR figures.\n`);
  dovecot.deliver(
    '',
    '2.a',
    `${head('=?UTF-8?Q?Udbud_p=C3=A5_broen?=', 7, 'MIME-Version: 1.0\nContent-Type: text/html; charset=iso-8859-1\nContent-Transfer-Encoding: quoted-printable\n')}\n<style>p{}</style><p>Tender: gr=F8n =\nbro</p>\n`,
  );
  dovecot.deliver(
    '',
    '3.a',
    `${head('Tender files', 8, 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n')}\n--x\nContent-Type: text/plain; charset=utf-8\nContent-Disposition: attachment; filename=secret.txt\n\nattached\n--x\nContent-Type: multipart/alternative; boundary=y\n\n--y\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${Buffer.from('Se vedhæftede \u202E CSR').toString('base64')}\n--y\nContent-Type: text/html\n\n<p>no</p>\n--y--\n--x--\n`,
  );
  dovecot.deliver('', '4.a', `${head('Lunch', 9)}\nSoup.\n`);
  dovecot.deliver('', '5.a', `${head('Large tender', 10)}\n${'CSR '.repeat(200_000)}\n`);
  dovecot.deliver('.Papierkorb', '6.a', `${head('Old tender', 5)}\nGone.\n`);
  tools = await openToolbox({ IMAP_URL: dovecot.url() });
}, 60_000);
afterAll(async () => {
  await tools.close();
  await dovecot.stop();
});

const search = async (args: object): Promise<any> => (await tools.call('search_emails', args)).json;
const subjects = async (args: object): Promise<string[]> =>
  (await search(args)).emails.map(({ subject }: { subject: string }) => subject);

describe('a search', () => {
  it('gives e-mails with the beginning of their text, newest first', async () => {
    const result = await tools.call('search_emails', { query: 'tender', limit: 4 });
    const day = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(result).toEqual({
      json: {
        total: 4,
        emails: expect.arrayContaining([
          {
            id: expect.stringMatching(/^\d+$/),
            subject: 'Tender for the bridge',
            from: 'Bo Jensen <bo@example.com>',
            date: day,
            snippet: 'The tender needs CSR figures.',
          },
          expect.objectContaining({ subject: 'Udbud på broen', snippet: 'Tender: grøn bro' }),
          expect.objectContaining({ subject: 'Tender files', snippet: 'Se vedhæftede CSR' }),
          expect.objectContaining({
            subject: 'Large tender',
            snippet: expect.stringMatching(/^(CSR ){100,}.*…$/),
          }),
        ]),
      },
      summary: 'Found 4 e-mails',
    });
    const ids = (result.json as any).emails.map(({ id }: { id: string }) => Number(id));
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect(tools.progress.at(-1)).toBe('Read 4 of 4 e-mails');
  });

  it.each([
    ['tender CSR', 3],
    ['csr bridge', 1],
    ['"for the bridge"', 1],
    ['"bridge the for"', 0],
    ['grøn', 1],
    ['zebra', 0],
    ['bo@example.com lunch', 1],
  ])('%s: %d', async (query, count) => {
    expect((await search({ query })).total).toBe(count);
  });

  it('has a limit, and says how many there are', async () => {
    const { json, summary } = await tools.call('search_emails', { query: 'tender', limit: 1 });
    expect((json as any).emails).toHaveLength(1);
    expect((json as any).total).toBe(4);
    expect(summary).toBe('Found 1 e-mail of 4');
  });

  it('looks in the folder that was asked for, whatever its name', async () => {
    expect(await subjects({ query: 'tender', folder: 'trash' })).toEqual(['Old tender']);
    expect(await subjects({ query: 'tender', folder: 'sent' })).toEqual([]);
    expect((await tools.fault('search_emails', { query: 'x', folder: 'drafts' })).code).toBe(
      'folder_not_found',
    );
  });

  it.each(['x" OR ALL', 'a)\r\nA1 DELETE INBOX', '{5}', '\\', '* (BODY', 'NOT DELETED'])(
    'takes %j as words',
    async (query) => {
      expect((await search({ query })).emails).toEqual([]);
      expect(dovecot.files().length).toBe(5);
    },
  );

  it('changes nothing: what was unread stays unread', async () => {
    await search({ query: 'tender' });
    expect(dovecot.files()).toHaveLength(5);
    for (const name of dovecot.files()) expect(name).not.toMatch(/:2,.*S/);
  });
});

describe('arguments', () => {
  it.each([
    {},
    { query: '' },
    { query: ' "" ' },
    { query: 'x', folder: 'INBOX/../x' },
    { query: 'x', limit: 101 },
  ])('%j are refused', async (args) => {
    expect((await tools.fault('search_emails', args)).code).toBe('invalid_arguments');
  });
});

describe('when the server fails', () => {
  async function faultAt(url: string): Promise<string> {
    const box = await openToolbox({ IMAP_URL: url, TOOLBOX_TIMEOUT_MS: '3000' });
    const error = await box.fault('search_emails', { query: 'x' });
    await box.close();
    expect(JSON.stringify([error.message, error.stack])).not.toMatch(/pw-|wrong-/);
    return error.code;
  }

  it('a wrong password', async () => {
    const box = await openToolbox({ IMAP_URL: dovecot.url('wrong-password') });
    const error = await box.fault('search_emails', { query: 'x' });
    expect(error.code).toBe('not_authorized');
    expect(error.message).toContain('IMAP_URL');
    await box.close();
  });

  it('nobody listens', async () => {
    expect(await faultAt('imap://ann:pw-0123456789@127.0.0.1:1')).toBe('unreachable');
  });

  it.each([
    ['silence', '', 'timed_out'],
    ['another protocol', 'HTTP/1.1 400 Bad Request\r\n\r\n', 'unreachable'],
    ['a farewell', '* BYE too busy\r\n', 'unreachable'],
    ['an endless line', `* OK ${'x'.repeat(5_000_000)}`, 'timed_out'],
  ])('%s', async (_what, greeting, code) => {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write(greeting);
      if (code === 'unreachable') socket.end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const found = await faultAt(`imap://ann:pw-0123456789@127.0.0.1:${port}`);
    expect(code === 'timed_out' ? ['timed_out', 'unreachable'] : [code]).toContain(found);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  it('it ends with the call', async () => {
    const sockets: net.Socket[] = [];
    const server = net.createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const box = await openToolbox({
      IMAP_URL: `imap://ann:pw@127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    const end = new AbortController();
    const call = box.call('search_emails', { query: 'x' }, end.signal);
    await until('the server is asked', () => sockets.length === 1);
    end.abort(new Error('cancelled'));
    await expect(call).rejects.toThrow('cancelled');
    await until(
      'the connection is closed',
      () => sockets[0]!.resume().destroyed || sockets[0]!.readableEnded,
    );
    sockets[0]!.destroy();
    server.close();
    await box.close();
  });
});
