export { ChatsHttpModule } from './chats-http.module.js';
export { ChatKeyPipe, IsChatKey } from './chat-key.pipe.js';
