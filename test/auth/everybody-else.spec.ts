import { StreamUrls } from '../../src/platform/http/index.js';
import { startTestApp } from '../support/app.js';
import { Client } from '../support/client.js';
import { scopeOf } from '../support/scopes.js';
import { routesOf, type Route } from '../api/bad-input/routes.js';
import { createWorld, watchDatabase, type Snapshot } from '../api/bad-input/world.js';
import { sharedToken, unsignedToken, type TokenOptions } from './identity-provider.js';
import { bearer, SECRET } from './stage.js';
import { OPEN_TO_ALL, Walk, valuesOf, type Bringer } from './walk.js';

/** Who tries, and what they bring. */
interface Stranger extends Bringer {
  /** Has nothing that the server knows: everything but what is open to all is a 401. */
  isUnknown: boolean;
  /** Belongs to the tenant, and sees its documents. */
  isOfTenant?: boolean;
  /** Of another tenant, which has no data. */
  isAdmin?: boolean;
}

/** What the deployment has, not somebody. */
const OF_EVERYBODY = /^GET \/api\/langgraph\/assistants\//;
const LOGIN = 'POST /ai-agent/{tenant_id}/{project_id}/login';
const BEGINS_A_RUN = 'GET /api/stream/{agent}';
/** What the deployment's agents answer to anybody who may ask them: without a prompt, and by a name that none has. */
const OF_AGENTS: Record<string, number[]> = {
  [BEGINS_A_RUN]: [400, 405],
  'GET /api/stream/stats/{agent}': [200],
  'POST /api/coordinator/workflow': [400],
};
const OF_ADMINS = /^(GET \/api\/admin\/|POST \/api\/coordinator\/stats\/reset$)/;
/** They find a chat by what its user calls it, and create it on first use. */
const IN_OWN_CHATS = new Set(['POST /api/ai-sdk/chat', 'POST /api/ag-ui/{agent}']);
/** What a route says where nothing runs. */
const NOTHING_RUNS = 'GET /api/ai-sdk/chat/{chat_key}/stream';
const OF_THE_TENANT = /^\w+ \/api\/documents/;
const AGENT_SECRET = 'the secret of the agents';
const ACME = { tenant_id: 'acme' };

const app = await startTestApp({
  AUTH_MODE: 'jwt',
  AUTH_JWT_SECRET: SECRET,
  AUTH_AUDIENCE: 'reprise',
  AUTH_ISSUER: 'https://login.example',
  AI_AGENT_SECRET: AGENT_SECRET,
  RATE_LIMIT_PER_MINUTE: '0',
});
const anybody = new Client(app.url);
const as = async (sub: string, options?: TokenOptions): Promise<Record<string, string>> =>
  bearer(await sharedToken(SECRET, sub, options));
const owner = new Client(app.url, await as('root', { claims: { scope: 'admin' } }));
const world = await createWorld(app, owner);
const victim = new Client(app.url, await as(world.user));
// Strangers of another tenant may do in theirs what they like.
// Strangers of hers are seen when they come, too.
const database = await watchDatabase(app, {
  tenant_id: { $ne: ACME.tenant_id },
  $nor: [{ last_active: { $exists: true }, user_id: { $ne: world.user } }],
});
const routes = routesOf((await anybody.get('/api/openapi.json')).body);
const { token_id: hers } = (await victim.post(`/api/users/${world.user}/tokens`, { name: 'CSR report' }))
  .body;

const personal = async (
  user: string,
  options?: TokenOptions,
): Promise<{ id: string; headers: Record<string, string> }> => {
  const body = { name: 'x', scopes: ['write'] };
  const made = await anybody.post(`/api/users/${user}/tokens`, body, await as(user, options));
  return { id: made.body.token_id, headers: bearer(made.body.token) };
};
const withdrawn = await personal(world.user);
await victim.delete(`/api/users/${world.user}/tokens/${withdrawn.id}`);
const erased = await personal('mallory');
await anybody.request('DELETE', '/api/users/mallory', undefined, await as('mallory'));
const agentOf = async (tenant: string): Promise<Record<string, string>> =>
  bearer(
    (await anybody.post(`/ai-agent/${tenant}/x/login`, { agent_secret: AGENT_SECRET })).body.access_token,
  );
