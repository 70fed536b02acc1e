import type { Request } from 'express';
import { isDeepStrictEqual } from 'node:util';
import { Authenticator } from '../../src/platform/http/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client, type Answer } from '../support/client.js';
import { scopeOf } from '../support/scopes.js';
import { routesOf, type Route } from './bad-input/routes.js';
import { createWorld, watchDatabase } from './bad-input/world.js';

/** Routes that name no object: what they show belongs to the deployment, or to the caller. */
const WITHOUT_OBJECT = [
  'GET /api/langgraph/assistants/{assistant_id}',
  'GET /api/langgraph/assistants/{assistant_id}/schemas',
  'GET /api/langgraph/info',
  'GET /api/langgraph/ok',
  'POST /api/langgraph/assistants/search',
  'POST /api/langgraph/runs',
  'POST /api/langgraph/runs/stream',
  'POST /api/langgraph/runs/wait',
  'POST /api/langgraph/threads',
  'POST /api/langgraph/threads/search',
  'GET /api/admin/audit',
  'GET /api/admin/health',
  'GET /api/admin/runs',
  'GET /api/admin/usage',
  'GET /api/admin/users',
  'GET /api/agents',
  'GET /api/documents',
  'GET /api/conversations',
  'GET /api/session',
  'GET /api/tools',
  'GET /api/v1/conversations',
  'GET /api/v1/tools',
  'GET /health',
  'GET /health/diagnose',
  'GET /health/live',
  'GET /health/ready',
  'GET /metrics',
  'POST /api/conversations',
  'POST /api/documents',
  'GET /discover',
  'GET /.well-known/agent-card.json',
  'POST /a2a',
  'GET /api/coordinator/agents',
  'GET /api/coordinator/stats',
  'GET /api/coordinator/workflows',
  'GET /api/stream/stats',
  'GET /api/stream/stats/{agent}',
  'GET /api/stream/{agent}',
  'POST /api/coordinator/hierarchical',
  'POST /api/coordinator/parallel',
  'POST /api/coordinator/sequential',
  'POST /api/coordinator/stats/reset',
  'POST /api/coordinator/workflow',
  'POST /chat/session',
  'POST /chat/stream',
  'POST /api/ai-sdk/chat',
  'POST /api/v1/chat/stream',
  'POST /api/v1/conversations',
  'POST /api/ag-ui/{agent}',
  'POST /ai-agent/{tenant_id}/{project_id}/login',
  'POST /api/v1/auth/login',
  'POST /api/v1/auth/refresh',
];
/** Documents belong to the tenant: all its users see them. */
const OF_THE_TENANT = ['GET /api/documents/{document_id}', 'DELETE /api/documents/{document_id}'];
const OWN_TENANT = 'default';

// The routes define the tests, and only the running application knows its routes: it has to be up before the tests are
// named.
const app = await startTestApp();
const client = new Client(app.url);
const world = await createWorld(app);
const database = await watchDatabase(app);
const routes = routesOf((await client.get('/api/openapi.json')).body);
/** Routes that find a chat by what its user's clients call it: to everybody else, it is a name that is free. */
const byKey = routes.filter(({ params }) => params.includes('chat_key'));
const withObject = routes.filter((route) => !WITHOUT_OBJECT.includes(route.name) && !byKey.includes(route));

const STRANGERS: [string, Record<string, string>][] = [
  ['another user of the tenant', { 'x-user': 'bob' }],
  ['a user who owns nothing', { 'x-user': 'carol' }],
  ['a user with the same name in other letters', { 'x-user': world.user.toUpperCase() }],
  ['a user with a longer name', { 'x-user': `${world.user}x` }],
  ['the user of the same name of another tenant', { 'x-user': world.user, 'x-tenant': 'other' }],
  ['all users of another tenant', { 'x-tenant': 'other' }],
];

beforeAll(() => {
  authenticateByHeader(app);
});
afterAll(async () => {
  await database.close();
  await app.destroy();
});

/** The user named in the headers: what a login will determine. */
function authenticateByHeader({ nest }: TestApp): void {
  nest.get(Authenticator).authenticate = ({ headers }: Request) =>
    scopeOf(
      headers['x-user'] as string | undefined,
      (headers['x-tenant'] as string | undefined) ?? OWN_TENANT,
    );
}

const VALUES: Record<string, string> = {
  chat_key: world.chat,
  user_id: world.user,
  chat_id: world.chat,
  session_id: world.chat,
  message_id: world.message,
  thread_id: world.chat,
  run_id: world.message,
  checkpoint_id: `${world.message}.1`,
  assistant_id: 'assistant',
  document_id: world.document,
  file_id: world.file,
  call_id: world.call,
  decision: 'approve',
  after: world.event,
  content: 'Mine?',
  title: 'Mine',
};
const valueOf = (name: string): string => VALUES[name] ?? `no value for ${name}`;
/** A call belongs to the run that waits for it. */
/** Other routes delete the chat. */
const deletable = await client.newChat(world.user);
const paramOf = (name: string, { params, name: route }: Route): string =>
  route === 'DELETE /api/langgraph/threads/{thread_id}'
    ? deletable
    : name === 'message_id' && params.includes('call_id')
      ? world.waiting
      : valueOf(name);

