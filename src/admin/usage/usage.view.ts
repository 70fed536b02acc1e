import { ApiProperty } from '@nestjs/swagger';
import { AmountsView } from '../amounts.view.js';
import { NO_AMOUNTS, plus, USAGE_KEYS, type KeyedAmounts, type Period, type UsageKey } from './usage-sums.js';

/** Of one day, user or model. */
export class KeyedUsageView extends AmountsView {
  @ApiProperty({
    type: String,
    nullable: true,
    example: '2025-10-12',
    description: 'The day (UTC), the user id, or the model; `null`: not known.',
  })
  key!: string | null;
}

/** What a tenant has used. */
export class UsageView {
  @ApiProperty({ enum: USAGE_KEYS })
  by!: UsageKey;

  @ApiProperty({ format: 'date-time', example: '2025-10-01T00:00:00.000Z' })
  from!: string;

  @ApiProperty({ format: 'date-time', example: '2025-10-31T00:00:00.000Z', description: 'Not included.' })
  to!: string;

  @ApiProperty({
    type: [KeyedUsageView],
    description: 'Days in their order, of users and models the 200 that used most, by tokens.',
  })
  items!: KeyedUsageView[];

  @ApiProperty({ type: AmountsView, description: 'Of everything, also of what `items` leaves out.' })
  total!: AmountsView;
}

const MOST_ITEMS = 200;

const tokens = ({ amounts }: KeyedAmounts): number => amounts.prompt_tokens + amounts.completion_tokens;
const byKey = (one: KeyedAmounts, other: KeyedAmounts): number =>
  (one.key ?? '') < (other.key ?? '') ? -1 : 1;
const byTokens = (one: KeyedAmounts, other: KeyedAmounts): number =>
  tokens(other) - tokens(one) || other.amounts.messages - one.amounts.messages || byKey(one, other);

/** The sums as they are shown. */
export function toUsageView(by: UsageKey, { from, to }: Period, sums: KeyedAmounts[]): UsageView {
  const sorted = sums.sort(by === 'day' ? byKey : byTokens);
  return {
    by,
    from: from.toISOString(),
    to: to.toISOString(),
    items: (by === 'day' ? sorted : sorted.slice(0, MOST_ITEMS)).map(({ key, amounts }) => ({
      key,
      ...amounts,
    })),
    total: sums.map(({ amounts }) => amounts).reduce(plus, NO_AMOUNTS),
  };
}
