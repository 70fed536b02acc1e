import { Module } from '@nestjs/common';
import { MongooseModule } from '@nestjs/mongoose';
import { AgentModule } from '../agent/index.js';
import { ErasureRegistry } from '../platform/erasure/index.js';
import { ApprovalNotice, ApprovalNoticeSchema } from './approval-notice.schema.js';
import { ApprovalOutbox } from './approval-outbox.js';
import { WebhookDelivery } from './webhook-delivery.js';

/** Reports of calls that need approval. */
@Module({
  imports: [
    AgentModule,
    MongooseModule.forFeature([{ name: ApprovalNotice.name, schema: ApprovalNoticeSchema }]),
  ],
  providers: [ApprovalOutbox, WebhookDelivery],
  exports: [ApprovalOutbox],
})
export class ApprovalsModule {
  constructor(erasures: ErasureRegistry, outbox: ApprovalOutbox) {
    erasures.register(outbox);
  }
}
