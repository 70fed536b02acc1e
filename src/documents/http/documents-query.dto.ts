import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength } from 'class-validator';
import { IsCleanText, IsNotBlank, PageQueryDto } from '../../platform/http/index.js';

/** Which documents to list. */
export class DocumentsQueryDto extends PageQueryDto {
  @ApiPropertyOptional({
    example: '68c99b8a10844521ad051544',
    description: 'Only the documents of this tender.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  tender_id?: string;

  @ApiPropertyOptional({
    maxLength: 200,
    example: 'bilag',
    description: 'Only documents whose title contains this text, whatever its case and accents.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  search?: string;
}
