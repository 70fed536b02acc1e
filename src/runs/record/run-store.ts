import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type PipelineStage, type QueryFilter, type UpdateQuery } from 'mongoose';
import { Clock, ownedBy, type Scope, type TenantId } from '../../common/index.js';
import { Settings } from '../../platform/config/index.js';
import { isDuplicateKeyError } from '../../platform/mongo/index.js';
import {
  MESSAGE,
  type HeldRun,
  type MessageDocument,
  type Question,
  type RunSpending,
  type RunStatus,
  type RunUsage,
} from '../../run-record/index.js';
import { hold } from '../../run-record/hold.js';
import { answerIdOf } from './answer-id.js';
import type { Answer, Ending } from './ending.js';
import { unchanged } from './fencing.js';
import { isOrphaned, OWN_NAME, type Lease } from './lease.js';
import { rested } from './parked-runs.js';
import { RunWrites } from './run-writes.js';
import { storableAnswer } from './storable.js';

type TurnEntries = Readonly<Record<string, object>>;

/** The state of runs. Every change by a holder is conditional on its fencing token. */
@Injectable()
export class RunStore {
  private readonly writes: RunWrites;

  constructor(
    @InjectModel(MESSAGE) private readonly messages: Model<MessageDocument>,
    private readonly clock: Clock,
    private readonly settings: Settings,
  ) {
    this.writes = new RunWrites(messages);
  }

  /**
   * Claims the next pending run of a chat: the newest of those that interrupt, else the oldest. Returns nothing if
   * there is none or another one is active.
   */
  async claim(chatId: string): Promise<HeldRun | null> {
    const pending = { 'run.open': true, chat_id: chatId, status: 'pending' as const };
    try {
      const run = await this.messages
        .findOneAndUpdate(pending, this.beginning('processing'), BY_PIPELINE)
        .sort({ 'run.interrupts_at': -1, 'run.queued_at': 1, _id: 1 })
        .lean<Question>();
      return run && hold(await this.unlessInterrupted(run));
    } catch (error) {
      if (isDuplicateKeyError(error)) return null;
      throw error;
    }
  }

  /** A question that is being stored, with its run started and held by this process. */
  begin(question: Question): HeldRun {
    const { run } = question;
    const started_at = new Date(Math.max(this.clock.now(), run.queued_at.getTime()));
    return hold({
      ...question,
      status: 'processing',
      run: { ...run, attempt: run.attempt + 1, lease: this.lease(), started_at },
    });
  }

  /** Takes a run of a chat whose holder is gone. Nothing when there is none, or somebody else was faster. */
  async takeOver(chatId: string): Promise<HeldRun | null> {
    const leased = await this.messages
      .find({ 'run.open': true, chat_id: chatId, 'run.lease': { $exists: true } })
      .lean<Question[]>();
    const orphan = leased.find((run) => this.isOrphan(run));
    if (!orphan) return null;
    const change = {
      $set: { 'run.lease': this.lease() },
      $inc: { 'run.attempt': 1 },
      $unset: { 'run.waiting': 1 },
    };
    return this.takeIf(unchanged(orphan), change);
  }

  /** Renews a lease. Returns nothing if it is lost, else the run as it is now. */
  async renew(run: HeldRun): Promise<HeldRun | null> {
    const change = { $set: { 'run.lease': this.lease() } };
    // A run that this process has let go of has the same token until somebody takes it.
    return this.takeIf({ ...unchanged(run), 'run.lease.owner': OWN_NAME }, change);
  }

  /**
   * Hands a run over: the next worker that looks may take it. Such an attempt does not count against the run.
   * @param turns what this attempt has sent to its models.
   */
  async release(run: HeldRun, turns: TurnEntries = {}): Promise<void> {
    const change = {
      $set: {
        'run.lease.expires_at': new Date(0),
        'run.left_attempt': run.run.attempt,
        ...entriesOf(turns),
      },
      $inc: { 'run.handovers': 1 },
    };
    await this.messages.updateOne(unchanged(run), change);
  }

  /** Records that a run must stop. Returns nothing if it has ended or does not exist. */
  async requestCancel(scope: Scope, messageId: string): Promise<Question | null> {
    return this.stop({ _id: new Types.ObjectId(messageId), ...ownedBy(scope) });
  }

  /** Like {@link requestCancel}, for a run that an interrupting message ends. */
  async supersede({ _id }: Question): Promise<Question | null> {
    return this.stop({ _id });
  }

  private async stop(which: QueryFilter<MessageDocument>): Promise<Question | null> {
    const filter = { ...which, 'run.open': true };
    const change = { $set: { 'run.cancel_requested': true } };
    return this.messages
      .findOneAndUpdate({ ...filter, status: { $in: ['pending', 'processing'] } }, change, {
        returnDocument: 'after',
      })
      .lean<Question>();
  }

