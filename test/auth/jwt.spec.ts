import { exportSPKI, importJWK } from 'jose';
import { createHmac } from 'node:crypto';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import {
  AUDIENCE,
  IdentityProviderServer,
  ISSUER,
  sharedToken,
  unsignedToken,
  type TokenOptions,
} from './identity-provider.js';
import { bearer, codeOf, SECRET } from './stage.js';

describe('AUTH_MODE=jwt with a shared secret', () => {
  let app: TestApp;
  let client: Client;
  beforeAll(async () => {
    app = await startTestApp({
      AUTH_MODE: 'jwt',
      AUTH_JWT_SECRET: SECRET,
      RATE_LIMIT_PER_MINUTE: '0',
      AUTH_ISSUER: ISSUER,
      AUTH_AUDIENCE: `other, ${AUDIENCE}`,
    });
    client = new Client(app.url);
  });
  afterAll(() => app.destroy());

  const token = (sub: string | null, options?: TokenOptions): Promise<string> =>
    sharedToken(SECRET, sub, options);
  const me = async (given: string): Promise<Answer> => client.get('/api/session', bearer(given));

  it('knows the user and the tenant', async () => {
    const claims = { tenant_id: 'acme' };
    const { body } = await me(await token('alice', { claims }));
    expect(body).toMatchObject({ auth_mode: 'jwt', user_id: 'alice', tenant_id: 'acme', is_admin: false });
    expect(Date.parse(body.expires_at)).toBeGreaterThan(Date.now() + 3_590_000);
    expect((await me(await token('bob'))).body).toMatchObject({ user_id: 'bob', tenant_id: 'default' });
  });

  it('knows administrators by their scope, however it is written', async () => {
    for (const claims of [
      { scope: 'openid admin' },
      { scope: ['admin'] },
      { scp: 'admin' },
      { scp: ['a', 'admin'] },
    ])
      expect((await me(await token('root', { claims }))).body).toMatchObject({
        user_id: 'root',
        is_admin: true,
      });
    for (const claims of [
      { scope: 'administrator' },
      { scope: 'sadmin admin2' },
      { scope: { admin: true } },
      { scope: 1 },
    ])
      expect((await me(await token('root', { claims }))).body.is_admin).toBe(false);
  });

  it('takes the token from a cookie too', async () => {
    const cookie = `a=b; reprise_session=${await token('alice')}; c=d`;
    expect((await client.get('/api/session', { cookie })).body.user_id).toBe('alice');
    expect(codeOf(await client.get('/api/session', { cookie: 'reprise_session=' }))).toEqual([
      401,
      'token_missing',
    ]);
    expect(codeOf(await client.get('/api/session', { cookie: 'reprise_session=x' }))).toEqual([
      401,
      'token_invalid',
    ]);
  });

  it('prefers the header to the cookie, and ignores the credentials of a proxy', async () => {
    const cookie = `reprise_session=${await token('alice')}`;
    const both = { cookie, ...bearer(await token('bob')) };
    expect((await client.get('/api/session', both)).body.user_id).toBe('bob');
    expect((await client.get('/api/session', { cookie, authorization: 'Basic YTpi' })).body.user_id).toBe(
      'alice',
    );
    expect(codeOf(await client.get('/api/session', { cookie, ...bearer('x') }))).toEqual([
      401,
      'token_invalid',
    ]);
  });

  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['an empty header', { authorization: '' }],
    ['no token', { authorization: 'Bearer' }],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['a cookie of another name', { cookie: 'session=x' }],
  ])('says that a token is missing: %s', async (_, headers) => {
    const answer = await client.get('/api/agents', headers);
    expect(codeOf(answer)).toEqual([401, 'token_missing']);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="reprise"');
  });

  it.each<[string, () => string | Promise<string>, RegExp]>([
    ['is none', () => 'nonsense', /not a signed/],
    ['has two parts', () => 'a.b', /not a signed/],
    ['has no signature', () => unsignedToken('alice', { alg: 'HS256' }), /signature/],
    ['says alg none', () => unsignedToken('alice', { alg: 'none' }), /algorithm|not a signed/],
    ['says alg None', () => unsignedToken('alice', { alg: 'None' }), /algorithm|not a signed/],
    ['says no alg', () => unsignedToken('alice', {}), /not a signed/],
    ['says RS256', () => unsignedToken('alice', { alg: 'RS256' }, 'AAAA'), /algorithm/],
    ['says HS512', () => unsignedToken('alice', { alg: 'HS512' }, 'AAAA'), /algorithm/],
    [
      'has a critical extension',
      () => unsignedToken('alice', { alg: 'HS256', crit: ['x'], x: 1 }, 'AAAA'),
      /./,
    ],
    ['is signed with another secret', () => sharedToken(`${SECRET}!`, 'alice'), /signature/],
    ['is of another issuer', () => token('alice', { issuer: 'https://evil.example' }), /"iss" is wrong/],
    ['is for another audience', () => token('alice', { audience: 'shop' }), /"aud" is wrong/],
    [
      'expires at a text',
      () => token('alice', { claims: { exp: '2100' }, expiresIn: null }),
      /"exp" is wrong/,
    ],
    ['names a user by a number', () => token(null, { claims: { sub: 7 } }), /"sub"/],
    ['names a user by a list', () => token(null, { claims: { sub: ['alice'] } }), /"sub"/],
    ['does not expire', () => token('alice', { expiresIn: null }), /"exp" is missing/],
    ['names nobody', () => token(null), /"sub" is missing/],
    ['names an empty user', () => token(''), /"sub"/],
    ['names a user with a slash', () => token('a/b'), /"sub" must be/],
    ['names a user with a control character', () => token('a\u0000b'), /"sub" must be/],
    ['names too long a user', () => token('x'.repeat(201)), /"sub" must be/],
    [
      'names a tenant that is no text',
      () => token('alice', { claims: { tenant_id: 7 } }),
      /"tenant_id" must be/,
    ],
    ['names an empty tenant', () => token('alice', { claims: { tenant_id: '' } }), /"tenant_id" must be/],
    ['names a tenant null', () => token('alice', { claims: { tenant_id: null } }), /"tenant_id" must be/],
    [
      'is not valid yet',
      () => token('alice', { claims: { nbf: Date.now() / 1000 + 3600 } }),
      /"nbf" is wrong/,
    ],
    [
      'was changed',
      async () => (await token('alice')).replace(/\.[^.]+\./, `.${(await token('bob')).split('.')[1]}.`),
      /signature/,
    ],
    ['is a personal token of nobody', () => `rp_${'A'.repeat(51)}`, /did not make it/],
    ['begins like a personal token', () => 'rp_x', /did not make it/],
  ])('refuses a token that %s', async (_, make, why) => {
    const answer = await me(await make());
    expect(codeOf(answer)).toEqual([401, 'token_invalid']);
    expect(answer.body.detail).toMatch(why);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="reprise", error="invalid_token"');
  });

  it('tells apart what has expired, within the tolerance of clocks', async () => {
    expect(codeOf(await me(await token('alice', { expiresIn: -6 })))).toEqual([401, 'token_expired']);
    expect((await me(await token('alice', { expiresIn: -2 }))).status).toBe(200);
  });

  it.each([1e11, 1e13, 1e300])('takes a token that expires in %d seconds', async (expiresIn) => {
    const { status, body } = await me(await token('alice', { claims: { exp: expiresIn }, expiresIn: null }));
    expect([status, typeof body.expires_at]).toEqual([200, 'string']);
  });

  it('answers every request alike, the hundredth too', async () => {
    const given = await token('alice');
    for (let i = 0; i < 100; i++) expect((await me(given)).body.user_id).toBe('alice');
  });

  it('gives each user their own, whatever the path says', async () => {
    const [alice, bob] = [bearer(await token('alice')), bearer(await token('bob'))];
    const path = '/api/users/alice/chats';
    const { body: chat } = await client.post(path, { title: 'Mine' }, alice);
    expect(codeOf(await client.post(path, {}, bob))).toEqual([404, 'user_not_found']);
    expect(codeOf(await client.get(`/api/chats/${chat.chat_id}`, bob))).toEqual([404, 'chat_not_found']);
    const admin = bearer(await token('root', { claims: { scope: 'admin' } }));
    expect((await client.get(`/api/chats/${chat.chat_id}`, admin)).body.title).toBe('Mine');
    const elsewhere = bearer(await token('root', { claims: { scope: 'admin', tenant_id: 'acme' } }));
    expect(codeOf(await client.get(`/api/chats/${chat.chat_id}`, elsewhere))).toEqual([
      404,
      'chat_not_found',
    ]);
  });

  it('keeps documents to their tenant', async () => {
    const acme = bearer(await token('alice', { claims: { tenant_id: 'acme' } }));
    const { body } = await client.post('/api/documents', { title: 'Plan', content: 'Secret.' }, acme);
    expect((await client.get(`/api/documents/${body.document_id}`, acme)).status).toBe(200);
    const other = bearer(await token('alice'));
    expect(codeOf(await client.get(`/api/documents/${body.document_id}`, other))).toEqual([
      404,
      'document_not_found',
    ]);
    expect((await client.get('/api/documents', other)).body.total).toBe(0);
  });

  it('lets anybody see that it lives, and nobody its figures', async () => {
    for (const path of ['/health/live', '/health/ready', '/api/openapi.json', '/api/docs', '/'])
      expect([path, (await client.get(path)).status]).toEqual([path, 200]);
    for (const path of ['/health', '/metrics']) {
      expect(codeOf(await client.get(path))).toEqual([401, 'token_missing']);
      const admin = bearer(await token('root', { claims: { scope: 'admin' } }));
      expect(codeOf(await client.get(path, admin))).toEqual([401, 'token_invalid']);
    }
  });

  it('says in the document of the API how to log in', async () => {
    const { body } = await client.get('/api/openapi.json');
    expect(body.security).toEqual([{ bearer: [] }]);
    expect(body.components.securitySchemes.bearer).toMatchObject({ type: 'http', scheme: 'bearer' });
    expect(Object.keys(body.paths)).toContain('/api/users/{user_id}/tokens');
  });

  it('answers to any name: a page that has rebound its own has no token', async () => {
    expect((await client.get('/health/live', { host: 'chat.example.com' })).status).toBe(200);
    expect(codeOf(await client.post('/api/users/a/chats', {}, { 'sec-fetch-site': 'cross-site' }))).toEqual([
      403,
      'cross_site',
    ]);
  });
});

