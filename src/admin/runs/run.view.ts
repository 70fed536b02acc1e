import { ApiProperty } from '@nestjs/swagger';
import { shownStatus, type ShownStatus } from '../../run-record/index.js';
import { CostView } from '../amounts.view.js';
import type { ListedRun } from './run-list.js';
import { RUN_STATUSES } from './runs-query.dto.js';

const time = { type: String, nullable: true, format: 'date-time' } as const;
const word = { type: String, nullable: true } as const;
const count = { type: 'integer', nullable: true } as const;

/** A run as administrators see it in a list: no word of its conversation. */
export class AdminRunView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890e' })
  message_id!: string;

  @ApiProperty({ example: '550e8400-e29b-41d4-a716-446655440000' })
  chat_id!: string;

  @ApiProperty({ ...word, example: 'alice@company.com' })
  user_id!: string | null;

  @ApiProperty({ ...word, example: 'assistant' })
  agent!: string | null;

  @ApiProperty({ ...word, example: 'gpt-4.1-mini', description: 'The model that answered.' })
  model!: string | null;

  @ApiProperty({ enum: RUN_STATUSES })
  status!: ShownStatus;

  @ApiProperty({ ...word, example: null, description: 'Of the error with which it ended.' })
  error_code!: string | null;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:01:00.000Z' })
  created_at!: string;

  @ApiProperty({ ...time, example: '2025-10-12T10:01:00.012Z' })
  started_at!: string | null;

  @ApiProperty({ ...time, example: '2025-10-12T10:01:04.512Z' })
  ended_at!: string | null;

  @ApiProperty({ ...count, example: 4500 })
  processing_time_ms!: number | null;

  @ApiProperty({ type: 'integer', example: 1 })
  attempt!: number;

  @ApiProperty({ ...count, example: 3 })
  tool_calls!: number | null;

  @ApiProperty({ ...count, example: 1520 })
  total_tokens!: number | null;

  @ApiProperty({ type: CostView, nullable: true })
  cost!: CostView | null;

  @ApiProperty({ description: 'Its log has expired.' })
  events_expired!: boolean;
}

/** A part of the list of runs. */
export class AdminRunsView {
  @ApiProperty({ type: [AdminRunView], description: 'Newest first.' })
  items!: AdminRunView[];

  @ApiProperty({
    ...word,
    example: '1760270888823_68eb95dcac4dd9ac2789890e',
    description: '`cursor` for the next part; `null`: this is the last one.',
  })
  next_cursor!: string | null;
}

/** @param runs one more than asked for, if there are more. */
export function toRunsView(runs: ListedRun[], limit: number): AdminRunsView {
  const shown = runs.slice(0, limit);
  const last = runs.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(toRunView),
    next_cursor: last ? `${last.created_at.getTime()}_${last._id.toHexString()}` : null,
  };
}

function toRunView(message: ListedRun): AdminRunView {
  const { run } = message;
  return {
    message_id: message._id.toHexString(),
    chat_id: message.chat_id,
    user_id: message.user_id ?? null,
    agent: message.agent ?? null,
    model: run.model ?? null,
    status: shownStatus(message),
    error_code: run.failure?.code ?? null,
    created_at: message.created_at.toISOString(),
    started_at: run.started_at?.toISOString() ?? null,
    ended_at: run.ended_at?.toISOString() ?? null,
    processing_time_ms: message.processing_time_ms ?? null,
    attempt: run.attempt,
    tool_calls: run.tool_calls ?? null,
    total_tokens: run.usage?.total_tokens ?? null,
    cost: run.cost ?? null,
    events_expired: run.events_expired !== undefined,
  };
}
