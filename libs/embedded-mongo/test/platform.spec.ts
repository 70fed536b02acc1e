import { sourcesOfRelease } from '../src/apt-sources.js';
import { EmbeddedMongoUnavailable } from '../src/index.js';
import { nodeCommand } from '../src/platform.js';

describe('a machine', () => {
  it.each([
    [{ platform: 'win32', arch: 'x64', glibc: undefined }, 'win32-x64'],
    [{ platform: 'darwin', arch: 'x64', glibc: undefined }, 'darwin-x64'],
    [{ platform: 'linux', arch: 'x64', glibc: undefined }, 'musl'],
  ])('without an engine gets one error that says what to do: %j', async (machine, reason) => {
    const error: unknown = await nodeCommand(machine).catch((thrown: unknown) => thrown);

    expect(error).toBeInstanceOf(EmbeddedMongoUnavailable);
    for (const text of [reason, 'MONGODB_URI', 'docker compose up -d mongo']) {
      expect((error as Error).message).toContain(text);
    }
  });

  it.each([
    { platform: 'linux', arch: 'arm64', glibc: '2.38' },
    { platform: 'linux', arch: 'x64', glibc: '3.0' },
    { platform: 'darwin', arch: 'arm64', glibc: undefined },
  ])('with everything it needs runs the engine with its own Node: %j', async (machine) => {
    expect(await nodeCommand(machine)).toEqual([process.execPath]);
  });
});

describe("the distribution's apt sources", () => {
  const bookworm = { id: 'debian', codename: 'bookworm' };

  it('are pointed at another release', () => {
    const deb822 = [
      '# a comment',
      'Types: deb deb-src',
      'URIs: http://mirror.test/debian',
      'Suites: bookworm bookworm-updates',
      '  bookworm-backports',
      'Components: main contrib',
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
      'Types: deb',
      'URIs: http://mirror.test/debian-security',
      'Suites: bookworm-security',
      'Components: main',
    ].join('\n');

    expect(sourcesOfRelease([deb822], bookworm, 'trixie').split('\n')).toEqual([
      'types: deb',
      'suites: trixie trixie-updates',
      'components: main',
      'uris: http://mirror.test/debian',
      'signed-by: /usr/share/keyrings/debian-archive-keyring.gpg',
      '',
      'types: deb',
      'suites: trixie-security',
      'components: main',
      'uris: http://mirror.test/debian-security',
      '',
    ]);
  });

  it('can be in the one-line format', () => {
    const list =
      'deb-src http://mirror.test/debian bookworm main\n deb [arch=amd64 trusted=yes] http://mirror.test/debian bookworm main\n';

    expect(sourcesOfRelease([list], bookworm, 'trixie').split('\n')).toEqual([
      'types: deb',
      'suites: trixie',
      'components: main',
      'uris: http://mirror.test/debian',
      'trusted: yes',
      '',
    ]);
  });

  it.each([
    'deb http://vendor.test/apt cloud-sdk-bookworm main',
    'deb http://vendor.test/linux/debian bookworm stable',
    'deb [signed-by=/usr/share/keyrings/vendor.gpg] http://vendor.test bookworm main',
    '# deb http://mirror.test/debian bookworm main',
    'Types: deb\nEnabled: no\nURIs: http://mirror.test\nSuites: bookworm\nComponents: main\n',
  ])('do not include %j', (text) => {
    expect(sourcesOfRelease([text], bookworm, 'trixie')).toBe('');
  });
});
