import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, MaxLength } from 'class-validator';
import {
  IgnoresUnknownFields,
  IsCleanText,
  IsJsonObject,
  IsMetadata,
  IsNotBlank,
} from '../../../platform/http/index.js';
import { STREAM_MODES, type StreamMode } from '../dialect/modes.js';
import { IsLeftOut, IsStreamMode } from './validators.js';

/** What happens to a run of the thread that has not ended. */
export const MULTITASK = ['enqueue', 'reject', 'interrupt', 'rollback'] as const;

const ON_COMPLETION = ['complete', 'continue', 'keep', 'delete'] as const;
const ON_DISCONNECT = ['cancel', 'continue'] as const;
const DURABILITY = ['sync', 'async', 'exit'] as const;
const IF_NOT_EXISTS = ['create', 'reject'] as const;

const anyObject = { type: 'object', additionalProperties: true, nullable: true } as const;

/** A new run, as `@langchain/langgraph-sdk` asks for it. */
@IgnoresUnknownFields()
export class RunDto {
  @ApiProperty({ example: 'assistant', description: 'Name of an agent.' })
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(100)
  assistant_id!: string;

  @ApiPropertyOptional({
    ...anyObject,
    example: { messages: [{ type: 'human', content: 'Hvad er CSR-kravene?' }] },
    description:
      '`messages`: the human messages at its end are the question; the thread has what was said before. Without input, the question of `checkpoint` is asked again, or the newest one if its run failed.',
  })
  @IsOptional()
  @IsJsonObject()
  input?: Record<string, unknown> | null;

  @ApiPropertyOptional({
    ...anyObject,
    example: { resume: { decisions: [{ type: 'approve' }] } },
    description: '`resume`: what a person has decided about the calls of an interrupt.',
  })
  @IsOptional()
  @IsJsonObject()
  command?: Record<string, unknown> | null;

  @ApiPropertyOptional({
    ...anyObject,
    description: 'The state to continue from: the run begins another branch there.',
  })
  @IsOptional()
  @IsJsonObject()
  checkpoint?: Record<string, unknown> | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'The same by its id alone.' })
  @IsOptional()
  @IsCleanText()
  @MaxLength(64)
  checkpoint_id?: string | null;

  @ApiPropertyOptional({ ...anyObject, description: 'Stored with the message.' })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, unknown> | null;

  @ApiPropertyOptional({ ...anyObject, description: 'Ignored: agents are configured on the server.' })
  @IsOptional()
  @IsJsonObject()
  config?: Record<string, unknown> | null;

  @ApiPropertyOptional({ ...anyObject, description: 'Ignored: agents are configured on the server.' })
  @IsOptional()
  @IsJsonObject()
  context?: Record<string, unknown> | null;

  @ApiPropertyOptional({
    oneOf: [
      { type: 'string', enum: [...STREAM_MODES] },
      { type: 'array', items: { type: 'string', enum: [...STREAM_MODES] } },
    ],
    example: ['values', 'messages-tuple'],
    description: 'What the stream has. Default: `values`.',
  })
  @IsOptional()
  @IsStreamMode()
  stream_mode?: StreamMode | StreamMode[] | null;

  @ApiPropertyOptional({ enum: MULTITASK, default: 'enqueue', description: '`rollback` is `interrupt`.' })
  @IsOptional()
  @IsIn(MULTITASK)
  multitask_strategy?: (typeof MULTITASK)[number] | null;

  @ApiPropertyOptional({
    enum: IF_NOT_EXISTS,
    default: 'reject',
    description: 'What becomes of an unknown thread.',
  })
  @IsOptional()
  @IsIn(IF_NOT_EXISTS)
  if_not_exists?: (typeof IF_NOT_EXISTS)[number] | null;

  @ApiPropertyOptional({
    enum: ON_DISCONNECT,
    description: 'Ignored: a run belongs to the server, and goes on when its client is gone.',
  })
  @IsOptional()
  @IsIn(ON_DISCONNECT)
  on_disconnect?: (typeof ON_DISCONNECT)[number] | null;

  @ApiPropertyOptional({ enum: ON_COMPLETION, description: 'Ignored: threads are kept.' })
  @IsOptional()
  @IsIn(ON_COMPLETION)
  on_completion?: string | null;

  @ApiPropertyOptional({
    enum: DURABILITY,
    description: 'Ignored: every frame is durable before it is sent.',
  })
  @IsOptional()
  @IsIn(DURABILITY)
  durability?: string | null;

  @ApiPropertyOptional({ description: 'Ignored: every run is resumable.' })
  @IsOptional()
  @IsBoolean()
  stream_resumable?: boolean | null;

  @ApiPropertyOptional({ description: 'Ignored: what started agents do is in the mode `custom`.' })
  @IsOptional()
  @IsBoolean()
  stream_subgraphs?: boolean | null;

  @ApiPropertyOptional({ description: 'Ignored.' })
  @IsOptional()
  @IsBoolean()
  checkpoint_during?: boolean | null;

  @ApiPropertyOptional({ description: 'Ignored: a decision that no call waits for is always refused.' })
  @IsOptional()
  @IsBoolean()
  strict_resume?: boolean | null;

  @ApiPropertyOptional({ ...anyObject, description: 'Ignored.' })
  @IsOptional()
  @IsJsonObject()
  langsmith_tracer?: Record<string, unknown> | null;

  @ApiPropertyOptional({ type: [String], nullable: true, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('no feedback is collected')
  feedback_keys?: unknown;

  @ApiPropertyOptional({ type: [String], nullable: true, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('a run waits where a call needs approval, see the agent')
  interrupt_before?: unknown;

  @ApiPropertyOptional({ type: [String], nullable: true, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('a run waits where a call needs approval, see the agent')
  interrupt_after?: unknown;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('follow the run, or GET it')
  webhook?: unknown;

  @ApiPropertyOptional({ type: 'integer', nullable: true, description: 'Not supported: leave it out.' })
  @IsOptional()
  @IsLeftOut('a run begins at once')
  after_seconds?: unknown;
}

/** A run in a thread of its own. */
@IgnoresUnknownFields()
export class StatelessRunDto extends PickType(RunDto, [
  'assistant_id',
  'metadata',
  'config',
  'context',
  'stream_mode',
  'multitask_strategy',
  'if_not_exists',
  'on_disconnect',
  'on_completion',
  'durability',
  'stream_resumable',
  'stream_subgraphs',
  'checkpoint_during',
  'strict_resume',
  'langsmith_tracer',
  'feedback_keys',
  'interrupt_before',
  'interrupt_after',
  'webhook',
  'after_seconds',
] as const) {
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    example: { messages: [{ type: 'human', content: 'Hvad er CSR-kravene?' }] },
    description: '`messages`: the human messages at its end are the question; the rest is left out.',
  })
  @IsJsonObject()
  input!: Record<string, unknown>;
}
