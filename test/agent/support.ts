import { Global, Injectable, Module, type INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getConnectionToken, MongooseModule } from '@nestjs/mongoose';
import { mintEventId, type EventBody, type EventType, type StreamEvent } from '@reprise/protocol';
import { randomBytes } from 'node:crypto';
import type { Connection } from 'mongoose';
import { Agent } from '../../src/agent/loop/agent.js';
import type { AgentRun } from '../../src/agent/loop/agent-run.js';
import { AgentModule } from '../../src/agent/agent.module.js';
import { AgentModels } from '../../src/agent/catalogue/agent-models.js';
import { AgentRegistry } from '../../src/agent/catalogue/agent-registry.js';
import { AgentTools } from '../../src/agent/catalogue/agent-tools.js';
import { AgentVersions } from '../../src/agent/catalogue/agent-versions.js';
import type { AgentDefinition } from '../../src/agent/catalogue/definition.js';
import { ApprovalJournal } from '../../src/agent/calls/approval-journal.js';
import { ChatModel, type ModelDelta, type ModelRequest } from '../../src/models/chat-model.js';
import { ModelCatalogue, RemoteChatModels } from '../../src/models/index.js';
import { EventSink } from '../../src/agent/event-sink.js';
import { QuestionFiles } from '../../src/agent/attachments/question-files.js';
import { AttachedFiles } from '../../src/files/index.js';
import { History } from '../../src/agent/history/history.js';
import { ToolJournal } from '../../src/agent/calls/tool-journal.js';
import { ModelTurns } from '../../src/agent/asking/model-turns.js';
import { RunPreparation } from '../../src/agent/loop/run-preparation.js';
import { ToolExecution } from '../../src/agent/calls/tool-execution.js';
import { CallLog } from '../../src/agent/calls/call-log.js';
import { ToolRunner } from '../../src/agent/calls/tool-runner.js';
import { ToolSets } from '../../src/agent/turns/tool-sets.js';
import { TurnLog } from '../../src/agent/turns/turn-log.js';
import { UsageSum } from '../../src/agent/usage-sum.js';
import { Clock, DEFAULT_TENANT, Pause } from '../../src/common/index.js';
import { ConfigModule, loadSettings, Settings } from '../../src/platform/config/index.js';
import { ErasureModule } from '../../src/platform/erasure/index.js';
import { TelemetryModule } from '../../src/platform/telemetry/index.js';
import { newWatches } from '../support/telemetry.js';
import {
  Corpus,
  ToolRegistry,
  WorkspaceFiles,
  type CorpusDocument,
  type CorpusQuery,
  type Passage,
} from '../../src/tools/index.js';

/** A log in memory that acknowledges at once, unless told otherwise. */
export class RecordingSink extends EventSink {
  readonly bodies: EventBody[] = [];
  /** Rejects every event from this one on, like a log that another worker has taken over. */
  refuseFrom = Infinity;
  /** When set, events are acknowledged only by {@link release}. */
  private held: (() => void)[] | undefined;
  private watchers: { wanted: (body: EventBody) => boolean; seen: () => void }[] = [];

  override async emit(body: EventBody): Promise<void> {
    if (this.bodies.length >= this.refuseFrom) throw new Error('fenced');
    this.bodies.push(body);
    this.watchers = this.watchers.filter(({ wanted, seen }) => {
      const found = wanted(body);
      if (found) seen();
      return !found;
    });
    if (this.held) await new Promise<void>((resolve) => this.held?.push(resolve));
  }

  hold(): void {
    this.held = [];
  }

  release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const acknowledge of held) acknowledge();
  }

  /** Resolves when such an event has arrived. */
  seen(wanted: (body: EventBody) => boolean): Promise<void> {
    if (this.bodies.some(wanted)) return Promise.resolve();
    return new Promise((seen) => this.watchers.push({ wanted, seen }));
  }

  of<T extends EventType>(type: T): EventBody<T>[] {
    return this.bodies.filter((body): body is Extract<EventBody, EventBody<T>> => body.type === type);
  }

  get text(): string {
    return this.of('content')
      .map(({ md }) => md)
      .join('');
  }

  /** Event types in order, consecutive ones of the same type once. */
  get shape(): string[] {
    return this.bodies.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
  }

  asLog(run: AgentRun): StreamEvent[] {
    return asLog(this.bodies, run);
  }
}

