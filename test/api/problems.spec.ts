import { AppError, problems, type ProblemCode } from '../../src/common/index.js';
import { openApiDocument } from '../../src/platform/http/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { Client } from '../support/client.js';

/** The documented problems are the ones that are served: both come from the same catalogue. */
describe('a problem', () => {
  let app: TestApp;
  let client: Client;
  beforeAll(async () => {
    app = await startTestApp();
    client = new Client(app.url);
  });
  afterAll(() => app.destroy());

  it('has the documented text, with the details of the request', async () => {
    const { paths } = (await client.get('/api/openapi.json')).body;
    const documented = (path: string, status: number, code: string): string =>
      paths[path].get.responses[status].content['application/problem+json'].examples[code].value.detail;
    const id = '68eb95dcac4dd9ac2789890e';
    const { body } = await client.get(`/api/messages/${id}`);
    expect(body.detail).toBe(documented('/api/messages/{message_id}', 404, 'message_not_found'));
    const refused = await client.get('/api/chats/nonsense');
    expect(refused.body.detail).toBe(documented('/api/chats/{chat_id}', 400, 'invalid_chat_id'));
  });

  it.each(Object.keys(problems) as ProblemCode[])(
    '%s has a status, a text, and an example that fills it in',
    (code) => {
      const entry = problems[code];
      const details = 'example' in entry ? [entry.example] : [];
      const error = Reflect.construct(AppError, [code, ...details]) as AppError;
      expect(error.status).toBeGreaterThanOrEqual(400);
      expect(error.message).toMatch(/^["A-Z].*[.]$/);
      expect(error.message).not.toMatch(/undefined|\[object|NaN/);
      if (error.retryAfter !== undefined) expect(error.retryable).toBe(true);
    },
  );

  it('is documented under its own status on every route that names it', () => {
    const document = openApiDocument(app.nest);
    for (const methods of Object.values<any>(document.paths)) {
      for (const operation of Object.values<any>(methods)) {
        for (const [status, response] of Object.entries<any>(operation.responses)) {
          const examples = response.content?.['application/problem+json']?.examples ?? {};
          for (const code of Object.keys(examples))
            expect([code, problems[code as ProblemCode].status]).toEqual([code, Number(status)]);
        }
      }
    }
  });
});