  /**
   * Claims a run that nobody works on in order to end it: one that is pending, or waits for a decision. Returns nothing
   * if somebody works on it by now.
   */
  async claimCancelled(run: Question): Promise<HeldRun | null> {
    if (!run.run.waiting)
      return this.takeIf({ ...unchanged(run), status: 'pending' }, this.beginning('pending'));
    const resting = { ...unchanged(run), 'run.waiting': { $exists: true } };
    return this.takeIf(resting, [
      { $set: { 'run.lease': { $literal: this.lease() }, 'run.attempt': { $add: ['$run.attempt', 1] } } },
      ...rested(this.clock.now()),
    ]);
  }

  /**
   * The runs that the newest interrupting message ends: the active one, and those that interrupted before it. Every
   * such message queries this once it is stored, so that of two that are stored at the same time one sees both.
   * @returns nothing if the run of the message has ended: the active run had its turn after it.
   */
  async superseded(chatId: string, messageId: string): Promise<Question[]> {
    const runs = await this.messages
      .find({ 'run.open': true, chat_id: chatId, status: { $in: ['pending', 'processing'] } })
      .lean<Question[]>();
    if (!runs.some(({ _id }) => _id.toHexString() === messageId)) return [];
    const newest = Math.max(...runs.map(({ run }) => run.interrupts_at?.getTime() ?? 0));
    return runs.filter(
      ({ status, run }) =>
        run.queued_at.getTime() < newest && (status === 'processing' || run.interrupts_at !== undefined),
    );
  }

  /** How long a run has taken so far, ms, without the time that it waited for decisions. */
  elapsedMs({ run }: HeldRun): number {
    const { started_at, queued_at, waited_ms = 0 } = run;
    return Math.max(0, this.clock.now() - (started_at ?? queued_at).getTime() - waited_ms);
  }

  /**
   * Records what a run has used, and sent to its models, so far. A late record undoes nothing.
   * @param more what each model was asked, and the entries of turns that are new, or have changed.
   */
  async noteUsage(
    run: HeldRun,
    usage: RunUsage,
    { spent, turns = {} }: { spent: readonly RunSpending[]; turns?: TurnEntries },
  ): Promise<void> {
    const known = {
      'run.usage.total_tokens': { $not: { $gt: usage.total_tokens } },
      'run.ended_at': { $exists: false },
    };
    await this.messages.updateOne(
      { ...unchanged(run), ...known },
      { $set: { 'run.usage': usage, 'run.spent': spent, ...entriesOf(turns) } },
    );
  }

  /** Records which summary of the earlier conversation a run is given; `null`: none. */
  async noteSummary(run: HeldRun, summary: string | null): Promise<void> {
    const update = { $set: { 'run.summary': summary } };
    if (await this.writes.update({ filter: unchanged(run), update })) run.run.summary = summary;
  }

  /** What the other versions of a run's question were given; `undefined` if nothing was recorded. */
  async summaryOfVersions({
    _id,
    tenant_id,
    chat_id,
    version_of,
  }: HeldRun): Promise<string | null | undefined> {
    if (version_of === undefined) return undefined;
    const found = await this.messages
      .findOne(
        {
          ...{ tenant_id, chat_id, 'run.summary': { $exists: true }, _id: { $ne: _id } },
          $or: [{ _id: version_of }, { version_of, parent_id: { $exists: true } }],
        },
        { 'run.summary': 1 },
      )
      .sort({ created_at: -1, _id: -1 })
      .lean<{ run?: { summary?: string | null } }>();
    return found?.run?.summary;
  }

  /** Stores how a run ended. False if the lease is lost. */
  async finish(run: HeldRun, { status, failure, turns = {}, ...rest }: Ending, ms: number): Promise<boolean> {
    const update = {
      $set: {
        status,
        processing_time_ms: ms,
        'run.ended_at': new Date(Math.max(this.clock.now(), run.run.started_at?.getTime() ?? 0)),
        'run.usage': rest.usage,
        ...(rest.spent && { 'run.spent': rest.spent }),
        ...(rest.cost && { 'run.cost': rest.cost }),
        'run.model': rest.model,
        'run.tool_calls': rest.tool_calls,
        ...(rest.sources && { 'run.sources': rest.sources }),
        ...(failure && { error: failure.error, 'run.failure': failure }),
        ...entriesOf(turns),
      },
    };
    return this.writes.update({ filter: unchanged(run), update });
  }

