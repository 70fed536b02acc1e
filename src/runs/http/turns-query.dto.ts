import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional } from 'class-validator';
import { decimal, IsIntBetween } from '../../platform/http/index.js';

/** Which model turns to return. */
export class TurnsQueryDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 1_000_000,
    description: 'Only turns after this number: `next` of the page before.',
  })
  @IsOptional()
  @Transform(decimal)
  @IsIntBetween(1, 1_000_000)
  after?: number;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 1,
    maximum: 100,
    default: 50,
    description: 'At most this many turns.',
  })
  @Transform(decimal)
  @IsIntBetween(1, 100)
  limit = 50;
}
