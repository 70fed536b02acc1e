import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from '../support/until.js';
import { ToolError } from '../../src/tools/index.js';
import { cleanUp, newContext, newFolder, own, startWorld, type McpWorld } from './support.js';

// A server over standard input and output that misbehaves.

let world: McpWorld;
let state: string;

async function setup(more: object = {}, env: Record<string, string> = {}): Promise<McpWorld> {
  state = path.join(await newFolder(), 'state');
  const server = {
    command: process.execPath,
    args: [own('stdio.mjs')],
    ...more,
    env: { STATE: state, TOKEN: 'top-secret-token', ...(more as { env?: object }).env },
  };
  world = await startWorld({ bad: server }, env);
  return world;
}
afterEach(async () => {
  await world.close();
  await cleanUp();
});

/** How often the server has noted a word. */
async function noted(word: string): Promise<number> {
  const text = await readFile(state, 'utf8').catch(() => '');
  return text.split('\n').filter((line) => line === word).length;
}

const sourced = (): string[] =>
  world.registry.list().flatMap(({ name, source }) => (source === 'bad' ? [name.replace('bad__', '')] : []));

describe('a server that dies in a call', () => {
  it('is started again, and the model is told that the outcome is unknown', async () => {
    await setup();
    const { text: before } = await world.call('bad__pid');
    const { code, message } = await world.failure('bad__die');
    expect(code).toBe('outcome_unknown');
    expect(message).toBe(
      'The connection to the MCP server "bad" was lost during the call (the connection was closed). Whether the tool has done its work is unknown.',
    );
    const { text: after } = await world.call('bad__pid');
    expect(after).not.toBe(before);
    expect([await noted('die'), await noted('start')]).toEqual([1, 2]);
    expect(world.state('bad').status).toBe('connected');
  });

  it('gets the call again if the tool is idempotent', async () => {
    await setup();
    const context = newContext();
    expect(await world.call('bad__die_once', {}, context)).toEqual({ text: 'the second time' });
    expect(await noted('die_once')).toBe(2);
    expect(context.emitted).toContainEqual(
      expect.objectContaining({ text: expect.stringContaining('again: the connection was lost') }),
    );
  });

  it('gets it only twice if it dies again', async () => {
    await setup({ idempotent: ['die'] });
    expect((await world.failure('bad__die')).code).toBe('outcome_unknown');
    expect(await noted('die')).toBe(2);
  });

  it('does not take along the calls of other servers', async () => {
    const other = { command: process.execPath, args: [own('stdio.mjs')] };
    world = await startWorld({ bad: other, good: other });
    const hanging = new AbortController();
    const held = world.failure('good__hang', {}, { signal: hanging.signal });
    await world.failure('bad__die');
    expect(await world.call('good__echo', { text: 'here' })).toEqual({ text: 'here' });
    hanging.abort(new ToolError('enough', 'cancelled'));
    expect((await held).code).toBe('cancelled');
  });

  it('fails every call that it had', async () => {
    await setup();
    const held = [world.failure('bad__hang'), world.failure('bad__hang')];
    await until('both arrived', async () => (await noted('hang')) === 2);
    await world.failure('bad__die');
    // They are read-only, so they are made again: that of the new server hangs, too.
    await until('both arrived again', async () => (await noted('hang')) === 4);
    await world.failure('bad__die');
    expect((await Promise.all(held)).map(({ code }) => code)).toEqual(['outcome_unknown', 'outcome_unknown']);
  });
});

