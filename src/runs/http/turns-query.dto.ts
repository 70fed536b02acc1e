import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { decimal, IsIntBetween } from '../../platform/http/index.js';

/** Which model turns to return. */
export class TurnsQueryDto {
  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: 1_000_000,
    default: 0,
    description: 'Only turns after this number: `next` of the page before.',
  })
  @Transform(decimal)
  @IsIntBetween(0, 1_000_000)
  after = 0;

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
