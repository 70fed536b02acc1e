import { ApiHideProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform, type TransformFnParams } from 'class-transformer';
import { IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import { decimal, IsIntBetween } from '../../../platform/http/index.js';
import { STATE_FIELDS } from './thread.dto.js';
import { RUN_STATUSES } from '../runs/run.view.js';

const FLAGS = ['0', '1', 'true', 'false'] as const;
const ACTIONS = ['interrupt', 'rollback'] as const;

/** Of every query of this door. */
export class PersonQueryDto {
  /** See `CurrentPerson`, which checks it. */
  @ApiHideProperty()
  @IsOptional()
  user_id?: unknown;
}

/** Which runs of a thread. */
export class RunsQueryDto extends PersonQueryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1000, default: 10 })
  @IsOptional()
  @Transform(decimal)
  @IsIntBetween(1, 1000)
  limit?: number;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 1_000_000, default: 0 })
  @IsOptional()
  @Transform(decimal)
  @IsIntBetween(0, 1_000_000)
  offset?: number;

  @ApiPropertyOptional({ enum: RUN_STATUSES })
  @IsOptional()
  @IsIn(RUN_STATUSES)
  status?: (typeof RUN_STATUSES)[number];

  /** Ignored: a run has few parts. */
  @ApiHideProperty()
  @IsOptional()
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  select?: string | string[];
}

/** How a run is cancelled. */
export class CancelQueryDto extends PersonQueryDto {
  @ApiPropertyOptional({ enum: FLAGS, default: '0', description: 'Answer when the run has stopped.' })
  @IsOptional()
  @IsIn(FLAGS)
  wait?: (typeof FLAGS)[number];

  @ApiPropertyOptional({
    enum: ACTIONS,
    default: 'interrupt',
    description: 'What was said is kept either way: `rollback` is `interrupt`.',
  })
  @IsOptional()
  @IsIn(ACTIONS)
  action?: (typeof ACTIONS)[number];
}

/** Which parts of a state. */
export class StateQueryDto extends PersonQueryDto {
  @ApiPropertyOptional({ enum: STATE_FIELDS, isArray: true, description: 'Parts to return.' })
  @IsOptional()
  @Transform(({ value }: TransformFnParams): unknown => [value as unknown].flat())
  @IsIn(STATE_FIELDS, { each: true })
  select?: (typeof STATE_FIELDS)[number][];

  /** Ignored: agents have no graphs below. */
  @ApiHideProperty()
  @IsOptional()
  @IsIn(FLAGS)
  subgraphs?: (typeof FLAGS)[number];
}
