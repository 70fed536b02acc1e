import { ApiHideProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { decimal, IsIntBetween } from '../../platform/http/index.js';

/** Which part of a log to replay. */
export class ReplayQueryDto {
  @ApiPropertyOptional({ example: '1760270888823_0000_a26344ee', description: 'Only events after this id.' })
  @IsOptional()
  @IsString()
  @MaxLength(64)
  since?: string;

  @ApiPropertyOptional({
    example: 100,
    description: 'At most this many events.',
    minimum: 1,
    maximum: 1_000_000,
  })
  @IsOptional()
  @Transform(decimal)
  @IsIntBetween(1, 1_000_000)
  limit?: number;

  /** As in `stream_url`, if the server knows its users. It is part of an address, not chosen by a caller. */
  @ApiHideProperty()
  @IsOptional()
  @IsString()
  @MaxLength(4096)
  ticket?: string;
}
