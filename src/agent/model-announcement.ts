import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Log } from '../platform/logging/index.js';
import { ChatModel } from '../models/index.js';

/** Asks the model's server about itself when the application starts; the start does not wait for the answer. */
@Injectable()
export class ModelAnnouncement implements OnApplicationBootstrap {
  private readonly log = new Log(ModelAnnouncement.name);

  constructor(private readonly model: ChatModel) {}

  onApplicationBootstrap(): void {
    void this.learn();
  }

  /** A model that does not answer means a wrong setting, or a server that has not been started yet. */
  private async learn(): Promise<void> {
    await this.model.learn();
    const { ok, detail } = await this.model.check();
    const { tokens } = await this.model.context();
    if (ok) this.log.info(`model: ${detail}`, tokens === undefined ? {} : { context_tokens: tokens });
    else this.log.warn(`model: ${detail}`);
  }
}
