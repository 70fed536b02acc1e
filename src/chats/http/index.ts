export { ChatsHttpModule } from './chats-http.module.js';