describe('METRICS_TOKEN', () => {
  it.each([{}, { AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET }])(
    'opens figures to those who know it: %j',
    async (env) => {
      const app = await startTestApp({ ...env, METRICS_TOKEN: 'scrape-me-please' });
      const client = new Client(app.url);
      for (const path of ['/health', '/metrics']) {
        expect(codeOf(await client.get(path))).toEqual([401, 'token_missing']);
        expect(codeOf(await client.get(path, bearer('scrape-me-please!')))).toEqual([401, 'token_invalid']);
        expect((await client.get(path, bearer('scrape-me-please'))).status).toBe(200);
      }
      await app.destroy();
    },
  );
});

/** A provider with keys of its own, which signs without being there. */
async function stranger(): Promise<IdentityProviderServer> {
  const provider = await IdentityProviderServer.start();
  await provider.stop();
  return provider;
}

describe('AUTH_MODE=jwt with the keys of an identity provider', () => {
  let provider: IdentityProviderServer;
  let app: TestApp;
  let client: Client;
  beforeEach(async () => {
    provider = await IdentityProviderServer.start();
    app = await startTestApp(provider.env);
    client = new Client(app.url);
  });
  afterEach(async () => {
    await app.destroy();
    await provider.stop();
  });
  const me = async (given: string): Promise<Answer> => client.get('/api/session', bearer(given));

  it('reads them once', async () => {
    for (const sub of ['alice', 'bob', 'carol'])
      expect((await me(await provider.token(sub))).body.user_id).toBe(sub);
    expect(provider.asked).toBe(1);
  });

  it.each(['RS256', 'PS512', 'ES256', 'ES384', 'EdDSA'])('takes %s', async (alg) => {
    await provider.rotate(alg);
    expect((await me(await provider.token('alice'))).body.user_id).toBe('alice');
  });

  it('learns of a new key when it sees one', async () => {
    const old = await provider.token('alice');
    expect((await me(old)).status).toBe(200);
    await provider.rotate();
    expect((await me(await provider.token('bob'))).body.user_id).toBe('bob');
    expect(provider.asked).toBe(2);
    const again = await startTestApp(provider.env);
    expect(codeOf(await new Client(again.url).get('/api/session', bearer(old)))).toEqual([
      401,
      'token_invalid',
    ]);
    await again.destroy();
  });

  it('finds the key of a token that does not name it', async () => {
    await provider.addKey('RS256');
    await provider.addKey('RS256');
    expect((await me(await provider.token('alice', { header: { kid: undefined } }))).body.user_id).toBe(
      'alice',
    );
    const forged = await (await stranger()).token('alice', { header: { kid: undefined } });
    expect(codeOf(await me(forged))).toEqual([401, 'token_invalid']);
  });

  it.each<[string, (key: { kid: string }) => Promise<string>]>([
    ['another provider signed', async ({ kid }) => (await stranger()).token('alice', { header: { kid } })],
    [
      'uses the public key as a secret',
      async ({ kid }) => {
        const publicKey = await importJWK(provider.keys[0]!.publicJwk, 'RS256', { extractable: true });
        const pem = await exportSPKI(publicKey as never);
        const body = unsignedToken('alice', { alg: 'HS256', kid }).replace(/\.$/, '');
        return `${body}.${createHmac('sha256', pem).update(body).digest('base64url')}`;
      },
    ],
    [
      'brings its own key',
      async ({ kid }) => {
        const other = await stranger();
        const { publicJwk } = other.keys[0]!;
        return other.token('alice', {
          header: { kid, jwk: publicJwk, jku: 'https://evil.example/jwks.json' },
        });
      },
    ],
    ['says alg none', ({ kid }) => Promise.resolve(unsignedToken('alice', { alg: 'none', kid }))],
    ['names an unknown key', () => provider.token('alice', { header: { kid: 'nobody' } })],
  ])('refuses a token that %s', async (_, make) => {
    expect(codeOf(await me(await make(provider.keys[0]!)))).toEqual([401, 'token_invalid']);
    expect((await me(await provider.token('alice'))).status).toBe(200);
  });

  it('does not ask for each key that nobody knows', async () => {
    const calm = await startTestApp({ ...provider.env, AUTH_JWKS_COOLDOWN_MS: '60000' });
    const guess = async (): Promise<Answer> =>
      new Client(calm.url).get(
        '/api/session',
        bearer(await provider.token('a', { header: { kid: String(Math.random()) } })),
      );
    for (let i = 0; i < 5; i++) expect(codeOf(await guess())).toEqual([401, 'token_invalid']);
    expect(provider.asked).toBe(1);
    await calm.destroy();
  });

  it.each(['failing', 'silent', 'rubbish'] as const)(
    'is worth a retry while the provider is %s',
    async (mood) => {
      provider.mood = mood;
      const answers = await Promise.all([1, 2, 3].map(async (n) => me(await provider.token(`user-${n}`))));
      for (const answer of answers) {
        expect([...codeOf(answer), answer.body.retryable]).toEqual([
          503,
          'identity_provider_unavailable',
          true,
        ]);
        expect(answer.headers.get('retry-after')).toBe('5');
        expect(JSON.stringify(answer.body)).not.toContain('127.0.0.1');
      }
      expect(provider.asked).toBe(1);
    },
  );

  it('lets in those it knows while the provider is away', async () => {
    const token = await provider.token('alice');
    expect((await me(token)).status).toBe(200);
    provider.mood = 'failing';
    expect((await me(token)).status).toBe(200);
    expect((await me(await provider.token('bob'))).status).toBe(200); // its key is known
  });
});

