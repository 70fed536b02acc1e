import { Injectable } from '@nestjs/common';
import type { ServerResponse } from 'node:http';
import type { ChatDocument } from '../../../chats/index.js';
import { AppError, type Scope } from '../../../common/index.js';
import type { MessageDocument } from '../../../run-record/index.js';
import { MODES_OF_A_RUN } from '../dialect/modes.js';
import type { RunDto } from '../dto/run.dto.js';
import type { RunsQueryDto } from '../dto/runs-query.dto.js';
import { ThreadStates } from '../threads/thread-states.js';
import { Threads, type Person } from '../threads/threads.js';
import { modesOf } from './modes-of.js';
import type { RequestedRun } from './requested-run.js';
import { RunRequests } from './run-requests.js';
import { RunWork } from './run-work.js';
import { RunResults } from './run-results.js';
import { decidedCalls, nameRun } from './run-streams.js';
import { toRunView, type RunView } from './run.view.js';

/** Where a run is asked for. */
export interface WantedRun {
  /** Missing: in a thread of its own. */
  readonly threadId?: string;
  readonly body: Partial<RunDto>;
}

/** A run that has begun. */
export interface BegunRun {
  readonly chat: ChatDocument;
  readonly run: RequestedRun;
}

/** The runs of threads, for clients that do not stream. */
@Injectable()
export class ThreadRuns {
  constructor(
    private readonly threads: Threads,
    private readonly states: ThreadStates,
    private readonly requests: RunRequests,
    private readonly results: RunResults,
    private readonly work: RunWork,
  ) {}

  /** Begins a run, or continues the one that waits. @throws AppError as {@link RunRequests.begin}. */
  async begin(person: Person, threadId: string | undefined, body: Partial<RunDto>): Promise<BegunRun> {
    // A request that is refused leaves no thread behind.
    this.requests.check(body);
    const { assistant_id: agent, command } = body;
    if (!command && agent !== undefined && !this.work.agents.find(agent))
      throw new AppError('unknown_agent', { agent });
    if (threadId === undefined) return this.beginAlone(person, body);
    const chat = await this.threads.forRun(person, threadId, body.if_not_exists === 'create');
    return { chat, run: await this.requests.begin(person, chat, body) };
  }

  private async beginAlone(person: Person, body: Partial<RunDto>): Promise<BegunRun> {
    const chat = await this.threads.create(person, {});
    try {
      return { chat, run: await this.requests.begin(person, chat, body) };
    } catch (error) {
      await this.threads.delete(person, chat._id).catch(() => undefined);
      throw error;
    }
  }

  /** Begins a run and waits for it. @returns nothing if the client has gone. */
  async wait(
    person: Person,
    { threadId, body }: WantedRun,
    response: ServerResponse,
  ): Promise<object | undefined> {
    const place = this.work.places.reserve();
    try {
      const { chat, run } = await this.begin(person, threadId, body);
      nameRun(response, { chat, runId: run.runId, modes: modesOf(body.stream_mode, MODES_OF_A_RUN) });
      const decided = new Set(run.decided);
      return await this.results.of(person.scope, { chat, runId: run.runId, decided, place }, response);
    } finally {
      place.release();
    }
  }

  /** Waits for a run. @throws AppError 404 `chat_not_found`, `message_not_found`; 410 `events_expired`. */
  async join(
    person: Person,
    { threadId, runId }: { threadId: string; runId: string },
    response: ServerResponse,
  ): Promise<object | undefined> {
    const { chat } = await this.find(person, threadId, runId);
    const decided = await decidedCalls(this.work.runs, person.scope, runId);
    return this.results.of(person.scope, { chat, runId, decided }, response);
  }

  /** Newest first. */
  async list(person: Person, threadId: string, query: RunsQueryDto): Promise<RunView[]> {
    const chat = await this.threads.get(person, threadId);
    const { tree } = await this.states.read(person.scope, chat);
    const views = tree.exchanges.map(({ question }) => toRunView(chat, question)).reverse();
    const fitting = views.filter(({ status }) => query.status === undefined || status === query.status);
    const from = query.offset ?? 0;
    return fitting.slice(from, from + (query.limit ?? 10));
  }

  /** @throws AppError 404 `chat_not_found`, `message_not_found`. */
  async get(person: Person, threadId: string, runId: string): Promise<RunView> {
    const { chat, message } = await this.find(person, threadId, runId);
    return toRunView(chat, message);
  }

  async view(scope: Scope, chat: ChatDocument, runId: string): Promise<RunView> {
    return toRunView(chat, await this.work.messages.getQuestion(scope, runId));
  }

  /** Asks a run to stop. */
  async cancel(person: Person, threadId: string, runId: string): Promise<void> {
    await this.find(person, threadId, runId);
    await this.work.runs.cancel(person.scope, runId);
  }

  private async find(
    person: Person,
    threadId: string,
    runId: string,
  ): Promise<{ chat: ChatDocument; message: MessageDocument }> {
    const chat = await this.threads.get(person, threadId);
    const message = await this.work.messages.getQuestion(person.scope, runId);
    if (message.chat_id !== chat._id) throw new AppError('message_not_found', { id: runId });
    return { chat, message };
  }
}
