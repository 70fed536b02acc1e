import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsDate, IsOptional } from 'class-validator';
import { z } from 'zod';
import { PageQueryDto } from '../platform/http/index.js';

const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/**
 * A moment in a query: a day (its begin, UTC), or a day with a time and its offset. Becomes a `Date`; anything else is
 * refused.
 */
export function IsInstant(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: String, format: 'date-time', example: '2025-10-12T10:00:00Z', description }),
    IsOptional(),
    Transform(({ value }: { value: unknown }) => {
      const { success, data } = instant.safeParse(value);
      return success ? new Date(data) : value;
    }),
    IsDate({ message: 'must be a date or a time with its offset, like 2025-10-12 or 2025-10-12T10:00:00Z' }),
  );
}

/** Pages of what happened in some time. */
export class TimedPageQueryDto extends PageQueryDto {
  @IsInstant('At this time at the earliest.')
  since?: Date;

  @IsInstant('Before this time.')
  until?: Date;
}