/** Bodies as they are in the log. */
export function asLog(bodies: readonly EventBody[], { message_id, chat_id }: AgentRun): StreamEvent[] {
  return bodies.map((body, seq) => {
    const id = mintEventId({ ms: 1, seq, nonce: '00000000' });
    return { v: 1, ...body, id, ts: new Date(0).toISOString(), message_id, chat_id };
  });
}

/** What a scripted model does in one request. */
export type Script = (
  request: ModelRequest,
  signal: AbortSignal,
) => AsyncGenerator<ModelDelta> | Generator<ModelDelta>;

/** A model that follows a script per request. */
export class ScriptedModel extends ChatModel {
  override readonly name: string = 'scripted';
  readonly requests: ModelRequest[] = [];
  private readonly scripts: Script[];

  constructor(...scripts: Script[]) {
    super();
    this.scripts = scripts;
  }

  override async *stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelDelta> {
    const script = this.scripts[Math.min(this.requests.length, this.scripts.length - 1)];
    this.requests.push(structuredClone(request));
    if (script) yield* script(request, signal);
  }

  override check(): Promise<{ ok: boolean; detail: string }> {
    return Promise.resolve({ ok: true, detail: '' });
  }
}

export const text = (value: string): ModelDelta => ({ type: 'text', text: value });
export const thought = (value: string): ModelDelta => ({ type: 'reasoning', text: value });
export const finish = (reason: (ModelDelta & { type: 'finish' })['reason'] = 'stop'): ModelDelta => ({
  type: 'finish',
  reason,
});
export const usage = (prompt_tokens: number, completion_tokens: number): ModelDelta => ({
  type: 'usage',
  usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
});
export const toolCall = (id: string, name: string, args: unknown = {}): ModelDelta => ({
  type: 'tool_call',
  call: { id, name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
});

/** A script that says these things, then throws if the last is an error. */
export function says(...items: (ModelDelta | Error)[]): Script {
  return function* () {
    for (const item of items) {
      if (item instanceof Error) throw item;
      yield item;
    }
  };
}

/** Resolves when the signal is or was aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else
      signal.addEventListener('abort', () => {
        resolve();
      });
  });
}

/** Does not wait, but remembers how long it should have. */
export class InstantPause extends Pause {
  readonly waits: number[] = [];

  override wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    this.waits.push(ms);
    return Promise.resolve();
  }
}

/** A corpus of two documents. */
@Injectable()
export class SmallCorpus extends Corpus {
  readonly queries: CorpusQuery[] = [];
  readonly documents: CorpusDocument[] = [
    {
      document_id: 'd1',
      title: 'Bilag E',
      content: 'Preface of the annex. The CSR requirements follow the ILO conventions. '.repeat(400),
    },
    { document_id: 'd2', title: 'Bilag F', content: 'Prices are fixed for two years.' },
  ];

  override search(_tenant: string, query: CorpusQuery): Promise<Passage[]> {
    this.queries.push(query);
    const words = query.query
      .toLowerCase()
      .split(/\W+/)
      .filter((word) => word.length > 2);
    const hits = this.documents.filter(({ content }) =>
      words.some((word) => content.toLowerCase().includes(word)),
    );
    const passages = hits.map(({ document_id, title, content }) => ({
      document_id,
      title,
      text: content.slice(0, 200),
      score: 1,
    }));
    return Promise.resolve(passages.slice(0, query.limit));
  }

  override read(_tenant: string, idOrTitle: string): Promise<CorpusDocument | undefined> {
    return Promise.resolve(
      this.documents.find((doc) => doc.document_id === idOrTitle || doc.title === idOrTitle),
    );
  }
}

@Global()
@Module({ providers: [{ provide: Corpus, useClass: SmallCorpus }], exports: [Corpus] })
class CorpusModule {}

@Module({})
class TestModule {}

/** The agent's modules with their own real database. */
export interface AgentWorld {
  context: INestApplicationContext;
  journal: ToolJournal;
  approvals: ApprovalJournal;
  registry: ToolRegistry;
  /** An agent with this model; `tools` are those it may use. */
  agent(model: ChatModel | ChatModel[], options?: AgentOptions): Agent;
  close(): Promise<void>;
}

