export {
  ARGUMENTS_MAX_CHARS,
  ChatModel,
  ModelError,
  type CallResult,
  type ContextWindow,
  type ModelDelta,
  type ModelMessage,
  type ModelRequest,
  type ModelTool,
  type ModelToolCall,
  type ModelUsage,
  type ProviderData,
} from './chat-model.js';
export { ModelsModule } from './models.module.js';
export { fromStoredText, toStoredText } from './provider-data.js';
export { estimateMessageTokens, estimateTokens, estimateToolTokens } from './tokens.js';
