import { Injectable } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { Types, type Model, type QueryFilter } from 'mongoose';
import type { TenantId } from '../../common/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import type { CallApproval, CallDecision } from './call-approval.js';
import { ToolCallDocument, type JournaledCall } from './tool-journal.js';

/** One call of one message. */
export interface CallKey {
  tenant: TenantId;
  message_id: string;
  call_id: string;
}

const RETRY = { forMs: 60_000 };
const DECIDED = ['approved', 'rejected', 'expired'] as const;

/** The decisions in the journal: one conditional write each, so that of two at the same moment one wins. */
@Injectable()
export class ApprovalJournal {
  constructor(@InjectModel(ToolCallDocument.name) private readonly calls: Model<ToolCallDocument>) {}

  /** A call that needs approval, decided or not. */
  async find(key: CallKey): Promise<(JournaledCall & { approval: CallApproval }) | undefined> {
    const found = await this.calls.findOne({ ...keyOf(key), approval: { $exists: true } }).lean();
    if (!found?.approval) return undefined;
    return { ...found, approval: found.approval, message_id: key.message_id };
  }

  /**
   * Stores a decision. Not repeated after a connection failure: the caller cannot tell its own decision from another.
   * @returns false if the call is decided, or has expired, or has ended with its run.
   */
  async decide(key: CallKey, decision: CallDecision): Promise<boolean> {
    const open = { ...PENDING, 'approval.expires_at': { $gt: decision.decided_at } };
    const result = await this.calls.updateOne({ ...keyOf(key), ...open }, { $set: fields(decision) });
    return result.matchedCount > 0;
  }

  /**
   * Settles a call whose run ends: a decision that came before it stands.
   * @returns the approval as it is then; nothing if the record is gone.
   */
  async settle(key: CallKey, rejection: CallDecision): Promise<CallApproval | undefined> {
    return retryTransient(async () => {
      await this.calls.updateOne({ ...keyOf(key), ...PENDING }, { $set: fields(rejection) });
      return (await this.calls.findOne(keyOf(key), { approval: 1 }).lean())?.approval;
    }, RETRY);
  }

  /** Marks calls that nobody has decided in time. */
  async expire(now: Date): Promise<void> {
    const late = { ...PENDING, 'approval.expires_at': { $lte: now } };
    await this.calls.updateMany(late, {
      $set: { 'approval.state': 'expired', 'approval.decided_at': now },
    });
  }

  /** Messages with calls that are decided and have not ended: their runs have something to do. */
  async decidedMessages(): Promise<string[]> {
    const found = await this.calls
      .find(decided(), { message_id: 1 })
      .lean<Pick<ToolCallDocument, 'message_id'>[]>();
    return [...new Set(found.map(({ message_id }) => message_id.toHexString()))];
  }

  /** Whether one of the calls for which a run waits has been decided. */
  async isDecided(messageId: string, callIds: readonly string[]): Promise<boolean> {
    const which = { message_id: new Types.ObjectId(messageId), call_id: { $in: [...callIds] } };
    return (await this.calls.exists({ ...which, ...decided() })) !== null;
  }
}

const RUNNING = { status: 'running' as const, 'approval.expires_at': { $exists: true } };
const PENDING = { status: 'running' as const, 'approval.state': 'pending' as const };

const decided = (): QueryFilter<ToolCallDocument> => ({
  ...RUNNING,
  'approval.state': { $in: [...DECIDED] },
});

function keyOf({ tenant, message_id, call_id }: CallKey): QueryFilter<ToolCallDocument> {
  return { message_id: new Types.ObjectId(message_id), call_id, tenant_id: tenant };
}

function fields(decision: CallDecision): Record<string, unknown> {
  return Object.fromEntries(Object.entries(decision).map(([name, value]) => [`approval.${name}`, value]));
}
