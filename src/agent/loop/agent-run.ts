import type { EventFields, StreamEvent } from '@reprise/protocol';
import type { TenantId } from '../../common/index.js';
import type { Span } from '../../platform/telemetry/index.js';
import type { Attachment } from '../../files/index.js';
import type { ChatModel, ModelToolCall } from '../../models/index.js';
import type { ToolResult } from '../../tools/index.js';
import type { Chosen } from '../catalogue/chosen.js';
import type { EventSink } from '../event-sink.js';
import type { RunSources } from './run-sources.js';
import type { JournaledCall } from '../calls/tool-journal.js';
import type { TurnLog } from '../turns/turn-log.js';
import type { UsageSum } from '../usage-sum.js';

/** One earlier exchange in the conversation; its tool calls are in the journal under `message_id`. */
export interface EarlierExchange {
  message_id: string;
  question: string;
  /** Missing if that run has not ended, or produced no text. */
  answer?: string;
  /** Its place in the conversation: the id of the first question there. */
  place?: string;
  /** The run is known to have called no tools: the journal has nothing about it. */
  without_tools?: boolean;
  /** Files that the question was sent with. */
  attachments?: readonly Attachment[];
}

/** What was said before the exchanges that are passed to a model as they are. */
export interface HistorySummary {
  /** Under which it is stored. */
  id: string;
  text: string;
}

/** Which of a run's earlier exchanges are passed to its model. */
export interface KeptHistory {
  /** How many of the newest of {@link AgentRun.history}. */
  kept: number;
  /** What is left of the limits: messages, and estimated tokens. */
  room: { messages: number; tokens: number };
}

/** Where the summary of what a run's history leaves out comes from. */
export interface EarlierSummary {
  /** The same for all agents of a run that are given its history. `undefined` if there is none, or nothing is left out. */
  of(history: KeptHistory): Promise<HistorySummary | undefined>;
}

/** What stands in for models and tools when a recorded run is tried again. */
export interface Substitutes {
  /** The models to ask instead of an agent's own. @param parent the call that has started the agent. */
  models(own: readonly ChatModel[], parent: string | undefined): readonly ChatModel[];
  /** The result of a call, which is not run, and which nobody has to approve. @throws ToolError if the call fails. */
  answer(call: ModelToolCall, parent: string | undefined): ToolResult;
}

/** Everything the agent needs for one run. */
export interface AgentRun {
  tenant: TenantId;
  /** Who asks; missing only for messages from versions that did not store it. */
  user?: string | undefined;
  chat_id: string;
  message_id: string;
  /** Which attempt of the run this is, from 1. */
  attempt?: number | undefined;
  /** The request that asked. */
  request_id?: string | undefined;
  /** The work of this agent, as a part of a trace. */
  span?: Span | undefined;
  /** Name of a registered agent. */
  agent: string;
  /** The definition that the run was given; missing: the current one. */
  agent_version?: string | undefined;
  /** What the chat says about who answers; missing for an agent that another one has started. */
  chosen?: Chosen | undefined;
  /** The call that has started this agent; missing for the run's own agent. */
  parent_call_id?: string | undefined;
  content: string;
  /** What the application that asks adds to the instructions of the run's own agent. */
  instructions?: string | undefined;
  /** Files that the question was sent with. */
  attachments?: readonly Attachment[] | undefined;
  /** The conversation has documents that this agent does not see, but may read. Default: those that it sees count. */
  documents?: boolean | undefined;
  metadata: Readonly<Record<string, unknown>>;
  /** Oldest first, without the current message. */
  history: readonly EarlierExchange[];
  /** Missing: what the history leaves out is not summarised. */
  summary?: EarlierSummary | undefined;
  /** What earlier attempts of this run have already appended, all its agents; empty on the first attempt. */
  prior: readonly StreamEvent[];
  /** Tool calls of earlier attempts, of all its agents, as they were before this attempt's first event. */
  recorded: readonly JournaledCall[];
  /** Resolves when this attempt's first event is durable. No tool may run before. Rejects when the log was lost. */
  opened?: Promise<void> | undefined;
  sink: EventSink;
  /** Missing: models and tools are what they are. */
  substitutes?: Substitutes | undefined;
  /** What the run's model turns have used so far; each further turn is added. */
  usage: UsageSum;
  /** What its tool calls that succeeded are based on. */
  sources?: RunSources | undefined;
  /** What went to its models so far; each further turn is added. */
  turns: TurnLog;
  /** Aborted on cancel, at the run's time limit, or when the lease is lost. The reason says which. */
  signal: AbortSignal;
  /** Aborted when another worker must continue: the model is abandoned at once, running tools may still finish. */
  handover?: AbortSignal;
}

/**
 * How a run ended; `runs` turns it into the closing events. The agent itself never emits `start`, `error` or `end`.
 */
export interface AgentOutcome {
  status: 'completed' | 'error';
  /** The whole answer: every `content` in the log, earlier attempts included. */
  text: string;
  /** Tool calls that were started, earlier attempts included. */
  tool_calls: number;
  model: string;
  /** Present if `status` is `error`. */
  error?: EventFields<'error'>;
}