const ticketFor = (user: string, message: string): string =>
  app.nest.get(StreamUrls).of(scopeOf(user), world.chat, message).split('ticket=')[1] ?? '';
const goodToken = await sharedToken(SECRET, world.user);

const unknown = (headers?: Record<string, string>): Stranger => ({
  isUnknown: true,
  ...(headers && { headers }),
});
const known = (headers: Record<string, string>, isOfTenant = false): Stranger => ({
  headers,
  isUnknown: false,
  isOfTenant,
});

const STRANGERS: [string, Stranger][] = [
  ['nobody', unknown()],
  ['somebody with an empty token', unknown({ authorization: 'Bearer ' })],
  ['her, when her token has expired', unknown(await as(world.user, { expiresIn: -60 }))],
  ['her, with a token for another application', unknown(await as(world.user, { audience: 'shop' }))],
  ['her, by another issuer', unknown(await as(world.user, { issuer: 'https://evil.example' }))],
  ['her, with a token that does not expire', unknown(await as(world.user, { expiresIn: null }))],
  ['a forger of her token', unknown(bearer(await sharedToken(`${SECRET}!`, world.user)))],
  ['a forger without a signature', unknown(bearer(unsignedToken(world.user, { alg: 'HS256' })))],
  ['a forger with alg none', unknown(bearer(unsignedToken(world.user, { alg: 'none' })))],
  [
    'a forger of the cookie',
    unknown({ cookie: `reprise_session=${unsignedToken(world.user, { alg: 'none' })}` }),
  ],
  ['somebody who cut her token', unknown(bearer(goodToken.slice(0, -2)))],
  ['somebody with her withdrawn token', unknown(withdrawn.headers)],
  ['a deleted user with a personal token', unknown(erased.headers)],
  ['the reader of another message', { ...unknown(), ticket: ticketFor(world.user, world.otherMessage) }],
  [
    'a forger of a ticket',
    { ...unknown(), ticket: `${ticketFor(world.user, world.message).slice(0, -3)}AAA` },
  ],
  ['another user', known(await as('bob'), true)],
  [
    'another user by a cookie',
    known({ cookie: `reprise_session=${await sharedToken(SECRET, 'bob')}` }, true),
  ],
  ['a user who was deleted and came back', known(await as('mallory'), true)],
  ['a user with almost the same name', known(await as(world.user.toUpperCase()), true)],
  ["another user's personal token", known((await personal('bob')).headers, true)],
  ['the user of that name in another tenant', known(await as(world.user, { claims: ACME }))],
  ['her personal token of another tenant', known((await personal(world.user, { claims: ACME })).headers)],
  [
    'the administrator of another tenant',
    { ...known(await as('root', { claims: { ...ACME, scope: 'admin' } })), isAdmin: true },
  ],
  ['the agent of another tenant', known(await agentOf('acme'))],
  [
    'the reader of another message, who is bob',
    { ...known(await as('bob'), true), ticket: ticketFor('bob', world.otherMessage) },
  ],
];

const walk = new Walk(anybody, world, { ...valuesOf(world), token_id: hers });
/** What only she may read; ids are in the strangers' own requests. */
const PRIVATE = /CSR|Krav|leverand|Hvad er/;

afterAll(async () => {
  process.stdout.write(
    `strangers: ${walk.calls} calls by ${STRANGERS.length} strangers on ${routes.length} routes, 0 leaks\n`,
  );
  await database.close();
  await app.destroy();
});