/** @param tools providers with `@Tool` methods. */
export async function startWorld(...tools: object[]): Promise<AgentWorld> {
  const uri = process.env['TEST_MONGODB_URI'];
  if (!uri) throw new Error('TEST_MONGODB_URI is not set: run the specs through `npm test`.');
  const root = {
    module: TestModule,
    imports: [
      ConfigModule.with(loadSettings({})),
      MongooseModule.forRoot(uri, {
        dbName: `agent_${randomBytes(6).toString('hex')}`,
        writeConcern: { w: 'majority', journal: true },
      }),
      ErasureModule,
      TelemetryModule,
      CorpusModule,
      AgentModule,
    ],
    providers: tools.map((tool) => ({ provide: Symbol('tools'), useValue: tool })),
  };
  const context = await NestFactory.createApplicationContext(root, { logger: false });
  const connection = context.get<Connection>(getConnectionToken());
  await Promise.all(Object.values(connection.models).map((model) => model.init()));
  const journal = context.get(ToolJournal);
  const registry = context.get(ToolRegistry);
  return {
    context,
    journal,
    approvals: context.get(ApprovalJournal),
    registry,
    agent: (model, options = {}) => buildAgent(context, model, options),
    close: async () => {
      await connection.dropDatabase();
      await context.close();
    },
  };
}

class AgentWithTools extends AgentRegistry {
  constructor(
    context: INestApplicationContext,
    private readonly names: string[],
    private readonly approvals: string[],
  ) {
    super(
      context.get(Settings),
      context.get(AgentTools),
      context.get(AgentVersions),
      context.get(ModelCatalogue),
    );
  }

  override find(name: string): AgentDefinition | undefined {
    const found = super.find(name);
    return found?.kind === 'model' ? { ...found, tools: this.names, approvals: this.approvals } : found;
  }
}

interface AgentOptions {
  /** Instead of the assistant with `tools`. */
  agents?: AgentRegistry;
  tools?: string[];
  /** Those of them that need approval, whatever their own declaration says. */
  approvals?: string[];
  env?: Record<string, string>;
  pause?: Pause;
  clock?: Clock;
}

function buildAgent(
  context: INestApplicationContext,
  model: ChatModel | ChatModel[],
  options: AgentOptions,
): Agent {
  const settings: Settings = loadSettings({ MODEL_RETRIES: '2', ...options.env });
  const [journal, registry, clock] = [
    context.get(ToolJournal),
    context.get(ToolRegistry),
    context.get(Clock),
  ];
  const tools = options.tools ?? registry.list().map(({ name }) => name);
  const history = new History(journal, settings, new QuestionFiles(context.get(AttachedFiles), settings));
  const models = ModelCatalogue.of(...[model].flat());
  const watches = newWatches();
  return new Agent(
    new RunPreparation(
      options.agents ?? new AgentWithTools(context, tools, options.approvals ?? []),
      new AgentModels(models, settings, new RemoteChatModels(settings, clock)),
      new AgentTools(registry),
      history,
      context.get(ToolSets),
      settings,
    ),
    new ModelTurns(
      models,
      settings,
      options.pause ?? new InstantPause(),
      options.clock ?? clock,
      watches.models,
    ),
    new ToolRunner(
      new ToolExecution(registry, context.get(WorkspaceFiles), settings, clock, watches.tools),
      registry,
      new CallLog(journal, settings, clock),
    ),
    settings,
    watches.agents,
  );
}

/** A run of a new message. */
export function newRun(fields: Partial<AgentRun> = {}): AgentRun & { sink: RecordingSink } {
  return {
    tenant: DEFAULT_TENANT,
    chat_id: 'fc98b84e-c1c4-49ad-a29e-3bb03e67d55f',
    message_id: randomBytes(12).toString('hex'),
    agent: 'assistant',
    content: 'What are the CSR requirements?',
    metadata: {},
    history: [],
    prior: [],
    recorded: [],
    usage: new UsageSum(),
    turns: new TurnLog(),
    signal: new AbortController().signal,
    ...fields,
    sink: (fields.sink as RecordingSink | undefined) ?? new RecordingSink(),
  };
}
