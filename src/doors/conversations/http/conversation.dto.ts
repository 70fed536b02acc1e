import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength, ValidateIf } from 'class-validator';
import { IsCleanText, IsNotBlank, MaxChars, PageQueryDto } from '../../../platform/http/index.js';

const MODEL =
  "The model that answers instead of its agent's: one that some agent of this deployment may ask, with or without its provider.";
const PROMPT =
  'What the model is told after the instructions of its agent, up to 20,000 characters (a setting).';

/** Body of `POST /api/v1/conversations`. */
export class CreateConversationDto {
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

  @ApiPropertyOptional({ type: String, nullable: true, example: 'gpt-4.1-mini', description: MODEL })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  model?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 20_000,
    example: 'Answer in Danish.',
    description: PROMPT,
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('INSTRUCTIONS_MAX_CHARS')
  system_prompt?: string | null;
}

/** Body of `PATCH /api/v1/conversations/{chat_id}`. */
export class UpdateConversationDto {
  @ApiPropertyOptional({ maxLength: 200, example: 'SKI 02.15 Analysis' })
  // Not IsOptional, which would accept null: a chat always has a title.
  @ValidateIf((body: UpdateConversationDto) => body.title !== undefined)
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('TITLE_MAX_CHARS')
  title?: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    example: 'gpt-4.1-mini',
    description: `${MODEL} \`null\` removes it.`,
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  model?: string | null;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 20_000,
    example: 'Answer in Danish.',
    description: `${PROMPT} \`null\` removes it.`,
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('INSTRUCTIONS_MAX_CHARS')
  system_prompt?: string | null;
}

/** Which conversations to list. */
export class ConversationsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    maxLength: 200,
    example: 'alice@company.com',
    description:
      'Whose conversations, for callers who may act for anybody. Default: who is logged in; without authentication, `default`.',
  })
  @IsOptional()
  @IsCleanText()
  @MaxLength(200)
  user_id?: string;
}
