import type { StreamEvent } from '@reprise/protocol';
import type { AiMessage, ToolCall } from './messages.js';
import { thoughtAdded, toolMessageOf, wordsAdded, type Transcript } from './transcript.js';

/** A piece of a message, which clients append to what they have of it by its id. */
export type MessageChunk = Readonly<Record<string, unknown>>;

/** What an event adds to a message of the thread; at most one piece for each event. */
export function chunkOf(before: Transcript, event: StreamEvent, after: Transcript): MessageChunk | undefined {
  if ('parent_call_id' in event && event.parent_call_id !== undefined) return undefined;
  if (event.type === 'tool_end') return after.turn && { ...toolMessageOf(event) };
  const ai = after.turn?.ai;
  if (!ai || ai === before.turn?.ai) return undefined;
  const known = before.turn?.ai.id === ai.id ? before.turn.ai : undefined;
  switch (event.type) {
    case 'content':
      return chunk(ai, { content: wordsAdded(known, event.md) });
    case 'rationale': {
      const reasoning_content = thoughtAdded(known, event.text);
      return chunk(ai, { additional_kwargs: { reasoning_content } });
    }
    case 'tool_start':
    case 'approval_required':
      return chunk(ai, callChunk(ai.tool_calls.at(-1), ai.tool_calls.length - 1));
    default:
      return undefined;
  }
}

function chunk(ai: AiMessage, added: object): MessageChunk {
  const { id, name } = ai;
  return {
    type: 'AIMessageChunk',
    id,
    ...(name !== undefined && { name }),
    content: '',
    additional_kwargs: {},
    response_metadata: {},
    tool_calls: [],
    invalid_tool_calls: [],
    tool_call_chunks: [],
    ...added,
  };
}

/** A whole call: the client joins pieces of one index. */
function callChunk(call: ToolCall | undefined, index: number): object {
  if (!call) return {};
  const { id, name, args } = call;
  const piece = { id, name, args: JSON.stringify(args), index, type: 'tool_call_chunk' };
  return { tool_calls: [call], tool_call_chunks: [piece] };
}
