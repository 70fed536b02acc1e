import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { YamlFileError } from '../platform/config/index.js';
import { readServersFile } from './servers-file.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'reprise-mcp-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
beforeAll(() => {
  Object.assign(process.env, { MCP_TEST_TOKEN: 'tok', MCP_TEST_EMPTY: '', MCP_TEST_BAD: 'a\nb' });
});

function write(text: string): string {
  const file = path.join(folder, 'mcp.yaml');
  writeFileSync(file, text);
  return file;
}

/** The faults, without the name of the file. */
function faults(text: string): string[] {
  const file = write(text);
  try {
    readServersFile(file);
  } catch (error) {
    if (error instanceof YamlFileError) return error.faults.map((fault) => fault.replace(`${file}, `, ''));
    throw error;
  }
  throw new Error('There is no fault.');
}

const DEFAULTS = {
  required: false,
  connect_timeout_ms: 60_000,
  max_result_bytes: 10_485_760,
  parallel: true,
  approve: [],
  trust: [],
  idempotent: [],
};

it('describes programs and addresses', () => {
  const file = write(`
servers:
  files: # a comment
    command: npx
    args: [-y, "@modelcontextprotocol/server-filesystem", 42]
    env: { KEY: "\${MCP_TEST_TOKEN}", PORT: 8080, DEBUG: true }
  web:
    url: https://example.com/mcp?key=\${MCP_TEST_TOKEN}
    headers:
      Authorization: Bearer \${MCP_TEST_TOKEN}
      X-Text: $\${MCP_TEST_TOKEN}
    timeout_ms: 5000
    approve: ["*"]
    trust: [search]
  plain: { url: "http://127.0.0.1:9000/base/", protocol: simple, required: true }
`);
  expect(readServersFile(file)).toEqual([
    {
      ...DEFAULTS,
      name: 'files',
      kind: 'stdio',
      command: 'npx',
      args: ['-y', '@modelcontextprotocol/server-filesystem', '42'],
      env: { KEY: 'tok', PORT: '8080', DEBUG: 'true' },
      cwd: undefined,
    },
    {
      ...DEFAULTS,
      name: 'web',
      kind: 'http',
      url: new URL('https://example.com/mcp?key=tok'),
      headers: { Authorization: 'Bearer tok', 'X-Text': '${MCP_TEST_TOKEN}' },
      timeout_ms: 5000,
      approve: ['*'],
      trust: ['search'],
    },
    {
      ...DEFAULTS,
      name: 'plain',
      kind: 'simple',
      url: new URL('http://127.0.0.1:9000/base/'),
      headers: {},
      required: true,
    },
  ]);
});

it.each([
  ['servers: {}\nextra: 1', ['line 1: Unrecognized key: "extra"']],
  ['', ['line 1: Invalid input: expected object, received null']],
  ['servers:\n  a:\n    comand: x', ['line 3: servers.a: Unrecognized key: "comand"']],
  [
    'servers:\n  a:\n    command: x\n    args: y',
    ['line 4: servers.a.args: Invalid input: expected array, received string'],
  ],
  [
    'servers:\n  a:\n    command: x\n    timeout_ms: 5s',
    ['line 4: servers.a.timeout_ms: Invalid input: expected number, received string'],
  ],
  [
    'servers:\n  a:\n    required: true',
    ['line 3: servers.a: must have either `command` (a program to start) or `url`.'],
  ],
  [
    'servers:\n  a:\n    command: x\n    url: http://h/',
    ['line 3: servers.a: must have either `command` (a program to start) or `url`.'],
  ],
  [
    'servers:\n  a:\n    command: x\n    protocol: simple',
    ['line 4: servers.a.protocol: goes only with `url`.'],
  ],
  [
    'servers:\n  a:\n    url: http://h/\n    env: { A: b }',
    ['line 4: servers.a.env: goes only with `command`.'],
  ],
  [
    'servers:\n  a b:\n    command: x',
    [
      'line 3: servers.a b: a name must be 1 to 32 letters, digits, "-" and single "_", and begin with a letter or digit.',
    ],
  ],
  ['servers:\n  a__b:\n    command: x', [expect.stringContaining('servers.a__b: a name must be')]],
  ['servers:\n  a_:\n    command: x', [expect.stringContaining('servers.a_: a name must be')]],
  [`servers:\n  ${'a'.repeat(33)}:\n    command: x`, [expect.stringContaining('a name must be 1 to 32')]],
  [
    'servers:\n  a:\n    url: ftp://h/',
    ['line 3: servers.a.url: must be a URL that begins with http:// or https://.'],
  ],
  [
    'servers:\n  a:\n    url: nowhere',
    ['line 3: servers.a.url: must be a URL that begins with http:// or https://.'],
  ],
  [
    'servers:\n  a:\n    url: http://u:p@h/',
    ['line 3: servers.a.url: cannot contain a user or a password: use an Authorization header.'],
  ],
  [
    'servers:\n  a:\n    url: http://h/\n    headers:\n      Authorization: Bearer ${MCP_TEST_MISSING}',
    ['line 5: servers.a.headers.Authorization: the environment variable MCP_TEST_MISSING is not set.'],
  ],
  [
    'servers:\n  a:\n    command: x\n    env:\n      KEY: ${MCP_TEST_EMPTY}',
    ['line 5: servers.a.env.KEY: the environment variable MCP_TEST_EMPTY is not set.'],
  ],
  [
    'servers:\n  a:\n    command: x\n    env: { "A B": c }',
    ['line 4: servers.a.env.A B: is not a name of an environment variable.'],
  ],
  [
    'servers:\n  a:\n    url: http://h/\n    headers:\n      X-Bad: ${MCP_TEST_BAD}',
    ['line 5: servers.a.headers.X-Bad: has a character that no HTTP header can carry: copy it again.'],
  ],
  [
    'servers:\n  a:\n    url: http://h/\n    headers: { "A B": c }',
    ['line 4: servers.a.headers.A B: is not a name of a header.'],
  ],
  [
    'servers:\n  a:\n    url: http://h/\n    headers: { Mcp-Session-Id: c }',
    ['line 4: servers.a.headers.Mcp-Session-Id: is set by the protocol itself.'],
  ],
  [
    'servers:\n  a:\n    command: x\n    approve: [t]\n    trust: [t]',
    ['line 5: servers.a.trust: "t" is in `approve`, too.'],
  ],
  ['servers:\n  a:\n    command: x\n  a:\n    command: y', ['line 4: Map keys must be unique']],
  ['servers:\n  a:\n    command: "x', [expect.stringMatching(/^line 3: Missing closing "quote/)]],
  ['servers:\n  a:\n    command: ""', [expect.stringMatching(/^line 3: servers.a.command: Too small/)]],
])('names file, line and field of a fault: %j', (text, expected) => {
  expect(faults(text)).toEqual(expected);
});

it('is named if it is not there', () => {
  expect(() => readServersFile('/no/such/mcp.yaml')).toThrow('/no/such/mcp.yaml: there is no such file.');
});
