import type { StreamEvent } from '@reprise/protocol';
import {
  callsAfter,
  COMMENT_HEARTBEAT,
  dataFrames,
  NO_OPEN_CALLS,
  restingOn,
  type Dialect,
  type OpenCalls,
} from '../../streams/index.js';
import { answerArtifact, type Part, type StreamFrame, type TaskKey, type TaskState } from './wire.js';

/** The state of the fold. */
export interface A2aState {
  /** Something of the answer has been sent: what follows is appended. */
  readonly hasText: boolean;
  readonly open: OpenCalls;
  /** What the run failed with; told with its end. */
  readonly failure: string | undefined;
}

const initial: A2aState = { hasText: false, open: NO_OPEN_CALLS, failure: undefined };

/**
 * Streams of A2A 1.0: a task, then updates of its status and of its one artifact, the answer. What the agent does on
 * the way is told by messages of the status. A run that rests on a person is `TASK_STATE_INPUT_REQUIRED`.
 */
export const a2a: Dialect<A2aState> = {
  name: 'a2a',
  heartbeat: COMMENT_HEARTBEAT,
  stateful: true,
  initial,
  encode(state, event) {
    const open = callsAfter(state.open, event);
    const next = { ...after(state, event), open };
    return { frames: dataFrames(framesOf(event, state, next), event.id), state: next };
  },
  // Updates of an artifact are appended to what the client has.
  preamble: () => '',
  epilogue: (closing) => (closing === 'interrupted' ? undefined : ''),
};

/** Whether the run waits for people, and nothing else can continue it. */
export const isResting = (state: unknown): boolean => restingOn((state as A2aState).open).length > 0;

function after(state: A2aState, event: StreamEvent): A2aState {
  if (event.type === 'content') return { ...state, hasText: true };
  if (event.type === 'error') return { ...state, failure: event.error };
  return state;
}

function framesOf(event: StreamEvent, before: A2aState, now: A2aState): StreamFrame[] {
  switch (event.type) {
    case 'start':
      return [{ task: begun(event) }];
    case 'content': {
      const update = { artifact: answerArtifact(event.md), append: before.hasText, lastChunk: false };
      return [{ artifactUpdate: { ...keyOf(event), ...update } }];
    }
    case 'error':
      return []; // told with the end that follows
    case 'end':
      return [ended(event, before)];
    default:
      return said(event, now);
  }
}

/** What the agent does, for people and programs. */
function said(event: StreamEvent, now: A2aState): StreamFrame[] {
  const parts = partsOf(event);
  if (parts.length === 0) return [];
  const state = restingOn(now.open).length > 0 ? 'TASK_STATE_INPUT_REQUIRED' : 'TASK_STATE_WORKING';
  return [statusUpdate(event, state, parts)];
}

function partsOf(event: StreamEvent): Part[] {
  switch (event.type) {
    case 'status':
      return [{ text: event.text }];
    case 'rationale':
      return [{ text: event.text, metadata: { kind: 'reasoning' } }];
    case 'plan':
    case 'tool_start':
    case 'tool_end':
      return [dataPart(event)];
    case 'approval_required':
      return [{ text: question(event) }, dataPart(event)];
    case 'approval_resolved':
      return [dataPart(event)];
    default:
      return []; // version 1 grows
  }
}

/** The event's own fields under its type. */
function dataPart(event: StreamEvent): Part {
  const { v: _v, type, id: _id, ts: _ts, message_id: _m, chat_id: _c, ...fields } = event;
  return { data: { [type]: fields }, metadata: { kind: type } };
}

function question({ name, args_summary }: StreamEvent<'approval_required'>): string {
  return `May "${name}" be called? ${args_summary}\nAnswer "approve", or "reject" with a reason.`;
}

function begun(event: StreamEvent<'start'>): Extract<StreamFrame, { task: unknown }>['task'] {
  const { message_id, chat_id, ts, agent } = event;
  const status = { state: 'TASK_STATE_WORKING' as const, timestamp: ts };
  return { id: message_id, contextId: chat_id, status, artifacts: [], history: [], metadata: { agent } };
}

const LAST_STATES = {
  completed: 'TASK_STATE_COMPLETED',
  error: 'TASK_STATE_FAILED',
  cancelled: 'TASK_STATE_CANCELED',
} as const;

function ended(event: StreamEvent<'end'>, { failure }: A2aState): StreamFrame {
  const { status, usage, model, cost, sources } = event;
  const metadata = { usage, model, ...(cost && { cost }), ...(sources && { sources }) };
  const parts = failure === undefined ? [] : [{ text: failure }];
  const update = statusUpdate(event, LAST_STATES[status], parts);
  return { statusUpdate: { ...update.statusUpdate, metadata } };
}

function statusUpdate(
  event: StreamEvent,
  state: TaskState,
  parts: Part[],
): Extract<StreamFrame, { statusUpdate: unknown }> {
  const key = keyOf(event);
  const message = { messageId: event.id, ...key, role: 'ROLE_AGENT' as const, parts };
  const status = { state, timestamp: event.ts, ...(parts.length > 0 && { message }) };
  return { statusUpdate: { ...key, status } };
}

const keyOf = ({ message_id, chat_id }: StreamEvent): TaskKey => ({ taskId: message_id, contextId: chat_id });
