import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, MaxLength } from 'class-validator';
import { ON_BUSY, type OnBusy } from '../messages.service.js';
import { IsCleanText, IsMetadata, IsNotBlank, MaxChars } from '../../platform/http/index.js';

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
    enum: ON_BUSY,
    default: 'queue',
    description:
      'If the chat already has a run: `queue` waits; `interrupt` cancels it, and every earlier interrupt that is waiting, and runs next; `reject` answers 409.',
  })
  @IsOptional()
  @IsIn(ON_BUSY)
  on_busy?: OnBusy;
}
