import type { StreamEvent } from '@reprise/protocol';
import { COMMENT_HEARTBEAT, dataFrames, type Dialect } from '../../../streams/index.js';
import { secondsOf } from '../dialect/response-object.js';

/** A chat completion as far as the log goes. */
export interface ChatState {
  /** What all its chunks have; `undefined` before the first event. */
  readonly head: ChunkHead | undefined;
  readonly failure: { readonly message: string; readonly code: string } | undefined;
}

interface ChunkHead {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
}

/** Of a completion: it belongs to one run. */
export const completionId = (messageId: string): string => `chatcmpl-${messageId}`;

/** Why a completion ends: an agent has no other reasons. */
export const FINISHED = 'stop';

/**
 * Chat completions as chunks. Of the tools of a run there is nothing in them, since a client would try to run them;
 * thinking is `reasoning_content`, which front ends know from other servers.
 * @param withUsage `stream_options.include_usage`
 */
function chatDialect(withUsage: boolean): Dialect<ChatState> {
  return {
    name: withUsage ? 'openai-chat-usage' : 'openai-chat',
    heartbeat: COMMENT_HEARTBEAT,
    stateful: true,
    initial: { head: undefined, failure: undefined },
    encode(state, event) {
      const [head, chunks] = begun(state, event, withUsage);
      const body = bodyOf({ ...state, head }, event, withUsage);
      const failure = event.type === 'error' ? { message: event.error, code: event.code } : state.failure;
      return { frames: dataFrames([...chunks, ...body], event.id), state: { head, failure } };
    },
    preamble: () => '',
    // The client takes a clean end for a complete answer.
    epilogue: (closing) => (closing === 'interrupted' ? undefined : 'data: [DONE]\n\n'),
  };
}

/** Without and with a last chunk that tells the usage. */
export const chatChunks = chatDialect(false);
export const chatChunksWithUsage = chatDialect(true);

function begun(state: ChatState, event: StreamEvent, withUsage: boolean): [ChunkHead, object[]] {
  if (state.head) return [state.head, []];
  const head: ChunkHead = {
    id: completionId(event.message_id),
    object: 'chat.completion.chunk',
    created: secondsOf(event.ts),
    model: event.type === 'start' ? event.agent : '',
  };
  return [head, [chunk(head, { role: 'assistant', content: '' }, withUsage)]];
}

function bodyOf({ head, failure }: ChatState, event: StreamEvent, withUsage: boolean): object[] {
  if (!head) return [];
  if (event.type === 'content') return [chunk(head, { content: event.md }, withUsage)];
  if (event.type === 'rationale' && event.parent_call_id === undefined)
    return [chunk(head, { reasoning_content: `${event.text}\n\n` }, withUsage)];
  if (event.type !== 'end') return [];
  if (event.status === 'error') return [{ error: { ...failure, type: 'server_error', param: null } }];
  const last = {
    ...chunk(head, {}, withUsage),
    choices: [{ ...CHOICE, delta: {}, finish_reason: FINISHED }],
  };
  return withUsage ? [last, { ...head, choices: [], usage: event.usage }] : [last];
}

const CHOICE = { index: 0, logprobs: null };

const chunk = (head: ChunkHead, delta: object, withUsage: boolean): object => ({
  ...head,
  choices: [{ ...CHOICE, delta, finish_reason: null }],
  ...(withUsage && { usage: null }),
});
