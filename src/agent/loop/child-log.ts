import type { EventBody, StreamEvent } from '@reprise/protocol';
import type { JournaledCall } from '../calls/tool-journal.js';

// An agent that a call has started writes to the log of its run: `parent_call_id` says which events are whose.

/** The events of one agent of a run, as they would be if it were alone: what it wrote is its `content`. */
export function eventsOf(log: readonly StreamEvent[], parent: string | undefined): StreamEvent[] {
  const own = log.filter((event) => parentOf(event) === parent);
  return parent === undefined ? own : own.map(asOwn);
}

/** The recorded calls of one agent of a run. */
export function callsOf(calls: readonly JournaledCall[], parent: string | undefined): JournaledCall[] {
  return calls.filter((call) => call.parent_call_id === parent);
}

/** An event of an agent as it is in the log of the run. */
export function asChild(body: EventBody, parent_call_id: string): EventBody {
  switch (body.type) {
    case 'content':
      return { type: 'child_content', md: body.md, parent_call_id };
    case 'plan':
    case 'rationale':
    case 'status':
    case 'tool_start':
    case 'tool_end':
    case 'approval_required':
    case 'approval_resolved':
      return { ...body, parent_call_id };
    default:
      return body;
  }
}

function asOwn(event: StreamEvent): StreamEvent {
  if (event.type !== 'child_content') return event;
  const { parent_call_id: _parent, ...rest } = event;
  return { ...rest, type: 'content' };
}

function parentOf(event: StreamEvent): string | undefined {
  return 'parent_call_id' in event ? event.parent_call_id : undefined;
}
