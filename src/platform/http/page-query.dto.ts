import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import type { PageQuery } from '../../common/index.js';
import { decimal, IsIntBetween } from './validators.js';

/** Which page of a list to return. */
export class PageQueryDto implements PageQuery {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    default: 1,
    description: 'Page, from 1.',
  })
  @Transform(decimal)
  @IsIntBetween(1, 1_000_000)
  page = 1;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 20,
    description: 'Items per page.',
  })
  @Transform(decimal)
  @IsIntBetween(1, 100)
  page_size = 20;
}
