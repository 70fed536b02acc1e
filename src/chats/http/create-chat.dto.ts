import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsOptional } from 'class-validator';
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
}
