import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, MaxLength } from 'class-validator';
import { IsCleanText, IsMetadata, IsNotBlank, MaxChars } from '../../platform/http/index.js';

/** Body of `POST /api/documents`. */
export class CreateDocumentDto {
  @ApiProperty({ maxLength: 500, example: 'Bilag E: CSR' })
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(500)
  title!: string;

  @ApiProperty({
    example: '# CSR\n\n## Krav\n\nLeverandøren skal overholde ILO-konventionerne.',
    description: 'Plain text or Markdown, up to 900,000 characters (a setting).',
  })
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('DOCUMENT_MAX_CHARS')
  content!: string;

  @ApiPropertyOptional({
    type: String,
    nullable: true,
    maxLength: 200,
    example: '68c99b8a10844521ad051544',
    description: 'The tender it belongs to; a search can be restricted to one.',
  })
  @IsOptional()
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(200)
  tender_id?: string | null;

  @ApiPropertyOptional({ type: 'object', additionalProperties: true, example: { source: 'upload' } })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, unknown> | null;
}
