import {
  AgentCard,
  TaskArtifactUpdateEvent,
  Task,
  TaskStatusUpdateEvent,
  Message,
  type Message as A2aMessage,
} from '@a2a-js/sdk';
import {
  AgentEvent,
  DefaultRequestHandler,
  InMemoryTaskStore,
  type AgentExecutor,
  type ExecutionEventBus,
  type RequestContext,
} from '@a2a-js/sdk/server';
import { agentCardHandler, jsonRpcHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import { jest } from '@jest/globals';
import express from 'express';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { A2aModel } from '../../src/agent/kinds/a2a-model.js';
import type { ModelDelta } from '../../src/models/index.js';
import { CuttingProxy } from '../support/cutting-proxy.js';
import { until } from '../support/until.js';

/** What the agent does with a message. */
type Play = (stage: AgentStage) => void | Promise<void>;

/** The events of one task, as their server publishes them. */
class AgentStage {
  constructor(
    readonly context: Pick<RequestContext, 'taskId' | 'contextId' | 'userMessage'>,
    private readonly bus: ExecutionEventBus,
  ) {}

  begin(): this {
    const { taskId: id, contextId } = this.context;
    const status = { state: 'TASK_STATE_WORKING' };
    this.bus.publish(AgentEvent.task(Task.fromJSON({ id, contextId, status, artifacts: [], history: [] })));
    return this;
  }

  text(text: string, { append = true, artifactId = 'a' } = {}): this {
    const artifact = { artifactId, parts: [{ text }] };
    const update = { ...this.key, artifact, append, lastChunk: false };
    this.bus.publish(AgentEvent.artifactUpdate(TaskArtifactUpdateEvent.fromJSON(update)));
    return this;
  }

  status(state: string, parts: object[] = []): this {
    const message = { messageId: 'x', role: 'ROLE_AGENT', parts };
    const update = { ...this.key, status: { state, ...(parts.length > 0 && { message }) } };
    this.bus.publish(AgentEvent.statusUpdate(TaskStatusUpdateEvent.fromJSON(update)));
    return this;
  }

  reply(text: string): this {
    const message = { messageId: 'r', ...this.key, role: 'ROLE_AGENT', parts: [{ text }] };
    this.bus.publish(AgentEvent.message(Message.fromJSON(message)));
    return this;
  }

  end(state = 'TASK_STATE_COMPLETED', parts: object[] = []): void {
    this.status(state, parts);
    this.bus.finished();
  }

  private get key(): { taskId: string; contextId: string } {
    const { taskId, contextId } = this.context;
    return { taskId, contextId };
  }
}

const play: { script: Play; asked: A2aMessage[]; cancelled: string[] } = {
  script: () => undefined,
  asked: [],
  cancelled: [],
};
const executor: AgentExecutor = {
  execute: async (context, bus) => {
    play.asked.push(context.userMessage);
    await play.script(new AgentStage(context, bus));
  },
  cancelTask: (taskId, bus) => {
    play.cancelled.push(taskId);
    const key = { taskId, contextId: '' };
    new AgentStage({ ...key, userMessage: Message.fromJSON({}) }, bus).end('TASK_STATE_CANCELED');
    return Promise.resolve();
  },
};

let server: Server;
let base: string;
const headersSeen: (string | undefined)[] = [];
beforeAll(async () => {
  const app = express();
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const card = (url: string) =>
    AgentCard.fromJSON({
      name: 'Far',
      description: 'd',
      version: '1',
      supportedInterfaces: [{ url: `${url}/rpc`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
      capabilities: { streaming: true },
    });
  const handler = new DefaultRequestHandler(card(base), new InMemoryTaskStore(), executor);
  app.use((request, _response, next) => {
    headersSeen.push(request.get('x-key'));
    next();
  });
  // A proxy in front: the card names the address at which it was asked.
  app.use('/.well-known/agent-card.json', (request, response, next) =>
    agentCardHandler({
      agentCardProvider: () => Promise.resolve(card(`http://${request.get('host') ?? ''}`)),
    })(request, response, next),
  );
  app.use(
    '/elsewhere/.well-known/agent-card.json',
    agentCardHandler({
      agentCardProvider: () => Promise.resolve(card('http://127.0.0.2:9')),
    }),
  );
  app.use('/rpc', jsonRpcHandler({ requestHandler: handler, userBuilder: UserBuilder.noAuthentication }));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  jest.spyOn(console, 'error').mockImplementation(() => undefined); // where the SDK's server reports refusals
  play.asked.length = 0;
  play.cancelled.length = 0;
  headersSeen.length = 0;
});

interface Heard {
  deltas: ModelDelta[];
  text: string;
  error: unknown;
}

async function ask(
  script: Play,
  {
    url = base,
    timeoutMs = 5000,
    signal = new AbortController().signal,
    onDelta = (_: ModelDelta): void => undefined,
  } = {},
): Promise<Heard> {
  play.script = script;
  const spec = { kind: 'remote', name: 'far', description: 'd', protocol: 'a2a', headers: {} } as const;
  const about = { session_id: 'chat-1', message_id: `m-${Math.random()}`, tenant_id: 't', project_id: 'p' };
  const model = new A2aModel(spec, { url, timeoutMs, headers: { 'x-key': 'secret' } }, about);
  const deltas: ModelDelta[] = [];
  let error: unknown;
  try {
    const messages = [{ role: 'user' as const, content: 'Now?' }];
    for await (const delta of model.stream({ messages, tools: [] }, signal)) {
      deltas.push(delta);
      onDelta(delta);
    }
  } catch (caught) {
    error = caught;
  }
  return { deltas, text: deltas.map((delta) => (delta.type === 'text' ? delta.text : '')).join(''), error };
}

describe('a remote agent over A2A', () => {
  it('is asked in the context of the chat, with its headers, and its artifact is the answer', async () => {
    const heard = await ask((stage) => {
      stage.begin().text('One ', { append: false }).text('two').end();
    });
    expect(heard).toMatchObject({ text: 'One two', error: undefined });
    expect(heard.deltas.at(-1)).toEqual({ type: 'finish', reason: 'stop' });
    expect(play.asked).toMatchObject([
      { contextId: 'chat-1', metadata: { tenant_id: 't', project_id: 'p' } },
    ]);
    expect(new Set(headersSeen)).toEqual(new Set(['secret']));
  });

  it('shows what it does on the way', async () => {
    const { deltas } = await ask((stage) => {
      stage
        .begin()
        .status('TASK_STATE_WORKING', [{ text: 'Looking' }])
        .status('TASK_STATE_WORKING', [{ text: 'Hm', metadata: { kind: 'reasoning' } }])
        .status('TASK_STATE_WORKING', [
          { data: { tool_start: { call_id: 'c', name: 'find', args_summary: '{}' } } },
        ])
        .status('TASK_STATE_WORKING', [{ data: { weather: 'fine' } }])
        .end('TASK_STATE_COMPLETED', [{ text: 'Done.' }]);
    });
    expect(deltas).toEqual([
      { type: 'status', text: 'Looking' },
      { type: 'reasoning', text: 'Hm' },
      { type: 'event', body: { type: 'tool_start', call_id: 'c', name: 'find', args_summary: '{}' } },
      { type: 'text', text: 'Done.' },
      { type: 'finish', reason: 'stop' },
    ]);
  });

  it.each<[string, Play, string]>([
    ['replies without a task', (stage) => void stage.reply('At once.'), 'At once.'],
    [
      'asks back',
      (stage) => {
        stage.begin().end('TASK_STATE_INPUT_REQUIRED', [{ text: 'Which one?' }]);
      },
      'Which one?',
    ],
    [
      'writes two artifacts',
      (stage) => {
        stage
          .begin()
          .text('First', { append: false })
          .text('Second', { append: false, artifactId: 'b' })
          .end();
      },
      'First\n\nSecond',
    ],
    [
      'sends an artifact anew, longer',
      (stage) => {
        stage.begin().text('Begin', { append: false }).text('Beginning', { append: false }).end();
      },
      'Beginning',
    ],
  ])('that %s has answered', async (_, script, text) => {
    expect(await ask(script)).toMatchObject({ text, error: undefined });
  });

  it.each(['TASK_STATE_FAILED', 'TASK_STATE_CANCELED', 'TASK_STATE_REJECTED'])(
    'reports its failure: %s',
    async (state) => {
      const { error } = await ask((stage) => {
        stage.begin().end(state, [{ text: 'No fuel.' }]);
      });
      expect(error).toMatchObject({ code: 'remote_failed', message: expect.stringContaining('No fuel.') });
    },
  );

  it('is subscribed to again when its stream breaks, and nothing is lost or doubled', async () => {
    const budgets = [Infinity, 900];
    const proxy = await CuttingProxy.start(base, () => budgets.shift() ?? Infinity);
    const words = Array.from({ length: 30 }, (_, n) => `word-${n} `);
    const { text, error } = await ask(
      async (stage) => {
        stage.begin();
        for (const [index, word] of words.entries()) {
          stage.text(word, { append: index > 0 });
          if (index === 20) await until('the stream was cut', () => proxy.cuts > 0 || undefined);
        }
        stage.end();
      },
      { url: proxy.url },
    );
    await proxy.stop();
    expect({ text, error, cuts: proxy.cuts }).toEqual({ text: words.join(''), error: undefined, cuts: 1 });
    expect(play.asked).toHaveLength(1);
  });

  it('that ended while nobody listened is asked for its result', async () => {
    let cut = (): void => undefined;
    const wasCut = new Promise<void>((resolve) => (cut = resolve));
    const budgets = [Infinity, 700];
    const proxy = await CuttingProxy.start(base, () => budgets.shift() ?? Infinity);
    const heard = ask(
      async (stage) => {
        stage.begin().text('a'.repeat(2000), { append: false });
        await wasCut;
        stage.text('b').end();
      },
      { url: proxy.url },
    );
    await until('the stream was cut', () => proxy.cuts > 0 || undefined);
    cut();
    const { text, error } = await heard;
    await proxy.stop();
    expect({ text: text.replace(/a+/, 'a'), error }).toEqual({ text: 'ab', error: undefined });
  });

  it('is told when nobody reads its answer any more', async () => {
    const leaving = new AbortController();
    const working: Play = (stage) => {
      stage.begin().text('x', { append: false });
      return new Promise(() => undefined);
    };
    const { error } = await ask(working, {
      signal: leaving.signal,
      onDelta: () => {
        leaving.abort(new Error('cancelled'));
      },
    });
    expect(error).toMatchObject({ message: 'cancelled' });
    await until('the task was cancelled', () => play.cancelled.length > 0 || undefined);
  });

  it('that says nothing is given up', async () => {
    const { error } = await ask(() => new Promise(() => undefined), { timeoutMs: 300 });
    expect(error).toMatchObject({ code: 'remote_unavailable', options: { retryable: true } });
  });

  it('whose card leads to another server is not called: it would get the headers', async () => {
    const { error } = await ask(() => undefined, { url: `${base}/elsewhere/.well-known/agent-card.json` });
    expect(error).toMatchObject({ code: 'remote_rejected', options: { retryable: false } });
    expect(play.asked).toEqual([]);
  });

  it.each([
    ['http://127.0.0.1:9', 'remote_unavailable'],
    ['nothing/here/agent-card.json', 'remote_rejected'],
  ])('that cannot be reached is said to be: %s', async (where, code) => {
    const url = where.startsWith('http') ? where : `${base}/${where}`;
    const { error } = await ask(() => undefined, { url });
    expect(error).toMatchObject({ code });
  });
});
