import { Injectable } from '@nestjs/common';
import { InjectModel, Prop, Schema, SchemaFactory } from '@nestjs/mongoose';
import { Types, type Model, type PipelineStage } from 'mongoose';
import { cleanText, type TenantId } from '../../common/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import type { ToolSource } from '../../tools/index.js';
import { approvalSchema, type CallApproval } from './call-approval.js';

/** The status of a tool call. */
export type ToolCallStatus = 'running' | 'ok' | 'error';

/** A tool call as stored: the full text that events only summarise. */
@Schema({ collection: 'tool_calls', versionKey: false })
export class ToolCallDocument {
  @Prop({ type: String, required: true })
  tenant_id!: string;

  @Prop({ type: String, required: true })
  chat_id!: string;

  @Prop({ type: Types.ObjectId, required: true })
  message_id!: Types.ObjectId;

  @Prop({ type: String, required: true })
  call_id!: string;

  /** The call that has started the agent that requested it; missing for calls of the run's own agent. */
  @Prop({ type: String })
  parent_call_id?: string;

  /** Model turn of its agent that requested it, from 1. */
  @Prop({ type: Number, required: true })
  step!: number;

  /** Position among the calls of its turn, from 0. */
  @Prop({ type: Number, required: true })
  position!: number;

  @Prop({ type: String, required: true })
  name!: string;

  // Not `required`: Mongoose would reject an empty text.
  @Prop({ type: String, default: '' })
  arguments!: string;

  @Prop({ type: String, default: null })
  result!: string | null;

  /** JSON of what the provider expects back with the call; see `ProviderData`. */
  @Prop({ type: String })
  provider?: string;

  /** The same for the whole turn, stored with its first call. */
  @Prop({ type: String })
  turn_provider?: string;

  @Prop({ type: String, enum: ['running', 'ok', 'error'], required: true })
  status!: ToolCallStatus;

  /** Present if somebody has to approve the call. It counts as running until then. */
  @Prop({ type: approvalSchema })
  approval?: CallApproval;

  /** The attempt of the run that recorded it. Missing in records from servers that did not store it. */
  @Prop({ type: Number })
  attempt?: number;

  /** Why it failed, for programs. Missing in records from servers without codes. */
  @Prop({ type: String })
  error_code?: string;

  /** The result in one line for the user. Missing in records from servers that did not store it. */
  @Prop({ type: String })
  result_summary?: string;

  /** What the result comes from. */
  @Prop({ type: [Object], default: undefined })
  sources?: ToolSource[];

  @Prop({ type: Number, default: null })
  ms!: number | null;

  @Prop({ type: Date, required: true })
  started_at!: Date;

  @Prop({ type: Date, default: null })
  ended_at!: Date | null;
}

/** Schema of {@link ToolCallDocument}; a call id is unique within a message. */
export const ToolCallSchema = SchemaFactory.createForClass(ToolCallDocument);
ToolCallSchema.index({ message_id: 1, call_id: 1 }, { unique: true });
// Calls that wait for a decision, by the time they expire; and those whose run has not continued since the decision.
ToolCallSchema.index(
  { 'approval.state': 1, 'approval.expires_at': 1 },
  {
    name: 'open_approvals',
    partialFilterExpression: { status: 'running', 'approval.expires_at': { $exists: true } },
  },
);

const OPTIONAL_FIELDS = ['provider', 'turn_provider', 'approval'] as const;

/** A tool call as the application sees it. */
export interface JournaledCall extends Omit<ToolCallDocument, 'tenant_id' | 'message_id'> {
  message_id: string;
}

/** What is known when a call starts. */
export type NewToolCall = Pick<
  JournaledCall,
  | 'call_id'
  | 'parent_call_id'
  | 'step'
  | 'position'
  | 'name'
  | 'arguments'
  | 'started_at'
  | 'provider'
  | 'turn_provider'
  | 'approval'
>;

/** What is known when a call has ended. `result` is the text for the model. */
export interface ToolCallEnd {
  call_id: string;
  status: 'ok' | 'error';
  result: string;
  /** Why it failed. */
  error_code?: string;
  /** For the user, in one line. */
  result_summary?: string;
  sources?: readonly ToolSource[];
  ms: number;
  ended_at: Date;
}

/** The message whose journal is written. */
export interface JournalKey {
  tenant: TenantId;
  chat_id: string;
  message_id: string;
  /** The attempt of the run that writes. */
  attempt?: number | undefined;
}

/** Characters of a tool result that are stored and passed to the model; at most 1 MB of UTF-8. */
export const RESULT_MAX_CHARS = 262_144;

/** The maximum length of provider data that is read for later messages: signatures, not long thinking. */
const PROVIDER_HISTORY_MAX_CHARS = 32_768;

/** A database restart is a pause for a run, not its end. */
const RETRY = { forMs: 60_000 };

/**
 * The record of every tool call with its full arguments and result: what a resumed run and later runs of the chat know.
 * Writes resolve when they are durable (the connection's write concern is `majority`, journaled).
 */
@Injectable()
export class ToolJournal {
  constructor(@InjectModel(ToolCallDocument.name) private readonly calls: Model<ToolCallDocument>) {}

