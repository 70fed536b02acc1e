export { ChatNews } from './chat-news.js';
export { ChatQueue } from './chat-queue.js';
export { clientKey, ClientMessages, isGivenId, questionIdOf } from './client-messages.js';
export { Conversation, type Exchange } from './conversation.js';
export {
  ConversationSummaries,
  type PlannedSummary,
  type StoredSummary,
  type SummaryClaim,
} from './conversation-summaries.js';
export { DoorRuns, type RunFigures } from './door-runs.js';
export { FirstQuestions, type Asker } from './first-questions.js';
export { MessageList, type ListedMessage } from './message-list.js';
export { EarlierMessages, type ToldExchange } from './earlier-messages.js';
export { MessagesModule } from './messages.module.js';
export { MessagesRepository, type ChatOutline, type KnownQuestion } from './messages.repository.js';
export { MessagesService, ON_BUSY, type NewMessage, type OnBusy } from './messages.service.js';
export { RunQueue, type AdHocWorkflow, type ChosenAgent, type ReadyWorker } from './run-queue.js';
export { MessageBudget } from './message-budget.js';
