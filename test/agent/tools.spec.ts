import type { EventBody } from '@reprise/protocol';
import { DEFAULT_TENANT, type TenantId } from '../../src/common/index.js';
import { ErasureRegistry } from '../../src/platform/erasure/index.js';
import { Corpus, WorkspaceFiles, type ToolContext } from '../../src/tools/index.js';
import { AgentRegistry } from '../../src/agent/index.js';
import { AgentsController } from '../../src/agent/http/agents.controller.js';
import { ToolsController } from '../../src/tools/http/tools.controller.js';
import { startWorld, type AgentWorld, type SmallCorpus } from './support.js';
import { TestTools } from './test-tools.js';

let world: AgentWorld;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.close());

let chats = 0;
function setup(metadata: Record<string, unknown> = {}) {
  const emitted: EventBody[] = [];
  const context: ToolContext = {
    tenant: DEFAULT_TENANT,
    chat_id: `chat-${++chats}`,
    message_id: 'a'.repeat(24),
    call_id: 'call_1',
    metadata,
    signal: new AbortController().signal,
    emit: (body) => {
      emitted.push(body);
      return Promise.resolve();
    },
    progress: (text) => {
      emitted.push({ type: 'status', text });
    },
  };
  const call = (name: string, args: unknown) => world.registry.call(name, JSON.stringify(args), context);
  return { emitted, context, call };
}

describe('the registry', () => {
  it('lists the built-in tools with their JSON Schema', () => {
    expect(world.registry.list().map(({ name }) => name)).toEqual([
      'get_file_content',
      'list_files',
      'read_attachment',
      'read_file',
      'search_tender_corpus',
      'update_plan',
      'write_file',
    ]);
    expect(world.registry.find('read_file')?.parameters).toEqual({
      type: 'object',
      properties: { path: expect.objectContaining({ type: 'string' }) },
      required: ['path'],
    });
  });

  it('finds tools of any provider', async () => {
    const more = await startWorld(new TestTools());
    expect(more.registry.find('echo')?.idempotent).toBe(true);
    await more.close();
  });

  it('tells clients what this deployment can run', () => {
    const tools = new ToolsController(world.registry).list();
    expect(tools).toHaveLength(7);
    const [agent] = new AgentsController(world.context.get(AgentRegistry)).list();
    expect(agent).toEqual({
      name: 'assistant',
      kind: 'model',
      description: expect.any(String),
      version: expect.stringMatching(/^[0-9a-f]{12}$/),
      default: true,
      agents: [],
      tools: expect.arrayContaining(tools.map(({ name }) => name)),
    });
  });

  it('rejects an unknown name', async () => {
    await expect(setup().call('nope', {})).rejects.toThrow('There is no tool named "nope".');
  });
});

describe('update_plan', () => {
  const item = { id: 'todo-1', text: 'Search', status: 'in_progress' };

  it('shows the whole list', async () => {
    const { call, emitted } = setup();
    const result = await call('update_plan', {
      items: [item, { ...item, id: 'todo-2', status: 'completed' }],
    });
    expect(emitted).toEqual([
      { type: 'plan', items: [item, { ...item, id: 'todo-2', status: 'completed' }] },
    ]);
    expect(result.summary).toBe('Plan: 1 of 2 done');
  });

  it.each([[[]], [[{ ...item, status: 'done' }]], [[{ ...item, id: '' }]], [[item, item]], ['all']])(
    'rejects %j',
    async (items) => {
      const { call, emitted } = setup();
      await expect(call('update_plan', { items })).rejects.toThrow('Wrong arguments');
      expect(emitted).toEqual([]);
    },
  );
});

describe('the corpus tools', () => {
  const corpus = () => world.context.get<unknown, SmallCorpus>(Corpus);

  it('search returns passages as JSON and says where it found them', async () => {
    const result = await setup().call('search_tender_corpus', { query: 'CSR' });
    expect(JSON.parse(result.text ?? '')).toMatchObject({
      passages: [{ document_id: 'd1', title: 'Bilag E' }],
    });
    expect(result.summary).toBe('Found 1 relevant section in Bilag E');
  });

  it('search says if there is nothing', async () => {
    expect(await setup().call('search_tender_corpus', { query: 'zebra' })).toEqual({
      text: '{"passages":[]}',
      summary: 'Found nothing',
      sources: [],
    });
  });

  it("search stays within the message's tender unless told otherwise", async () => {
    const { call } = setup({ tender_id: 't1' });
    await call('search_tender_corpus', { query: 'CSR' });
    expect(corpus().queries.at(-1)).toEqual({ query: 'CSR', limit: 6, tender_id: 't1' });
    await call('search_tender_corpus', { query: 'CSR', tender_id: 't2', limit: 2 });
    expect(corpus().queries.at(-1)).toEqual({ query: 'CSR', limit: 2, tender_id: 't2' });
    await setup({ tender_id: 7 }).call('search_tender_corpus', { query: 'CSR' });
    expect(corpus().queries.at(-1)).toEqual({ query: 'CSR', limit: 6 });
  });

  it('a long document is read page by page, by id or title', async () => {
    const { call } = setup();
    const whole = corpus().documents[0]!.content;
    let read = '';
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const { text = '' } = await call('get_file_content', {
        document: offset ? 'd1' : 'Bilag E',
        offset,
      });
      read += text.slice(text.indexOf('\n\n') + 2);
      const next = /^next_offset: (\d+)$/m.exec(text);
      offset = next ? Number(next[1]) : undefined;
    }
    expect(read).toBe(whole);
    await expect(call('get_file_content', { document: 'Bilag Z' })).rejects.toThrow(
      'There is no document "Bilag Z".',
    );
  });
});

describe('the workspace', () => {
  const files = () => world.context.get(WorkspaceFiles);

  it('keeps files per chat', async () => {
    const { call, context } = setup();
    await call('write_file', { path: 'notes/a.md', content: 'old' });
    await call('write_file', { path: './notes//a.md', content: 'nüw\0' });
    await call('write_file', { path: 'empty', content: '' });
    expect((await call('read_file', { path: '/notes/a.md' })).text).toBe('nüw');
    expect((await call('read_file', { path: 'empty' })).text).toBe('');
    expect((await call('list_files', {})).text).toBe('empty (0 bytes)\nnotes/a.md (4 bytes)');
    expect((await setup().call('list_files', {})).text).toBe('The workspace is empty.');
    expect(await files().list({ ...context, tenant: 'other' as TenantId })).toEqual([]);
  });

  it('rejects paths outside and files that do not exist', async () => {
    const { call } = setup();
    await expect(call('write_file', { path: '../x', content: '' })).rejects.toThrow(
      'is not a path inside the workspace',
    );
    await expect(call('read_file', { path: 'none' })).rejects.toThrow('There is no file "none"');
  });

  it('is limited even for concurrent writers, and rewriting a file counts once', async () => {
    const { call } = setup();
    const content = 'x'.repeat(2_000_000);
    const writes = ['a', 'b', 'c'].map((path) => call('write_file', { path, content }));
    const results = await Promise.allSettled(writes);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    await expect(call('write_file', { path: 'a', content })).resolves.toMatchObject({
      summary: 'Wrote a (2000000 bytes)',
    });
  });

  it('is deleted with its chat', async () => {
    const { call, context } = setup();
    await call('write_file', { path: 'a', content: 'x' });
    await world.context.get(ErasureRegistry).eraseChats(DEFAULT_TENANT, [context.chat_id]);
    expect(await files().list(context)).toEqual([]);
  });
});
