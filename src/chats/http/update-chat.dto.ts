import { ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
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
}
