import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import type { StoredFile } from '../file.schema.js';

/** A file as clients see it. */
export class FileView {
  @ApiProperty({ example: '68eb95dcac4dd9ac27898910' })
  file_id!: string;

  @ApiProperty({ example: 'report.pdf', description: 'Without folders and invisible characters.' })
  name!: string;

  @ApiProperty({ example: 'application/pdf', description: 'Decided by its bytes.' })
  media_type!: string;

  @ApiProperty({ type: 'integer', example: 123456 })
  bytes!: number;

  @ApiPropertyOptional({
    type: 'integer',
    example: 24000,
    description: 'Of the text in it, UTF-16 code units; missing for an image.',
  })
  characters?: number;

  @ApiProperty({ example: '2025-10-12T10:01:00.000Z' })
  created_at!: string;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '2025-10-13T10:01:00.000Z',
    description: 'When it is deleted unless a message is sent with it; `null` if one was.',
  })
  expires_at!: string | null;
}

export function toFileView(file: StoredFile): FileView {
  const { _id, name, media_type, bytes, characters, created_at, expires_at } = file;
  return {
    file_id: _id.toHexString(),
    name,
    media_type,
    bytes,
    ...(characters !== undefined && { characters }),
    created_at: created_at.toISOString(),
    expires_at: expires_at?.toISOString() ?? null,
  };
}