describe('settings that let nobody in', () => {
  it.each<[Record<string, string>, RegExp]>([
    [{}, /AUTH_JWT_SECRET or AUTH_JWKS_URL must be set/],
    [{ AUTH_JWT_SECRET: SECRET, AUTH_JWKS_URL: 'https://a.example/' }, /must not be set together/],
    [{ AUTH_JWT_SECRET: 'short' }, /AUTH_JWT_SECRET must have at least 32 characters/],
    [{ AUTH_JWKS_URL: 'https://u:p@a.example/' }, /AUTH_JWKS_URL must not contain/],
  ])('%j stop the start', async (env, sentence) => {
    await expect(startTestApp({ AUTH_MODE: 'jwt', ...env })).rejects.toThrow(sentence);
  });

  it('do not show the secret', async () => {
    await expect(startTestApp({ AUTH_MODE: 'jwt', AUTH_JWT_SECRET: 'my-secret' })).rejects.not.toThrow(
      /my-secret/,
    );
  });
});

it('a server for all addresses starts when it knows its users', async () => {
  const app = await startTestApp({ AUTH_MODE: 'jwt', AUTH_JWT_SECRET: SECRET, HOST: '0.0.0.0' });
  expect((await new Client(app.url).get('/api/session')).status).toBe(401);
  await app.destroy();
});
