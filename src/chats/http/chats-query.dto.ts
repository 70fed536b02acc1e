import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength } from 'class-validator';
import { IsCleanText, IsNotBlank, PageQueryDto } from '../../platform/http/index.js';

/** Which of a user's chats to list. */
export class ChatsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    maxLength: 200,
    example: 'analysis',
    description: 'Only chats whose title contains this text, whatever its case and accents.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  search?: string;
}
