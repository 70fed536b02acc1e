import type { EventFields, StreamEvent } from '@reprise/protocol';
import type { TenantId } from '../common/index.js';
import type { EventSink } from './event-sink.js';
import type { ToolCallRecord } from './journal.js';
import type { UsageSum } from './usage.js';

/** One earlier exchange of the conversation; its tool calls are in the journal under `message_id`. */
export interface Turn {
  message_id: string;
  question: string;
  /** Missing while that run has not ended, or when it gave no text. */
  answer?: string;
}

/** Everything the agent needs for one run. */
export interface AgentRun {
  tenant: TenantId;
  chat_id: string;
  message_id: string;
  /** Name of a registered agent. */
  agent: string;
  content: string;
  metadata: Readonly<Record<string, unknown>>;
  /** Oldest first, without the current message. */
  history: readonly Turn[];
  /** What earlier attempts of this same run already appended; empty on the first attempt. */
  prior: readonly StreamEvent[];
  /** Tool calls of earlier attempts, as they stood before this attempt's first event. */
  recorded: readonly ToolCallRecord[];
  sink: EventSink;
  /** What the run's model turns have used; every further one is added. */
  usage: UsageSum;
  /** Aborted by cancel, by the run's time limit, or when the lease is lost. The reason says which. */
  signal: AbortSignal;
  /** Aborted when another worker shall go on: the model is left at once, tools under way may still end. */
  handover?: AbortSignal;
}

/** How a run went; `runs` turns it into the closing events. The agent itself never emits `start`, `error` or `end`. */
export interface AgentOutcome {
  status: 'completed' | 'error';
  /** The whole answer: every `content` of the log, earlier attempts included. */
  text: string;
  /** Tool calls that were started, earlier attempts included. */
  tool_calls: number;
  model: string;
  /** Present when `status` is `error`. */
  error?: EventFields<'error'>;
}
