import { ApiProperty } from '@nestjs/swagger';
import type { JournaledCall } from '../../agent/index.js';

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

  @ApiProperty({ enum: ['running', 'ok', 'error'] })
  status!: 'running' | 'ok' | 'error';

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
    status: call.status,
    error_code: call.error_code ?? null,
    ms: call.ms ?? null,
    started_at: call.started_at.toISOString(),
    ended_at: call.ended_at?.toISOString() ?? null,
  };
}
