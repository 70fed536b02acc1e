import { StreamUrls } from '../../src/platform/http/index.js';
import { Client } from '../support/client.js';
import { scopeOf } from '../support/scopes.js';
import { routesOf, type Route } from '../api/bad-input/routes.js';
import { createWorld, watchDatabase, type Snapshot } from '../api/bad-input/world.js';
import { AccountStage, ADMIN, cookieOf, PASSWORD, secretOf } from './accounts-stage.js';
import { bearer } from './stage.js';
import { OPEN_TO_ALL, valuesOf, Walk, type Bringer } from './walk.js';

/** Who tries, and what they bring. */
interface Stranger extends Bringer {
  /** Has nothing that the server accepts. */
  isUnknown: boolean;
}

const DAY_MS = 86_400_000;
const AGENT_SECRET = 'the secret of the agents';
const FOR_ANYBODY: Record<string, number> = {
  'POST /ai-agent/{tenant_id}/{project_id}/login': 401,
  'POST /api/auth/login': 401,
  'POST /api/auth/links/look': 404,
  'POST /api/auth/links/use': 404,
  'POST /api/v1/auth/login': 400, // neither name is required, but one of them is
  'POST /api/v1/auth/refresh': 401,
};
const OF_OPERATORS = /^GET \/(health|health\/diagnose|metrics)$/;
const OF_ADMINS = /^\w+ \/api\/(admin\/|accounts|invitations)/;
const OF_THE_TENANT = /^\w+ \/api\/documents/;
/** What a stranger does with their own login. */
const OF_ONESELF = /^POST \/api\/auth\/(logout|logout-everywhere|password)$/;
const PUBLIC = /^GET .(api.tools|api.agents|api.v1.tools|discover)$/;
const PRIVATE = /CSR|Krav|leverand|Hvad er/;

const stage = await AccountStage.start({
  AI_AGENT_SECRET: AGENT_SECRET,
  LOGIN_ATTEMPTS_PER_ACCOUNT: '0',
  // The offline model answers by itself.
  ...{ OPENAI_BASE_URL: '', OPENAI_API_KEY: '', OPENAI_MODEL: '' },
});
const { app } = stage;
let admin = await stage.setUp();
// Those whose time is over come first.
const her = await stage.join(admin, 'alice@company.com');
const expired = her.headers;
const herOldTokens = (await stage.tokens(her.email)).body;
stage.pass(31 * DAY_MS);
admin = await stage.again(ADMIN);
const victim = await stage.again(her.email);
const world = await createWorld(app, admin.client, her.id);

const session = async (email: string): Promise<Record<string, string>> => (await stage.again(email)).headers;
const [bob, mallory, gone, demoted, reset] = await Promise.all(
  ['bob', 'mallory', 'gone', 'demoted', 'reset'].map((name) =>
    stage.join(admin, `${name}@company.com`, name === 'demoted' ? 'admin' : 'user'),
  ),
);
if (!bob || !mallory || !gone || !demoted || !reset) throw new Error('Nobody came.');
const tokenOf = async (person: typeof bob): Promise<Record<string, string>> =>
  bearer(
    (await person.client.post(`/api/users/${person.id}/tokens`, { name: 'x', scopes: ['write'] })).body.token,
  );
const [malloryToken, goneToken, bobToken] = [await tokenOf(mallory), await tokenOf(gone), await tokenOf(bob)];
const malloryPair = (await stage.tokens(mallory.email)).body;
await admin.client.patch(`/api/accounts/${mallory.id}`, { is_disabled: true });
await admin.client.delete(`/api/accounts/${gone.id}`);
await admin.client.patch(`/api/accounts/${demoted.id}`, { role: 'user' });
const { body: link } = await admin.client.post(`/api/accounts/${reset.id}/reset-link`);
await stage.use(secretOf(link.path), {});
const loggedOut = await stage.again(her.email);
await loggedOut.client.post('/api/auth/logout');
const herPair = (await stage.tokens(her.email)).body;
const protectedOne = cookieOf(await stage.login(her.email, PASSWORD, { 'x-forwarded-proto': 'https' }));
const agent = (await stage.client.post('/ai-agent/acme/x/login', { agent_secret: AGENT_SECRET })).body
  .access_token;
const ticketFor = (user: string, message: string): string =>
  app.nest.get(StreamUrls).of(scopeOf(user), world.chat, message).split('ticket=')[1] ?? '';

const unknown = (headers?: Record<string, string>): Stranger => ({
  isUnknown: true,
  ...(headers && { headers }),
});
const known = (headers: Record<string, string>): Stranger => ({ isUnknown: false, headers });

