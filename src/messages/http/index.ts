export { CreateMessageDto } from './create-message.dto.js';
export { MessagesHttpModule } from './messages-http.module.js';
export { FollowableMessages } from './followable-messages.js';
export { CreatedMessageView, MessageView, MessageWithRunView, toView } from './message.view.js';
export { IdempotencyKey } from './idempotency-key.decorator.js';
export {
  ClientQuestions,
  fileAt,
  isSameQuestion,
  nameOfFile,
  type ClientQuestion,
  type QuestionOptions,
  type SentFile,
} from './client-questions.js';
