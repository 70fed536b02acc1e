import { Injectable } from '@nestjs/common';
import type { ChatDocument } from '../../../chats/index.js';
import { AppError, type Scope } from '../../../common/index.js';
import { MessageList } from '../../../messages/index.js';
import { shownStatus } from '../../../run-record/index.js';
import { interruptsOf, type Interrupt } from '../dialect/interrupt.js';
import type { ThreadMessage } from '../dialect/messages.js';
import { NOTHING, type Transcript } from '../dialect/transcript.js';
import { valuesOf } from '../dialect/state.js';
import { afterAnswer, afterQuestion, BEGINNING, checkpointOf, type Checkpoint } from './checkpoints.js';
import { questionOf, RunMessages } from './run-messages.js';
import { threadIdOf } from './thread-id.js';
import { ThreadTree, type ThreadExchange } from './thread-tree.js';

/** The newest messages of a chat that are a thread; older ones are left out. */
const THREAD_MESSAGES = 400;

/** A task of a state: the run that works on it, or has failed. */
export interface StateTask {
  id: string;
  name: string;
  error: string | null;
  interrupts: Interrupt[];
  checkpoint: null;
  state: null;
}

/** The state of a thread at a checkpoint. */
export interface ThreadState {
  values: Readonly<Record<string, unknown>>;
  next: string[];
  tasks: StateTask[];
  interrupts: Interrupt[];
  checkpoint: Checkpoint;
  metadata: Record<string, unknown>;
  created_at: string;
  parent_checkpoint: Checkpoint | null;
}

/** A thread that was read. */
export interface ReadThread {
  chat: ChatDocument;
  tree: ThreadTree;
}

/** The states of threads: one after each question, one after each answer. */
@Injectable()
export class ThreadStates {
  constructor(
    private readonly list: MessageList,
    private readonly runs: RunMessages,
  ) {}

  async read(scope: Scope, chat: ChatDocument): Promise<ReadThread> {
    return { chat, tree: ThreadTree.of(await this.list.newest(scope, chat._id, THREAD_MESSAGES)) };
  }

  /** The messages before a run's answer: its question, and what that follows. */
  async before(scope: Scope, { tree }: Pick<ReadThread, 'tree'>, runId: string): Promise<ThreadMessage[]> {
    const exchange = tree.find(runId);
    if (!exchange) return [];
    const earlier = await this.runs.ofPath(scope, tree.pathTo(exchange).slice(0, -1));
    return [...earlier, questionOf(exchange)];
  }

  /** The values of a thread with what one of its runs has said. */
  async valuesOf(
    scope: Scope,
    { tree }: ReadThread,
    { runId, transcript }: { runId: string; transcript: Transcript },
  ): Promise<Readonly<Record<string, unknown>>> {
    return valuesOf(await this.before(scope, { tree }, runId), transcript);
  }

  /** The current state. */
  async current(scope: Scope, thread: ReadThread): Promise<ThreadState> {
    const { newest } = thread.tree;
    if (!newest) return beginningOf(thread);
    const isAnswer = await this.hasAnswer(scope, newest);
    return this.stateOf(scope, thread, { exchange: newest, isAnswer });
  }

  /** The state at a checkpoint. @throws AppError 404 `checkpoint_not_found`. */
  async at(scope: Scope, thread: ReadThread, checkpointId: string): Promise<ThreadState> {
    const all = placesOf(thread.tree);
    if (checkpointId === BEGINNING) return beginningOf(thread);
    const place = all.find((one) => idOf(one) === checkpointId);
    if (!place) throw new AppError('checkpoint_not_found', { id: checkpointId });
    return this.stateOf(scope, thread, place);
  }

  /** States from the newest one back, on all branches. @param before only those older than this checkpoint */
  async history(
    scope: Scope,
    thread: ReadThread,
    { limit, before }: { limit: number; before?: string | undefined },
  ): Promise<ThreadState[]> {
    const all = placesOf(thread.tree).reverse();
    const from = before === undefined ? 0 : all.findIndex((one) => idOf(one) === before) + 1;
    const states: ThreadState[] = [];
    for (const place of all.slice(from)) {
      if (states.length >= limit) return states;
      if (place.isAnswer && !(await this.hasAnswer(scope, place.exchange))) continue;
      states.push(await this.stateOf(scope, thread, place));
    }
    if (states.length < limit && all.length > 0 && before !== BEGINNING) states.push(beginningOf(thread));
    return states;
  }

  private async hasAnswer(scope: Scope, exchange: ThreadExchange): Promise<boolean> {
    if (isOver(exchange)) return true;
    return hasBegun(await this.runs.transcript(scope, exchange.question));
  }

