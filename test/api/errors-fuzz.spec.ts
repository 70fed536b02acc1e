import fc from 'fast-check';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.destroy());

const CHAT = '550e8400-e29b-41d4-a716-446655440000';
const MESSAGE = '68eb95dcac4dd9ac2789890e';

const bodyRoutes = [
  'POST /api/users/a/chats',
  'PATCH /api/users/a',
  'POST /api/documents',
  `POST /api/chats/${CHAT}/messages`,
];

const urls = [
  '/$',
  '/api/users/$',
  '/api/chats/$',
  '/api/documents/$',
  '/api/messages/$',
  '/api/users/a/chats?page=$',
  '/api/users/a/chats?$=1',
  '/api/documents?tender_id=$',
  `/api/messages/${MESSAGE}/events?since=$`,
  `/api/chats/${CHAT}/messages/${MESSAGE}/stream?since=$`,
  `/api/chats/${CHAT}/messages/${MESSAGE}/stream?dialect=$`,
];

/** JSON, and JSON in the places where the routes expect something. */
const body = fc
  .json({ maxDepth: 6 })
  .chain((json) =>
    fc.constantFrom(
      json,
      `{"title":"t","content":"c","metadata":${json}}`,
      `{"title":${json},"content":${json},"name":${json}}`,
    ),
  );

it('no body gets a 5xx', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...bodyRoutes), body, async (route, json) => {
      const [method = '', path = ''] = route.split(' ');
      const headers = { 'content-type': 'application/json' };
      const response = await fetch(app.url + path, { method, headers, body: json });
      await response.arrayBuffer();
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: 400 },
  );
});

it('no address gets a 5xx', async () => {
  const value = fc
    .string({ unit: 'binary', maxLength: 30 })
    .map((text) => encodeURIComponent(text.toWellFormed()));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...urls), value, async (url, text) => {
      const response = await fetch(app.url + url.replace('$', () => text));
      await response.arrayBuffer();
      expect(response.status).toBeLessThan(500);
    }),
    { numRuns: 300 },
  );
});
