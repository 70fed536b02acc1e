import type { StreamEvent } from '@reprise/protocol';
import { callsAfter, COMMENT_HEARTBEAT, type Dialect } from '../../../streams/index.js';
import { abandonCalls, approvalRequired, approvalResolved, callEnded, callStarted } from './calls.js';
import { Draft } from './draft.js';
import { LAST, responseOf, secondsOf } from './response-object.js';
import { initialState, waitsForPeople, type OpenAiState } from './state.js';
import { namedFrames, type Annotation, type WireEvent } from './wire.js';

type Source = NonNullable<StreamEvent<'end'>['sources']>[number];

/**
 * The events of OpenAI's Responses API. Its client stops at an event whose type it does not know, so plan and status
 * have none; and it wants to see the whole log when it resumes, or the events after a `sequence_number`, so nothing is
 * re-opened.
 */
export const openAi: Dialect<OpenAiState> = {
  name: 'openai',
  heartbeat: COMMENT_HEARTBEAT,
  stateful: true,
  initial: initialState,
  encode(state, event) {
    const { events, state: next } = eventsOf(state, event);
    return { frames: namedFrames(events, event.id), state: next };
  },
  preamble: () => '',
  // The client takes a clean end without the last event for one: only a dropped connection says that something is missing.
  epilogue: (closing, state) => {
    if (closing === 'paused') return namedFrames([asIfCompleted(state)]);
    return closing === 'ended' ? '' : undefined;
  },
};

/** The events on the wire that one event of the log becomes, and the state after it. */
export function eventsOf(
  state: OpenAiState,
  event: StreamEvent,
): { events: readonly WireEvent[]; state: OpenAiState } {
  const draft = new Draft(state);
  if (!state.head) {
    const { message_id, chat_id, ts } = event;
    const agent = event.type === 'start' ? event.agent : '';
    draft.begin({ message_id, chat_id, agent, created_at: secondsOf(ts) });
  }
  // A client that left at a question has seen an event with this number: this one can be missed.
  if (waitsForPeople(state)) draft.tell('response.in_progress');
  apply(draft, event);
  draft.set({ calls: callsAfter(state.calls, event) });
  return { events: draft.events, state: draft.state };
}

/** How a stream ends whose client answers in another request. */
function asIfCompleted(state: OpenAiState): WireEvent {
  return { type: 'response.completed', sequence_number: state.next, response: responseOf(state) };
}

function apply(draft: Draft, event: StreamEvent): void {
  switch (event.type) {
    case 'content':
      draft.write(event.md);
      return;
    case 'rationale':
      draft.think(event.text, event.parent_call_id);
      return;
    case 'tool_start':
      callStarted(draft, event);
      return;
    case 'tool_end':
      callEnded(draft, event);
      return;
    case 'approval_required':
      approvalRequired(draft, event);
      return;
    case 'approval_resolved':
      approvalResolved(draft, event);
      return;
    case 'error':
      draft.set({ failure: { code: event.code, message: event.error } });
      return;
    case 'end':
      end(draft, event);
      return;
    default: // the API has no event for it; and version 1 grows
  }
}

function end(draft: Draft, event: StreamEvent<'end'>): void {
  draft.close((event.sources ?? []).flatMap(annotationOf));
  abandonCalls(draft);
  draft.set({ end: event, decided: new Set([...draft.state.decided, ...undecided(draft.state)]), asked: [] });
  draft.tell(LAST[event.status]);
}

const undecided = ({ asked }: OpenAiState): number[] => asked.map(({ index }) => index);

function annotationOf({ title, url, document_id }: Source): Annotation[] {
  if (url !== undefined) return [{ type: 'url_citation', url, title, start_index: 0, end_index: 0 }];
  if (document_id === undefined) return [];
  return [{ type: 'file_citation', file_id: document_id, filename: title, index: 0 }];
}
