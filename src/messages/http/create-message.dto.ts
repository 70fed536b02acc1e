import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsMongoId,
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ON_BUSY, type OnBusy } from '../messages.service.js';
import type { AdHocWorkflow } from '../run-queue.js';
import { IsCleanText, IsMetadata, IsNotBlank, MaxChars } from '../../platform/http/index.js';

const STRATEGIES = ['sequential', 'parallel', 'hierarchical'] as const;

/** Several agents instead of one. */
export class WorkflowDto implements AdHocWorkflow {
  @ApiProperty({
    enum: STRATEGIES,
    description: 'One after the other, side by side, or directed by `lead`.',
  })
  @IsIn(STRATEGIES)
  strategy!: AdHocWorkflow['strategy'];

  @ApiProperty({ type: [String], example: ['researcher', 'writer'], description: 'Of `GET /api/agents`.' })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(64)
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  agents!: string[];

  @ApiPropertyOptional({
    example: 'editor',
    description: 'Directs the others (`hierarchical`), or puts their answers together (`parallel`).',
  })
  @IsOptional()
  @IsCleanText()
  @MaxLength(64)
  lead?: string;
}

/** A file to send a message with. */
export class AttachmentDto {
  @ApiProperty({ example: '68eb95dcac4dd9ac27898910', description: 'Of `POST /api/users/{user_id}/files`.' })
  @IsMongoId()
  file_id!: string;
}

/** Body of `POST /api/chats/{chat_id}/messages`. */
export class CreateMessageDto {
  @ApiProperty({
    example: 'Hvad er CSR-kravene?',
    description: 'The question, up to 100,000 characters (a setting).',
  })
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('CONTENT_MAX_CHARS')
  content!: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { tender_id: '68c99b8a10844521ad051544' },
    description: 'Any JSON object, up to 16 KB and 8 levels. `tender_id` narrows the document search.',
  })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, unknown>;

  @ApiPropertyOptional({ example: 'assistant', description: 'One of `GET /api/agents`.' })
  @IsOptional()
  @IsCleanText()
  @MaxLength(100)
  agent?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '68eb95dcac4dd9ac2789890e',
    description:
      'The message (a question, or its answer) that this one follows: the model is given the conversation up to there. `null`: it begins the conversation anew. Default: the newest question of the chat.',
  })
  @ValidateIf(({ parent_message_id }: CreateMessageDto) => parent_message_id != null)
  @IsMongoId()
  parent_message_id?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: '68eb95dcac4dd9ac2789890e',
    description:
      'The question that this one replaces: it begins another branch in its place. Not together with `parent_message_id`.',
  })
  @IsOptional()
  @IsMongoId()
  edit_of?: string | null;

  @ApiPropertyOptional({
    type: [AttachmentDto],
    description:
      'Files that the user of the chat has uploaded, up to 10 (a setting). With `edit_of`, the default is those of the question that is replaced; an empty list: none.',
  })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(100)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => AttachmentDto)
  attachments?: AttachmentDto[];

  @ApiPropertyOptional({ type: WorkflowDto, description: 'Instead of `agent`.' })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => WorkflowDto)
  workflow?: WorkflowDto;

  @ApiPropertyOptional({
    enum: ON_BUSY,
    default: 'queue',
    description:
      'If the chat already has a run: `queue` waits; `interrupt` cancels it, and every earlier interrupt that is waiting, and runs next; `reject` answers 409.',
  })
  @IsOptional()
  @IsIn(ON_BUSY)
  on_busy?: OnBusy;
}
