import type { StreamEvent } from '@reprise/protocol';
import type { MessageChunk } from './chunks.js';
import type { NamedFrame } from './frames.js';
import type { Step } from './state.js';

/** What the mode `events` tells: the events of LangChain's `astream_events`, version 2. */
export function langChainEvents(
  { event, after }: Pick<Step, 'event' | 'after'>,
  chunk: MessageChunk | undefined,
): NamedFrame[] {
  const name = after.transcript.agent ?? 'agent';
  switch (event.type) {
    case 'start':
      return [frame(event, { event: 'on_chain_start', name, data: {} })];
    case 'content':
    case 'rationale':
      return chunk ? [frame(event, { event: 'on_chat_model_stream', name, data: { chunk } })] : [];
    case 'tool_start': {
      const input = event.args ?? event.args_summary;
      return [frame(event, { event: 'on_tool_start', name: event.name, data: { input } })];
    }
    case 'tool_end': {
      const output = chunk ?? event.result ?? event.result_summary;
      return [frame(event, { event: 'on_tool_end', name: event.name, data: { output } })];
    }
    case 'end':
      return [frame(event, { event: 'on_chain_end', name, data: { status: event.status } })];
    default:
      return [];
  }
}

function frame(event: StreamEvent, fields: object): NamedFrame {
  const { message_id: run_id, chat_id: thread_id } = event;
  return {
    event: 'events',
    data: { ...fields, run_id, parent_ids: [], tags: [], metadata: { run_id, thread_id } },
  };
}
