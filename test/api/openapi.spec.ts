import { eventTypes, schemaName } from '@reprise/protocol';
import request from 'supertest';
import { startTestApp, type TestApp } from '../support/app.js';

let app: TestApp;
let document: any;

beforeAll(async () => {
  app = await startTestApp();
  document = (await request(app.url).get('/api/openapi.json')).body;
});
afterAll(() => app.destroy());

interface Operation {
  name: string;
  operation: any;
}

function operations(): Operation[] {
  return Object.entries<Record<string, unknown>>(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      operation,
    })),
  );
}

function* references(node: unknown): Generator<string> {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key === '$ref' && typeof value === 'string') yield value;
    else yield* references(value);
  }
}

it('is OpenAPI 3.1', () => {
  expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Reprise', version: '1' } });
});

it('has a schema for every event, and for problems', () => {
  const names = Object.keys(document.components.schemas);
  expect(names).toEqual(expect.arrayContaining([...eventTypes.map(schemaName), 'StreamEvent', 'Problem']));
});

it('refers to nothing that does not exist', () => {
  for (const reference of references(document)) {
    expect(reference).toMatch(/^#\/components\/schemas\//);
    expect(Object.keys(document.components.schemas)).toContain(reference.split('/').at(-1));
  }
});

it('says of every route what it is for, and what a success looks like', () => {
  expect(operations().length).toBeGreaterThan(10);
  for (const { name, operation } of operations()) {
    expect([name, operation.summary, operation.description]).toEqual([
      name,
      expect.stringMatching(/./),
      expect.stringMatching(/./),
    ]);
    expect([name, Object.keys(operation.responses).some((status) => status.startsWith('2'))]).toEqual([
      name,
      true,
    ]);
  }
});

it('gives each operation a unique id', () => {
  const ids = operations().map(({ operation }) => operation.operationId);
  expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
});

it('shows an example of each error a route can give', () => {
  for (const { name, operation } of operations().filter((one) => one.name.includes('/api/'))) {
    const errors = Object.entries<any>(operation.responses).filter(([status]) => Number(status) >= 400);
    for (const [status, response] of errors) {
      const content = response.content?.['application/problem+json'];
      expect([name, status, content?.schema]).toEqual([
        name,
        status,
        { $ref: '#/components/schemas/Problem' },
      ]);
      for (const [code, example] of Object.entries<any>(content.examples)) {
        expect(example.value).toMatchObject({
          code,
          status: Number(status),
          type: `urn:reprise:problem:${code}`,
        });
      }
    }
  }
});

it('documents the errors of a path with an id', () => {
  const { responses } = document.paths['/api/chats/{chat_id}'].get;
  expect(Object.keys(responses).sort()).toEqual(['200', '400', '404', '429', '503']);
});

it('can be explored without any external address, under the content security policy', async () => {
  const page = await request(app.url).get('/api/docs').redirects(1);
  expect(page.status).toBe(200);
  expect(page.text).not.toMatch(/(src|href)=["']https?:/);
  // Inline scripts are what the policy forbids.
  expect(page.text).not.toMatch(/<script>|<script(?![^>]*\bsrc=)[^>]*>/);
  expect(page.headers['content-security-policy']).toContain("script-src 'self'");
  const assets = [...page.text.matchAll(/(?:src|href)=["']([^"']+)["']/g)].map((match) => match[1]!);
  expect(assets.length).toBeGreaterThan(3);
  for (const asset of assets) {
    const url = new URL(asset, `${app.url}/api/docs`);
    expect([asset, (await fetch(url)).status]).toEqual([asset, 200]);
  }
});