  /** Stores the answer, once: a later call for the same question changes nothing. */
  async saveAnswer(run: HeldRun, given: Answer): Promise<void> {
    const { content, created_at, ms, ending } = storableAnswer(given);
    const answer = {
      _id: answerIdOf(run._id),
      tenant_id: run.tenant_id,
      chat_id: run.chat_id,
      ...(run.user_id !== undefined && { user_id: run.user_id }),
      role: 'assistant' as const,
      content,
      status: ending.status,
      metadata: { reply_to: run._id.toHexString() },
      created_at,
      processing_time_ms: ms,
      agent: run.agent,
      ...(ending.sources && { sources: ending.sources }),
      ...(ending.failure && { error: ending.failure.error }),
    };
    const update = { $setOnInsert: answer };
    await this.writes.update({ filter: { reply_to: run._id }, update, upsert: true });
  }

  /**
   * Records that `end` is durable: the run needs no further attention.
   * @param mayWait a moment for the write of another run: nobody depends on this one.
   */
  async seal(run: HeldRun, mayWait = false): Promise<void> {
    const update = { $set: { 'run.open': false }, $unset: { 'run.lease': 1 } };
    await this.writes.update({ filter: unchanged(run), update }, mayWait);
  }

  /** Which of the given questions are stored. */
  async stored(ids: readonly string[]): Promise<number> {
    return this.messages.countDocuments({ _id: { $in: ids.map((id) => new Types.ObjectId(id)) } });
  }

  /** Messages that interrupt and are still pending. */
  async interrupting(): Promise<Question[]> {
    const filter = { 'run.open': true, status: 'pending' as const, 'run.interrupts_at': { $exists: true } };
    return this.messages.find(filter).lean<Question[]>();
  }

  /** Deletes a question and its answer, if their chat is gone. */
  async remove({ _id }: HeldRun): Promise<void> {
    await this.messages.deleteMany({ $or: [{ _id }, { reply_to: _id }] });
  }

  /** Whether the message of a run is still there. */
  async exists({ _id }: HeldRun): Promise<boolean> {
    return (await this.messages.exists({ _id })) !== null;
  }

  /** Takes the runs of some chats away from their holders, permanently. */
  async revoke(tenant: TenantId, chatIds: readonly string[]): Promise<void> {
    const filter = { 'run.open': true, chat_id: { $in: [...chatIds] }, tenant_id: tenant };
    await this.messages.updateMany(filter, { $set: { 'run.open': false } });
  }

  /** Chats with a run that nobody works on: pending ones, and those whose holder is gone. */
  async chatsWithWork(): Promise<string[]> {
    const open = await this.messages
      .find({ 'run.open': true }, { chat_id: 1, status: 1, 'run.lease': 1 })
      .lean<Question[]>();
    const waiting = open.filter((run) => run.status === 'pending' || this.isOrphan(run));
    return [...new Set(waiting.map((run) => run.chat_id))];
  }

  /** Runs waiting for a worker. */
  async countPending(): Promise<number> {
    return this.messages.countDocuments({ 'run.open': true, status: 'pending' });
  }

  private async takeIf(
    which: QueryFilter<MessageDocument>,
    change: UpdateQuery<MessageDocument> | (PipelineStage.Set | PipelineStage.Unset)[],
  ): Promise<HeldRun | null> {
    const run = await this.messages
      .findOneAndUpdate(which, change, BY_PIPELINE)
      .select('+run.turns')
      .lean<Question>();
    return run && hold(run);
  }

  /** A new attempt, as an update pipeline: if a clock was set back, no run starts before it was queued. */
  private beginning(status: RunStatus): PipelineStage.Set[] {
    const started_at = { $max: [new Date(this.clock.now()), '$run.queued_at'] };
    const attempt = { $add: ['$run.attempt', 1] };
    const run = {
      'run.lease': { $literal: this.lease() },
      'run.started_at': started_at,
      'run.attempt': attempt,
    };
    return [{ $set: { status, ...run } }];
  }

  /**
   * An interrupting message may be stored while another run is being claimed: whichever comes second, the message or
   * the claim, sees the other.
   */
  private async unlessInterrupted(claimed: Question): Promise<Question> {
    const { chat_id, run } = claimed;
    const newer = { 'run.interrupts_at': { $gt: run.queued_at } };
    const isInterrupted = await this.messages.exists({
      'run.open': true,
      chat_id,
      status: 'pending',
      ...newer,
    });
    if (!isInterrupted) return claimed;
    return (await this.supersede(claimed)) ?? claimed;
  }

  private isOrphan({ run: { lease } }: Question): boolean {
    return lease !== undefined && isOrphaned(lease, this.clock.now());
  }

  private lease(): Lease {
    return { owner: OWN_NAME, expires_at: new Date(this.clock.now() + this.settings.RUN_LEASE_MS) };
  }
}

/** Each entry has its own place: what another attempt has written stays. */
function entriesOf(turns: TurnEntries): Record<string, object> {
  return Object.fromEntries(Object.entries(turns).map(([key, entry]) => [`run.turns.${key}`, entry]));
}

const BY_PIPELINE = { returnDocument: 'after', updatePipeline: true } as const;