  /**
   * Records calls that are about to run, or to be decided. A call that has not ended is replaced: it was written by a
   * worker that had already lost its run.
   * @throws a duplicate key error if a call with this id has ended, or was recorded by a later attempt: then this worker
   * is the one that lost the run. What a person is asked to approve does not change.
   */
  async start(
    { tenant, chat_id, message_id, attempt }: JournalKey,
    calls: readonly NewToolCall[],
  ): Promise<void> {
    const own = attempt === undefined ? {} : { attempt };
    const pending = { tenant_id: tenant, chat_id, result: null, ms: null, ended_at: null, ...own };
    const writes = calls.map((call) => ({
      updateOne: {
        filter: {
          message_id: new Types.ObjectId(message_id),
          call_id: call.call_id,
          status: 'running' as const,
          ...(attempt !== undefined && { attempt: { $not: { $gt: attempt } } }),
        },
        update: {
          $set: { ...call, ...pending, arguments: cleanText(call.arguments) },
          $unset: Object.fromEntries(OPTIONAL_FIELDS.filter((name) => !call[name]).map((name) => [name, 1])),
        },
        upsert: true,
      },
    }));
    await retryTransient(() => this.calls.bulkWrite(writes), RETRY);
  }

  /**
   * Records how a call ended. A call that has already ended stays unchanged: the worker that had lost the run may have
   * finished the tool after all.
   * @returns how it ended according to the record; what was given if the record is gone.
   */
  async finish({ tenant, message_id }: JournalKey, end: ToolCallEnd): Promise<ToolCallEnd> {
    const { call_id, result, result_summary: summary, ...rest } = end;
    const key = { message_id: new Types.ObjectId(message_id), call_id, tenant_id: tenant };
    const running = { ...key, status: 'running' as const };
    const result_summary = summary === undefined ? {} : { result_summary: cleanText(summary) };
    const update = { $set: { ...rest, ...result_summary, result: cleanText(result) } };
    const stored = await retryTransient(async () => {
      const updated = await this.calls.updateOne(running, update);
      return updated.matchedCount > 0 ? undefined : this.calls.findOne(key).lean();
    }, RETRY);
    return stored ? endOf(stored, end) : end;
  }

  /** Removes the calls of an ended run that have not ended: a worker recorded them after it had lost the run. */
  async forgetRunning({ tenant, message_id }: JournalKey): Promise<void> {
    const filter = {
      message_id: new Types.ObjectId(message_id),
      tenant_id: tenant,
      status: 'running' as const,
    };
    await retryTransient(() => this.calls.deleteMany(filter), RETRY);
  }

  /** Calls of one message, in the order in which the model requested them. */
  async list(tenant: TenantId, messageId: string): Promise<JournaledCall[]> {
    return this.listMany(tenant, [messageId]);
  }

  /**
   * Calls of several messages, each message's in the order in which the model requested them.
   * @param maxChars cuts arguments and results in the database, and leaves out very long provider data; default:
   * whole.
   */
  async listMany(
    tenant: TenantId,
    messageIds: readonly string[],
    maxChars?: number,
  ): Promise<JournaledCall[]> {
    if (messageIds.length === 0) return [];
    const message_id = { $in: messageIds.map((id) => new Types.ObjectId(id)) };
    const pipeline: PipelineStage[] = [
      { $match: { message_id, tenant_id: tenant } },
      { $project: { _id: 0, tenant_id: 0 } },
      ...(maxChars === undefined ? [] : [cutTexts(maxChars)]),
      { $sort: { message_id: 1, step: 1, position: 1 } },
    ];
    const rows = await retryTransient(() => this.calls.aggregate<StoredCall>(pipeline).exec(), RETRY);
    return rows.map(toRecord);
  }

  /** Stores calls of another message as those of this one. */
  async restore({ tenant, chat_id, message_id }: JournalKey, calls: readonly JournaledCall[]): Promise<void> {
    if (calls.length === 0) return;
    const of = { tenant_id: tenant, chat_id, message_id: new Types.ObjectId(message_id) };
    await this.calls.insertMany(calls.map((call) => ({ ...call, ...of })));
  }

  /** Deletes the calls of these messages. */
  async deleteByMessages(tenant: TenantId, messageIds: readonly string[]): Promise<void> {
    const ids = messageIds.map((id) => new Types.ObjectId(id));
    await this.calls.deleteMany({ message_id: { $in: ids }, tenant_id: tenant });
  }
}

function endOf(stored: ToolCallDocument, end: ToolCallEnd): ToolCallEnd {
  const { status, result, ms, ended_at, error_code, result_summary, sources } = stored;
  if (status === 'running') return end;
  return {
    call_id: end.call_id,
    status,
    result: result ?? '',
    ms: ms ?? end.ms,
    ended_at: ended_at ?? end.ended_at,
    ...(error_code !== undefined && { error_code }),
    ...(result_summary !== undefined && { result_summary }),
    ...(sources !== undefined && { sources }),
  };
}

type StoredCall = Omit<ToolCallDocument, 'tenant_id'>;

function toRecord({ message_id, ...rest }: StoredCall): JournaledCall {
  return { ...rest, message_id: message_id.toHexString() };
}

/** Keeps one character more than requested, so that the reader still sees that something is missing. */
function cutTexts(max: number): PipelineStage.Set {
  const cut = (field: string) => ({ $substrCP: [{ $ifNull: [field, ''] }, 0, max + 1] });
  const short = (field: string) => ({
    $cond: [
      { $gt: [{ $strLenCP: { $ifNull: [field, ''] } }, PROVIDER_HISTORY_MAX_CHARS] },
      '$$REMOVE',
      field,
    ],
  });
  return {
    $set: {
      arguments: cut('$arguments'),
      result: cut('$result'),
      provider: short('$provider'),
      turn_provider: short('$turn_provider'),
    },
  };
}
