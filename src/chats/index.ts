export { CHAT, type ChatDocument } from './chat.schema.js';
export { ChatsModule } from './chats.module.js';
export { ChatsService, type ChatKey, type CountedChat } from './chats.service.js';
export { MessageCounter } from './message-counter.js';