  private async stateOf(scope: Scope, { chat, tree }: ReadThread, place: StatePlace): Promise<ThreadState> {
    const { exchange, isAnswer } = place;
    const threadId = threadIdOf(chat);
    const messages = await this.before(scope, { tree }, exchange.id);
    const transcript = isAnswer ? await this.runs.transcript(scope, exchange.question) : undefined;
    if (isAnswer) messages.push(...(await this.runs.of(scope, exchange)));
    const progress = progressOf(place, transcript, isNewest(tree, place));
    const parentId = isAnswer
      ? afterQuestion(exchange.asks)
      : exchange.parent === undefined
        ? BEGINNING
        : afterAnswer(exchange.parent);
    return {
      values: { ...valuesOf([], transcript ?? NOTHING), messages },
      ...progress,
      checkpoint: checkpointOf(threadId, idOf(place)),
      metadata: {
        source: isAnswer ? 'loop' : 'input',
        step: 2 * tree.pathTo(exchange).length - (isAnswer ? 1 : 2),
        parents: {},
        thread_id: threadId,
        run_id: exchange.id,
        ...(exchange.question.agent !== undefined && { assistant_id: exchange.question.agent }),
      },
      created_at: timeOf(place).toISOString(),
      parent_checkpoint: checkpointOf(threadId, parentId),
    };
  }
}

/** A place in a thread that has a state. */
interface StatePlace {
  readonly exchange: ThreadExchange;
  /** After the answer, else after the question. */
  readonly isAnswer: boolean;
}

/** All places, oldest first; a question that is asked again has its place once. */
function placesOf({ exchanges }: ThreadTree): StatePlace[] {
  return exchanges.flatMap((exchange) => [
    ...(exchange.asks === exchange.id ? [{ exchange, isAnswer: false }] : []),
    { exchange, isAnswer: true },
  ]);
}

const idOf = ({ exchange, isAnswer }: StatePlace): string =>
  isAnswer ? afterAnswer(exchange.id) : afterQuestion(exchange.id);

const timeOf = ({ exchange: { question, answer }, isAnswer }: StatePlace): Date =>
  isAnswer ? (answer?.created_at ?? question.run?.ended_at ?? question.created_at) : question.created_at;

const isOver = ({ question, answer }: ThreadExchange): boolean =>
  answer !== undefined || question.run?.open === false;

/** A run that is still at work has an answer as soon as it has said something. */
const hasBegun = (transcript: Transcript | undefined): boolean =>
  transcript !== undefined && (transcript.turns > 0 || transcript.calls.length > 0);

const isNewest = ({ newest }: ThreadTree, { exchange }: StatePlace): boolean => newest === exchange;

/** What is left to do at a place, and what has become of it. */
function progressOf(
  { exchange: { id, question }, isAnswer }: StatePlace,
  transcript: Transcript | undefined,
  isNewest: boolean,
): Pick<ThreadState, 'next' | 'tasks' | 'interrupts'> {
  const status = shownStatus(question);
  const isAtWork = status === 'pending' || status === 'processing' || status === 'waiting';
  const failure = isAnswer && status === 'error' ? errorOf(question.run?.failure) : null;
  const interrupts = isAnswer && isAtWork && transcript ? interruptsOf(transcript, id) : [];
  // Of a run that was asked to stop nothing is left to do, although it has not ended yet.
  const isLeft = isAtWork && question.run?.cancel_requested !== true && (isAnswer || isNewest);
  const next = interrupts.length > 0 ? ['tools'] : isLeft || failure !== null ? ['agent'] : [];
  const [name] = next;
  const task = { id, name: name ?? 'agent', error: failure, interrupts, checkpoint: null, state: null };
  return { next, tasks: name === undefined ? [] : [task], interrupts };
}

/** `useStream` shows the message of an error that is JSON. */
function errorOf(failure: { error: string; code: string; retryable: boolean } | undefined): string {
  const { error = 'The run failed.', code = 'internal_error', retryable = true } = failure ?? {};
  return JSON.stringify({ error: code, message: error, retryable });
}

function beginningOf({ chat }: ReadThread): ThreadState {
  const threadId = threadIdOf(chat);
  return {
    values: { messages: [] },
    next: [],
    tasks: [],
    interrupts: [],
    checkpoint: checkpointOf(threadId, BEGINNING),
    metadata: { source: 'input', step: -1, parents: {}, thread_id: threadId },
    created_at: chat.created_at.toISOString(),
    parent_checkpoint: null,
  };
}
