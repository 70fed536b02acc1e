import {
  Injectable,
  Optional,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { pause } from '../../common/index.js';
import { EmbeddingModel, ModelError } from '../../models/index.js';
import { Settings } from '../../platform/config/index.js';
import { Log } from '../../platform/logging/index.js';
import { retryTransient } from '../../platform/mongo/index.js';
import { DocumentEmbedding } from './document-embedding.js';
import { EmbeddingQueue } from './embedding-queue.js';
import { PassageBatches } from './passage-batches.js';
import { VectorStore } from './vector-store.js';
import { vectorSpace } from './vector.schema.js';

/** How often this process looks for documents that other processes have stored. */
const LOOK_MS = 5000;
/** Pauses after failures: each is twice the one before. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Gives the passages of documents their vectors, in the background: no upload waits for it or fails with it. Documents
 * are claimed one by one, so that several processes share the work; what a process that died has left is continued.
 */
@Injectable()
export class PassageEmbedder implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly log = new Log(PassageEmbedder.name);
  private readonly leaving = new AbortController();
  private work: Promise<unknown> = Promise.resolve();
  private wake = new AbortController();
  private failures = 0;
  private space: string | undefined;

  constructor(
    private readonly queue: EmbeddingQueue,
    private readonly store: VectorStore,
    private readonly settings: Settings,
    @Optional() private readonly model?: EmbeddingModel,
  ) {}

  onApplicationBootstrap(): void {
    const { model } = this;
    if (model && this.settings.ROLE !== 'api') this.work = this.run(model);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.leaving.abort();
    this.wake.abort();
    await this.work;
  }

  /** There is a document to work on. */
  look(): void {
    this.wake.abort();
  }

  /** Works until the process ends. Never rejects. */
  private async run(model: EmbeddingModel): Promise<void> {
    const batches = new PassageBatches(model, this.leaving.signal);
    let isFirst = true;
    while (!this.leaving.signal.aborted) {
      this.wake = new AbortController();
      let ms = LOOK_MS;
      try {
        if (isFirst) await this.store.removeAbandoned();
        await this.workOff(model, batches, isFirst);
        isFirst = false;
        this.failures = 0;
      } catch (error) {
        ms = this.pauseAfter(error);
      }
      const isPause = this.failures > 0;
      await pause(ms, isPause ? this.leaving.signal : this.wake.signal, { ref: false });
    }
  }

  /** All documents that nobody else works on. */
  private async workOff(model: EmbeddingModel, batches: PassageBatches, isFirst: boolean): Promise<void> {
    const { signal } = this.leaving;
    if (!isFirst && !(await retryTransient(() => this.queue.hasWork(this.space), { signal }))) return;
    this.space ??= vectorSpace(model.name, await batches.dimensions());
    // The configuration of the process that was started last is the one that counts.
    if (isFirst) await this.store.setSpace(this.space);
    for (let done = 0; !signal.aborted; done++) {
      const space: string = this.space;
      if ((await this.store.currentSpace()) !== space) return;
      const document = await retryTransient(() => this.queue.claim(space), { signal });
      if (!document) {
        if (done > 0) this.log.info(`${done} documents can be searched by meaning`, { model: space });
        return;
      }
      await new DocumentEmbedding(document, { queue: this.queue, store: this.store, batches, space }).run();
      const now = vectorSpace(model.name, await batches.dimensions());
      if (now !== space) await this.store.setSpace((this.space = now)); // the server has another model by this name
    }
  }

  /** @returns how long to wait, ms. */
  private pauseAfter(error: unknown): number {
    const { signal } = this.leaving;
    if (signal.aborted) return 0;
    const asked = error instanceof ModelError ? (error.options.retryAfterMs ?? 0) : 0;
    const own = Math.min(FIRST_PAUSE_MS * 2 ** this.failures, LONGEST_PAUSE_MS);
    if (this.failures++ === 0)
      this.log.warn('passages get no vectors at the moment; it is tried again until they do', { err: error });
    return Math.max(own, Math.min(asked, 10 * LONGEST_PAUSE_MS));
  }
}
