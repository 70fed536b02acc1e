import type { EventFields } from '@reprise/protocol';
import { Schema } from 'mongoose';

/** Where a run stands. `pending → processing → completed | error | cancelled`. */
export type RunStatus = 'pending' | 'processing' | 'completed' | 'error' | 'cancelled';

/** Tokens a run was billed for. */
export interface RunUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
}

/** Why a run ended with `error`. */
export interface RunFailure {
  error: string;
  code: string;
  retryable: boolean;
  /** What the model provider said, without secrets. */
  cause?: EventFields<'error'>['cause'] | undefined;
}

/** The run of a user's message. It lives in the message so that one atomic write changes both. */
export interface RunFacet {
  /** True until `end` is durable in the log: such a run is somebody's to finish. */
  open: boolean;
  /** Attempts begun. Also the fencing token: whoever holds an older number may change nothing. */
  attempt: number;
  /** Attempts that ended because their worker was shut down in order. */
  handovers: number;
  lease?: { owner: string; expires_at: Date } | undefined;
  cancel_requested: boolean;
  /** Wants the chat for itself: `on_busy: reject`. */
  exclusive?: boolean;
  /** Goes ahead of all that waits in its chat since then: `on_busy: interrupt`. The newest goes first. */
  interrupts_at?: Date;
  queued_at: Date;
  started_at?: Date;
  ended_at?: Date;
  usage?: RunUsage;
  model?: string;
  tool_calls?: number;
  failure?: RunFailure;
  /** Its log was kept long enough: nobody reads it any more; whether it is still there is for the sweeper to know. */
  events_expired?: 'removing' | 'removed';
}

const { Mixed } = Schema.Types;

/** The run inside its message's document. */
export const runSchema = new Schema<RunFacet>(
  {
    open: { type: Boolean, required: true },
    attempt: { type: Number, required: true },
    handovers: { type: Number, required: true },
    lease: { type: { _id: false, owner: String, expires_at: Date } },
    cancel_requested: { type: Boolean, required: true },
    exclusive: Boolean,
    interrupts_at: Date,
    queued_at: { type: Date, required: true },
    started_at: Date,
    ended_at: Date,
    usage: { type: { _id: false, prompt_tokens: Number, completion_tokens: Number, total_tokens: Number } },
    model: String,
    tool_calls: Number,
    // `cause` has a field of the name `type`, which a schema would take for its own.
    failure: { type: { _id: false, error: String, code: String, retryable: Boolean, cause: Mixed } },
    events_expired: String,
  },
  { _id: false },
);