describe('a server that hangs', () => {
  it('is told about the cancelled call, which ends with the reason of its own signal', async () => {
    await setup();
    const end = new AbortController();
    const call = world.failure('bad__hang', {}, { signal: end.signal });
    await until('it hangs', async () => (await noted('hang')) === 1);
    end.abort(new ToolError('cancelled', 'cancelled'));
    expect(await call).toEqual({ code: 'cancelled', message: 'cancelled' });
    await until('it is told', async () => (await noted('notifications/cancelled')) === 1);
    expect(await world.call('bad__echo', { text: 'still here' })).toEqual({ text: 'still here' });
  });

  it('cannot hold up the start, and is tried again', async () => {
    await setup({ env: { SILENT: 'yes' }, connect_timeout_ms: 300 }, { MCP_START_WAIT_MS: '50' });
    expect(world.state('bad').status).toBe('connecting');
    await world.becomes('bad', 'unavailable');
    expect(world.state('bad').reason).toBe('it did not answer in time');
    await until('it is started again', async () => (await noted('start')) > 1);
  });

  it('is killed at the end, if it does not leave', async () => {
    await setup({ env: { DEAF: 'yes' } });
    const { text: pid } = await world.call('bad__pid');
    await world.close();
    expect(() => process.kill(Number(pid), 0)).toThrow('ESRCH');
  });
});

describe('a server that cannot start', () => {
  it('says why in its state', async () => {
    await setup({ env: { BROKEN_START: 'yes' } }, { MCP_START_WAIT_MS: '50' });
    await world.becomes('bad', 'unavailable');
    await until('its words arrived', () => world.state('bad').reason?.includes('bad combination'));
    expect(sourced()).toEqual([]);
  });

  it('is named if there is no such program', async () => {
    await setup({ command: '/no/such/program' }, { MCP_START_WAIT_MS: '50' });
    await world.becomes('bad', 'unavailable');
    expect(world.state('bad').reason).toMatch(/\/no\/such\/program.*ENOENT/);
  });
});

describe('what a server sends', () => {
  it('may be garbage beside the answer', async () => {
    await setup();
    expect(await world.call('bad__garbage')).toEqual({ text: 'after the garbage' });
    expect(await world.call('bad__echo', { text: 'fine' })).toEqual({ text: 'fine' });
    expect(await noted('start')).toBe(1);
  });

  it.each([
    ['odd', { text: '[a part of type "hologram" that cannot be shown here]\n\nbeside it' }],
    ['empty', { text: '(The tool returned nothing.)' }],
    ['unstructured', { text: 'the text is here' }],
    ['mismatch', { json: { n: 'no number' }, text: '{"n":"no number"}\n\nthe text is here' }],
    ['deep', { text: '(The tool returned a result that is nested too deeply.)' }],
  ])('may be %s', async (tool, result) => {
    await setup();
    expect(await world.call(`bad__${tool}`)).toEqual(result);
  });

  it('may be an error, which the model is told without secrets', async () => {
    await setup();
    expect(await world.failure('bad__fail')).toEqual({ code: 'tool_failed', message: 'no such city' });
    expect(await world.failure('bad__refuse')).toEqual({
      code: 'server_failed',
      message: 'There is no result from the MCP server "bad": bad city [redacted].',
    });
  });

  it('may be larger than the limit', async () => {
    await setup({ max_result_bytes: 100_000 });
    const { text = '' } = await world.call('bad__big', { bytes: 90_000 });
    expect(text).toHaveLength(90_000);
    expect(await world.failure('bad__big', { bytes: 200_000 })).toEqual({
      code: 'result_too_large',
      message: 'The result is larger than 98 kB. Ask for less, in several calls if need be.',
    });
    expect(await noted('start')).toBe(1);
  });

  it('may be larger than the line takes: the server is started again', async () => {
    await setup();
    expect(await world.failure('bad__big', { bytes: 50_000_000 })).toEqual({
      code: 'result_too_large',
      message: 'The result is larger than 10 MB. Ask for less, in several calls if need be.',
    });
    expect(await world.call('bad__echo', { text: 'back' })).toEqual({ text: 'back' });
    expect([await noted('big'), await noted('start')]).toEqual([1, 2]);
  });

  it('is shown as progress', async () => {
    await setup();
    const context = newContext();
    expect(await world.call('bad__progress', {}, context)).toEqual({ text: 'done' });
    expect(context.emitted).toEqual([
      { type: 'status', text: 'progress: step 1 (1)' },
      { type: 'status', text: 'progress: step 2 (2)' },
    ]);
  });
});

