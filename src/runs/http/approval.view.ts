import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { CallDecision } from '../../agent/index.js';

/** A decision as it was stored. */
export class ApprovalView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  message_id!: string;

  @ApiProperty({ example: 'call_abc123' })
  call_id!: string;

  @ApiProperty({ enum: ['approve', 'reject'] })
  decision!: 'approve' | 'reject';

  @ApiProperty({ example: '2025-10-12T10:01:02.000Z' })
  decided_at!: string;

  @ApiPropertyOptional({ type: String, example: 'Only for the first quarter.' })
  reason?: string;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { quarter: 1 } })
  arguments?: Record<string, unknown>;
}

export function toApprovalView(message_id: string, call_id: string, decision: CallDecision): ApprovalView {
  const { state, decided_at, reason, arguments: changed } = decision;
  return {
    message_id,
    call_id,
    decision: state === 'approved' ? 'approve' : 'reject',
    decided_at: decided_at.toISOString(),
    ...(reason !== undefined && { reason }),
    ...(changed !== undefined && { arguments: JSON.parse(changed) as Record<string, unknown> }),
  };
}
