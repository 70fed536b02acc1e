export {
  ARGUMENTS_MAX_CHARS,
  ChatModel,
  ModelError,
  type CallResult,
  type CircuitState,
  type ContextWindow,
  type ModelDelta,
  type ModelImage,
  type ModelMessage,
  type ModelRequest,
  type ModelSampling,
  type ModelTool,
  type ModelToolCall,
  type ModelUsage,
  type ProviderData,
} from './chat-model.js';
export { EmbeddingModel } from './embeddings/embedding-model.js';
export { hasImages, textWithoutImages } from './server/images.js';
export { leftOut } from './server/unsupported.js';
export { ModelCatalogue } from './model-catalogue.js';
export { RemoteChatModels } from './openai/remote-chat-models.js';
export { ModelRefError } from './model-ref.js';
export type { Cost, ModelSpending } from './prices/price-table.js';
export { ModelsModule } from './models.module.js';
export { fromStoredText, toStoredText } from './provider-data.js';
export { estimateMessageTokens, estimateTokens, estimateToolTokens } from './tokens.js';
