import { ApiProperty, ApiPropertyOptional, PickType } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsObject,
  IsOptional,
  IsUUID,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { CreateMessageDto } from '../../../messages/http/index.js';
import { IsCleanText, IsNotBlank, MaxChars } from '../../../platform/http/index.js';
import { CreateConversationDto } from './conversation.dto.js';

/** Body of `POST /api/v1/conversations/{chat_id}/messages`. */
export class TalkMessageDto extends PickType(CreateMessageDto, ['content', 'metadata', 'agent', 'on_busy']) {}

const ROLES = ['system', 'user', 'assistant'] as const;

/** One message of a conversation that the client has itself. */
export class TurnDto {
  @ApiProperty({ enum: ROLES })
  @IsIn(ROLES)
  role!: (typeof ROLES)[number];

  @ApiProperty({ example: 'Hvad er CSR-kravene?' })
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('CONTENT_MAX_CHARS')
  content!: string;
}

/** Body of `POST /api/v1/chat/stream`. */
export class TalkStreamDto extends PickType(CreateConversationDto, ['model', 'system_prompt']) {
  @ApiPropertyOptional({
    example: 'Hvad er CSR-kravene?',
    description: 'The question, up to 100,000 characters (a setting). Instead of `messages`.',
  })
  @ValidateIf(({ message, messages }: TalkStreamDto) => message !== undefined || messages === undefined)
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('CONTENT_MAX_CHARS')
  message?: string;

  @ApiPropertyOptional({
    type: [TurnDto],
    description:
      "Instead of `message`: the conversation up to the question, which is the last message and the `user`'s. In a conversation that the server knows, only the question counts.",
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1000)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => TurnDto)
  messages?: TurnDto[] | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    format: 'uuid',
    example: '550e8400-e29b-41d4-a716-446655440000',
    description: 'Default: a new conversation, named in the `X-Stream-Url` of the response.',
  })
  @IsOptional()
  @IsUUID()
  conversation_id?: string | null;
}
