import type { PlanItem, StreamState, ToolCall } from '@reprise/client';

/** A tool call as components built on the streaming guide expect it. */
export interface StreamingToolCall {
  id: string;
  name: string;
  status: 'running' | 'completed' | 'error';
  /** Epoch ms. */
  startTime: number;
  endTime?: number;
  /** ms */
  duration?: number;
  result?: string;
  args?: string;
}

/** What the guide's hook returns about a log. */
export interface GuideView {
  plan: PlanItem[];
  toolCalls: StreamingToolCall[];
  rationale: string;
  content: string;
  /** In words: the run's own status text, then `Completed`, `Failed` or `Cancelled`. */
  status: string;
}

/** A state in the terms of the streaming guide. */
export function guideView(state: StreamState): GuideView {
  const { plan, rationale, content } = state;
  return {
    plan: [...plan],
    toolCalls: state.toolCalls.map(guideToolCall),
    rationale,
    content,
    status: statusInWords(state),
  };
}

function statusInWords({ status, statusText }: StreamState): string {
  const words = { pending: '', waiting: '', completed: 'Completed', error: 'Failed', cancelled: 'Cancelled' };
  return status === 'processing' ? statusText || 'Processing...' : words[status];
}

function guideToolCall(call: ToolCall): StreamingToolCall {
  const words = { running: 'running', ok: 'completed', error: 'error', stopped: 'error' } as const;
  return {
    id: call.callId,
    name: call.name,
    status: words[call.status],
    startTime: call.startedAt,
    args: call.argsSummary,
    ...(call.endedAt !== null && { endTime: call.endedAt }),
    ...(call.ms !== null && { duration: call.ms }),
    ...(call.resultSummary !== null && { result: call.resultSummary }),
  };
}
