import type { LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import { request } from 'undici';
import { loadSettings } from '../../src/platform/config/index.js';
import { AddressGuard } from '../../src/toolbox/pages/address-guard.js';
import { guardedAgent } from '../../src/toolbox/pages/guarded-agent.js';
import { openToolbox, redirects, sends, Site, type Toolbox } from './support.js';

const guardWith = (FETCH_ALLOW_HOSTS = ''): AddressGuard =>
  new AddressGuard(loadSettings({ FETCH_ALLOW_HOSTS }));

describe('an address', () => {
  const guard = guardWith();

  it.each([
    // this machine and nothing
    '127.0.0.1',
    '127.255.255.254',
    '0.0.0.0',
    '0.1.2.3',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::127.0.0.1',
    // private
    '10.0.0.1',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.1.1',
    'fc00::1',
    'fd00:ec2::254',
    '::ffff:10.0.0.1',
    // the neighbourhood; the machines of clouds that hand out credentials
    '169.254.169.254',
    '169.254.0.1',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    '100.64.0.1',
    '100.100.100.200',
    '192.0.0.192',
    '168.63.129.16',
    '::ffff:169.254.169.254',
    // not one machine, or no machine
    '224.0.0.1',
    '255.255.255.255',
    '240.0.0.1',
    'ff02::1',
    '192.0.2.1',
    '198.51.100.7',
    '203.0.113.9',
    '198.18.0.1',
    '192.88.99.1',
    '2001:db8::1',
    '100::1',
    '4000::1',
    '5f00::1',
    '3fff::1',
    // an address within an address
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2001::1',
    '::ffff:0:127.0.0.1',
    // none at all
    '',
    'localhost',
    'example.com',
    '127.0.0.1:80',
    '300.1.1.1',
  ])('%s is refused', (address) => {
    expect(guard.permits(address)).toBe(false);
  });

  it.each([
    '1.1.1.1',
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '169.253.1.1',
    '2606:4700:4700::1111',
    '2a00:1450::5',
    '::ffff:8.8.8.8',
    '64:ff9b::808:808',
  ])('%s is public', (address) => {
    expect(guard.permits(address)).toBe(true);
  });

  it('of this machine is refused, whatever it is', () => {
    for (const { address } of Object.values(networkInterfaces()).flatMap((each) => each ?? []))
      expect([address, guard.permits(address)]).toEqual([address, false]);
  });
});

describe('the list of trusted hosts', () => {
  it.each([
    ['wiki.local', 'wiki.local', 443, true],
    ['wiki.local', 'WIKI.local.', 8080, true],
    ['Wiki.Local:8080', 'wiki.local', 8080, true],
    ['wiki.local:8080', 'wiki.local', 80, false],
    ['wiki.local', 'evil.wiki.local', 80, false],
    ['wiki.local', 'wiki.local.evil.com', 80, false],
    ['[::1]:9000', '::1', 9000, true],
    ['127.0.0.1', '127.0.0.2', 80, false],
    ['', 'localhost', 80, false],
  ])('%s: %s port %d', (listed, host, port, trusted) => {
    expect(guardWith(listed).trusts(host, port)).toBe(trusted);
  });
});

describe('a connection', () => {
  let site: Site;
  let gate: Site;
  let toolbox: Toolbox;
  beforeAll(async () => {
    site = await Site.start({ '/secret': sends('the secret') });
    gate = await Site.start();
    toolbox = await openToolbox({ TOOLBOX: 'fetch_page', FETCH_ALLOW_HOSTS: gate.host });
  });
  afterAll(async () => {
    expect(site.asked).toEqual([]);
    await toolbox.close();
    await site.stop();
    await gate.stop();
  });

  const port = (): string => site.host.split(':')[1]!;
  const spellings = [
    '127.0.0.1',
    'localhost',
    'LOCALHOST',
    '127.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '127.0.0.1.',
    '127。0。0。1',
    '①②⑦.0.0.1',
    '%31%32%37.0.0.1',
    '0.0.0.0',
    '0',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[0:0:0:0:0:ffff:127.0.0.1]',
    '[64:ff9b::127.0.0.1]',
  ];

  it.each(spellings)('to http://%s is refused before it is made', async (host) => {
    const { code, message } = await toolbox.fault('fetch_page', { url: `http://${host}:${port()}/secret` });
    expect(code).toBe('address_not_public');
    expect(message).toMatch(
      /^The address of .+ is not public\. Only pages on the public internet can be read\.$/,
    );
  });

  it.each([...spellings, ...spellings.slice(0, 2).map((host) => `user@${host}`)])(
    'that a page redirects to http://%s is refused',
    async (host) => {
      for (const status of [301, 302, 303, 307, 308]) {
        gate.answers['/go'] = redirects(`http://${host}:${port()}/secret`, status);
        const { code } = await toolbox.fault('fetch_page', { url: gate.url('/go') });
        expect(code).toBe(host.includes('@') ? 'invalid_url' : 'address_not_public');
      }
    },
  );

  it('goes to the address that was checked, not to one that the name resolves to later', async () => {
    class OnlyTheSecond extends AddressGuard {
      override permits(address: string): boolean {
        return address === '127.0.0.2'; // stands for a public address; nobody listens there
      }
    }
    const given: string[] = [];
    const changing: LookupFunction = (_hostname, _options, callback) => {
      const address = given.length === 0 ? '127.0.0.2' : '127.0.0.1';
      given.push(address);
      process.nextTick(callback, null, [{ address, family: 4 }]);
    };
    const agent = guardedAgent(new OnlyTheSecond(loadSettings({})), 1000, changing);
    const ask = () => request(`http://rebinds.example:${port()}/secret`, { dispatcher: agent });
    await expect(ask()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    expect(given).toEqual(['127.0.0.2']);
    await expect(ask()).rejects.toMatchObject({ code: 'address_not_public' });
    expect(given).toEqual(['127.0.0.2', '127.0.0.1']);
    await agent.destroy();
  });

  it('is refused if only one of several addresses is not public', async () => {
    const mixed: LookupFunction = (_hostname, _options, callback) => {
      process.nextTick(callback, null, [
        { address: '93.184.215.14', family: 4 },
        { address: '127.0.0.1', family: 4 },
      ]);
    };
    const agent = guardedAgent(guardWith(), 1000, mixed);
    const sent = request(`http://mixed.example:${port()}/secret`, { dispatcher: agent });
    await expect(sent).rejects.toMatchObject({ code: 'address_not_public' });
    await agent.destroy();
  });

  it('looks a name up once and connects to what came back', async () => {
    let lookups = 0;
    const here: LookupFunction = (_hostname, _options, callback) => {
      lookups++;
      process.nextTick(callback, null, [{ address: '127.0.0.1', family: 4 }]);
    };
    gate.answers['/here'] = sends('reached');
    const agent = guardedAgent(guardWith('anywhere.example'), 1000, here);
    const gatePort = gate.host.split(':')[1]!;
    const { body } = await request(`http://anywhere.example:${gatePort}/here`, { dispatcher: agent });
    expect(await body.text()).toBe('reached');
    expect(lookups).toBe(1);
    await agent.destroy();
  });
});
