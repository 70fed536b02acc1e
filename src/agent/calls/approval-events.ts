import type { EventBody } from '@reprise/protocol';
import type { CallApproval } from './call-approval.js';
import { payloadField } from './call-payload.js';
import { failed, type ToolOutcome } from './tool-execution.js';

/**
 * The event that tells what was decided.
 * @param payloadMax bytes up to which it carries the changed arguments.
 */
export function resolution(
  call_id: string,
  { state, reason, arguments: changed }: CallApproval,
  payloadMax: number,
): EventBody<'approval_resolved'> {
  return {
    type: 'approval_resolved',
    call_id,
    decision: state === 'approved' ? 'approve' : 'reject',
    ...(reason !== undefined && { reason }),
    ...(state === 'expired' && { expired: true as const }),
    ...(changed !== undefined && payloadField('args', changed, payloadMax)),
  };
}

/** How a call ends that nobody has approved: the model is told why it did not run. */
export function declined({ state, reason }: CallApproval): ToolOutcome {
  if (state === 'expired')
    return {
      ...failed('approval_expired', 'not run: the call needs approval, and nobody decided in time'),
      ms: 0,
    };
  const why = reason === undefined ? '' : `, with the reason: ${reason}`;
  return { ...failed('approval_rejected', `not run: a person rejected this call${why}`), ms: 0 };
}
