import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { ErasureRegistry } from '../platform/erasure/index.js';
import { Budgets } from './budgets.js';
import { USAGE_DAY, UsageDaySchema } from './usage-day.schema.js';
import { UsageDays } from './usage-days.js';

/** What each user may use a day, and has used. */
@Module({
  imports: [MongooseModule.forFeature([{ name: USAGE_DAY, schema: UsageDaySchema }])],
  providers: [UsageDays, Budgets],
  exports: [Budgets],
})
export class BudgetsModule {
  constructor(erasure: ErasureRegistry, days: UsageDays) {
    erasure.register(days);
  }
}
