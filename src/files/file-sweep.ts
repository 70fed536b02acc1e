import { Injectable, type BeforeApplicationShutdown, type OnApplicationBootstrap } from '@nestjs/common';
import type { TenantId } from '../common/index.js';
import { Settings } from '../platform/config/index.js';
import type { ErasureHandler } from '../platform/erasure/index.js';
import { Log } from '../platform/logging/index.js';
import { FilesRepository } from './files.repository.js';

const BATCH = 50;
const INTERVAL_MS = 600_000;

/**
 * Deletes files: those that no message was sent with, and those whose chats or user are gone. Every step can be
 * repeated, by several processes at once.
 */
@Injectable()
export class FileSweep implements ErasureHandler, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Log(FileSweep.name);
  private timer: NodeJS.Timeout | undefined;
  private sweeping: Promise<unknown> = Promise.resolve();
  private stopped = false;

  constructor(
    private readonly files: FilesRepository,
    private readonly settings: Settings,
  ) {}

  onApplicationBootstrap(): void {
    if (this.settings.ROLE !== 'api') this.again();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.sweeping;
  }

  async chats(tenant: TenantId, chatIds: readonly string[]): Promise<void> {
    await this.files.leaveChats(tenant, chatIds);
    await this.sweep();
  }

  async user(tenant: TenantId, userId: string): Promise<void> {
    await this.files.hideOf(tenant, userId);
    await this.sweep();
  }

  /** @returns how many files were deleted. */
  async sweep(): Promise<number> {
    let all = 0;
    for (let some = BATCH; some === BATCH && !this.stopped; all += some) some = await this.files.sweep(BATCH);
    return all;
  }

  private again(): void {
    this.timer = setTimeout(() => {
      this.sweeping = this.sweep()
        .catch((error: unknown) => {
          this.logger.warn('the sweep of expired files failed; it will be repeated', { err: error });
        })
        .then(() => {
          if (!this.stopped) this.again();
        });
    }, jitter(INTERVAL_MS)).unref();
  }
}

/** Between 90 and 110 percent: workers that were started together drift apart. */
const jitter = (ms: number): number => ms * (0.9 + Math.random() * 0.2);