function allowed(route: Route, { isUnknown, isOfTenant, isAdmin }: Stranger): number[] {
  if (OPEN_TO_ALL.includes(route.name)) return [200];
  if (route.name === LOGIN || /^GET \/(health|health\/diagnose|metrics)$/.test(route.name)) return [401];
  if (route.template.startsWith('/api/v1/auth/')) return [404]; // people have no passwords here
  if (isUnknown) return [401];
  if (OF_ADMINS.test(route.name)) return isAdmin ? [200] : [403];
  if (IN_OWN_CHATS.has(route.name)) return [200];
  if (route.name in OF_AGENTS) return OF_AGENTS[route.name] ?? [];
  // What is hers by that name is free for them.
  if (route.params.includes('chat_key')) return [200, 202, 204];
  // The same of threads, which exist when somebody has made one of that name.
  if (route.params.includes('thread_id') && !isOfTenant) return [200, 201, 202, 204, 403, 404];
  // Which of its two ways to ask a request takes, its schema cannot say: this one takes neither.
  if (route.name === 'POST /api/v1/chat/stream') return [400, 403];
  const namesNothing = route.params.length === 0 || OF_EVERYBODY.test(route.name);
  if (namesNothing || (OF_THE_TENANT.test(route.name) && isOfTenant)) return [200, 201, 204];
  // Somebody of another tenant has the same paths for users, where they find their own.
  if (route.template.startsWith('/api/users/') && !isOfTenant) return [200, 201, 204, 403, 404];
  return [403, 404];
}

const hersIn = (all: Snapshot): Snapshot => {
  const { access_tokens: _, ...others } = all; // when they were used last
  return others;
};

describe.each(STRANGERS)('%s', (_, stranger) => {
  // What people may do: ask in chats of their own, delete documents of their tenant, and the user of that name in theirs.
  const mayHarm = ({ name, method }: Route): boolean =>
    (stranger.isOfTenant === true && IN_OWN_CHATS.has(name)) ||
    (method === 'DELETE' &&
      (stranger.isOfTenant
        ? OF_THE_TENANT.test(name)
        : !stranger.isUnknown && name === 'DELETE /api/users/{user_id}'));

  it('finds nothing of hers by any route, and changes nothing', async () => {
    const before = hersIn(await database.snapshot());
    for (const route of routes.filter((one) => !mayHarm(one))) {
      for (const { status, body } of await walk.ask(route, stranger)) {
        expect([route.name, allowed(route, stranger)]).toEqual([
          route.name,
          expect.arrayContaining([status]),
        ]);
        const text = JSON.stringify(body);
        if (
          !(stranger.isOfTenant && OF_THE_TENANT.test(route.name)) &&
          !/^GET .(api.tools|api.agents|api.v1.tools|discover)$/.test(route.name)
        )
          expect([route.name, PRIVATE.exec(text)?.[0]]).toEqual([route.name, undefined]);
        if (status === 404) expect(body === '' || /_not_found$|^login_disabled$/.test(body.code)).toBe(true);
      }
    }
    expect(hersIn(await database.snapshot())).toMatchObject(before);
  }, 120_000);
});

it('every route is walked', () => {
  expect(routes.length).toBeGreaterThan(28);
  const values = routes.flatMap(({ params, body }) => [...params, ...(body?.required ?? [])]);
  expect(values.filter((name) => !walk.knows(name))).toEqual([]);
});

describe('she herself', () => {
  it('reads with a token for reading, and changes nothing with it', async () => {
    const { body } = await victim.post(`/api/users/${world.user}/tokens`, { name: 'reader' });
    const before = hersIn(await database.snapshot());
    for (const route of routes.filter(({ template }) => /^\/api\/(?!v1\/auth)/.test(template))) {
      const [answer] = await walk.ask(route, known(bearer(body.token)));
      const isRead =
        route.method === 'GET' &&
        !/\/(tokens|export)$/.test(route.template) &&
        !OF_ADMINS.test(route.name) &&
        route.name !== BEGINS_A_RUN;
      const good = route.name === NOTHING_RUNS ? 204 : 200;
      expect([route.name, answer?.status]).toEqual([route.name, isRead ? good : 403]);
    }
    const after = hersIn(await database.snapshot());
    const { users: _, ...unchanged } = before; // last_active
    expect(after).toMatchObject(unchanged);
  });

  it('reads what the strangers did not get', async () => {
    const ticket = ticketFor(world.user, world.message);
    const stream = await anybody.get(
      `/api/chats/${world.chat}/messages/${world.message}/stream?ticket=${ticket}`,
    );
    expect(stream.body).toMatch(PRIVATE);
    expect(JSON.stringify((await victim.get(`/api/chats/${world.chat}/messages`)).body)).toMatch(PRIVATE);
  });
});
