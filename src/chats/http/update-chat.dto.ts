import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength, ValidateIf } from 'class-validator';
import { IsCleanText, IsNotBlank, MaxChars } from '../../platform/http/index.js';

/** Body of `PATCH /api/chats/{chat_id}`. */
export class UpdateChatDto {
  @ApiPropertyOptional({ maxLength: 200, example: 'SKI 02.15 Analysis' })
  // Not IsOptional, which would accept null: a chat always has a title.
  @ValidateIf((body: UpdateChatDto) => body.title !== undefined)
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('TITLE_MAX_CHARS')
  title?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 20_000,
    example: 'Answer in Danish, in at most three sentences.',
    description:
      'What the agents that answer in this chat are told after their own instructions, up to 20,000 characters (a setting). `null` removes them.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('INSTRUCTIONS_MAX_CHARS')
  instructions?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'openai:gpt-4.1-mini',
    description:
      "The model that answers in this chat instead of its agent's: one that some agent of this deployment may ask, with or without its provider. `null` removes it.",
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  model?: string | null;
}
