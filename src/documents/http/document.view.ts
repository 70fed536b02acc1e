import { ApiProperty } from '@nestjs/swagger';
import type { DocumentRecord } from '../document.schema.js';

/** A document as clients see it in lists. */
export class DocumentView {
  @ApiProperty({ example: '68eb95dcac4dd9ac2789890f' })
  document_id!: string;

  @ApiProperty({ example: 'Bilag E: CSR' })
  title!: string;

  @ApiProperty({ type: String, nullable: true, example: '68c99b8a10844521ad051544' })
  tender_id!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, example: { source: 'upload' } })
  metadata!: Record<string, unknown>;

  @ApiProperty({ type: 'integer', example: 66, description: 'Length of the text.' })
  characters!: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'Passages into which the search splits it.' })
  passages!: number;

  @ApiProperty({ format: 'date-time', example: '2025-10-12T10:00:00.000Z' })
  created_at!: string;
}

/** A document with its text. */
export class DocumentWithContentView extends DocumentView {
  @ApiProperty({ example: '# CSR\n\n## Krav\n\nLeverandøren skal overholde ILO-konventionerne.' })
  content!: string;
}

export function toDocumentView(record: DocumentRecord): DocumentView {
  return {
    document_id: record._id.toHexString(),
    title: record.title,
    tender_id: record.tender_id,
    metadata: record.metadata,
    characters: record.characters,
    passages: record.passages,
    created_at: record.created_at.toISOString(),
  };
}
