export { CreateMessageDto } from './create-message.dto.js';
export { MessagesHttpModule } from './messages-http.module.js';
export { CreatedMessageView, toCreated } from './message.view.js';
export { IdempotencyKey } from './idempotency-key.decorator.js';
