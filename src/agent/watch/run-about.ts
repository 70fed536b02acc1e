import type { LogFields } from '../../platform/logging/index.js';
import type { AgentRun } from '../loop/agent-run.js';

/** What a line about a run names; some of it is missing outside of a worker. */
export type NamedRun = Pick<AgentRun, 'message_id' | 'chat_id'> &
  Partial<Pick<AgentRun, 'attempt' | 'request_id' | 'span'>>;

/** The fields of a log line that say to which run it belongs. */
export function aboutRun({ message_id, chat_id, attempt, request_id, span }: NamedRun): LogFields {
  return {
    message_id,
    chat_id,
    ...(attempt !== undefined && { attempt }),
    ...(request_id !== undefined && { request_id }),
    ...(span?.context && { trace_id: span.context.trace_id }),
  };
}
