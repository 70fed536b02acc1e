export { Conversation, type Exchange } from './conversation.js';
export { MessageTimes } from './message-times.js';
export { MessagesModule } from './messages.module.js';
export { MessagesRepository } from './messages.repository.js';
export { MessagesService, type NewMessage } from './messages.service.js';
export { RunQueue } from './run-queue.js';
