import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';
import {
  IgnoresUnknownFields,
  IsCleanText,
  IsIntBetween,
  IsJsonObject,
  IsMetadata,
  IsNotBlank,
} from '../../../platform/http/index.js';
import { IsLeftOut } from './validators.js';

const IF_EXISTS = ['raise', 'do_nothing'] as const;
/** How a thread stands. */
export const THREAD_STATUSES = ['idle', 'busy', 'interrupted', 'error'] as const;
const SORTS = ['thread_id', 'created_at', 'updated_at', 'state_updated_at'] as const;
const ORDERS = ['asc', 'desc'] as const;
/** Parts of a thread. */
export const THREAD_FIELDS = [
  ...(['thread_id', 'created_at', 'updated_at', 'state_updated_at', 'metadata'] as const),
  ...(['config', 'context', 'status', 'values', 'interrupts', 'error'] as const),
];
/** Parts of a state; `values.messages` is a part of one. */
export const STATE_FIELDS = [
  ...(['values', 'next', 'tasks', 'checkpoint', 'metadata', 'created_at'] as const),
  ...(['parent_checkpoint', 'interrupts', 'values.messages', 'values.plan'] as const),
];

const anyObject = { type: 'object', additionalProperties: true, nullable: true } as const;

/** Body of `POST /api/langgraph/threads`. */
@IgnoresUnknownFields()
export class CreateThreadDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '550e8400-e29b-41d4-a716-446655440000',
    description: 'What the client calls it: any text of up to 200 characters. Default: the id of its chat.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  thread_id?: string | null;

  @ApiPropertyOptional({ ...anyObject, example: { graph_id: 'assistant' } })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, unknown> | null;

  @ApiPropertyOptional({ enum: IF_EXISTS, default: 'raise' })
  @IsOptional()
  @IsIn(IF_EXISTS)
  if_exists?: (typeof IF_EXISTS)[number] | null;

  @ApiPropertyOptional({ type: [Object], nullable: true, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('a thread begins empty')
  supersteps?: unknown;

  @ApiPropertyOptional({ ...anyObject, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('threads are kept until they are deleted')
  ttl?: unknown;
}

/** Body of `PATCH /api/langgraph/threads/{thread_id}`. */
@IgnoresUnknownFields()
export class UpdateThreadDto {
  @ApiPropertyOptional({ ...anyObject, description: 'Keys that are not named stay.' })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, unknown> | null;

  @ApiPropertyOptional({ ...anyObject, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('threads are kept until they are deleted')
  ttl?: unknown;
}

/** Body of `POST /api/langgraph/threads/search`. */
@IgnoresUnknownFields()
export class SearchThreadsDto {
  @ApiPropertyOptional({
    ...anyObject,
    example: { graph_id: 'assistant' },
    description:
      'Values that the metadata of threads have. `graph_id` and `assistant_id` also fit threads that other clients began, which have none.',
  })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, unknown> | null;

  @ApiPropertyOptional({ type: [String], nullable: true, description: 'Only these threads.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  ids?: string[] | null;

  @ApiPropertyOptional({ enum: THREAD_STATUSES, nullable: true })
  @IsOptional()
  @IsIn(THREAD_STATUSES)
  status?: (typeof THREAD_STATUSES)[number] | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1000, default: 10, nullable: true })
  @IsOptional()
  @IsIntBetween(1, 1000)
  limit?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 1_000_000, default: 0, nullable: true })
  @IsOptional()
  @IsIntBetween(0, 1_000_000)
  offset?: number | null;

  @ApiPropertyOptional({ enum: SORTS, default: 'updated_at', nullable: true })
  @IsOptional()
  @IsIn(SORTS)
  sort_by?: (typeof SORTS)[number] | null;

  @ApiPropertyOptional({ enum: ORDERS, default: 'desc', nullable: true })
  @IsOptional()
  @IsIn(ORDERS)
  sort_order?: (typeof ORDERS)[number] | null;

  @ApiPropertyOptional({
    type: [String],
    enum: THREAD_FIELDS,
    nullable: true,
    description: 'Parts to return.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsIn(THREAD_FIELDS, { each: true })
  select?: (typeof THREAD_FIELDS)[number][] | null;

  @ApiPropertyOptional({ ...anyObject, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('threads are found by their metadata')
  values?: unknown;

  @ApiPropertyOptional({ ...anyObject, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('read the state of a thread')
  extract?: unknown;
}

/** Body of `POST /api/langgraph/threads/{thread_id}/history`. */
@IgnoresUnknownFields()
export class HistoryDto {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 10, nullable: true })
  @IsOptional()
  @IsIntBetween(1, 1000)
  limit?: number | null;

  @ApiPropertyOptional({
    oneOf: [{ type: 'string' }, { type: 'object', additionalProperties: true }],
    nullable: true,
    description: 'Only states older than this checkpoint: its id, or an object that has it.',
  })
  @IsOptional()
  before?: unknown;

  @ApiPropertyOptional({ ...anyObject, description: 'Only states with these metadata.' })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, unknown> | null;

  @ApiPropertyOptional({
    ...anyObject,
    description: 'Agents have no graphs below: others than the root have no states.',
  })
  @IsOptional()
  @IsJsonObject()
  checkpoint?: Record<string, unknown> | null;

  @ApiPropertyOptional({
    type: [String],
    enum: STATE_FIELDS,
    nullable: true,
    description: 'Parts to return.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsIn(STATE_FIELDS, { each: true })
  select?: (typeof STATE_FIELDS)[number][] | null;
}

/** Body of `POST /api/langgraph/threads/{thread_id}/state/checkpoint`. */
@IgnoresUnknownFields()
export class StateAtDto {
  @ApiPropertyOptional({ ...anyObject, description: 'A checkpoint of the thread. Default: the newest.' })
  @IsOptional()
  @IsJsonObject()
  checkpoint?: Record<string, unknown> | null;

  @ApiPropertyOptional({
    nullable: true,
    type: Boolean,
    description: 'Ignored: agents have no graphs below.',
  })
  @IsOptional()
  @IsIn([true, false])
  subgraphs?: boolean | null;

  @ApiPropertyOptional({
    type: [String],
    enum: STATE_FIELDS,
    nullable: true,
    description: 'Parts to return.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsIn(STATE_FIELDS, { each: true })
  select?: (typeof STATE_FIELDS)[number][] | null;
}
