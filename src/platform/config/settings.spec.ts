import { loadSettings } from './settings.js';

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
    ['an ellipsis', 'sk-abc\u2026xyz', 'U+2026, the character number 7'],
    ['a dash', 'sk\u2013abcdef', 'U+2013, the character number 3'],
    ['a line break', 'sk-abc\ndef', 'U+000A, the character number 7'],
    ['an emoji', 'sk-😀', 'U+1F600, the character number 4'],
    ['a zero-width space', '\u200Bsk-abc', 'U+200B, the character number 1'],
  ])('with %s stops the start with one sentence that does not show it', (_what, key, place) => {
    const message = failure({ OPENAI_API_KEY: key });
    expect(message).toContain('OPENAI_API_KEY');
    expect(message).toContain(`holds a character that no HTTP header can carry (${place})`);
    expect(message).not.toMatch(/sk|abc|xyz|def/);
  });

  it('is taken without the blanks around it', () => {
    expect(loadSettings({ OPENAI_API_KEY: ' sk-abc \n' }).OPENAI_API_KEY).toBe('sk-abc');
  });
});

it.each([
  ['OPENAI_BASE_URL', 'https://user:secret@host/v1', 'no user name'],
  ['HTTPS_PROXY', 'ftp://user:secret@host', 'http://'],
  ['MODEL_CONCURRENCY', 'many-secret', '"auto" or a whole number'],
  ['MODEL_CONCURRENCY', '0', '"auto" or a whole number'],
])('%s=%s is refused and not shown', (name, value, why) => {
  const message = failure({ [name]: value });
  expect(message).toContain(name);
  expect(message).toContain(why);
  expect(message).not.toContain('secret');
});

describe('proxies', () => {
  it('are read in both spellings, the lower one first', () => {
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
