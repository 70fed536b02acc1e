import type { EventFields } from '@reprise/protocol';
import { Schema } from 'mongoose';
import type { Origin } from '../common/index.js';

/** The status of a run. `pending → processing → completed | error | cancelled`. */
export type RunStatus = 'pending' | 'processing' | 'completed' | 'error' | 'cancelled';

/** The status of a run as clients see it: `waiting` is a run that is processed, and rests until a person decides. */
export type ShownStatus = RunStatus | 'waiting';

/** What clients are told about the status of a message. */
export function shownStatus({ status, run }: { status: RunStatus; run?: RunFacet | undefined }): ShownStatus {
  return status === 'processing' && run?.waiting ? 'waiting' : status;
}

/** Tokens that a run was billed for. */
export interface RunUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** Tokens that one model was asked for. */
export interface RunSpending extends RunUsage {
  /** `provider:model` */
  model: string;
  /** Parts of `prompt_tokens` that have other prices. */
  cached_tokens?: number;
  cache_write_tokens?: number;
}

/** What a run has cost. */
export type RunCost = NonNullable<EventFields<'end'>['cost']>;

/** Why a run ended with `error`. */
export interface RunFailure {
  error: string;
  code: string;
  retryable: boolean;
  /** What the model provider said, without secrets. */
  cause?: EventFields<'error'>['cause'] | undefined;
}

/** What an answer may be based on. */
export type RunSource = NonNullable<EventFields<'end'>['sources']>[number];

/** The run of a user's message. It is stored in the message so that one atomic write changes both. */
export interface RunFacet {
  /** True until `end` is durable in the log: until then some worker has to finish the run. */
  open: boolean;
  /** Attempts started. Also the fencing token: a holder with an older number may change nothing. */
  attempt: number;
  /** Attempts that ended because their worker shut down gracefully. */
  handovers: number;
  lease?: { owner: string; expires_at: Date } | undefined;
  cancel_requested: boolean;
  /** It rests, without a holder, until a person decides; `since` then, at `until` the first of its calls expires. */
  waiting?: { since: Date; until: Date; calls: string[] };
  /** The attempt that a decision started: no worker was lost before it. */
  woken_attempt?: number;
  /** The newest attempt whose worker has let go of the run in order: the next one takes it over from nobody lost. */
  left_attempt?: number;
  /** How long it has rested so far, ms. */
  waited_ms?: number;
  /** Requires an idle chat: `on_busy: reject`. */
  exclusive?: boolean;
  /** Since then it goes ahead of everything waiting in its chat: `on_busy: interrupt`. The newest goes first. */
  interrupts_at?: Date;
  /** The request that asked the question. */
  origin?: Origin;
  /** The door that began it, and what it calls the run; see `messages/door-runs.ts`. */
  door?: { name: string; label?: string } | undefined;
  /** Version of the agent's definition that the run was given. */
  agent_version?: string;
  /** What the chat said about who answers when the question was asked: instructions, and `provider:model`. */
  chosen?: { instructions?: string; model?: string };
  /** The run that this one continues, and the last event of it that was kept. */
  forked_from?: { message_id: string; event_id: string };
  /** The summary of the earlier conversation that its models are given: its id. `null`: none, though not all of it fits. */
  summary?: string | null;
  /** What went to its models, by reference: entries of the agent. Only read where it is asked for. */
  turns?: Record<string, object>;
  queued_at: Date;
  started_at?: Date;
  ended_at?: Date;
  usage?: RunUsage;
  /** The same for each model that was asked. */
  spent?: readonly RunSpending[];
  cost?: RunCost;
  model?: string;
  tool_calls?: number;
  sources?: readonly RunSource[];
  failure?: RunFailure;
  /** Its log has expired: nobody reads it any more; the sweep knows whether it still exists. */
  events_expired?: 'removing' | 'removed';
}

const { Mixed } = Schema.Types;

/** The run within its message's document. */
export const runSchema = new Schema<RunFacet>(
  {
    open: { type: Boolean, required: true },
    attempt: { type: Number, required: true },
    handovers: { type: Number, required: true },
    lease: { type: { _id: false, owner: String, expires_at: Date } },
    cancel_requested: { type: Boolean, required: true },
    waiting: { type: { _id: false, since: Date, until: Date, calls: [String] } },
    woken_attempt: Number,
    left_attempt: Number,
    waited_ms: Number,
    exclusive: Boolean,
    interrupts_at: Date,
    origin: { type: { _id: false, request_id: String, traceparent: String } },
    agent_version: String,
    chosen: { type: { _id: false, instructions: String, model: String } },
    door: { type: { _id: false, name: String, label: String } },
    forked_from: { type: { _id: false, message_id: String, event_id: String } },
    summary: { type: String, default: undefined },
    turns: { type: Mixed, select: false },
    queued_at: { type: Date, required: true },
    started_at: Date,
    ended_at: Date,
    usage: { type: { _id: false, prompt_tokens: Number, completion_tokens: Number, total_tokens: Number } },
    spent: { type: [Mixed], default: undefined },
    cost: { type: { _id: false, currency: String, amount: Number } },
    model: String,
    tool_calls: Number,
    sources: { type: [Mixed], default: undefined },
    // `cause` has a field named `type`, which Mongoose would take for its own keyword.
    failure: { type: { _id: false, error: String, code: String, retryable: Boolean, cause: Mixed } },
    events_expired: String,
  },
  { _id: false },
);
