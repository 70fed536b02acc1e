import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsIn, IsOptional, MaxLength } from 'class-validator';
import { IgnoresUnknownFields, IsCleanText, IsIntBetween, IsMetadata } from '../../../platform/http/index.js';

const FIELDS = [
  ...(['assistant_id', 'graph_id', 'name', 'description', 'config', 'context'] as const),
  ...(['created_at', 'updated_at', 'metadata', 'version'] as const),
];
const SORTS = ['assistant_id', 'graph_id', 'name', 'created_at', 'updated_at'] as const;
const ORDERS = ['asc', 'desc'] as const;

/** Body of `POST /api/langgraph/assistants/search`. */
@IgnoresUnknownFields()
export class SearchAssistantsDto {
  @ApiPropertyOptional({ type: String, nullable: true, example: 'assistant' })
  @IsOptional()
  @IsCleanText()
  @MaxLength(200)
  graph_id?: string | null;

  @ApiPropertyOptional({ type: String, nullable: true, description: 'Part of the name.' })
  @IsOptional()
  @IsCleanText()
  @MaxLength(200)
  name?: string | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'Assistants are created by the system: others have other metadata.',
  })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, unknown> | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 1000, default: 10, nullable: true })
  @IsOptional()
  @IsIntBetween(1, 1000)
  limit?: number | null;

  @ApiPropertyOptional({ type: 'integer', minimum: 0, maximum: 1_000_000, default: 0, nullable: true })
  @IsOptional()
  @IsIntBetween(0, 1_000_000)
  offset?: number | null;

  @ApiPropertyOptional({ enum: SORTS, nullable: true, description: 'Default: the order of the file.' })
  @IsOptional()
  @IsIn(SORTS)
  sort_by?: (typeof SORTS)[number] | null;

  @ApiPropertyOptional({ enum: ORDERS, default: 'desc', nullable: true })
  @IsOptional()
  @IsIn(ORDERS)
  sort_order?: (typeof ORDERS)[number] | null;

  @ApiPropertyOptional({ type: [String], enum: FIELDS, nullable: true, description: 'Parts to return.' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsIn(FIELDS, { each: true })
  select?: (typeof FIELDS)[number][] | null;
}
