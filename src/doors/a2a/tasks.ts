import { Injectable } from '@nestjs/common';
import type { StreamEvent } from '@reprise/protocol';
import { AppError, type Scope } from '../../common/index.js';
import { MessagesRepository, MessagesService } from '../../messages/index.js';
import { shownStatus, type MessageDocument } from '../../run-record/index.js';
import { LogAccess, restingOn, type OpenCall } from '../../streams/index.js';
import { a2a, type A2aState } from './a2a.dialect.js';
import { noSuchTask } from './rpc.js';
import { answerArtifact, type A2aMessage, type Task, type TaskState } from './wire.js';

const TASK_ID = /^[0-9a-f]{24}$/i;

const STATES: Readonly<Record<ReturnType<typeof shownStatus>, TaskState>> = {
  pending: 'TASK_STATE_SUBMITTED',
  processing: 'TASK_STATE_WORKING',
  waiting: 'TASK_STATE_INPUT_REQUIRED',
  completed: 'TASK_STATE_COMPLETED',
  error: 'TASK_STATE_FAILED',
  cancelled: 'TASK_STATE_CANCELED',
};

/** A task at a place of its log. */
export interface TaskSoFar {
  task: Task;
  /** Id of the last event that it includes; missing: none has happened. */
  last: string | undefined;
  /** Calls that somebody has to approve, if nothing else can continue the run. */
  asked: readonly OpenCall[];
}

/** Whether nothing more will happen in a task. */
export function hasEnded({ status: { state } }: Task): boolean {
  return state === STATES.completed || state === STATES.error || state === STATES.cancelled;
}

/** Runs as tasks. */
@Injectable()
export class Tasks {
  constructor(
    private readonly messages: MessagesService,
    private readonly repository: MessagesRepository,
    private readonly logs: LogAccess,
  ) {}

  /** The question behind a task. @throws RpcError -32001. */
  async questionOf(scope: Scope, id: string): Promise<MessageDocument> {
    if (!TASK_ID.test(id)) throw noSuchTask(id);
    try {
      return await this.messages.getQuestion(scope, id.toLowerCase());
    } catch (error) {
      if (error instanceof AppError && error.code === 'message_not_found') throw noSuchTask(id);
      throw error;
    }
  }

  /**
   * The task as its log tells it up to now; whose log has expired, as its answer does.
   * @param historyLength most messages of the history.
   */
  async soFar(scope: Scope, question: MessageDocument, historyLength?: number): Promise<TaskSoFar> {
    const message_id = question._id.toHexString();
    if (question.run?.events_expired !== undefined) {
      const [exchange] = await this.repository.exchanges(scope, [message_id]);
      const answer = exchange?.answer?.content ?? '';
      return { task: taskOf(question, answer, historyLength), last: undefined, asked: [] };
    }
    const log = await this.logs.open(scope, { message_id });
    const folded = await fold(log.read());
    const task = taskOf(question, folded.text, historyLength);
    return { ...folded, task: { ...task, status: statusOf(task, folded) } };
  }
}

interface Folded {
  text: string;
  state: A2aState;
  last: string | undefined;
  end: StreamEvent<'end'> | undefined;
  asked: readonly OpenCall[];
}

async function fold(events: AsyncIterable<StreamEvent>): Promise<Folded> {
  const folded: Folded = { text: '', state: a2a.initial, last: undefined, end: undefined, asked: [] };
  for await (const event of events) {
    if (event.type === 'content') folded.text += event.md;
    if (event.type === 'end') folded.end = event;
    folded.state = a2a.encode(folded.state, event).state;
    folded.last = event.id;
  }
  folded.asked = restingOn(folded.state.open);
  return folded;
}

/** The log is newer than the question that was read before it. */
function statusOf({ id, contextId, status }: Task, { end, asked, state, last }: Folded): Task['status'] {
  if (end) {
    const failed = { state: STATES[end.status], timestamp: end.ts };
    if (state.failure === undefined) return failed;
    return { ...failed, message: said({ id, contextId }, { messageId: end.id, text: state.failure }) };
  }
  if (asked.length > 0) {
    const names = asked.map(({ name, call_id }) => `"${name}" (${call_id})`).join(', ');
    const text = `Waiting for a decision: ${names}. Answer "approve", or "reject" with a reason.`;
    const message = said({ id, contextId }, { messageId: last ?? id, text });
    return { state: STATES.waiting, timestamp: status.timestamp, message };
  }
  return { ...status, state: last === undefined ? status.state : STATES.processing };
}

function said(
  { id, contextId }: Pick<Task, 'id' | 'contextId'>,
  { messageId, text }: { messageId: string; text: string },
): A2aMessage {
  return { messageId, contextId, taskId: id, role: 'ROLE_AGENT', parts: [{ text }] };
}

function taskOf(question: MessageDocument, text: string, historyLength = Infinity): Task {
  const { _id, chat_id, content, created_at, agent, run } = question;
  const id = _id.toHexString();
  const asked: A2aMessage = {
    messageId: id,
    contextId: chat_id,
    taskId: id,
    role: 'ROLE_USER',
    parts: [{ text: content }],
  };
  const { usage, ended_at } = run ?? {};
  return {
    id,
    contextId: chat_id,
    status: {
      state: STATES[shownStatus(question)],
      timestamp: (ended_at ?? created_at).toISOString(),
      ...(question.error !== undefined && {
        message: said({ id, contextId: chat_id }, { messageId: id, text: question.error }),
      }),
    },
    artifacts: text === '' ? [] : [answerArtifact(text)],
    history: historyLength > 0 ? [asked] : [],
    metadata: { ...(agent !== undefined && { agent }), ...(usage && { usage }) },
  };
}
