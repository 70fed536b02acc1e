import { ApiProperty } from '@nestjs/swagger';

/** An amount of money. */
export class CostView {
  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ example: 0.42 })
  amount!: number;
}

/** What was asked, and what it took. */
export class AmountsView {
  @ApiProperty({ type: 'integer', example: 12, description: 'Messages of users.' })
  messages!: number;

  @ApiProperty({ type: 'integer', example: 11, description: 'Runs of these messages that have ended.' })
  runs!: number;

  @ApiProperty({ type: 'integer', example: 1, description: 'Of them, those that ended with an error.' })
  failed!: number;

  @ApiProperty({ type: 'integer', example: 14_400 })
  prompt_tokens!: number;

  @ApiProperty({ type: 'integer', example: 3840 })
  completion_tokens!: number;

  @ApiProperty({
    type: [CostView],
    description: 'Of the runs whose models have prices, by currency.',
  })
  costs!: CostView[];
}
