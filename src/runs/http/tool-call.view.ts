import { ApiProperty } from '@nestjs/swagger';
import type { CallApproval, JournaledCall } from '../../agent/index.js';

/** The approval that a call needs. */
export class CallApprovalView {
  @ApiProperty({ enum: ['pending', 'approved', 'rejected', 'expired'] })
  state!: CallApproval['state'];

  @ApiProperty({ example: '2025-10-13T10:01:02.000Z' })
  expires_at!: string;

  @ApiProperty({ type: String, nullable: true, example: '2025-10-12T10:05:00.000Z' })
  decided_at!: string | null;

  @ApiProperty({ type: String, nullable: true, example: 'alice@company.com', description: 'Id of a user.' })
  decided_by!: string | null;

  @ApiProperty({ type: String, nullable: true, example: null })
  reason!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description: 'JSON text of the arguments with which it runs, if a person has changed them.',
  })
  arguments!: string | null;
}

/** One tool call in full; the events in the log contain only summaries. */
export class ToolCallView {
  @ApiProperty({ example: 'call_abc123' })
  call_id!: string;

  @ApiProperty({ example: 'search_tender_corpus' })
  name!: string;

  @ApiProperty({ example: '{"query":"CSR krav"}', description: 'JSON text, as the model wrote it.' })
  arguments!: string;

  @ApiProperty({ type: String, nullable: true, example: '1. Bilag E …' })
  result!: string | null;

  @ApiProperty({
    enum: ['waiting', 'running', 'ok', 'error'],
    description: '`waiting`: nobody has approved it yet.',
  })
  status!: 'waiting' | 'running' | 'ok' | 'error';

  @ApiProperty({
    type: CallApprovalView,
    nullable: true,
    description: '`null` if the call needs no approval.',
  })
  approval!: CallApprovalView | null;

  @ApiProperty({
    type: String,
    nullable: true,
    example: null,
    description:
      'Why a call failed: `invalid_arguments`, `unknown_tool`, `timed_out`, `cancelled`, `outcome_unknown`, a code of the tool, or `tool_failed`. `null` if it did not fail, or in records of older servers.',
  })
  error_code!: string | null;

  @ApiProperty({ type: 'integer', nullable: true, example: 2450 })
  ms!: number | null;

  @ApiProperty({ example: '2025-10-12T10:01:02.000Z' })
  started_at!: string;

  @ApiProperty({ type: String, nullable: true, example: '2025-10-12T10:01:04.450Z' })
  ended_at!: string | null;
}

export function toToolCallView(call: JournaledCall): ToolCallView {
  return {
    call_id: call.call_id,
    name: call.name,
    arguments: call.arguments,
    result: call.result ?? null,
    status: call.status === 'running' && call.approval?.state === 'pending' ? 'waiting' : call.status,
    approval: call.approval ? toApproval(call.approval) : null,
    error_code: call.error_code ?? null,
    ms: call.ms ?? null,
    started_at: call.started_at.toISOString(),
    ended_at: call.ended_at?.toISOString() ?? null,
  };
}

function toApproval(approval: CallApproval): CallApprovalView {
  const { state, expires_at, decided_at, decided_by, reason, arguments: changed } = approval;
  return {
    state,
    expires_at: expires_at.toISOString(),
    decided_at: decided_at?.toISOString() ?? null,
    decided_by: decided_by ?? null,
    reason: reason ?? null,
    arguments: changed ?? null,
  };
}
