import { Logger } from '@nestjs/common';
import { loadSettings } from '../../src/platform/config/index.js';
import { InlineDispatcher } from '../../src/runs/dispatch/inline-dispatcher.js';
import type { RunWorker } from '../../src/runs/execution/run-worker.js';
import { dispatcherContract } from './dispatcher.contract.js';

describe('InlineDispatcher', () => {
  beforeAll(() => {
    Logger.overrideLogger(false);
  });

  dispatcherContract((worker, concurrency) => {
    const settings = loadSettings({ RUN_CONCURRENCY: String(concurrency) });
    const dispatcher = new InlineDispatcher(worker as unknown as RunWorker, settings);
    const pause = (): void => {
      dispatcher.close();
    };
    const stop = (): Promise<void> => {
      pause();
      return Promise.resolve();
    };
    return { dispatcher, pause, stop };
  });
});
