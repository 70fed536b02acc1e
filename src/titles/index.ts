export { ChatTitler } from './chat-titler.js';
export { TitlesModule } from './titles.module.js';
