import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

/** A call that needs approval, to be reported to the webhook of this deployment. */
@Schema({ collection: 'approval_notices', versionKey: false })
export class ApprovalNotice {
  /** The same for every report about the call: receivers recognise repetitions by it. */
  @Prop({ type: String, required: true })
  _id!: string;

  @Prop({ type: String, required: true })
  tenant_id!: string;

  @Prop({ type: String })
  user_id?: string;

  @Prop({ type: String, required: true })
  chat_id!: string;

  @Prop({ type: String, required: true })
  message_id!: string;

  @Prop({ type: String, required: true })
  call_id!: string;

  @Prop({ type: String, required: true })
  name!: string;

  @Prop({ type: String, default: '' })
  args_summary!: string;

  @Prop({ type: Date, required: true })
  expires_at!: Date;

  /** Reports sent so far, accepted or not. */
  @Prop({ type: Number, default: 0 })
  attempts!: number;

  /** When it is to be reported next; missing once that has been accepted, or is of no use any more. */
  @Prop({ type: Date })
  next_at?: Date;
}

/** Schema of {@link ApprovalNotice}. */
export const ApprovalNoticeSchema = SchemaFactory.createForClass(ApprovalNotice);
ApprovalNoticeSchema.index(
  { next_at: 1 },
  { name: 'due', partialFilterExpression: { next_at: { $exists: true } } },
);
ApprovalNoticeSchema.index({ tenant_id: 1, chat_id: 1 });
// Kept for a while, so that a call that is parked again is not reported again.
ApprovalNoticeSchema.index({ expires_at: 1 }, { expireAfterSeconds: 86_400 });
