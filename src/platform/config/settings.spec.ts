import { loadSettings, settingsSchema, SettingsError } from './settings.js';
import { similarNames } from './similar-names.js';

const failure = (env: Record<string, string>): string => {
  try {
    loadSettings(env);
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('the key of the model provider', () => {
  it.each([
    ['an ellipsis', 'sk-abc\u2026xyz', 'U+2026, character number 7'],
    ['a dash', 'sk\u2013abcdef', 'U+2013, character number 3'],
    ['a line break', 'sk-abc\ndef', 'U+000A, character number 7'],
    ['an emoji', 'sk-😀', 'U+1F600, character number 4'],
    ['a zero-width space', '\u200Bsk-abc', 'U+200B, character number 1'],
  ])('with %s prevents the start with one sentence that does not show it', (_what, key, place) => {
    const message = failure({ OPENAI_API_KEY: key });
    expect(message).toContain('OPENAI_API_KEY');
    expect(message).toContain(`contains a character that no HTTP header can carry (${place})`);
    expect(message).not.toMatch(/sk|abc|xyz|def/);
  });

  it('is trimmed', () => {
    expect(loadSettings({ OPENAI_API_KEY: ' sk-abc \n' }).OPENAI_API_KEY).toBe('sk-abc');
  });
});

it.each([
  ['OPENAI_BASE_URL', 'https://user:secret@host/v1', 'a user name'],
  ['HTTPS_PROXY', 'ftp://user:secret@host', 'http://'],
  ['ALL_PROXY', 'socks9://user:secret@host', 'socks5://'],
])('%s=%s is rejected and not shown', (name, value, why) => {
  const message = failure({ [name]: value });
  expect(message).toContain(name);
  expect(message).toContain(why);
  expect(message).not.toContain('secret');
});

describe('proxies', () => {
  it('are read in both spellings, lower case first', () => {
    const { HTTP_PROXY, HTTPS_PROXY, NO_PROXY } = loadSettings({
      HTTP_PROXY: 'http://upper',
      http_proxy: 'http://lower',
      HTTPS_PROXY: 'http://upper',
      no_proxy: 'localhost',
    });
    expect([HTTP_PROXY, HTTPS_PROXY, NO_PROXY]).toEqual(['http://lower', 'http://upper', 'localhost']);
  });

  it('need no scheme', () => {
    expect(loadSettings({ HTTP_PROXY: 'proxy:3128' }).HTTP_PROXY).toBe('http://proxy:3128');
  });
});

const NAMES = Object.keys(settingsSchema.shape);
/** Whatever somebody may write: at least one of them is wrong for any setting that does not accept every text. */
const ODD = [
  'abc',
  '-1',
  '-0.5',
  '1.5',
  '1e400',
  'NaN',
  '99999999999999999999',
  '/',
  'foo://bar',
  'a b\u0007',
  ' ñ…',
];
/** Settings that accept any text that is not blank. */
const FREE = new Set([
  'AGENTS_FILE',
  'HOST',
  'DATA_DIR',
  'MCP_SERVERS_FILE',
  'MODEL_PRICES_FILE',
  'OPENAI_MODEL',
  'EMBEDDINGS_MODEL',
  'CORS_ORIGINS',
  'NO_PROXY',
  'AUTH_ISSUER',
  'AUTH_AUDIENCE',
  'AUTH_TENANT_CLAIM',
  'OIDC_CLIENT_ID',
  'OIDC_CLIENT_SECRET',
  'OIDC_NAME',
  'OIDC_ADMIN_VALUE',
  'OTEL_SERVICE_NAME',
  'SENTRY_ENVIRONMENT',
]);
const SECRET = /KEY|TOKEN|SECRET|PASSWORD|URI|URL|PROXY|DSN|HEADERS|ENDPOINT/;

function faultsOf(env: Record<string, string>): readonly string[] {
  try {
    loadSettings(env);
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.faults;
    throw error;
  }
}

describe('a wrong setting', () => {
  it.each(NAMES)('%s is reported in words, whatever is wrong with it', (name) => {
    const others = {
      REDIS_URL: 'redis://r',
      APPROVAL_WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}`,
      EMBEDDINGS_BASE_URL: 'http://e',
    };
    const faults = ODD.flatMap((value) => faultsOf({ ...others, [name]: value }));
    if (!FREE.has(name) && name !== 'OPENAI_API_KEY') expect(faults).not.toEqual([]);
    for (const fault of faults) {
      expect(fault).toMatch(new RegExp(`^${name} (must|may|contains) .*\\.$`));
      expect(fault).not.toMatch(
        /expected|received|invalid|NaN\b(?!")|>=|<=|pattern|Too (small|big)|fits what/i,
      );
      if (SECRET.test(name)) for (const value of ODD) expect(fault).not.toContain(`"${value}"`);
    }
  });

  it.each<[Record<string, string>, string]>([
    [
      { EMBEDDINGS_MODEL: 'm' },
      'EMBEDDINGS_API_KEY must be set because EMBEDDINGS_MODEL is; or EMBEDDINGS_BASE_URL, for a server that needs no key.',
    ],
    [
      { OIDC_ISSUER: 'https://id.example', AUTH_MODE: 'accounts', PUBLIC_URL: 'https://chat.example' },
      'OIDC_CLIENT_ID must be set because OIDC_ISSUER is.',
    ],
    [
      { OIDC_ISSUER: 'https://id.example', OIDC_CLIENT_ID: 'x', PUBLIC_URL: 'https://chat.example' },
      'OIDC_ISSUER must not be set unless AUTH_MODE is "accounts".',
    ],
    [
      { PUBLIC_URL: 'https://chat.example/x' },
      'PUBLIC_URL must be an origin, e.g. https://chat.example.com.',
    ],
    [{ PORT: 'abc' }, 'PORT must be a whole number from 0 to 65535, not "abc".'],
    [{ PORT: '65536' }, 'PORT must be a whole number from 0 to 65535, not "65536".'],
    [{ RUN_LEASE_MS: '1' }, 'RUN_LEASE_MS must be a whole number of at least 500, not "1".'],
    [{ RUN_MAX_STEPS: '0' }, 'RUN_MAX_STEPS must be a whole number from 1 to 1000, not "0".'],
    [{ READY_MAX_HEAP: '2' }, 'READY_MAX_HEAP must be a number above 0 and of at most 1, not "2".'],
    [{ OPENAI_BASE_URL: 'x:sk-1@y' }, 'OPENAI_BASE_URL must be a URL that begins with http:// or https://.'],
    [{ REDIS_URL: 'http://u:pw@h' }, 'REDIS_URL must be a URL that begins with redis:// or rediss://.'],
    [
      { APPROVAL_WEBHOOK_URL: 'https://hooks.example/x' },
      'APPROVAL_WEBHOOK_SECRET must be set because APPROVAL_WEBHOOK_URL is: without a signature nobody can tell whose report it is.',
    ],
    [
      {
        APPROVAL_WEBHOOK_URL: 'https://a:b@hooks.example/x',
        APPROVAL_WEBHOOK_SECRET: `whsec_${'A'.repeat(32)}`,
      },
      'APPROVAL_WEBHOOK_URL must not contain a user name or a password.',
    ],
    [{ MONGODB_URI: 'u:pw@h' }, 'MONGODB_URI must start with mongodb:// or mongodb+srv://.'],
    [
      { MODEL_CONCURRENCY: '0' },
      'MODEL_CONCURRENCY must be "auto" or a whole number from 1 to 10000, not "0".',
    ],
    [{ MODEL_TOOLS: 'no' }, 'MODEL_TOOLS must be "auto", "on" or "off", not "no".'],
    [{ ROLE: 'both' }, 'ROLE must be "all", "api" or "worker", not "both".'],
    [{ ROLE: 'api' }, 'REDIS_URL must be set because ROLE is "api".'],
    [
      { WEB_SEARCH_PROVIDER: 'serper' },
      'WEB_SEARCH_API_KEY must be set because WEB_SEARCH_PROVIDER is "serper".',
    ],
    [
      { WEB_SEARCH_PROVIDER: 'searxng' },
      'WEB_SEARCH_URL must be set because WEB_SEARCH_PROVIDER is "searxng".',
    ],
    [
      { SMTP_URL: 'smtp://host', EMAIL_FROM: 'a@b.example' },
      'EMAIL_RECIPIENTS must be set because SMTP_URL is.',
    ],
    [
      { TOOLBOX: 'weather, horoscope' },
      'TOOLBOX must be a comma-separated list of fetch_page, geocode, weather, convert_currency, not "weather, horoscope".',
    ],
  ])('%j: %s', (env, sentence) => {
    expect(faultsOf(env)).toEqual([sentence]);
  });

  it('does not hide another one, nor what follows from several', () => {
    const faults = faultsOf({ PORT: 'x', LOG_LEVEL: 'loud', ROLE: 'worker' });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual(['PORT', 'LOG_LEVEL', 'REDIS_URL']);
  });

  it('is called what the person called it', () => {
    expect(() => loadSettings({ PORT: 'x' }, { PORT: '--port' })).toThrow('--port must be a whole number');
  });

  it.each(['', ' ', '\t'])('that is only %j counts as unset', (value) => {
    expect(loadSettings({ PORT: value, OPENAI_API_KEY: value })).toMatchObject({ PORT: 8000 });
  });
});

describe('an unknown setting name', () => {
  it.each([
    ['OPENAI_BASEURL', 'OPENAI_BASE_URL'],
    ['openai_base_url', 'OPENAI_BASE_URL'],
    ['OPENAI_API_BASE', 'OPENAI_BASE_URL'],
    ['OPENAI_APIKEY', 'OPENAI_API_KEY'],
    ['MONGO_URL', 'MONGODB_URI'],
    ['MONGODB_DATABSE', 'MONGODB_DATABASE'],
    ['RUN_CONCURENCY', 'RUN_CONCURRENCY'],
    ['DATADIR', 'DATA_DIR'],
  ])('%s suggests %s', (given, meant) => {
    expect(similarNames({ [given]: 'x' }, NAMES)).toEqual([{ given, meant }]);
  });

  it.each([
    'HOSTNAME',
    'HOSTTYPE',
    'ROLES',
    'PORTS',
    'host',
    'port',
    'OPENAI_ORG_ID',
    'npm_config_port',
    'PATH',
  ])('%s is somebody else’s', (given) => {
    expect(similarNames({ [given]: 'x' }, NAMES)).toEqual([]);
  });

  it('is not reported if the setting is set', () => {
    expect(similarNames({ OPENAI_API_BASE: 'x', OPENAI_BASE_URL: 'y' }, NAMES)).toEqual([]);
  });
});
