export { conversations } from './conversations.dialect.js';
export { ConversationsDoor } from './conversations.door.js';
