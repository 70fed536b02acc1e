import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  cleanUp,
  EVERYTHING,
  FILESYSTEM,
  listen,
  newContext,
  newFolder,
  startWorld,
  type McpWorld,
} from './support.js';

// The reference servers from npm, over both transports.

let world: McpWorld;
let folder: string;

beforeAll(async () => {
  folder = await newFolder();
  await mkdir(path.join(folder, 'sub'));
  await writeFile(path.join(folder, 'note.txt'), 'Line one\nLine two\n');
  const http = await listen(EVERYTHING, ['streamableHttp']);
  world = await startWorld({
    every: { command: process.execPath, args: [EVERYTHING, 'stdio'], env: { GIVEN: 'yes' } },
    web: { url: `${http.url}/mcp` },
    files: { command: process.execPath, args: [FILESYSTEM, folder], trust: ['write_file'] },
  });
});
afterAll(async () => {
  await world.close();
  await cleanUp();
});

describe('the tools of server-everything', () => {
  it.each(['every', 'web'])('are listed under the name of the server (%s)', (server) => {
    expect(world.state(server)).toMatchObject({ status: 'connected', required: false });
    const tools = world.registry.list().filter(({ source }) => source === server);
    expect(tools.map(({ name }) => name)).toEqual(
      expect.arrayContaining([`${server}__echo`, `${server}__get-sum`, `${server}__get-env`]),
    );
    expect(tools.find(({ name }) => name === `${server}__get-sum`)).toMatchObject({
      label: 'Get Sum Tool',
      approval: false,
      idempotent: true,
      parallel: true,
      parameters: { type: 'object', required: ['a', 'b'] },
    });
    // It only runs as a task.
    expect(tools.map(({ name }) => name)).not.toContain(`${server}__simulate-research-query`);
    expect(world.state(server).faults).toEqual([expect.stringContaining('simulate-research-query')]);
  });

  it.each(['every', 'web'])('answer (%s)', async (server) => {
    expect(await world.call(`${server}__echo`, { message: 'hæ' })).toEqual({ text: 'Echo: hæ' });
    expect(await world.call(`${server}__get-sum`, { a: 2, b: 40 })).toEqual({
      text: 'The sum of 2 and 40 is 42.',
    });
  });

  it('get only the environment of the file', async () => {
    const { text = '' } = await world.call('every__get-env');
    const env = JSON.parse(text) as Record<string, string>;
    expect(env).toMatchObject({ GIVEN: 'yes', PATH: process.env['PATH'] });
    const safe = ['GIVEN', 'HOME', 'LOGNAME', 'PATH', 'SHELL', 'TERM', 'USER'];
    expect(Object.keys(env).filter((name) => !safe.includes(name))).toEqual([]);
  });

  it.each(['every', 'web'])('show progress (%s)', async (server) => {
    const context = newContext();
    await world.call(`${server}__trigger-long-running-operation`, { duration: 0.4, steps: 4 }, context);
    const shown = context.emitted.flatMap((body) => (body.type === 'status' ? [body.text] : []));
    // The last one may be overtaken by the result.
    expect(shown.slice(0, 3).map((text) => text.replace(/^.*: /, ''))).toEqual([
      '1 of 4',
      '2 of 4',
      '3 of 4',
    ]);
  });

  it('give structured content once', async () => {
    const result = await world.call('every__get-structured-content', { location: 'Chicago' });
    expect(result).toEqual({ json: expect.objectContaining({ temperature: expect.any(Number) }) });
  });

  it('describe what is no text', async () => {
    const { text = '' } = await world.call('every__get-tiny-image');
    expect(text).toMatch(/\[image: image\/png, \d+(\.\d)? (bytes|kB); it cannot be shown here\]/);
    expect(text.length).toBeLessThan(500);
    const links = await world.call('every__get-resource-links', { count: 2 });
    expect(links.text).toMatch(/\[resource demo:\/\/resource\/.*text\/plain/);
    const embedded = await world.call('every__get-resource-reference', {
      resourceType: 'Text',
      resourceId: 1,
    });
    expect(embedded.text).toMatch(/Resource demo:\/\/resource\/dynamic\/text\/1:\n\S+/);
  });

  it.each(['every', 'web'])('fail in words that the model can use (%s)', async (server) => {
    const { code, message } = await world.failure(`${server}__get-sum`, { a: 'x' });
    expect(code).toBe('tool_failed');
    expect(message).toMatch(/expected number/i);
  });
});

describe('the tools of server-filesystem', () => {
  it('need approval where they destroy, unless they are trusted', () => {
    const approval = (name: string) => world.registry.find(`files__${name}`)?.approval;
    expect(approval('read_text_file')).toBe(false);
    expect(approval('edit_file')).toBe(true);
    expect(approval('write_file')).toBe(false);
    expect(world.registry.find('files__read_text_file')?.idempotent).toBe(true);
    expect(world.registry.find('files__edit_file')?.idempotent).toBe(false);
  });

  it('give the content once', async () => {
    const result = await world.call('files__read_text_file', { path: path.join(folder, 'note.txt') });
    expect(result).toEqual({ json: { content: 'Line one\nLine two\n' } });
  });

  it('refuse what is outside of their folder, in words', async () => {
    const { code, message } = await world.failure('files__read_text_file', { path: '/etc/passwd' });
    expect(code).toBe('tool_failed');
    expect(message).toMatch(/Access denied/);
  });

  it('write', async () => {
    const file = path.join(folder, 'sub/new.txt');
    await world.call('files__write_file', { path: file, content: 'æøå' });
    const read = await world.call('files__read_text_file', { path: file });
    expect(read).toEqual({ json: { content: 'æøå' } });
  });
});
