import { Schema } from 'mongoose';

/** What was decided about a call that needs approval; `expired`: nobody decided in time. */
export type ApprovalState = 'pending' | 'approved' | 'rejected' | 'expired';

/** The approval that a call needs. Its state changes once, from `pending`: the first decision wins. */
export interface CallApproval {
  state: ApprovalState;
  /** Nobody can decide from then on. */
  expires_at: Date;
  decided_at?: Date;
  /** Id of the user who decided. */
  decided_by?: string;
  /** What the person said; the model is told why a call was rejected. */
  reason?: string;
  /** JSON of the arguments as the person changed them: the call runs with these. */
  arguments?: string;
}

/** A decision about a call. */
export type CallDecision = Omit<CallApproval, 'expires_at' | 'state'> & {
  state: 'approved' | 'rejected';
  decided_at: Date;
};

/** The approval within the record of its call. */
export const approvalSchema = new Schema<CallApproval>(
  {
    state: { type: String, required: true },
    expires_at: { type: Date, required: true },
    decided_at: Date,
    decided_by: String,
    reason: String,
    arguments: String,
  },
  { _id: false },
);

/** The arguments with which a call runs: as the model wrote them, or as a person changed them. */
export function argumentsOf(record: { arguments: string; approval?: CallApproval | undefined }): string {
  return record.approval?.arguments ?? record.arguments;
}