describe('the tools that a server lists', () => {
  it('are read from all pages, each by itself, and named as models accept', async () => {
    await setup();
    const names = sourced();
    expect(names).toEqual(expect.arrayContaining(['echo', 'pid', 'unannotated', 'with_dots_and_spaces']));
    const long = names.find((name) => name.startsWith('long_'));
    expect(`bad__${long}`).toHaveLength(64);
    expect(await world.call(`bad__${long}`)).toEqual({ text: 'a long name' });
    expect(await world.call('bad__with_dots_and_spaces')).toEqual({ text: 'a strange name' });
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    const { faults = [] } = world.state('bad');
    expect(faults).toContainEqual(
      'The tool "with_dots_and spaces" is left out: with "with.dots/and spaces" it shares the name bad__with_dots_and_spaces.',
    );
    expect(faults.filter((fault) => fault.includes('not described as MCP requires'))).toHaveLength(5);
    expect(world.registry.find('bad__echo')?.parameters).toEqual({ type: 'object', properties: {} });
  });

  it('are followed when they change', async () => {
    await setup();
    expect(sourced()).not.toContain('grown');
    await world.call('bad__grow');
    await until('the new tool is known', () => sourced().includes('grown'));
    expect(sourced()).not.toContain('pid');
    expect(await world.call('bad__grown')).toEqual({ text: 'I am new' });
    expect((await world.failure('bad__pid')).code).toBe('unknown_tool');
  });

  it.each([
    [{}, { echo: false, grow: false, unannotated: true }],
    [{ trust: ['unannotated'] }, { echo: false, unannotated: false }],
    [{ trust: ['*'] }, { unannotated: false }],
    [{ approve: ['echo'] }, { echo: true, grow: false }],
    [{ approve: ['*'] }, { echo: true, grow: true, unannotated: true }],
    [
      { approve: ['*'], trust: ['echo'] },
      { echo: false, grow: true },
    ],
    [
      { trust: ['*'], approve: ['echo'] },
      { echo: true, unannotated: false },
    ],
  ])('need approval as they and the file say: %j', async (more, expected) => {
    await setup(more);
    const found = Object.keys(expected).map((name) => [name, world.registry.find(`bad__${name}`)?.approval]);
    expect(Object.fromEntries(found)).toEqual(expected);
  });

  it('are only those that the file names', async () => {
    await setup({ tools: ['echo', 'missing'], timeout_ms: 1234, parallel: false });
    expect(sourced()).toEqual(['echo']);
    expect(world.state('bad').faults).toContainEqual(
      '`tools` names the tool "missing", which the server does not offer.',
    );
    expect(world.registry.find('bad__echo')).toMatchObject({ timeout_ms: 1234, parallel: false });
  });
});

it('gets arguments however a model writes that there are none', async () => {
  await setup();
  for (const args of ['', 'null', '{}', '"{}"'])
    expect(await world.call('bad__echo', args)).toEqual({ text: 'nothing' });
  expect((await world.failure('bad__echo', '{"text":')).code).toBe('invalid_arguments');
});

it('gets only the environment of the file', async () => {
  process.env['REPRISE_TEST_TOKEN'] = 'from-outside';
  await setup({ env: { GIVEN: 'prefix-${REPRISE_TEST_TOKEN}', LITERAL: '$${HOME}', NUMBER: 8080 } });
  const { text = '' } = await world.call('bad__env');
  const env = JSON.parse(text) as Record<string, string>;
  expect(env).toMatchObject({ GIVEN: 'prefix-from-outside', LITERAL: '${HOME}', NUMBER: '8080' });
  expect(env).not.toHaveProperty('REPRISE_TEST_TOKEN');
  expect(env).not.toHaveProperty('TEST_MONGODB_URI');
});
