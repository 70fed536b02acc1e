import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsOptional, Matches, MaxLength } from 'class-validator';
import { decimal, IsCleanText, IsIntBetween, IsNotBlank } from '../../platform/http/index.js';
import type { ShownStatus } from '../../run-record/index.js';
import { IsInstant } from '../time-range.dto.js';

/** Every status of a run. */
export const RUN_STATUSES = [
  'pending',
  'processing',
  'waiting',
  'completed',
  'error',
  'cancelled',
] as const satisfies readonly ShownStatus[];

/** A place in a list of runs: after which one it continues. */
export const CURSOR = /^(\d{1,15})_([0-9a-f]{24})$/;

const DAY_MS = 86_400_000;

function Word(description: string, example: string): PropertyDecorator {
  return (target, key) => {
    ApiPropertyOptional({ maxLength: 200, example, description })(target, key);
    for (const rule of [IsOptional(), IsCleanText(), IsNotBlank(), MaxLength(200)]) rule(target, key);
  };
}

/** Which runs to list. */
export class RunsQueryDto {
  @ApiPropertyOptional({ enum: RUN_STATUSES })
  @IsOptional()
  @IsIn(RUN_STATUSES)
  status?: ShownStatus;

  @Word('Only runs of this user.', 'alice@company.com')
  user?: string;

  @Word('Only runs of this agent.', 'assistant')
  agent?: string;

  @Word('Only runs that this model answered.', 'gpt-4.1-mini')
  model?: string;

  @Word('Only runs that ended with this error code.', 'provider_unavailable')
  code?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: DAY_MS,
    description: 'Only runs that took longer than this, ms.',
  })
  @IsOptional()
  @Transform(decimal)
  @IsIntBetween(1, DAY_MS)
  slower_than?: number;

  @IsInstant('Asked at this time at the earliest.')
  since?: Date;

  @IsInstant('Asked before this time.')
  until?: Date;

  @ApiPropertyOptional({
    pattern: CURSOR.source,
    example: '1760270888823_68eb95dcac4dd9ac2789890e',
    description: 'The `next_cursor` of the part before.',
  })
  @IsOptional()
  @Matches(CURSOR, { message: 'must be the next_cursor of a response' })
  cursor?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 50 })
  @Transform(decimal)
  @IsIntBetween(1, 100)
  page_size = 50;
}
