import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** Name of the model. */
export const USAGE_DAY = 'usage_days';

/** What a user has asked for, and what it took, on one day (UTC). */
@Schema({ collection: USAGE_DAY, versionKey: false })
export class UsageDay {
  @Prop({ type: Object, required: true })
  _id!: { t: string; u: string; d: string };

  @Prop({ type: Number, default: 0 })
  messages!: number;

  /** Of all models. */
  @Prop({ type: Number, default: 0 })
  tokens!: number;

  /** In the currency of the price file. */
  @Prop({ type: Number, default: 0 })
  cost!: number;

  @Prop({ type: Date, required: true })
  expires_at!: Date;
}

/** Schema of {@link UsageDay}. */
export const UsageDaySchema = SchemaFactory.createForClass(UsageDay);
UsageDaySchema.index({ expires_at: 1 }, { expireAfterSeconds: 0 });
UsageDaySchema.index({ '_id.t': 1, '_id.u': 1 });
