import type { EventFields, StreamEvent } from '@reprise/protocol';

const ENVELOPE = new Set(['v', 'type', 'id', 'ts', 'message_id', 'chat_id']);
const MAX_CHARS = 240;

/** One line that says what an event is about. For an unknown type: its specific fields. */
export function summarise(event: StreamEvent): string {
  return oneLine(text(event));
}

function text(event: StreamEvent): string {
  switch (event.type) {
    case 'start':
      return `${event.agent || 'agent'} starts${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`;
    case 'plan':
      return planLine(event);
    case 'rationale':
    case 'status':
      return event.text;
    case 'tool_start':
      return `${event.name}(${event.args_summary})`;
    case 'tool_end':
      return `${event.name} ${event.status === 'ok' ? '→' : 'failed →'} ${event.result_summary} (${event.ms} ms)`;
    case 'approval_required':
      return `${event.name}(${event.args_summary}) is waiting for a decision`;
    case 'approval_resolved':
      return event.decision + (event.reason ? `: ${event.reason}` : '');
    case 'content':
      return event.md;
    case 'error':
      return `${event.code}: ${event.error}`;
    case 'end':
      return `${event.status} · ${event.ms_total} ms · ${event.usage.total_tokens} tokens · ${event.model}`;
    default:
      return ownFields(event);
  }
}

function planLine({ items }: EventFields<'plan'>): string {
  const done = items.filter(({ status }) => status === 'completed').length;
  const now = items.find(({ status }) => status === 'in_progress');
  return `${done} of ${items.length} done${now ? ` · ${now.text}` : ''}`;
}

function ownFields(event: object): string {
  return JSON.stringify(Object.fromEntries(Object.entries(event).filter(([key]) => !ENVELOPE.has(key))));
}

/** Makes white space visible if there is nothing else; line endings as ⏎. */
function oneLine(text: string): string {
  const line = text.slice(0, MAX_CHARS).replace(/\r?\n/g, '⏎');
  return line.trim() === '' && line !== '' ? line.replaceAll(' ', '␣') : line;
}