const STRANGERS: [string, Stranger][] = [
  ['nobody', unknown()],
  ['she, when her login has expired', unknown(expired)],
  ['she, when her access token has expired', unknown(bearer(herOldTokens.access_token))],
  ['she, who has logged out', unknown(loggedOut.headers)],
  ['somebody with her refresh token as a bearer', unknown(bearer(herPair.refresh_token))],
  ['somebody with her cookie as a bearer', unknown(bearer(victim.headers.cookie.split('=')[1] ?? ''))],
  [
    'somebody with her access token as a cookie',
    unknown({ cookie: `reprise_session=${herPair.access_token}` }),
  ],
  ['somebody who cut her cookie', unknown({ cookie: victim.headers.cookie.slice(0, -2) })],
  ['a page of another origin in her browser', unknown({ ...victim.headers, 'sec-fetch-site': 'same-site' })],
  ['her protected cookie under another name', unknown({ cookie: protectedOne.replace('__Host-', '') })],
  ['a disabled user', unknown(mallory.headers)],
  ['a disabled user with a personal token', unknown(malloryToken)],
  ['a disabled user with an access token', unknown(bearer(malloryPair.access_token))],
  ['a deleted user', unknown(gone.headers)],
  ['a deleted user with a personal token', unknown(goneToken)],
  ['an administrator who was demoted', unknown(demoted.headers)],
  ['who knew a password that was replaced', unknown(reset.headers)],
  ['the reader of another message', { ...unknown(), ticket: ticketFor(her.id, world.otherMessage) }],
  ['another user', known(bob.headers)],
  ["another user's personal token", known(bobToken)],
  ["another user's access token", known(bearer((await stage.tokens(bob.email)).body.access_token))],
  ['a demoted administrator who has logged in again', known(await session(demoted.email))],
  ['the agent of another tenant', known(bearer(agent))],
];

const anybody = new Client(app.url);
// Strangers may do what they like with what is theirs.
const database = await watchDatabase(app, { user_id: { $nin: [bob.id, demoted.id] } });
const routes = routesOf((await anybody.get('/api/openapi.json')).body);
const walk = new Walk(anybody, world, {
  ...valuesOf(world),
  email: her.email,
  token_id: '68eb95dcac4dd9ac2789890e',
});

afterAll(async () => {
  process.stdout.write(
    `strangers: ${walk.calls} calls by ${STRANGERS.length} strangers on ${routes.length} routes, 0 leaks\n`,
  );
  await database.close();
  await stage.stop();
});

/** What a route may answer; nothing: whatever shows and changes nothing of hers. */
function allowed(route: Route, { isUnknown, headers }: Stranger): number[] | undefined {
  if (OPEN_TO_ALL.includes(route.name)) return [200];
  const foreign = headers?.['sec-fetch-site'] === undefined ? [] : [403];
  const open = FOR_ANYBODY[route.name];
  if (open !== undefined) return [open, ...foreign];
  if (isUnknown || OF_OPERATORS.test(route.name)) return [401, ...foreign];
  return OF_ADMINS.test(route.name) ? [403] : undefined;
}

/** What is hers, and the accounts of all. */
const hersIn = (all: Snapshot): Snapshot => {
  const { access_tokens: _, login_sessions: __, audit_entries: ___, ...others } = all; // when they were used last
  return others;
};

describe.each(STRANGERS)('%s', (_, stranger) => {
  const mayHarm = ({ name, method }: Route): boolean =>
    OF_ONESELF.test(name) ? !stranger.isUnknown : method === 'DELETE' && OF_THE_TENANT.test(name);

  it('finds nothing of hers by any route, and changes nothing', async () => {
    const before = hersIn(await database.snapshot());
    for (const route of routes.filter((one) => !mayHarm(one))) {
      for (const { status, body } of await walk.ask(route, stranger)) {
        const statuses = allowed(route, stranger);
        if (statuses) expect([route.name, statuses]).toEqual([route.name, expect.arrayContaining([status])]);
        expect([route.name, status < 500]).toEqual([route.name, true]);
        const text = JSON.stringify(body);
        const isPublic = PUBLIC.test(route.name) || (!stranger.isUnknown && OF_THE_TENANT.test(route.name));
        if (!isPublic) expect([route.name, PRIVATE.exec(text)?.[0]]).toEqual([route.name, undefined]);
      }
    }
    expect(hersIn(await database.snapshot())).toMatchObject(before);
  }, 120_000);
});

it('every route is walked', () => {
  expect(routes.length).toBeGreaterThan(40);
  const values = routes.flatMap(({ params, body }) => [...params, ...(body?.required ?? [])]);
  expect(values.filter((name) => !walk.knows(name))).toEqual([]);
});

it('she herself reads what the strangers did not get', async () => {
  for (const headers of [victim.headers, bearer(herPair.access_token), { cookie: protectedOne }]) {
    const { body } = await anybody.get(`/api/chats/${world.chat}/messages`, headers);
    expect(JSON.stringify(body)).toMatch(PRIVATE);
  }
});
