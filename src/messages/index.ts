export { Conversation, type Exchange } from './conversation.js';
export {
  MESSAGE,
  type MessageDocument,
  type RunFacet,
  type RunFailure,
  type RunStatus,
  type RunUsage,
} from './message.schema.js';
export { MessageTimes } from './message-times.js';
export { CreatedMessageView, toCreated } from './message.view.js';
export { IdempotencyKey } from './idempotency-key.decorator.js';
export { MessagesModule } from './messages.module.js';
export { MessagesRepository } from './messages.repository.js';
export { MessagesService, type NewMessage } from './messages.service.js';
export { RunQueue } from './run-queue.js';
