import { Module } from '@nestjs/common';
import { bind, Clock, Pause, TimerPause } from '../common/index.js';
import { Settings, StartError } from '../platform/config/index.js';
import { AnthropicModel } from './anthropic/anthropic-model.js';
import { ChatModel } from './chat-model.js';
import { EmbeddingModel } from './embeddings/embedding-model.js';
import { ModelCatalogue } from './model-catalogue.js';
import { missingFor, ModelRefError, readModelRef } from './model-ref.js';
import { OfflineModel } from './offline/offline-model.js';
import { PriceTable } from './prices/price-table.js';
import { readPricesFile } from './prices/prices-file.js';
import { RemoteChatModels } from './openai/remote-chat-models.js';
import { OpenAiModel } from './openai/openai-model.js';

/** The models that settings and agents name. @throws StartError if `MODEL_CHAIN` names one that cannot be asked. */
function catalogue(settings: Settings, clock: Clock, pause: Pause): ModelCatalogue {
  const make = (ref: string): ChatModel => {
    const { provider, model } = readModelRef(ref);
    const missing = missingFor(provider, settings);
    if (missing !== undefined) throw new ModelRefError(`"${ref}": ${missing}.`);
    if (provider === 'anthropic') return new AnthropicModel(settings, clock, model);
    return provider === 'offline' ? new OfflineModel(pause) : new OpenAiModel(settings, clock, model);
  };
  const models = new ModelCatalogue(make, settings.MODEL_CHAIN ?? [singleModel(settings)], prices(settings));
  try {
    models.chain();
  } catch (cause) {
    if (cause instanceof ModelRefError)
      throw new StartError('MODEL_CHAIN', `MODEL_CHAIN ${cause.message}`, { cause });
    throw cause;
  }
  return models;
}

/** @throws YamlFileError if the file is wrong. */
function prices({ MODEL_PRICES_FILE: file }: Settings): PriceTable {
  return new PriceTable(file === undefined ? undefined : readPricesFile(file));
}

/** Without a chain: a provider if one is configured, else the offline model. */
function singleModel(settings: Settings): string {
  return missingFor('openai', settings) === undefined ? `openai:${settings.OPENAI_MODEL}` : 'offline';
}

/** The language models of this deployment. */
@Module({
  providers: [
    bind(Pause, { useClass: TimerPause }),
    RemoteChatModels,
    { provide: ModelCatalogue, useFactory: catalogue, inject: [Settings, Clock, Pause] },
    bind(ChatModel, { useFactory: (models: ModelCatalogue) => models.default, inject: [ModelCatalogue] }),
    {
      provide: EmbeddingModel,
      useFactory: (settings: Settings) =>
        settings.EMBEDDINGS_MODEL === undefined
          ? undefined
          : new EmbeddingModel(settings, settings.EMBEDDINGS_MODEL),
      inject: [Settings],
    },
  ],
  exports: [ChatModel, EmbeddingModel, ModelCatalogue, RemoteChatModels, Pause],
})
export class ModelsModule {}
