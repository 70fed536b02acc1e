import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsOptional, IsString, MaxLength } from 'class-validator';
import { IsCleanText, IsMetadata, IsNotBlank, MaxChars } from '../../platform/http/index.js';

/** What every workflow is given. */
export class RunDto {
  @ApiProperty({ example: 'What do the documents say about CSR?' })
  @IsCleanText()
  @IsNotBlank()
  @MaxChars('CONTENT_MAX_CHARS')
  prompt!: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { tender_id: '68c99b8a10844521ad051544' },
    description: 'Of the message: any JSON object, up to 16 KB and 8 levels.',
  })
  @IsOptional()
  @IsMetadata()
  metadata?: Record<string, unknown>;
}

class TeamDto extends RunDto {
  @ApiProperty({
    type: [String],
    example: ['researcher', 'critic'],
    description: 'Of `GET /api/coordinator/agents`.',
  })
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(64)
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  agents!: string[];
}

/** Body of `POST /api/coordinator/sequential`. */
export class RunSequentialDto extends TeamDto {}

/** Body of `POST /api/coordinator/parallel`. */
export class RunParallelDto extends TeamDto {
  @ApiPropertyOptional({ example: 'editor', description: 'Puts the answers of the others together.' })
  @IsOptional()
  @IsCleanText()
  @MaxLength(64)
  lead?: string;
}

/** Body of `POST /api/coordinator/hierarchical`. */
export class RunHierarchicalDto extends TeamDto {
  @ApiProperty({ example: 'editor', description: 'An agent of kind `model`, which directs the others.' })
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(64)
  lead!: string;
}

/** Body of `POST /api/coordinator/workflow`. */
export class RunWorkflowDto extends RunDto {
  @ApiProperty({ example: 'review', description: 'Of `GET /api/coordinator/workflows`.' })
  @IsCleanText()
  @IsNotBlank()
  @MaxLength(100)
  workflow!: string;
}