/** A good request for alice's objects, which the path names, or the body. */
async function ask(route: Route, headers: Record<string, string>): Promise<Answer> {
  const { method, template, body, takesFile } = route;
  const path = template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(paramOf(name, route)));
  if (takesFile) {
    const form = new FormData();
    form.set('file', new Blob(['Mine']), 'mine.txt');
    const response = await fetch(app.url + path, { method, headers, body: form });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }
  const fields = body && Object.fromEntries(body.required.map((name) => [name, valueOf(name)]));
  return client.request(method, path, fields, headers);
}

const namesObject = ({ params, body }: Route): boolean =>
  params.length > 0 || (body?.required ?? []).some((name) => name.endsWith('_id'));

it('every route is walked, or named as one without an object', () => {
  expect(routes.map(({ name }) => name)).toEqual(expect.arrayContaining(WITHOUT_OBJECT));
  expect(withObject.length).toBeGreaterThan(14);
  expect(withObject.filter((route) => !namesObject(route))).toEqual([]);
});

describe.each(STRANGERS)('%s, who knows the id of her chat,', (_, headers) => {
  it.each(byKey.map((route) => [route.name, route] as const))(
    'finds nothing by %s, and changes nothing',
    async (_name, route) => {
      const before = await database.snapshot();
      const { status, body } = await ask(route, headers);
      expect([200, 202, 204]).toContain(status);
      expect(body === '' || [[], { stopped: [] }].some((nothing) => isDeepStrictEqual(body, nothing))).toBe(
        true,
      );
      expect(await database.snapshot()).toEqual(before);
    },
  );
});

const isUsers = ({ template }: Route): boolean => template.startsWith('/api/users/');

describe.each(STRANGERS)('%s', (_, headers) => {
  const isAnothers = (route: Route): boolean =>
    headers['x-tenant'] === undefined ? !OF_THE_TENANT.includes(route.name) : !isUsers(route);
  it.each(withObject.filter(isAnothers).map((route) => [route.name, route] as const))(
    'finds nothing by %s, and changes nothing',
    async (_name, route) => {
      const before = await database.snapshot();
      const answer = await ask(route, headers);
      expect(answer).toMatchObject({
        status: 404,
        body: { status: 404, code: expect.stringMatching(/_not_found$/) },
      });
      expect(JSON.stringify(answer.body)).not.toMatch(/CSR|Krav/);
      expect(await database.snapshot()).toEqual(before);
    },
  );
});

describe('the user with the same id in another tenant is somebody else:', () => {
  const elsewhere = { 'x-user': world.user, 'x-tenant': 'other' };
  const hers = async (): Promise<unknown> => {
    const own = { 'x-user': world.user };
    const { name, email, created_at } = (await client.get(`/api/users/${world.user}`, own)).body;
    return [name, email, created_at, (await client.get(`/api/users/${world.user}/chats`, own)).body];
  };

  it.each(withObject.filter(isUsers).map((route) => [route.name, route] as const))(
    'by %s nothing of hers is shown or changed',
    async (_, route) => {
      const before = await hers();
      const { status, body } = await ask(route, elsewhere);
      expect(status).toBeLessThan(500);
      expect(JSON.stringify(body)).not.toContain(world.chat);
      expect(await hers()).toEqual(before);
    },
  );
});

it("another tenant's list of documents is empty", async () => {
  expect((await client.get('/api/documents', { 'x-tenant': 'other' })).body.items).toEqual([]);
});

/** What is destroyed last must exist until then. */
const inOrder = [...withObject, ...byKey].sort((a, b) => rank(a) - rank(b));

function rank({ method, template }: Route): number {
  if (method === 'GET') return 0;
  if (method !== 'DELETE') return 1;
  return template === '/api/users/{user_id}' ? 3 : 2;
}

describe('the owner', () => {
  /** Ids of what is gone; doors have routes of their own for the same objects. */
  const deleted = new Set<string>();
  it.each(inOrder.map((route) => [route.name, route] as const))(
    'finds what is hers by %s',
    async (_, route) => {
      const { status } = await ask(route, { 'x-user': world.user });
      const id = paramOf(route.params.at(-1) ?? '', route);
      expect(deleted.has(id) ? [404] : [200, 201, 202, 204]).toContain(status);
      if (route.method === 'DELETE') deleted.add(id);
    },
  );
});
