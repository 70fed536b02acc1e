import { Module } from '@nestjs/common';
import { bind, Clock, Pause, TimerPause } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import { ChatModel } from './chat-model.js';
import { OfflineModel } from './offline/offline-model.js';
import { OpenAiModel } from './openai/openai-model.js';

/** A provider if one is configured, else the offline model. */
function chooseModel(settings: Settings, clock: Clock, pause: Pause): ChatModel {
  const configured = settings.OPENAI_API_KEY !== undefined || settings.OPENAI_BASE_URL !== undefined;
  return configured ? new OpenAiModel(settings, clock) : new OfflineModel(pause);
}

/** The language models of this deployment. */
@Module({
  providers: [
    bind(Pause, { useClass: TimerPause }),
    bind(ChatModel, { useFactory: chooseModel, inject: [Settings, Clock, Pause] }),
  ],
  exports: [ChatModel, Pause],
})
export class ModelsModule {}
