import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { validationFailed } from '../../platform/http/index.js';
import { IsInstant } from '../time-range.dto.js';
import { USAGE_KEYS, type Period, type UsageKey } from './usage-sums.js';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 30;
const MOST_DAYS = 400;

/** What to add up. */
export class UsageQueryDto {
  @ApiPropertyOptional({ enum: USAGE_KEYS, default: 'day' })
  @IsIn(USAGE_KEYS)
  by: UsageKey = 'day';

  @IsInstant('Messages from this time on; default: the last 30 days, today included.')
  from?: Date;

  @IsInstant('Messages before this time; default: until now.')
  to?: Date;
}

/** @throws AppError 400 `validation_failed` for a time that is none, or longer than 400 days. */
export function periodOf({ from, to }: UsageQueryDto, now: number): Period {
  const end = to ?? new Date(now + 1);
  const begin = from ?? new Date(Math.floor(end.getTime() / DAY_MS) * DAY_MS - (USUAL_DAYS - 1) * DAY_MS);
  if (begin >= end) throw validationFailed([{ field: 'from', message: 'must be before "to"' }]);
  if (end.getTime() - begin.getTime() > MOST_DAYS * DAY_MS)
    throw validationFailed([{ field: 'from', message: `must be at most ${MOST_DAYS} days before "to"` }]);
  return { from: begin, to: end };
}
