import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional, MaxLength } from 'class-validator';
import { IsCleanText, IsNotBlank, MaxChars } from '../../platform/http/index.js';

/** Body of `POST /api/users/{user_id}/chats`. */
export class CreateChatDto {
  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 200,
    example: 'SKI 02.15 Analysis',
    description: 'Default "New chat", until the model gives a title after the first answer.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('TITLE_MAX_CHARS')
  title?: string | null;

  @ApiPropertyOptional({
    description:
      'Whether the model may replace the title after the first answer, unless somebody renames the chat before. Default: if there is no `title`.',
  })
  @IsOptional()
  @IsBoolean()
  auto_title?: boolean;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 20_000,
    example: 'Answer in Danish, in at most three sentences.',
    description:
      'What the agents that answer in this chat are told after their own instructions, up to 20,000 characters (a setting).',
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
      "The model that answers in this chat instead of its agent's: one that some agent of this deployment may ask, with or without its provider.",
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  model?: string | null;
}
