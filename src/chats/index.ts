export { CHAT, type ChatDocument, type OpenRun } from './chat.schema.js';
export { ChatsModule } from './chats.module.js';
export { ChatSearch, type ChatSearchQuery } from './chat-search.js';
export { ChatPlaces, type ChatKey, type KnownChat } from './chat-places.js';
export { ChatsService, type ChatChange, type CountedChat, type NewChat } from './chats.service.js';
export { ExternalChats, isExternalKey } from './external-chats.js';
export { TemporaryChats } from './temporary-chats.js';
export { MessageCounter } from './message-counter.js';
export { ModelChoice } from './model-choice.js';
