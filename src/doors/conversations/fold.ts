import type { StreamEvent } from '@reprise/protocol';

/** What the client of this door is told: one of its five types, with the fields of that type. */
export interface Told {
  readonly type: 'token' | 'tool_request' | 'tool_result' | 'complete' | 'error';
  /** When it happened, ISO 8601. */
  readonly timestamp: string;
  readonly [field: string]: unknown;
}

/** The answer so far. */
export interface TalkState {
  readonly text: string;
  /** Calls that the client knows of before they start, because somebody has to approve them. */
  readonly asked: readonly string[];
}

export const initialTalk: TalkState = { text: '', asked: [] };

/** What one event becomes; an event that this client has no type for becomes nothing. */
export function fold(
  state: TalkState,
  event: StreamEvent,
): readonly [told: Told | undefined, next: TalkState] {
  switch (event.type) {
    case 'content': {
      const text = state.text + event.md;
      return [tell(event, { type: 'token', content: event.md, index: text.length }), { ...state, text }];
    }
    case 'approval_required':
      return [
        tell(event, { ...request(event), requires_confirmation: true, expires_at: event.expires_at }),
        { ...state, asked: [...state.asked, event.call_id] },
      ];
    case 'tool_start':
      return [state.asked.includes(event.call_id) ? undefined : tell(event, request(event)), state];
    case 'tool_end':
      return [
        tell(event, { type: 'tool_result', ...call(event), result: resultOf(event) }),
        { ...state, asked: state.asked.filter((id) => id !== event.call_id) },
      ];
    case 'error': {
      const { error, code, retryable } = event;
      return [tell(event, { type: 'error', error, code, retryable }), state];
    }
    case 'end':
      return [ending(event, state), state];
    default:
      return [undefined, state]; // version 1 grows
  }
}

type Untimed = Omit<Told, 'timestamp'>;

const tell = ({ ts }: StreamEvent, told: Untimed): Told => ({ ...told, timestamp: ts }) as Told;

/** The tool's name is what this client calls the tool's id. */
function call(event: StreamEvent<'tool_start' | 'tool_end' | 'approval_required'>): Record<string, unknown> {
  const { call_id, name, parent_call_id } = event;
  return { tool_id: name, call_id, ...(parent_call_id !== undefined && { parent_call_id }) };
}

function request(event: StreamEvent<'tool_start' | 'approval_required'>): Untimed {
  return { type: 'tool_request', ...call(event), arguments: event.args ?? event.args_summary };
}

function resultOf({ status, result, result_summary, error_code }: StreamEvent<'tool_end'>): unknown {
  const shown = result ?? result_summary;
  if (status === 'ok') return shown;
  return { error: shown, ...(error_code !== undefined && { code: error_code }) };
}

/** A failed run was told of by its `error`. */
function ending(event: StreamEvent<'end'>, { text }: TalkState): Told | undefined {
  const { status, message_id, answer_id } = event;
  if (status === 'error') return undefined;
  const about = { message_id: answer_id ?? message_id, content: text };
  const how = status === 'cancelled' ? { status } : {};
  const finish_reason = status === 'cancelled' ? 'cancelled' : 'stop';
  return tell(event, { type: 'complete', ...about, ...how, finish_reason });
}
