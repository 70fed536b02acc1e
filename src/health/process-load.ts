import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { Settings } from '../platform/config/index.js';

/** How busy this process is. */
export interface LoadFigures {
  /** 99th percentile of the event loop's delay in the last seconds, ms. */
  loop_delay_p99_ms: number;
  /** Used fraction of the heap's limit, 0..1. */
  heap_used: number;
}

/** Delays longer ago than two of these do not count. */
const WINDOW_MS = 3000;

/** Watches event loop and heap: a process that falls behind must get no more work. */
@Injectable()
export class ProcessLoad implements OnApplicationBootstrap, OnApplicationShutdown {
  // Two that alternate, so that reading the value, however often, does not affect other readers.
  private newer = monitorEventLoopDelay({ resolution: 20 });
  private older = monitorEventLoopDelay({ resolution: 20 });
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly settings: Settings) {}

  /** How long startup blocked the loop says nothing about the load. */
  onApplicationBootstrap(): void {
    this.newer.enable();
    this.older.enable();
    this.timer = setInterval(() => {
      [this.newer, this.older] = [this.older, this.newer];
      this.newer.reset();
    }, WINDOW_MS);
  }

  figures(): LoadFigures {
    const p99 = Math.max(this.newer.percentile(99), this.older.percentile(99)) / 1e6;
    const { used_heap_size, heap_size_limit } = getHeapStatistics();
    return {
      loop_delay_p99_ms: Math.round(p99),
      heap_used: Math.round((100 * used_heap_size) / heap_size_limit) / 100,
    };
  }

  /** Why this process must get no more work; nothing if it may. */
  overload({ loop_delay_p99_ms, heap_used }: LoadFigures): string | undefined {
    if (loop_delay_p99_ms > this.settings.READY_MAX_LOOP_DELAY_MS) return 'the event loop is late';
    if (heap_used > this.settings.READY_MAX_HEAP) return 'the heap is nearly full';
    return undefined;
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.newer.disable();
    this.older.disable();
  }
}
